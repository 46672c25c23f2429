"""What a request asks for, in the strict part of DCQL that the profile uses (OpenID4VP 1.0, 6; wire.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bonafides.errors import InputError
from bonafides.wallet.answers import only_members, read_list, read_object, read_text, read_texts

FORMAT = "application/vnd.bonafides.presentation+cbor"
CODE = "dcql"
_CREDENTIAL = frozenset({"id", "format", "require_cryptographic_holder_binding", "meta", "claims", "claim_sets"})
_META = frozenset({"type", "kind", "detail", "issuers"})
_MAX_CREDENTIALS = 2
_MAX_CLAIMS = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """One presentation that is asked for; the form is right, whether it may be asked is for `consent` to say.

    `detail` is text, or what the list in the request holds; for `rate` without the slot, which the wallet draws.
    """

    id: str
    type: str
    kind: str
    detail: str | tuple[str | int, ...]
    issuers: tuple[str, ...]
    required: frozenset[str]
    requested: tuple[str, ...]

    @property
    def optional(self) -> tuple[str, ...]:
        """Slots that may be shown but need not be."""
        return tuple(slot for slot in self.requested if slot not in self.required)


def parse_query(query: Mapping[str, Any]) -> tuple[Asked, ...]:
    """Return the presentations a DCQL query asks for. Raises InputError `dcql`."""
    only_members(query, frozenset({"credentials"}), code=CODE)
    entries = read_list(query, "credentials", longest=_MAX_CREDENTIALS, code=CODE)
    asked = tuple(_credential(entry if isinstance(entry, dict) else {}) for entry in entries)
    if len({each.id for each in asked}) != len(asked):
        raise InputError("two credential queries of one id", code=CODE)
    return asked


def _credential(entry: Mapping[str, Any]) -> Asked:
    only_members(entry, _CREDENTIAL, code=CODE)
    if entry.get("format") != FORMAT or entry.get("require_cryptographic_holder_binding", True) is not True:
        raise InputError("a credential query of another format, or without holder binding", code=CODE)
    meta = read_object(entry, "meta", code=CODE)
    only_members(meta, _META, code=CODE)
    claims = _claims(entry)
    return Asked(
        id=read_text(entry, "id", longest=64, code=CODE),
        type=read_text(meta, "type", longest=64, code=CODE),
        kind=read_text(meta, "kind", longest=64, code=CODE),
        detail=_detail(meta.get("detail")),
        issuers=read_texts(meta, "issuers", code=CODE),
        required=_required(entry, claims),
        requested=tuple(claims.values()),
    )


def _claims(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return claim id -> slot name, in the request's order."""
    claims: dict[str, str] = {}
    for claim in read_list(entry, "claims", longest=_MAX_CLAIMS, code=CODE):
        claim = claim if isinstance(claim, dict) else {}
        only_members(claim, frozenset({"id", "path"}), code=CODE)
        name = read_text(claim, "id", longest=64, code=CODE)
        (slot,) = read_texts({"path": read_list(claim, "path", longest=1, code=CODE)}, "path", code=CODE)
        if name in claims or slot in claims.values():
            raise InputError("a claim stands twice", code=CODE)
        claims[name] = slot
    return claims


def _required(entry: Mapping[str, Any], claims: Mapping[str, str]) -> frozenset[str]:
    """Return the slots of the last claim set, which is the least that will do; all claims where there is none."""
    if "claim_sets" not in entry:
        return frozenset(claims.values())
    sets = [
        read_texts({"set": each}, "set", code=CODE) for each in read_list(entry, "claim_sets", longest=16, code=CODE)
    ]
    if any(not claims.keys() >= set(each) for each in sets):
        raise InputError("a claim set names a claim that is not there", code=CODE)
    return frozenset(claims[name] for name in sets[-1])


def _detail(value: object) -> str | tuple[str | int, ...]:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) <= 3:
        parts = tuple(each for each in value if isinstance(each, str | int) and not isinstance(each, bool))
        if len(parts) == len(value):
            return parts
    raise InputError("not a detail of any kind", code=CODE)
