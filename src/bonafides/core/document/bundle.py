"""What a wallet read from a chip and sends: raw files, nothing about them verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bonafides.core import base64url
from bonafides.core.document.lds import GROUP_TAGS, group_bytes
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.errors import InputError

_CODE = "document_bundle"
_PROOF = "active_authentication"
_NAMES = MappingProxyType({f"dg{number}": number for number in GROUP_TAGS})


@dataclass(frozen=True, slots=True)
class DocumentBundle:
    """The files of one document: EF.SOD, data group 1, data group 11 where read, others by number.

    `active_authentication` is the chip's signature over the nonce it was given, where it has a key (data group 15).
    The repr shows none of them.
    """

    dg1: bytes = field(repr=False)
    sod: bytes = field(repr=False)
    dg11: bytes | None = field(default=None, repr=False)
    others: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    active_authentication: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Keep the other groups from changing, and each group in one place."""
        if not GROUP_TAGS.keys() - {1, 11} >= self.others.keys():
            raise InputError("other data groups are 2 to 10 and 12 to 16", code=_CODE)
        object.__setattr__(self, "others", MappingProxyType(dict(self.others)))

    @property
    def groups(self) -> dict[int, bytes]:
        """All data groups by number."""
        return {1: self.dg1} | ({} if self.dg11 is None else {11: self.dg11}) | dict(self.others)

    @classmethod
    def from_json(cls, value: object, *, limits: Limits = DEFAULT_LIMITS) -> "DocumentBundle":
        """Return the bundle of a parsed JSON object: "sod", "dg1", further "dgN" and "active_authentication".

        Each is unpadded base64url. Raises InputError for anything else, further keys included.
        """
        if not isinstance(value, dict) or not {"sod", "dg1"} <= value.keys() <= {"sod", _PROOF, *_NAMES}:
            raise InputError("a document is an object with sod, dg1 and further data groups", code=_CODE)
        files = {name: base64url.decode(text, max_bytes=_max_bytes(name, limits)) for name, text in value.items()}
        sod, proof = files.pop("sod"), files.pop(_PROOF, None)
        groups = {_NAMES[name]: data for name, data in files.items()}
        return cls(dg1=groups.pop(1), sod=sod, dg11=groups.pop(11, None), others=groups, active_authentication=proof)

    def to_json(self) -> dict[str, str]:
        """Return the JSON object that `from_json` reads."""
        files = {"sod": self.sod} | {f"dg{number}": data for number, data in sorted(self.groups.items())}
        if self.active_authentication is not None:
            files[_PROOF] = self.active_authentication
        return {name: base64url.encode(data) for name, data in files.items()}


def _max_bytes(name: str, limits: Limits) -> int:
    """How long one member may be."""
    return {"sod": limits.sod_bytes, _PROOF: limits.chip_signature_bytes}.get(name) or group_bytes(_NAMES[name], limits)
