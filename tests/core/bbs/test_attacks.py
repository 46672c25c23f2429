"""Known attacks, carried out: each goes through once its guard is taken away, and is refused with the guard.

The first half shows that the attack is real and not merely badly made; a guard that a later change removes or reorders
turns the second half red.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import GT, G1Point, G2Point

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
    commit_with_nym,
    proof_gen,
    proof_verify,
    sign,
    sk_to_pk,
    verify,
    verify_blind_signature,
    verify_finalize_with_nym,
    verify_pairings,
)
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs import proof as proofs
from bonafides.core.bbs import pseudonym as pseudonyms
from bonafides.core.bbs.blind import Commitment, _commitment_challenge, core_blind_sign, core_commit, verify_commitment
from bonafides.core.bbs.ciphersuite import (
    Interface,
    blind_interface,
    calculate_domain,
    create_generators,
    pseudonym_interface,
)
from bonafides.core.bbs.proof import (
    Proof,
    Statement,
    calculate_challenge,
    core_check_challenge,
    core_prove,
    decode_proof,
    disclose,
    evaluate,
    random_scalars,
    verify_pairing,
)
from bonafides.core.bbs.pseudonym import combined_header, decode_pseudonym, make_leg
from bonafides.core.bbs.signature import core_sign, core_verify, signed_point
from bonafides.errors import Error, InputError, VerificationError
from tests.core.bbs import plain_curve as plain
from tests.core.bbs.holder import CONTEXT, HEADER, MESSAGES, SECRET_KEY, Holder, Shown, enrol, public_key
from tests.core.bbs.test_curve_hazards import SPELLINGS_G1, SPELLINGS_G2, outside_the_subgroup, small_torsion

R = curve.ORDER
NYM = pseudonym_interface()
IDENTITY = curve.G1.identity()


def take_away_the_decoder(patch: pytest.MonkeyPatch) -> None:
    """Decode as the library does by itself: a subgroup check, but any spelling of the identity."""
    patch.setattr(curve, "decode_g1", G1Point.from_compressed_bytes)


def take_away_the_subgroup_check(patch: pytest.MonkeyPatch) -> None:
    """Decode with the library's fast decoder, which believes every point on the curve."""
    patch.setattr(curve, "decode_g1", G1Point.from_compressed_bytes_unchecked)


def take_away_the_pairing_guard(patch: pytest.MonkeyPatch) -> None:
    """Pair whatever comes, identities too."""
    minus = -G2Point()
    patch.setattr(curve, "pairing_product_is_one", lambda a, w, b: GT.pairing_check([a, b], [w, minus]))


def statement_of(shown: Shown, scalars: Sequence[int]) -> Statement:
    """What the verifier will check this presentation against; the attacker computes it likewise."""
    committed = len(scalars) - shown.signer_count - 1
    indexes = [*shown.indexes, *(j + shown.signer_count + 1 for j in shown.committed_indexes)]
    interface = pseudonym_interface(shown.suite)
    return Statement(
        interface,
        shown.public_key,
        combined_header(shown.header, shown.nym_length),
        shown.ph,
        interface.bases(shown.signer_count, committed),
        disclose(scalars, indexes),
        make_leg(interface, shown.context_id, shown.nym_length),
    )


def blank(**changes: object) -> Shown:
    """An empty form that claims all of MESSAGES, for attackers without a credential."""
    form = Shown(public_key(), b"", HEADER, b"ph", b"", CONTEXT, 1, 3, list(MESSAGES), [], [0, 1, 2], [])
    return form.changed(**changes)


# ------------------------------------------------------------------- 1  identity in Abar and Bbar: universal forgery


def forge(spelling: bytes = SPELLINGS_G1["plain"]) -> Shown:
    """A proof of attributes nobody signed and of a pseudonym nobody has, made from public values alone.

    With Abar = Bbar = identity the first equation says only T1 = D * r1^, and the pairing says nothing at all.
    """
    form = blank()
    nym = curve.random_scalar()
    scalars = [*NYM.map_messages(MESSAGES), curve.random_scalar(), nym]
    statement = statement_of(form, scalars)
    leg = statement.leg
    assert leg is not None
    pseudonym = curve.g1_sum_products([leg.op], [nym])
    r2, r1_tilde, r3_tilde, *m_tilde = random_scalars(5)
    domain = calculate_domain(NYM, form.public_key, statement.bases, statement.header)
    D = curve.g1_sum_products([signed_point(NYM, statement.bases, domain, scalars)], [r2])
    T1 = curve.g1_sum_products([D], [r1_tilde])
    hidden = statement.hidden_indexes()
    T2 = curve.g1_sum_products([D, *(statement.bases.points[i + 1] for i in hidden)], [r3_tilde, *m_tilde])
    Ut = curve.g1_sum_products([leg.op], [evaluate(m_tilde, leg)])
    c = calculate_challenge(statement, (IDENTITY, IDENTITY, D, T1, T2), [pseudonym, Ut], domain)
    made = Proof(
        IDENTITY,
        IDENTITY,
        D,
        e_hat=curve.random_scalar(),
        r1_hat=r1_tilde,
        r3_hat=(r3_tilde - pow(r2, -1, R) * c) % R,
        m_hat=tuple((t + scalars[i] * c) % R for t, i in zip(m_tilde, hidden, strict=True)),
        challenge=c,
    )
    return form.changed(proof=spelling * 2 + made.encode()[96:], pseudonym=curve.encode_g1(pseudonym))


