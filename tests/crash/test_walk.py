"""`kill -9` at every step of every flow loses nothing and doubles nothing.

A step is: the request arrived, a transaction begins, each statement, before and after it is kept, before the answer,
after its head, after its end. How many there are is found by listening to the flow once; every one of them is walked.
The client does what people do: it sends the request again, and if that is refused it begins the flow again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bonafides.errors import Error
from bonafides.testing.holder import Holder
from tests.crash.town import NOON, CrashedError, Exchange, Plan, Town, come_again, counts_of, note_walked

SPENT = {"unreachable", "dependency", "session_spent", "nonce_spent", "signin_spent", "signin_unknown"}
"""What a client may meet when it sends again what worked, and what tells it to begin again."""


@dataclass(frozen=True)
class Flow:
    """What somebody does, from where, and how it must end."""

    prepare: Callable[[Town], Holder]
    act: Callable[[Town, Holder], Any]
    check: Callable[[Town, Holder], None]
    decisive: str
    """The path of the request that changes most."""
    later: timedelta = timedelta()
    """How much time passes between preparation and act: from a saved state, for each step anew."""
    done: frozenset[str] = field(default_factory=frozenset)
    """Refusals by which a client that begins again learns that it was done."""


def enrolled(town: Town) -> Holder:
    """Somebody who is enrolled."""
    holder = town.person()
    holder.enrol()
    return holder


def at_station(town: Town) -> Holder:
    """Somebody whose document a service point reads."""
    holder = town.person()
    holder.at_station = True
    return holder


def beside_enrolled(town: Town) -> Holder:
    """The new, empty wallet of somebody who is enrolled."""
    return town.wallet_beside(enrolled(town))


def beside_with_secret(town: Town) -> Holder:
    """A new device with the secret of somebody who is enrolled, as a kit restores it."""
    first = enrolled(town)
    second = town.wallet_beside(first)
    second.secret = first.secret
    return second


def waiting(town: Town) -> Holder:
    """The new wallet of somebody whose re-enrolment waits."""
    fresh = beside_enrolled(town)
    fresh.enrol("replace")
    return fresh


def check_enrolled(town: Town, holder: Holder) -> None:
    """Once enrolled, settled, with one device; the credentials work."""
    town.check_enrolled(holder)
    assert [each["standing"] for each in holder.act("status")["devices"]] == ["active"]
    assert town.sign_in(holder)["access"] == "full"


def check_waiting(town: Town, holder: Holder) -> None:
    """One re-enrolment waits, its ticket works, and the person is enrolled as before."""
    rows = town.issuer.rows()
    assert [row.handle for row in rows["pending"] if bytes(row.tag) == town.tag(holder)] == [holder.handle]
    assert "transaction_id" in holder.collect()
    (old,) = [each for each in town.people if town.tag(each) == town.tag(holder) and each is not holder]
    old.renew()
    town.check_enrolled(old)
    assert old.act("status")["reenrolment"] == {"due": "2026-12-09", "with_officer": False}


def check_replaced(town: Town, holder: Holder) -> None:
    """The new handle is current, once, unsettled; the old one is out."""
    town.check_enrolled(holder)
    assert holder.act("status")["reenrolments"] == 1
    assert counts_of(town.issuer.rows())["reenrolled"] == 1
    assert town.sign_in(holder)["reason"] == "unsettled"
    (old,) = [each for each in town.people if town.tag(each) == town.tag(holder) and each is not holder]
    with pytest.raises(Error, match="403"):
        old.renew()


def check_restored(town: Town, holder: Holder) -> None:
    """The new device alone counts, and the other may contest it."""
    town.check_enrolled(holder)
    assert sorted(each["standing"] for each in holder.act("status")["devices"]) == ["active", "replaced"]


def check_erased(town: Town, holder: Holder) -> None:
    """The bare tag is left, counted as one re-enrolment, and the last handle brings the person back."""
    (row,) = [row for row in town.issuer.rows()["person"] if bytes(row.tag) == town.tag(holder)]
    assert (row.handle, row.reenrolments) == (None, 1)
    holder.enrol()
    check_enrolled(town, holder)


def check_signed_in(town: Town, holder: Holder) -> None:
    """There is one account, and its owner comes back to it."""
    assert town.sign_in(holder)["sub"] == town.sub(holder)
    rows = town.gateway.rows()
    assert [row.epoch_seen for row in rows["account"] if row.sub == town.sub(holder)] == ["2026-W48"]


def sign_in(town: Town, holder: Holder) -> None:
    """Sign in for the first time and see what the platform is told."""
    result = holder.sign_in(town.gateway.origin)
    assert (result["sub"], result["access"]) == (town.sub(holder), "full")


FLOWS = {
    "enrol": Flow(Town.person, lambda _, one: one.enrol(), check_enrolled, "credential"),
    "deliver": Flow(at_station, lambda _, one: one.enrol(), check_enrolled, "session/document"),
    "renew": Flow(enrolled, lambda _, one: one.renew(), check_enrolled, "renewal"),
    "replace": Flow(beside_enrolled, lambda _, one: one.enrol("replace"), check_waiting, "credential"),
    "collect": Flow(
        waiting, lambda _, one: one.collect(), check_replaced, "deferred_credential", later=timedelta(days=14)
    ),
    "restore": Flow(beside_with_secret, lambda _, one: one.enrol("restore"), check_restored, "credential"),
    "erase": Flow(
        enrolled, lambda _, one: one.act("erase"), check_erased, "action", done=frozenset({"unknown_holder"})
    ),
    "sign in": Flow(enrolled, sign_in, check_signed_in, "response"),
}


def stage(town: Town, flow: Flow) -> Holder:
    """Bring a flow to where it begins: by a saved state where time must pass, by another person elsewhere."""
    if not flow.later:
        return flow.prepare(town)
    offices = (town.issuer, town.gateway)
    saved = town.folder / "saved"
    for office in offices:
        office.kill()
    if saved.exists():
        for office in offices:
            office.restore(saved)
        town.clock.set(NOON)
    else:
        saved.mkdir()
        for office in offices:
            office.save(saved)
    town.wire.told.clear()
    for office in offices:
        office.start()
    del town.people[:]
    holder = flow.prepare(town)
    # The sweep has run at the start: what is due now happens in the requests.
    town.clock.advance(flow.later)
    return holder


def listen(town: Town, flow: Flow) -> list[Exchange]:
    """Return the requests of a flow with their steps; the first run warms up what happens once only."""
    for listening in (False, True):
        holder = stage(town, flow)
        town.wire.begin(None, listening=listening)
        flow.act(town, holder)
        heard = town.wire.heard
        town.wire.begin(None)
        flow.check(town, holder)
    return heard


def crash_once(town: Town, flow: Flow, plan: Plan) -> None:
    """Let one step of one run be the last, and see that the run ends as if nothing had been."""
    holder = stage(town, flow)
    town.wire.begin(plan)
    deaths = town.deaths
    come_again(lambda: flow.act(town, holder), again_after=SPENT, done=flow.done)
    assert town.deaths == deaths + 1
    town.wire.begin(None)
    flow.check(town, holder)
    town.check()


def walk(town: Town, flow: Flow, *, only: Callable[[Exchange, int], bool], again: Iterable[bool] = (True,)) -> int:
    """Crash at every step that is chosen, and return how many there were."""
    heard = listen(town, flow)
    points = [
        (number, step)
        for number, exchange in enumerate(heard)
        for step in range(len(exchange.steps))
        if only(exchange, step)
    ]
    assert points, "no step was found"
    for number, step in points:
        for repeat in again:
            try:
                crash_once(town, flow, Plan(number, step, repeat))
            except BaseException as error:
                exchange = heard[number]
                error.add_note(
                    f"crashed {exchange.method} {exchange.path} at {step}: {exchange.steps[step]}, {repeat=}"
                )
                raise
    return len(points)


def is_decisive(flow: Flow) -> Callable[[Exchange, int], bool]:
    """Choose the steps around what is kept at last, in the request that changes most."""

    def choose(exchange: Exchange, step: int) -> bool:
        there = exchange.method == "POST" and exchange.path.startswith(f"/{flow.decisive}")
        last = "begin" not in exchange.steps[step:]
        return there and last and exchange.steps[step] in ("commit", "committed", "answer begun", "answered")

    return choose


@pytest.mark.parametrize("name", FLOWS)
def test_death_around_what_is_kept(town: Town, name: str) -> None:
    flow = FLOWS[name]
    assert walk(town, flow, only=is_decisive(flow)) == 4


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOWS)
def test_death_at_every_step(town: Town, name: str) -> None:
    walked = walk(town, FLOWS[name], only=lambda _exchange, _step: True)
    note_walked(name, walked)
    assert walked >= 20


@pytest.mark.pg
@pytest.mark.parametrize("name", ["enrol", "renew", "replace", "sign in"])
def test_death_around_what_is_kept_on_postgresql(pg_town: Town, name: str) -> None:
    assert walk(pg_town, FLOWS[name], only=is_decisive(FLOWS[name])) == 4


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOWS)
def test_a_client_that_begins_again_at_once(town: Town, name: str) -> None:
    """Nobody sends the lost request again: what it left behind is in nobody's way."""
    flow = FLOWS[name]
    assert walk(town, flow, only=is_decisive(flow), again=[False]) == 4


def test_who_lost_the_answer_and_comes_back_late_finds_it_done(town: Town) -> None:
    """The office died after it had kept a re-enrolment, and the person returns when its 14 days are over."""
    flow = FLOWS["replace"]
    heard = listen(town, flow)
    (number,) = [number for number, each in enumerate(heard) if each.path == "/credential"]
    last = len(heard[number].steps) - 1 - heard[number].steps[::-1].index("committed")
    fresh = flow.prepare(town)
    town.wire.begin(Plan(number, last, again=False))
    with pytest.raises(CrashedError):
        flow.act(town, fresh)
    town.wire.begin(None)
    town.clock.advance(timedelta(days=15))
    fresh.enrol("replace")
    town.check()
    town.check_enrolled(fresh)
    assert fresh.act("status")["reenrolments"] == 1
