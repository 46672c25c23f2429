"""Profile §1: one encoding for everything, N = 1 and signer entropy 0, no identity, no point outside the group."""

from collections.abc import Callable

import pytest

from bonafides.core import bbs, cbor
from bonafides.core.bbs import SHA256
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.core.bbs.blind import core_blind_sign
from bonafides.core.bbs.ciphersuite import pseudonym_interface
from bonafides.core.bbs.proof import decode_proof
from bonafides.core.bbs.pseudonym import combined_header, decode_pseudonym
from bonafides.core.bbs.signature import decode_signature
from bonafides.core.credential import slots
from bonafides.core.credential.commitment import create_commitment, verify_commitment
from bonafides.core.credential.context import Context
from bonafides.core.credential.issuance import (
    NYM_LENGTH,
    SIGNER_NYM_ENTROPY,
    decode_credential,
    open_issued,
    sign_credential,
)
from bonafides.core.credential.presentation import decode_presentation, present
from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import InputError, VerificationError
from tests.core.credential.roundtrip import HEADERS, PUBLIC_KEY, SECRET_KEY, VALUES, Holder, binding
from tests.vectors.fixed import IDENTITIES, ORDER_THREE

INTERFACE = pseudonym_interface(SHA256)
ACCOUNT = Context("account", "forum.example")
GOOD = curve.encode_g1(G1())
WRONG_POINTS = {
    "identity": IDENTITIES[0],
    "identity with the sign bit": IDENTITIES[1],
    "identity with a stray bit": IDENTITIES[2],
    "order three": ORDER_THREE,
    "outside the group": curve.encode_g1(G1() + G1.from_compressed_bytes_unchecked(ORDER_THREE)),
    "not compressed": bytes([GOOD[0] & 0x7F]) + GOOD[1:],
    "x + p": (int.from_bytes(GOOD, "big") + curve._FIELD_PRIME).to_bytes(48, "big"),
    "x = p": (curve._FIELD_PRIME | 1 << 383).to_bytes(48, "big"),
    "zeros": bytes(48),
    "ones": b"\xff" * 48,
    "47 bytes": GOOD[:-1],
    "49 bytes": GOOD + b"\0",
    "uncompressed": G1().to_compressed_bytes() * 2,
    "nothing": b"",
}


@pytest.mark.parametrize("name", WRONG_POINTS)
def test_a_point_of_g1_has_one_encoding_and_prime_order(name: str) -> None:
    assert curve.encode_g1(curve.decode_g1(GOOD)) == GOOD
    for decode in (curve.decode_g1, decode_pseudonym):
        with pytest.raises(InputError) as caught:
            decode(WRONG_POINTS[name])
        assert caught.value.code == "point_encoding"


def test_points_outside_the_group_are_what_they_claim() -> None:
    """The library takes them unchecked, so the guard above is what refuses them."""
    three = G1.from_compressed_bytes_unchecked(ORDER_THREE)
    assert three + three + three == G1.identity()
    assert three != G1.identity()


@pytest.mark.parametrize("first", [0xC0, 0xE0, 0x80, 0x00, 0xFF])
def test_a_key_is_a_point_of_g2_of_prime_order(first: int) -> None:
    for data in (bytes([first]) + bytes(95), bytes([first]) + bytes(94) + b"\1", PUBLIC_KEY[:-1], PUBLIC_KEY + b"\0"):
        with pytest.raises(InputError):
            curve.decode_g2(data)


@pytest.mark.parametrize("value", [ORDER, ORDER + 1, 2 * ORDER, 2**256 - 1])
def test_a_scalar_is_below_the_order(value: int) -> None:
    if value < 2**256:
        with pytest.raises(InputError):
            curve.decode_scalar(value.to_bytes(32, "big"))
    assert curve.decode_scalar((ORDER - 1).to_bytes(32, "big")) == ORDER - 1
    for length in (0, 31, 33):
        with pytest.raises(InputError):
            curve.decode_scalar(bytes(length))


@pytest.mark.parametrize("fixed_point", [curve.encode_g1(SHA256.p1), curve.G1_GENERATOR_BYTES])
def test_a_fixed_point_is_nobodys_pseudonym(fixed_point: bytes) -> None:
    curve.decode_g1(fixed_point)
    with pytest.raises(InputError):
        decode_pseudonym(fixed_point)


