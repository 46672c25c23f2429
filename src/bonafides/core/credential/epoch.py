"""Epochs: ISO week-years in UTC, the only time a credential knows (profile §2)."""

import re
from datetime import UTC, datetime, timedelta

from bonafides.errors import InputError

_FORM = re.compile(r"([0-9]{4})-W([0-9]{2})\Z")
CHANGEOVER = timedelta(hours=1)
"""For this long after a change of week the epoch before it is still accepted."""


def epoch_of(at: datetime) -> str:
    """Return the epoch in which this instant lies, e.g. `2026-W48`; ValueError if the instant names no zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    year, week, _ = at.astimezone(UTC).isocalendar()
    return f"{year:04}-W{week:02}"


def monday_of(epoch: str) -> datetime:
    """Return 00:00 UTC of the epoch's Monday, the instant at which its credentials are evaluated.

    Raises InputError for anything that is not an epoch.
    """
    match = _FORM.match(epoch)
    try:
        if match:
            return datetime.fromisocalendar(int(match[1]), int(match[2]), 1).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise InputError("an epoch looks like 2026-W48", code="epoch")


def shift(epoch: str, weeks: int) -> str:
    """Return the epoch that many weeks later, or earlier."""
    try:
        return epoch_of(monday_of(epoch) + timedelta(weeks=weeks))
    except OverflowError:
        raise InputError("no such epoch", code="epoch") from None


def weeks_between(earlier: str, later: str) -> int:
    """Return how many epochs lie from one to the other."""
    return (monday_of(later) - monday_of(earlier)).days // 7


def accepted_epochs(at: datetime) -> tuple[str, ...]:
    """Return the epochs a verifier accepts at this instant: the current one and, in its first hour, the one before."""
    current = epoch_of(at)
    if at - monday_of(current) < CHANGEOVER:
        return (current, shift(current, -1))
    return (current,)
