"""Unpadded base64url with one spelling for each value."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from bonafides.errors import InputError

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encode_base64url(data: bytes) -> str:
    """Return `data` as unpadded base64url."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: object) -> bytes:
    """Return the bytes; InputError for padding, other characters, or set bits after the last byte."""
    if not isinstance(text, str) or not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        raise InputError("not base64url")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode_base64url(data) != text:
        raise InputError("not base64url")
    return data
