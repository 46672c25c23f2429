"""What a credential can say: the fixed vocabulary of its slots (profile §2).

No name, birth date or number is in a `person` credential: what is not there cannot be demanded.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import IntEnum
from itertools import pairwise

from bonafides.core import cbor
from bonafides.errors import InputError

SlotValue = str | bool

ASSURANCES = ("chip", "chip_genuine", "chip_genuine_face", "in_person")
"""Levels of assurance, weakest first."""


class Person(IntEnum):
    """The slots of a `person` credential, in the order in which they are signed."""

    ASSURANCE = 0
    SETTLED = 1
    AGE_OVER_13 = 2
    AGE_OVER_16 = 3
    AGE_OVER_18 = 4
    COUNTRY = 5


class Name(IntEnum):
    """The one slot of a `name` credential."""

    FULL_NAME = 0


TYPES: Mapping[str, tuple[str, ...]] = {
    "person": tuple(slot.name.lower() for slot in Person),
    "name": tuple(slot.name.lower() for slot in Name),
}
_COUNTRY = re.compile(r"[A-Z]{3}\Z")
_MAX_NAME = 200
_JOINERS = "\u200c\u200d"
_BREAKS = "\u2028\u2029"
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"


def check_value(kind: str, index: int, value: object) -> SlotValue:
    """Return the value if the vocabulary of this type has it in that slot; else raise InputError."""
    slots = TYPES.get(kind, ())
    if isinstance(index, bool) or not 0 <= index < len(slots):
        raise InputError("no such slot", code="slot")
    name = slots[index]
    if name == "assurance" and isinstance(value, str) and value in ASSURANCES:
        return value
    if name == "country" and isinstance(value, str) and _COUNTRY.match(value):
        return value
    if name == "full_name" and isinstance(value, str) and _is_plain_name(value):
        return value
    if name in ("settled", "age_over_13", "age_over_16", "age_over_18") and isinstance(value, bool):
        return value
    raise InputError("a value outside the vocabulary of its slot", code="slot")


def check_values(kind: str, values: object) -> tuple[SlotValue, ...]:
    """Return all values of a credential in slot order; InputError unless every one is of the vocabulary."""
    if not isinstance(values, Sequence) or isinstance(values, str | bytes) or len(values) != len(TYPES.get(kind, ())):
        raise InputError("one value for each slot", code="slot")
    checked = tuple(check_value(kind, i, value) for i, value in enumerate(values))
    if kind == "person":
        ages = checked[Person.AGE_OVER_13 : Person.COUNTRY]
        if any(older and not younger for younger, older in pairwise(ages)):
            raise InputError("over 18 but not over 16, or the like", code="slot")
    return checked


def message(kind: str, index: int, value: SlotValue) -> bytes:
    """Return the signed message of a slot: CBOR `[slot name, value]`."""
    return cbor.encode([TYPES[kind][index], value])


def messages(kind: str, values: Sequence[SlotValue]) -> list[bytes]:
    """Return the signed messages of all slots, in order."""
    return [message(kind, i, value) for i, value in enumerate(values)]


def _is_plain_name(value: str) -> bool:
    # Joiners are part of some spellings; letters that show nothing would make a name nobody can see.
    printable = all(
        c in _JOINERS or unicodedata.category(c) == "Nl" or (unicodedata.category(c)[0] in "LMPZ" and c not in _BREAKS)
        for c in value
    )
    visible = any(unicodedata.category(c)[0] == "L" and c not in _BLANK_LETTERS for c in value)
    return 0 < len(value) <= _MAX_NAME and printable and visible and unicodedata.is_normalized("NFC", value)
