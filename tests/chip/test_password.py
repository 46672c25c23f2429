"""What opens a chip, as people type it: ICAO 9303-11, 4.3.2 and 9.7.2."""

from datetime import date

import pytest

from bonafides.core.chip import Password, passwords_of
from bonafides.core.document.mrz_fields import check_digit
from bonafides.testing.state import encode_td1, encode_td2, encode_td3
from tests.document.expect import malformed

FIELDS = {"number": "L898902C", "birth": "690806", "expiry": "310623"}
ZONE = {"state": "UTO", "birth": "690806", "sex": "F", "expires": "310623", "name": "ERIKSSON, ANNA"}


@pytest.mark.parametrize("encode", [encode_td1, encode_td2, encode_td3])
def test_fields_and_zone_are_the_same(encode: object) -> None:
    assert callable(encode)
    zone = encode(number="L898902C", **ZONE)
    width = {90: 30, 72: 36, 88: 44}[len(zone)]
    lines = "\n".join(zone[start : start + width].lower() for start in range(0, len(zone), width))
    assert Password.from_zone(zone) == Password.from_zone(f" {lines}\r\n") == Password.from_fields(**FIELDS)


@pytest.mark.parametrize("encode", [encode_td1, encode_td2])
def test_long_numbers_run_on(encode: object) -> None:
    assert callable(encode)
    zone = encode(number="D23145890734", **ZONE)
    assert Password.from_zone(zone) == Password.from_fields(**(FIELDS | {"number": "D23145890734"}))


def test_a_number_as_people_write_it() -> None:
    assert Password.from_fields(**(FIELDS | {"number": " l898 902c< "})) == Password.from_fields(**FIELDS)
    assert passwords_of(number="l-898.902 c", birth=date(1969, 8, 6), expiry=date(2031, 6, 23)) == (
        Password.from_fields(**FIELDS),
    )


def test_twelve_digits_have_two_readings() -> None:
    found = passwords_of(number="001090012345", birth=date(1969, 8, 6), expiry=date(2031, 6, 23))
    assert found == tuple(Password.from_fields(**(FIELDS | {"number": each})) for each in ("090012345", "001090012345"))


def test_unknown_days_are_fillers() -> None:
    assert Password.from_fields(**(FIELDS | {"birth": "69<<<<"})) != Password.from_fields(**FIELDS)


@pytest.mark.parametrize(
    "change",
    [
        {"number": ""},
        {"number": "<<<"},
        {"number": "Ü12345678"},
        {"number": "A" * 23},
        {"birth": "69080"},
        {"birth": "1969-08-06"},
        {"birth": "６９０８０６"},
        {"expiry": ""},
        {"expiry": "31062X"},
    ],
)
def test_fields_that_are_none(change: dict[str, str]) -> None:
    with malformed("chip_password_form"):
        Password.from_fields(**(FIELDS | change))


def changed(zone: str, at: int, letter: str) -> str:
    return zone[:at] + letter + zone[at + 1 :]


@pytest.mark.parametrize("at", [44, 53, 57, 63, 65, 71])
@pytest.mark.parametrize("letter", ["8", "X"])
def test_a_slip_in_the_zone_is_told(at: int, letter: str) -> None:
    """In number, dates and each check digit."""
    zone = encode_td3(number="L898902C", **ZONE)
    with malformed("chip_password_form"):
        Password.from_zone(changed(zone, at, letter if check_digit(letter) != check_digit(zone[at]) else "1"))


@pytest.mark.parametrize("text", ["", "P<UTO", "<" * 89, "é" * 90, "٣" * 88, "\0" * 72, "-" * 90])
def test_zones_that_are_none(text: str) -> None:
    with malformed("chip_password_form"):
        Password.from_zone(text)


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345a", "１２３４５６"])
def test_access_numbers_that_are_none(digits: str) -> None:
    with malformed("chip_password_form"):
        Password.from_can(digits)


def test_an_access_number() -> None:
    assert Password.from_can(" 123456 ") == Password(True, b"123456")
    assert "123456" not in repr(Password.from_can("123456"))
