"""Signed messages: only what was expected, by the keys that were expected."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from bonafides.core import base64url
from bonafides.errors import ConfigError, InputError, VerificationError
from bonafides.kit.jws import read_kid, sign_jws, verify_jws
from bonafides.kit.keyfile import write_secret_file
from bonafides.kit.signing_key import (
    jwk_thumbprint,
    new_signing_key,
    public_jwk,
    public_key_from_bytes,
    public_key_from_jwk,
    read_signing_key,
    write_signing_key,
)

# RFC 8037, appendix A: the example key, its thumbprint, and the signed message.
RFC8037_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

KEY = Ed25519PrivateKey.from_private_bytes(base64url.decode(RFC8037_D, max_bytes=32))
KEYS = {"one": KEY.public_key()}
TYP = "bonafides-test+jwt"
TOKEN = sign_jws({"sub": "xin chào", "n": 1}, key=KEY, kid="one", typ=TYP)


def verify(token: str, **changed: Any) -> dict[str, Any]:
    return verify_jws(token, **{"keys": KEYS, "expected_typ": TYP, "max_bytes": 4096, **changed})


def token_of(header: str | dict[str, Any], payload: bytes = b'{"n":1}') -> str:
    """Sign any header and payload, as an attacker with a key of their own would."""
    head = header if isinstance(header, str) else json.dumps(header)
    start = f"{base64url.encode(head.encode())}.{base64url.encode(payload)}"
    return f"{start}.{base64url.encode(KEY.sign(start.encode()))}"


HEADER = {"alg": "EdDSA", "kid": "one", "typ": TYP}


def test_a_signed_message_is_read_back() -> None:
    assert verify(TOKEN) == {"sub": "xin chào", "n": 1}
    assert verify(token_of(HEADER)) == {"n": 1}
    assert read_kid(TOKEN, expected_typ=TYP) == "one"
    header = json.loads(base64url.decode(TOKEN.split(".", maxsplit=1)[0], max_bytes=256))
    assert header == HEADER


@pytest.mark.parametrize(
    "header",
    [
        HEADER | {"alg": "none"},
        HEADER | {"alg": "Ed25519"},
        HEADER | {"alg": "HS256"},
        HEADER | {"alg": ["EdDSA"]},
        HEADER | {"typ": "JWT"},
        HEADER | {"kid": 1},
        HEADER | {"kid": None},
        HEADER | {"jwk": public_jwk(KEY)},
        HEADER | {"jku": "https://evil.example/"},
        HEADER | {"x5u": "https://evil.example/"},
        HEADER | {"crit": ["exp"], "exp": 1},
        HEADER | {"b64": False},
        HEADER | {"zip": "DEF"},
        {"alg": "EdDSA", "kid": "one"},
        {"alg": "EdDSA", "typ": TYP},
        json.dumps(HEADER)[:-1] + ',"kid":"one"}',
        '["EdDSA"]',
        "",
    ],
)
def test_other_headers_are_refused(header: str | dict[str, Any]) -> None:
    with pytest.raises(InputError):
        verify(token_of(header))


@pytest.mark.parametrize("payload", [b"", b"[]", b'"x"', b'{"a":1,"a":1}', b"{", b"\xff", b'{"a":' + b"[" * 99])
def test_other_payloads_are_refused(payload: bytes) -> None:
    with pytest.raises(InputError):
        verify(token_of(HEADER, payload))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b",
        TOKEN + ".",
        TOKEN + "=",
        TOKEN + "A",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN.replace(".", "..", 1),
        TOKEN.rpartition(".")[0] + ".",
        TOKEN.replace("-", "+").replace("_", "/") + "/",
        '{"payload":"e30","signatures":[]}',
    ],
)
def test_malformed_tokens_are_refused(token: str) -> None:
    with pytest.raises(InputError):
        verify(token)


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="utf-8"))
def test_no_changed_character_is_accepted(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    if changed != TOKEN:
        with pytest.raises((InputError, VerificationError)):
            verify(changed)


def test_size_is_checked_first() -> None:
    with pytest.raises(InputError) as caught:
        verify("!" * 100, max_bytes=99)
    assert caught.value.code == "too_large"


def test_other_keys_do_not_do() -> None:
    with pytest.raises(VerificationError) as caught:
        verify(TOKEN, keys={"two": KEY.public_key()})
    assert caught.value.code == "unknown_key"
    with pytest.raises(VerificationError) as caught:
        verify(TOKEN, keys={"one": new_signing_key().public_key()})
    assert caught.value.code == "bad_signature"


def test_another_type_is_another_message() -> None:
    with pytest.raises(InputError):
        verify(TOKEN, expected_typ="secevent+jwt")


def test_rfc8037_key_and_thumbprint() -> None:
    assert public_jwk(KEY) == {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X}
    assert jwk_thumbprint(KEY) == RFC8037_THUMBPRINT
    published = public_jwk(KEY.public_key(), kid="one")
    assert published["kid"] == "one"
    assert verify(TOKEN, keys={"one": public_key_from_jwk(published)})


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "EC"},
        {"crv": "Ed448"},
        {"crv": "X25519"},
        {"d": RFC8037_D},
        {"use": "enc"},
        {"alg": "ES256"},
        {"x": None},
        {"x": RFC8037_X + "="},
        {"x": RFC8037_X[:-2]},
    ],
)
def test_other_jwks_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        public_key_from_jwk(public_jwk(KEY) | change)


# All eight points of small order, canonical and not, as listed in libsodium's ed25519_ref10.c.
SMALL_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


@pytest.mark.parametrize("encoded", SMALL_ORDER)
@pytest.mark.parametrize("sign", [0, 0x80])
def test_keys_of_small_order_are_refused(encoded: str, sign: int) -> None:
    data = bytearray.fromhex(encoded)
    data[31] |= sign
    with pytest.raises(InputError):
        public_key_from_bytes(bytes(data))


def test_key_files(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_signing_key(path, KEY)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public_jwk(read_signing_key(path)) == public_jwk(KEY)
    write_secret_file(path, KEY.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    assert public_jwk(read_signing_key(path)) == public_jwk(KEY)


def test_other_key_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    others = [
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for key in (Ed448PrivateKey.generate(), generate_private_key(SECP256R1()))
    ]
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for content in (*others, public, b"x" * 31, b"-----BEGIN PRIVATE KEY-----\n"):
        write_secret_file(path, content)
        with pytest.raises(ConfigError, match="holds no Ed25519 key"):
            read_signing_key(path)
