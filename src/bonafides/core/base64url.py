"""Unpadded base64url, one spelling only (RFC 4648, 5): how byte strings travel in JSON."""

import base64
import re

from bonafides.errors import InputError

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")


def encode(data: bytes) -> str:
    """Return the bytes as unpadded base64url text."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: object, *, max_bytes: int) -> bytes:
    """Return the bytes of a text; InputError for other types, padding, stray bits or more than `max_bytes`."""
    if not isinstance(text, str) or len(text) > max_bytes * 4 // 3 + 4 or not _ALPHABET.match(text):
        raise InputError("not unpadded base64url", code="base64url")
    if len(text) % 4 == 1:
        raise InputError("not unpadded base64url", code="base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text or len(data) > max_bytes:
        raise InputError("not unpadded base64url", code="base64url")
    return data
