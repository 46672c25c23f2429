"""Profile §5: properties of presentations, whatever is disclosed; and the batch."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonafides.core import bbs, cbor
from bonafides.core.bbs import SHA256
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.core.bbs.ciphersuite import calculate_domain, pseudonym_interface
from bonafides.core.bbs.proof import PairingClaim, Proof, Statement, calculate_challenge
from bonafides.core.bbs.pseudonym import combined_header, make_leg
from bonafides.core.credential import slots
from bonafides.core.credential.context import Context
from bonafides.core.credential.header import Header
from bonafides.core.credential.presentation import (
    MAX_PRESENTATION_BYTES,
    Expectation,
    Presentation,
    check_challenge,
    decode_presentation,
    present,
    proof_length,
    verify_presentation,
)
from bonafides.errors import InputError, VerificationError
from tests.core.credential.roundtrip import HEADERS, ISSUER, PUBLIC_KEY, SECRET_KEY, Holder, expectation
from tests.vectors import fixed
from tests.vectors.fixed import IDENTITIES, ORDER_THREE, replaced

ACCOUNT = Context("account", "forum.example")
HOLDER = Holder()
CREDENTIAL = HOLDER.enrol()
DISCLOSED = st.sets(st.sampled_from([0, 2, 3, 4, 5])).map(lambda chosen: frozenset(chosen | {1}))
CONTEXTS = st.sampled_from(
    [
        ACCOUNT,
        Context("quota", "forum.example"),
        Context("party", "forum.example", "case-1"),
        Context("voice", "forum.example", ("2026-12-24", "poll")),
        Context("rate", "forum.example", ("2026-11-23", "2026-11-29", 5)),
        Context("handle", ISSUER),
    ]
)


def show(context: Context = ACCOUNT, disclosed: frozenset[int] = frozenset({1}), ph: bytes = b"ph") -> bytes:
    """One presentation of the one holder."""
    return present(credential=CREDENTIAL, secret=HOLDER.secret, context=context, disclose=disclosed, ph=ph)


GOOD = show()
DECODED = decode_presentation(GOOD)
ASKED = expectation(ACCOUNT)


def refuse(presentation: Presentation, expected: Expectation = ASKED, *, malformed: bool = False) -> None:
    """Fail unless this is refused, as malformed or as false."""
    with pytest.raises(InputError if malformed else VerificationError):
        verify_presentation(presentation=presentation, expected=expected)


@settings(max_examples=40)
@given(CONTEXTS, DISCLOSED, st.binary(max_size=64))
def test_a_presentation_shows_what_was_chosen_and_nothing_else(
    context: Context, disclosed: frozenset[int], ph: bytes
) -> None:
    data = show(context, disclosed, ph)
    decoded = decode_presentation(data)
    assert len(decoded.proof) == 528 - 32 * len(disclosed)
    expected = expectation(context, ph, disclosed)
    verified = verify_presentation(presentation=decoded, expected=expected)
    assert verified.disclosed == {i: HOLDER.values[i] for i in disclosed}
    assert verified.pseudonym == HOLDER.secret.pseudonym(context)
    assert verified.context == context
    shown: dict[int | str, cbor.Value] = {index: decoded.disclosed[index] for index in decoded.disclosed}
    again = cbor.encode(
        ["bonafides/1", decoded.header_bytes, decoded.kind, decoded.detail, shown, decoded.pseudonym, decoded.proof]
    )
    assert again == data
    assert len(data) < MAX_PRESENTATION_BYTES


@settings(max_examples=40)
@given(DISCLOSED, DISCLOSED, DISCLOSED)
def test_all_that_is_required_and_nothing_that_was_not_requested(
    disclosed: frozenset[int], required: frozenset[int], requested: frozenset[int]
) -> None:
    decoded = decode_presentation(show(disclosed=disclosed))
    expected = expectation(ACCOUNT, required=required, requested=required | requested)
    if required <= disclosed <= required | requested:
        verify_presentation(presentation=decoded, expected=expected)
    else:
        refuse(decoded, expected)


@settings(max_examples=150)
@given(st.integers(0, len(GOOD) * 8 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    data = bytearray(GOOD)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises((InputError, VerificationError)):
        verify_presentation(presentation=decode_presentation(bytes(data)), expected=ASKED)


@settings(max_examples=60)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 40))
def test_any_cut_or_repetition_is_refused(at: int, count: int) -> None:
    for data in (GOOD[:at], GOOD[:at] + GOOD[at + count :], GOOD[:at] + GOOD[at : at + count] + GOOD[at:]):
        with pytest.raises(InputError):
            decode_presentation(data)


@settings(max_examples=60)
@given(st.integers(0, 6), st.sampled_from(["account", "", b"", 0, None, True, [], {}, [0], "x" * 3000, b"x" * 3000]))
def test_any_replaced_field_is_refused(at: int, value: cbor.Value) -> None:
    fields = cbor.decode(GOOD)
    assert isinstance(fields, list)
    if fields[at] == value:
        return
    data = cbor.encode([*fields[:at], value, *fields[at + 1 :]])
    with pytest.raises((InputError, VerificationError)):
        verify_presentation(presentation=decode_presentation(data), expected=ASKED)


def test_two_presentations_share_the_pseudonym_and_nothing_else() -> None:
    other = decode_presentation(show())
    assert other.pseudonym == DECODED.pseudonym
    assert all(other.proof[i : i + 32] != DECODED.proof[i : i + 32] for i in range(0, len(other.proof), 32))


def test_two_holders_with_equal_values_look_alike() -> None:
    other = Holder()
    theirs = present(credential=other.enrol(), secret=other.secret, context=ACCOUNT, disclose={1}, ph=b"ph")
    assert len(theirs) == len(GOOD)
    assert decode_presentation(theirs).header_bytes == DECODED.header_bytes
    assert decode_presentation(theirs).pseudonym != DECODED.pseudonym


def test_somebody_else_s_secret_or_blind_presents_nothing() -> None:
    """Only the holder of the secret can present: a stolen credential alone is worth nothing."""
    thief = Holder()
    stolen = present(credential=CREDENTIAL, secret=thief.secret, context=ACCOUNT, disclose={1}, ph=b"ph")
    refuse(decode_presentation(stolen))
    forged = present(
        credential=replace(CREDENTIAL, blind=CREDENTIAL.blind + 1),
        secret=HOLDER.secret,
        context=ACCOUNT,
        disclose={1},
        ph=b"ph",
    )
    refuse(decode_presentation(forged))


def test_settled_is_disclosed_whatever_was_asked() -> None:
    """A wallet of one's own can leave it out; no expectation makes that acceptable."""
    proof, pseudonym = bbs.proof_gen_with_nym(
        PUBLIC_KEY,
        CREDENTIAL.signature,
        CREDENTIAL.header_bytes,
        b"ph",
        [HOLDER.secret.scalar],
        ACCOUNT.encode(),
        slots.messages("person", CREDENTIAL.values),
        [],
        [0],
        [],
        CREDENTIAL.blind,
    )
    data = cbor.encode(["bonafides/1", CREDENTIAL.header_bytes, "account", "", {0: "chip"}, pseudonym, proof])
    asked = expectation(ACCOUNT, required=frozenset({0}), requested=frozenset({0, 1}))
    refuse(decode_presentation(data), asked)
    refuse(decode_presentation(data), expectation(ACCOUNT, required=frozenset(), requested=frozenset({0})))
    # Nor does it pass where a name was asked for, which has no such slot.
    named = replace(expectation(ACCOUNT, required=frozenset({0})), type="name")
    refuse(decode_presentation(data), named)


