"""Data group 13 of the Vietnamese identity card: its own list of numbered fields, signed like every group.

ICAO leaves the group to each State (9303-10, 4.7.13), so it is read like this for Vietnam only. The list holds things
that are nobody's business here (ethnicity, religion, family): fields that are not asked for are never decoded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bonafides.core.document.lds import read_group_objects
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.tlv import Tlv, read_objects
from bonafides.errors import InputError

STATES = frozenset({"VNM"})
"""Issuing States whose data group 13 is this one."""

_NUMBER, _NAME, _BIRTH, _ISSUED = 1, 2, 3, 11

_SEQUENCE, _SET, _INTEGER = 0x30, 0x31, 0x02
_TEXTS = frozenset({0x0C, 0x12, 0x13, 0x16})  # UTF8String, NumericString, PrintableString, IA5String
_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})\Z")


@dataclass(frozen=True, slots=True)
class NationalDetails:
    """Personal number, day of birth and day of issue; None where the card leaves one empty. The repr shows nothing."""

    number: str | None = field(repr=False)
    birth: date | None = field(repr=False)
    issued: date | None = field(repr=False)


def parse_dg13(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> NationalDetails:
    """Return the three fields that a document check may need; no other is decoded. Raises InputError.

    A date of which a part is unknown is None.
    """
    found = _read_fields(data, {_NUMBER, _BIRTH, _ISSUED}, limits)
    return NationalDetails(found.get(_NUMBER), _day(found.get(_BIRTH)), _day(found.get(_ISSUED)))


def parse_dg13_name(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """Return the full name as it is written, or None; no other field is decoded. Raises InputError.

    Only for who asked for a name.
    """
    return _read_fields(data, {_NAME}, limits).get(_NAME)


def _read_fields(data: bytes, wanted: set[int], limits: Limits) -> dict[int, str]:
    """Return number -> text of the wanted fields that are there and not empty."""
    found: dict[int, str] = {}
    for number, values in _fields(read_group_objects(13, data, limits=limits)):
        if number not in wanted or not any(value.value for value in values):
            continue
        if number in found or len(values) != 1 or values[0].tag not in _TEXTS:
            raise InputError("a field of data group 13 is repeated, or no text", code="document_dg13")
        try:
            found[number] = values[0].value.decode()
        except UnicodeDecodeError:
            raise InputError("a text in data group 13 is not UTF-8", code="document_dg13") from None
    return found


def _fields(objects: list[Tlv]) -> Iterator[tuple[int, list[Tlv]]]:
    """Yield number and values of each field: a sequence that begins with an integer, however the list is wrapped.

    The scan before bounds how deep this goes.
    """
    for item in objects:
        if item.tag not in (_SEQUENCE, _SET):
            continue
        members = list(read_objects(item.value))
        if item.tag == _SEQUENCE and members and members[0].tag == _INTEGER and not _holds_fields(members):
            yield int.from_bytes(members[0].value, "big"), members[1:]
        else:
            yield from _fields(members)


def _holds_fields(members: list[Tlv]) -> bool:
    """Whether a sequence that begins with an integer is a list with its version, not a field."""
    lists = (item.value for item in members if item.tag in (_SEQUENCE, _SET))
    return any(value[:1] == bytes([_SEQUENCE]) for value in lists)


def _day(text: str | None) -> date | None:
    """Return a day written dd/mm/yyyy; None for any other text, since parts may be unknown."""
    match = _DAY.match(text or "")
    if match is None:
        return None
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None
