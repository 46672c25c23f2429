"""Profile §3: the whole life of a person tag, as a person lives it, and as somebody dodging a remedy would."""

from datetime import timedelta

import pytest

from bonafides.core import base64url
from bonafides.core.credential import device
from bonafides.core.credential.slots import Person as Slot
from bonafides.offices.issuer.domain import LIFE_CYCLE, Purpose, Relation, State
from bonafides.testing.holder import Holder, new_device
from tests.issuer.conftest import World
from tests.issuer.test_enrolment import BOTH, code_of


def settled(holder: Holder) -> bool:
    """The value of `settled` in the holder's latest credential."""
    return bool(holder.latest().values[Slot.SETTLED])


def test_the_table_speaks_of_every_case() -> None:
    """Every state, purpose and relation that can meet has its line; a current handle needs somebody enrolled."""
    impossible = {
        (state, purpose, relation)
        for state in State
        for purpose in Purpose
        for relation in (Relation.CURRENT, Relation.RETURNABLE)
        if state is State.ABSENT or (state is State.ERASED and relation is Relation.CURRENT)
    }
    wanted = {
        (state, purpose, relation)
        for state in State
        for purpose in Purpose
        for relation in Relation
        if relation is not Relation.FOREIGN
    } - impossible
    assert set(LIFE_CYCLE) == wanted


@BOTH
def test_renewal_goes_on_from_week_to_week(world: World) -> None:
    anna = world.person()
    anna.enrol()
    for _ in range(3):
        world.pass_days(7)
        anna.renew()
    assert sorted(anna.credentials)[-1] == "2026-W52"
    assert settled(anna)


def test_renewal_with_a_past_credential_works_for_400_days(world: World) -> None:
    anna = world.person()
    anna.enrol()
    world.pass_days(390)
    anna.renew()
    world.pass_days(410)
    assert code_of(anna.renew) == "not_renewable"
    anna.enrol()


@BOTH
def test_restore_replaces_all_devices_and_keeps_the_pseudonyms(world: World) -> None:
    anna = world.person()
    anna.enrol()
    restored = world.wallet(anna.document)
    restored.secret = anna.secret
    assert code_of(restored.enrol) == "unknown_device"
    restored.enrol("restore")
    assert restored.handle == anna.handle
    assert settled(restored)
    assert code_of(anna.renew) == "unknown_holder"
    assert code_of(lambda: anna.act("status")) == "unknown_holder"


def test_a_replaced_device_may_contest_for_14_days_and_nothing_else(world: World) -> None:
    anna = world.person()
    anna.enrol()
    thief = world.wallet(anna.document)
    thief.secret = anna.secret
    thief.enrol("restore")
    for action in ("status", "veto", "erase"):
        assert code_of(lambda action=action: anna.act(action)) == "unknown_holder"
    assert anna.act("dispute") == {"with_officer": True}
    assert world.decide("approve") == "upheld"
    assert code_of(thief.renew) == "unknown_holder"
    anna.enrol("restore", officer=world.in_person)
    world.pass_days(15)
    anna.act("status")
    assert code_of(lambda: thief.act("dispute")) == "unknown_holder"


def test_a_mistyped_kit_is_not_another_person(world: World) -> None:
    anna = world.person()
    anna.enrol()
    before = world.dump()
    mistyped = world.wallet(anna.document)
    assert code_of(lambda: mistyped.enrol("restore")) == "unknown_handle"
    assert world.dump() == before


@BOTH
def test_reenrolment_waits_fourteen_days_and_leaves_the_person_unsettled(world: World) -> None:
    anna = world.person()
    anna.enrol()
    fresh = world.wallet(anna.document)
    assert fresh.enrol("replace")["due"] == "2026-12-09"
    assert anna.act("status")["reenrolment"] == {"due": "2026-12-09", "with_officer": False}
    world.pass_days(13)
    assert "transaction_id" in fresh.collect()
    anna.renew()
    world.pass_days(1)
    fresh.collect()
    assert not settled(fresh)
    assert code_of(anna.renew) == "unknown_holder"
    # Replaced on 9 December in week 50; week 51 ends on 21 December; 90 days later is 21 March; settled on 1 April.
    assert fresh.act("status")["settles"] == "2027-04"
    while world.clock.now().date().isoformat() < "2027-03-29":
        world.pass_days(7)
        fresh.renew()
        assert not settled(fresh)
    world.pass_days(7)
    fresh.renew()
    assert world.clock.now().date().isoformat() >= "2027-04-01"
    world.pass_days(7)
    assert settled(fresh)


def test_reenrolment_is_stopped_by_a_veto_until_an_officer_decides(world: World) -> None:
    anna = world.person()
    anna.enrol()
    thief = world.wallet(anna.document)
    thief.enrol("replace")
    anna.act("veto")
    world.pass_days(30)
    assert "transaction_id" in thief.collect()
    anna.renew()
    assert world.decide("refuse") == "refused"
    assert code_of(thief.collect) == "reenrolment_refused"
    anna.renew()
    assert settled(anna)
    # The refused handle is dead: a further try needs another secret.
    assert code_of(lambda: thief.enrol("replace")) == "dead_handle"


