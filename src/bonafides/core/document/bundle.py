"""What a wallet read from a chip and sends: raw files, nothing about them verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bonafides.core import base64url
from bonafides.core.document.lds import GROUP_TAGS
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.errors import InputError

_CODE = "document_bundle"
_NAMES = MappingProxyType({f"dg{number}": number for number in GROUP_TAGS})


@dataclass(frozen=True, slots=True)
class DocumentBundle:
    """The files of one document: EF.SOD, data group 1, data group 11 where read, others by number.

    The repr shows none of them.
    """

    dg1: bytes = field(repr=False)
    sod: bytes = field(repr=False)
    dg11: bytes | None = field(default=None, repr=False)
    others: Mapping[int, bytes] = field(default_factory=dict, repr=False)

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
        """Return the bundle of a parsed JSON object: "sod", "dg1" and further "dgN", each unpadded base64url.

        Raises InputError for anything else, further keys included.
        """
        if not isinstance(value, dict) or not {"sod", "dg1"} <= value.keys() <= {"sod", *_NAMES}:
            raise InputError("a document is an object with sod, dg1 and further data groups", code=_CODE)
        sod = base64url.decode(value["sod"], max_bytes=limits.sod_bytes)
        groups = {
            _NAMES[name]: base64url.decode(text, max_bytes=limits.group_bytes)
            for name, text in value.items()
            if name != "sod"
        }
        return cls(dg1=groups.pop(1), sod=sod, dg11=groups.pop(11, None), others=groups)

    def to_json(self) -> dict[str, str]:
        """Return the JSON object that `from_json` reads."""
        files = {"sod": self.sod} | {f"dg{number}": data for number, data in sorted(self.groups.items())}
        return {name: base64url.encode(data) for name, data in files.items()}
