"""Contexts: in which of a person's worlds a pseudonym lives, and the only form in which one is stored (profile §4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from bonafides.core import base64url, cbor
from bonafides.errors import InputError

Detail = str | tuple[str | int, ...]

KINDS = ("account", "voice", "rate", "party", "quota", "subscriber", "handle")
MAX_RATE_SLOT = 3 * 1024
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_RELYING_PARTY = re.compile(r"[a-z0-9][a-z0-9.:-]{0,300}\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True)
class Context:
    """A kind, the relying party's id, and what else separates one pseudonym there from another."""

    kind: str
    relying_party_id: str
    detail: Detail = ""

    def __post_init__(self) -> None:
        """Raise InputError unless kind and detail belong together; keep the detail in its canonical type."""
        if not _RELYING_PARTY.match(self.relying_party_id):
            raise InputError("not the form of a relying party id", code="context")
        object.__setattr__(self, "detail", check_detail(self.kind, self.detail))

    def encode(self) -> bytes:
        """Return the context_id: CBOR `["bonafides/1 context", kind, relying party id, detail]`."""
        return cbor.encode(["bonafides/1 context", self.kind, self.relying_party_id, self.detail])


def handle_context(issuer_id: str) -> Context:
    """Return the context of the handle at an issuer."""
    return Context("handle", issuer_id)


def check_detail(kind: str, detail: object) -> Detail:
    """Return the detail in its canonical type if it fits the kind. Raises InputError."""
    if isinstance(detail, Sequence) and not isinstance(detail, str | bytes):
        detail = tuple(detail)
    match kind, detail:
        case (("account" | "quota" | "subscriber" | "handle"), ""):
            return ""
        case "party", str(case_id) if _ID.match(case_id):
            return case_id
        case "voice", (str(end), str(poll)) if _is_date(end) and _ID.match(poll):
            return (end, poll)
        case "rate", (str(start), str(end), int(slot)) if (
            _is_date(start)
            and _is_date(end)
            and start <= end
            and not isinstance(slot, bool)
            and 0 <= slot < MAX_RATE_SLOT
        ):
            return (start, end, slot)
    raise InputError("kind and detail of a context do not fit", code="context")


def window_end(context: Context) -> date | None:
    """Return the last day of a `voice` or `rate` context, None for the lasting ones."""
    if context.kind == "voice":
        return date.fromisoformat(str(context.detail[0]))
    if context.kind == "rate":
        return date.fromisoformat(str(context.detail[1]))
    return None


def pseudonym_key(issuer_id: str, context: Context, pseudonym: bytes) -> str:
    """Return the key of a pseudonym, 43 characters: what is stored and compared, and for `account` the OpenID `sub`."""
    structure = cbor.encode(
        [
            "bonafides/1 key",
            issuer_id,
            context.relying_party_id,
            context.kind,
            context.detail,
            pseudonym,
        ]
    )
    return base64url.encode(sha256(structure).digest())


def _is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
