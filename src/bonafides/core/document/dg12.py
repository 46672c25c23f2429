"""Data group 12, additional document details: the day of issue, and nothing else is decoded (ICAO 9303-10, 4.7.12)."""

from datetime import date, datetime

from bonafides.core.document.lds import read_group_objects
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.errors import InputError

_DATE_OF_ISSUE_TAG = 0x5F26


def parse_dg12(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> date | None:
    """Return the day of issue in data group 12, or None if it does not say. Raises InputError.

    Eight digits; some States write them in binary, two to a byte, as the first edition of the LDS allowed.
    """
    found = [item.value for item in read_group_objects(12, data, limits=limits) if item.tag == _DATE_OF_ISSUE_TAG]
    if len(found) > 1:
        raise InputError("data group 12 has two days of issue", code="document_dg12")
    if not found or not found[0]:
        return None
    text = found[0].hex() if len(found[0]) == 4 else found[0].decode("latin-1")
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        raise InputError("the day of issue in data group 12 is none", code="document_dg12")
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise InputError("the day of issue in data group 12 is none", code="document_dg12") from None
