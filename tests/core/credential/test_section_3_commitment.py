"""Profile §3: the commitment proof holds for one secret, one handle and one session; device and renewal messages."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonafides.core import bbs, cbor
from bonafides.core.bbs import SHA256
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.core.bbs.ciphersuite import pseudonym_interface
from bonafides.core.bbs.pseudonym import make_leg
from bonafides.core.credential.binding import action_message, device_message, presentation_header, renewal_header
from bonafides.core.credential.commitment import SessionBinding, create_commitment, verify_commitment
from bonafides.core.credential.context import Context, handle_context
from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import InputError, VerificationError
from tests.core.credential.roundtrip import HEADERS, ISSUER, PUBLIC_KEY, binding
from tests.vectors.fixed import IDENTITIES, ORDER_THREE, OTHER_DEVICE_KEY, replaced

SECRET = HolderSecret(0x1234567)
SESSION = binding()
PROOF, BLIND = create_commitment(secret=SECRET, binding=SESSION)
INTERFACE = pseudonym_interface(SHA256)
OTHER_KEY = bbs.sk_to_pk(99)


def refuse(data: bytes, session: SessionBinding = SESSION, *, malformed: bool = False) -> None:
    """Fail unless this proof is refused, as malformed or as false."""
    with pytest.raises(InputError if malformed else VerificationError):
        verify_commitment(data=data, expected_binding=session)


def test_a_proof_holds_for_its_session_and_names_the_handle() -> None:
    verified = verify_commitment(data=PROOF, expected_binding=SESSION)
    assert len(PROOF) == 192
    assert verified.handle == SECRET.pseudonym(handle_context(ISSUER)) == PROOF[48:96]
    bases = INTERFACE.bases(0, 1).holder_points
    assert curve.g1_sum_products(bases, [BLIND, SECRET.scalar]) == verified.C


FIRST, NEXT = SESSION.epochs


@pytest.mark.parametrize(
    "change",
    [
        {"issuer_id": "id.other.example"},
        {"issuer_id": "id.uto.exampl"},
        {"c_nonce": "nonce2"},
        {"c_nonce": "nonc"},
        {"c_nonce": ""},
        {"device_key": OTHER_DEVICE_KEY},
        {"device_key": b""},
        {"epochs": (NEXT, FIRST)},
        {"epochs": (FIRST, FIRST)},
        {"epochs": (NEXT, NEXT)},
        {"epochs": ((HEADERS[1].encode(), FIRST[1]), NEXT)},
        {"epochs": ((FIRST[0], OTHER_KEY), NEXT)},
        {"epochs": (FIRST, (FIRST[0], NEXT[1]))},
        {"epochs": (FIRST, (NEXT[0], OTHER_KEY))},
        {"epochs": ((FIRST[1], FIRST[0]), NEXT)},
        {"epochs": ((FIRST[0] + FIRST[1], b""), NEXT)},
    ],
)
def test_a_proof_holds_in_no_other_session(change: dict[str, Any]) -> None:
    """Replay: each element of the binding is covered by the challenge."""
    refuse(PROOF, replace(SESSION, **change))


@pytest.mark.parametrize("change", [{"issuer_id": "ïd.uto.example"}, {"c_nonce": "\u212a"}, {"c_nonce": "\ud800"}])
def test_texts_of_a_session_are_ascii(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        replace(SESSION, **change).encode()


def test_a_proof_made_for_another_session_does_not_hold_here() -> None:
    for elsewhere in (
        binding(c_nonce="another"),
        binding(issuer_id="id.other.example"),
        binding(device_key=OTHER_DEVICE_KEY),
    ):
        data, _ = create_commitment(secret=SECRET, binding=elsewhere)
        verify_commitment(data=data, expected_binding=elsewhere)
        refuse(data)


ASCII = st.text(st.characters(max_codepoint=127), max_size=8)


@given(st.tuples(*[ASCII] * 4), st.tuples(*[ASCII] * 4))
def test_no_two_sessions_have_one_encoding(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    def session(parts: tuple[str, ...]) -> SessionBinding:
        header, key = parts[2].encode(), parts[3].encode()
        return SessionBinding(parts[0], ((header, key), (key, header)), parts[1], header + key)

    assert (session(one).encode() == session(other).encode()) == (one == other)


def test_the_draft_s_bare_form_is_refused() -> None:
    """Nothing in it names a session, and it says nothing about a handle."""
    bare, _ = bbs.commit_with_nym([], [SECRET.scalar])
    handle = PROOF[48:96]
    refuse(bare, malformed=True)
    refuse(bare + handle, malformed=True)
    refuse(handle + bare, malformed=False)
    refuse(bare[:48] + handle + bare[48:])
    # Two nyms and two committed messages have lengths near ours.
    for nyms in ([1, 2], [1, 2, 3]):
        refuse(bbs.commit_with_nym([], nyms)[0], malformed=True)


def _forge(*, C_scalar: int, handle_scalar: int, domain: bytes = b"BONAFIDES_COMMIT_V1_", count: int = 1) -> bytes:
    """An honest proof for C_scalar, with the handle of another scalar put in everywhere it is hashed."""
    bases = INTERFACE.bases(0, 1)
    base = make_leg(INTERFACE, handle_context(ISSUER).encode(), 1).op
    blind, s_tilde, m_tilde = 11, 22, 33
    C = curve.g1_sum_products(bases.holder_points, [blind, C_scalar])
    Cbar = curve.g1_sum_products(bases.holder_points, [s_tilde, m_tilde])
    handle, Uh = (curve.g1_sum_products([base], [s]) for s in (handle_scalar, m_tilde))
    points = b"".join(curve.encode_g1(p) for p in (C, Cbar, base, handle, Uh))
    hashed = count.to_bytes(8, "big") + bases.holder_octets + points + SESSION.encode()
    c = SHA256.hash_to_scalar(hashed, INTERFACE.api_id + domain)
    scalars = ((s_tilde + blind * c) % ORDER, (m_tilde + C_scalar * c) % ORDER, c)
    return curve.encode_g1(C) + curve.encode_g1(handle) + b"".join(curve.encode_scalar(s) for s in scalars)


def test_the_handle_is_that_of_the_committed_secret() -> None:
    """One's own commitment with somebody else's handle would take over that person's account at the issuer."""
    verify_commitment(data=_forge(C_scalar=5, handle_scalar=5), expected_binding=SESSION)
    refuse(_forge(C_scalar=5, handle_scalar=6))
    refuse(_forge(C_scalar=5, handle_scalar=ORDER - 5))
    refuse(replaced(PROOF, 48, HolderSecret(77).pseudonym(handle_context(ISSUER))))
    refuse(replaced(PROOF, 48, SECRET.pseudonym(Context("account", ISSUER))))
    refuse(replaced(PROOF, 48, SECRET.pseudonym(handle_context("id.other.example"))))


