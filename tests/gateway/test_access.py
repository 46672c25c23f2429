"""The rules alone: what an account may do on a day, and what a case may do to it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonafides.errors import ConfigError, Error
from bonafides.offices.gateway.domain import (
    MAX_REMEDY_DAYS,
    Access,
    Act,
    Decision,
    Order,
    Remedy,
    RemedyKind,
    apply_order,
    asked_slots,
    decide_access,
    is_stale,
)

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
TODAY = NOW.date()
REPLY, POSTING, SUSPENSION = RemedyKind.REPLY_LIMIT, RemedyKind.POSTING_LIMIT, RemedyKind.SUSPENSION


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def remedy(kind: RemedyKind, ends: int = 10, starts: int = 0, case: str = "c") -> Remedy:
    return Remedy(case, kind, day(starts), day(ends))


def decide(*remedies: Remedy, settled: bool | None = True, epoch_seen: str = "2026-W48") -> Decision:
    return decide_access(remedies=remedies, settled=settled, epoch_seen=epoch_seen, now=NOW)


@pytest.mark.parametrize(
    ("remedies", "settled", "seen", "access", "reason", "until"),
    [
        ([], True, "2026-W48", Access.FULL, None, None),
        ([], None, "2026-W48", Access.FULL, None, None),
        ([remedy(REPLY)], True, "2026-W48", Access.FULL, None, None),
        ([remedy(POSTING)], True, "2026-W48", Access.READ_ONLY, "remedy", day(10)),
        ([remedy(SUSPENSION)], True, "2026-W48", Access.REFUSED, "remedy", day(10)),
        ([remedy(POSTING, 80), remedy(SUSPENSION, 5)], True, "2026-W48", Access.REFUSED, "remedy", day(5)),
        ([remedy(SUSPENSION, 5), remedy(SUSPENSION, 9)], True, "2026-W48", Access.REFUSED, "remedy", day(9)),
        ([remedy(POSTING)], False, "2026-W40", Access.READ_ONLY, "remedy", day(10)),
        ([remedy(SUSPENSION)], False, "2026-W40", Access.REFUSED, "remedy", day(10)),
        ([], False, "2026-W48", Access.READ_ONLY, "unsettled", None),
        ([], False, "2026-W40", Access.READ_ONLY, "unsettled", None),
        ([], None, "2026-W43", Access.READ_ONLY, "stale", None),
        ([], None, "2026-W44", Access.FULL, None, None),
    ],
)
def test_refused_before_read_only_and_remedy_before_unsettled_before_stale(
    remedies: list[Remedy], settled: bool | None, seen: str, access: Access, reason: str | None, until: date | None
) -> None:
    decision = decide(*remedies, settled=settled, epoch_seen=seen)
    assert decision == Decision(access, reason, until, tuple(remedies))


def test_a_remedy_begins_and_ends_by_itself() -> None:
    suspension = remedy(SUSPENSION, starts=2, ends=5)
    binding = [n for n in range(8) if suspension.in_force(day(n))]
    assert binding == [2, 3, 4]
    assert not replace(suspension, lifted=True).in_force(day(3))


def test_stale_counts_changes_of_epoch_over_the_year() -> None:
    assert not is_stale("2026-W51", datetime(2027, 1, 17, 23, 59, tzinfo=UTC))
    assert is_stale("2026-W51", datetime(2027, 1, 18, tzinfo=UTC))


def order(act: Act, starts: int = 0, ends: int = 10, kind: RemedyKind = SUSPENSION) -> Order:
    return Order(act, "c", kind, day(starts), day(ends))


def test_a_case_imposes_renews_once_and_lifts() -> None:
    imposed = apply_order(order=order(Act.IMPOSE), existing=None, now=NOW)
    assert imposed == remedy(SUSPENSION)
    renewed = apply_order(order=order(Act.RENEW, 10, 90), existing=imposed, now=NOW)
    assert renewed == replace(imposed, ends=day(90), renewed=True)
    assert apply_order(order=Order(Act.LIFT, "c"), existing=renewed, now=NOW) == replace(renewed, lifted=True)


@pytest.mark.parametrize(
    ("wanted", "existing", "code"),
    [
        (order(Act.IMPOSE, 0, 91), None, "remedy_too_long"),
        (order(Act.IMPOSE, 5, 5), None, "remedy_dates"),
        (order(Act.IMPOSE, 5, 4), None, "remedy_dates"),
        (order(Act.IMPOSE, -5, 0), None, "remedy_dates"),
        (order(Act.IMPOSE, 31, 40), None, "remedy_dates"),
        (order(Act.IMPOSE), remedy(SUSPENSION), "remedy_exists"),
        (order(Act.IMPOSE), replace(remedy(SUSPENSION), lifted=True), "remedy_exists"),
        (order(Act.RENEW, 10, 20), None, "remedy_unknown"),
        (order(Act.LIFT), None, "remedy_unknown"),
        (order(Act.RENEW, 10, 91), remedy(SUSPENSION), "remedy_too_long"),
        (order(Act.RENEW, 9, 20), remedy(SUSPENSION), "remedy_dates"),
        (order(Act.RENEW, 11, 20), remedy(SUSPENSION), "remedy_dates"),
        (order(Act.RENEW, 10, 10), remedy(SUSPENSION), "remedy_dates"),
        (order(Act.RENEW, 10, 20, POSTING), remedy(SUSPENSION), "remedy_kind"),
        (order(Act.RENEW, 10, 20), replace(remedy(SUSPENSION), renewed=True), "remedy_renewed"),
        (order(Act.RENEW, 10, 20), replace(remedy(SUSPENSION), lifted=True), "remedy_ended"),
        (order(Act.RENEW, 0, 20), remedy(SUSPENSION, ends=0, starts=-9), "remedy_ended"),
    ],
)
def test_what_a_case_may_not_do(wanted: Order, existing: Remedy | None, code: str) -> None:
    with pytest.raises(Error) as caught:
        apply_order(order=wanted, existing=existing, now=NOW)
    assert caught.value.code == code


orders = st.builds(
    order,
    act=st.sampled_from(Act),
    starts=st.integers(-10, 130),
    ends=st.integers(-10, 130),
    kind=st.sampled_from([SUSPENSION, POSTING]),
)


@given(st.lists(st.tuples(orders, st.integers(0, 60)), max_size=12))
def test_whatever_is_sent_no_case_binds_more_than_90_days(history: list[tuple[Order, int]]) -> None:
    state: Remedy | None = None
    now, bound, renewals = NOW, set[date](), 0
    for wanted, days in history:
        try:
            state = apply_order(order=wanted, existing=state, now=now)
        except Error:
            continue
        finally:
            for _ in range(days):
                if state is not None and state.in_force(now.date()):
                    bound.add(now.date())
                now += timedelta(days=1)
        renewals += wanted.act is Act.RENEW
    assert len(bound) <= MAX_REMEDY_DAYS
    assert renewals <= 1
    assert state is None or not state.in_force(state.ends)


def test_settled_is_always_required() -> None:
    assert asked_slots(["settled", "assurance"], ["age_over_18"]).required == {0, 1}
    for required, optional in ((["assurance"], ["settled"]), (["settled", "full_name"], []), (["settled"], ["x"])):
        with pytest.raises(ConfigError):
            asked_slots(required, optional)
