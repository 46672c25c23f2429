"""Plain BBS signatures: sign and verify a list of messages under a header (BBS draft-09, 3.5.1, 3.5.2, 3.6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1
from bonafides.core.bbs.ciphersuite import (
    SHA256,
    Bases,
    Ciphersuite,
    Interface,
    calculate_domain,
    core_interface,
    domain_point,
)
from bonafides.core.bbs.keys import decode_public_key
from bonafides.errors import InputError, VerificationError

SIGNATURE_BYTES = curve.G1_BYTES + curve.SCALAR_BYTES


@dataclass(frozen=True, slots=True)
class Signature:
    """A BBS signature (A, e). A later proof hides it, so it is not printed."""

    A: G1 = field(repr=False)
    e: int = field(repr=False)

    def encode(self) -> bytes:
        """Return the 80 bytes A || e."""
        return curve.encode_g1(self.A) + curve.encode_scalar(self.e)


def decode_signature(data: bytes) -> Signature:
    """Return the signature in these 80 bytes (BBS draft-09, 4.2.4.4, octets_to_signature). Raises InputError."""
    if len(data) != SIGNATURE_BYTES:
        raise InputError("a signature has 80 bytes", code="signature_encoding")
    A, e = curve.decode_g1(data[: curve.G1_BYTES]), curve.decode_scalar(data[curve.G1_BYTES :])
    if e == 0:
        raise InputError("a signature scalar is never zero", code="signature_encoding")
    return Signature(A, e)


def sign(
    secret_key: int, public_key: bytes, header: bytes, messages: Sequence[bytes], *, suite: Ciphersuite = SHA256
) -> bytes:
    """Return the 80-byte signature over header and messages (BBS draft-09, 3.5.1)."""
    interface = core_interface(suite)
    bases = interface.bases(len(messages))
    scalars = interface.map_messages(messages)
    domain = calculate_domain(interface, public_key, bases, header)
    e_octets = b"".join(curve.encode_scalar(s) for s in (secret_key, *scalars, domain))
    B = signed_point(interface, bases, domain, scalars)
    return core_sign(secret_key, B, interface.hash_to_scalar(e_octets)).encode()


def verify(
    public_key: bytes, signature: bytes, header: bytes, messages: Sequence[bytes], *, suite: Ciphersuite = SHA256
) -> None:
    """Return if the signature holds; else raise InputError or VerificationError (BBS draft-09, 3.5.2)."""
    interface = core_interface(suite)
    core_verify(
        interface, public_key, signature, interface.bases(len(messages)), header, interface.map_messages(messages)
    )


def signed_point(interface: Interface, bases: Bases, domain: int, scalars: Sequence[int]) -> G1:
    """Return B = P1 + Q_1 * domain + sum H_i * m_i, computed as if every message were secret."""
    fixed = domain_point(interface, domain)
    if not scalars:
        return fixed
    return curve.g1_add(fixed, curve.g1_sum_secret_products(bases.message_points[: len(scalars)], scalars))


def core_sign(secret_key: int, B: G1, e: int) -> Signature:
    """Return A = B * 1/(SK + e) with e (BBS draft-09, 3.6.1)."""
    if curve.g1_is_identity(B):
        raise VerificationError("nothing to sign", code="proof")
    total = (secret_key + e) % curve.ORDER
    if total == 0 or e == 0:
        raise VerificationError("this input cannot be signed", code="proof")
    return Signature(curve.g1_sum_secret_products([B], [curve.invert(total)]), e)


def core_verify(
    interface: Interface, public_key: bytes, signature: bytes, bases: Bases, header: bytes, scalars: Sequence[int]
) -> Signature:
    """Return the decoded signature if it holds over these message scalars (BBS draft-09, 3.6.2).

    Raises InputError for malformed bytes and VerificationError otherwise.
    """
    decoded = decode_signature(signature)
    key = decode_public_key(public_key)
    if len(scalars) != len(bases.points) - 1:
        raise InputError("one scalar for each message point", code="message_count")
    B = signed_point(interface, bases, calculate_domain(interface, public_key, bases, header), scalars)
    # e(A, W + BP2 * e) = e(B, BP2), with the scalar moved to G1 so that nothing multiplies a G2 point.
    # A and e are what a later proof hides, so e is a secret here.
    right = curve.g1_sub(B, curve.g1_sum_secret_products([decoded.A], [decoded.e]))
    if not curve.pairing_product_is_one(decoded.A, key, right):
        raise VerificationError("the signature does not hold", code="signature")
    return decoded
