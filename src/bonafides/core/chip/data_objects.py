"""Data objects in commands and responses, and how long a file says that it is (ISO/IEC 7816-4, 5.2.2)."""

from bonafides.core.document.tlv import read_objects
from bonafides.errors import InputError


def encode_object(tag: int, value: bytes) -> bytes:
    """Return one data object: a tag of one or two bytes, the shortest length, the value."""
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    else:
        count = (size.bit_length() + 7) // 8
        length = bytes([0x80 | count]) + size.to_bytes(count, "big")
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + length + value


def decode_objects(data: bytes) -> dict[int, bytes]:
    """Return tag -> value of the data objects of which these bytes consist, none twice. Raises InputError."""
    try:
        items = list(read_objects(data))
    except InputError:
        raise _malformed() from None
    found = {item.tag: item.value for item in items}
    if len(found) != len(items):
        raise _malformed()
    return found


def announced_size(start: bytes) -> int:
    """Return how many bytes the data object has whose first six or more bytes these are. Raises InputError.

    A file of a chip is one data object, so this is where it ends (ICAO 9303-10, 4).
    """
    try:
        position = 2 if start[0] & 0x1F == 0x1F else 1
        first = start[position]
        if first < 0x80:
            return position + 1 + first
        count = first & 0x7F
        if not 1 <= count <= 3 or len(start) < position + 1 + count:
            raise _malformed()
        return position + 1 + count + int.from_bytes(start[position + 1 : position + 1 + count], "big")
    except IndexError:
        raise _malformed() from None


def _malformed() -> InputError:
    return InputError("the chip's answer is not well-formed data objects", code="chip_response")
