"""The Logical Data Structure of a chip: its files, and the two that are plain data objects (ICAO 9303-10, 3 and 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.scan import scan
from bonafides.core.document.tlv import Tlv, read_objects, read_tlv
from bonafides.errors import InputError

GROUP_TAGS: Mapping[int, int] = MappingProxyType(
    {
        1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 5: 0x65, 6: 0x66, 7: 0x67, 8: 0x68,
        9: 0x69, 10: 0x6A, 11: 0x6B, 12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F, 16: 0x70,
    }
)  # fmt: skip
"""Data group number -> tag of its file (ICAO 9303-10, table 38)."""

COM_TAG, SOD_TAG = 0x60, 0x77
_MRZ_TAG = 0x5F1F
_LDS_VERSION_TAG, _UNICODE_VERSION_TAG, _TAG_LIST_TAG = 0x5F01, 0x5F36, 0x5C
_WHAT, _CODE = "a file of the chip", "document_file"


@dataclass(frozen=True, slots=True)
class Com:
    """What EF.COM says is on the chip. Nobody signs it: it tells a reader what to read, and nobody what to believe."""

    lds_version: str
    unicode_version: str
    groups: tuple[int, ...]


def read_file(data: bytes, tag: int, *, max_bytes: int) -> bytes:
    """Return the value of a file that is one data object with this tag and nothing else. Raises InputError."""
    if len(data) > max_bytes:
        raise InputError(f"{_WHAT} is longer than {max_bytes} bytes", code=_CODE)
    item = read_tlv(data)
    if item.tag != tag or item.end != len(data):
        raise InputError("a file of the chip has another tag, or bytes after its end", code=_CODE)
    return item.value


def read_group(number: int, data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the value of the file of data group `number`, unscanned. Raises InputError. ICAO 9303-10, 4.7."""
    if number not in GROUP_TAGS:
        raise InputError("data groups have the numbers 1 to 16", code=_CODE)
    return read_file(data, GROUP_TAGS[number], max_bytes=group_bytes(number, limits))


def read_group_objects(number: int, data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> list[Tlv]:
    """Return the data objects in the file of data group `number`, scanned first. Raises InputError."""
    scan(data, max_bytes=group_bytes(number, limits), what=_WHAT, code=_CODE, limits=limits)
    return list(read_objects(read_group(number, data, limits=limits)))


def group_bytes(number: int, limits: Limits) -> int:
    """How long the file of a data group may be."""
    return {1: limits.dg1_bytes, 2: limits.portrait_bytes}.get(number, limits.group_bytes)


def parse_com(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Com:
    """Return what EF.COM lists; groups that do not exist are left out. Raises InputError. ICAO 9303-10, 4.6.1."""
    scan(data, max_bytes=limits.group_bytes, what="EF.COM", code="document_com", limits=limits)
    found = {item.tag: item.value for item in read_objects(read_file(data, COM_TAG, max_bytes=limits.group_bytes))}
    if not {_LDS_VERSION_TAG, _UNICODE_VERSION_TAG, _TAG_LIST_TAG} <= found.keys():
        raise InputError("EF.COM lacks its versions or its list", code="document_com")
    versions = found[_LDS_VERSION_TAG], found[_UNICODE_VERSION_TAG]
    if not all(version.isdigit() for version in versions):
        raise InputError("EF.COM has a version that is none", code="document_com")
    listed = set(found[_TAG_LIST_TAG])
    groups = tuple(number for number, tag in sorted(GROUP_TAGS.items()) if tag in listed)
    return Com(versions[0].decode(), versions[1].decode(), groups)


def parse_dg1(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the machine readable zone in data group 1, unchecked. Raises InputError. ICAO 9303-10, 4.7.1."""
    objects = read_group_objects(1, data, limits=limits)
    if len(objects) != 1 or objects[0].tag != _MRZ_TAG or not objects[0].value.isascii():
        raise InputError("data group 1 is not one machine readable zone", code="document_dg1")
    return objects[0].value.decode("ascii")
