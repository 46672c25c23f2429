"""The fields of a machine readable zone: check digits, States, names and dates (ICAO 9303-3, 4 and 5)."""

import calendar
import re
from datetime import date

from bonafides.errors import InputError

_STATE = re.compile(r"[A-Z]{3}\Z")
_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
_WEIGHTS = (7, 3, 1)
_SEXES = {"M": "M", "F": "F", "<": "X", "X": "X"}


def check_digit(text: str) -> str:
    """Return the check digit of a field: weights 7-3-1, modulo 10 (ICAO 9303-3, 4.9)."""
    return str(sum(_VALUES[character] * _WEIGHTS[i % 3] for i, character in enumerate(text)) % 10)


def check(text: str, digit: str) -> None:
    """Raise InputError unless this is the field's check digit."""
    if check_digit(text) != digit:
        raise InputError("a check digit of the machine readable zone is wrong", code="mrz_check_digit")


def read_state(text: str) -> str:
    """Return the three-letter code of a State or of another issuer, such as UNO or XOM.

    Germany writes D<< (ICAO 9303-3, 5, part A).
    """
    code = "DEU" if text == "D<<" else text
    if not _STATE.match(code):
        raise InputError("the machine readable zone names no State", code="mrz_format")
    return code


def read_names(text: str) -> tuple[str, str]:
    """Return primary and secondary identifier with fillers as spaces (ICAO 9303-3, 4.6)."""
    primary, _, secondary = text.partition("<<")
    return " ".join(primary.replace("<", " ").split()), " ".join(secondary.replace("<", " ").split())


def read_sex(text: str) -> str:
    """Return M, F or X for "not said"."""
    if text not in _SEXES:
        raise InputError("the machine readable zone has no such sex", code="mrz_format")
    return _SEXES[text]


def read_birth(text: str, reference: date) -> date | None:
    """Return the latest birth date that fits, in the last hundred years before `reference`; None without a year.

    ICAO 9303-3, 4.8: two digits each, `<<` for what is unknown (some States write 00 for an unknown day or month).
    Somebody older than a hundred comes out as a child, which withholds age flags and grants none.
    """
    year, month, day = (_two_digits(text[i : i + 2]) for i in (0, 2, 4))
    if year is None:
        return None
    century = reference.year // 100 * 100
    full = century + year
    if _day(full, month or 1, day or 1) > reference:
        full -= 100
    last_month = month or 12
    latest = _day(full, last_month, day or calendar.monthrange(full, last_month)[1])
    return min(latest, reference)


def read_expiry(text: str) -> date:
    """Return the day of expiry: always in the 2000s, since no document had a chip before 2004."""
    year, month, day = (_two_digits(text[i : i + 2]) for i in (0, 2, 4))
    if year is None or month is None or day is None:
        raise _date_error()
    return _day(2000 + year, month, day)


def _two_digits(text: str) -> int | None:
    """Return a number of two digits, or None for two fillers."""
    if text == "<<":
        return None
    if not text.isdecimal():
        raise _date_error()
    return int(text)


def _day(year: int, month: int, day: int) -> date:
    """Return a calendar day, or raise InputError."""
    try:
        return date(year, month, day)
    except ValueError:
        raise _date_error() from None


def _date_error() -> InputError:
    return InputError("the machine readable zone has a date that is none", code="mrz_date")
