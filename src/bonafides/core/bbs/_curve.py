"""The only file that touches the curve library: BLS12-381 with the library's hazards closed.

`py-arkworks-bls12381` accepts the identity and two malformed encodings of it, truncates unequal lists in a multi-scalar
multiplication, calls an empty pairing product "one", and multiplies in variable time. None of that leaves this file:
points are decoded whole (canonical, in the subgroup, not the identity), lists are counted, pairings need real points,
and a secret scalar is split into two random halves before it meets a point.

Scalars are plain integers in [0, r). Points are the library's own immutable objects under the names `G1` and `G2`.
"""

import secrets
from collections.abc import Sequence
from hashlib import sha256

from py_arkworks_bls12381 import GT
from py_arkworks_bls12381 import G1Point as G1
from py_arkworks_bls12381 import G2Point as G2
from py_arkworks_bls12381 import Scalar as _Scalar

from bonafides.errors import InputError, VerificationError

__all__ = ["G1", "G1_BYTES", "G2", "G2_BYTES", "ORDER", "SCALAR_BYTES"]

ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
"""r, the prime order of G1, G2 and of the scalars."""

G1_BYTES, G2_BYTES, SCALAR_BYTES = 48, 96, 32

_FIELD_PRIME = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
    16,
)
_IDENTITY_G1 = G1.identity()
_IDENTITY_G2 = G2.identity()
_G2_GENERATOR = G2()


def decode_g1(data: bytes) -> G1:
    """Return the G1 point encoded by these 48 bytes: canonical, in the prime-order subgroup, not the identity.

    Raises InputError otherwise. BBS draft-09, 4.2.4.1 (octets_to_point_E1) and its subgroup and identity checks.
    """
    if len(data) != G1_BYTES:
        raise InputError("a G1 point has 48 bytes", code="point_encoding")
    try:
        point = G1.from_compressed_bytes(bytes(data))
    except ValueError:
        raise InputError("not the encoding of a G1 point of prime order", code="point_encoding") from None
    if point == _IDENTITY_G1 or point.to_compressed_bytes() != data:
        raise InputError("the identity, or a second spelling of a point", code="point_encoding")
    return point


def decode_g2(data: bytes) -> G2:
    """Return the G2 point encoded by these 96 bytes, under the same conditions as `decode_g1`."""
    if len(data) != G2_BYTES:
        raise InputError("a G2 point has 96 bytes", code="point_encoding")
    try:
        point = G2.from_compressed_bytes(bytes(data))
    except ValueError:
        raise InputError("not the encoding of a G2 point of prime order", code="point_encoding") from None
    if point == _IDENTITY_G2 or point.to_compressed_bytes() != data:
        raise InputError("the identity, or a second spelling of a point", code="point_encoding")
    return point


def decode_scalar(data: bytes) -> int:
    """Return the scalar in [0, r) encoded by these 32 big-endian bytes; InputError if it is not below r."""
    if len(data) != SCALAR_BYTES:
        raise InputError("a scalar has 32 bytes", code="scalar_encoding")
    value = int.from_bytes(data, "big")
    if value >= ORDER:
        raise InputError("a scalar must be below the group order", code="scalar_encoding")
    return value


def encode_scalar(value: int) -> bytes:
    """Return the scalar as 32 big-endian bytes."""
    if not 0 <= value < ORDER:
        raise ValueError("scalar out of range")
    return value.to_bytes(SCALAR_BYTES, "big")


def encode_g1(point: G1) -> bytes:
    """Return the 48-byte compressed encoding."""
    return point.to_compressed_bytes()


def encode_g2(point: G2) -> bytes:
    """Return the 96-byte compressed encoding."""
    return point.to_compressed_bytes()


def random_scalar() -> int:
    """Return a uniform scalar in [1, r) from the operating system."""
    return secrets.randbelow(ORDER - 1) + 1


def random_coefficient() -> int:
    """Return a uniform non-zero coefficient below 2^128, for a batch (profile §5)."""
    return secrets.randbelow((1 << 128) - 1) + 1


def invert(value: int) -> int:
    """Return the inverse modulo r. The inversion itself runs on a blinded value, since it takes variable time."""
    if value % ORDER == 0:
        raise ValueError("zero has no inverse")
    blind = random_scalar()
    return blind * pow(value * blind % ORDER, -1, ORDER) % ORDER


