"""The life of a person tag at the issuer: one explicit table of what a document may do, and the rules beside it. Pure.

Somebody stands before the issuer with a verified document (so the tag is known), a handle (proven, so the secret is
known to them) and a purpose. What follows depends on the state of the tag and on what this handle is to it — nothing
else — and is read from `LIFE_CYCLE`. The clauses are those of the profile, §3.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from bonafides.core.credential.epoch import epoch_of, shift, weeks_between
from bonafides.core.credential.slots import ASSURANCES
from bonafides.errors import PolicyError
from bonafides.offices.issuer.settling import SettlingRules, month_of, months_between

PENDING_DAYS = 14
DEVICE_WAIT_DAYS = 7
DISPUTE_DAYS = 14
MAX_DEVICES = 3
FREEZE_EPOCHS = 2
FREEZE_PAUSE_EPOCHS = 52
BARE_TAG_MONTHS = 36
RENEWAL_DAYS = 400


class State(Enum):
    """What the issuer holds of a tag."""

    ABSENT = "absent"
    ACTIVE = "active"
    FROZEN = "frozen"
    ERASED = "erased"


class Purpose(Enum):
    """What the holder means, so that a mistyped kit passphrase never turns into another person."""

    ENROL = "enrol"
    RESTORE = "restore"
    REPLACE = "replace"


class Relation(Enum):
    """What a proven handle is to the tag of the document."""

    NEW = "new"
    CURRENT = "current"
    RETURNABLE = "returnable"
    DEAD = "dead"
    FOREIGN = "foreign"


class Step(Enum):
    """What happens."""

    ENROL = "enrol"
    UPGRADE = "upgrade"
    RESTORE = "restore"
    RETURN = "return"
    REENROL = "reenrol"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing happens: the code, and a sentence for developers."""

    code: str
    meaning: str


_FOREIGN = Refusal("handle_of_another", "this secret belongs to somebody with another number")
_UNKNOWN = Refusal(
    "unknown_handle", "this secret was never enrolled for this number: check the kit's words and passphrase"
)
_DEAD = Refusal("dead_handle", "this secret was replaced for good, or refused: it cannot come back")
_HELD = Refusal(
    "already_enrolled", "somebody with this number is enrolled: restore from the kit, or replace a lost wallet"
)
_FROZEN = Refusal("frozen", "renewals are frozen: kit and document end that")

LIFE_CYCLE: dict[tuple[State, Purpose, Relation], Step | Refusal] = {
    # Nobody with this number yet. A handle of one's own from before a forgotten tag is as good as a new one.
    (State.ABSENT, Purpose.ENROL, Relation.NEW): Step.ENROL,
    (State.ABSENT, Purpose.ENROL, Relation.DEAD): Step.ENROL,
    (State.ABSENT, Purpose.RESTORE, Relation.NEW): _UNKNOWN,
    (State.ABSENT, Purpose.RESTORE, Relation.DEAD): Step.ENROL,
    (State.ABSENT, Purpose.REPLACE, Relation.NEW): Step.ENROL,
    (State.ABSENT, Purpose.REPLACE, Relation.DEAD): Step.ENROL,
    # Enrolled. The same handle from the same device may bring a better document; from elsewhere it is a restore.
    (State.ACTIVE, Purpose.ENROL, Relation.CURRENT): Step.UPGRADE,
    (State.ACTIVE, Purpose.ENROL, Relation.NEW): _HELD,
    (State.ACTIVE, Purpose.ENROL, Relation.RETURNABLE): _HELD,
    (State.ACTIVE, Purpose.ENROL, Relation.DEAD): _HELD,
    (State.ACTIVE, Purpose.RESTORE, Relation.CURRENT): Step.RESTORE,
    (State.ACTIVE, Purpose.RESTORE, Relation.RETURNABLE): Step.RETURN,
    (State.ACTIVE, Purpose.RESTORE, Relation.NEW): _UNKNOWN,
    (State.ACTIVE, Purpose.RESTORE, Relation.DEAD): _DEAD,
    (State.ACTIVE, Purpose.REPLACE, Relation.NEW): Step.REENROL,
    # Its answer was lost, and the waiting is over: what was asked for has happened.
    (State.ACTIVE, Purpose.REPLACE, Relation.CURRENT): Step.UPGRADE,
    (State.ACTIVE, Purpose.REPLACE, Relation.RETURNABLE): _DEAD,
    (State.ACTIVE, Purpose.REPLACE, Relation.DEAD): _DEAD,
    # Frozen: only kit and document end it early; a lost wallet is a lost wallet also now.
    (State.FROZEN, Purpose.ENROL, Relation.CURRENT): _FROZEN,
    (State.FROZEN, Purpose.ENROL, Relation.NEW): _HELD,
    (State.FROZEN, Purpose.ENROL, Relation.RETURNABLE): _HELD,
    (State.FROZEN, Purpose.ENROL, Relation.DEAD): _HELD,
    (State.FROZEN, Purpose.RESTORE, Relation.CURRENT): Step.RESTORE,
    (State.FROZEN, Purpose.RESTORE, Relation.RETURNABLE): Step.RETURN,
    (State.FROZEN, Purpose.RESTORE, Relation.NEW): _UNKNOWN,
    (State.FROZEN, Purpose.RESTORE, Relation.DEAD): _DEAD,
    (State.FROZEN, Purpose.REPLACE, Relation.NEW): Step.REENROL,
    (State.FROZEN, Purpose.REPLACE, Relation.CURRENT): _FROZEN,
    (State.FROZEN, Purpose.REPLACE, Relation.RETURNABLE): _DEAD,
    (State.FROZEN, Purpose.REPLACE, Relation.DEAD): _DEAD,
    # Erased: with the last handle the person is back as before, with any other it is a re-enrolment.
    (State.ERASED, Purpose.ENROL, Relation.RETURNABLE): Step.RETURN,
    (State.ERASED, Purpose.RESTORE, Relation.RETURNABLE): Step.RETURN,
    (State.ERASED, Purpose.REPLACE, Relation.RETURNABLE): Step.RETURN,
    (State.ERASED, Purpose.ENROL, Relation.NEW): _HELD,
    (State.ERASED, Purpose.RESTORE, Relation.NEW): _UNKNOWN,
    (State.ERASED, Purpose.REPLACE, Relation.NEW): Step.REENROL,
    (State.ERASED, Purpose.ENROL, Relation.DEAD): _DEAD,
    (State.ERASED, Purpose.RESTORE, Relation.DEAD): _DEAD,
    (State.ERASED, Purpose.REPLACE, Relation.DEAD): _DEAD,
}
"""(state, purpose, relation) -> what happens. A foreign handle is refused everywhere, before the table is asked."""


