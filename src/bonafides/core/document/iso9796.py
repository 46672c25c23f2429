"""RSA signatures that give back a part of what they sign: ISO/IEC 9796-2, scheme 1 (ICAO 9303-11, 6.1).

The chip signs M1 ‖ M2: M1 is random and comes out of the signature, M2 is the challenge. The representative

    6A ‖ M1 ‖ hash(M1 ‖ M2) ‖ trailer

fills the modulus to the last bit: there is no padding in which anything could hide.
"""

import hmac
from collections.abc import Mapping
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import rsa

from bonafides.core.document.signature import digest
from bonafides.errors import VerificationError

# Two bits "01", the bit that says that M1 is not all of the message, no padding, and the border nibble.
_HEADER = 0x6A
_IMPLICIT_TRAILER, _EXPLICIT_TRAILER = 0xBC, 0xCC
_DEFAULT_DIGEST = "sha1"
HASH_IDENTIFIERS: Mapping[int, str] = MappingProxyType(
    {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}
)
"""First byte of a trailer of two -> hash (ISO/IEC 10118-3)."""


def verify_recovery(key: rsa.RSAPublicKey, *, message: bytes, signature: bytes) -> str:
    """Verify the signature over a challenge and return the name of the hash used. Raises VerificationError.

    ISO/IEC 9796-2, scheme 1 with partial recovery. A signer may give the smaller of s and n - s; what it signed
    ends in the nibble C, the other root does not.
    """
    numbers = key.public_numbers()
    size, value = (key.key_size + 7) // 8, int.from_bytes(signature, "big")
    if len(signature) != size or value >= numbers.n:
        raise _forged()
    opened = pow(value, numbers.e, numbers.n)
    if opened % 16 != 0xC:
        opened = numbers.n - opened
    return check_representative(opened.to_bytes(size, "big"), message=message)


def check_representative(representative: bytes, *, message: bytes) -> str:
    """Check that an opened signature is over a challenge, and return the name of its hash. Raises VerificationError."""
    name, trailer = _DEFAULT_DIGEST, 1
    if representative[-1] == _EXPLICIT_TRAILER:
        name, trailer = HASH_IDENTIFIERS.get(representative[-2], ""), 2
    if representative[0] != _HEADER or representative[-1] not in (_IMPLICIT_TRAILER, _EXPLICIT_TRAILER) or not name:
        raise _forged()
    body = representative[1:-trailer]
    length = len(body) - len(digest(name, b""))
    if length <= 0 or not hmac.compare_digest(digest(name, body[:length] + message), body[length:]):
        raise _forged()
    return name


def _forged() -> VerificationError:
    return VerificationError("the chip's signature does not hold", code="document_chip")
