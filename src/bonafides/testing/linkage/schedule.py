"""What people do over six weeks: who enrols, renews, signs in, loses a wallet, and when. Pure, from a seed.

Everything is as independent as people are: the day of enrolment, the platforms, each sign-in and each renewal are
drawn apart. Two things hang together by nature: nobody signs in before enrolling, and who lost wallet and kit has old
pseudonyms that fall silent and new ones that begin later.
"""

import random  # noqa: TID251 - simulation, fixed seed
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, tzinfo=UTC)
DAYS = 42
ENROLMENT_DAYS = 24
PENDING = timedelta(days=14, hours=1)
RENEWS = 0.4
"""Chance that a wallet finds a quiet moment for a renewal in a given week."""
VISITS = 0.7
"""Chance that somebody has an account at a given platform."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that one person does; `where` names the platform of a sign-in."""

    at: datetime
    person: int
    what: str
    where: str = ""


def make_schedule(
    people: int, platforms: Sequence[str], seed: int, *, lost: float = 0.06, restored: float = 0.06
) -> list[Event]:
    """Return all events in the order of time."""
    rng = random.Random(f"schedule {seed}")
    events: list[Event] = []
    order = list(range(people))
    rng.shuffle(order)
    losing = set(order[: max(1, round(people * lost))])
    restoring = set(order[len(losing) : len(losing) + max(1, round(people * restored))])
    for person in order:
        events += _life(person, platforms, rng, loses=person in losing, restores=person in restoring)
    suspended = rng.randrange(people)
    events.append(Event(_moment(rng, 30 * _DAY, 34 * _DAY), suspended, "suspend", rng.choice(list(platforms))))
    return sorted(events, key=lambda event: event.at)


def make_rush(people: int, platforms: Sequence[str], seed: int) -> list[Event]:
    """Return one day on which everybody enrols and goes straight to the platforms, as on the day a law takes effect."""
    rng = random.Random(f"rush {seed}")
    events: list[Event] = []
    for person in range(people):
        enrolled = START + timedelta(minutes=rng.randrange(60, 1300))
        events.append(Event(enrolled, person, "enrol"))
        for platform in platforms:
            if rng.random() < VISITS:
                events.append(Event(enrolled + timedelta(minutes=rng.randrange(3, 60)), person, "sign in", platform))
    return sorted(events, key=lambda event: event.at)


_DAY = timedelta(days=1)
_END = DAYS * _DAY - timedelta(hours=9)
"""The dump is taken in the afternoon of the last day: what was written since midnight is not rewritten yet."""


def _life(person: int, platforms: Sequence[str], rng: random.Random, *, loses: bool, restores: bool) -> list[Event]:
    enrolled = _moment(rng, timedelta(hours=1), (14 if loses else ENROLMENT_DAYS) * _DAY)
    events = [Event(enrolled, person, "enrol")]
    begins = enrolled - START
    gone, back = _END, _END
    if loses:
        gone = _moment(rng, begins + _DAY, 24 * _DAY) - START
        back = gone + PENDING + rng.random() * 2 * _DAY
        events += [Event(START + gone, person, "replace"), Event(START + back, person, "collect")]
    if restores:
        events.append(Event(_moment(rng, begins + _DAY, _END), person, "restore"))
    spans = [(begins, gone)] + ([(back, _END)] if loses else [])
    for begin, end in spans:
        week = begin + rng.random() * 7 * _DAY
        while week < end:
            if rng.random() < RENEWS:
                events.append(Event(START + week, person, "renew"))
            week += (0.2 + 1.6 * rng.random()) * 7 * _DAY
    for platform in platforms:
        if rng.random() < VISITS:
            for begin, end in spans:
                events += [
                    Event(_moment(rng, begin, end), person, "sign in", platform) for _ in range(rng.choice((1, 1, 2)))
                ]
    return events


def _moment(rng: random.Random, begin: timedelta, end: timedelta) -> datetime:
    return START + begin + rng.random() * max(end - begin, timedelta(minutes=1)) + timedelta(minutes=1)
