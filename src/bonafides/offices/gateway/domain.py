"""What an account may do, what a remedy may be, and what may be asked: pure rules, no clock and no database.

A remedy binds the key of a pseudonym at this one platform, between two UTC days, and ends because a day comes: nobody
has to lift it (charter C4; profile §4-§6).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from bonafides.core.credential.epoch import accepted_epochs, epoch_of, weeks_between
from bonafides.core.credential.presentation import Presentation
from bonafides.core.credential.slots import Person
from bonafides.errors import ConfigError, ConflictError, PolicyError
from bonafides.offices.gateway.errors import UnknownError

STALE_AFTER_EPOCHS = 4
MAX_REMEDY_DAYS = 90
MAX_START_AHEAD = timedelta(days=30)
"""So that nobody is sentenced for next year: an appeal is decided within 30 days."""
_SUB = re.compile(r"[A-Za-z0-9_-]{43}\Z")


class Access(StrEnum):
    """How much of the platform is open to an account."""

    FULL = "full"
    READ_ONLY = "read_only"
    REFUSED = "refused"


class RemedyKind(StrEnum):
    """The three remedies on a person, mildest first."""

    REPLY_LIMIT = "reply_limit"
    POSTING_LIMIT = "posting_limit"
    SUSPENSION = "suspension"


class Act(StrEnum):
    """What a remedy message does."""

    IMPOSE = "impose"
    RENEW = "renew"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What one case does to one account: from the first day on, until the last, which is free again."""

    case: str
    kind: RemedyKind
    starts: date
    ends: date
    renewed: bool = False
    lifted: bool = False

    def in_force(self, today: date) -> bool:
        """Tell whether it binds on this UTC day."""
        return not self.lifted and self.starts <= today < self.ends


@dataclass(frozen=True, slots=True)
class Order:
    """What a remedy message asks for; a lift needs no kind and no days."""

    act: Act
    case: str
    kind: RemedyKind | None = None
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the platform is told about an account. `reason` is one flag; `until` only where a day is known."""

    access: Access
    reason: str | None
    until: date | None
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The slots of a request: what must be shown, and all that may be."""

    required: frozenset[int]
    requested: frozenset[int]


def day_of(now: datetime) -> date:
    """Return the UTC day, the unit of remedies."""
    return now.astimezone(UTC).date()


def decide_access(*, remedies: Iterable[Remedy], settled: bool | None, epoch_seen: str, now: datetime) -> Decision:
    """Return the access of an account; remedy before unsettled before stale, refused before read-only.

    `settled` is None where it is not known: it is shown at sign-in and never stored.
    """
    today = day_of(now)
    binding = tuple(each for each in remedies if each.in_force(today))
    for kind, access in ((RemedyKind.SUSPENSION, Access.REFUSED), (RemedyKind.POSTING_LIMIT, Access.READ_ONLY)):
        ends = [each.ends for each in binding if each.kind is kind]
        if ends:
            return Decision(access, "remedy", max(ends), binding)
    if settled is False:
        return Decision(Access.READ_ONLY, "unsettled", None, binding)
    if is_stale(epoch_seen, now):
        return Decision(Access.READ_ONLY, "stale", None, binding)
    return Decision(Access.FULL, None, None, binding)


def is_stale(epoch_seen: str, now: datetime) -> bool:
    """Tell whether four epochs have gone by since the one last presented, counted from change to change."""
    return weeks_between(epoch_seen, epoch_of(now)) > STALE_AFTER_EPOCHS


def apply_order(*, order: Order, existing: Remedy | None, now: datetime) -> Remedy:
    """Return what the case's remedy becomes. Raises PolicyError, ConflictError or UnknownError."""
    if order.act is Act.IMPOSE:
        return _impose(order, existing, day_of(now))
    if existing is None:
        raise UnknownError("no remedy of this case", code="remedy_unknown")
    if order.act is Act.LIFT:
        return replace(existing, lifted=True)
    return _renew(order, existing, day_of(now))


def _impose(order: Order, existing: Remedy | None, today: date) -> Remedy:
    if existing is not None:
        raise ConflictError("a case imposes once", code="remedy_exists")
    if order.kind is None or order.starts is None or order.ends is None:
        raise PolicyError("a remedy states kind, start and end", code="remedy_dates")
    if not order.starts < order.ends or order.ends <= today or order.starts > today + MAX_START_AHEAD:
        raise PolicyError("these days make no remedy", code="remedy_dates")
    return _within_cap(Remedy(order.case, order.kind, order.starts, order.ends))


def _renew(order: Order, existing: Remedy, today: date) -> Remedy:
    if existing.lifted or today >= existing.ends:
        raise PolicyError("an ended remedy is not renewed", code="remedy_ended")
    if existing.renewed:
        raise PolicyError("a case renews once", code="remedy_renewed")
    if order.kind is not existing.kind:
        raise PolicyError("a renewal is of the same kind", code="remedy_kind")
    # Gapless, so that the days in all are simply those between the first start and the last end.
    if order.starts != existing.ends or order.ends is None or order.ends <= existing.ends:
        raise PolicyError("a renewal starts when the first period ends", code="remedy_dates")
    return _within_cap(replace(existing, ends=order.ends, renewed=True))


def _within_cap(remedy: Remedy) -> Remedy:
    if (remedy.ends - remedy.starts).days > MAX_REMEDY_DAYS:
        raise PolicyError("90 days in all", code="remedy_too_long")
    return remedy


def asked_slots(required: Collection[str], optional: Collection[str]) -> Asked:
    """Return the slots a platform asks for; ConfigError for others than those of `person`, or without `settled`."""
    known = {slot.name.lower(): int(slot) for slot in Person}
    if unknown := sorted({*required, *optional} - known.keys()):
        raise ConfigError(f"There is no slot {unknown[0]} to ask for: choose from {', '.join(known)}.")
    if Person.SETTLED.name.lower() not in required:
        raise ConfigError("The required slots lack settled: add it, it is always shown.")
    must = frozenset(known[name] for name in required)
    return Asked(must, must | {known[name] for name in optional})


def slot_names(indexes: Iterable[int]) -> list[str]:
    """Return the names of slots in the order in which they are signed."""
    return [Person(index).name.lower() for index in sorted(indexes)]


def slot_indexes(names: Iterable[str]) -> frozenset[int]:
    """Return the indexes of slot names that we wrote ourselves."""
    return frozenset(int(Person[name.upper()]) for name in names)


def require_accepted_epoch(epoch: str, now: datetime) -> None:
    """Raise PolicyError unless credentials of this epoch are accepted at this instant (a public fact)."""
    if epoch not in accepted_epochs(now):
        raise PolicyError("not an epoch that is accepted now", code="epoch_not_accepted")


def find_mismatch(
    *, presentation: Presentation, kind: str, asked: Asked, accepted_headers: Collection[bytes], country: str | None
) -> str | None:
    """Return the code of the first way in which a presentation is not what was asked for, None if it is."""
    shown = frozenset(presentation.disclosed)
    if presentation.header.type != "person":
        return "type"
    if presentation.header_bytes not in accepted_headers:
        return "header_unknown"
    if (presentation.kind, presentation.detail) != (kind, ""):
        return "context"
    if not asked.required <= shown <= asked.requested:
        return "slots"
    # An issuer speaks for its own State only: otherwise one person could count once for each State it invents.
    if presentation.disclosed.get(Person.COUNTRY, country) != country:
        return "country"
    return None


def is_account_name(sub: str) -> bool:
    """Tell whether a text has the form of a `sub`."""
    return _SUB.match(sub) is not None
