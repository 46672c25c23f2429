"""Documents before the issuer: a chip that answers, a session that takes one document, faces, policy, and the count."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bonafides.core import base64url
from bonafides.core.document import AssurancePolicy, FaceResult, Finding, Level
from bonafides.errors import ConfigError
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.kit.server import free_port, start
from bonafides.kit.signing_key import new_signing_key
from bonafides.offices.issuer import published
from bonafides.offices.issuer.app import create_app
from bonafides.offices.issuer.settings import IssuerSettings
from bonafides.testing.deployment import issuer_settings
from bonafides.testing.holder import Holder
from bonafides.testing.passkey import SoftPasskey
from bonafides.testing.state import SoftChip, SyntheticState, encode_dg2
from bonafides.testing.state.groups import PICTURE
from tests.issuer.conftest import NOON, World
from tests.issuer.test_enrolment import BOTH, code_of

CAPTURE = b"a picture of a face"


def with_chip(world: World, chip: SoftChip | None = None, **card: Any) -> Holder:
    """A person whose document has a chip with a key."""
    chip = chip or SoftChip.new()
    groups = chip.groups | card.pop("groups", {})
    holder = world.person(groups=groups, **card)
    holder.chip = chip
    return holder


def body_of(holder: Holder, session: dict[str, Any]) -> dict[str, Any]:
    """What a wallet sends to a session."""
    read = holder.document
    if holder.chip is not None:
        read = holder.chip.answer(read, base64url.decode(session["document_nonce"], max_bytes=8))
    return {"session": session["session"], "document": read.to_json()}


@BOTH
def test_a_session_takes_one_document(world: World) -> None:
    """Refused ones spend nothing; the one that was good is the only one, also a second time."""
    anna, eve = with_chip(world), world.person()
    session = anna.post("/session", {})
    copied = body_of(anna, session) | {"document": anna.document.to_json()}
    assert code_of(lambda: anna.post("/session/document", copied)) == "document_chip_missing"
    good = body_of(anna, session)
    anna.post("/session/document", good)
    assert code_of(lambda: anna.post("/session/document", good)) == "session_spent"
    assert code_of(lambda: eve.post("/session/document", body_of(eve, session))) == "session_spent"


def test_an_answer_is_for_one_session(world: World) -> None:
    """Whoever once held the card, or relays another issuer's nonce, has an answer to something else."""
    anna = with_chip(world)
    one, other = anna.post("/session", {}), anna.post("/session", {})
    assert one["document_nonce"] != other["document_nonce"]
    replayed = body_of(anna, one) | {"session": other["session"]}
    assert code_of(lambda: anna.post("/session/document", replayed)) == "document_chip"
    anna.post("/session/document", body_of(anna, one))


def test_a_chip_that_answers_is_genuine(world: World) -> None:
    for kind in ("rsa_pkcs1", "ecdsa_p256"):
        anna = with_chip(world, SoftChip.new(kind))
        anna.enrol()
        assert anna.act("status")["assurance"] == "chip_genuine"


def test_a_copy_cannot_freeze_and_the_chip_can(world: World) -> None:
    """Profile §3: cloning excluded, not below the stored assurance, else in person; so too again within a year."""
    chip = SoftChip.new()
    anna = with_chip(world, chip)
    anna.enrol()
    older = world.person(personal_number=number(world, anna))
    assert code_of(older.freeze) == "in_person"
    copied = world.wallet(anna.document)
    assert code_of(copied.freeze) == "document_chip_missing"
    assert anna.freeze() == "2026-W50"
    world.pass_days(21)
    assert code_of(anna.freeze) == "in_person"
    assert anna.freeze(world.in_person) == "2026-W53"


def test_a_genuine_chip_is_not_enough_below_the_stored_assurance(world: World) -> None:
    anna = with_chip(world)
    anna.enrol(officer=world.in_person)
    assert code_of(anna.freeze) == "in_person"
    anna.freeze(world.in_person)


def test_a_newer_card_and_another_name_are_the_same_person(world: World) -> None:
    anna = with_chip(world, name="NGUYEN, ANNA")
    anna.enrol()
    married = with_chip(world, name="TRAN, ANNA", personal_number=number(world, anna))
    assert code_of(married.enrol) == "already_enrolled"
    married.secret, married.device = anna.secret, anna.device
    married.enrol()


def number(world: World, holder: Holder) -> str:
    """The personal number in the zone of a holder's document."""
    from bonafides.core.document import parse_mrz
    from bonafides.core.document.lds import parse_dg1

    return parse_mrz(parse_dg1(holder.document.dg1), reference=NOON.date()).optional_data[0]


def test_enrolments_are_counted_by_month_and_trust_list(world: World) -> None:
    anna, binh = with_chip(world), world.person()
    anna.enrol()
    anna.enrol()
    binh.enrol()
    world.pass_days(7)
    world.person().enrol()
    with world.issuer.database.read() as connection:
        counted = published.enrolment_counts(connection)
    version = world.issuer.trust.version
    assert counted == {"2026-11": {version: 2}, "2026-12": {version: 1}}


