"""Work that nobody waits for: purge, look after the issuers, and make the database forget the order of its rows."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from bonafides.kit import telemetry
from bonafides.kit.clock import Clock
from bonafides.kit.roworder import rewrite_all
from bonafides.kit.storage import Database
from bonafides.offices.gateway.domain import day_of
from bonafides.offices.gateway.schema import upkeep
from bonafides.offices.gateway.store import insert

REWRITE = "rewrite"
STOP_TIMEOUT_S = 5

_failed = telemetry.event("gateway.upkeep.failed", level="error")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often."""

    work: Callable[[datetime], object]
    every: timedelta


class Upkeep:
    """A thread that does each job when it is due by the injected clock, the first time at once."""

    def __init__(self, jobs: Sequence[Job], *, clock: Clock, pause_s: float = 1.0) -> None:
        self._jobs = list(jobs)
        self._clock = clock
        self._pause_s = pause_s
        self._done: dict[int, datetime] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gateway-upkeep", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the job at hand and end; harmless when repeated or never started. Waits for no issuer for ever."""
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


def rewrite_daily(database: Database, now: datetime) -> bool:
    """Rewrite every table in key order unless that was done today; the day is kept, so restarts do not matter.

    Two processes may do it twice, which harms nothing. DependencyError `database_busy` if a long reader is in the way.
    """
    today = day_of(now)
    with database.read() as connection:
        last = connection.execute(select(upkeep.c.day).where(upkeep.c.name == REWRITE)).scalar_one_or_none()
    if last is not None and last >= today:
        return False
    if last is not None:  # on the first day there is nothing yet to forget
        rewrite_all(database)

    def note(connection: Connection) -> None:
        row = insert(connection, upkeep).values(name=REWRITE, day=today)
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"day": today}))

    database.run(note)
    return last is not None
