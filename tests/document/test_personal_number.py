"""Rules for the personal number: one place, one spelling."""

from datetime import date
from typing import Any

import pytest

from bonafides.core.document import Mrz, NumberSource, PersonalNumberRule
from bonafides.core.document.personal_number import extract_number
from bonafides.errors import ConfigError
from tests.document.expect import not_allowed

ALL = (*NumberSource,)


def mrz(kind: Any, *optional: str) -> Mrz:
    day = date(2030, 1, 1)
    return Mrz(kind, "I", "UTO", "U1", "A", "B", "UTO", date(1990, 1, 1), "X", day, optional)


CARD, PASSPORT, OLD_CARD = mrz("td1", "1111", "2222"), mrz("td3", "3333"), mrz("td2", "5555")


@pytest.mark.parametrize(
    ("source", "zone", "number"),
    [
        (NumberSource.MRZ_OPTIONAL, CARD, "1111"),
        (NumberSource.MRZ_OPTIONAL_SECOND, CARD, "2222"),
        (NumberSource.MRZ_PERSONAL, CARD, None),
        (NumberSource.DG11, CARD, "4444"),
        (NumberSource.MRZ_OPTIONAL, PASSPORT, None),
        (NumberSource.MRZ_OPTIONAL_SECOND, PASSPORT, None),
        (NumberSource.MRZ_PERSONAL, PASSPORT, "3333"),
        (NumberSource.DG11, PASSPORT, "4444"),
        (NumberSource.MRZ_OPTIONAL, OLD_CARD, "5555"),
        (NumberSource.MRZ_OPTIONAL_SECOND, OLD_CARD, None),
        (NumberSource.MRZ_PERSONAL, OLD_CARD, None),
        (NumberSource.DG11, OLD_CARD, "4444"),
        (NumberSource.DG13, CARD, "6666"),
        (NumberSource.DG13, OLD_CARD, "6666"),
    ],
)
def test_each_source_is_its_own_place(source: NumberSource, zone: Mrz, number: str | None) -> None:
    rule = PersonalNumberRule(source)
    if number is not None:
        assert extract_number(rule, mrz=zone, dg11_number="4444", dg13_number="6666") == number
        return
    with not_allowed("no_personal_number"):
        extract_number(rule, mrz=zone, dg11_number="4444", dg13_number="6666")


@pytest.mark.parametrize("source", NumberSource)
def test_no_place_stands_in_for_another(source: NumberSource) -> None:
    empty = {kind: mrz(kind, "", "") for kind in ("td1", "td2", "td3")}
    others = {"dg11_number": "4444", "dg13_number": "6666"}
    others.pop(f"{source}_number", None)
    for zone in empty.values():
        with not_allowed("no_personal_number"):
            extract_number(PersonalNumberRule(source), mrz=zone, **others)


def from_dg11(text: str | None, **rule: str) -> str:
    return extract_number(PersonalNumberRule(NumberSource.DG11, **rule), mrz=CARD, dg11_number=text)


@pytest.mark.parametrize(
    ("text", "rule", "number"),
    [
        ("460101-1234", {"pattern": "[0-9]{10}", "separators": "-"}, "4601011234"),
        ("46 01 01-1234", {"pattern": "[0-9]{10}", "separators": "- "}, "4601011234"),
        ("ab12cd", {}, "AB12CD"),
        ("001090012345<<7", {"pattern": "(?P<number>[0-9]{12})<*[0-9]?"}, "001090012345"),
    ],
)
def test_spellings_become_one(text: str, rule: dict[str, str], number: str) -> None:
    assert from_dg11(text, **rule) == number


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (None, {}),
        ("", {}),
        ("123", {}),
        ("12345678901", {"pattern": "[0-9]{12}"}),
        ("1234567890123", {"pattern": "[0-9]{12}"}),
        ("123456789012\n", {"pattern": "[0-9]{12}"}),
        ("1234-5678", {}),
        ("١٢٣٤", {"pattern": r"\d{4}"}),
        ("١٢٣٤", {"pattern": ".*"}),
        ("12<34", {"pattern": ".*"}),
        ("", {"pattern": ".*"}),
        ("abc", {"pattern": "(?P<number>[0-9]+)?[A-Z]*"}),
    ],
)
def test_what_is_no_number(text: str | None, rule: dict[str, str]) -> None:
    with not_allowed("no_personal_number"):
        from_dg11(text, **rule)


def test_a_pattern_that_is_none_fails_at_start() -> None:
    with pytest.raises(ConfigError):
        PersonalNumberRule(NumberSource.DG11, pattern="[0-9")


@pytest.mark.parametrize("number", ["a\u013112", "\u017f123", "A\ufb011"])
def test_letters_whose_capitals_are_others_are_no_number(number: str) -> None:
    """Dotless i, long s and ligatures have capitals in ASCII: two signed numbers would be one person."""
    with not_allowed("no_personal_number"):
        extract_number(PersonalNumberRule(NumberSource.DG11), mrz=CARD, dg11_number=number)
