"""Every key in the pooled files, and what can be made of a stored value with them.

The attacker has the offices' key files: person-tag keys, signing keys, sealing key, request keys, tokens. A value of
one party counts as known at another if any hash, keyed hash or structure of the protocol leads from one to the other.
"""

import base64
import hashlib
import hmac
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bonafides.core import base64url, cbor
from bonafides.core.bbs._curve import ORDER
from bonafides.core.credential.context import Context, handle_context, pseudonym_key
from bonafides.core.credential.relying_party import check_id
from bonafides.errors import Error
from bonafides.testing.linkage.dump import Cell, Dump, File

MIN_TOKEN = 16
"""Shorter values are no identifiers: they are compared column by column (values.py), not one by one."""
MAX_TOKEN = 4096
MAX_KEY_FILE = 4096
CHUNKS = (32, 48)
KINDS = ("account", "quota", "subscriber")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){16,}\Z")
_BASE64 = re.compile(r"[A-Za-z0-9_+/-]{22,}={0,2}\Z")


@dataclass(frozen=True)
class Keys:
    """Secrets by the name of their file; ids of issuers, and of relying parties by the folder of their settings."""

    secrets: dict[str, bytes] = field(repr=False)
    issuers: tuple[str, ...]
    relying_parties: dict[str, str]

    def scalars(self) -> dict[str, int]:
        """Return every secret that can be read as a scalar, reduced."""
        return {name: int.from_bytes(key, "big") % ORDER for name, key in self.secrets.items() if len(key) == 32}

    def contexts(self) -> list[Context]:
        """Return every lasting context that the known ids make possible."""
        handles = [handle_context(each) for each in self.issuers]
        return handles + [Context(kind, each) for each in self.relying_parties.values() for kind in KINDS]

    def derive(self, value: bytes) -> Iterator[tuple[str, bytes]]:
        """Give what can be made of a value: (name of the way, result)."""
        yield "sha256", hashlib.sha256(value).digest()
        encoded = base64url.encode(value).encode()
        yield "sha256", hashlib.sha256(encoded).digest()
        yield "sha256", hashlib.sha256(value.hex().encode()).digest()
        for name, key in self.secrets.items():
            yield f"hmac {name}", hmac.digest(key, value, hashlib.sha256)
            yield f"hmac {name}", hmac.digest(key, encoded, hashlib.sha256)
            yield f"hmac {name}", hmac.digest(key, cbor.encode(["bonafides/1 used", value]), hashlib.sha256)
            yield f"sha256 of {name}", hashlib.sha256(key + value).digest()
        for context in self.contexts():
            for issuer in self.issuers:
                key_text = pseudonym_key(issuer, context, value).encode()
                yield "pseudonym key", key_text
                yield "pseudonym key", base64.urlsafe_b64decode(key_text + b"=")

    def derive_pair(self, first: bytes, second: bytes) -> Iterator[tuple[str, bytes]]:
        """Give what can be made of two values that stand beside one another, as the issuer does of tag and handle."""
        for name, key in self.secrets.items():
            yield f"hmac {name}", hmac.digest(key, cbor.encode(["bonafides/1 used by", first, second]), hashlib.sha256)
            yield f"hmac {name}", hmac.digest(key, first + second, hashlib.sha256)
        yield "sha256", hashlib.sha256(first + second).digest()


def find_keys(dump: Dump) -> Keys:
    """Return all keys and ids in the pooled files."""
    secrets: dict[str, bytes] = {}
    issuers: set[str] = set()
    relying_parties: dict[str, str] = {}
    for file in dump.files:
        if file.is_database:
            continue
        if file.name.endswith((".key", ".pem", "token")) and 0 < len(file.content) <= MAX_KEY_FILE:
            secrets[file.name] = _key_bytes(file)
        if file.name.endswith(".toml"):
            settings = _settings(file)
            issuers |= {*_ids(settings.get("issuer_id")), *_ids(settings.get("issuers"))}
            for each in _ids(settings.get("relying_party_id")):
                relying_parties[file.party] = each
    return Keys(secrets, tuple(sorted(issuers)), relying_parties)


def _key_bytes(file: File) -> bytes:
    if b"PRIVATE KEY" in file.content:
        try:
            key = load_pem_private_key(file.content, None)
        except (ValueError, TypeError):
            return file.content
        if isinstance(key, Ed25519PrivateKey):
            return key.private_bytes_raw()
    return file.content


def _settings(file: File) -> dict[str, Any]:
    try:
        return tomllib.loads(file.text)
    except ValueError:
        return {}


def _ids(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, str):
        try:
            yield check_id(value, developer=True)
        except Error:
            return


def tokens_of(value: Cell) -> set[bytes]:
    """Return the bytes by which a cell can be recognised: as stored, decoded, and in pieces if it is a row of them."""
    if isinstance(value, str):
        value_bytes = value.encode("utf-8", "surrogateescape")
        found = {value_bytes}
        if _HEX.match(value):
            found.add(bytes.fromhex(value))
        elif _BASE64.match(value):
            found |= _decoded(value)
    elif isinstance(value, bytes):
        found = {value}
        for size in CHUNKS:
            if len(value) > size and len(value) % size == 0:
                found |= {value[i : i + size] for i in range(0, len(value), size)}
    else:
        return set()
    return {each for each in found if MIN_TOKEN <= len(each) <= MAX_TOKEN}


def _decoded(text: str) -> set[bytes]:
    try:
        plain = text.rstrip("=").replace("+", "-").replace("/", "_")
        return {base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))}
    except ValueError:
        return set()


def spellings(value: bytes) -> tuple[bytes, ...]:
    """Return the forms in which a value may stand in a file."""
    padded = base64.b64encode(value)
    return (value, value.hex().encode(), value.hex().upper().encode(), base64url.encode(value).encode(), padded)
