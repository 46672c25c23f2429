"""The machine readable zone of cards (TD1) and passports (TD3): ICAO 9303-3, 9303-4 and 9303-5."""

import calendar
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from bonafides.errors import InputError

Kind = Literal["td1", "td3"]

_CHARACTERS = re.compile(r"[0-9A-Z<]*\Z")
_STATE = re.compile(r"[A-Z]{3}\Z")
_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
_WEIGHTS = (7, 3, 1)
_SEXES = {"M": "M", "F": "F", "<": "X", "X": "X"}


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a machine readable zone says, its check digits verified. The repr shows nothing that names a person.

    `birth` is the latest day that fits where day or month is unknown, and None where the year is: a person must never
    come out older than the State says. `optional_data` is what the State may use freely, fillers cut from the end:
    (line 1, line 2) on a TD1, (personal number field,) on a TD3.
    """

    kind: Kind
    document_code: str
    issuing_state: str
    number: str = field(repr=False)
    surname: str = field(repr=False)
    given_names: str = field(repr=False)
    nationality: str = field(repr=False)
    birth: date | None = field(repr=False)
    sex: str = field(repr=False)
    expiry: date = field(repr=False)
    optional_data: tuple[str, ...] = field(repr=False)


def check_digit(text: str) -> str:
    """Return the check digit of a field: weights 7-3-1, modulo 10 (ICAO 9303-3, 4.9)."""
    return str(sum(_VALUES[character] * _WEIGHTS[i % 3] for i, character in enumerate(text)) % 10)


def parse_mrz(text: str, *, reference: date) -> Mrz:
    """Return what this zone says: three lines of 30 or two of 44 characters, without line breaks.

    `reference` is the day on which it is read; it decides the century of the birth date. Raises InputError.
    """
    if not _CHARACTERS.match(text):
        raise InputError("the machine readable zone has a character that is not 0-9, A-Z or <", code="mrz_format")
    if len(text) == 90:
        return _parse_td1(text[:30], text[30:60], text[60:], reference)
    if len(text) == 88:
        return _parse_td3(text[:44], text[44:], reference)
    raise InputError("the machine readable zone is neither TD1 nor TD3", code="mrz_format")


def _parse_td1(line1: str, line2: str, line3: str, reference: date) -> Mrz:
    """Read a card: ICAO 9303-5, 4.2.2."""
    if line1[0] not in "ACI":
        raise InputError("the document code is not one of a card", code="mrz_format")
    number, optional = _td1_number(line1)
    _check(line2[:6], line2[6])
    _check(line2[8:14], line2[14])
    _check(line1[5:30] + line2[0:7] + line2[8:15] + line2[18:29], line2[29])
    surname, given_names = _names(line3)
    return Mrz(
        kind="td1",
        document_code=line1[:2].rstrip("<"),
        issuing_state=_state(line1[2:5]),
        number=number,
        surname=surname,
        given_names=given_names,
        nationality=_state(line2[15:18]),
        birth=_birth(line2[:6], reference),
        sex=_sex(line2[7]),
        expiry=_expiry(line2[8:14]),
        optional_data=(optional.rstrip("<"), line2[18:29].rstrip("<")),
    )


def _parse_td3(line1: str, line2: str, reference: date) -> Mrz:
    """Read a passport: ICAO 9303-4, 4.2.2. A visa has the same size (9303-7) but is not a chip document."""
    if line1[0] != "P":
        raise InputError("the document code is not that of a passport", code="mrz_format")
    _check(line2[:9], line2[9])
    _check(line2[13:19], line2[19])
    _check(line2[21:27], line2[27])
    personal = line2[28:42].rstrip("<")
    if personal or line2[42] != "<":
        _check(line2[28:42], line2[42])
    _check(line2[0:10] + line2[13:20] + line2[21:43], line2[43])
    surname, given_names = _names(line1[5:])
    return Mrz(
        kind="td3",
        document_code=line1[:2].rstrip("<"),
        issuing_state=_state(line1[2:5]),
        number=line2[:9].rstrip("<"),
        surname=surname,
        given_names=given_names,
        nationality=_state(line2[10:13]),
        birth=_birth(line2[13:19], reference),
        sex=_sex(line2[20]),
        expiry=_expiry(line2[21:27]),
        optional_data=(personal,),
    )


def _td1_number(line1: str) -> tuple[str, str]:
    """Return document number and free optional data; a long number runs on into the optional data.

    ICAO 9303-5, 4.2.2, note j: a filler in place of the check digit, the rest of the number, its check digit, a filler.
    """
    if line1[14] != "<":
        _check(line1[5:14], line1[14])
        return line1[5:14].rstrip("<"), line1[15:30]
    rest, _, optional = line1[15:30].partition("<")
    if "<" in line1[5:14] or len(rest) < 2:
        raise InputError("the document number has no check digit", code="mrz_check_digit")
    _check(line1[5:14] + rest[:-1], rest[-1])
    return line1[5:14] + rest[:-1], optional


def _check(text: str, digit: str) -> None:
    """Raise InputError unless this is the field's check digit."""
    if check_digit(text) != digit:
        raise InputError("a check digit of the machine readable zone is wrong", code="mrz_check_digit")


def _state(text: str) -> str:
    """Return the three-letter code of a State. Germany writes D<< (ICAO 9303-3, 5, part A)."""
    code = "DEU" if text == "D<<" else text
    if not _STATE.match(code):
        raise InputError("the machine readable zone names no State", code="mrz_format")
    return code


def _names(text: str) -> tuple[str, str]:
    """Return primary and secondary identifier with fillers as spaces (ICAO 9303-3, 4.6)."""
    primary, _, secondary = text.partition("<<")
    return " ".join(primary.replace("<", " ").split()), " ".join(secondary.replace("<", " ").split())


def _sex(text: str) -> str:
    """Return M, F or X for "not said"."""
    if text not in _SEXES:
        raise InputError("the machine readable zone has no such sex", code="mrz_format")
    return _SEXES[text]


def _birth(text: str, reference: date) -> date | None:
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


def _expiry(text: str) -> date:
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