def test_the_challenge_is_hashed_apart_from_the_drafts() -> None:
    refuse(_forge(C_scalar=5, handle_scalar=5, domain=b"H2S_"))
    refuse(_forge(C_scalar=5, handle_scalar=5, count=2))


@pytest.mark.parametrize("at", [0, 48])
def test_points_are_of_prime_order_and_not_the_identity(at: int) -> None:
    torsion = G1.from_compressed_bytes_unchecked(ORDER_THREE)
    shifted = curve.encode_g1(G1.from_compressed_bytes_unchecked(PROOF[at : at + 48]) + torsion)
    for point in (*IDENTITIES, ORDER_THREE, shifted, bytes(48)):
        refuse(replaced(PROOF, at, point), malformed=True)
    refuse(replaced(PROOF, at, bytes([PROOF[at] ^ 0x20])))


def test_identities_prove_nothing() -> None:
    """With m^ = 0 and c = 0 every check point would be the identity: Uh is refused even if the hash came out so."""
    refuse(PROOF[:96] + bytes(96))
    refuse(PROOF[:128] + bytes(64))
    for fixed_point in (curve.encode_g1(SHA256.p1), curve.G1_GENERATOR_BYTES):
        refuse(replaced(PROOF, 48, fixed_point), malformed=True)


@pytest.mark.parametrize("at", [96, 128, 160])
def test_scalars_are_below_the_order(at: int) -> None:
    value = int.from_bytes(PROOF[at : at + 32], "big")
    if value + ORDER < 2**256:
        refuse(replaced(PROOF, at, (value + ORDER).to_bytes(32, "big")), malformed=True)
    refuse(replaced(PROOF, at, ORDER.to_bytes(32, "big")), malformed=True)
    refuse(replaced(PROOF, at, ((value + 1) % ORDER).to_bytes(32, "big")))


