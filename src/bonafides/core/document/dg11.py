"""Data group 11, additional personal details: two of its members, no other is decoded (ICAO 9303-10, 4.7.11)."""

from bonafides.core.document.lds import read_group_objects
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.errors import InputError

_FULL_NAME_TAG = 0x5F0E
_PERSONAL_NUMBER_TAG = 0x5F10


def parse_dg11(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """Return the personal number in data group 11, or None; nothing else in it is decoded. Raises InputError."""
    return _text(data, _PERSONAL_NUMBER_TAG, limits)


def parse_dg11_name(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """Return the full name in data group 11 as it is written there, or None; nothing else is decoded.

    Raises InputError. Only for who asked for a name.
    """
    return _text(data, _FULL_NAME_TAG, limits)


def _text(data: bytes, tag: int, limits: Limits) -> str | None:
    """Return the one text under this tag, or None."""
    found = [item.value for item in read_group_objects(11, data, limits=limits) if item.tag == tag]
    if len(found) > 1:
        raise InputError("data group 11 has two personal numbers, or two names", code="document_dg11")
    try:
        return found[0].decode() if found else None
    except UnicodeDecodeError:
        raise InputError("a text in data group 11 is not UTF-8", code="document_dg11") from None
