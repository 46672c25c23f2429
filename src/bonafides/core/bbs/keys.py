"""Issuer keys: secret scalar and public G2 point (BBS draft-09, 3.4)."""

from functools import lru_cache

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G2
from bonafides.core.bbs.ciphersuite import SHA256, Ciphersuite
from bonafides.errors import InputError

MIN_KEY_MATERIAL = 32
MAX_KEY_INFO = 65535


def key_gen(
    key_material: bytes, key_info: bytes = b"", key_dst: bytes | None = None, *, suite: Ciphersuite = SHA256
) -> int:
    """Return the secret key derived from at least 32 bytes of secret material (BBS draft-09, 3.4.1).

    Raises InputError for too little material or too long `key_info`.
    """
    if len(key_material) < MIN_KEY_MATERIAL or len(key_info) > MAX_KEY_INFO:
        raise InputError("key material needs 32 bytes, key info at most 65535", code="key_material")
    dst = suite.id + b"H2G_HM2S_KEYGEN_DST_" if key_dst is None else key_dst
    secret_key = suite.hash_to_scalar(key_material + len(key_info).to_bytes(2, "big") + key_info, dst)
    if secret_key == 0:
        raise InputError("this key material gives no key", code="key_material")
    return secret_key


def sk_to_pk(secret_key: int) -> bytes:
    """Return the 96-byte public key of a secret key (BBS draft-09, 3.4.2)."""
    if not 0 < secret_key < curve.ORDER:
        raise InputError("a secret key is a scalar, not zero", code="key_material")
    return curve.encode_g2(curve.g2_public_key(secret_key))


@lru_cache(maxsize=256)
def decode_public_key(public_key: bytes) -> G2:
    """Return the point of a public key: canonical, of prime order, not the identity. InputError otherwise."""
    return curve.decode_g2(public_key)
