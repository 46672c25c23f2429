"""Sessions that a service point answers: the code goes to the wallet's key, once, and to nobody else."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.core.credential.station_link import DELIVERY_TYP, StationLink
from bonafides.errors import Error
from bonafides.kit.jwe import decrypt_jwe, p256_jwk
from bonafides.offices.issuer import applicant, delivery
from bonafides.offices.issuer.upkeep import sweep
from bonafides.testing.holder import Holder
from tests.issuer.conftest import World
from tests.issuer.test_enrolment import BOTH, code_of

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


class Visit:
    """A session of a wallet's for a service point."""

    def __init__(self, world: World, holder: Holder) -> None:
        self.holder = holder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.session = holder.post("/session", {"deliver_to": p256_jwk(self.key.public_key())})["session"]

    def show(self, document: Any = None, **more: Any) -> dict[str, Any]:
        """Send the document, as a service point does."""
        shown = (document or self.holder.document).to_json()
        return self.holder.post("/session/document", {"session": self.session, "document": shown, **more})

    def collect(self) -> dict[str, Any]:
        """Ask for what was delivered."""
        return self.holder.post("/session/collect", {"session": self.session})

    def told(self) -> dict[str, Any]:
        """Open what was delivered."""
        opened = decrypt_jwe(self.collect()["jwe"], key=self.key, expected_typ=DELIVERY_TYP)
        found: dict[str, Any] = json.loads(opened)
        return found

    def token(self) -> str:
        """Use the code up."""
        form = {"grant_type": GRANT, "pre-authorized_code": self.told()["pre-authorized_code"]}
        return str(self.holder.http.post_form(self.holder.origin + "/token", form)["access_token"])


@BOTH
def test_a_document_shown_at_a_service_point_enrols_the_wallet_that_opened_the_session(world: World) -> None:
    anna = world.person()
    visit = Visit(world, anna)
    assert visit.collect() == {"state": "waiting"}
    assert visit.show() == {"delivered": True}
    assert visit.told() | {"pre-authorized_code": ""} == {
        "pre-authorized_code": "",
        "issuing_state": "UTO",
        "birth": "1990-05-17",
    }
    anna.enrol(token=visit.token())
    assert len(world.dump()["person"]) == 1
    assert world.dump()["delivery"] == []


def test_waiting_is_said_with_its_status(world: World) -> None:
    visit = Visit(world, world.person())
    body = json.dumps({"session": visit.session}).encode()
    answer = world.http.send("POST", world.origin + "/session/collect", content=body, media_type="application/json")
    assert answer.status == 202


def test_the_same_answer_until_the_code_is_used(world: World) -> None:
    """Neither a lost answer nor somebody with a picture of the QR code takes anything away."""
    visit = Visit(world, world.person())
    visit.show()
    assert visit.collect() == visit.collect()
    visit.token()
    assert code_of(visit.collect) == "session_spent"


@BOTH
def test_a_session_takes_one_document(world: World) -> None:
    anna, other = world.person(), world.person()
    visit = Visit(world, anna)
    visit.show()
    before = world.dump()
    assert code_of(visit.show) == "session_spent"
    assert code_of(lambda: visit.show(other.document)) == "session_spent"
    assert world.dump() == before
    visit.token()
    assert code_of(visit.show) == "session_spent"  # nor once the code is used and the row is gone


@BOTH
def test_of_many_documents_at_once_one_is_delivered(world: World) -> None:
    visit = Visit(world, world.person())

    def show(_number: int) -> str:
        try:
            return str(visit.show())
        except Error as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(show, range(4)))
    assert outcomes.count("{'delivered': True}") == 1
    assert set(outcomes) - {"{'delivered': True}"} <= {"session_spent", "raced", "database_busy"}
    assert len(world.dump()["delivery"]) == 1


def test_a_refused_document_spends_nothing(world: World) -> None:
    visit = Visit(world, world.person())
    nobody = world.person(personal_number="")
    assert code_of(lambda: visit.show(nobody.document)) == "no_personal_number"
    assert visit.collect() == {"state": "waiting"}
    assert visit.show() == {"delivered": True}


