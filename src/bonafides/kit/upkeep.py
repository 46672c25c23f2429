"""Work that nobody waits for, done again and again by the injected clock: sweeps, purges, rewrites."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bonafides.kit import telemetry
from bonafides.kit.clock import Clock

STOP_TIMEOUT_S = 5

_failed = telemetry.event("kit.upkeep.failed", level="error")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often."""

    work: Callable[[datetime], object]
    every: timedelta


class Upkeep:
    """A thread that does each job when it is due by the injected clock, the first time at once.

    `pause_s` is how often, by the machine's clock, it looks at the injected one.
    """

    def __init__(self, office: str, jobs: Sequence[Job], *, clock: Clock, pause_s: float = 1.0) -> None:
        self._jobs = list(jobs)
        self._clock = clock
        self._pause_s = pause_s
        self._done: dict[int, datetime] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{office}-upkeep", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the job at hand and end; harmless when repeated or never started. Waits for nobody for ever."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def tick(self) -> None:
        """Do what is due; a job that fails is logged and comes again when it is due again."""
        now = self._clock.now()
        for number, job in enumerate(self._jobs):
            last = self._done.get(number)
            # A clock that was set back makes everything due, rather than nothing for a long time.
            if last is not None and last <= now < last + job.every:
                continue
            self._done[number] = now
            try:
                job.work(now)
            except Exception as error:  # noqa: BLE001 - one job must not end the others, or the thread
                _failed(error=error)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.tick()
            except Exception as error:  # noqa: BLE001 - a clock file may be unreadable for a moment
                _failed(error=error)
            self._stop.wait(self._pause_s)