def test_a_policy_in_the_settings(tmp_path: Path, state: SyntheticState) -> None:
    issuer_settings(tmp_path, state, issuer_id="id.bonafides.example")
    file = tmp_path / "issuer.toml"
    good = file.read_text()
    file.write_text(good + '\n[assurance]\nrefused = ["no_revocation_data"]\ncaps = {weak_chip_key = "chip"}\n')
    policy = IssuerSettings.load(file).assurance
    assert policy.refused == {Finding.NO_REVOCATION_DATA}
    assert policy.caps == {Finding.WEAK_CHIP_KEY: Level.CHIP}
    assert repr(policy) == "caps: weak_chip_key = chip; refused: no_revocation_data"
    for wrong in ('refused = ["nothing"]', 'caps = {weak_hash = "high"}', 'caps = {nothing = "chip"}', "more = 1"):
        file.write_text(good + f"\n[assurance]\n{wrong}\n")
        with pytest.raises(ConfigError):
            IssuerSettings.load(file)


def test_a_finding_that_the_issuer_refuses(world: World) -> None:
    policy = AssurancePolicy(refused=frozenset({Finding.CHIP_CANNOT_PROVE}))
    settings = world.issuer.settings.model_copy(update={"assurance": policy})
    object.__setattr__(world.issuer, "settings", settings)
    assert code_of(world.person().enrol) == "document_finding"
    with_chip(world).enrol()


# --- faces


@dataclass
class Check:
    """A face check that answers what a test says."""

    answer: Any = field(default_factory=lambda: FaceResult(match=True, liveness=True, level=Level.CHIP_GENUINE_FACE))
    asked: list[tuple[bytes, ...]] = field(default_factory=list)

    def verify(self, portrait: bytes, capture: bytes, nonce: bytes) -> Any:
        self.asked.append((portrait, capture, nonce))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def facing(state: SyntheticState, tmp_path: Path) -> Iterator[tuple[World, Check]]:
    """An issuer with a face check."""
    port, clock, check = free_port(), FixedClock(NOON), Check()
    settings = issuer_settings(tmp_path, state, issuer_id=f"localhost:{port}")
    app = create_app(settings, clock=clock, face_check=check)
    with start(app, port=port), HttpClient(developer_mode=True) as http:
        yield (
            World(state, app.state.issuer, f"http://localhost:{port}", clock, http, new_signing_key(), SoftPasskey()),
            check,
        )


def show_face(world: World, *, portrait: bool = True, chip: bool = True) -> str:
    """Enrol somebody with a picture and return the level."""
    groups = {2: encode_dg2()} if portrait else {}
    anna = with_chip(world, groups=groups) if chip else world.person(groups=groups)
    session = anna.post("/session", {})
    body = body_of(anna, session) | {"capture": base64url.encode(CAPTURE)}
    code = anna.post("/session/document", body)["pre-authorized_code"]
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        "pre-authorized_code": code,
    }
    anna.enrol(token=str(anna.http.post_form(anna.origin + "/token", form)["access_token"]))
    return str(anna.act("status")["assurance"])


def test_a_face_that_is_bound(facing: tuple[World, Check]) -> None:
    world, check = facing
    assert show_face(world) == "chip_genuine_face"
    [(portrait, capture, nonce)] = check.asked
    assert (portrait, capture, len(nonce)) == (PICTURE, CAPTURE, 8)


def test_a_face_bound_to_what_may_be_a_copy_binds_nothing(facing: tuple[World, Check]) -> None:
    assert show_face(facing[0], chip=False) == "chip"


@pytest.mark.parametrize(
    "answer",
    [RuntimeError("no camera"), None, FaceResult(match=True, liveness=False, level=Level.CHIP_GENUINE_FACE)],
)
def test_a_face_check_that_fails_binds_nothing(facing: tuple[World, Check], answer: Any) -> None:
    world, check = facing
    check.answer = answer
    assert show_face(world) == "chip_genuine"


def test_a_picture_needs_the_portrait(facing: tuple[World, Check]) -> None:
    world, check = facing
    assert code_of(lambda: show_face(world, portrait=False)) == "document_groups_missing"
    assert check.asked == []


def test_without_a_picture_no_face_is_checked(facing: tuple[World, Check]) -> None:
    world, check = facing
    anna = with_chip(world, groups={2: encode_dg2()})
    anna.enrol()
    assert (anna.act("status")["assurance"], check.asked) == ("chip_genuine", [])


@pytest.mark.parametrize("capture", [base64url.encode(CAPTURE), ""])
def test_an_issuer_without_a_face_check_refuses_pictures(world: World, capture: str) -> None:
    """Ignoring it would let people believe that their face was compared."""
    anna = with_chip(world)
    session = anna.post("/session", {})
    body = body_of(anna, session)
    assert code_of(lambda: anna.post("/session/document", body | {"capture": capture})) == "no_face_check"
    anna.post("/session/document", body)


def test_a_picture_has_a_size(facing: tuple[World, Check]) -> None:
    world, check = facing
    anna = with_chip(world, groups={2: encode_dg2()})
    session = anna.post("/session", {})
    large = base64url.encode(bytes(world.issuer.settings.limits.max_capture_bytes + 1))
    assert code_of(lambda: anna.post("/session/document", body_of(anna, session) | {"capture": large})) == "base64url"
    assert check.asked == []


def test_a_group_left_out_and_a_group_put_in(world: World) -> None:
    anna, plain = with_chip(world), world.person()
    anna.document = replace(anna.document, others={14: anna.document.others[14]})
    assert code_of(anna.enrol) == "document_groups_missing"
    plain.document = replace(plain.document, others=SoftChip.new().groups)
    assert code_of(plain.enrol) == "document_injected_group"
