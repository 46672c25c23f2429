"""Pseudonyms per verifier, tied to a blind signature (per-verifier-linkability draft-03).

The holder's vector of nym secrets stands behind the committed messages in the signed vector; a pseudonym is the point
of a context times the evaluation of that vector. The general case: any vector length N, any signer entropy. The
profile narrows both (`core.credential`).
"""

from collections.abc import Sequence
from functools import lru_cache

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.core.bbs.blind import (
    core_blind_sign,
    core_commit,
    holder_count,
    join_indexes,
    map_disclosed,
    verify_commitment,
)
from bonafides.core.bbs.ciphersuite import MAX_OCTETS, SHA256, Bases, Ciphersuite, Interface, pseudonym_interface
from bonafides.core.bbs.proof import (
    PairingClaim,
    PseudonymLeg,
    RandomScalars,
    Statement,
    core_check_challenge,
    core_prove,
    disclose,
    evaluate,
    index_disclosed,
    random_scalars,
    verify_pairing,
)
from bonafides.core.bbs.signature import core_verify
from bonafides.errors import InputError

PSEUDONYM_BYTES = curve.G1_BYTES
MAX_NYM_LENGTH = 256
CACHED_CONTEXT = 1024


def commit_with_nym(
    committed_messages: Sequence[bytes],
    prover_nyms: Sequence[int],
    *,
    suite: Ciphersuite = SHA256,
    randomness: RandomScalars = random_scalars,
) -> tuple[bytes, int]:
    """Return a commitment with proof to messages and prover nyms, and the secret prover blind (CommitWithNym)."""
    interface = pseudonym_interface(suite)
    return core_commit(interface, [*interface.map_messages(committed_messages), *prover_nyms], randomness)


def blind_sign_with_nym(
    secret_key: int,
    public_key: bytes,
    commitment_with_proof: bytes,
    nym_length: int,
    signer_nym_entropy: int,
    header: bytes,
    messages: Sequence[bytes],
    *,
    suite: Ciphersuite = SHA256,
) -> bytes:
    """Return a signature that adds `signer_nym_entropy` to the last committed nym (BlindSignWithNym).

    Raises InputError if the commitment holds fewer than `nym_length` scalars, VerificationError if its proof fails.
    """
    interface = pseudonym_interface(suite)
    C, count = verify_commitment(interface, commitment_with_proof)
    if not 1 <= nym_length <= count:
        raise InputError("the commitment holds fewer nyms than that", code="nym_length")
    bases = interface.bases(len(messages), count)
    if signer_nym_entropy:
        C = curve.g1_add(C, curve.g1_sum_secret_products([bases.points[-1]], [signer_nym_entropy]))
    return core_blind_sign(
        interface,
        secret_key,
        public_key,
        C,
        bases,
        combined_header(header, nym_length),
        interface.map_messages(messages),
    )


def verify_finalize_with_nym(
    public_key: bytes,
    signature: bytes,
    header: bytes,
    messages: Sequence[bytes],
    committed_messages: Sequence[bytes],
    prover_nyms: Sequence[int],
    signer_nym_entropy: int,
    secret_prover_blind: int,
    *,
    suite: Ciphersuite = SHA256,
) -> list[int]:
    """Return the nym secrets if the signature holds over everything, else raise (Finalize/VerifyWithNym)."""
    interface = pseudonym_interface(suite)
    if not prover_nyms:
        raise InputError("a nym vector has at least one secret", code="nym_length")
    nym_secrets = [*prover_nyms[:-1], (prover_nyms[-1] + signer_nym_entropy) % ORDER]
    bases, scalars = _vector(interface, messages, secret_prover_blind, committed_messages, nym_secrets)
    core_verify(interface, public_key, signature, bases, combined_header(header, len(nym_secrets)), scalars)
    return nym_secrets


def calculate_pseudonym(nym_secrets: Sequence[int], context_id: bytes, *, suite: Ciphersuite = SHA256) -> bytes:
    """Return the 48-byte pseudonym of these secrets in this context (CalculatePseudonym)."""
    leg = make_leg(pseudonym_interface(suite), context_id, len(nym_secrets))
    return curve.encode_g1(_pseudonym_point(pseudonym_interface(suite), nym_secrets, leg))


def proof_gen_with_nym(
    public_key: bytes,
    signature: bytes,
    header: bytes,
    ph: bytes,
    nym_secrets: Sequence[int],
    context_id: bytes,
    messages: Sequence[bytes],
    committed_messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    disclosed_committed_indexes: Sequence[int],
    secret_prover_blind: int,
    *,
    suite: Ciphersuite = SHA256,
    randomness: RandomScalars = random_scalars,
) -> tuple[bytes, bytes]:
    """Return (proof, pseudonym) for one context, showing only the messages at the given indexes (ProofGenWithNym)."""
    interface = pseudonym_interface(suite)
    bases, scalars = _vector(interface, messages, secret_prover_blind, committed_messages, nym_secrets)
    leg = make_leg(interface, context_id, len(nym_secrets))
    indexes = join_indexes(disclosed_indexes, disclosed_committed_indexes, len(messages))
    _refuse_disclosed_nyms(indexes, len(scalars), len(nym_secrets))
    header = combined_header(header, len(nym_secrets))
    statement = Statement(interface, public_key, header, ph, bases, disclose(scalars, indexes), leg)
    pseudonym = _pseudonym_point(interface, nym_secrets, leg)
    return core_prove(statement, signature, scalars, pseudonym, randomness).encode(), curve.encode_g1(pseudonym)