@dataclass(frozen=True, slots=True)
class Person:
    """All that is kept of a person. `settles`, `reenrolled` are months; `frozen_until` is an epoch."""

    tag: bytes
    tag_key: str
    handle: bytes | None
    assurance: str | None
    settles: str | None = None
    reenrolled: str | None = None
    reenrolments: int = 0
    frozen_until: str | None = None
    returnable: tuple[bytes, ...] = ()
    """HMAC(tag || handle) of replaced handles that may come back, oldest first."""

    def __repr__(self) -> str:
        """Return a text without tag or handle."""
        return "Person(redacted)"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verified document and the way it was shown amount to."""

    assurance: str
    in_person: bool = False

    @property
    def cloning_excluded(self) -> bool:
        """Whether the chip, or an officer, excluded a copied document."""
        return rank(self.assurance) >= rank("chip_genuine")


def rank(assurance: str | None) -> int:
    """Return how strong a level is; -1 for none."""
    return ASSURANCES.index(assurance) if assurance in ASSURANCES else -1


def state_of(person: Person | None, now: datetime) -> State:
    """Return the state of a tag."""
    if person is None:
        return State.ABSENT
    if person.handle is None:
        return State.ERASED
    return State.FROZEN if is_frozen(person, now) else State.ACTIVE


def next_step(*, state: State, purpose: Purpose, relation: Relation) -> Step:
    """Return what happens, or raise PolicyError with the code of the refusal."""
    outcome = _FOREIGN if relation is Relation.FOREIGN else LIFE_CYCLE.get((state, purpose, relation), _UNKNOWN)
    if isinstance(outcome, Refusal):
        raise PolicyError(outcome.meaning, code=outcome.code)
    return outcome


def recent_reenrolments(person: Person, today: date, rules: SettlingRules) -> int:
    """Return how many re-enrolments still count: those within three years of the last."""
    if person.reenrolled is None or months_between(person.reenrolled, month_of(today)) >= rules.memory_months:
        return 0
    return person.reenrolments


def reenrolment_needs_officer(person: Person, evidence: Evidence, today: date, rules: SettlingRules) -> bool:
    """Return whether a person decides: a further one within three years, or a weaker document than the stored one."""
    if recent_reenrolments(person, today, rules) > 0:
        return True
    return rank(evidence.assurance) < rank(person.assurance)


def is_frozen(person: Person, now: datetime) -> bool:
    """Return whether renewals stand still."""
    return person.frozen_until is not None and epoch_of(now) < person.frozen_until


def freeze_until(*, person: Person, evidence: Evidence, now: datetime) -> str:
    """Return the first epoch in which renewals work again, or raise PolicyError `in_person`.

    A copied document must not lock somebody out: cloning excluded and not below the stored assurance, else in person;
    again within a year only in person.
    """
    good = evidence.cloning_excluded and rank(evidence.assurance) >= rank(person.assurance)
    lately = person.frozen_until is not None and weeks_between(person.frozen_until, epoch_of(now)) < FREEZE_PAUSE_EPOCHS
    if not evidence.in_person and (not good or lately):
        raise PolicyError("come in person", code="in_person")
    return shift(epoch_of(now), FREEZE_EPOCHS)


def is_forgotten(person: Person, today: date) -> bool:
    """Return whether a bare tag has been kept its three years after erasure."""
    if person.handle is not None or person.reenrolled is None:
        return False
    return months_between(person.reenrolled, month_of(today)) >= BARE_TAG_MONTHS


def due_after(today: date, days: int) -> date:
    """Return the day on which something that waits this long is due."""
    return today + timedelta(days=days)