def test_a_name_does_not_stand_in_for_a_person_nor_a_person_for_a_name() -> None:
    """Both are signed over one secret, and in one context they have one pseudonym."""
    both = {fixed.HEADER.encode(): fixed.PUBLIC_KEY, fixed.NAME_HEADER.encode(): fixed.PUBLIC_KEY}
    name, person = (
        decode_presentation(
            present(credential=credential, secret=fixed.SECRET, context=ACCOUNT, disclose=shown, ph=b"ph")
        )
        for credential, shown in (
            (fixed.credential(fixed.NAME_HEADER, fixed.NAME_VALUES), {0}),
            (fixed.credential(), {1}),
        )
    )
    assert name.pseudonym == person.pseudonym
    for presentation, kind, shown in ((name, "name", {0}), (person, "person", {1})):
        asked = replace(expectation(ACCOUNT, required=frozenset(shown)), keys=both, type=kind)
        verify_presentation(presentation=presentation, expected=asked)
        for other in (name, person):
            if other is not presentation:
                refuse(other, asked)
                refuse(other, replace(asked, required=frozenset(), requested=frozenset(other.disclosed)))


def test_values_are_bound_to_their_slots() -> None:
    """All age flags are true here: shown under another index, each proof must fail."""
    decoded = decode_presentation(show(disclosed=frozenset({1, 2})))
    moved = replace(decoded, disclosed={1: True, 3: True})
    refuse(moved, expectation(ACCOUNT, required=frozenset({1, 3})))


@pytest.mark.parametrize("disclosed", [1, 2, 5, 6])
def test_the_length_of_a_proof_is_exact(disclosed: int) -> None:
    assert proof_length("person", disclosed) == 528 - 32 * disclosed
    chosen = frozenset(range(disclosed)) if disclosed > 1 else frozenset({1})
    fields = cbor.decode(show(disclosed=chosen))
    assert isinstance(fields, list)
    proof = fields[6]
    assert isinstance(proof, bytes)
    for wrong in (proof[:-32], proof[:-1], proof + b"\0", proof + bytes(32), proof[:144], b""):
        with pytest.raises(InputError) as caught:
            decode_presentation(cbor.encode([*fields[:6], wrong]))
        assert caught.value.code == "proof_length"