def proof_verify_with_nym(
    public_key: bytes,
    proof: bytes,
    header: bytes,
    ph: bytes,
    pseudonym: bytes,
    context_id: bytes,
    nym_length: int,
    signer_count: int,
    disclosed_messages: Sequence[bytes],
    disclosed_committed_messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    disclosed_committed_indexes: Sequence[int],
    *,
    suite: Ciphersuite = SHA256,
) -> None:
    """Return if proof and pseudonym hold, else raise InputError or VerificationError (ProofVerifyWithNym)."""
    claim = check_challenge_with_nym(
        public_key,
        proof,
        header,
        ph,
        pseudonym,
        context_id,
        nym_length,
        signer_count,
        disclosed_messages,
        disclosed_committed_messages,
        disclosed_indexes,
        disclosed_committed_indexes,
        suite=suite,
    )
    verify_pairing(claim)


def check_challenge_with_nym(
    public_key: bytes,
    proof: bytes,
    header: bytes,
    ph: bytes,
    pseudonym: bytes,
    context_id: bytes,
    nym_length: int,
    signer_count: int,
    disclosed_messages: Sequence[bytes],
    disclosed_committed_messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    disclosed_committed_indexes: Sequence[int],
    *,
    suite: Ciphersuite = SHA256,
) -> PairingClaim:
    """Return the pairing still to be checked once all else of ProofVerifyWithNym holds; for batches (profile §5)."""
    interface = pseudonym_interface(suite)
    point = decode_pseudonym(pseudonym, suite=suite)
    committed = holder_count(proof, signer_count, len(disclosed_indexes) + len(disclosed_committed_indexes))
    total = signer_count + 1 + committed
    indexes = join_indexes(disclosed_indexes, disclosed_committed_indexes, signer_count)
    _refuse_disclosed_nyms(indexes, total, nym_length)
    if committed < nym_length:
        raise InputError("no proof of this nym length is that short", code="proof_length")
    scalars = map_disclosed(interface, disclosed_messages, disclosed_committed_messages, disclosed_indexes)
    statement = Statement(
        interface,
        public_key,
        combined_header(header, nym_length),
        ph,
        interface.bases(signer_count, committed),
        index_disclosed(indexes, scalars, total),
        make_leg(interface, context_id, nym_length),
    )
    return core_check_challenge(statement, proof, point)


def combined_header(header: bytes, nym_length: int) -> bytes:
    """Return header || I2OSP(N, 8): the header that is really signed."""
    if not 0 <= nym_length <= MAX_NYM_LENGTH:
        raise InputError("unreasonable nym length", code="nym_length")
    if len(header) > MAX_OCTETS - 8:
        raise InputError("header too long", code="too_long")
    return header + nym_length.to_bytes(8, "big")


def decode_pseudonym(data: bytes, *, suite: Ciphersuite = SHA256) -> G1:
    """Return the point of a pseudonym: canonical, of prime order, neither the identity nor P1 nor BP1."""
    point = curve.decode_g1(data)
    if point == suite.p1 or data == curve.G1_GENERATOR_BYTES:
        raise InputError("a fixed point is nobody's pseudonym", code="point_encoding")
    return point


def make_leg(interface: Interface, context_id: bytes, nym_length: int) -> PseudonymLeg:
    """Return OP = hash_to_curve(context_id) and the powers of z at which the nym vector is evaluated."""
    if not 1 <= nym_length <= MAX_NYM_LENGTH:
        raise InputError("unreasonable nym length", code="nym_length")
    if len(context_id) > MAX_OCTETS:
        raise InputError("context too long", code="too_long")
    # Long contexts are not kept: a verifier meets few and short ones, an attacker any.
    find = _context_point if len(context_id) <= CACHED_CONTEXT else _context_point.__wrapped__
    op = find(interface, context_id)
    powers = [1]
    if nym_length > 1:
        z = interface.suite.hash_to_scalar(context_id, interface.api_id + b"VECT_NYM_SECRETS")
        while len(powers) < nym_length:
            powers.append(powers[-1] * z % ORDER)
    return PseudonymLeg(op, tuple(powers), context_id)


@lru_cache(maxsize=256)
def _context_point(interface: Interface, context_id: bytes) -> G1:
    """Return OP. A verifier meets the same few contexts again and again, so the last ones are kept."""
    return interface.suite.hash_to_curve_g1(context_id, interface.api_id)


def _pseudonym_point(interface: Interface, nym_secrets: Sequence[int], leg: PseudonymLeg) -> G1:
    point = curve.g1_sum_secret_products([leg.op], [evaluate(nym_secrets, leg)])
    decode_pseudonym(curve.encode_g1(point), suite=interface.suite)
    return point


def _vector(
    interface: Interface,
    messages: Sequence[bytes],
    blind: int,
    committed_messages: Sequence[bytes],
    nym_secrets: Sequence[int],
) -> tuple[Bases, list[int]]:
    """Return the bases and the whole signed vector: signer's messages, prover blind, committed messages, nyms."""
    scalars = [*interface.map_messages(messages), blind, *interface.map_messages(committed_messages), *nym_secrets]
    return interface.bases(len(messages), len(committed_messages) + len(nym_secrets)), scalars


def _refuse_disclosed_nyms(indexes: Sequence[int], total: int, nym_length: int) -> None:
    # The verifier reads the nym responses as the last N hidden ones; a disclosed index among them would shift that.
    if any(i >= total - nym_length for i in indexes):
        raise InputError("a nym secret may not be disclosed", code="disclosed_indexes")
