"""The machine readable zone of cards (TD1), old cards (TD2) and passports (TD3): ICAO 9303-4, 9303-5 and 9303-6."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from bonafides.core.document.mrz_fields import (
    check,
    read_birth,
    read_expiry,
    read_names,
    read_sex,
    read_state,
)
from bonafides.errors import InputError

Kind = Literal["td1", "td2", "td3"]

_CHARACTERS = re.compile(r"[0-9A-Z<]*\Z")


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a machine readable zone says, its check digits verified. The repr shows nothing that names a person.

    `birth` is the latest day that fits where day or month is unknown, and None where the year is: a person must never
    come out older than the State says. `optional_data` is what the State may use freely, fillers cut from the end:
    (line 1, line 2) on a TD1, (line 2,) on a TD2, (personal number field,) on a TD3.
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


def parse_mrz(text: str, *, reference: date) -> Mrz:
    """Return what this zone says: three lines of 30, or two of 36 or 44 characters, without line breaks.

    `reference` is the day on which it is read; it decides the century of the birth date. Raises InputError.
    """
    if not _CHARACTERS.match(text):
        raise InputError("the machine readable zone has a character that is not 0-9, A-Z or <", code="mrz_format")
    if len(text) == 90:
        return _parse_td1(text[:30], text[30:60], text[60:], reference)
    if len(text) == 72:
        return _parse_td2(text[:36], text[36:], reference)
    if len(text) == 88:
        return _parse_td3(text[:44], text[44:], reference)
    raise InputError("the machine readable zone is neither TD1 nor TD2 nor TD3", code="mrz_format")


def _parse_td1(line1: str, line2: str, line3: str, reference: date) -> Mrz:
    """Read a card: ICAO 9303-5, 4.2.2."""
    if line1[0] not in "ACI":
        raise InputError("the document code is not one of a card", code="mrz_format")
    number, optional = _card_number(line1[5:14], line1[14], line1[15:30])
    check(line2[:6], line2[6])
    check(line2[8:14], line2[14])
    check(line1[5:30] + line2[0:7] + line2[8:15] + line2[18:29], line2[29])
    surname, given_names = read_names(line3)
    return Mrz(
        kind="td1",
        document_code=line1[:2].rstrip("<"),
        issuing_state=read_state(line1[2:5]),
        number=number,
        surname=surname,
        given_names=given_names,
        nationality=read_state(line2[15:18]),
        birth=read_birth(line2[:6], reference),
        sex=read_sex(line2[7]),
        expiry=read_expiry(line2[8:14]),
        optional_data=(optional.rstrip("<"), line2[18:29].rstrip("<")),
    )


def _parse_td2(line1: str, line2: str, reference: date) -> Mrz:
    """Read a card of the larger size: ICAO 9303-6, 4.2.2."""
    if line1[0] not in "ACI":
        raise InputError("the document code is not one of a card", code="mrz_format")
    number, optional = _card_number(line2[:9], line2[9], line2[28:35])
    return _two_lines("td2", line1, line2, number, optional.rstrip("<"), reference)


def _parse_td3(line1: str, line2: str, reference: date) -> Mrz:
    """Read a passport: ICAO 9303-4, 4.2.2. A visa has the same size (9303-7) but is not a chip document."""
    if line1[0] != "P":
        raise InputError("the document code is not that of a passport", code="mrz_format")
    check(line2[:9], line2[9])
    personal = line2[28:42].rstrip("<")
    if personal or line2[42] != "<":
        check(line2[28:42], line2[42])
    return _two_lines("td3", line1, line2, line2[:9].rstrip("<"), personal, reference)


def _two_lines(kind: Kind, line1: str, line2: str, number: str, optional: str, reference: date) -> Mrz:
    """Return what stands in the same places of a TD2 and a TD3: they differ in the length of their lines.

    The last digit of the second line covers the number, both dates and all that follows them.
    """
    check(line2[13:19], line2[19])
    check(line2[21:27], line2[27])
    check(line2[0:10] + line2[13:20] + line2[21:-1], line2[-1])
    surname, given_names = read_names(line1[5:])
    return Mrz(
        kind=kind,
        document_code=line1[:2].rstrip("<"),
        issuing_state=read_state(line1[2:5]),
        number=number,
        surname=surname,
        given_names=given_names,
        nationality=read_state(line2[10:13]),
        birth=read_birth(line2[13:19], reference),
        sex=read_sex(line2[20]),
        expiry=read_expiry(line2[21:27]),
        optional_data=(optional,),
    )


def _card_number(number: str, digit: str, optional: str) -> tuple[str, str]:
    """Return document number and free optional data; a long number runs on into the optional data.

    ICAO 9303-5, 4.2.2, note j and 9303-6, 4.2.2, note j: a filler in place of the check digit, the rest of the number,
    its check digit, a filler.
    """
    if digit != "<":
        check(number, digit)
        return number.rstrip("<"), optional
    rest, _, free = optional.partition("<")
    if "<" in number or len(rest) < 2:
        raise InputError("the document number has no check digit", code="mrz_check_digit")
    check(number + rest[:-1], rest[-1])
    return number + rest[:-1], free
