"""Profile §2, §3: enrolment from a genuine document, one person once, and what is refused."""

import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bonafides.core.credential.slots import Person as Slot
from bonafides.errors import Error
from bonafides.testing.holder import Holder
from bonafides.testing.state import SyntheticState
from tests.issuer.conftest import NOON, World

BOTH = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)], indirect=True
)


def code_of(attempt: object) -> str:
    """The code of the error that calling this raises."""
    with pytest.raises(Error) as caught:
        attempt()  # type: ignore[operator]
    return caught.value.code


@BOTH
def test_a_person_enrols_and_gets_two_credentials(world: World) -> None:
    anna = world.person(birth=date(2009, 11, 24))
    anna.enrol()
    assert sorted(anna.credentials) == ["2026-W48", "2026-W49"]
    # Her birthday lies in the week of the first epoch: its Monday was before, that of the next is after.
    first, second = (anna.credentials[epoch].values for epoch in ("2026-W48", "2026-W49"))
    assert first == ("chip", True, True, True, False, "UTO")
    assert second == ("chip", True, True, True, False, "UTO")
    assert anna.act("status")["assurance"] == "chip"


def test_ages_are_as_of_the_monday_of_each_epoch(world: World) -> None:
    young = world.person(birth=date(2008, 11, 27))
    young.enrol()
    assert young.credentials["2026-W48"].values[Slot.AGE_OVER_18] is False
    assert young.credentials["2026-W49"].values[Slot.AGE_OVER_18] is True


@BOTH
def test_one_person_enrols_once(world: World) -> None:
    anna = world.person()
    anna.enrol()
    before = world.dump()
    second = world.wallet(anna.document)
    assert code_of(second.enrol) == "already_enrolled"
    # A newer card of the same number is the same person.
    renewed = world.person(personal_number=number_of(world, anna))
    assert code_of(renewed.enrol) == "already_enrolled"
    assert world.dump() == before


def number_of(world: World, holder: Holder) -> str:
    """The personal number on a holder's document."""
    from bonafides.core.document import verify_document

    return verify_document(
        bundle=holder.document, trust=world.state.trust_store(), at=NOON, rules=world.state.rules()
    ).personal_number


@BOTH
def test_two_enrolments_of_one_person_at_once_end_in_exactly_one(world: World) -> None:
    document = world.person().document
    wallets = [world.wallet(document) for _ in range(6)]
    tokens = [wallet.token() for wallet in wallets]
    outcomes: list[str] = []
    barrier = threading.Barrier(len(wallets))

    def enrol(wallet: Holder, token: str) -> None:
        barrier.wait()
        try:
            wallet.enrol(token=token)
            outcomes.append("enrolled")
        except Error as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=enrol, args=pair) for pair in zip(wallets, tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("enrolled") == 1
    assert set(outcomes) <= {"enrolled", "already_enrolled", "raced", "database_busy"}
    assert len(world.dump()["person"]) == len(world.dump()["used_handle"]) == 1


def test_somebody_elses_handle_is_refused(world: World) -> None:
    anna, mallory = world.person(), world.person()
    anna.enrol()
    mallory.secret = anna.secret
    before = world.dump()
    assert code_of(mallory.enrol) == "handle_of_another"
    assert code_of(lambda: mallory.enrol("replace")) == "handle_of_another"
    assert world.dump() == before


def test_a_document_of_another_state_or_without_a_number_is_refused(world: World) -> None:
    other = SyntheticState("FRA", now=NOON)
    before = world.dump()
    assert code_of(world.wallet(other.issue_card(birth=date(1980, 1, 1))).enrol).startswith("document_")
    assert code_of(world.person(personal_number="").enrol) == "no_personal_number"
    assert world.dump() == before


def test_code_and_token_work_once(world: World) -> None:
    anna = world.person()
    session = anna.post("/session", {})
    body = {"session": session["session"], "document": anna.document.to_json()}
    code = anna.post("/session/document", body)["pre-authorized_code"]
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code", "pre-authorized_code": code}
    token = anna.http.post_form(anna.origin + "/token", form)["access_token"]
    assert code_of(lambda: anna.http.post_form(anna.origin + "/token", form)) == "session_spent"
    anna.enrol(token=token)
    assert code_of(lambda: anna.enrol(token=token)) == "session_spent"


def test_sealed_values_end_and_serve_one_purpose(world: World) -> None:
    anna = world.person()
    token = anna.token()
    session = anna.post("/session", {})["session"]
    assert code_of(lambda: anna.enrol(token=session)) == "sealed"
    body = {"session": token, "document": anna.document.to_json()}
    assert code_of(lambda: anna.post("/session/document", body)) == "sealed"
    world.clock.advance(minutes=11)
    assert code_of(lambda: anna.enrol(token=token)) == "expired"


def test_the_same_wallet_and_document_again_changes_nothing(world: World) -> None:
    """What happens after an answer was lost: the person shows the document again."""
    anna = world.person()
    anna.enrol()
    before = world.dump()
    anna.credentials.clear()
    anna.enrol()
    assert len(anna.credentials) == 2
    assert world.dump() == before


def test_a_better_document_changes_assurance_only(world: World) -> None:
    anna = world.person()
    anna.enrol()
    anna.enrol(officer=world.in_person)
    assert anna.credentials["2026-W48"].values[Slot.ASSURANCE] == "in_person"
    anna.enrol()
    assert anna.act("status")["assurance"] == "in_person"


def test_a_changed_number_is_linked_by_a_document_that_proves_both(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such documents come with a later reader; the rule is here already, so the reader's answer is put in its place."""
    from bonafides.core.document import VerifiedDocument, verify_document
    from bonafides.offices.issuer import applicant

    anna = world.person(personal_number="111111111111")
    anna.enrol()
    changed = world.wallet(world.state.issue_card(birth=date(1990, 5, 17), personal_number="222222222222"))

    def proves_both(**given: Any) -> VerifiedDocument:
        return replace(verify_document(**given), previous_number="111111111111")

    monkeypatch.setattr(applicant, "verify_document", proves_both)
    assert code_of(changed.enrol) == "already_enrolled"
    changed.secret = anna.secret
    changed.enrol("restore")
    monkeypatch.undo()
    # From now on the new number alone is known, and the old one is nobody's.
    assert len(world.dump()["person"]) == 1
    assert code_of(world.wallet(changed.document).enrol) == "already_enrolled"


def test_two_enrolled_numbers_of_one_person_go_to_an_officer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from bonafides.core.document import VerifiedDocument, verify_document
    from bonafides.offices.issuer import applicant

    for number in ("111111111111", "222222222222"):
        world.person(personal_number=number).enrol()
    before = world.dump()
    both = world.wallet(world.state.issue_card(birth=date(1990, 5, 17), personal_number="222222222222"))

    def proves_both(**given: Any) -> VerifiedDocument:
        return replace(verify_document(**given), previous_number="111111111111")

    monkeypatch.setattr(applicant, "verify_document", proves_both)
    assert code_of(both.enrol) == "in_person"
    assert world.dump() == before