def test_a_second_reenrolment_within_three_years_doubles_and_needs_an_officer(world: World) -> None:
    anna = world.person()
    anna.enrol()
    second = world.wallet(anna.document)
    second.enrol("replace")
    world.pass_days(14)
    second.collect()
    third = world.wallet(anna.document)
    third.enrol("replace")
    world.pass_days(20)
    assert "transaction_id" in third.collect()
    world.decide("approve")
    world.pass_days(1)
    third.collect()
    # Replaced on 30 December (week 53), end of the next week 11 January, and 180 days: 10 July, so 1 August.
    assert third.act("status")["settles"] == "2027-08"
    assert third.act("status")["reenrolments"] == 2


def test_an_officer_may_waive_the_doubling_but_not_the_days(world: World) -> None:
    anna = world.person()
    anna.enrol()
    second = world.wallet(anna.document)
    second.enrol("replace")
    world.pass_days(14)
    third = world.wallet(anna.document)
    third.enrol("replace")
    world.decide("approve_waived")
    world.pass_days(14)
    third.collect()
    status = third.act("status")
    assert status["settles"] == "2027-05"
    assert status["reenrolments"] == 1


def test_after_three_years_reenrolments_are_forgotten(world: World) -> None:
    anna = world.person()
    anna.enrol()
    second = world.wallet(anna.document)
    second.enrol("replace")
    world.pass_days(14)
    second.collect()
    world.pass_days(3 * 365 + 31)
    third = world.wallet(anna.document)
    third.enrol("replace")
    world.pass_days(14)
    third.collect()
    assert third.act("status")["reenrolments"] == 1


@BOTH
def test_switching_back_works_once_and_never_forward_again(world: World) -> None:
    anna = world.person()
    anna.enrol()
    fresh = world.wallet(anna.document)
    fresh.enrol("replace")
    world.pass_days(14)
    fresh.collect()
    # The old kit turns up while the new handle is unsettled.
    old = world.wallet(anna.document)
    old.secret = anna.secret
    old.enrol("restore")
    assert settled(old)
    assert code_of(fresh.renew) == "unknown_holder"
    for purpose in ("restore", "replace"):
        assert code_of(lambda purpose=purpose: fresh.enrol(purpose)) == "dead_handle"
    # Another fresh one is the second re-enrolment.
    third = world.wallet(anna.document)
    third.enrol("replace")
    world.pass_days(15)
    assert "transaction_id" in third.collect()


def test_once_settled_earlier_handles_are_dead(world: World) -> None:
    anna = world.person()
    anna.enrol()
    fresh = world.wallet(anna.document)
    fresh.enrol("replace")
    world.pass_days(14)
    fresh.collect()
    world.pass_days(150)
    old = world.wallet(anna.document)
    old.secret = anna.secret
    assert code_of(lambda: old.enrol("restore")) == "dead_handle"


@BOTH
def test_erasure_leaves_the_bare_tag_and_is_no_way_out(world: World) -> None:
    anna = world.person()
    anna.enrol()
    anna.act("erase")
    dump = world.dump()
    assert dump["device"] == []
    assert "None, None" in dump["person"][0]
    assert code_of(anna.renew) == "unknown_holder"
    fresh = world.wallet(anna.document)
    assert code_of(fresh.enrol) == "already_enrolled"
    fresh.enrol("replace")
    world.pass_days(15)
    assert "transaction_id" in fresh.collect()
    world.decide("approve")
    world.pass_days(1)
    fresh.collect()
    assert not settled(fresh)


def test_erased_and_back_with_the_last_handle_is_as_before(world: World) -> None:
    anna = world.person()
    anna.enrol()
    anna.act("erase")
    anna.enrol()
    assert settled(anna)
    fresh = world.wallet(anna.document)
    fresh.enrol("replace")
    world.pass_days(15)
    assert "transaction_id" in fresh.collect(), "erasing counted as one re-enrolment"


def test_unsettled_erased_and_back_is_still_unsettled(world: World) -> None:
    anna = world.person()
    anna.enrol()
    fresh = world.wallet(anna.document)
    fresh.enrol("replace")
    world.pass_days(14)
    fresh.collect()
    fresh.act("erase")
    fresh.enrol()
    assert not settled(fresh)


def test_a_bare_tag_is_forgotten_after_three_years(world: World) -> None:
    anna = world.person()
    anna.enrol()
    anna.act("erase")
    world.pass_days(3 * 365 - 31)
    assert len(world.dump()["person"]) == 1
    world.pass_days(62)
    assert world.dump()["person"] == []
    world.wallet(anna.document).enrol()


