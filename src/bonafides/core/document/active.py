"""Active authentication: the chip signs the issuer's nonce, so what was read is no copy (ICAO 9303-11, 6.1).

The key is in data group 15, whose hash the State signed; only a chip that holds the private key can answer a nonce that
nobody knew before. Whoever hands out the nonce lets it be answered once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from bonafides.core.document.dg15 import parse_dg15
from bonafides.core.document.findings import Finding
from bonafides.core.document.iso9796 import verify_recovery
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.public_key import PublicKey
from bonafides.core.document.security_infos import parse_security_infos
from bonafides.core.document.signature import DIGESTS, WEAK_DIGESTS, SignatureScheme, digest
from bonafides.errors import VerificationError

NONCE_BYTES = 8


@dataclass(frozen=True, slots=True)
class VerifiedChip:
    """A chip that is no copy, and what is weak about its proof."""

    findings: frozenset[Finding]


def verify_active_authentication(
    *, dg15: bytes, dg14: bytes | None, nonce: bytes, signature: bytes, limits: Limits = DEFAULT_LIMITS
) -> VerifiedChip:
    """Verify that the chip of data group 15 signed this nonce of eight bytes; both groups are verified already.

    RSA recovers a part of the message (ISO/IEC 9796-2); ECDSA is r ‖ s, or DER as some cards write it, with the hash
    that data group 14 names. Raises VerificationError `document_chip`, or `document_unsupported` for a key or hash that
    is not; InputError for malformed groups.
    """
    if len(nonce) != NONCE_BYTES:
        raise ValueError("a chip signs eight bytes")
    key = parse_dg15(dg15, limits=limits)
    if isinstance(key.key, rsa.RSAPublicKey):
        name = verify_recovery(key.key, message=nonce, signature=signature)
        is_short = key.bits < limits.rsa_min_bits
    else:
        told = None if dg14 is None else parse_security_infos(dg14, limits=limits).active_authentication_hash
        # Early cards do not say which hash; it is then one of those that fit the curve (ICAO 9303-11, 6.1.2.3).
        fitting = [name for name in DIGESTS.values() if 8 * len(digest(name, b"")) <= key.bits]
        name = _verify_ecdsa(key, nonce, signature, [told] if told else fitting)
        is_short = key.bits < limits.curve_min_bits
    weak = is_short or name in WEAK_DIGESTS
    return VerifiedChip(frozenset({Finding.WEAK_CHIP_KEY} if weak else ()))


def _verify_ecdsa(key: PublicKey, nonce: bytes, signature: bytes, digests: Iterable[str]) -> str:
    """Return the first of these hashes under which the signature holds. Raises VerificationError."""
    size = (key.bits + 7) // 8
    encoded = signature
    if len(signature) == 2 * size:
        encoded = encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
    for name in digests:
        try:
            key.verify(SignatureScheme("ecdsa", name), encoded, nonce)
        except VerificationError as error:
            if error.code != "document_signature":
                raise
        else:
            return name
    raise VerificationError("the chip's signature does not hold", code="document_chip")
