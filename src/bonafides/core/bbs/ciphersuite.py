"""The two suites of the drafts and everything in them that hashes: scalars, points, generators, domains.

BBS draft-09 sections 4.1, 4.2 and 7.2; RFC 9380 section 5.3 for the expanders. An *interface* is a suite together with
one api id: the core, blind and pseudonym interfaces hash apart from each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256, shake_256

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.errors import InputError

EXPAND_LEN = 48
MAX_OCTETS = 1 << 20
"""A header, presentation header, context or message longer than this is refused before anything is hashed."""
MAX_GENERATORS = 1 << 10
"""No signature of ours has anywhere near this many messages; a larger count is somebody exhausting us."""


def _expand_xmd_sha256(message: bytes, dst: bytes, length: int) -> bytes:
    """Return expand_message_xmd with SHA-256 (RFC 9380, 5.3.1)."""
    dst = curve.shorten_dst(dst)
    dst_prime = dst + bytes([len(dst)])
    blocks = -(-length // 32)
    if blocks > 255:
        raise ValueError("expand_message_xmd cannot give that many bytes")
    first = sha256(bytes(64) + message + length.to_bytes(2, "big") + b"\0" + dst_prime).digest()
    block = sha256(first + b"\1" + dst_prime).digest()
    out = [block]
    for i in range(2, blocks + 1):
        mixed = int.from_bytes(first, "big") ^ int.from_bytes(block, "big")
        block = sha256(mixed.to_bytes(32, "big") + bytes([i]) + dst_prime).digest()
        out.append(block)
    return b"".join(out)[:length]


def _expand_xof_shake256(message: bytes, dst: bytes, length: int) -> bytes:
    """Return expand_message_xof with SHAKE-256 (RFC 9380, 5.3.2)."""
    if len(dst) > 255:
        # RFC 9380, 5.3.3 with k = 128 for this curve.
        dst = shake_256(b"H2C-OVERSIZE-DST-" + dst).digest(32)
    return shake_256(message + length.to_bytes(2, "big") + dst + bytes([len(dst)])).digest(length)


def _hash_to_g1_xof_shake256(message: bytes, dst: bytes) -> G1:
    return curve.map_uniform_to_g1(_expand_xof_shake256(message, dst, 128))


@dataclass(frozen=True, slots=True)
class Ciphersuite:
    """One suite: its id, expander, hash to G1 and the fixed point P1."""

    id: bytes
    expand_message: Callable[[bytes, bytes, int], bytes]
    hash_to_curve_g1: Callable[[bytes, bytes], G1]
    p1: G1

    def hash_to_scalar(self, message: bytes, dst: bytes) -> int:
        """Return a scalar from bytes (BBS draft-09, 4.2.3)."""
        return int.from_bytes(self.expand_message(message, dst, EXPAND_LEN), "big") % ORDER


SHA256 = Ciphersuite(
    id=b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_",
    expand_message=_expand_xmd_sha256,
    hash_to_curve_g1=curve.hash_to_g1_xmd_sha256,
    p1=curve.decode_g1(
        bytes.fromhex(
            "a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd225e7c59698588e70d11406d161b4e28c9"
        )
    ),
)
SHAKE256 = Ciphersuite(
    id=b"BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_",
    expand_message=_expand_xof_shake256,
    hash_to_curve_g1=_hash_to_g1_xof_shake256,
    p1=curve.decode_g1(
        bytes.fromhex(
            "8929dfbc7e6642c4ed9cba0856e493f8b9d7d5fcb0c31ef8fdcd34d50648a56c795e106e9eada6e0bda386b414150755"
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Interface:
    """A suite under one api id, which separates every hash it makes from those of the other interfaces."""

    suite: Ciphersuite
    api_id: bytes

    def hash_to_scalar(self, message: bytes) -> int:
        """Return hash_to_scalar under this interface's tag (`api_id || H2S_`)."""
        return self.suite.hash_to_scalar(message, self.api_id + b"H2S_")

    def map_message(self, message: bytes) -> int:
        """Return the scalar of one message (BBS draft-09, 4.1.2, messages_to_scalars)."""
        if len(message) > MAX_OCTETS:
            raise InputError("message too long", code="too_long")
        return self.suite.hash_to_scalar(message, self.api_id + b"MAP_MSG_TO_SCALAR_AS_HASH_")

    def map_messages(self, messages: Sequence[bytes]) -> list[int]:
        """Return the scalar of each message."""
        return [self.map_message(message) for message in messages]

    def bases(self, signer_count: int, holder_count: int | None = None) -> "Bases":
        """Return the points that carry `signer_count` messages, and `holder_count` committed ones if not None.

        The order is Q_1, H_1 … H_L and then Q_2, J_1 … J_M as ordinary message points. Computed once a process.
        """
        return _bases(self, signer_count, holder_count)


