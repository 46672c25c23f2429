"""An officer confirms persons by passkey: for one session of this issuer, verified by the passkey, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from bonafides.core import base64url
from bonafides.core.credential.binding import officer_challenge, presence_reference
from bonafides.errors import ConfigError, Error
from bonafides.offices.issuer.presence import check_presence
from bonafides.offices.issuer.settings import OfficerPasskey
from bonafides.testing.passkey import USER_PRESENT, USER_VERIFIED, SoftPasskey
from tests.issuer.conftest import World
from tests.issuer.test_enrolment import code_of

ISSUER, NONCE = "id.bonafides.example", "AAECAwQFBgc"
PASSKEY = SoftPasskey()
OFFICERS = {"ha": OfficerPasskey(**SoftPasskey().settings), "minh": OfficerPasskey(**PASSKEY.settings)}
CHALLENGE = officer_challenge(issuer_id=ISSUER, act="in_person", reference=NONCE)
HOME: dict[str, Any] = {"origin": "https://" + ISSUER, "rp_id": ISSUER}


def confirm(assertion: object, officers: dict[str, OfficerPasskey] = OFFICERS) -> str:
    """The code with which a confirmation is refused, "" if it is good."""
    try:
        check_presence(officers, assertion, issuer_id=ISSUER, reference=NONCE)
    except Error as error:
        return error.code
    return ""


def test_a_good_confirmation() -> None:
    assert confirm(PASSKEY.confirm(ISSUER, NONCE)) == ""


@pytest.mark.parametrize(
    "make",
    [
        lambda: PASSKEY.confirm(ISSUER, "AAAAAAAAAAA"),
        lambda: PASSKEY.confirm("other.example", NONCE),
        lambda: SoftPasskey().confirm(ISSUER, NONCE),
        lambda: SoftPasskey(credential_id=PASSKEY.credential_id).confirm(ISSUER, NONCE),
        lambda: PASSKEY.sign(CHALLENGE, **HOME | {"origin": "https://evil.example"}),
        lambda: PASSKEY.sign(CHALLENGE, **HOME | {"rp_id": "evil.example"}),
        lambda: PASSKEY.sign(CHALLENGE, **HOME, flags=USER_PRESENT),
        lambda: PASSKEY.sign(CHALLENGE, **HOME, flags=USER_VERIFIED),
        lambda: PASSKEY.sign(CHALLENGE, **HOME, ceremony="webauthn.create"),
        lambda: PASSKEY.sign(officer_challenge(issuer_id=ISSUER, act="approve", reference=NONCE), **HOME),
    ],
    ids=[
        *("another session", "another issuer", "no officer", "another key", "another origin", "another host"),
        *("nobody verified", "nobody there", "a registration", "another act"),
    ],
)
def test_confirmations_of_something_else(make: Callable[[], dict[str, Any]]) -> None:
    assert confirm(make()) == "officer_presence"


@pytest.mark.parametrize(
    "change",
    [
        {"response": {"clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA"}},
        {"response": {"clientDataJSON": "bnVsbA", "authenticatorData": "", "signature": ""}},
    ],
)
def test_malformed_confirmations(change: dict[str, Any]) -> None:
    assert confirm(PASSKEY.confirm(ISSUER, NONCE) | change) == "officer_presence"


@pytest.mark.parametrize("name", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff" * 200, b"\0" * 37, b"{" * 4000, b'{"a":' * 800])
def test_hostile_parts(name: str, data: bytes) -> None:
    good = PASSKEY.confirm(ISSUER, NONCE)
    response = good["response"] | {name: base64url.encode(data)}
    assert confirm(good | {"response": response}) == "officer_presence"


@pytest.mark.parametrize("assertion", ["eyJhbGciOiJFZERTQSJ9.e30.AA", [], 1, True, {}, {"id": 1}, {"id": None}])
def test_what_is_no_assertion(assertion: object) -> None:
    """A signed statement, as before, is none."""
    assert confirm(assertion) == "officer_form"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rawId": "AAAA"}, "officer_form"),
        ({"rawId": PASSKEY.credential_id + "="}, "officer_form"),
        ({"type": "password"}, "officer_form"),
        ({"response": None}, "officer_form"),
        ({"response": {}}, "officer_form"),
        ({"more": 1}, "officer_form"),
        ({"response": {"clientDataJSON": "!", "authenticatorData": "AA", "signature": "AA"}}, "base64url"),
        ({"response": {"clientDataJSON": 1, "authenticatorData": "AA", "signature": "AA"}}, "base64url"),
        ({"id": "AA=", "rawId": "AA="}, "base64url"),
    ],
)
def test_other_forms_of_an_assertion(change: dict[str, Any], code: str) -> None:
    assert confirm(PASSKEY.confirm(ISSUER, NONCE) | change) == code


def test_more_in_the_response_than_there_is() -> None:
    good = PASSKEY.confirm(ISSUER, NONCE)
    assert confirm(good | {"response": good["response"] | {"more": 1}}) == "officer_form"


def test_what_browsers_add() -> None:
    good = PASSKEY.confirm(ISSUER, NONCE)
    more = {"authenticatorAttachment": "platform", "clientExtensionResults": {}}
    assert confirm(good | more | {"response": good["response"] | {"userHandle": None}}) == ""


def test_every_changed_byte_counts() -> None:
    good = PASSKEY.confirm(ISSUER, NONCE)
    for name, text in good["response"].items():
        data = bytearray(base64url.decode(text, max_bytes=1000))
        for position in range(len(data)):
            data[position] ^= 1
            assert confirm(good | {"response": good["response"] | {name: base64url.encode(bytes(data))}}) != ""
            data[position] ^= 1


def test_a_passkey_of_another_place() -> None:
    """A service point's page is at its own origin; the settings say where an officer's passkey is used."""
    elsewhere: dict[str, Any] = {"origin": "http://localhost:8410", "rp_id": "localhost"}
    officers = {"ha": OfficerPasskey(**PASSKEY.settings, **elsewhere)}
    assert confirm(PASSKEY.sign(CHALLENGE, **elsewhere), officers) == ""
    assert confirm(PASSKEY.confirm(ISSUER, NONCE), officers) == "officer_presence"


def test_a_key_that_is_none_is_told_at_the_start(world: World) -> None:
    broken = {"ha": OfficerPasskey(credential_id="AA", public_key="+++")}
    with pytest.raises(ConfigError, match="passkey"):
        world.issuer.settings.model_copy(update={"officer_passkeys": broken}).check()


def test_an_officers_word_is_for_one_session(world: World) -> None:
    anna = world.person()
    assert code_of(lambda: anna.token(lambda _nonce: world.in_person("AAAAAAAAAAA"))) == "officer_presence"
    assert code_of(lambda: anna.token(lambda nonce: world.officer("approve", nonce))) == "officer_form"
    assert code_of(lambda: anna.token(lambda nonce: world.officer("in_person", nonce))) == "officer_form"
    anna.enrol(officer=world.in_person)
    assert anna.act("status")["assurance"] == "in_person"


def test_an_officers_word_is_for_one_document(world: World) -> None:
    """Somebody shows their own document to the officer and sends the copied files of another's."""
    anna, copied = world.person(), world.person()

    def swap(reference: str) -> dict[str, Any]:
        nonce, _, _ = reference.partition(".")
        return world.in_person(presence_reference(document_nonce=nonce, sod=anna.document.sod))

    assert code_of(lambda: copied.token(swap)) == "officer_presence"
    copied.token(world.in_person)
