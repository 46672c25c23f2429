"""Ages reached."""

from datetime import date

import pytest

from bonafides.core.document import age_flags


def flags(birth: date | None, at: date) -> list[bool]:
    found = age_flags(birth, at)
    assert list(found) == ["age_over_13", "age_over_16", "age_over_18"]
    return list(found.values())


@pytest.mark.parametrize(
    ("birth", "at", "expected"),
    [
        (date(2008, 11, 23), date(2026, 11, 23), [True, True, True]),
        (date(2008, 11, 24), date(2026, 11, 23), [True, True, False]),
        (date(2010, 11, 23), date(2026, 11, 23), [True, True, False]),
        (date(2010, 11, 24), date(2026, 11, 23), [True, False, False]),
        (date(2013, 11, 23), date(2026, 11, 23), [True, False, False]),
        (date(2013, 11, 24), date(2026, 11, 23), [False, False, False]),
        (date(2026, 11, 23), date(2026, 11, 23), [False, False, False]),
        (None, date(2026, 11, 23), [False, False, False]),
    ],
)
def test_birthdays(birth: date | None, at: date, expected: list[bool]) -> None:
    assert flags(birth, at) == expected


def test_leap_day_comes_on_the_first_of_march() -> None:
    born = date(2008, 2, 29)
    assert flags(born, date(2026, 2, 28)) == [True, True, False]
    assert flags(born, date(2026, 3, 1)) == [True, True, True]
    assert flags(born, date(2024, 2, 28)) == [True, False, False]
    assert flags(born, date(2024, 2, 29)) == [True, True, False]