def g1_add(a: G1, b: G1) -> G1:
    """Return a + b."""
    return a + b


def g1_sub(a: G1, b: G1) -> G1:
    """Return a - b."""
    return a - b


def g1_sum_products(points: Sequence[G1], scalars: Sequence[int]) -> G1:
    """Return sum of points[i] * scalars[i], in variable time: for public scalars only.

    Raises ValueError for unequal or empty lists, which the library would accept in silence.
    """
    if len(points) != len(scalars) or not points:
        raise ValueError("points and scalars must pair up, at least one of each")
    return G1.multiexp_unchecked(list(points), [_scalar(s) for s in scalars])


def g1_sum_secret_products(points: Sequence[G1], scalars: Sequence[int]) -> G1:
    """Return sum of points[i] * scalars[i] where the scalars are secret.

    Each scalar s is split into k and s - k with a fresh uniform k, so that the time taken says nothing about s.
    """
    if len(points) != len(scalars) or not points:
        raise ValueError("points and scalars must pair up, at least one of each")
    halves = [random_scalar() for _ in scalars]
    rest = [(s - k) % ORDER for s, k in zip(scalars, halves, strict=True)]
    return G1.multiexp_unchecked([*points, *points], [_scalar(s) for s in (*halves, *rest)])


def g2_public_key(secret_key: int) -> G2:
    """Return BP2 * secret_key, split as in `g1_sum_secret_products`."""
    half = random_scalar()
    return _G2_GENERATOR * _scalar(half) + _G2_GENERATOR * _scalar((secret_key - half) % ORDER)


def pairing_product_is_one(left: G1, key: G2, right: G1) -> bool:
    """Return whether e(left, key) * e(right, -BP2) is one; never for an identity, which would make it trivially so."""
    if left == _IDENTITY_G1 or right == _IDENTITY_G1 or key == _IDENTITY_G2:
        return False
    return GT.pairing_check([left, right], [key, _MINUS_G2_GENERATOR])


def require_not_identity(*points: G1) -> None:
    """Raise VerificationError if a computed point is the identity."""
    for point in points:
        if point == _IDENTITY_G1:
            raise VerificationError("a computed point is the identity", code="proof")


def g1_is_identity(point: G1) -> bool:
    """Return whether the point is the identity."""
    return point == _IDENTITY_G1


def hash_to_g1_xmd_sha256(message: bytes, dst: bytes) -> G1:
    """Return hash_to_curve for BLS12381G1_XMD:SHA-256_SSWU_RO_ (RFC 9380, 8.8.1); never the identity."""
    point = G1.hash_to_curve(message, shorten_dst(dst))
    if point == _IDENTITY_G1:
        raise InputError("this input maps to the identity", code="point_encoding")
    return point


def map_uniform_to_g1(uniform: bytes) -> G1:
    """Return map_to_curve of two field elements read from 128 uniform bytes, added and cleared of the cofactor.

    RFC 9380, 3 and 5.2 (hash_to_field with L = 64, count = 2); for suites whose expander the library lacks.
    """
    if len(uniform) != 128:
        raise ValueError("two field elements need 128 uniform bytes")
    first, second = (int.from_bytes(uniform[i : i + 64], "big") % _FIELD_PRIME for i in (0, 64))
    point = G1.map_from_fp_be(first.to_bytes(48, "big")) + G1.map_from_fp_be(second.to_bytes(48, "big"))
    if point == _IDENTITY_G1:
        raise InputError("this input maps to the identity", code="point_encoding")
    return point


def shorten_dst(dst: bytes) -> bytes:
    """Return the tag itself, or its hash when it is longer than 255 bytes (RFC 9380, 5.3.3), for XMD:SHA-256."""
    return dst if len(dst) <= 255 else sha256(b"H2C-OVERSIZE-DST-" + dst).digest()


def _scalar(value: int) -> _Scalar:
    return _Scalar.from_be_bytes(value.to_bytes(SCALAR_BYTES, "big"))


_MINUS_G2_GENERATOR = -_G2_GENERATOR
G1_GENERATOR_BYTES = G1().to_compressed_bytes()