@pytest.mark.parametrize("name", ["plain", "with a sign", "with junk at the end"])
def test_1_identity_forgery(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    forged = forge(SPELLINGS_G1[name])
    with pytest.raises(InputError):
        forged.verify()
    with monkeypatch.context() as bare:
        take_away_the_decoder(bare)
        take_away_the_pairing_guard(bare)
        forged.verify()  # goes through: anyone is anyone
    # Either guard alone is enough.
    with monkeypatch.context() as bare:
        take_away_the_decoder(bare)
        with pytest.raises(VerificationError):
            forged.verify()
        assert verify_pairings([forged.claim(), enrol().show().claim()]) == [False, True]
    with monkeypatch.context() as bare:
        take_away_the_pairing_guard(bare)
        with pytest.raises(InputError):
            forged.verify()


def test_1_identity_forgery_of_the_other_interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A and B of a signature: the identity as A would be a signature on everything at once."""
    signature = SPELLINGS_G1["plain"] + (1).to_bytes(32, "big")
    with pytest.raises(InputError):
        verify(public_key(), signature, HEADER, MESSAGES)
    with pytest.raises(InputError):
        verify_blind_signature(public_key(), signature, HEADER, MESSAGES, [], 1)
    with pytest.raises(InputError):
        verify_finalize_with_nym(public_key(), signature, HEADER, MESSAGES, [], [1], 0, 1)
    take_away_the_decoder(monkeypatch)
    with pytest.raises(VerificationError):
        verify(public_key(), signature, HEADER, MESSAGES)


# ------------------------------------------------------------------------------ 2  torsion: many pseudonyms a person


def with_torsion(holder: Holder, torsion: G1Point, patch: pytest.MonkeyPatch) -> Shown:
    """A proof for pseudonym + torsion: ground until the challenge makes the torsion vanish from the verifier's Uv."""
    shown = holder.show()
    scalars = [*NYM.map_messages(holder.messages), holder.blind, *holder.nym_secrets]
    statement = statement_of(shown, scalars)
    point = curve.decode_g1(shown.pseudonym) + torsion
    with patch.context() as bare:
        take_away_the_subgroup_check(bare)
        for _ in range(200):
            made = core_prove(statement, holder.signature, scalars, point)
            candidate = shown.changed(proof=made.encode(), pseudonym=curve.encode_g1(point))
            try:
                candidate.verify()
            except VerificationError:
                continue
            return candidate
    raise AssertionError("one try in three should do")


def test_2_torsion_pseudonyms(monkeypatch: pytest.MonkeyPatch) -> None:
    """One secret, three accounts in the same context, unless the pseudonym is checked to be of order r."""
    holder = enrol()
    torsion = G1Point.from_compressed_bytes_unchecked(plain.encode(small_torsion()))
    found = [holder.show(), *(with_torsion(holder, t, monkeypatch) for t in (torsion, torsion + torsion))]
    assert len({shown.pseudonym for shown in found}) == 3
    found[0].verify()
    for sybil in found[1:]:
        with pytest.raises(InputError):
            sybil.verify()


@pytest.mark.parametrize("place", [0, 48, 96], ids=["Abar", "Bbar", "D"])
def test_2_torsion_in_the_proof(place: int) -> None:
    """The pairing does not see a small-order part of Abar or Bbar; the decoder has to."""
    shown = enrol().show()
    point = plain.decode(shown.proof[place : place + 48])
    spoilt = plain.encode(plain.add(point, small_torsion()))
    with pytest.raises(InputError):
        shown.changed(proof=shown.proof[:place] + spoilt + shown.proof[place + 48 :]).verify()


def test_2_the_pairing_is_blind_to_torsion() -> None:
    point, key = curve.G1(), curve.g2_public_key(7)
    right = curve.g1_sum_products([point], [7])
    torsion = G1Point.from_compressed_bytes_unchecked(plain.encode(small_torsion()))
    assert curve.pairing_product_is_one(point, key, right)
    assert curve.pairing_product_is_one(point + torsion, key, right)


# -------------------------------------------------------------------------- 3  points that are nobody's or nothing's


@pytest.mark.parametrize("suite", [SHA256, SHAKE256], ids=["sha", "shake"])
def test_3_fixed_points_are_nobody(suite: Ciphersuite) -> None:
    shown = enrol(suite=suite).show()
    for data in (*SPELLINGS_G1.values(), curve.encode_g1(suite.p1), curve.encode_g1(curve.G1())):
        with pytest.raises(InputError):
            decode_pseudonym(data, suite=suite)
        with pytest.raises(InputError):
            shown.changed(pseudonym=data).verify()


def test_3_a_nym_secret_of_zero_is_nobody() -> None:
    """Its pseudonym is the identity everywhere: all such holders would be one, and linkable."""
    with pytest.raises(InputError):
        calculate_pseudonym([0], CONTEXT)
    with pytest.raises(InputError):
        enrol([5], entropy=R - 5).show()


def test_3_the_pseudonym_equation_may_not_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uv = identity, made by a holder whose mask for the nym is zero."""
    holder = enrol()

    def careless(count: int) -> list[int]:
        return [*random_scalars(count - 1), 0]

    with pytest.raises(VerificationError):
        holder.show(randomness=careless)
    with monkeypatch.context() as bare:
        bare.setattr(curve, "require_not_identity", lambda *_: None)
        shown = holder.show(randomness=careless)
        shown.verify()
    with pytest.raises(VerificationError):
        shown.verify()


def test_3_a_proof_is_never_made_of_identities(monkeypatch: pytest.MonkeyPatch) -> None:
    """r1 = 0 or r2 = 0 (a dead random source) would publish the identity, or the signature's relation to it."""
    holder = enrol()
    for dead in (0, 1):

        def careless(count: int, dead: int = dead) -> list[int]:
            fresh = random_scalars(count)
            fresh[dead] = 0
            return fresh

        with pytest.raises((VerificationError, ValueError)):
            holder.show(randomness=careless)
    monkeypatch.setattr(proofs, "signed_point", lambda *_: IDENTITY)
    with pytest.raises(VerificationError):
        holder.show()


def test_3_nothing_is_not_signed() -> None:
    with pytest.raises(VerificationError):
        core_sign(SECRET_KEY, IDENTITY, 5)
    with pytest.raises(VerificationError):
        core_sign(SECRET_KEY, curve.G1(), R - SECRET_KEY)
    with pytest.raises(VerificationError):
        core_sign(SECRET_KEY, curve.G1(), 0)


def test_3_a_commitment_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """C = identity commits to zeros with a blind of zero; signed, it would bind no secret at all."""
    bases = NYM.bases(0, 1)
    s_tilde, m_tilde = random_scalars(2)
    Cbar = curve.g1_sum_products(bases.holder_points, [s_tilde, m_tilde])
    c = _commitment_challenge(NYM, bases, IDENTITY, Cbar)
    made = Commitment(IDENTITY, s_tilde, (m_tilde,), c).encode()
    with pytest.raises(InputError):
        blind_sign_with_nym(SECRET_KEY, public_key(), made, 1, 0, HEADER, MESSAGES)
    take_away_the_decoder(monkeypatch)
    verify_commitment(NYM, made)


def test_3_a_commitment_outside_the_subgroup() -> None:
    made, _ = commit_with_nym([], [5])
    spoilt = plain.encode(plain.add(plain.decode(made[:48]), small_torsion()))
    for point in (spoilt, outside_the_subgroup(48)):
        with pytest.raises(InputError):
            verify_commitment(NYM, point + made[48:])


def test_3_issuer_keys_that_are_no_keys() -> None:
    """Under the identity as key every (Abar, identity) pairs; no verifier may meet one."""
    shown = enrol().show()
    signature = sign(SECRET_KEY, public_key(), HEADER, MESSAGES)
    plain_proof = proof_gen(public_key(), signature, HEADER, b"", MESSAGES, [])
    for key in (*SPELLINGS_G2.values(), outside_the_subgroup(96), b"", public_key()[:95], public_key() + b"\0"):
        with pytest.raises(InputError):
            shown.changed(public_key=key).verify()
        with pytest.raises(InputError):
            verify(key, signature, HEADER, MESSAGES)
        with pytest.raises(InputError):
            proof_verify(key, plain_proof, HEADER, b"", [], [])
        with pytest.raises(InputError):
            verify_pairings([PairingClaim(curve.G1(), curve.G1(), key)])
    for bad in (0, R, -1, R + 5):
        with pytest.raises(InputError):
            sk_to_pk(bad)


# ------------------------------------------------------------------------------------- 4  one thing, two byte strings


def test_4_every_scalar_of_a_proof_is_reduced() -> None:
    shown = enrol().show([0])
    for at in range(144, len(shown.proof), 32):
        value = int.from_bytes(shown.proof[at : at + 32], "big") + R  # 2r < 2^256: each has a second spelling
        with pytest.raises(InputError):
            shown.changed(proof=shown.proof[:at] + value.to_bytes(32, "big") + shown.proof[at + 32 :]).verify()


def test_4_every_scalar_of_a_signature_and_commitment_is_reduced() -> None:
    made, _ = commit_with_nym([b"m"], [5])
    for at in range(48, len(made), 32):
        with pytest.raises(InputError):
            verify_commitment(NYM, made[:at] + b"\xff" * 32 + made[at + 32 :])
    signature = sign(SECRET_KEY, public_key(), HEADER, MESSAGES)
    for e in (0, R, (1 << 256) - 1):
        with pytest.raises(InputError):
            verify(public_key(), signature[:48] + e.to_bytes(32, "big"), HEADER, MESSAGES)


@pytest.mark.parametrize("delta", [-64, -32, -31, -1, 1, 16, 31, 32, 64, 32 * 600])
def test_4_lengths_are_exact(delta: int) -> None:
    """No byte may trail; a whole scalar more or less claims another number of messages, which nobody signed."""
    shown = enrol(committed=[b"a", b"b"]).show([1])

    def cut(data: bytes) -> bytes:
        return data[:delta] if delta < 0 else data + bytes(delta)

    with pytest.raises(Error):
        shown.changed(proof=cut(shown.proof)).verify()
    with pytest.raises(InputError):
        shown.changed(pseudonym=cut(shown.pseudonym)).verify()
    made, _ = commit_with_nym([b"a", b"b"], [5])
    with pytest.raises(Error):
        verify_commitment(NYM, cut(made))
    signature = sign(SECRET_KEY, public_key(), HEADER, MESSAGES)
    with pytest.raises(InputError):
        verify(public_key(), cut(signature), HEADER, MESSAGES)
    plain_proof = proof_gen(public_key(), signature, HEADER, b"", MESSAGES, [1])
    with pytest.raises(Error):
        proof_verify(public_key(), cut(plain_proof), HEADER, b"", [MESSAGES[1]], [1])
    blind_made = blind_proof(suite=SHA256)
    with pytest.raises(Error):
        blind_proof_verify(public_key(), cut(blind_made), HEADER, b"ph", 3, [], [], [], [])


def test_4_a_flipped_sign_is_another_pseudonym() -> None:
    shown = enrol().show()
    flipped = bytes([shown.pseudonym[0] ^ 0x20]) + shown.pseudonym[1:]
    decode_pseudonym(flipped)  # a good point, but not the holder's
    with pytest.raises(VerificationError):
        shown.changed(pseudonym=flipped).verify()


# ------------------------------------------------------------------------------------------ 5  the place of the nym


def test_5_a_disclosed_nym_moves_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verifier reads the last hidden response as the nym's. A holder who discloses the nym itself puts a message
    of their own choice there: as many pseudonyms as committed messages, all with one signature.
    """
    known = NYM.map_message(b"a nym that is the scalar of a message")
    holder = enrol([known], committed=[b"second", b"third"])
    scalars = [
        *NYM.map_messages([*holder.messages]),
        holder.blind,
        *NYM.map_messages(holder.committed),
        known,
    ]
    point = curve.g1_sum_products([make_leg(NYM, CONTEXT, 1).op], [scalars[-2]])
    shown = blank(
        messages=[],
        indexes=[],
        committed=[b"a nym that is the scalar of a message"],
        committed_indexes=[2],
        pseudonym=curve.encode_g1(point),
    )
    made = core_prove(statement_of(shown, scalars), holder.signature, scalars, point)
    shown = shown.changed(proof=made.encode())
    with pytest.raises(InputError):
        shown.verify()
    monkeypatch.setattr(pseudonyms, "_refuse_disclosed_nyms", lambda *_: None)
    shown.verify()
    assert shown.pseudonym != holder.show().pseudonym


def test_5_the_holder_cannot_disclose_a_nym_either() -> None:
    holder = enrol([5, 6], committed=[b"one"])
    for j in (1, 2):
        with pytest.raises(InputError):
            holder.show([], [j])


@pytest.mark.parametrize(
    ("indexes", "committed"),
    [
        ([0, 0], [0]),
        ([2, 0], [0]),
        ([0, 3], [0]),
        ([0, 4], [0]),
        ([-1, 0], [0]),
        ([0, 2], [-1]),
        ([0, 2], [1]),
        ([0, 2], [2]),
        ([0, 2], [99]),
        ([0, 1 << 70], [0]),
        ([0, 2], [1 << 70]),
        ([0], [0, 0]),
        ([0, 2], []),
        ([0, 1], [0]),
        ([0, 2, 1], [0]),
    ],
)
def test_5_indexes_are_ascending_unique_and_in_range(indexes: list[int], committed: list[int]) -> None:
    """The prover blind (index 3) is no message, nor is the nym; the rest is order, range and number."""
    shown = enrol(committed=[b"own"]).show([0, 2], [0])
    shown.verify()
    with pytest.raises(Error):
        shown.changed(indexes=indexes, committed_indexes=committed).verify()


def test_5_a_holders_message_may_not_pass_for_an_issuers() -> None:
    """Both lists are joined before they are counted: a message of the holder's own choice must not be accepted in the
    list of those that the issuer attests, nor the other way round.
    """
    shown = enrol(committed=[b"I am the king"]).show([0], [0])
    moved = shown.changed(messages=[*shown.messages, *shown.committed], committed=[])
    back = shown.changed(messages=[], committed=[*shown.messages, *shown.committed])
    for confused in (moved, back):
        with pytest.raises(InputError):
            confused.verify()


def test_5_a_holders_message_may_not_pass_for_an_issuers_in_a_blind_proof() -> None:
    commitment, blind = commit([b"I am the king"])
    signature = blind_sign(SECRET_KEY, public_key(), commitment, HEADER, MESSAGES)
    made = blind_proof_gen(public_key(), signature, HEADER, b"ph", MESSAGES, [b"I am the king"], [0], [0], blind)
    blind_proof_verify(public_key(), made, HEADER, b"ph", 3, [MESSAGES[0]], [b"I am the king"], [0], [0])
    for messages, committed in ([MESSAGES[0], b"I am the king"], []), ([], [MESSAGES[0], b"I am the king"]):
        with pytest.raises(InputError):
            blind_proof_verify(public_key(), made, HEADER, b"ph", 3, messages, committed, [0], [0])


def test_5_an_index_beyond_the_issuers_messages_is_not_the_issuers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Index L + 1 in the issuer's list is the holder's first message under another name."""
    shown = enrol(committed=[b"I am the king"]).show([0], [0])
    confused = shown.changed(
        messages=[*shown.messages, *shown.committed], indexes=[0, 4], committed=[], committed_indexes=[]
    )
    with pytest.raises(InputError):
        confused.verify()
    monkeypatch.setattr(pseudonyms, "join_indexes", lambda signer, committed, count: [*signer])
    confused.verify()


def test_5_one_order_of_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder who proves in another order is refused by the order alone: the challenge itself would hold."""
    holder = enrol()
    scalars = [*NYM.map_messages(holder.messages), holder.blind, *holder.nym_secrets]
    shown = holder.show([0, 2])
    honest = statement_of(shown, scalars)
    odd = replace(honest, disclosed=dict(sorted(honest.disclosed.items(), reverse=True)))
    made = core_prove(odd, holder.signature, scalars, curve.decode_g1(shown.pseudonym)).encode()
    backwards = shown.changed(proof=made, indexes=[2, 0], messages=[MESSAGES[2], MESSAGES[0]])
    with pytest.raises(InputError):
        backwards.verify()
    monkeypatch.setattr(
        pseudonyms, "index_disclosed", lambda indexes, found, total: dict(zip(indexes, found, strict=True))
    )
    backwards.verify()


@pytest.mark.parametrize("count", [-(1 << 70), -5, -1, 0, 1, 2, 4, 5, 600, 2000, 1 << 70])
def test_5_another_number_of_signer_messages(count: int) -> None:
    """The verifier takes L from the issuer's profile; whatever it passes, there is an answer and no crash."""
    shown = enrol(committed=[b"own"]).show()
    with pytest.raises(Error):
        shown.changed(signer_count=count).verify()
    with pytest.raises(Error):
        blind_proof_verify(public_key(), blind_proof(SHA256), HEADER, b"ph", count, [], [], [], [])


def test_5_other_lengths_do_not_hash_other_generators() -> None:
    """Strangers choose the length of what they send. Each list is hashed once at most, not once a length."""
    calls = 0

    def counted(message: bytes, dst: bytes) -> G1Point:
        nonlocal calls
        calls += 1
        return SHA256.hash_to_curve_g1(message, dst)

    suite = replace(SHA256, hash_to_curve_g1=counted)
    lists = [create_generators(suite, b"api", count) for count in range(1, 129)]
    assert calls <= 2 * 128
    assert all(lists[-1][: len(each)] == each for each in lists)
    for absurd in (-1, 0, 1025, 1 << 70):
        with pytest.raises(InputError):
            create_generators(suite, b"api", absurd)


def test_5_a_proof_of_more_messages_than_there_are_generators() -> None:
    """The longest proofs that the length checks let through end in our own error."""
    filler = enrol().show().proof[:144]
    for hidden in range(1020, 1027):
        with pytest.raises(Error):
            proof_verify(public_key(), filler + bytes(32 * (4 + hidden)), HEADER, b"", [], [])
    with pytest.raises(Error):
        verify(public_key(), sign(SECRET_KEY, public_key(), b"", []), b"", [b""] * 1024)
    with pytest.raises(Error):
        blind_proof_verify(public_key(), filler + bytes(32 * 1200), HEADER, b"", 1100, [], [], [], [])


# ------------------------------------------------------------------------------------------- 6  the length of the nym


@pytest.mark.parametrize("claimed", [-(1 << 70), -1, 0, 2, 3, 4, 5, 256, 257, 1 << 64])
def test_6_another_nym_length_is_refused(claimed: int) -> None:
    """A second length would be a second pseudonym of the same person."""
    shown = enrol([11], committed=[b"a", b"b"]).show()
    with pytest.raises(Error):
        shown.changed(nym_length=claimed).verify()


def test_6_only_the_header_keeps_lengths_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presenting a vector of two as one of one: a second pseudonym, if the length were not part of the header."""

    def attack() -> Shown:
        holder = enrol([11, 22])
        scalars = [*NYM.map_messages(holder.messages), holder.blind, 11, 22]
        point = curve.g1_sum_products([make_leg(NYM, CONTEXT, 1).op], [22])
        form = blank(messages=[], indexes=[], pseudonym=curve.encode_g1(point))
        statement = statement_of(form, scalars)
        assert form.pseudonym != holder.show().pseudonym
        return form.changed(proof=core_prove(statement, holder.signature, scalars, point).encode())

    refused = attack()
    refused.claim()  # its challenge holds: the header is the only thing in the way
    with pytest.raises(VerificationError):
        refused.verify()
    with monkeypatch.context() as bare:
        bare.setattr(pseudonyms, "combined_header", lambda header, nym_length: header)
        bare.setattr("tests.core.bbs.test_attacks.combined_header", lambda header, nym_length: header)
        attack().verify()


def test_6_a_nym_longer_than_what_was_committed() -> None:
    """Of two nym secrets one would be the prover blind: such a signature is no honest one, and not accepted."""
    signature, scalars = signed_elsewhere(NYM, combined_header(HEADER, 2))  # one committed scalar, length two
    form = blank(messages=[], indexes=[], nym_length=2)
    statement = statement_of(form, scalars)
    assert statement.leg is not None
    point = curve.g1_sum_products([statement.leg.op], [evaluate(scalars, statement.leg)])
    made = core_prove(statement, signature, scalars, point)
    verify_pairing(core_check_challenge(statement, made.encode(), point))  # else the refusal would show nothing
    with pytest.raises(InputError):
        form.changed(proof=made.encode(), pseudonym=curve.encode_g1(point)).verify()


def test_6_the_suffix_of_the_length_is_unambiguous() -> None:
    """No header with one length is another header with another length."""
    assert combined_header(b"h", 2) == b"h" + bytes(7) + b"\x02"
    assert combined_header(b"h" + bytes(7) + b"\x01", 1) != combined_header(b"h", 1)
    for length in (-(1 << 70), -1, 257, 1 << 64):
        with pytest.raises(InputError):
            combined_header(b"h", length)


@pytest.mark.parametrize("length", [-1, 0, 2, 1 << 64])
def test_6_the_signer_signs_no_other_length(length: int) -> None:
    made, _ = commit_with_nym([], [5])
    with pytest.raises(InputError):
        blind_sign_with_nym(SECRET_KEY, public_key(), made, length, 0, HEADER, MESSAGES)


def test_6_no_nym_at_all() -> None:
    made, _ = commit_with_nym([], [])
    with pytest.raises(InputError):
        blind_sign_with_nym(SECRET_KEY, public_key(), made, 0, 0, HEADER, MESSAGES)
    with pytest.raises(InputError):
        calculate_pseudonym([], CONTEXT)
    with pytest.raises(InputError):
        verify_finalize_with_nym(public_key(), enrol().signature, HEADER, MESSAGES, [], [], 0, 1)


# ----------------------------------------------------------------------------------------- 8  randomness of the wallet


def test_8_a_repeated_mask_gives_the_nym_away() -> None:
    """Two proofs, one stream, another ph: (m^ - m^') / (c - c') is the secret behind every pseudonym."""
    secret = curve.random_scalar()
    holder = enrol([secret])
    stream = random_scalars(20)

    def stuck(count: int) -> list[int]:
        return stream[:count]

    first, second = (decode_proof(holder.show(ph=ph, randomness=stuck).proof, 5) for ph in (b"one", b"two"))
    difference = pow(first.challenge - second.challenge, -1, R)
    assert (first.m_hat[-1] - second.m_hat[-1]) * difference % R == secret
    assert (first.m_hat[-2] - second.m_hat[-2]) * difference % R == holder.blind


def test_8_real_masks_never_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each proof draws a full set of its own, and nothing in two proofs of one statement is equal."""
    drawn: list[int] = []
    real = curve.random_scalar

    def noted() -> int:
        drawn.append(real())
        return drawn[-1]

    holder = enrol()
    monkeypatch.setattr(curve, "random_scalar", noted)
    shown = [holder.show([0]) for _ in range(3)]
    hidden = 4
    assert len(drawn) >= 3 * (5 + hidden)
    assert len(set(drawn)) == len(drawn)
    assert len({s.pseudonym for s in shown}) == 1
    for start, end in [(0, 48), (48, 96), (96, 144), *((i, i + 32) for i in range(144, len(shown[0].proof), 32))]:
        assert len({s.proof[start:end] for s in shown}) == 3


def test_8_the_default_source_is_the_operating_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeding the ordinary generator must change nothing."""
    import random

    holder, seen = enrol(), set()
    for _ in range(2):
        random.seed(1)
        seen.add(holder.show().proof)
        seen.add(commit_with_nym([], [5])[0])
    assert len(seen) == 4
    calls: list[int] = []
    real = secrets.randbelow

    def counted(n: int) -> int:
        calls.append(n)
        return real(n)

    monkeypatch.setattr("bonafides.core.bbs._curve.secrets.randbelow", counted)
    random_scalars(3)
    assert calls == [R - 1] * 3


def test_8_commitments_differ_each_time() -> None:
    made = {commit_with_nym([b"m"], [5])[0] for _ in range(3)}
    assert len({data[:48] for data in made}) == 3
    assert len({data[48:80] for data in made}) == 3


@pytest.mark.parametrize("count", [0, 1, 8, 10, 30])
def test_8_a_source_that_gives_too_few_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=r"unpack|zip|pair"):
        enrol().show([0], randomness=lambda _: random_scalars(count))


# -------------------------------------------------------------------------------------------- 12  another interface


def blind_proof(suite: Ciphersuite) -> bytes:
    """A proof of the blind interface over what `enrol` holds: three messages and one committed."""
    commitment, blind = commit([b"x"], suite=suite)
    signature = blind_sign(SECRET_KEY, public_key(), commitment, HEADER, MESSAGES, suite=suite)
    return blind_proof_gen(public_key(), signature, HEADER, b"ph", MESSAGES, [b"x"], [], [], blind, suite=suite)


def test_12_proofs_of_other_interfaces_are_no_pseudonym_proofs() -> None:
    """Of the right length and true where they come from."""
    shown = enrol().show()
    header = combined_header(HEADER, 1)
    signature = sign(SECRET_KEY, public_key(), header, [*MESSAGES, b"x", b"y"])
    core = proof_gen(public_key(), signature, header, b"ph", [*MESSAGES, b"x", b"y"], [])
    blind = blind_proof(SHA256)
    assert len(core) == len(blind) == len(shown.proof)
    proof_verify(public_key(), core, header, b"ph", [], [])
    blind_proof_verify(public_key(), blind, HEADER, b"ph", 3, [], [], [], [])
    for foreign in (core, blind):
        with pytest.raises(VerificationError):
            shown.changed(proof=foreign).verify()
    # And back.
    with pytest.raises(VerificationError):
        proof_verify(public_key(), shown.proof, header, b"ph", [], [])
    with pytest.raises(VerificationError):
        blind_proof_verify(public_key(), shown.proof, header, b"ph", 3, [], [], [], [])
    with pytest.raises(VerificationError):
        proof_verify(public_key(), blind, HEADER, b"ph", [], [])


def signed_elsewhere(interface: Interface, header: bytes) -> tuple[bytes, list[int]]:
    """A genuine signature of another interface over chosen scalars, as an issuer that runs both would give it."""
    scalars = [*interface.map_messages(MESSAGES), curve.random_scalar(), curve.random_scalar()]
    commitment, blind = core_commit(interface, scalars[4:])
    C, _ = verify_commitment(interface, commitment)
    bases = interface.bases(3, 1)
    signature = core_blind_sign(interface, SECRET_KEY, public_key(), C, bases, header, scalars[:3])
    scalars[3] = blind
    core_verify(interface, public_key(), signature, bases, header, scalars)
    return signature, scalars


@pytest.mark.parametrize(
    ("interface", "header"),
    [
        (blind_interface(), combined_header(HEADER, 1)),
        (pseudonym_interface(SHAKE256), combined_header(HEADER, 1)),
        (blind_interface(SHAKE256), combined_header(HEADER, 1)),
        (pseudonym_interface(), HEADER),  # drafts before -02: no length behind the header
        (pseudonym_interface(), combined_header(HEADER, 2)),
    ],
    ids=["blind", "SHAKE", "blind SHAKE", "older draft", "other N"],
)
def test_12_signatures_of_other_interfaces_carry_no_pseudonym(interface: Interface, header: bytes) -> None:
    """The strongest attacker: a true signature from next door, and a proof made exactly as ours wants it."""
    signature, scalars = signed_elsewhere(interface, header)
    form = blank(messages=[], indexes=[])
    point = curve.g1_sum_products([make_leg(NYM, CONTEXT, 1).op], [scalars[-1]])
    made = core_prove(statement_of(form, scalars), signature, scalars, point)
    forged = form.changed(proof=made.encode(), pseudonym=curve.encode_g1(point))
    claim = forged.claim()
    with pytest.raises(VerificationError):
        verify_pairing(claim)
    assert verify_pairings([claim]) == [False]


def test_12_the_same_way_with_our_own_signature_goes_through() -> None:
    """Else the test above would pass for a wrong reason."""
    signature, scalars = signed_elsewhere(NYM, combined_header(HEADER, 1))
    form = blank(messages=[], indexes=[])
    point = curve.g1_sum_products([make_leg(NYM, CONTEXT, 1).op], [scalars[-1]])
    made = core_prove(statement_of(form, scalars), signature, scalars, point)
    form.changed(proof=made.encode(), pseudonym=curve.encode_g1(point)).verify()


def test_12_the_suites_do_not_mix() -> None:
    for ours, theirs in ((SHA256, SHAKE256), (SHAKE256, SHA256)):
        shown = enrol(suite=ours).show([0])
        shown.verify()
        with pytest.raises(VerificationError):
            shown.changed(suite=theirs).verify()
        made, _ = commit_with_nym([], [5], suite=ours)
        with pytest.raises(VerificationError):
            blind_sign_with_nym(SECRET_KEY, public_key(), made, 1, 0, HEADER, MESSAGES, suite=theirs)


def test_12_a_blind_commitment_is_no_nym_commitment() -> None:
    scalar = NYM.map_message(b"m")
    made, _ = commit([b"m"])
    with pytest.raises(VerificationError):
        blind_sign_with_nym(SECRET_KEY, public_key(), made, 1, 0, HEADER, MESSAGES)
    back, _ = commit_with_nym([], [scalar])
    with pytest.raises(VerificationError):
        blind_sign(SECRET_KEY, public_key(), back, HEADER, MESSAGES)


def test_12_a_statement_with_a_leg_needs_a_pseudonym() -> None:
    """A leg without its point, or a point without a leg, would drop the equation that ties the pseudonym."""
    holder = enrol()
    scalars = [*NYM.map_messages(holder.messages), holder.blind, *holder.nym_secrets]
    statement = statement_of(holder.show(), scalars)
    for odd, point in ((statement, None), (replace(statement, leg=None), curve.G1())):
        with pytest.raises(ValueError, match="pseudonym"):
            core_prove(odd, holder.signature, scalars, point)
        with pytest.raises(ValueError, match="pseudonym"):
            core_check_challenge(odd, holder.show().proof, point)


# ------------------------------------------------------------------------------------------------ batch verification


def true_claim() -> PairingClaim:
    """A claim that holds: Bbar = Abar * SK."""
    Abar = curve.g1_sum_products([curve.G1()], [curve.random_scalar()])
    return PairingClaim(Abar, curve.g1_sum_products([Abar], [SECRET_KEY]), public_key())


def spoil(claim: PairingClaim, error: G1Point) -> PairingClaim:
    """The claim with an error added to Bbar."""
    return replace(claim, Bbar=claim.Bbar + error)


ERROR = curve.g1_sum_products([curve.G1()], [987654321])


def cancelling_in_bbar() -> list[PairingClaim]:
    """Two false claims whose errors add up to nothing."""
    return [spoil(true_claim(), ERROR), spoil(true_claim(), IDENTITY - ERROR)]


def cancelling_in_abar() -> list[PairingClaim]:
    """The same in Abar."""
    one, two = true_claim(), true_claim()
    return [replace(one, Abar=one.Abar + ERROR), replace(two, Abar=two.Abar - ERROR)]


def swapped() -> list[PairingClaim]:
    """Two true claims with each other's Bbar: the sums do not change at all."""
    one, two = true_claim(), true_claim()
    return [replace(one, Bbar=two.Bbar), replace(two, Bbar=one.Bbar)]


@pytest.mark.parametrize("attack", [cancelling_in_bbar, cancelling_in_abar, swapped])
def test_batch_errors_that_cancel(monkeypatch: pytest.MonkeyPatch, attack: Callable[[], list[PairingClaim]]) -> None:
    claims = attack()
    assert verify_pairings(claims) == [False, False]
    assert verify_pairings([true_claim(), *claims, true_claim()]) == [True, False, False, True]
    monkeypatch.setattr(curve, "random_coefficient", lambda: 1)
    assert verify_pairings(claims) == [True, True]  # what a plain sum would believe


def test_batch_coefficients_cannot_be_guessed_from_the_last_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh for each product, bisections included; errors made to measure for one draw fail the next."""
    drawn: list[int] = []
    real = curve.random_coefficient

    def noted() -> int:
        drawn.append(real())
        return drawn[-1]

    monkeypatch.setattr(curve, "random_coefficient", noted)
    claims = [true_claim(), true_claim(), *cancelling_in_bbar()]
    verify_pairings(claims)
    assert len(drawn) == 4 + 2 + 2
    assert len(set(drawn)) == len(drawn)
    assert all(0 < c < 1 << 128 for c in drawn)
    first = drawn[:4]
    tailored = [true_claim(), true_claim(), spoil(true_claim(), ERROR)]
    undo = curve.g1_sum_products([ERROR], [-first[2] * pow(first[3], -1, R) % R])
    tailored.append(spoil(true_claim(), undo))
    assert verify_pairings(tailored) == [True, True, False, False]
    replayed = iter(first)
    monkeypatch.setattr(curve, "random_coefficient", lambda: next(replayed))
    assert verify_pairings(tailored) == [True] * 4  # known coefficients are as bad as none


def test_batch_of_nothing_and_of_two_issuers() -> None:
    with pytest.raises(InputError):
        verify_pairings([])
    with pytest.raises(InputError):
        verify_pairings([true_claim(), replace(true_claim(), public_key=public_key(SECRET_KEY + 1))])


def test_batch_of_identities() -> None:
    """They would pair to one; single and joined they must be false, and take nobody else down."""
    nothing = PairingClaim(IDENTITY, IDENTITY, public_key())
    assert verify_pairings([nothing]) == [False]
    assert verify_pairings([nothing, nothing]) == [False, False]
    half = replace(nothing, Abar=curve.G1())
    assert verify_pairings([true_claim(), nothing, true_claim(), half]) == [True, False, True, False]
    one = true_claim()
    opposite = PairingClaim(IDENTITY - one.Abar, IDENTITY - one.Bbar, public_key())
    assert verify_pairings([one, opposite, one]) == [True, True, True]


@given(st.lists(st.sampled_from(["good", "bbar", "abar", "swap", "negated"]), min_size=1, max_size=9))
@settings(max_examples=40, deadline=None)
def test_batch_finds_exactly_the_bad_ones(kinds: list[str]) -> None:
    claims = [true_claim() for _ in kinds]
    for i, kind in enumerate(kinds):
        claim = claims[i]
        if kind == "bbar":
            claims[i] = spoil(claim, ERROR if i % 2 else IDENTITY - ERROR)
        elif kind == "abar":
            claims[i] = replace(claim, Abar=claim.Abar + ERROR)
        elif kind == "swap":
            claims[i] = replace(claim, Abar=claim.Bbar, Bbar=claim.Abar)
        elif kind == "negated":
            claims[i] = replace(claim, Bbar=IDENTITY - claim.Bbar)
    assert verify_pairings(claims) == [kind == "good" for kind in kinds]


def test_batch_of_real_presentations() -> None:
    holders = [enrol([i + 5]) for i in range(3)]
    shown = [holder.show([0], context_id=bytes([i])) for i, holder in enumerate(holders)]
    stranger = replace(holders[0], signature=sign(SECRET_KEY, public_key(), b"", [])).show()
    claims = [s.claim() for s in (*shown, stranger)]
    assert verify_pairings(claims) == [True, True, True, False]


# ----------------------------------------------------------------------------------------------- what objects betray


def test_nothing_secret_stands_in_a_repr() -> None:
    """Errors, logs and tracebacks print objects; none of ours may hold a nym, a blind or a key."""
    holder = enrol([0xDEADBEEFDEADBEEF])
    shown = holder.show([0])
    scalars = [*NYM.map_messages(holder.messages), holder.blind, *holder.nym_secrets]
    printed = repr(shown.claim()) + repr(decode_proof(shown.proof, 4)) + repr(statement_of(shown, scalars))
    for secret in (holder.nym_secrets[0], holder.blind, SECRET_KEY):
        assert str(secret) not in printed
        assert f"{secret:x}" not in printed.lower()


def test_caches_hold_only_what_is_public_and_only_good_answers() -> None:
    """A refused key is refused again, a cached point belongs to its own suite, context and count."""
    from bonafides.core.bbs.keys import decode_public_key

    for _ in range(2):
        with pytest.raises(InputError):
            decode_public_key(SPELLINGS_G2["plain"])
    contexts = {calculate_pseudonym([5], context, suite=s) for context in (b"", b"a", b"b") for s in (SHA256, SHAKE256)}
    assert len(contexts) == 6
    points = {
        curve.encode_g1(interface(suite).bases(1, 1).points[1])
        for interface in (blind_interface, pseudonym_interface)
        for suite in (SHA256, SHAKE256)
    }
    assert len(points) == 4
    assert NYM.bases(2, 1).points != NYM.bases(1, 2).points
    assert NYM.bases(2).points == NYM.bases(2, 3).points[:3]
