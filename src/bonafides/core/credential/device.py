"""Device keys: ECDSA P-256 with SHA-256, signatures as r || s, public keys as 65 uncompressed bytes (profile §3).

These are the encodings that WebCrypto gives for a non-extractable key, and they have one spelling each.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bonafides.errors import InputError, VerificationError

DEVICE_KEY_BYTES = 65
DEVICE_SIGNATURE_BYTES = 64
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the 65-byte public key of a device key."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Return the 64-byte signature r || s."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def check_device_key(device_key: bytes) -> bytes:
    """Return the key if it is a point of P-256 in its one spelling. Raises InputError."""
    _load(device_key)
    return device_key


def verify(*, device_key: bytes, signature: bytes, message: bytes) -> None:
    """Return if the signature holds. Raises InputError for malformed bytes, VerificationError otherwise."""
    key = _load(device_key)
    if len(signature) != DEVICE_SIGNATURE_BYTES:
        raise InputError("a device signature has 64 bytes", code="device_signature")
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
    if not (0 < r < _ORDER and 0 < s < _ORDER):
        raise InputError("a device signature out of range", code="device_signature")
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise VerificationError("the device signature does not hold", code="device_signature") from None


def _load(device_key: bytes) -> ec.EllipticCurvePublicKey:
    if len(device_key) != DEVICE_KEY_BYTES or device_key[0] != 4:
        raise InputError("a device key has 65 bytes, uncompressed", code="device_key")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), device_key)
    except ValueError:
        raise InputError("not a point of P-256", code="device_key") from None
