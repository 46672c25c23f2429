"""Data objects in commands and responses, and how long a file says that it is (ISO/IEC 7816-4, 5.2.2)."""

from bonafides.core.document.tlv import read_header, read_objects
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
    """Return how many bytes the data object has that begins so. Raises InputError.

    A file of a chip is one data object, so this is where it ends (ICAO 9303-10, 4).
    """
    try:
        _, length, position = read_header(start, 0)
    except InputError:
        raise _malformed() from None
    if length is None:
        raise _malformed()
    return position + length


def _malformed() -> InputError:
    return InputError("the chip's answer is not well-formed data objects", code="chip_response")
