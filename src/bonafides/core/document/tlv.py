"""Data objects as tag, length and value: ISO/IEC 7816-4, 5.2.2 and X.690, 8.1."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bonafides.errors import InputError

_LONGEST_TAG, _LONGEST_LENGTH = 4, 4


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object: its tag as an integer, its value and the offset of the byte after it."""

    tag: int
    value: bytes = field(repr=False)
    end: int


def read_tlv(data: bytes, offset: int = 0) -> Tlv:
    """Return the data object at this offset. Raises InputError. Definite lengths only."""
    tag, length, position = read_header(data, offset)
    if length is None or length > len(data) - position:
        raise malformed()
    return Tlv(tag, bytes(data[position : position + length]), position + length)


def read_objects(data: bytes) -> Iterator[Tlv]:
    """Yield the data objects of which these bytes consist, to the last byte. Raises InputError."""
    offset = 0
    while offset < len(data):
        item = read_tlv(data, offset)
        yield item
        offset = item.end


def read_header(data: bytes, offset: int) -> tuple[int, int | None, int]:
    """Return tag, length (None: indefinite) and the offset of the value. Raises InputError.

    Longer forms of the length than needed are read, since chips do write them.
    """
    try:
        tag, position = _read_tag(data, offset)
        first = data[position]
    except IndexError:
        raise malformed() from None
    position += 1
    if first < 0x80:
        return tag, first, position
    count = first & 0x7F
    if count == 0:
        return tag, None, position
    if count > _LONGEST_LENGTH or position + count > len(data):
        raise malformed()
    return tag, int.from_bytes(data[position : position + count], "big"), position + count


def malformed() -> InputError:
    """One error for every slip of tag or length, so that it tells nothing about the content."""
    return InputError("not a well-formed data object", code="document_file")


def _read_tag(data: bytes, offset: int) -> tuple[int, int]:
    """Return a tag and the next offset; raises IndexError at the end of the data."""
    position = offset + 1
    if data[offset] & 0x1F == 0x1F:
        while data[position] & 0x80:
            position += 1
            if position - offset >= _LONGEST_TAG:
                raise malformed()
        position += 1
    return int.from_bytes(data[offset:position], "big"), position