@pytest.mark.parametrize("at", [0, 48, 96])
@pytest.mark.parametrize("point", [*IDENTITIES, ORDER_THREE, bytes(48)])
def test_points_of_a_proof_are_real(at: int, point: bytes) -> None:
    refuse(replace(DECODED, proof=replaced(DECODED.proof, at, point)), malformed=True)


@pytest.mark.parametrize("at", range(144, 496, 32))
def test_scalars_of_a_proof_are_below_the_order(at: int) -> None:
    refuse(replace(DECODED, proof=replaced(DECODED.proof, at, ORDER.to_bytes(32, "big"))), malformed=True)
    refuse(replace(DECODED, proof=replaced(DECODED.proof, at, bytes(32))))


def _forged_without_a_signature() -> tuple[bytes, bytes]:
    """The universal forgery: with Abar = Bbar = identity both checks hold for any values and any pseudonym.

    T2 = Bv * c + D * r3^ + sum H_j * m^_j is satisfied by answering for D = -Bv, which needs no signature.
    """
    interface = pseudonym_interface(SHA256)
    bases = interface.bases(6, 1)
    header = HEADERS[0].encode()
    messages = slots.messages("person", HOLDER.values)
    scalars = interface.map_messages(messages)
    leg = make_leg(interface, ACCOUNT.encode(), 1)
    statement = Statement(interface, PUBLIC_KEY, combined_header(header, 1), b"ph", bases, {1: scalars[1]}, leg)
    domain = calculate_domain(interface, PUBLIC_KEY, bases, statement.header)
    hidden = statement.hidden_indexes()
    nym = 4711
    pseudonym = curve.g1_sum_products([leg.op], [nym])
    secret = [5] * (len(hidden) - 1) + [nym]
    points = [SHA256.p1, bases.q1, bases.points[2], *(bases.points[i + 1] for i in hidden)]
    D = curve.g1_sum_products(points, [1, domain, scalars[1], *secret])
    tilde = list(range(7, 7 + len(hidden)))
    T1 = G1.identity()
    D_part = 31
    T2 = curve.g1_sum_products([D, *(bases.points[i + 1] for i in hidden)], [D_part, *tilde])
    Ut = curve.g1_sum_products([leg.op], [tilde[-1]])
    identity = G1.identity()
    # r1^ must satisfy T1 = D * r1^: zero. D = B here, so r2 = 1 and r3^ = r3~ - c.
    c = calculate_challenge(statement, (identity, identity, D, T1, T2), (pseudonym, Ut), domain)
    m_hat = tuple((t + s * c) % ORDER for t, s in zip(tilde, secret, strict=True))
    proof = Proof(identity, identity, D, 0, 0, (D_part - c) % ORDER, m_hat, c)
    return proof.encode(), curve.encode_g1(pseudonym)


def test_the_universal_forgery_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    proof, pseudonym = _forged_without_a_signature()
    forged = replace(DECODED, proof=proof, pseudonym=pseudonym)
    refuse(forged, malformed=True)
    # With the decoder's guard gone the challenge holds, and the pairing alone still says no.
    monkeypatch.setattr(curve, "decode_g1", G1.from_compressed_bytes_unchecked)
    claim = check_challenge(presentation=forged, expected=ASKED)
    assert claim.Abar == G1.identity()
    refuse(forged)
    # With that guard gone too it would pass: the forgery is real.
    monkeypatch.setattr(curve, "pairing_product_is_one", lambda left, key, right: True)
    verify_presentation(presentation=forged, expected=ASKED)


