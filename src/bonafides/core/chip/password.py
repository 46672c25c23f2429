"""What opens a chip: the machine readable zone, or the number printed on the card (ICAO 9303-11, 4.3.2 and 4.4.2)."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date

from bonafides.core.chip.apdu import Response, refused
from bonafides.core.document.mrz_fields import check_digit
from bonafides.errors import Error, InputError, VerificationError

_NUMBER = re.compile(r"[0-9A-Z<]{1,22}")
_TWELVE_DIGITS = re.compile(r"[0-9]{12}")
_DATE = re.compile(r"[0-9<]{6}")
_CAN = re.compile(r"[0-9]{6}")
_WRONG_DATA = 0x6A80
_ZONES = {90: "td1", 72: "td2", 88: "td3"}


@dataclass(frozen=True, slots=True)
class Password:
    """A password of a chip. `is_can` tells a card access number from what the zone gives; the repr shows neither."""

    is_can: bool
    secret: bytes = field(repr=False)

    @classmethod
    def from_fields(cls, *, number: str, birth: str, expiry: str) -> "Password":
        """Return the password of a document number as the zone has it, and two dates as YYMMDD. Raises InputError.

        A number of more than nine characters is taken whole, as a card with a long number has it (9303-5, 4.2.2).
        """
        number = number.strip().upper().replace(" ", "").rstrip("<")
        if not _NUMBER.fullmatch(number) or not _DATE.fullmatch(birth) or not _DATE.fullmatch(expiry):
            raise _misspelt("A document number has letters and digits, a date six digits (YYMMDD).")
        number = number.ljust(9, "<")
        return cls(False, _digest(number, birth, expiry))

    @classmethod
    def from_zone(cls, text: str) -> "Password":
        """Return the password of a whole machine readable zone; line breaks and spaces do not matter.

        Raises InputError if it is none, or if a check digit of what the password needs is wrong.
        """
        zone = "".join(text.split()).upper()
        kind = _ZONES.get(len(zone))
        if kind == "td1":
            number, birth, expiry = _long_number(zone[5:15], zone[15:30]), zone[30:37], zone[38:45]
        elif kind is not None:
            line = zone[len(zone) // 2 :]
            rest = line[28:35] if kind == "td2" else ""
            number, birth, expiry = _long_number(line[:10], rest), line[13:20], line[21:28]
        else:
            raise _misspelt("A machine readable zone has 3 lines of 30, 2 of 36 or 2 of 44 characters.")
        if not all(
            re.fullmatch(r"[0-9A-Z<]+", each) and check_digit(each[:-1]) == each[-1] for each in (number, birth, expiry)
        ):
            raise _misspelt("A check digit of the machine readable zone is wrong: look for mistyped characters.")
        return cls(False, _digest(number[:-1], birth[:-1], expiry[:-1]))

    @classmethod
    def from_can(cls, digits: str) -> "Password":
        """Return the password of the six-digit card access number. Raises InputError."""
        if not _CAN.fullmatch(digits.strip()):
            raise _misspelt("A card access number has six digits.")
        return cls(True, digits.strip().encode("ascii"))


def passwords_of(*, number: str, birth: date, expiry: date) -> tuple[Password, ...]:
    """Return what may open a document with this number printed on it, likeliest first. Raises InputError.

    On Viet Nam's cards people read a number of twelve digits of which the zone has the last nine as document number;
    Belgium's have twelve digits too, all of them in the zone.
    """
    number = re.sub(r"[\s<.-]", "", number).upper()
    numbers = [number[3:], number] if _TWELVE_DIGITS.fullmatch(number) else [number]
    return tuple(
        Password.from_fields(number=each, birth=f"{birth:%y%m%d}", expiry=f"{expiry:%y%m%d}") for each in numbers
    )


def _long_number(field_: str, rest: str) -> str:
    """Return document number and check digit; a long number runs on into what follows (9303-5, 4.2.2, note j)."""
    if field_[9] != "<" or not rest:
        return field_
    return field_[:9] + rest.partition("<")[0]


def _digest(number: str, birth: str, expiry: str) -> bytes:
    """Return SHA-1 of the three fields, each with its check digit (9.7.2)."""
    information = "".join(text + check_digit(text) for text in (number, birth, expiry))
    return hashlib.sha1(information.encode("ascii"), usedforsecurity=False).digest()


def _misspelt(message: str) -> InputError:
    return InputError(message, code="chip_password_form")


def wrong_password(response: Response) -> Error:
    """Return the error for a proof that the chip did not take: a wrong password, unless the status says otherwise."""
    if response.status >> 8 in (0x63, 0x69) or response.status == _WRONG_DATA:
        return VerificationError(
            "The chip does not know this password: check number, birth date and expiry, or the card access number.",
            code="chip_password",
        )
    return refused(response, "the proof of its password")
