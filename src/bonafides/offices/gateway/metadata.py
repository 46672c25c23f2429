"""What an issuer publishes about its keys, parsed and checked before any of it is believed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bonafides.core import base64url
from bonafides.core.bbs.keys import decode_public_key
from bonafides.core.credential.header import MAX_HEADER_BYTES, PROFILE, Header, decode_header
from bonafides.errors import InputError

PATH = "/.well-known/bonafides-issuer"
MAX_EPOCHS = 16
MAX_COMPROMISED = 1024
_COUNTRY = re.compile(r"[A-Z]{3}\Z")
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class EpochKey:
    """The header and key of one epoch and type."""

    header: Header
    header_bytes: bytes
    public_key: bytes


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """One issuer's State, its keys and those that nobody may trust any more."""

    issuer_id: str
    country: str
    keys: tuple[EpochKey, ...]
    compromised: frozenset[str]


def read_metadata(document: Mapping[str, Any], *, expected_issuer: str) -> IssuerMetadata:
    """Return the metadata if it is this issuer's and complete. Raises InputError `issuer_metadata`."""
    match document:
        case {
            "profile": str(profile),
            "issuer_id": str(issuer_id),
            "country": str(country),
            "epochs": list(epochs),
            "compromised": list(compromised),
        } if profile == PROFILE and issuer_id == expected_issuer and _COUNTRY.match(country):
            pass
        case _:
            raise _unusable()
    if len(epochs) > MAX_EPOCHS or len(compromised) > MAX_COMPROMISED:
        raise _unusable()
    if any(not isinstance(each, str) or not _KEY_ID.match(each) for each in compromised):
        raise _unusable()
    keys = tuple(_read_key(each, issuer_id) for each in epochs)
    return IssuerMetadata(issuer_id, country, keys, frozenset(compromised))


def _read_key(entry: object, issuer_id: str) -> EpochKey:
    match entry:
        case {"epoch": str(epoch), "type": str(kind), "header": str(header_text), "key": str(key_text)}:
            pass
        case _:
            raise _unusable()
    try:
        header_bytes = base64url.decode(header_text, max_bytes=MAX_HEADER_BYTES)
        key = base64url.decode(key_text, max_bytes=96)
        header = decode_header(header_bytes)
        decode_public_key(key)
    except InputError:
        raise _unusable() from None
    if (header.issuer_id, header.type, header.epoch) != (issuer_id, kind, epoch):
        raise _unusable()
    return EpochKey(header, header_bytes, key)


def _unusable() -> InputError:
    return InputError("not the metadata of this issuer", code="issuer_metadata")
