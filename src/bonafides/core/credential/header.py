"""The credential header: the same bytes for every holder of an epoch (profile §2)."""

import re
from dataclasses import dataclass

from bonafides.core import cbor
from bonafides.core.credential.epoch import monday_of
from bonafides.core.credential.relying_party import check_id
from bonafides.core.credential.slots import TYPES
from bonafides.errors import InputError

PROFILE = "bonafides/1"
MAX_HEADER_BYTES = 512
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Header:
    """Who signed what under which key for which week."""

    issuer_id: str
    type: str
    key_id: str
    epoch: str

    def encode(self) -> bytes:
        """Return the header as its deterministic CBOR: the bytes that are signed, logged and shown."""
        return cbor.encode([PROFILE, self.issuer_id, self.type, self.key_id, self.epoch])


def decode_header(data: bytes) -> Header:
    """Return the header in these bytes. Raises InputError."""
    if len(data) > MAX_HEADER_BYTES:
        raise InputError("a header is shorter", code="header")
    match cbor.decode(data):
        case [profile, str(issuer_id), str(kind), str(key_id), str(epoch)] if (
            profile == PROFILE and kind in TYPES and _KEY_ID.match(key_id)
        ):
            monday_of(epoch)
            # Loopback names have the right form; whether they may be used is decided where a connection is made.
            check_id(issuer_id, developer=True)
            return Header(issuer_id, kind, key_id, epoch)
    raise InputError("not a header of this profile", code="header")
