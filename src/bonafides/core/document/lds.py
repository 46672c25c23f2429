"""The Logical Data Structure of a chip: files and data groups as tag-length-value (ICAO 9303-10, 3 and 4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.errors import InputError

GROUP_TAGS: Mapping[int, int] = MappingProxyType(
    {
        1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 5: 0x65, 6: 0x66, 7: 0x67, 8: 0x68,
        9: 0x69, 10: 0x6A, 11: 0x6B, 12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F, 16: 0x70,
    }
)  # fmt: skip
"""Data group number -> tag of its file (ICAO 9303-10, table 38)."""

SOD_TAG = 0x77
_MRZ_TAG = 0x5F1F
_FULL_NAME_TAG = 0x5F0E
_PERSONAL_NUMBER_TAG = 0x5F10


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object: its tag as an integer, its value and the offset of the byte after it."""

    tag: int
    value: bytes = field(repr=False)
    end: int


def read_tlv(data: bytes, offset: int = 0) -> Tlv:
    """Return the data object at this offset. Raises InputError. ISO/IEC 7816-4, BER-TLV: definite lengths only."""
    try:
        tag, position = _read_tag(data, offset)
        length, position = _read_length(data, position)
    except IndexError:
        raise _malformed() from None
    if length > len(data) - position:
        raise _malformed()
    return Tlv(tag, bytes(data[position : position + length]), position + length)


def read_objects(data: bytes) -> Iterator[Tlv]:
    """Yield the data objects of which these bytes consist, to the last byte. Raises InputError."""
    offset = 0
    while offset < len(data):
        item = read_tlv(data, offset)
        yield item
        offset = item.end


def read_file(data: bytes, tag: int, *, max_bytes: int) -> bytes:
    """Return the value of a file that is one data object with this tag and nothing else. Raises InputError."""
    if len(data) > max_bytes:
        raise InputError(f"a file of the chip is longer than {max_bytes} bytes", code="document_file")
    item = read_tlv(data)
    if item.tag != tag or item.end != len(data):
        raise InputError("a file of the chip has another tag, or bytes after its end", code="document_file")
    return item.value


def read_group(number: int, data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the value of the file of data group `number`. Raises InputError. ICAO 9303-10, 4.7."""
    if number not in GROUP_TAGS:
        raise InputError("data groups have the numbers 1 to 16", code="document_file")
    return read_file(data, GROUP_TAGS[number], max_bytes=limits.dg1_bytes if number == 1 else limits.group_bytes)


def parse_dg1(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the machine readable zone in data group 1, unchecked. Raises InputError. ICAO 9303-10, 4.7.1."""
    objects = list(read_objects(read_group(1, data, limits=limits)))
    if len(objects) != 1 or objects[0].tag != _MRZ_TAG or not objects[0].value.isascii():
        raise InputError("data group 1 is not one machine readable zone", code="document_dg1")
    return objects[0].value.decode("ascii")


def parse_dg11(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """Return the personal number in data group 11, or None; nothing else in it is decoded. ICAO 9303-10, 4.7.11.

    Raises InputError.
    """
    return _text_in_dg11(data, _PERSONAL_NUMBER_TAG, limits)


def parse_dg11_name(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """Return the full name in data group 11 as it is written there, or None; nothing else is decoded.

    Raises InputError. Only for who asked for a name: ICAO 9303-10, 4.7.11.
    """
    return _text_in_dg11(data, _FULL_NAME_TAG, limits)


def _text_in_dg11(data: bytes, tag: int, limits: Limits) -> str | None:
    """Return the one text under this tag in data group 11, or None."""
    found = [item.value for item in read_objects(read_group(11, data, limits=limits)) if item.tag == tag]
    if len(found) > 1:
        raise InputError("data group 11 has two personal numbers, or two names", code="document_dg11")
    try:
        return found[0].decode() if found else None
    except UnicodeDecodeError:
        raise InputError("a text in data group 11 is not UTF-8", code="document_dg11") from None


def _read_tag(data: bytes, offset: int) -> tuple[int, int]:
    """Return a tag of one or two bytes and the next offset; the LDS has no longer ones."""
    first = data[offset]
    if first & 0x1F != 0x1F:
        return first, offset + 1
    second = data[offset + 1]
    if second & 0x80:
        raise _malformed()
    return first << 8 | second, offset + 2


def _read_length(data: bytes, offset: int) -> tuple[int, int]:
    """Return a definite length of at most three bytes and the next offset; chips do write longer forms than needed."""
    first = data[offset]
    if first < 0x80:
        return first, offset + 1
    count = first & 0x7F
    if not 1 <= count <= 3:
        raise _malformed()
    if offset + 1 + count > len(data):
        raise _malformed()
    return int.from_bytes(data[offset + 1 : offset + 1 + count], "big"), offset + 1 + count


def _malformed() -> InputError:
    """One error for every slip of tag or length, so that it tells nothing about the content."""
    return InputError("not a well-formed data object", code="document_file")
