"""Start offices as processes that can be killed, at once or at one exact step.

`python -m tests.crash.launch` imports everything once and then forks an office for each line on its input, since a
test that kills five hundred offices cannot wait for five hundred imports. An office is built by its own `setup.build`
and served by `kit.server`, as its command does. A request with the header `X-Crash-At: n` kills the process by SIGKILL
at its n-th step; the answer to one with `X-Crash-At: -` tells in `X-Crash-Steps` which steps there are. Nothing of this
is in the product: steps are events of SQLAlchemy and messages of ASGI.
"""

import json
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from starlette.datastructures import MutableHeaders

CRASH_AT, CRASH_STEPS = b"x-crash-at", "X-Crash-Steps"
TAIL = ("answer begun", "answered")
"""The steps after the head of an answer has left: it cannot tell of them any more."""
ALARM_S = 30


@dataclass
class Steps:
    """Counts the steps of one piece of work and dies at a chosen one."""

    stop_at: int | None
    passed: list[str] = field(default_factory=list)

    def take(self, name: str) -> None:
        """Take a step, or die before it."""
        if len(self.passed) == self.stop_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed.append(name)


_of_request: ContextVar[Steps | None] = ContextVar("steps", default=None)
_of_thread: dict[str, Steps] = {}
"""Steps of work that no request asked for, by the name of its thread."""


def take(name: str) -> None:
    """Take a step of the work at hand, if somebody counts it."""
    steps = _of_request.get() or _of_thread.get(threading.current_thread().name)
    if steps is not None:
        steps.take(name)


class CrashingApp:
    """An application whose requests can be told to crash it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass everything on; count the steps of a request that asks for it."""
        wanted = dict(scope.get("headers", ())).get(CRASH_AT)
        if wanted is None:
            await self._app(scope, receive, send)
            return
        steps = Steps(None if wanted == b"-" else int(wanted))
        _of_request.set(steps)
        steps.take("asked")

        async def send_in_steps(message: Any) -> None:
            if message["type"] == "http.response.start":
                steps.take("answer")
                if steps.stop_at is None:
                    MutableHeaders(scope=message)[CRASH_STEPS] = ",".join([*steps.passed, *TAIL])
                await send(message)
                steps.take(TAIL[0])
            else:
                await send(message)
                if not message.get("more_body", False):
                    steps.take(TAIL[1])

        await self._app(scope, receive, send_in_steps)


def watch_databases() -> None:
    """Make every transaction take steps: its beginning, each statement, before and after it is kept."""

    def begin(_connection: Any) -> None:
        take("begin")

    def execute(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if not statement.startswith(("PRAGMA ", "BEGIN")):
            take(" ".join(statement.split()[:3]).replace(",", ""))

    keep: Any = DefaultDialect.do_commit

    def commit(dialect: Any, connection: Any) -> None:
        take("commit")
        keep(dialect, connection)
        take("committed")

    event.listen(Engine, "begin", begin)
    event.listen(Engine, "before_cursor_execute", execute)
    DefaultDialect.do_commit = commit  # type: ignore[method-assign]


def serve_office(order: dict[str, Any], ready: int) -> None:
    """Be an office until killed; a byte on `ready` says that it answers."""
    from bonafides.kit import telemetry
    from bonafides.kit.clock import FileClock
    from bonafides.kit.server import Listener, serve
    from bonafides.offices.gateway import setup as gateway
    from bonafides.offices.issuer import setup as issuer

    # The sweep begins with the application; it must not meet the steps of a request that comes first.
    for name, stop_at in order.get("crash", {}).items():
        _of_thread[name] = Steps(stop_at)
    watch_databases()
    telemetry.configure(FileClock(Path(order["clock"]), developer_mode=True), office=order["office"])
    build = issuer.build if order["office"] == "issuer" else gateway.build
    app = CrashingApp(build(Path(order["settings"])))

    def tell() -> None:
        os.write(ready, b".")
        os.close(ready)

    serve([Listener(app, order["port"])], on_ready=tell)


def run_command(order: dict[str, Any]) -> None:
    """Be the `bonafides` command with these arguments."""
    from bonafides.cli import main

    signal.alarm(ALARM_S)  # a command that should have refused to start would serve for ever
    if order.get("unprivileged"):
        _obey_file_modes()
    main(order["arguments"])


def _obey_file_modes() -> None:
    """Let file modes bind root too, as they bind the account of an office."""
    import ctypes

    if os.geteuid() == 0:
        header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()  # version 3, no capability at all
        if ctypes.CDLL(None, use_errno=True).capset(header, data) != 0:
            raise OSError(ctypes.get_errno(), "capset")


def fork(order: dict[str, Any]) -> int:
    """Start what was ordered in a process of its own and return its id, once an office answers or has ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        if not os.read(reading, 1):  # closed: a command, or an office that died; the end comes after the closing
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        os.close(reading)
        return child
    status = 1
    try:
        os.close(reading)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for number, name in enumerate(("/dev/null", order["stdout"], order["stderr"])):
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
            os.dup2(os.open(name, flags, 0o600), number)
        if "office" in order:
            serve_office(order, writing)
        else:
            os.close(writing)
            run_command(order)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:  # noqa: BLE001 - a child must never return into the loop of its parent
        import traceback

        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def warm_up() -> None:
    """Build and serve each office once, so that all that is imported late is there before the first fork."""
    import anyio._backends._asyncio  # noqa: F401
    import python_multipart.multipart  # noqa: F401

    import bonafides.cli.gateway
    import bonafides.cli.issuer  # noqa: F401
    from bonafides.kit.server import start
    from bonafides.offices.gateway import setup as gateway
    from bonafides.offices.issuer import setup as issuer
    from bonafides.testing.deployment import issuer_settings
    from bonafides.testing.state import SyntheticState

    logging.getLogger().addHandler(logging.NullHandler())
    structlog.configure(
        logger_factory=structlog.ReturnLoggerFactory()
    )  # the warm-up meets nobody and has nothing to tell
    now = datetime(2026, 11, 25, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        issuer_settings(folder / "i", SyntheticState("UTO", now=now), issuer_id="localhost:1")
        gateway.init(folder / "g", rp_id="localhost:2", issuers=["localhost:1"], developer_mode=True)
        start(issuer.build(folder / "i" / issuer.SETTINGS_FILE)).stop()
        start(gateway.build(folder / "g" / gateway.SETTINGS_FILE)).stop()
    # A fork copies the thread that forks and no other: what another one holds would stay held for ever.
    for _ in range(400):  # a sweep or a rewrite that has just begun is finished first
        if len(os.listdir("/proc/self/task")) == 1:
            return
        time.sleep(0.05)
    raise RuntimeError("the launcher must have one thread")


def main() -> None:
    """Answer each order on a line with a line; at the end of the input kill what still runs."""
    warm_up()
    running: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            running.discard(order["wait"])
            answer = os.waitstatus_to_exitcode(status)
        elif "lives" in order:
            # WNOWAIT leaves the end to be waited for.
            ended = os.waitid(os.P_PID, order["lives"], os.WEXITED | os.WNOHANG | os.WNOWAIT)
            answer = int(ended is None)
        else:
            answer = fork(order)
            running.add(answer)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for child in running:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
