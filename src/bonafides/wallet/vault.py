"""The wallet on disk: one file, encrypted under a passphrase, never half-written, open in one place at a time.

Layout: mark, scrypt parameters, salt, key check, nonce, ChaCha20-Poly1305 ciphertext; everything before the ciphertext
is authenticated with it. The key check is a second part of scrypt's output: it tells a wrong passphrase from a damaged
file, and tells a thief no more than the ciphertext's own tag does.
"""

import contextlib
import fcntl
import hmac
import os
import secrets
import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bonafides.errors import ConfigError, ConflictError, InputError, PolicyError
from bonafides.kit.files import write_atomically
from bonafides.kit.secret import SecretBytes

MARK = b"bonafides wallet 1\n"
MIN_PASSPHRASE = 8
MAX_CONTENT_BYTES = 4 * 1024 * 1024
_SALT, _CHECK, _NONCE, _TAG, _KEY = 16, 16, 12, 16, 32
_COST = struct.Struct(">BBB")
_HEAD = len(MARK) + _COST.size + _SALT + _CHECK


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """How dear a guess is: N = 2**log2_n, r, p (RFC 7914). Bounded, so that a file cannot exhaust memory."""

    log2_n: int = 15
    r: int = 8
    p: int = 1

    def __post_init__(self) -> None:
        """Raise InputError outside the bounds."""
        if not (4 <= self.log2_n <= 18 and 1 <= self.r <= 16 and 1 <= self.p <= 4):
            raise InputError("scrypt parameters out of bounds", code="wallet_damaged")


DEFAULT_COST = ScryptCost()


class Vault:
    """An open wallet file and its lock. Use as a context manager, or close it."""

    def __init__(self, path: Path, lock: int, head: bytes, key: SecretBytes) -> None:
        self.path = path
        self._lock: int | None = lock
        self._head = head
        self._key = key

    @classmethod
    def create(cls, path: Path, passphrase: str, content: bytes, *, cost: ScryptCost = DEFAULT_COST) -> "Vault":
        """Make a new wallet file and keep it open. Raises ConflictError if there is one, PolicyError, ConfigError."""
        if len(passphrase) < MIN_PASSPHRASE:
            raise PolicyError(
                f"The passphrase of a wallet has at least {MIN_PASSPHRASE} characters: choose a longer one.",
                code="wallet_passphrase_short",
            )
        with contextlib.suppress(OSError):  # told by the lock below
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = _lock(path)
        try:
            if path.exists():
                raise ConflictError(f"There is a wallet in {path} already: name another file.", code="wallet_exists")
            salt = secrets.token_bytes(_SALT)
            key, check = _derive(passphrase, salt, cost)
            head = MARK + _COST.pack(cost.log2_n, cost.r, cost.p) + salt + check
            vault = cls(path, lock, head, key)
            vault.write(content)
        except BaseException:
            os.close(lock)
            raise
        return vault

    @classmethod
    def open(cls, path: Path, passphrase: str) -> tuple["Vault", bytes]:
        """Return the open vault and its content.

        Raises ConfigError `wallet_missing`, ConflictError `wallet_busy`, PolicyError `wallet_passphrase`, InputError
        `wallet_damaged`.
        """
        if not path.exists():
            raise ConfigError(f"There is no wallet in {path}: enrol, restore, or name another.", code="wallet_missing")
        lock = _lock(path)
        try:
            head, nonce, sealed = _read(path)
            cost = ScryptCost(*_COST.unpack_from(head, len(MARK)))
            salt, check = head[-_SALT - _CHECK : -_CHECK], head[-_CHECK:]
            key, found = _derive(passphrase, salt, cost)
            if not hmac.compare_digest(found, check):
                raise PolicyError("This passphrase does not open the wallet.", code="wallet_passphrase")
            content = ChaCha20Poly1305(key.reveal()).decrypt(nonce, sealed, head + nonce)
        except InvalidTag:
            os.close(lock)
            raise _damaged() from None
        except BaseException:
            os.close(lock)
            raise
        return cls(path, lock, head, key), content

    def write(self, content: bytes) -> None:
        """Replace the content in one step that survives a crash. Raises ConfigError if the disk refuses."""
        if self._lock is None:
            raise ConfigError("The wallet is closed: open it again.", code="wallet_closed")
        if len(content) > MAX_CONTENT_BYTES:
            raise ConfigError("The wallet has become too large to be written.", code="wallet_storage")
        nonce = secrets.token_bytes(_NONCE)
        sealed = ChaCha20Poly1305(self._key.reveal()).encrypt(nonce, content, self._head + nonce)
        try:
            write_atomically(self.path, self._head + nonce + sealed, mode=0o600)
        except OSError as error:
            raise _storage(self.path, error) from None

    def close(self) -> None:
        """Forget the key and let others open the file; harmless when repeated."""
        self._key = SecretBytes(b"")
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __repr__(self) -> str:
        """Return a text without key or content."""
        return "Vault(redacted)"

    def __enter__(self) -> Self:
        """Return the vault itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _lock(path: Path) -> int:
    """Return the descriptor that holds the lock: a file beside the wallet, since the wallet itself is exchanged."""
    try:
        descriptor = os.open(
            path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
    except OSError as error:
        raise _storage(path, error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise ConflictError(
            "The wallet is open in another program: close it there first.", code="wallet_busy"
        ) from None
    return descriptor


def _read(path: Path) -> tuple[bytes, bytes, bytes]:
    """Return head, nonce and ciphertext."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CONTENT_BYTES + 4096)
    except OSError as error:
        raise _storage(path, error) from None
    if not data.startswith(MARK) or not _HEAD + _NONCE + _TAG <= len(data) < MAX_CONTENT_BYTES + 4096:
        raise _damaged()
    return data[:_HEAD], data[_HEAD : _HEAD + _NONCE], data[_HEAD + _NONCE :]


def _derive(passphrase: str, salt: bytes, cost: ScryptCost) -> tuple[SecretBytes, bytes]:
    """Return the key and the key check of a passphrase; keyboards differ in how they compose accents, NFC does not."""
    kdf = Scrypt(salt=salt, length=_KEY + _CHECK, n=2**cost.log2_n, r=cost.r, p=cost.p)
    try:
        octets = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise PolicyError("This passphrase does not open the wallet.", code="wallet_passphrase") from None
    derived = kdf.derive(octets)
    return SecretBytes(derived[:_KEY]), derived[_KEY:]


def _damaged() -> InputError:
    return InputError("The wallet file is damaged: bring back a copy, or restore from your kit.", code="wallet_damaged")


def _storage(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"The wallet in {path} cannot be used ({error.strerror}).", code="wallet_storage")