@dataclass(frozen=True, slots=True)
class Bases:
    """Q_1 and the message points of one interface, with their encodings: `points[i + 1]` carries message i."""

    points: tuple[G1, ...]
    signer_count: int
    octets: bytes

    @property
    def q1(self) -> G1:
        """The point of the domain."""
        return self.points[0]

    @property
    def message_points(self) -> tuple[G1, ...]:
        """H_1 … H_L, then Q_2, J_1 … J_M."""
        return self.points[1:]

    @property
    def holder_points(self) -> tuple[G1, ...]:
        """Q_2, J_1 … J_M alone."""
        return self.points[1 + self.signer_count :]

    @property
    def holder_octets(self) -> bytes:
        """The encodings of Q_2, J_1 … J_M."""
        return self.octets[(1 + self.signer_count) * curve.G1_BYTES :]


def core_interface(suite: Ciphersuite = SHA256) -> Interface:
    """Return the interface of plain BBS signatures (BBS draft-09, 3.4)."""
    return Interface(suite, suite.id + b"H2G_HM2S_")


def blind_interface(suite: Ciphersuite = SHA256) -> Interface:
    """Return the interface of blind BBS signatures (blind draft-02)."""
    return Interface(suite, suite.id + b"BLIND_H2G_HM2S_")


def pseudonym_interface(suite: Ciphersuite = SHA256) -> Interface:
    """Return the interface of blind BBS signatures with pseudonyms (per-verifier-linkability draft-03)."""
    return Interface(suite, suite.id + b"H2G_HM2S_PSEUDONYM_")


def create_generators(suite: Ciphersuite, api_id: bytes, count: int) -> tuple[G1, ...]:
    """Return `count` points with unknown relations (BBS draft-09, 4.1.1). Raises InputError for too many.

    The count follows from the length of a proof, so a count out of reach means bytes that are no proof.
    """
    if not 1 <= count <= MAX_GENERATORS:
        raise InputError("more messages than any signature has", code="message_count")
    return _generators(suite, api_id, 1 << (count - 1).bit_length())[:count]


@lru_cache(maxsize=256)
def _generators(suite: Ciphersuite, api_id: bytes, count: int) -> tuple[G1, ...]:
    # A longer list begins with every shorter one. Only powers of two are computed and kept, so that a stranger who
    # sends proofs of ever other lengths makes us hash a few lists once and not one list a length.
    seed_dst, point_dst = api_id + b"SIG_GENERATOR_SEED_", api_id + b"SIG_GENERATOR_DST_"
    v = suite.expand_message(api_id + b"MESSAGE_GENERATOR_SEED", seed_dst, EXPAND_LEN)
    points: list[G1] = []
    for i in range(1, count + 1):
        v = suite.expand_message(v + i.to_bytes(8, "big"), seed_dst, EXPAND_LEN)
        points.append(suite.hash_to_curve_g1(v, point_dst))
    return tuple(points)


@lru_cache(maxsize=64)
def _bases(interface: Interface, signer_count: int, holder_count: int | None) -> Bases:
    points = create_generators(interface.suite, interface.api_id, signer_count + 1)
    if holder_count is not None:
        points += create_generators(interface.suite, b"BLIND_" + interface.api_id, holder_count + 1)
    return Bases(points, signer_count, b"".join(curve.encode_g1(p) for p in points))


def octets_with_length(octets: bytes) -> bytes:
    """Return I2OSP(length, 8) || octets, refusing absurd lengths."""
    if len(octets) > MAX_OCTETS:
        raise InputError("octet string too long", code="too_long")
    return len(octets).to_bytes(8, "big") + octets


def calculate_domain(interface: Interface, public_key: bytes, bases: Bases, header: bytes) -> int:
    """Return the domain that binds a signature to key, generators, api id and header (BBS draft-09, 4.2.1)."""
    count = (len(bases.points) - 1).to_bytes(8, "big")
    return interface.hash_to_scalar(public_key + count + bases.octets + interface.api_id + octets_with_length(header))


@lru_cache(maxsize=256)
def domain_point(interface: Interface, domain: int) -> G1:
    """Return P1 + Q_1 * domain, which is public and the same for every signature under one key and header."""
    return curve.g1_add(interface.suite.p1, curve.g1_sum_products([interface.bases(0).q1], [domain]))