def test_a_service_point_asks_for_no_name(world: World) -> None:
    visit = Visit(world, world.person(full_name="Nguyễn<<Văn An"))
    assert code_of(lambda: visit.show(name=True)) == "name_form"
    visit.show()
    anna = visit.holder
    anna.enrol(token=visit.token())


def test_an_officer_may_be_at_the_service_point(world: World) -> None:
    anna = world.person()
    anna.at_station = True
    anna.enrol(officer=world.in_person)
    assert anna.credentials["2026-W48"].values[0] == "in_person"


def test_what_lies_there_opens_for_the_wallet_alone(world: World) -> None:
    anna = world.person(birth=date(1990, 5, 17))
    visit = Visit(world, anna)
    visit.show()
    (row,) = world.dump()["delivery"]
    assert visit.session not in row
    assert "1990" not in row
    stranger = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(Error) as refused:
        decrypt_jwe(visit.collect()["jwe"], key=stranger, expected_typ=DELIVERY_TYP)
    assert refused.value.code == "not_for_us"


def test_it_is_gone_after_five_minutes(world: World) -> None:
    visit = Visit(world, world.person())
    visit.show()
    world.clock.advance(minutes=5)
    assert code_of(visit.collect) == "session_spent"
    assert world.dump()["delivery"] != []
    sweep(world.issuer)
    assert world.dump()["delivery"] == []
    assert code_of(visit.collect) == "session_spent"
    assert code_of(visit.show) == "session_spent"


def test_a_document_of_the_sessions_last_second_is_still_fetched(world: World) -> None:
    visit = Visit(world, world.person())
    world.clock.advance(seconds=599)
    visit.show()
    world.clock.advance(seconds=2)
    assert code_of(visit.show) == "expired"
    visit.token()
    world.clock.advance(minutes=5)
    assert code_of(visit.collect) == "expired"


def test_sessions_of_either_kind_do_not_stand_in_for_each_other(world: World) -> None:
    anna = world.person()
    own = anna.post("/session", {})["session"]
    assert code_of(lambda: anna.post("/session/collect", {"session": own})) == "sealed"
    with pytest.raises(Error) as refused:
        delivery.deliver(world.issuer, session=own, shown=applicant.Shown(anna.document.to_json()))
    assert refused.value.code == "sealed"
    visit = Visit(world, anna)
    with pytest.raises(Error) as refused:
        applicant.accept_document(world.issuer, session=visit.session, shown=applicant.Shown(anna.document.to_json()))
    assert refused.value.code == "session_delivers"


def off_the_curve() -> dict[str, str]:
    good = p256_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    return good | {"y": good["x"]}


@pytest.mark.parametrize(
    "key",
    [
        None,
        "AAAA",
        {},
        off_the_curve(),
        p256_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()) | {"d": "A" * 43},
        p256_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()) | {"crv": "P-384"},
        p256_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()) | {"x": "A" * 42},
        {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
        {"kty": "OKP", "crv": "X25519", "x": "A" * 43},
    ],
)
def test_a_key_that_is_not_on_p_256_is_refused(world: World, key: Any) -> None:
    assert code_of(lambda: world.person().post("/session", {"deliver_to": key})) == "p256_key"


def test_nobody_gets_sessions_until_one_has_given_digits(world: World) -> None:
    """Six digits are a million tries: of 20 a second, for everybody together, few come in ten minutes."""
    anna = world.person()

    def ask_until_refused() -> None:
        for _ in range(1000):
            anna.post("/session", {})

    assert code_of(ask_until_refused) == "rate_limited"


def test_a_session_fits_into_a_link(world: World) -> None:
    visit = Visit(world, world.person())
    link = StationLink("id.bonafides.example", visit.session, bytes(8))
    assert len(link.text) < 300  # a QR code that fits a terminal of 80 columns
