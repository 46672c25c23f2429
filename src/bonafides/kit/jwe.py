"""What one key alone can open: compact JWE, ECDH-ES on P-256 with A256GCM, and a header of exactly our form.

As with `kit.jws` the header chooses nothing: algorithms are fixed, compression does not exist, the type is what the
caller expects.
"""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from bonafides.core import base64url
from bonafides.errors import InputError, VerificationError
from bonafides.kit.strict_json import parse_json_object

ALGORITHM, ENCRYPTION = "ECDH-ES", "A256GCM"
MAX_HEADER_BYTES = 1024
MAX_JWE_BYTES = 64 * 1024
_COORDINATE_BYTES, _IV_BYTES, _TAG_BYTES = 32, 12, 16
_REGISTRY = jwe.JWERegistry(algorithms=[ALGORITHM, ENCRYPTION])


def encrypt_jwe(data: bytes, *, key: ec.EllipticCurvePublicKey, typ: str) -> str:
    """Return bytes as a JWE that only the owner of a P-256 key can open."""
    header = {"alg": ALGORITHM, "enc": ENCRYPTION, "typ": typ}
    return jwe.encrypt_compact(header, data, ECKey(key, key), registry=_REGISTRY)


def decrypt_jwe(
    token: str, *, key: ec.EllipticCurvePrivateKey, expected_typ: str, max_bytes: int = MAX_JWE_BYTES
) -> bytes:
    """Return what a JWE holds. Malformed, too large or of another kind: InputError; not for us: VerificationError."""
    if len(token) > max_bytes:
        raise InputError("the JWE is too large", code="too_large")
    parts = token.split(".")
    if len(parts) != 5:
        raise InputError("not a compact JWE")
    header_bytes, encrypted_key, iv, _, tag = (base64url.decode(part, max_bytes=max_bytes) for part in parts)
    if encrypted_key or len(iv) != _IV_BYTES or len(tag) != _TAG_BYTES:
        raise InputError("not a JWE with an agreed key")
    header = parse_json_object(header_bytes, max_bytes=MAX_HEADER_BYTES, max_depth=2)
    expected = {"alg": ALGORITHM, "enc": ENCRYPTION, "typ": expected_typ}
    if header.keys() != {*expected, "epk"} or any(header[name] != value for name, value in expected.items()):
        raise InputError("not the expected kind of encrypted message")
    p256_key_from_jwk(header["epk"])
    try:
        opened = jwe.decrypt_compact(token, ECKey(key, key), registry=_REGISTRY).plaintext
    except (JoseError, ValueError):
        opened = None
    if opened is None:
        raise VerificationError("encrypted to another key, or changed on its way", code="not_for_us")
    return opened


def p256_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Return a public P-256 key as JWK (RFC 7518, 6.2)."""
    numbers = key.public_numbers()
    x, y = (base64url.encode(each.to_bytes(_COORDINATE_BYTES, "big")) for each in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def p256_key_from_jwk(jwk: object) -> ec.EllipticCurvePublicKey:
    """Return the key in a JWK of exactly these four members. Raises InputError `p256_key`, off the curve too."""
    if not isinstance(jwk, Mapping) or jwk.keys() != {"kty", "crv", "x", "y"}:
        raise _no_key()
    if jwk["kty"] != "EC" or jwk["crv"] != "P-256":
        raise _no_key()
    return p256_key_from_point(b"\x04" + _coordinate(jwk["x"]) + _coordinate(jwk["y"]))


def p256_key_from_point(point: bytes) -> ec.EllipticCurvePublicKey:
    """Return the key of an encoded point. Raises InputError `p256_key`."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise _no_key() from None


def _coordinate(value: Any) -> bytes:
    """Return a coordinate; one that is too short makes a point of a length that none has."""
    try:
        return base64url.decode(value, max_bytes=_COORDINATE_BYTES)
    except InputError:
        raise _no_key() from None


def _no_key() -> InputError:
    return InputError("not a public key on P-256 as a JWK of kty, crv, x and y", code="p256_key")
