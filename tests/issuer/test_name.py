"""Profile §2, type `name`: issued when the holder asks, to who is enrolled, and nothing of it stays."""

from datetime import date

import pytest
from sqlalchemy import select

from bonafides.core import base64url
from bonafides.core.credential.slots import Person as Slot
from bonafides.errors import Error
from bonafides.offices.issuer.schema import metadata
from bonafides.testing.holder import Holder, new_device
from tests.issuer.conftest import World
from tests.issuer.test_enrolment import BOTH, code_of

WRITTEN, NAME = "Nguyễn<<Văn An", "Nguyễn Văn An"
PARTS = ("Nguy", "Văn", "ễn")


def enrolled(world: World) -> Holder:
    """Somebody enrolled, on whose document the name is signed."""
    an = world.person(full_name=WRITTEN)
    an.enrol()
    return an


def everything(world: World) -> str:
    """Every value in every table, nonces and counts too, as text."""
    with world.issuer.database.read() as connection:
        rows = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    texts = [value for table in rows for row in table for value in row]
    return "\n".join(each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in texts)


def signed(world: World) -> dict[str, dict[str, int]]:
    """The counts of every epoch."""
    from bonafides.offices.issuer import published

    with world.issuer.database.read() as connection:
        return published.counts(connection)


@BOTH
def test_a_name_is_issued_to_who_asks(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    an = enrolled(world)
    before, counted = world.dump(), signed(world)
    an.enrol_name()
    assert {epoch: each.values for epoch, each in an.names.items()} == {"2026-W48": (NAME,), "2026-W49": (NAME,)}
    assert {each.header.type for each in an.names.values()} == {"name"}
    # The same keys and the same secret as of the person; nothing written but what was used up and the count.
    assert {each.public_key for each in an.names.values()} == {each.public_key for each in an.credentials.values()}
    assert world.dump() == before
    assert {epoch: kinds["signed"] for epoch, kinds in signed(world).items()} == {"2026-W48": 2, "2026-W49": 2}
    assert {kind: n for kind, n in signed(world)["2026-W48"].items() if kind != "signed"} == {
        kind: n for kind, n in counted["2026-W48"].items() if kind != "signed"
    }
    assert not any(part in everything(world) for part in PARTS)
    printed = capfd.readouterr()
    assert not any(part in printed.out + printed.err for part in PARTS)


def test_without_asking_there_is_no_name_anywhere(world: World) -> None:
    """Two cards that differ in the name alone: what the issuer hands out has one length, and holds no name."""
    named, bare = (world.person(full_name=name, number="U12345678") for name in (WRITTEN, None))
    lengths = [len(base64url.decode(each.token(), max_bytes=4096)) for each in (named, bare)]
    assert lengths[0] == lengths[1]
    token = named.token()
    fields = world.issuer.keys.seal.open("token", token, now=world.clock.now())
    assert not any(part in repr(fields) for part in PARTS)
    named.enrol(token=token)
    assert code_of(lambda: named.enrol_name(named.token())) == "name_not_asked"
    asked = base64url.decode(named.token(name=True), max_bytes=4096)
    assert len(asked) > lengths[0]
    # Sealed, so that nobody on the way reads it.
    assert NAME.encode() not in asked
    assert not any(part in everything(world) for part in PARTS)


@pytest.mark.parametrize("value", [1, "true", None, [], {}])
def test_a_name_is_asked_for_with_true(world: World, value: object) -> None:
    an = world.person(full_name=WRITTEN)
    body = {"session": an.post("/session", {})["session"], "document": an.document.to_json(), "name": value}
    assert code_of(lambda: an.post("/session/document", body)) == "name_form"


def test_the_offer_names_what_was_asked(world: World) -> None:
    an = world.person(full_name=WRITTEN)
    for asked, configuration in ((False, "bonafides_person"), (True, "bonafides_name")):
        body = {"session": an.post("/session", {})["session"], "document": an.document.to_json(), "name": asked}
        offer = an.post("/session/document", body)["credential_offer"]
        assert offer["credential_configuration_ids"] == [configuration]


def test_a_document_without_a_signed_name_has_none(world: World) -> None:
    anna = world.person()
    anna.enrol()
    assert code_of(anna.enrol_name) == "no_signed_name"


def test_headers_and_keys_of_both_types_are_published(world: World) -> None:
    an = world.person()
    listed = an.http.get_json(world.origin + "/.well-known/bonafides-issuer")["epochs"]
    assert [(each["epoch"], each["type"]) for each in listed] == [
        (epoch, kind) for kind in ("person", "name") for epoch in ("2026-W47", "2026-W48", "2026-W49")
    ]
    assert len({each["key"] for each in listed}) == 1
    said = an.http.get_json(world.origin + "/.well-known/openid-credential-issuer")
    types = {name: each["type"] for name, each in said["credential_configurations_supported"].items()}
    assert types == {"bonafides_person": "person", "bonafides_name": "name"}


@BOTH
def test_who_is_not_enrolled_gets_none(world: World) -> None:
    an = world.person(full_name=WRITTEN)
    an.epochs()  # from here on the keys of these epochs are decided
    before = world.dump()
    assert code_of(an.enrol_name) == "not_enrolled"
    assert world.dump() == before
    an.enrol()
    an.act("erase")
    before = world.dump()
    assert code_of(an.enrol_name) == "not_enrolled"
    assert world.dump() == before


@BOTH
def test_another_handle_or_device_gets_none(world: World) -> None:
    an = enrolled(world)
    before = world.dump()
    thief = world.wallet(an.document)
    assert code_of(thief.enrol_name) == "unknown_holder"
    thief.secret = an.secret  # but another device
    assert code_of(thief.enrol_name) == "unknown_holder"
    an.device, device = new_device(), an.device
    assert code_of(an.enrol_name) == "unknown_holder"
    an.device = device
    an.enrol_name()
    assert world.dump() == before


def test_a_waiting_device_and_a_replaced_one_get_none(world: World) -> None:
    from bonafides.core.credential import device

    an = enrolled(world)
    second = world.wallet(an.document)
    second.secret = an.secret
    an.act("approve_device", device.public_bytes(second.device))
    assert code_of(second.enrol_name) == "unknown_holder"
    world.pass_days(7)
    second.enrol_name()
    second.enrol("restore")
    assert code_of(an.enrol_name) == "unknown_holder"


def test_a_frozen_person_gets_none(world: World) -> None:
    an = enrolled(world)
    an.enrol_name()
    an.freeze(world.in_person)
    before = world.dump()
    assert code_of(an.enrol_name) == "frozen"
    assert code_of(an.renew_name) == "frozen"
    assert world.dump() == before


def test_the_name_on_somebody_elses_document_is_not_mine(world: World) -> None:
    an, binh = enrolled(world), world.person(full_name="Trần<<Bình")
    taken = world.wallet(binh.document)
    taken.secret, taken.device = an.secret, an.device
    assert code_of(taken.enrol_name) == "not_enrolled"
    binh.enrol()
    before = world.dump()
    assert code_of(taken.enrol_name) == "unknown_holder"
    assert world.dump() == before


def test_a_handle_that_was_replaced_gets_none(world: World) -> None:
    an = enrolled(world)
    an.enrol_name()
    again = world.wallet(an.document)
    again.enrol("replace")
    an.enrol_name()
    assert code_of(again.enrol_name) == "unknown_holder"
    world.pass_days(14)
    again.collect()
    assert code_of(an.enrol_name) == "unknown_holder"
    assert code_of(an.renew_name) == "unknown_holder"
    again.enrol_name()


def test_one_token_one_step(world: World) -> None:
    an = world.person(full_name=WRITTEN)
    token = an.token(name=True)
    an.enrol(token=token)
    assert an.credentials["2026-W48"].values[Slot.COUNTRY] == "UTO"
    assert code_of(lambda: an.enrol_name(token)) == "session_spent"
    token = an.token(name=True)
    an.enrol_name(token)
    assert code_of(lambda: an.enrol_name(token)) == "session_spent"
    assert code_of(lambda: an.enrol(token=token)) == "session_spent"


def test_a_ticket_of_weeks_holds_no_name(world: World) -> None:
    an = enrolled(world)
    again = world.wallet(an.document)
    again.enrol("replace", token=again.token(name=True))
    fields = world.issuer.keys.seal.open("ticket", again.ticket, now=world.clock.now())
    assert not any(part in repr(fields) for part in PARTS)


def test_a_commitment_is_for_one_type(world: World) -> None:
    an = enrolled(world)
    for kind, configuration in (("person", "bonafides_name"), ("name", "bonafides_person")):
        proof, _ = an.proof(kind=kind)
        body = {
            "credential_configuration_id": configuration,
            "purpose": "enrol",
            "proofs": {"bonafides_commitment": [proof]},
        }
        token = an.token(name=True)
        assert code_of(lambda body=body, token=token: an.post("/credential", body, token)) == "commitment"


@BOTH
def test_a_name_is_renewed_from_week_to_week(world: World) -> None:
    an = enrolled(world)
    an.enrol_name()
    for _ in range(3):
        world.pass_days(7)
        an.epochs()
        before = world.dump()
        an.renew_name()
        assert world.dump() == before
    assert an.names["2026-W52"].values == (NAME,)
    assert not any(part in everything(world) for part in PARTS)
    assert all("renewed" not in kinds for kinds in signed(world).values())


def test_a_renewal_is_of_its_own_type(world: World) -> None:
    """Neither a name from a person credential, nor a person from a name."""
    an = enrolled(world)
    an.enrol_name()
    before = world.dump()
    for shown, kind in ((an.latest(), "name"), (an.names["2026-W48"], "person")):
        proof, _ = an.proof(renewing=shown, kind=kind)
        assert code_of(lambda proof=proof: an.post("/renewal", proof)) == "commitment"
    assert code_of(lambda: an.renew_name(an.names["2026-W49"])) == "not_renewable"
    assert world.dump() == before


def test_a_name_of_another_secret_is_not_renewed(world: World) -> None:
    an, binh = enrolled(world), world.person(full_name="Trần<<Bình", birth=date(1991, 1, 1))
    binh.enrol()
    an.enrol_name()
    binh.names = dict(an.names)
    before = world.dump()
    with pytest.raises(Error):
        binh.renew_name()
    an.device = new_device()
    assert code_of(an.renew_name) == "unknown_holder"
    assert world.dump() == before