@pytest.mark.parametrize("length", [0, 1, 48, 144, 160, 191, 193, 224, 10_000])
def test_a_proof_has_192_bytes(length: int) -> None:
    refuse((PROOF * 60)[:length], malformed=True)


@settings(max_examples=60)
@given(st.integers(0, 192 * 8 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    data = bytearray(PROOF)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises((InputError, VerificationError)):
        verify_commitment(data=bytes(data), expected_binding=SESSION)


def test_two_proofs_of_one_secret_share_the_handle_and_nothing_else() -> None:
    again, blind = create_commitment(secret=SECRET, binding=SESSION)
    assert again[48:96] == PROOF[48:96]
    assert blind != BLIND
    assert all(again[i : i + 32] != PROOF[i : i + 32] for i in (0, 96, 128, 160))


def test_a_degenerate_draw_gives_no_proof() -> None:
    """A random generator that fails must not end in a proof that shows the secret."""
    with pytest.raises(VerificationError):
        create_commitment(secret=SECRET, binding=SESSION, randomness=lambda count: [1, 1, 0][:count])


# Messages that are signed beside the proof

CASES: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "presentation": (
        presentation_header,
        {"client_id": "c", "nonce": "n", "response_uri": "u", "signed_request": b"r", "payload": None},
        {"client_id": "C", "nonce": "N", "response_uri": "U", "signed_request": b"R", "payload": b""},
    ),
    "renewal": (
        renewal_header,
        {"issuer_id": ISSUER, "c_nonce": "n", "commitment": PROOF},
        {"issuer_id": "id.other.example", "c_nonce": "N", "commitment": PROOF[:-1]},
    ),
    "device": (
        device_message,
        {"issuer_id": ISSUER, "c_nonce": "n", "commitment": PROOF, "presentation": b"p"},
        {"issuer_id": "id.other.example", "c_nonce": "N", "commitment": PROOF[:-1], "presentation": b""},
    ),
    "action": (
        action_message,
        {"issuer_id": ISSUER, "c_nonce": "n", "action": "veto", "handle": PROOF[48:96], "argument": b"a"},
        {"issuer_id": "id.other.example", "c_nonce": "N", "action": "stop", "handle": b"", "argument": b""},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_field_of_a_message_is_covered(name: str) -> None:
    function, fields, others = CASES[name]
    made = [function(**fields), *(function(**fields | {key: other}) for key, other in others.items())]
    assert len(set(made)) == 1 + len(fields)


@pytest.mark.parametrize("name", CASES)
def test_texts_of_a_message_are_ascii(name: str) -> None:
    function, fields, _ = CASES[name]
    for key in (key for key, value in fields.items() if isinstance(value, str)):
        for odd in ("\u212a", "ä", "\ud800"):
            with pytest.raises(InputError):
                function(**fields | {key: odd})


def test_a_payload_has_64_kib_at_most() -> None:
    function, fields, _ = CASES["presentation"]
    assert function(**fields | {"payload": bytes(65536)})
    with pytest.raises(InputError) as caught:
        function(**fields | {"payload": bytes(65537)})
    assert caught.value.code == "too_long"


def test_no_message_stands_in_for_another() -> None:
    marks = [cbor.decode(function(**fields)) for function, fields, _ in CASES.values()]
    first = [mark[0] for mark in marks if isinstance(mark, list)]
    assert first == ["bonafides/1 ph", "bonafides/1 renew", "bonafides/1 device", "bonafides/1 action"]


def test_commitment_and_presentation_do_not_slide_into_each_other() -> None:
    """They are hashed in one piece; the proof's fixed length is what separates them."""
    one = device_message(issuer_id=ISSUER, c_nonce="n", commitment=PROOF, presentation=b"p")
    other = device_message(issuer_id=ISSUER, c_nonce="n", commitment=PROOF + b"p", presentation=b"")
    assert one == other
    refuse(PROOF + b"p", malformed=True)


def test_a_public_key_is_not_decoded_from_the_session() -> None:
    """The issuer's own keys are bound as bytes; a holder who was given others than published proves for those."""
    tagged = replace(SESSION, epochs=((FIRST[0], OTHER_KEY), NEXT))
    data, _ = create_commitment(secret=SECRET, binding=tagged)
    refuse(data)
    assert PUBLIC_KEY != OTHER_KEY
