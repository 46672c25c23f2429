"""A chip's own key, which signs nonces: active authentication (ICAO 9303-11, 6.1)."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Literal

from asn1crypto import core
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from bonafides.testing.state import encode_group, encode_tlv

_ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
_ECDSA_PLAIN_SHA256 = "0.4.0.127.0.7.1.1.4.1.3"


@dataclass(frozen=True, slots=True)
class ActiveKey:
    """A private key that never leaves the chip; data group 15 has its public half, 14 the hash that ECDSA uses."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def groups(self) -> dict[int, bytes]:
        """Data groups 14 and 15, to be signed by the State."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        spki = self.key.public_key().public_bytes(serialization.Encoding.DER, form)
        info = core.ObjectIdentifier(_ACTIVE_AUTHENTICATION).dump() + core.Integer(1).dump()
        info += core.ObjectIdentifier(_ECDSA_PLAIN_SHA256).dump()
        elliptic = {14: encode_group(14, encode_tlv(0x31, encode_tlv(0x30, info)))}
        return {15: encode_group(15, spki)} | ({} if isinstance(self.key, rsa.RSAPrivateKey) else elliptic)

    def sign(self, nonce: bytes) -> bytes:
        """Return the signature over a nonce: ISO/IEC 9796-2 scheme 1 with SHA-256, or plain ECDSA."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self._recoverable(self.key, nonce)
        size = (self.key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(self.key.sign(nonce, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    @staticmethod
    def _recoverable(key: rsa.RSAPrivateKey, nonce: bytes) -> bytes:
        """Return 6A, a random part, the hash over it and the nonce, 34CC, to the private power."""
        numbers = key.private_numbers()
        size = key.key_size // 8
        random = secrets.token_bytes(size - 1 - 32 - 2)
        message = b"\x6a" + random + hashlib.sha256(random + nonce).digest() + b"\x34\xcc"
        return pow(int.from_bytes(message, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


def new_active_key(kind: Literal["rsa", "ecdsa"], *, bits: int = 2048) -> ActiveKey:
    """Return a fresh key: RSA of so many bits, or ECDSA on P-256."""
    return ActiveKey(
        rsa.generate_private_key(65537, bits) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    )
