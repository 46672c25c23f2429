"""The LDS security object: the hashes of all data groups, which the State signs (ICAO 9303-10, 4.6.2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from asn1crypto import algos, core

from bonafides.core.document import asn1
from bonafides.core.document.lds import GROUP_TAGS
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.signature import digest, digest_name
from bonafides.errors import InputError

_CODE = "document_security_object"


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """Data group number -> hash, and the hash function. The hashes identify a document: they are not shown."""

    version: int
    digest: str
    group_hashes: Mapping[int, bytes] = field(repr=False)


class _DataGroupHash(core.Sequence):  # type: ignore[misc]
    _fields = [("number", core.Integer), ("value", core.OctetString)]


class _DataGroupHashes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _DataGroupHash


class _LdsVersionInfo(core.Sequence):  # type: ignore[misc]
    _fields = [("lds_version", core.PrintableString), ("unicode_version", core.PrintableString)]


class _LdsSecurityObject(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("hash_algorithm", algos.DigestAlgorithm),
        ("hashes", _DataGroupHashes),
        ("version_info", _LdsVersionInfo, {"optional": True}),
    ]


def parse_security_object(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> SecurityObject:
    """Return the security object of these bytes, version 0 or 1 and nothing looser. Raises InputError."""
    what = "the security object"
    parsed = asn1.load(_LdsSecurityObject, data, max_bytes=limits.sod_bytes, what=what, code=_CODE)
    with asn1.reading(what, _CODE):
        asn1.exact(parsed)
        version = parsed["version"].native
        if version not in (0, 1) or (version == 1) == isinstance(parsed["version_info"], core.Void):
            raise ValueError("version 0 has no version information, version 1 has, and there is no other")
        if version == 1:
            asn1.exact(parsed["version_info"])
            _ = parsed["version_info"]["lds_version"].native, parsed["version_info"]["unicode_version"].native
        name = digest_name(parsed["hash_algorithm"]["algorithm"].dotted, error=InputError)
        return SecurityObject(version, name, MappingProxyType(_group_hashes(parsed["hashes"], len(digest(name, b"")))))


def _group_hashes(hashes: Any, size: int) -> dict[int, bytes]:
    """Return number -> hash: 2 to 16 groups, none twice, data group 1 among them, all hashes of the right size."""
    found: dict[int, bytes] = {}
    for entry in hashes:
        asn1.exact(entry)
        number, value = entry["number"].native, bytes(entry["value"])
        if number not in GROUP_TAGS or number in found or len(value) != size:
            raise ValueError("a data group is repeated, unknown or hashed otherwise")
        found[number] = value
    if len(found) < 2 or 1 not in found:
        raise ValueError("data groups 1 and 2 are mandatory")
    return found
