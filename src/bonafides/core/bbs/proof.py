"""Zero-knowledge proofs of a signature, with or without a pseudonym (BBS draft-09, 3.5.3, 3.5.4, 3.7).

One engine serves the core, blind and pseudonym interfaces: they differ in their bases, in which messages are
disclosed, and in the *leg* that ties a pseudonym to the last hidden message (per-verifier-linkability draft-03).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.core.bbs.ciphersuite import (
    SHA256,
    Bases,
    Ciphersuite,
    Interface,
    calculate_domain,
    core_interface,
    domain_point,
    octets_with_length,
)
from bonafides.core.bbs.keys import decode_public_key
from bonafides.core.bbs.signature import decode_signature, signed_point
from bonafides.errors import InputError, VerificationError

POINTS_BYTES = 3 * curve.G1_BYTES
MAX_PROOF_BYTES = POINTS_BYTES + 32 * (4 + 1024)

RandomScalars = Callable[[int], Sequence[int]]
"""calculate_random_scalars of the drafts: gives that many fresh uniform scalars."""


def random_scalars(count: int) -> list[int]:
    """Return `count` fresh uniform scalars from the operating system (BBS draft-09, 4.2.2)."""
    return [curve.random_scalar() for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Proof:
    """The decoded proof: three points, then the responses and the challenge."""

    Abar: G1
    Bbar: G1
    D: G1
    e_hat: int
    r1_hat: int
    r3_hat: int
    m_hat: tuple[int, ...]
    challenge: int

    def encode(self) -> bytes:
        """Return Abar || Bbar || D || e^ || r1^ || r3^ || m^_1 … m^_U || c: 144 + 32 (4 + U) bytes."""
        points = b"".join(curve.encode_g1(p) for p in (self.Abar, self.Bbar, self.D))
        scalars = (self.e_hat, self.r1_hat, self.r3_hat, *self.m_hat, self.challenge)
        return points + b"".join(curve.encode_scalar(s) for s in scalars)


@dataclass(frozen=True, slots=True)
class PseudonymLeg:
    """What ties a pseudonym to the hidden nym secrets: OP of the context, and the vector's evaluation powers."""

    op: G1
    powers: tuple[int, ...]
    context_id: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything a proof is about that the verifier knows: all of it public."""

    interface: Interface
    public_key: bytes
    header: bytes
    ph: bytes
    bases: Bases
    disclosed: Mapping[int, int]
    """Message scalars by index into the whole message vector."""
    leg: PseudonymLeg | None = None

    def hidden_indexes(self) -> list[int]:
        """Return the indexes of the messages that are not disclosed, ascending."""
        return [i for i in range(len(self.bases.points) - 1) if i not in self.disclosed]


@dataclass(frozen=True, slots=True)
class PairingClaim:
    """What is left to check of a proof whose challenge holds: e(Abar, W) * e(Bbar, -BP2) = 1."""

    Abar: G1
    Bbar: G1
    public_key: bytes


def decode_proof(data: bytes, hidden_count: int) -> Proof:
    """Return the proof in exactly 144 + 32 (4 + hidden_count) bytes (BBS draft-09, 4.2.4.6). Raises InputError."""
    if len(data) != POINTS_BYTES + curve.SCALAR_BYTES * (4 + hidden_count):
        raise InputError("this proof does not have the length its statement asks for", code="proof_length")
    Abar, Bbar, D = (curve.decode_g1(data[i : i + 48]) for i in (0, 48, 96))
    scalars = [curve.decode_scalar(data[i : i + 32]) for i in range(POINTS_BYTES, len(data), 32)]
    return Proof(Abar, Bbar, D, scalars[0], scalars[1], scalars[2], tuple(scalars[3:-1]), scalars[-1])


def proof_gen(
    public_key: bytes,
    signature: bytes,
    header: bytes,
    ph: bytes,
    messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    *,
    suite: Ciphersuite = SHA256,
    randomness: RandomScalars = random_scalars,
) -> bytes:
    """Return a proof of the signature that shows only the messages at `disclosed_indexes` (BBS draft-09, 3.5.3)."""
    interface = core_interface(suite)
    scalars = interface.map_messages(messages)
    statement = Statement(
        interface, public_key, header, ph, interface.bases(len(messages)), disclose(scalars, disclosed_indexes)
    )
    return core_prove(statement, signature, scalars, None, randomness).encode()


def proof_verify(
    public_key: bytes,
    proof: bytes,
    header: bytes,
    ph: bytes,
    disclosed_messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    *,
    suite: Ciphersuite = SHA256,
) -> None:
    """Return if the proof holds for the disclosed messages, else raise InputError or VerificationError.

    BBS draft-09, 3.5.4. The number of messages follows from the length of the proof.
    """
    interface = core_interface(suite)
    hidden, rest = divmod(len(proof) - POINTS_BYTES, curve.SCALAR_BYTES)
    if rest or hidden < 4 or len(proof) > MAX_PROOF_BYTES:
        raise InputError("no proof has this length", code="proof_length")
    total = len(disclosed_indexes) + hidden - 4
    indexed = index_disclosed(disclosed_indexes, interface.map_messages(disclosed_messages), total)
    statement = Statement(interface, public_key, header, ph, interface.bases(total), indexed)
    verify_pairing(core_check_challenge(statement, proof, None))


def disclose(scalars: Sequence[int], indexes: Sequence[int]) -> dict[int, int]:
    """Return the scalars at these indexes, which must be ascending, unique and in range."""
    picked = list(indexes)
    if any(not 0 <= i < len(scalars) for i in picked):
        raise InputError("a disclosed index is out of range", code="disclosed_indexes")
    return index_disclosed(picked, [scalars[i] for i in picked], len(scalars))


def index_disclosed(indexes: Sequence[int], scalars: Sequence[int], total: int) -> dict[int, int]:
    """Return {index: scalar}; InputError unless the indexes are ascending, unique, in range, one a message."""
    ascending = all(a < b for a, b in pairwise(indexes))
    if len(indexes) != len(scalars) or not ascending or any(not 0 <= i < total for i in indexes):
        raise InputError(
            "disclosed indexes must be ascending, unique and in range, one a message", code="disclosed_indexes"
        )
    return dict(zip(indexes, scalars, strict=True))


def calculate_challenge(statement: Statement, points: Sequence[G1], pseudonym_points: Sequence[G1], domain: int) -> int:
    """Return the Fiat-Shamir challenge (BBS draft-09, 4.2.5; with pseudonym and Ut, draft-03, ProofGenWithNym)."""
    octets = [len(statement.disclosed).to_bytes(8, "big")]
    for index, scalar in statement.disclosed.items():
        octets += [index.to_bytes(8, "big"), curve.encode_scalar(scalar)]
    octets += [curve.encode_g1(p) for p in (*points, *pseudonym_points)]
    octets += [curve.encode_scalar(domain), octets_with_length(statement.ph)]
    if statement.leg is not None:
        octets.append(octets_with_length(statement.leg.context_id))
    return statement.interface.hash_to_scalar(b"".join(octets))


def core_prove(
    statement: Statement,
    signature: bytes,
    scalars: Sequence[int],
    pseudonym: G1 | None,
    randomness: RandomScalars = random_scalars,
) -> Proof:
    """Return a proof of knowledge of the signature over all `scalars` (BBS draft-09, 3.7.1).

    With a pseudonym leg the last `len(leg.powers)` hidden scalars are the nym secrets behind `pseudonym`.
    """
    _require_whole_leg(statement, pseudonym)
    signed = decode_signature(signature)
    bases, hidden = statement.bases, statement.hidden_indexes()
    if len(scalars) != len(bases.points) - 1:
        raise InputError("one scalar for each message point", code="message_count")
    fresh = list(randomness(5 + len(hidden)))
    r1, r2, e_tilde, r1_tilde, r3_tilde = fresh[:5]
    m_tilde = fresh[5:]
    domain = calculate_domain(statement.interface, statement.public_key, bases, statement.header)
    B = signed_point(statement.interface, bases, domain, scalars)
    D = curve.g1_sum_secret_products([B], [r2])
    Abar = curve.g1_sum_secret_products([signed.A], [r1 * r2 % ORDER])
    Bbar = curve.g1_sum_secret_products([D, Abar], [r1, -signed.e % ORDER])
    T1 = curve.g1_sum_secret_products([Abar, D], [e_tilde, r1_tilde])
    hidden_points = [bases.points[i + 1] for i in hidden]
    T2 = curve.g1_sum_secret_products([D, *hidden_points], [r3_tilde, *m_tilde])
    curve.require_not_identity(B, D, Abar, Bbar)
    pseudonym_points: list[G1] = []
    if statement.leg is not None and pseudonym is not None:
        nym_tilde = evaluate(m_tilde, statement.leg)
        Ut = curve.g1_sum_secret_products([statement.leg.op], [nym_tilde])
        curve.require_not_identity(Ut)
        pseudonym_points = [pseudonym, Ut]
    challenge = calculate_challenge(statement, (Abar, Bbar, D, T1, T2), pseudonym_points, domain)
    return Proof(
        Abar,
        Bbar,
        D,
        e_hat=(e_tilde + signed.e * challenge) % ORDER,
        r1_hat=(r1_tilde - r1 * challenge) % ORDER,
        r3_hat=(r3_tilde - curve.invert(r2) * challenge) % ORDER,
        m_hat=tuple((t + scalars[i] * challenge) % ORDER for t, i in zip(m_tilde, hidden, strict=True)),
        challenge=challenge,
    )


def core_check_challenge(statement: Statement, proof: bytes, pseudonym: G1 | None) -> PairingClaim:
    """Return the pairing that is left to check once lengths, points and challenge hold (BBS draft-09, 3.7.2).

    Raises InputError for malformed bytes, VerificationError if the challenge differs.
    """
    _require_whole_leg(statement, pseudonym)
    decode_public_key(statement.public_key)
    hidden = statement.hidden_indexes()
    decoded = decode_proof(proof, len(hidden))
    c, bases = decoded.challenge, statement.bases
    domain = calculate_domain(statement.interface, statement.public_key, bases, statement.header)
    T1 = curve.g1_sum_products([decoded.Bbar, decoded.Abar, decoded.D], [c, decoded.e_hat, decoded.r1_hat])
    # T2 = Bv * c + D * r3^ + sum H_j * m^_j in one multiplication, Bv being P1 + Q_1 * domain + what is disclosed.
    points = [domain_point(statement.interface, domain), decoded.D]
    factors = [c, decoded.r3_hat]
    for index, scalar in statement.disclosed.items():
        points.append(bases.points[index + 1])
        factors.append(scalar * c % ORDER)
    for index, m_hat in zip(hidden, decoded.m_hat, strict=True):
        points.append(bases.points[index + 1])
        factors.append(m_hat)
    T2 = curve.g1_sum_products(points, factors)
    pseudonym_points: list[G1] = []
    if statement.leg is not None and pseudonym is not None:
        nym_hat = evaluate(decoded.m_hat, statement.leg)
        Uv = curve.g1_sum_products([statement.leg.op, pseudonym], [nym_hat, -c % ORDER])
        curve.require_not_identity(Uv)
        pseudonym_points = [pseudonym, Uv]
    again = calculate_challenge(statement, (decoded.Abar, decoded.Bbar, decoded.D, T1, T2), pseudonym_points, domain)
    if again != c:
        raise VerificationError("the proof does not hold", code="proof")
    return PairingClaim(decoded.Abar, decoded.Bbar, statement.public_key)


def verify_pairing(claim: PairingClaim) -> None:
    """Return if e(Abar, W) * e(Bbar, -BP2) = 1, else raise VerificationError."""
    if not curve.pairing_product_is_one(claim.Abar, decode_public_key(claim.public_key), claim.Bbar):
        raise VerificationError("the proof does not hold", code="proof")


def _require_whole_leg(statement: Statement, pseudonym: G1 | None) -> None:
    # With one of the two alone the equation that ties the pseudonym would be left out in silence.
    if (statement.leg is None) != (pseudonym is None):
        raise ValueError("a leg needs its pseudonym and a pseudonym its leg")


def evaluate(hidden: Sequence[int], leg: PseudonymLeg) -> int:
    """Return the nym polynomial over the last hidden values: sum value_i * z^i."""
    count = len(leg.powers)
    if len(hidden) < count:
        raise InputError("a nym secret may not be disclosed", code="disclosed_indexes")
    return sum(v * p for v, p in zip(hidden[len(hidden) - count :], leg.powers, strict=True)) % ORDER
