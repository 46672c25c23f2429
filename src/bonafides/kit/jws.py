"""Signed messages: compact JWS, Ed25519 only, with a header of exactly `alg`, `kid` and `typ`.

The header chooses nothing: the algorithm is fixed, the type is what the caller expects, and the key id only picks
among keys the caller already trusts.
"""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSAlgModel, JWSRegistry  # type: ignore[attr-defined]

from bonafides.core import base64url
from bonafides.errors import InputError, VerificationError
from bonafides.kit.strict_json import parse_json_object

ALGORITHM = "EdDSA"
MAX_HEADER_BYTES = 1024
MAX_JWS_BYTES = 64 * 1024


class _Ed25519(JWSAlgModel):
    """EdDSA without Ed448; RFC 9864 deprecates the name for leaving the curve open, which we do not."""

    name = ALGORITHM
    description = "EdDSA on Ed25519"
    key_type = "OKP"

    def sign(self, msg: bytes, key: Any) -> bytes:
        signature = key.get_op_key("sign").sign(msg)
        if not isinstance(signature, bytes) or len(signature) != 64:
            raise TypeError("not an Ed25519 key")
        return signature

    def verify(self, msg: bytes, sig: bytes, key: Any) -> bool:
        try:
            key.get_op_key("verify").verify(sig, msg)
        except InvalidSignature:
            return False
        return True


class _Registry(JWSRegistry):
    """Knows one algorithm, whatever the library or a header offers; sizes are ours."""

    max_header_length = 2 * MAX_HEADER_BYTES
    max_payload_length = 64 * 1024 * 1024

    def get_alg(self, name: str) -> JWSAlgModel:
        if name != ALGORITHM:
            raise ValueError("no such algorithm")
        return _Ed25519()


_REGISTRY = _Registry(algorithms=[ALGORITHM])


def sign_jws(payload: Mapping[str, Any], *, key: Ed25519PrivateKey, kid: str, typ: str) -> str:
    """Return `payload` signed as compact JWS; ValueError if it is no JSON."""
    data = json.dumps(dict(payload), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")
    header = {"alg": ALGORITHM, "kid": kid, "typ": typ}
    return jws.serialize_compact(header, data, OKPKey(key, key), registry=_REGISTRY)


def verify_jws(
    token: str, *, keys: Mapping[str, Ed25519PublicKey], expected_typ: str, max_bytes: int = MAX_JWS_BYTES
) -> dict[str, Any]:
    """Return the payload if one of `keys` signed it as `expected_typ`.

    Malformed, too large, another algorithm, type or header: InputError. Unknown key id or bad signature:
    VerificationError.
    """
    kid, payload = _parse(token, expected_typ, max_bytes)
    key = keys.get(kid)
    if key is None:
        raise VerificationError("signed by an unknown key", code="unknown_key")
    try:
        jws.deserialize_compact(token, OKPKey(key, key), registry=_REGISTRY)
    except (JoseError, ValueError):
        raise VerificationError("the signature does not hold", code="bad_signature") from None
    return payload


def read_kid(token: str, *, expected_typ: str, max_bytes: int = MAX_JWS_BYTES) -> str:
    """Return the key id a well-formed token names, unverified: only to fetch keys for `verify_jws`."""
    return _parse(token, expected_typ, max_bytes)[0]


def _parse(token: str, expected_typ: str, max_bytes: int) -> tuple[str, dict[str, Any]]:
    """Check the form, sizes first, and return key id and payload."""
    if len(token) > max_bytes:
        raise InputError("the JWS is too large", code="too_large")
    parts = token.split(".")
    if len(parts) != 3:
        raise InputError("not a compact JWS")
    header_bytes, payload_bytes, signature = (base64url.decode(part, max_bytes=max_bytes) for part in parts)
    header = parse_json_object(header_bytes, max_bytes=MAX_HEADER_BYTES, max_depth=1)
    if header.keys() != {"alg", "kid", "typ"} or header["alg"] != ALGORITHM or header["typ"] != expected_typ:
        raise InputError("not the expected kind of signed message")
    if not isinstance(header["kid"], str) or len(signature) != 64:
        raise InputError("not a compact JWS")
    return header["kid"], parse_json_object(payload_bytes, max_bytes=max_bytes)
