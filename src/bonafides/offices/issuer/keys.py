"""The issuer's keys, each in a file apart from the database: person-tag keys, signing keys, the sealing key.

Person numbers can be counted through, so a tag is worth what its key is worth: whoever has the database alone learns
nothing. Keys are added, never overwritten; the newest tag key makes new tags, older ones only recognise.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bonafides.core import bbs, cbor
from bonafides.errors import ConfigError
from bonafides.kit.keyfile import read_secret_file, write_secret_file
from bonafides.kit.seal import KEY_BYTES, Seal
from bonafides.kit.secret import SecretBytes


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One BBS key of the issuer."""

    key_id: str
    secret: SecretBytes
    public: bytes

    def scalar(self) -> int:
        """Return the secret scalar; for the moment of signing only."""
        return int.from_bytes(self.secret.reveal(), "big")


class TagKeys:
    """Makes person tags and handle hashes under every key there is, newest first."""

    def __init__(self, keys: Mapping[str, SecretBytes]) -> None:
        self._keys = dict(sorted(keys.items(), reverse=True))
        self.newest = next(iter(self._keys))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys, newest first."""
        return tuple(self._keys)

    def tag(self, key_id: str, state: str, number: str) -> bytes:
        """Return the person tag: HMAC of (issuing State, national personal number)."""
        return self._mac(key_id, ["bonafides/1 tag", state, number])

    def handle_mac(self, key_id: str, handle: bytes) -> bytes:
        """Return HMAC(handle): that a handle was used, by whomever."""
        return self._mac(key_id, ["bonafides/1 used", handle])

    def tag_handle_mac(self, key_id: str, tag: bytes, handle: bytes) -> bytes:
        """Return HMAC(tag || handle): that this person used it."""
        return self._mac(key_id, ["bonafides/1 used by", tag, handle])

    def _mac(self, key_id: str, fields: list[cbor.Value]) -> bytes:
        return hmac.digest(self._keys[key_id].reveal(), cbor.encode(fields), hashlib.sha256)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys of an issuer."""

    tags: TagKeys
    signing: Mapping[str, SigningKey]
    seal: Seal

    @property
    def newest_signing(self) -> str:
        """The id of the key that signs epochs not yet published."""
        return max(self.signing)


def load_keys(folder: Path) -> KeyRing:
    """Return the keys in a folder. Raises ConfigError in a sentence that says what to do."""
    if not folder.is_dir():
        raise ConfigError(
            f"The key folder {folder} is missing: restore it, or run `bonafides issuer init` for a new one."
        )
    tags = {path.stem.removeprefix("tag-"): _exact(path, KEY_BYTES) for path in folder.glob("tag-*.key")}
    signing = {path.stem.removeprefix("signing-"): _exact(path, 32) for path in folder.glob("signing-*.key")}
    if not tags:
        raise ConfigError(f"No person-tag key (tag-*.key) is in {folder}: restore it from its backup.")
    if not signing:
        raise ConfigError(f"No signing key (signing-*.key) is in {folder}: restore it from its backup.")
    ring = {key_id: _signing_key(key_id, secret, folder) for key_id, secret in signing.items()}
    return KeyRing(TagKeys(tags), ring, Seal(_exact(folder / "seal.key", KEY_BYTES)))


def add_tag_key(folder: Path) -> str:
    """Write a new person-tag key and return its id; from its loading on it makes the tags."""
    return _add(folder, "tag", secrets.token_bytes(KEY_BYTES))


def add_signing_key(folder: Path) -> str:
    """Write a new signing key and return its id; it signs the epochs that are not published yet."""
    scalar = bbs.key_gen(secrets.token_bytes(64), b"bonafides issuer")
    return _add(folder, "signing", scalar.to_bytes(32, "big"))


def write_seal_key(folder: Path, key: bytes) -> None:
    """Write the sealing key. Sessions and tickets sealed under an older one end."""
    write_secret_file(folder / "seal.key", key)


def _add(folder: Path, kind: str, data: bytes) -> str:
    number = 1 + max((int(path.stem[-4:]) for path in folder.glob(f"{kind}-k*.key")), default=0)
    key_id = f"k{number:04}"
    write_secret_file(folder / f"{kind}-{key_id}.key", data)
    return key_id


def _exact(path: Path, length: int) -> SecretBytes:
    secret = read_secret_file(path)
    if len(secret) != length:
        raise ConfigError(f"The key file {path} does not hold {length} bytes: restore it from its backup.")
    return secret


def _signing_key(key_id: str, secret: SecretBytes, folder: Path) -> SigningKey:
    try:
        return SigningKey(key_id, secret, bbs.sk_to_pk(int.from_bytes(secret.reveal(), "big")))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the cure is the same
        raise ConfigError(f"The signing key {key_id} in {folder} is not a key: restore it from its backup.") from None
