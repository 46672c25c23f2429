"""Whose week it is when two clocks differ (profile §2)."""

from datetime import UTC, datetime

import pytest

from bonafides.errors import PolicyError
from bonafides.wallet.clock_rule import epoch_to_present


def at(text: str) -> datetime:
    """An instant of November 2026; Monday the 23rd begins 2026-W48."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "stated", "epoch"),
    [
        ("25 12:00", "25 12:00", "2026-W48"),
        ("23 00:00", "29 23:59", "2026-W48"),  # days apart, but in one week
        ("22 23:58", "23 00:02", "2026-W48"),  # within five minutes: the stated time
        ("23 00:02", "22 23:58", "2026-W47"),
        ("22 23:30", "23 00:30", "2026-W48"),  # both within the hour of one change
        ("23 00:30", "22 23:30", "2026-W47"),
        ("22 23:00", "23 01:00", "2026-W48"),
    ],
)
def test_the_stated_week_counts_next_to_a_change(own: str, stated: str, epoch: str) -> None:
    assert epoch_to_present(own=at(own), stated=at(stated)) == epoch


@pytest.mark.parametrize(
    ("own", "stated"),
    [
        ("22 22:59", "23 00:01"),
        ("22 23:59", "23 01:01"),
        ("23 01:01", "22 23:59"),
        ("25 12:00", "18 12:00"),
        ("25 12:00", "30 00:00"),
        ("16 00:10", "30 00:10"),
    ],
)
def test_elsewhere_two_weeks_are_a_refusal(own: str, stated: str) -> None:
    with pytest.raises(PolicyError) as caught:
        epoch_to_present(own=at(own), stated=at(stated))
    assert caught.value.code == "clock_skew"