@pytest.mark.parametrize("scalar", [0, -1, ORDER, ORDER + 1])
def test_a_secret_is_a_scalar_and_not_zero(scalar: int) -> None:
    with pytest.raises(InputError):
        HolderSecret(scalar)


def test_a_secret_is_not_shown() -> None:
    secret = HolderSecret.generate()
    assert str(secret.scalar) not in repr(secret) + str(secret)
    assert secret.encode().hex() not in repr(secret)
    with pytest.raises(TypeError):
        secret.__reduce__()
    credential = Holder(secret).enrol()
    assert str(credential.blind) not in repr(credential)
    assert "UTO" not in repr(credential)


def test_the_profile_signs_one_nym_and_no_entropy() -> None:
    assert (NYM_LENGTH, SIGNER_NYM_ENTROPY) == (1, 0)


def _signed_by_hand(
    holder: Holder, *, nym_length: int = 1, entropy: int = 0, holder_count: int = 1
) -> tuple[bytes, int]:
    """An issuer that departs from the profile: other N, an entropy, other bases."""
    interface = INTERFACE
    session = binding()
    data, blind = create_commitment(secret=holder.secret, binding=session)
    C = verify_commitment(data=data, expected_binding=session).C
    bases = interface.bases(len(VALUES), holder_count)
    if entropy:
        C = curve.g1_add(C, curve.g1_sum_products([bases.points[-1]], [entropy]))
    header = HEADERS[0].encode()
    scalars = interface.map_messages(slots.messages("person", VALUES))
    signature = core_blind_sign(
        interface, SECRET_KEY, PUBLIC_KEY, C, bases, combined_header(header, nym_length), scalars
    )
    return cbor.encode(["bonafides/1 issued", header, list(VALUES), signature]), blind


@pytest.mark.parametrize(
    "departure", [{"entropy": 1}, {"entropy": 5 * 2**200}, {"nym_length": 2}, {"nym_length": 0}, {"holder_count": 2}]
)
def test_a_holder_refuses_another_nym_length_or_entropy(departure: dict[str, int]) -> None:
    holder = Holder()
    open_reply(holder, *_signed_by_hand(holder))
    with pytest.raises(VerificationError):
        open_reply(holder, *_signed_by_hand(holder, **departure))


def open_reply(holder: Holder, data: bytes, blind: int) -> object:
    """Open a reply under the first header."""
    return open_issued(
        data=data, secret=holder.secret, blind=blind, expected_header=HEADERS[0].encode(), expected_key=PUBLIC_KEY
    )


def test_a_verifier_refuses_a_proof_over_another_nym_length() -> None:
    """A second nym secret of the holder's own choice would give a pseudonym that nothing fixes."""
    nyms = [HolderSecret.generate().scalar, HolderSecret.generate().scalar]
    committed, blind = bbs.commit_with_nym([], nyms)
    header, messages = HEADERS[0].encode(), slots.messages("person", VALUES)
    signature = bbs.blind_sign_with_nym(SECRET_KEY, PUBLIC_KEY, committed, 2, 0, header, messages)
    proof, pseudonym = bbs.proof_gen_with_nym(
        PUBLIC_KEY, signature, header, b"ph", nyms, ACCOUNT.encode(), messages, [], [0, 1], [], blind
    )

    def verify(nym_length: int) -> None:
        bbs.proof_verify_with_nym(
            PUBLIC_KEY,
            proof,
            header,
            b"ph",
            pseudonym,
            ACCOUNT.encode(),
            nym_length,
            len(VALUES),
            messages[:2],
            [],
            [0, 1],
            [],
        )

    verify(2)
    with pytest.raises(VerificationError):
        verify(1)
    data = cbor.encode(["bonafides/1", header, "account", "", {0: "chip", 1: True}, pseudonym, proof])
    with pytest.raises(InputError) as caught:
        decode_presentation(data)
    assert caught.value.code == "proof_length"


def _spellings(data: bytes) -> dict[str, bytes]:
    """Second spellings of a structure whose first byte is the head of a short array."""
    count = data[0] & 31
    assert data[0] >> 5 == 4
    assert data[1] >> 5 == 3
    assert data[1] & 31 < 24
    return {
        "longer head": bytes([0x98, count]) + data[1:],
        "much longer head": b"\x9b" + count.to_bytes(8, "big") + data[1:],
        "indefinite": b"\x9f" + data[1:] + b"\xff",
        "longer head of a text": data[:1] + bytes([0x78, data[1] & 31]) + data[2:],
        "indefinite text": data[:1] + b"\x7f" + data[1 : 2 + (data[1] & 31)] + b"\xff" + data[2 + (data[1] & 31) :],
        "tagged": b"\xc0" + data,
        "self-described": b"\xd9\xd9\xf7" + data,
        "trailing byte": data + b"\0",
        "twice": data + data,
        "cut": data[:-1],
        "in an array": b"\x81" + data,
        "as a byte string": cbor.encode(data),
    }


