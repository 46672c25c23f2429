"""What must hold for all inputs: round trips, no changed bit goes unnoticed, hostile bytes end in our own errors."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonafides.core.bbs import (
    SHA256,
    SHAKE256,
    Ciphersuite,
    PairingClaim,
    blind_proof_gen,
    blind_proof_verify,
    blind_sign,
    blind_sign_with_nym,
    calculate_pseudonym,
    commit,
    key_gen,
    proof_gen,
    proof_verify,
    sign,
    verify,
    verify_blind_signature,
    verify_finalize_with_nym,
    verify_pairings,
)
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs.blind import verify_commitment
from bonafides.core.bbs.ciphersuite import blind_interface, pseudonym_interface
from bonafides.core.bbs.keys import decode_public_key
from bonafides.core.bbs.proof import decode_proof
from bonafides.core.bbs.pseudonym import decode_pseudonym
from bonafides.core.bbs.signature import decode_signature
from bonafides.errors import InputError, VerificationError
from tests.core.bbs.holder import HEADER, MESSAGES, SECRET_KEY, Holder, Shown, enrol, public_key

OURS = (InputError, VerificationError)
suites = st.sampled_from([SHA256, SHAKE256])
octets = st.binary(max_size=40)
message_lists = st.lists(octets, max_size=4)
nym_scalars = st.integers(min_value=1, max_value=curve.ORDER - 1)
entropies = st.one_of(st.just(0), st.integers(min_value=0, max_value=curve.ORDER - 1))
SPECIAL = [
    b"\xc0" + bytes(47),
    b"\xe0" + bytes(47),
    bytes(48),
    b"\xff" * 48,
    b"\x80" + bytes(47),  # a point of order 3
    curve.encode_g1(curve.G1()),
    curve.ORDER.to_bytes(32, "big"),
    bytes(32),
]


def subset(count: int, mask: int) -> list[int]:
    """The indexes below `count` whose bits are set."""
    return [i for i in range(count) if mask >> i & 1]


def flip(data: bytes, bit: int) -> bytes:
    """The bytes with one bit changed, counted around."""
    at = bit % (8 * len(data))
    return data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]


# ------------------------------------------------------------------------------------------------------ round trips


@given(suites, message_lists, octets, octets, st.integers(min_value=0))
@settings(max_examples=20, deadline=None)
def test_plain_signatures(suite: Ciphersuite, messages: list[bytes], header: bytes, ph: bytes, mask: int) -> None:
    signature = sign(SECRET_KEY, public_key(), header, messages, suite=suite)
    verify(public_key(), signature, header, messages, suite=suite)
    indexes = subset(len(messages), mask)
    made = proof_gen(public_key(), signature, header, ph, messages, indexes, suite=suite)
    assert len(made) == 144 + 32 * (4 + len(messages) - len(indexes))
    proof_verify(public_key(), made, header, ph, [messages[i] for i in indexes], indexes, suite=suite)


@given(suites, message_lists, message_lists, octets, octets, st.integers(min_value=0), st.integers(min_value=0))
@settings(max_examples=15, deadline=None)
def test_blind_signatures(
    suite: Ciphersuite,
    messages: list[bytes],
    committed: list[bytes],
    header: bytes,
    ph: bytes,
    mask: int,
    committed_mask: int,
) -> None:
    commitment, blind = commit(committed, suite=suite)
    signature = blind_sign(SECRET_KEY, public_key(), commitment, header, messages, suite=suite)
    verify_blind_signature(public_key(), signature, header, messages, committed, blind, suite=suite)
    indexes, own = subset(len(messages), mask), subset(len(committed), committed_mask)
    made = blind_proof_gen(public_key(), signature, header, ph, messages, committed, indexes, own, blind, suite=suite)
    shown, own_shown = [messages[i] for i in indexes], [committed[i] for i in own]
    blind_proof_verify(public_key(), made, header, ph, len(messages), shown, own_shown, indexes, own, suite=suite)


@given(
    suites,
    message_lists,
    st.lists(octets, max_size=3),
    st.lists(nym_scalars, min_size=1, max_size=4),
    entropies,
    octets,
    octets,
    st.tuples(octets, octets),
    st.integers(min_value=0),
    st.integers(min_value=0),
)
@settings(max_examples=25, deadline=None)
def test_pseudonyms(
    suite: Ciphersuite,
    messages: list[bytes],
    committed: list[bytes],
    nyms: list[int],
    entropy: int,
    header: bytes,
    ph: bytes,
    contexts: tuple[bytes, bytes],
    mask: int,
    committed_mask: int,
) -> None:
    """Issued blind, shown in two contexts: both hold, and the pseudonyms are equal exactly if the contexts are."""
    holder = enrol(nyms, entropy=entropy, messages=messages, committed=committed, header=header, suite=suite)
    indexes, own = subset(len(messages), mask), subset(len(committed), committed_mask)
    if (nyms[-1] + entropy) % curve.ORDER == 0:
        return  # nobody, by a chance of one in 2^255; see the attacks
    assert holder.nym_secrets == [*nyms[:-1], (nyms[-1] + entropy) % curve.ORDER]
    shown = [holder.show(indexes, own, ph=ph, context_id=context) for context in contexts]
    for each, context in zip(shown, contexts, strict=True):
        each.verify()
        assert each.pseudonym == calculate_pseudonym(holder.nym_secrets, context, suite=suite)
        assert len(each.proof) == 144 + 32 * (
            4 + len(messages) + 1 + len(committed) + len(nyms) - len(indexes) - len(own)
        )
    assert (shown[0].pseudonym == shown[1].pseudonym) is (contexts[0] == contexts[1])
    assert shown[0].proof != shown[1].proof
    assert verify_pairings([each.claim() for each in shown]) == [True, True]


@given(st.binary(min_size=32, max_size=80), octets, suites)
@settings(max_examples=15, deadline=None)
def test_keys(material: bytes, info: bytes, suite: Ciphersuite) -> None:
    secret = key_gen(material, info, suite=suite)
    assert 0 < secret < curve.ORDER
    assert curve.encode_g2(decode_public_key(public_key(secret))) == public_key(secret)
    signature = sign(secret, public_key(secret), b"", [info], suite=suite)
    verify(public_key(secret), signature, b"", [info], suite=suite)


# ----------------------------------------------------------------------------------------------- a changed bit shows


@dataclass(frozen=True)
class Sample:
    """A presentation that holds and the bits in it that one may change."""

    shown: Shown

    def changed(self, part: str, which: int, bit: int) -> Shown | None:
        """The presentation with one bit of one part changed; None where the change is none."""
        value = getattr(self.shown, part)
        if isinstance(value, bytes):
            return self.shown.changed(**{part: flip(value, bit)})
        if isinstance(value, int):
            return self.shown.changed(**{part: value ^ 1 << bit % 6})
        items = list(value)
        at = which % len(items)
        items[at] = flip(items[at], bit) if isinstance(items[at], bytes) else items[at] ^ 1 << bit % 6
        return self.shown.changed(**{part: items})


SAMPLES = [
    Sample(enrol([77], committed=[b"own", b"hidden"], entropy=5).show([0, 2], [0])),
    Sample(enrol([77, 78, 79], messages=[b"same", b"same", b"same"], committed=[b"same", b"same"]).show([0, 1], [1])),
    Sample(enrol([77], committed=[b"own"], suite=SHAKE256).show([1], [0])),
]
PARTS = [
    "public_key",
    "proof",
    "header",
    "ph",
    "pseudonym",
    "context_id",
    "nym_length",
    "signer_count",
    "messages",
    "committed",
    "indexes",
    "committed_indexes",
]


@pytest.mark.parametrize("part", PARTS)
def test_no_changed_bit_goes_unnoticed(part: str) -> None:
    @given(st.sampled_from(SAMPLES), st.integers(min_value=0, max_value=7), st.integers(min_value=0, max_value=1 << 16))
    @settings(max_examples=70 if part == "proof" else 25, deadline=None)
    def check(sample: Sample, which: int, bit: int) -> None:
        changed = sample.changed(part, which, bit)
        assert changed is not None
        with pytest.raises(OURS):
            changed.verify()

    check()


def test_samples_hold() -> None:
    """Else every refusal above would be worth nothing."""
    for sample in SAMPLES:
        sample.shown.verify()


@given(st.sampled_from(SAMPLES), st.sampled_from(SPECIAL), st.integers(min_value=0, max_value=20))
@settings(max_examples=40, deadline=None)
def test_no_special_value_fits_anywhere_in_a_proof(sample: Sample, special: bytes, place: int) -> None:
    """Identities, torsion, generators and edge scalars, laid over every field."""
    proof = sample.shown.proof
    fields = [0, 48, 96, *range(144, len(proof), 32)]
    at = fields[place % len(fields)]
    spoilt = proof[:at] + special[: len(proof) - at] + proof[at + len(special) :]
    with pytest.raises(OURS):
        sample.shown.changed(proof=spoilt).verify()


@given(st.sampled_from(["signature", "header", "messages"]), st.integers(min_value=0, max_value=1 << 16))
@settings(max_examples=30, deadline=None)
def test_no_changed_bit_of_a_signature_goes_unnoticed(part: str, bit: int) -> None:
    signature = sign(SECRET_KEY, public_key(), HEADER, MESSAGES)
    changed = list(MESSAGES)
    changed[bit % 3] = flip(changed[bit % 3], bit)
    with pytest.raises(OURS):
        verify(
            public_key(),
            flip(signature, bit) if part == "signature" else signature,
            flip(HEADER, bit) if part == "header" else HEADER,
            changed if part == "messages" else MESSAGES,
        )


@given(st.integers(min_value=0, max_value=1 << 16))
@settings(max_examples=30, deadline=None)
def test_no_changed_bit_of_a_commitment_goes_unnoticed(bit: int) -> None:
    made, _ = commit([b"one", b"two"])
    verify_commitment(blind_interface(), made)
    with pytest.raises(OURS):
        verify_commitment(blind_interface(), flip(made, bit))


@given(st.permutations([0, 1, 2]))
@settings(max_examples=6, deadline=None)
def test_messages_keep_their_places(order: Sequence[int]) -> None:
    shown = enrol().show([0, 1, 2])
    moved = shown.changed(messages=[MESSAGES[i] for i in order])
    if list(order) == [0, 1, 2]:
        moved.verify()
        return
    with pytest.raises(OURS):
        moved.verify()


@given(octets, octets)
@settings(max_examples=25, deadline=None)
def test_bytes_do_not_move_between_fields(left: bytes, right: bytes) -> None:
    """ph and context stand side by side in the challenge; their lengths keep `ab|c` apart from `a|bc`."""
    holder = HOLDER
    shown = holder.show(ph=left, context_id=right)
    joined = left + right
    for cut in {0, len(left) // 2, len(joined)}:
        if joined[:cut] == left:
            continue
        with pytest.raises(OURS):
            shown.changed(ph=joined[:cut], context_id=joined[cut:]).verify()


HOLDER: Holder = enrol()


# ------------------------------------------------------------------------------------------------------ hostile bytes


def hostile(*lengths: int) -> st.SearchStrategy[bytes]:
    """Noise of any length and of the right lengths, and right lengths made of special pieces."""
    exact = [st.binary(min_size=n, max_size=n) for n in lengths]
    pieces = st.lists(st.sampled_from(SPECIAL), max_size=14).map(b"".join)
    pointed = st.tuples(st.sampled_from(SPECIAL[:6]), st.binary(max_size=400)).map(b"".join)
    good = st.just(SAMPLES[0].shown.proof[:144])
    true_points = st.tuples(good, st.lists(st.binary(min_size=32, max_size=32), max_size=12).map(b"".join)).map(
        b"".join
    )
    return st.one_of(st.binary(max_size=600), pieces, pointed, true_points, *exact)


# Numbers that come with a presentation from outside: near, negative, far beyond any list and any eight octets.
numbers = st.one_of(
    st.integers(min_value=-3, max_value=12), st.sampled_from([-(1 << 70), 255, 257, 1023, 1024, 1 << 70])
)
DECODERS: dict[str, Callable[[bytes], object]] = {
    "g1": curve.decode_g1,
    "g2": curve.decode_g2,
    "scalar": curve.decode_scalar,
    "public key": decode_public_key,
    "signature": decode_signature,
    "proof": lambda data: decode_proof(data, max(0, (len(data) - 272) // 32)),
    "pseudonym": decode_pseudonym,
    "blind commitment": lambda data: verify_commitment(blind_interface(), data),
    "nym commitment": lambda data: verify_commitment(pseudonym_interface(), data),
}


@pytest.mark.parametrize("name", DECODERS)
def test_decoders_raise_only_our_errors(name: str) -> None:
    @given(hostile(32, 48, 80, 96, 144, 272, 304))
    @settings(max_examples=60, deadline=None)
    def check(data: bytes) -> None:
        with contextlib.suppress(*OURS):
            DECODERS[name](data)

    check()


@given(
    hostile(272, 304, 336),
    hostile(96),
    octets,
    octets,
    st.lists(octets, max_size=3),
    st.lists(numbers, max_size=3),
    suites,
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_plain_verifiers_raise_only_our_errors(
    proof: bytes,
    key: bytes,
    header: bytes,
    ph: bytes,
    messages: list[bytes],
    indexes: list[int],
    suite: Ciphersuite,
    true_key: bool,
) -> None:
    key = public_key() if true_key else key
    with pytest.raises(OURS):
        proof_verify(key, proof, header, ph, messages, indexes, suite=suite)
    with pytest.raises(OURS):
        verify(key, proof, header, messages, suite=suite)
    with pytest.raises(OURS):
        verify(key, proof[:80], header, messages, suite=suite)


@given(
    hostile(304, 336, 368, 400),
    hostile(96),
    hostile(48),
    octets,
    octets,
    numbers,
    numbers,
    st.lists(octets, max_size=3),
    st.lists(octets, max_size=3),
    st.lists(numbers, max_size=3),
    st.lists(numbers, max_size=3),
    suites,
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_blind_verifiers_raise_only_our_errors(
    proof: bytes,
    key: bytes,
    pseudonym: bytes,
    header: bytes,
    context: bytes,
    nym_length: int,
    count: int,
    messages: list[bytes],
    committed: list[bytes],
    indexes: list[int],
    own: list[int],
    suite: Ciphersuite,
    true_points: bool,
) -> None:
    """With a true key and a true pseudonym the noise comes further in, so half of the examples have both."""
    if true_points:
        key, pseudonym = public_key(), SAMPLES[0].shown.pseudonym
    shown = Shown(
        key, proof, header, b"", pseudonym, context, nym_length, count, messages, committed, indexes, own, suite
    )
    with pytest.raises(OURS):
        shown.verify()
    with pytest.raises(OURS):
        blind_proof_verify(key, proof, header, b"", count, messages, committed, indexes, own, suite=suite)


@given(hostile(112, 144, 176), hostile(80), numbers, octets, st.lists(octets, max_size=2), st.booleans())
@settings(max_examples=60, deadline=None)
def test_signing_and_finishing_raise_only_our_errors(
    commitment: bytes, signature: bytes, nym_length: int, header: bytes, messages: list[bytes], true_proof: bool
) -> None:
    """What an issuer gets from a holder, and a holder from an issuer."""
    with pytest.raises(OURS):
        blind_sign_with_nym(SECRET_KEY, public_key(), commitment, nym_length, 0, header, messages)
    if commitment:  # an empty one is no commitment at all, which BlindSign allows
        with pytest.raises(OURS):
            blind_sign(SECRET_KEY, public_key(), commitment, header, messages)
    with pytest.raises(OURS):
        verify_finalize_with_nym(public_key(), signature, header, messages, [], [5], 0, 7)
    with pytest.raises(OURS):
        verify_blind_signature(public_key(), signature, header, messages, [], 7)
    with pytest.raises(OURS):
        proof_gen(public_key(), signature[:79], header, b"", messages, [])


@given(hostile(96))
@settings(max_examples=30, deadline=None)
def test_batches_raise_only_our_errors(key: bytes) -> None:
    with contextlib.suppress(*OURS):
        verify_pairings([PairingClaim(curve.G1(), curve.G1(), key)] * 2)


@pytest.mark.parametrize("part", ["header", "ph", "context_id", "messages"])
def test_absurd_sizes_are_refused_before_they_are_hashed(part: str) -> None:
    shown = SAMPLES[0].shown
    huge = bytes((1 << 20) + 1)
    with pytest.raises(InputError):
        shown.changed(**{part: [huge, b""] if part == "messages" else huge}).verify()
