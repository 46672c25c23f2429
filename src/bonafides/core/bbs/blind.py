"""Blind BBS: the holder commits to messages, the signer signs the commitment with its own (blind draft-02)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.core.bbs.ciphersuite import SHA256, Bases, Ciphersuite, Interface, blind_interface, calculate_domain
from bonafides.core.bbs.proof import (
    RandomScalars,
    Statement,
    core_check_challenge,
    core_prove,
    disclose,
    index_disclosed,
    random_scalars,
    verify_pairing,
)
from bonafides.core.bbs.signature import core_sign, core_verify, signed_point
from bonafides.errors import InputError, VerificationError

COMMITMENT_OVERHEAD = curve.G1_BYTES + 2 * curve.SCALAR_BYTES
MAX_COMMITTED = 512


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment to holder messages with its proof of knowledge: C, s^, m^_1 … m^_M, c."""

    C: G1
    s_hat: int
    m_hat: tuple[int, ...]
    challenge: int

    def encode(self) -> bytes:
        """Return C || s^ || m^_1 … m^_M || c: 48 + 32 (M + 2) bytes."""
        scalars = (self.s_hat, *self.m_hat, self.challenge)
        return curve.encode_g1(self.C) + b"".join(curve.encode_scalar(s) for s in scalars)


def commit(
    committed_messages: Sequence[bytes],
    *,
    suite: Ciphersuite = SHA256,
    randomness: RandomScalars = random_scalars,
) -> tuple[bytes, int]:
    """Return a commitment with proof and the secret prover blind (blind draft-02, Commit)."""
    interface = blind_interface(suite)
    return core_commit(interface, interface.map_messages(committed_messages), randomness)


def blind_sign(
    secret_key: int,
    public_key: bytes,
    commitment_with_proof: bytes,
    header: bytes,
    messages: Sequence[bytes],
    *,
    suite: Ciphersuite = SHA256,
) -> bytes:
    """Return an 80-byte signature over the committed and the signer's messages (blind draft-02, BlindSign).

    An empty commitment means that the holder committed to nothing. Raises InputError or VerificationError.
    """
    interface = blind_interface(suite)
    C, count = None, 0
    if commitment_with_proof:
        C, count = verify_commitment(interface, commitment_with_proof)
    bases = interface.bases(len(messages), count)
    scalars = interface.map_messages(messages)
    return core_blind_sign(interface, secret_key, public_key, C, bases, header, scalars)


def verify_blind_signature(
    public_key: bytes,
    signature: bytes,
    header: bytes,
    messages: Sequence[bytes],
    committed_messages: Sequence[bytes],
    secret_prover_blind: int,
    *,
    suite: Ciphersuite = SHA256,
) -> None:
    """Return if the signature holds over both message lists, else raise (blind draft-02, VerifyBlindSign)."""
    interface = blind_interface(suite)
    scalars = _all_scalars(interface, messages, secret_prover_blind, committed_messages)
    bases = interface.bases(len(messages), len(committed_messages))
    core_verify(interface, public_key, signature, bases, header, scalars)


def blind_proof_gen(
    public_key: bytes,
    signature: bytes,
    header: bytes,
    ph: bytes,
    messages: Sequence[bytes],
    committed_messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    disclosed_committed_indexes: Sequence[int],
    secret_prover_blind: int,
    *,
    suite: Ciphersuite = SHA256,
    randomness: RandomScalars = random_scalars,
) -> bytes:
    """Return a proof that shows only the messages at the given indexes of each list (blind draft-02, BlindProofGen)."""
    interface = blind_interface(suite)
    scalars = _all_scalars(interface, messages, secret_prover_blind, committed_messages)
    bases = interface.bases(len(messages), len(committed_messages))
    indexes = join_indexes(disclosed_indexes, disclosed_committed_indexes, len(messages))
    statement = Statement(interface, public_key, header, ph, bases, disclose(scalars, indexes))
    return core_prove(statement, signature, scalars, None, randomness).encode()


def blind_proof_verify(
    public_key: bytes,
    proof: bytes,
    header: bytes,
    ph: bytes,
    signer_count: int,
    disclosed_messages: Sequence[bytes],
    disclosed_committed_messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    disclosed_committed_indexes: Sequence[int],
    *,
    suite: Ciphersuite = SHA256,
) -> None:
    """Return if the proof holds, else raise InputError or VerificationError (blind draft-02, BlindProofVerify).

    `signer_count` is L, the number of the signer's messages; M follows from the length of the proof.
    """
    interface = blind_interface(suite)
    committed_count = holder_count(proof, signer_count, len(disclosed_indexes) + len(disclosed_committed_indexes))
    indexes = join_indexes(disclosed_indexes, disclosed_committed_indexes, signer_count)
    scalars = map_disclosed(interface, disclosed_messages, disclosed_committed_messages, disclosed_indexes)
    disclosed = index_disclosed(indexes, scalars, signer_count + 1 + committed_count)
    bases = interface.bases(signer_count, committed_count)
    verify_pairing(core_check_challenge(Statement(interface, public_key, header, ph, bases, disclosed), proof, None))