def test_an_identity_behind_the_pseudonym_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a zero draw for the holder secret, Ut is the identity and the response shows the secret."""

    def draw(count: int) -> list[int]:
        return [*range(2, count + 1), 0]

    with monkeypatch.context() as patched:
        patched.setattr(curve, "require_not_identity", lambda *points: None)
        proof, pseudonym = bbs.proof_gen_with_nym(
            PUBLIC_KEY,
            CREDENTIAL.signature,
            CREDENTIAL.header_bytes,
            b"ph",
            [HOLDER.secret.scalar],
            ACCOUNT.encode(),
            slots.messages("person", CREDENTIAL.values),
            [],
            [1],
            [],
            CREDENTIAL.blind,
            randomness=draw,
        )
        shown = replace(DECODED, proof=proof, pseudonym=pseudonym)
        verify_presentation(presentation=shown, expected=ASKED)
    refuse(shown)


def test_a_torsion_point_added_to_a_pseudonym_is_refused() -> None:
    """Where the challenge is a multiple of three, a careless verifier takes P, P + T and P + 2T: three accounts."""
    torsion = G1.from_compressed_bytes_unchecked(ORDER_THREE)
    shifted = curve.encode_g1(G1.from_compressed_bytes_unchecked(DECODED.pseudonym) + torsion)
    refuse(replace(DECODED, pseudonym=shifted), malformed=True)


def test_a_header_decides_the_key() -> None:
    other = Header(ISSUER, "person", "k1", "2026-W47").encode()
    refuse(DECODED, replace(ASKED, keys={}))
    refuse(DECODED, replace(ASKED, keys={other: PUBLIC_KEY}))
    refuse(DECODED, replace(ASKED, keys={HEADERS[0].encode(): bbs.sk_to_pk(SECRET_KEY + 1)}))
    verify_presentation(presentation=DECODED, expected=replace(ASKED, keys={**ASKED.keys, other: PUBLIC_KEY}))
    refuse(replace(DECODED, header_bytes=other), replace(ASKED, keys={other: PUBLIC_KEY}))


@pytest.mark.parametrize("key", [b"", bytes(96), bytes([0xC0]) + bytes(95), PUBLIC_KEY[:-1]])
def test_an_issuer_key_that_is_no_point_verifies_nothing(key: bytes) -> None:
    refuse(DECODED, replace(ASKED, keys={HEADERS[0].encode(): key}), malformed=True)


def test_a_presentation_made_for_another_suite_or_interface_is_refused() -> None:
    """Cross-interface replay: the api id separates the hashes."""
    messages = slots.messages("person", HOLDER.values)
    header = combined_header(CREDENTIAL.header_bytes, 1)
    shake_key = bbs.sk_to_pk(SECRET_KEY)
    committed, blind = bbs.commit_with_nym([], [HOLDER.secret.scalar], suite=bbs.SHAKE256)
    signature = bbs.blind_sign_with_nym(
        SECRET_KEY, shake_key, committed, 1, 0, CREDENTIAL.header_bytes, messages, suite=bbs.SHAKE256
    )
    proof, pseudonym = bbs.proof_gen_with_nym(
        shake_key,
        signature,
        CREDENTIAL.header_bytes,
        b"ph",
        [HOLDER.secret.scalar],
        ACCOUNT.encode(),
        messages,
        [],
        [1],
        [],
        blind,
        suite=bbs.SHAKE256,
    )
    refuse(replace(DECODED, proof=proof, pseudonym=pseudonym))
    core = bbs.sign(SECRET_KEY, PUBLIC_KEY, header, [*messages, b"blind", b"nym"])
    plain = bbs.proof_gen(PUBLIC_KEY, core, header, b"ph", [*messages, b"blind", b"nym"], [1])
    assert len(plain) == len(DECODED.proof)
    refuse(replace(DECODED, proof=plain))


# Batches


def claims(count: int) -> list[PairingClaim]:
    """Pairings of as many honest presentations."""
    return [check_challenge(presentation=decode_presentation(show()), expected=ASKED) for _ in range(count)]


CLAIMS = claims(9)


def wrong(claim: PairingClaim, by: G1) -> PairingClaim:
    """A claim whose Bbar is off by a point."""
    return replace(claim, Bbar=claim.Bbar + by)


@settings(max_examples=25)
@given(st.lists(st.booleans(), min_size=1, max_size=9))
def test_a_batch_finds_each_wrong_proof(pattern: list[bool]) -> None:
    made = [claim if good else wrong(claim, G1()) for claim, good in zip(CLAIMS, pattern, strict=False)]
    assert bbs.verify_pairings(made) == pattern


def test_errors_in_a_batch_do_not_cancel() -> None:
    """Without fresh coefficients these two would add up to an honest sum."""
    first, second, third = CLAIMS[:3]
    error = G1()
    assert bbs.verify_pairings([wrong(first, error), wrong(second, -error), third]) == [False, False, True]
    swapped = [replace(first, Bbar=second.Bbar), replace(second, Bbar=first.Bbar)]
    assert bbs.verify_pairings(swapped) == [False, False]


def test_identities_in_a_batch_are_refused() -> None:
    nothing = PairingClaim(G1.identity(), G1.identity(), PUBLIC_KEY)
    assert bbs.verify_pairings([nothing]) == [False]


@pytest.mark.parametrize("make", [list, lambda: [CLAIMS[0], replace(CLAIMS[1], public_key=bbs.sk_to_pk(2))]])
def test_a_batch_has_one_key_and_is_not_empty(make: Callable[[], list[PairingClaim]]) -> None:
    with pytest.raises(InputError) as caught:
        bbs.verify_pairings(make())
    assert caught.value.code == "batch"
