"""Deterministic CBOR, only the part the profile uses (RFC 8949, 4.2.1): one value has one encoding.

Unsigned and negative integers to 64 bits, byte and text strings, arrays, maps with integer or text keys, true, false,
null. Everything else — tags, floats, indefinite lengths, longer spellings, unsorted or repeated keys, trailing bytes,
text that is not UTF-8 — is refused. A small strict decoder of our own stands here because general decoders accept all
of that and build objects from tags before one can compare a re-encoding.
"""

from collections.abc import Mapping, Sequence

from bonafides.errors import InputError

Value = int | bytes | str | bool | None | Sequence["Value"] | Mapping[int | str, "Value"]

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8
MAX_ITEMS = 1024


def encode(value: Value) -> bytes:
    """Return the one deterministic encoding of a value; ValueError for what the profile does not use."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        octets = value.encode()
        return _head(3, len(octets)) + octets
    if isinstance(value, Mapping):
        if any(isinstance(key, bool) or not isinstance(key, int | str) for key in value):
            raise ValueError("keys are integers and texts")
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return _head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    if isinstance(value, list | tuple):
        # Not any sequence: a bytearray would become an array of integers.
        return _head(4, len(value)) + b"".join(encode(item) for item in value)
    raise ValueError("not a value of the profile")


def decode(data: bytes) -> Value:
    """Return the value of these bytes. Raises InputError unless they are its deterministic encoding, whole."""
    if len(data) > MAX_BYTES:
        raise _malformed()
    try:
        value, end = _item(data, 0, MAX_DEPTH)
    except (IndexError, UnicodeDecodeError):
        raise _malformed() from None
    if end != len(data):
        raise _malformed()
    return value


def _head(major: int, argument: int) -> bytes:
    """Return the shortest head of a major type with this argument."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * size:
            return bytes([major << 5 | extra]) + argument.to_bytes(size, "big")
    raise ValueError("integers have 64 bits at most")


def _item(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    """Return the value that starts at `at` and where it ends."""
    if depth == 0:
        raise _malformed()
    major, argument, at = _read_head(data, at)
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major in (2, 3):
        if argument > len(data) - at:
            raise _malformed()
        octets = bytes(data[at : at + argument])
        return (octets if major == 2 else octets.decode()), at + argument
    if major == 4:
        return _array(data, at, argument, depth)
    if major == 5:
        return _map(data, at, argument, depth)
    return {20: False, 21: True, 22: None}[argument], at


def _read_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Return major type, argument and the next position, refusing every spelling but the shortest."""
    major, argument = data[at] >> 5, data[at] & 31
    at += 1
    if major == 6 or (major == 7 and argument not in (20, 21, 22)):
        raise _malformed()
    if argument < 24:
        return major, argument, at
    if argument > 27:
        raise _malformed()
    size = 1 << (argument - 24)
    if size > len(data) - at:
        raise _malformed()
    value = int.from_bytes(data[at : at + size], "big")
    if value < (24 if size == 1 else 1 << 4 * size):
        raise _malformed()
    return major, value, at + size


def _array(data: bytes, at: int, count: int, depth: int) -> tuple[Value, int]:
    if count > min(MAX_ITEMS, len(data) - at):
        raise _malformed()
    items: list[Value] = []
    for _ in range(count):
        item, at = _item(data, at, depth - 1)
        items.append(item)
    return items, at


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[Value, int]:
    if count > min(MAX_ITEMS, len(data) - at):
        raise _malformed()
    pairs: dict[int | str, Value] = {}
    previous = b""
    for _ in range(count):
        start = at
        key, at = _item(data, at, depth - 1)
        octets = bytes(data[start:at])
        if isinstance(key, bool) or not isinstance(key, int | str) or octets <= previous:
            raise _malformed()
        previous = octets
        pairs[key], at = _item(data, at, depth - 1)
    return pairs, at


def _malformed() -> InputError:
    return InputError("not deterministic CBOR of the profile", code="cbor")
