"""Compact JWE to one P-256 key: one algorithm, one header, our errors only."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey

from bonafides.core import base64url
from bonafides.errors import Error, InputError, VerificationError
from bonafides.kit.jwe import decrypt_jwe, encrypt_jwe, p256_jwk, p256_key_from_jwk

KEY = ec.generate_private_key(ec.SECP256R1())
TYP = "test+jwe"
TOKEN = encrypt_jwe(b"a secret", key=KEY.public_key(), typ=TYP)


def opened(token: str, **more: Any) -> bytes:
    return decrypt_jwe(token, key=KEY, expected_typ=TYP, **more)


def with_header(**changes: Any) -> str:
    head, _, rest = TOKEN.partition(".")
    header = json.loads(base64url.decode(head, max_bytes=1024)) | changes
    kept = {name: value for name, value in header.items() if value is not ...}
    return f"{base64url.encode(json.dumps(kept).encode())}.{rest}"


def test_there_and_back() -> None:
    assert opened(TOKEN) == b"a secret"
    assert encrypt_jwe(b"a secret", key=KEY.public_key(), typ=TYP) != TOKEN
    assert p256_key_from_jwk(p256_jwk(KEY.public_key())) == KEY.public_key()


def test_another_implementations_token_is_read() -> None:
    """Against the library alone, with the algorithms by their names in RFC 7518."""
    made = jwe.encrypt_compact(
        {"alg": "ECDH-ES", "enc": "A256GCM", "typ": TYP}, b"x", ECKey.import_key(dict(p256_jwk(KEY.public_key())))
    )
    assert opened(made) == b"x"


def test_another_key_opens_nothing() -> None:
    with pytest.raises(VerificationError) as refused:
        decrypt_jwe(TOKEN, key=ec.generate_private_key(ec.SECP256R1()), expected_typ=TYP)
    assert refused.value.code == "not_for_us"


def flipped(part: int) -> str:
    parts = TOKEN.split(".")
    parts[part] = ("B" if parts[part][0] == "A" else "A") + parts[part][1:]
    return ".".join(parts)


@pytest.mark.parametrize("part", [2, 3, 4])
def test_a_changed_part_opens_nothing(part: int) -> None:
    with pytest.raises(VerificationError):
        opened(flipped(part))


OTHER = p256_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        TOKEN + ".",
        TOKEN.replace(".", "", 1),
        TOKEN.replace("..", ".AAAA.", 1),
        TOKEN + "=",
        TOKEN + "ü",
        with_header(alg="dir"),
        with_header(alg="ECDH-ES+A256KW"),
        with_header(enc="A128CBC-HS256"),
        with_header(typ="other+jwe"),
        with_header(typ=...),
        with_header(zip="DEF"),
        with_header(apu="AAAA"),
        with_header(crit=["x"]),
        with_header(epk=...),
        with_header(epk="AAAA"),
        with_header(epk=OTHER | {"y": OTHER["x"]}),
        with_header(epk={"kty": "OKP", "crv": "X25519", "x": "A" * 43}),
        with_header(epk=[[[[[]]]]]),
        "e30" + TOKEN[TOKEN.index(".") :],
        TOKEN.replace(".", ".", 1)[: TOKEN.rindex(".")] + ".AAAA",
    ],
    ids=lambda _: "token",  # they are random, and workers compare names
)
def test_anything_else_is_refused_in_our_words(token: str) -> None:
    with pytest.raises(InputError):
        opened(token)


def test_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(InputError) as refused:
        opened("A" * 1000, max_bytes=999)
    assert refused.value.code == "too_large"


def test_an_ephemeral_key_of_somebody_else_is_no_way_in() -> None:
    with pytest.raises(VerificationError):
        opened(with_header(epk=OTHER))


def test_a_shared_secret_is_no_key_agreement() -> None:
    made = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, b"x", OctKey.generate_key(256))
    with pytest.raises(Error):
        opened(made)
