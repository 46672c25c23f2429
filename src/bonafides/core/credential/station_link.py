"""What a wallet shows to a service point: where the issuer is, which session, and a code for two pairs of eyes."""

import re
from dataclasses import dataclass, field
from hashlib import sha256

from bonafides.core import base64url, cbor
from bonafides.core.credential.relying_party import check_id
from bonafides.errors import Error, InputError

SCHEME = "bonafides-station"
DELIVERY_TYP = "bonafides-delivery+jwe"
"""The `typ` of what the issuer keeps for the wallet that opened the session."""
NONCE_BYTES = 8
MAX_SESSION = 512
MAX_LINK = 1024
# One spelling: no other order, no escape, no further member.
_LINK = re.compile(
    rf"{SCHEME}:\?issuer=([a-z0-9.:-]{{1,259}})&session=([A-Za-z0-9_-]{{1,{MAX_SESSION}}})&nonce=([A-Za-z0-9_-]{{11}})"
)
_SESSION = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_SESSION}}}")


@dataclass(frozen=True, slots=True)
class StationLink:
    """An issuer session that a service point may answer. Who has it can spend the session, and learns nothing by it.

    The repr shows the issuer only.
    """

    issuer_id: str
    session: str = field(repr=False)
    nonce: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raise InputError `station_link` for parts that no link can carry."""
        if not _SESSION.fullmatch(self.session) or len(self.nonce) != NONCE_BYTES:
            raise _no_link()

    @property
    def text(self) -> str:
        """The link, and what the QR code holds."""
        return f"{SCHEME}:?issuer={self.issuer_id}&session={self.session}&nonce={base64url.encode(self.nonce)}"

    @property
    def comparison_code(self) -> str:
        """Six digits that wallet and service point both show: the last ones of the session's digest as a number.

        SHA-256(CBOR `["bonafides/1 station", issuer id, session]`), modulo a million. Different digits mean that the
        service point reads another wallet's code.
        """
        digest = sha256(cbor.encode(["bonafides/1 station", self.issuer_id, self.session])).digest()
        digits = f"{int.from_bytes(digest, 'big') % 1_000_000:06}"
        return f"{digits[:3]} {digits[3:]}"


def parse_station_link(text: str, *, developer: bool = False) -> StationLink:
    """Return what a link says; nothing of it is verified, only the issuer's form. Raises InputError `station_link`.

    `developer` allows loopback names, which have no TLS.
    """
    found = _LINK.fullmatch(text.strip())
    if found is None:
        raise _no_link()
    issuer_id, session, nonce = found.groups()
    try:
        return StationLink(
            check_id(issuer_id, developer=developer), session, base64url.decode(nonce, max_bytes=NONCE_BYTES)
        )
    except Error:
        raise _no_link() from None


def _no_link() -> InputError:
    return InputError("This is not a code for a service point: ask the person to begin again.", code="station_link")
