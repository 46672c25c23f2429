"""Values that only we can read, kept by somebody else: sessions, codes and tickets without a row of ours.

A sealed value is AES-256-GCM over deterministic CBOR, bound to its purpose and with an end. What the wallet keeps, no
database of ours can lose, leak or join up.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bonafides.core import base64url, cbor
from bonafides.errors import InputError, PolicyError
from bonafides.kit.secret import SecretBytes

KEY_BYTES = 32
MAX_SEALED_BYTES = 4096
_NONCE_BYTES = 12


class Seal:
    """Seals and opens values under one key from a file."""

    def __init__(self, key: SecretBytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a sealing key has 32 bytes")
        self._aead = AESGCM(key.reveal())

    def close(self, purpose: str, fields: Sequence[cbor.Value], *, now: datetime, lifetime: timedelta) -> str:
        """Return the fields as opaque text that opens for this purpose until `now + lifetime`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = cbor.encode([int((now + lifetime).timestamp()), *fields])
        return base64url.encode(nonce + self._aead.encrypt(nonce, plain, purpose.encode()))

    def open(self, purpose: str, text: object, *, now: datetime) -> list[cbor.Value]:
        """Return the fields of a sealed text.

        Raises InputError for anything we did not seal for this purpose, PolicyError `expired` after its end.
        """
        data = base64url.decode(text, max_bytes=MAX_SEALED_BYTES)
        try:
            plain = self._aead.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError):
            raise InputError("not a value of ours", code="sealed") from None
        match cbor.decode(plain):
            case [int(end), *fields]:
                if now.timestamp() >= end:
                    raise PolicyError("too late: begin again", code="expired")
                return fields
        raise InputError("not a value of ours", code="sealed")
