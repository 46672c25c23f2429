"""Ed25519 keys of offices: made, kept in key files, published as JWK."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from bonafides.core import base64url
from bonafides.errors import ConfigError, InputError
from bonafides.kit.keyfile import read_secret_file, write_secret_file

_P = 2**255 - 19
# The y coordinates (the x sign bit cleared) of every point of small order, canonical or not: under such a "key" one
# signature holds for many messages, so that its owner could deny or exchange what was signed.
_SMALL_ORDER = {
    0,
    1,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    _P - 1,
    _P,
    _P + 1,
}


def new_signing_key() -> Ed25519PrivateKey:
    """Make a key from the system's randomness."""
    return Ed25519PrivateKey.generate()


def write_signing_key(path: Path, key: Ed25519PrivateKey) -> None:
    """Write a key as PKCS #8 PEM with mode 0600."""
    write_secret_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """Read a key file, PKCS #8 PEM or the 32 bytes alone; ConfigError if it holds anything else."""
    data = read_secret_file(path).reveal()
    try:
        key = Ed25519PrivateKey.from_private_bytes(data) if len(data) == 32 else load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"The key file {path} holds no Ed25519 key: restore it, or make one and publish it anew.")
    return key


def public_jwk(key: Ed25519PrivateKey | Ed25519PublicKey, *, kid: str | None = None) -> dict[str, str]:
    """Return the public key as JWK (RFC 8037), for a DID document or a key set."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw))}
    return jwk if kid is None else {**jwk, "kid": kid, "use": "sig", "alg": "EdDSA"}


def public_key_from_jwk(jwk: Mapping[str, Any]) -> Ed25519PublicKey:
    """Return the key in a JWK; InputError unless it is a public Ed25519 key, and not one of small order."""
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or "d" in jwk:
        raise InputError("not a public Ed25519 JWK")
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", "EdDSA") not in ("EdDSA", "Ed25519"):
        raise InputError("a JWK for another use")
    return public_key_from_bytes(base64url.decode(jwk.get("x"), max_bytes=32))


def public_key_from_bytes(data: bytes) -> Ed25519PublicKey:
    """Return the key of 32 bytes; InputError for another length, a coordinate out of range or a small order."""
    y = int.from_bytes(data, "little") & (2**255 - 1)
    if len(data) != 32 or y in _SMALL_ORDER or y >= _P:
        raise InputError("not an Ed25519 public key")
    return Ed25519PublicKey.from_public_bytes(data)


def jwk_thumbprint(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """Return the RFC 7638 thumbprint, the key id where no other is agreed."""
    text = json.dumps(public_jwk(key), separators=(",", ":"), sort_keys=True)
    return base64url.encode(hashlib.sha256(text.encode("ascii")).digest())