def test_freeze_stops_renewal_for_two_epochs(world: World) -> None:
    anna = world.person()
    anna.enrol()
    assert code_of(anna.freeze) == "in_person", "a copied document must not lock anybody out"
    assert anna.freeze(world.in_person) == "2026-W50"
    assert code_of(anna.renew) == "frozen"
    world.pass_days(7)
    assert code_of(anna.renew) == "frozen"
    world.pass_days(7)
    anna.renew()


def test_kit_and_document_end_a_freeze(world: World) -> None:
    anna = world.person()
    anna.enrol()
    anna.freeze(world.in_person)
    assert code_of(anna.enrol) == "frozen"
    anna.enrol("restore")
    anna.renew()


@BOTH
def test_another_device_waits_seven_days(world: World) -> None:
    anna = world.person()
    anna.enrol()
    phone = world.wallet(anna.document)
    phone.secret, phone.credentials = anna.secret, dict(anna.credentials)
    anna.act("approve_device", device.public_bytes(phone.device))
    standings = {each["standing"] for each in anna.act("status")["devices"]}
    assert standings == {"active", "waiting"}
    assert code_of(phone.renew) == "unknown_holder"
    world.pass_days(6)
    assert code_of(lambda: phone.act("status")) == "unknown_holder"
    world.pass_days(1)
    phone.renew()
    phone.act("remove_device", device.public_bytes(anna.device))
    assert code_of(anna.renew) == "unknown_holder"
    assert code_of(lambda: phone.act("remove_device", device.public_bytes(phone.device))) == "last_device"


def test_a_lost_device_is_removed_by_the_name_that_the_others_see(world: World) -> None:
    anna = world.person()
    anna.enrol()
    anna.act("approve_device", device.public_bytes(new_device()))
    lost = next(each["device"] for each in anna.act("status")["devices"] if each["standing"] == "waiting")
    anna.act("remove_device", base64url.decode(lost, max_bytes=6))
    assert len(anna.act("status")["devices"]) == 1


def test_three_devices_are_the_most(world: World) -> None:
    anna = world.person()
    anna.enrol()
    for _ in range(2):
        anna.act("approve_device", device.public_bytes(new_device()))
    assert code_of(lambda: anna.act("approve_device", device.public_bytes(new_device()))) == "too_many_devices"


def test_a_small_month_waits_for_the_next_at_most_three_times(world: World) -> None:
    from dataclasses import replace

    limits = world.issuer.settings.limits.model_copy(update={"small_group": 100})
    settings = world.issuer.settings.model_copy(update={"limits": limits})
    object.__setattr__(world.issuer, "settings", settings)
    assert replace(world.issuer.settling).small_group == 100
    anna = world.person()
    anna.enrol()
    fresh = world.wallet(anna.document)
    fresh.enrol("replace")
    world.pass_days(14)
    fresh.collect()
    assert fresh.act("status")["settles"] == "2027-04"
    world.clock.set(world.clock.now().replace(year=2027, month=6, day=30))
    assert fresh.act("status")["settled"] is False
    world.clock.advance(timedelta(days=1))
    assert fresh.act("status")["settled"] is True


@pytest.mark.parametrize("change", ["handle", "presentation", "device", "nonce"])
def test_renewal_parts_must_belong_together(world: World, change: str) -> None:
    """The pseudonym presented, the handle committed and the handle stored must be one."""
    anna, boris = world.person(), world.person()
    anna.enrol()
    boris.enrol()
    before = world.dump()
    proof, _ = anna.proof(renewing=anna.latest())
    other, _ = boris.proof(renewing=boris.latest())
    if change == "handle":
        proof["commitment"] = other["commitment"]
    elif change == "presentation":
        proof["presentation"] = other["presentation"]
    elif change == "device":
        proof["device_key"], proof["device_signature"] = other["device_key"], other["device_signature"]
    else:
        proof["c_nonce"] = other["c_nonce"]
    assert code_of(lambda: anna.post("/renewal", proof)) in {"device_signature", "commitment", "proof"}
    assert world.dump() == before


def test_a_renewal_is_not_replayed(world: World) -> None:
    anna = world.person()
    anna.enrol()
    proof, _ = anna.proof(renewing=anna.latest())
    anna.post("/renewal", proof)
    assert code_of(lambda: anna.post("/renewal", proof)) == "nonce_spent"


def test_a_nonce_bears_three_attempts_and_five_minutes(world: World) -> None:
    anna = world.person()
    anna.enrol()
    proof, _ = anna.proof(renewing=anna.latest())
    wrong = proof | {"device_signature": "A" * 86}
    for _ in range(3):
        assert code_of(lambda: anna.post("/renewal", wrong)) == "device_signature"
    assert code_of(lambda: anna.post("/renewal", proof)) == "nonce_spent"
    proof, _ = anna.proof(renewing=anna.latest())
    world.clock.advance(minutes=5)
    assert code_of(lambda: anna.post("/renewal", proof)) == "nonce_spent"
