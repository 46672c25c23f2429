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


CARD, PASSPORT = mrz("td1", "1111", "2222"), mrz("td3", "3333")


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
    ],
)
def test_each_source_is_its_own_place(source: NumberSource, zone: Mrz, number: str | None) -> None:
    rule = PersonalNumberRule(source)
    if number is not None:
        assert extract_number(rule, mrz=zone, dg11_number="4444") == number
        return
    with not_allowed("no_personal_number"):
        extract_number(rule, mrz=zone, dg11_number="4444")


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