def core_commit(
    interface: Interface, scalars: Sequence[int], randomness: RandomScalars = random_scalars
) -> tuple[bytes, int]:
    """Return a commitment with proof to these scalars, and the secret prover blind (blind draft-02, CoreCommit)."""
    bases = interface.bases(0, len(scalars))
    blind, s_tilde, *m_tilde = randomness(2 + len(scalars))
    C = curve.g1_sum_secret_products(bases.holder_points, [blind, *scalars])
    Cbar = curve.g1_sum_secret_products(bases.holder_points, [s_tilde, *m_tilde])
    c = _commitment_challenge(interface, bases, C, Cbar)
    m_hat = tuple((t + m * c) % ORDER for t, m in zip(m_tilde, scalars, strict=True))
    return Commitment(C, (s_tilde + blind * c) % ORDER, m_hat, c).encode(), blind


def verify_commitment(interface: Interface, data: bytes) -> tuple[G1, int]:
    """Return C and the number of committed scalars if the proof holds (blind draft-02, deserialize and validate).

    Raises InputError for malformed bytes, VerificationError if the proof fails. Nothing binds this proof to a
    session: the profile's own commitment does (`core.credential.commitment`).
    """
    count, rest = divmod(len(data) - COMMITMENT_OVERHEAD, curve.SCALAR_BYTES)
    if rest or not 0 <= count <= MAX_COMMITTED:
        raise InputError("no commitment has this length", code="commitment_length")
    C = curve.decode_g1(data[: curve.G1_BYTES])
    values = [curve.decode_scalar(data[i : i + 32]) for i in range(curve.G1_BYTES, len(data), 32)]
    s_hat, m_hat, c = values[0], values[1:-1], values[-1]
    bases = interface.bases(0, count)
    Cbar = curve.g1_sum_products([*bases.holder_points, C], [s_hat, *m_hat, -c % ORDER])
    if _commitment_challenge(interface, bases, C, Cbar) != c:
        raise VerificationError("the commitment's proof does not hold", code="commitment")
    return C, count


def core_blind_sign(
    interface: Interface,
    secret_key: int,
    public_key: bytes,
    committed: G1 | None,
    bases: Bases,
    header: bytes,
    scalars: Sequence[int],
) -> bytes:
    """Return the signature over a *verified* commitment and the signer's scalars (blind draft-02, FinalizeBlindSign).

    e = hash_to_scalar(SK || B), as the draft's vectors have it.
    """
    domain = calculate_domain(interface, public_key, bases, header)
    B = signed_point(interface, bases, domain, scalars)
    if committed is not None:
        B = curve.g1_add(B, committed)
    e = interface.hash_to_scalar(curve.encode_scalar(secret_key) + curve.encode_g1(B))
    return core_sign(secret_key, B, e).encode()


def join_indexes(signer: Sequence[int], committed: Sequence[int], signer_count: int) -> list[int]:
    """Return the indexes into the whole vector: committed message j stands at j + L + 1, behind the prover blind."""
    if any(not 0 <= i < signer_count for i in signer) or any(j < 0 for j in committed):
        raise InputError("a disclosed index is out of range", code="disclosed_indexes")
    return [*signer, *(j + signer_count + 1 for j in committed)]


def map_disclosed(
    interface: Interface, messages: Sequence[bytes], committed_messages: Sequence[bytes], indexes: Sequence[int]
) -> list[int]:
    """Return the scalars of the signer's disclosed messages, then of the holder's.

    Raises InputError unless the signer's have one index each: the lists are joined from here on, and a message that
    the holder chose must not be accepted in the list of those that the signer attests.
    """
    if len(messages) != len(indexes):
        raise InputError("one disclosed index a message, in each list", code="disclosed_indexes")
    return interface.map_messages([*messages, *committed_messages])


def holder_count(proof: bytes, signer_count: int, disclosed_count: int) -> int:
    """Return M, the number of messages behind the prover blind, from the length of a proof. Raises InputError."""
    hidden, rest = divmod(len(proof) - 3 * curve.G1_BYTES - 4 * curve.SCALAR_BYTES, curve.SCALAR_BYTES)
    count = hidden + disclosed_count - signer_count - 1
    if rest or hidden < 0 or not 0 <= count <= MAX_COMMITTED:
        raise InputError("no proof has this length", code="proof_length")
    return count


def _all_scalars(
    interface: Interface, messages: Sequence[bytes], blind: int, committed_messages: Sequence[bytes]
) -> list[int]:
    return [*interface.map_messages(messages), blind, *interface.map_messages(committed_messages)]


def _commitment_challenge(interface: Interface, bases: Bases, C: G1, Cbar: G1) -> int:
    count = len(bases.holder_points) - 1
    return interface.hash_to_scalar(
        count.to_bytes(8, "big") + bases.holder_octets + curve.encode_g1(C) + curve.encode_g1(Cbar)
    )
