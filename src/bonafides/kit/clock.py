"""The one place where the time is read. Everything else is handed a `Clock`."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from bonafides.errors import ConfigError
from bonafides.kit.files import write_atomically


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one reading of the machine's clock


class FixedClock:
    """A clock that stands still until it is moved; for tests and stories in one process."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._now = in_utc(start)

    def now(self) -> datetime:
        """Return the instant it was last set to."""
        with self._lock:
            return self._now

    def set(self, instant: datetime) -> None:
        """Move to `instant`, forwards or backwards."""
        with self._lock:
            self._now = in_utc(instant)

    def advance(self, by: timedelta | None = None, **kwargs: float) -> datetime:
        """Move on by a timedelta or by its keywords (`days=1, hours=2`) and return the new instant."""
        with self._lock:
            self._now += (by or timedelta()) + timedelta(**kwargs)
            return self._now


class FileClock:
    """A clock kept in a file, so that one step of a story moves the time of several processes.

    Developer mode only: whoever writes the file would decide when deadlines fire and credentials expire.
    """

    def __init__(self, path: Path, *, developer_mode: bool) -> None:
        if not developer_mode:
            raise ConfigError("A clock file works in developer mode only: remove the setting, or set developer_mode.")
        self.path = path

    def now(self) -> datetime:
        """Return the instant in the file; ConfigError if there is none."""
        try:
            return in_utc(datetime.fromisoformat(self.path.read_text("ascii").strip()))
        except FileNotFoundError:
            raise ConfigError(f"The clock file {self.path} is missing: write an ISO time with its zone.") from None
        except (OSError, ValueError):
            raise ConfigError(f"The clock file {self.path} cannot be read: write an ISO time with its zone.") from None

    def set(self, instant: datetime) -> None:
        """Move every process that shares the file to `instant`."""
        write_atomically(self.path, (in_utc(instant).isoformat() + "\n").encode("ascii"))

    def advance(self, by: timedelta | None = None, **kwargs: float) -> datetime:
        """Move on by a timedelta or by its keywords; one process moves the time, the others read it."""
        instant = self.now() + (by or timedelta()) + timedelta(**kwargs)
        self.set(instant)
        return instant


def in_utc(instant: datetime) -> datetime:
    """Return `instant` in UTC; ValueError if it names no zone, since a guess would move legal deadlines."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("a time without a zone")
    return instant.astimezone(UTC)
