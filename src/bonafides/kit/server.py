"""Run applications with uvicorn: one or several in one process, each in a thread with its own event loop."""

import errno
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Self

import uvicorn

from bonafides.errors import ConfigError, DependencyError
from bonafides.kit.coredump import forbid_core_dumps

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 5


@dataclass(frozen=True)
class Listener:
    """An application and where it listens; port 0 takes any free one."""

    app: Any  # an ASGI application; no two frameworks agree on its type
    port: int
    host: str = "127.0.0.1"


class _Server(uvicorn.Server):
    """A server that says when it is ready, and leaves signals to `serve`."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.settled.set()


class RunningServer:
    """One application being served until `stop`."""

    def __init__(self, listener: Listener) -> None:
        self._socket = _bind(listener.host, listener.port)
        self.host = listener.host
        self.port: int = self._socket.getsockname()[1]
        self._server = _Server(_config(listener.app))
        self._thread = threading.Thread(target=self._run, name=f"serve-{self.port}", daemon=True)

    @property
    def url(self) -> str:
        """Return the origin, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Serve in the background and return when requests are answered; DependencyError if the start fails."""
        self._thread.start()
        self._server.settled.wait(START_TIMEOUT_S)
        if not self._server.started:
            self.stop()
            raise DependencyError(f"The application on port {self.port} did not start: its log says why.")

    def stop(self) -> None:
        """Let running requests finish, stop, and free the port; harmless when repeated."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S + 1)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(STOP_TIMEOUT_S)
        self._socket.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except SystemExit:
            pass  # uvicorn's way to say that the application refused to start; `start` tells
        finally:
            self._server.settled.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(app: Any, *, port: int = 0, host: str = "127.0.0.1") -> RunningServer:
    """Serve one application in the background; ConfigError if the port is taken."""
    server = RunningServer(Listener(app, port, host))
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    return server


def serve(
    listeners: Sequence[Listener],
    *,
    until: threading.Event | None = None,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Serve applications in the foreground until Ctrl+C, SIGTERM or `until`; all are up or none is.

    `on_ready` is called once all of them answer. From here on this process leaves no core dump.
    """
    forbid_core_dumps()
    done = until or threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        done.set()

    handlers: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    running: list[RunningServer] = []
    try:
        for listener in listeners:
            running.append(start(listener.app, port=listener.port, host=listener.host))
        if on_ready is not None:
            on_ready()
        # With a timeout, so that signals reach the main thread on every platform.
        while not done.wait(0.5):
            pass
    finally:
        for server in reversed(running):
            server.stop()
        for number, handler in handlers.items():
            signal.signal(number, handler)


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that was free a moment ago, for tests; prefer port 0 where the port need not be known before."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _bind(host: str, port: int) -> socket.socket:
    # The protocol is named because asyncio turns off Nagle's delay only for sockets that name it: 40 ms an answer.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # Otherwise a restart must wait until the connections of the previous run are forgotten.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"Port {port} is already used by another program: stop it, or choose another with --port.",
                code="port_in_use",
            ) from None
        raise ConfigError(
            f"Port {port} of {host} cannot be used ({error.strerror}): choose another with --port.", code="port_in_use"
        ) from None
    return bound


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        # The access log would write network addresses and paths; uvicorn's own logging set-up would undo ours.
        access_log=False,
        log_config=None,
        # No forwarded address is believed, since none is used.
        proxy_headers=False,
        server_header=False,
        http="h11",
        ws="none",
        loop="asyncio",
        limit_concurrency=512,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        h11_max_incomplete_event_size=32 * 1024,
    )