@pytest.mark.parametrize("name", list(_spellings(cbor.encode(["x"]))))
def test_every_structure_has_one_encoding(name: str) -> None:
    holder = Holder()
    credential = holder.enrol()
    issued, blind = _signed_by_hand(holder)
    presented = present(credential=credential, secret=holder.secret, context=ACCOUNT, disclose={1}, ph=b"ph")

    decoders: list[tuple[bytes, Callable[[bytes], object]]] = [
        (credential.encode(), decode_credential),
        (issued, lambda data: open_reply(holder, data, blind)),
        (presented, decode_presentation),
    ]
    for good, decode in decoders:
        data = _spellings(good)[name]
        decode(good)
        with pytest.raises(InputError):
            decode(data)


def test_a_map_of_slots_has_one_order_and_no_repetition() -> None:
    holder = Holder()
    data = present(credential=holder.enrol(), secret=holder.secret, context=ACCOUNT, disclose={0, 1}, ph=b"ph")
    assert isinstance(decode_presentation(data).disclosed, dict)
    pairs = [b"\x00" + cbor.encode("chip"), b"\x01\xf5"]
    good = b"\xa2" + b"".join(pairs)
    assert data.count(good) == 1
    for wrong in (
        b"\xa2" + pairs[1] + pairs[0],
        b"\xa3" + pairs[0] + pairs[1] + pairs[1],
        b"\xa2" + pairs[0] + b"\x18\x01\xf5",
        b"\xbf" + pairs[0] + pairs[1] + b"\xff",
    ):
        with pytest.raises(InputError) as caught:
            decode_presentation(data.replace(good, wrong))
        assert caught.value.code == "cbor"


def test_signatures_and_proofs_have_one_length() -> None:
    holder = Holder()
    credential = holder.enrol()
    decode_signature(credential.signature)
    for length in (0, 48, 79, 81, 112):
        with pytest.raises(InputError):
            decode_signature((credential.signature * 2)[:length])
    with pytest.raises(InputError):
        decode_signature(credential.signature[:48] + bytes(32))
    data = present(credential=credential, secret=holder.secret, context=ACCOUNT, disclose={1}, ph=b"ph")
    proof = decode_presentation(data).proof
    assert decode_proof(proof, 7).encode() == proof
    for wrong, hidden in ((proof, 6), (proof, 8), (proof[:-1], 7), (proof + b"\0", 7), (b"", 7), (b"", 0)):
        with pytest.raises(InputError):
            decode_proof(wrong, hidden)


@pytest.mark.parametrize("hidden", [1023, 1024, 1025, 10_000])
def test_a_proof_of_absurd_length_is_malformed_and_nothing_else(hidden: int) -> None:
    """At 1024 hidden messages the library ran out of generators and said so with an error of its own."""
    header, messages = b"", [b"m"]
    proof = bbs.proof_gen(PUBLIC_KEY, bbs.sign(SECRET_KEY, PUBLIC_KEY, header, messages), header, b"", messages, [])
    with pytest.raises((InputError, VerificationError)):
        bbs.proof_verify(PUBLIC_KEY, proof[:144] + bytes(32 * (4 + hidden)), header, b"", [], [])
    shown = list(range(200))
    with pytest.raises((InputError, VerificationError)):
        bbs.proof_verify(PUBLIC_KEY, proof[:144] + bytes(32 * (4 + hidden)), header, b"", [b""] * 200, shown)


def test_an_issuer_signs_only_a_commitment_that_was_verified() -> None:
    holder = Holder()
    session = binding()
    data, _ = create_commitment(secret=holder.secret, binding=session)
    verified = verify_commitment(data=data, expected_binding=session)
    wrong: list[tuple[slots.SlotValue, ...]] = [VALUES[:5], (*VALUES, True), ("chip", "1", True, True, True, "UTO")]
    for values in wrong:
        with pytest.raises(InputError):
            sign_credential(
                secret_key=SECRET_KEY,
                public_key=PUBLIC_KEY,
                header=HEADERS[0],
                values=values,
                commitment=verified,
            )
