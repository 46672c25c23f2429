"""When a person counts as settled: months, the waiting time, and groups that open together (profile §3). Pure.

A first enrolment is settled at once. After a re-enrolment a person stays unsettled for 90 days — doubled for each
further one within three years — from the end of the epoch after the replacement, then until the next first of a month.
Who settles in a month with fewer than 100 others would stand out among accounts that wake up that day, so small months
wait for the next, at most three times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bonafides.core.credential.epoch import epoch_of, monday_of, shift


@dataclass(frozen=True, slots=True)
class SettlingRules:
    """The numbers of the rule, as the profile fixes them."""

    days: int = 90
    small_group: int = 100
    longest_wait: int = 3
    memory_months: int = 36


def month_of(day: date) -> str:
    """Return the month `YYYY-MM` of a day."""
    return f"{day.year:04}-{day.month:02}"


def shift_month(month: str, by: int) -> str:
    """Return the month that many months later, or earlier."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{year:04}-{number + 1:02}"


def months_between(earlier: str, later: str) -> int:
    """Return how many months lie from one to the other."""
    return (int(later[:4]) - int(earlier[:4])) * 12 + int(later[5:]) - int(earlier[5:])


def first_day(month: str) -> date:
    """Return the first day of a month."""
    return date(int(month[:4]), int(month[5:]), 1)


def settles_in(*, replaced_at: datetime, nth: int, rules: SettlingRules) -> str:
    """Return the month whose first day ends the waiting of the nth re-enrolment within three years (n from 1)."""
    end_of_next_epoch = monday_of(shift(epoch_of(replaced_at), 2)).date()
    earliest = end_of_next_epoch + timedelta(days=rules.days * 2 ** (nth - 1))
    month = month_of(earliest)
    return month if earliest.day == 1 else shift_month(month, 1)


def open_groups(
    *, waiting: Mapping[str, int], opened: Mapping[str, str], until: str, rules: SettlingRules
) -> dict[str, str]:
    """Return due month -> month in which its group opens, for groups that open by `until` and were not decided before.

    `waiting` counts persons by the month in which they are due; `opened` holds the decisions made so far. A month that
    is too small moves on with what was moved into it; a group that moved three times opens whatever its size.
    """
    undecided = sorted(month for month in waiting if month not in opened and month <= until)
    decided: dict[str, str] = {}
    moving: list[str] = []
    month = undecided[0] if undecided else until
    while undecided and month <= until and len(decided) < len(undecided):
        moving += [due for due in undecided if due == month]
        size = sum(waiting[due] for due in moving)
        if moving and (
            size >= rules.small_group or any(months_between(due, month) >= rules.longest_wait for due in moving)
        ):
            decided.update(dict.fromkeys(moving, month))
            moving = []
        month = shift_month(month, 1)
    return decided


def is_settled(*, due: str | None, opened: Mapping[str, str], at: date) -> bool:
    """Return whether a person due in this month counts as settled on this day; None is settled since ever."""
    if due is None:
        return True
    opens = opened.get(due)
    return opens is not None and at >= first_day(opens)
