"""One office as a process of its own, as an operator runs it: a log, a clock file, and upkeep on command.

    python -m bonafides.testing.linkage.office gateway SETTINGS.toml LOG PORT

It says `ready`, then answers each line `day` on its standard input with `done` after the upkeep of a new day, and ends
with the input. The upkeep is the office's own; a simulation that makes weeks pass in seconds only cannot wait for the
office's thread, which looks at the clock by the machine's seconds.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bonafides.errors import DependencyError
from bonafides.kit import server, telemetry
from bonafides.kit.clock import Clock, FileClock
from bonafides.kit.roworder import rewrite_all

ONE_HOUR_S = 3600.0


def main(kind: str, settings_file: str, log: str, port: str, clock_file: str) -> None:
    """Serve one office until the input ends."""
    clock = FileClock(Path(clock_file), developer_mode=True)
    with Path(log).open("a", encoding="ascii", buffering=1) as stream:
        telemetry.configure(clock, office=kind, stream=stream)
        app, upkeep = (_issuer if kind == "issuer" else _gateway)(Path(settings_file), clock)
        with server.start(app, port=int(port)):
            _say("ready")
            for _line in sys.stdin:
                upkeep()
                _say("done")


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def _issuer(settings_file: Path, clock: Clock) -> tuple[Any, Callable[[], None]]:
    from bonafides.offices.issuer.app import create_app
    from bonafides.offices.issuer.settings import IssuerSettings
    from bonafides.offices.issuer.upkeep import sweep

    app = create_app(IssuerSettings.load(settings_file), clock=clock, pause_s=ONE_HOUR_S)
    issuer = app.state.issuer

    def upkeep() -> None:
        sweep(issuer)
        rewrite_all(issuer.database)

    return app, upkeep


def _gateway(settings_file: Path, clock: Clock) -> tuple[Any, Callable[[], None]]:
    from bonafides.offices.gateway.app import create_app
    from bonafides.offices.gateway.settings import GatewaySettings

    app = create_app(GatewaySettings.load(settings_file), clock=clock, pause_s=ONE_HOUR_S)
    gateway = app.state.gateway

    def upkeep() -> None:
        now = clock.now()
        gateway.signins.purge(now)
        gateway.issuers.refresh_all(now)
        rewrite_all(gateway.database)

    return app, upkeep


class Office:
    """The process of an office, seen from the one that started it."""

    def __init__(self, kind: str, settings_file: Path, log: Path, port: int, clock_file: Path) -> None:
        command = [sys.executable, "-m", __spec__.name, kind, str(settings_file), str(log), str(port), str(clock_file)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_until_ready(self) -> None:
        """Return when it serves. Raises DependencyError if it ended instead."""
        self._expect("ready")

    def begin_day(self) -> None:
        """Let it begin the upkeep of a new day."""
        if self._process.stdin is not None:
            self._process.stdin.write("day\n")
            self._process.stdin.flush()

    def finish_day(self) -> None:
        """Return when that upkeep is done."""
        self._expect("done")

    def _expect(self, word: str) -> None:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if line.strip() != word:
            raise DependencyError("an office of the simulation has ended; its log says why")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
