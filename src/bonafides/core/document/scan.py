"""One look over data objects before anything is parsed: how long, how deep, how many, each inside its parent.

Parsers of nested structures recurse and allocate; after this they cannot be made to do much of either.
"""

from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.tlv import read_header
from bonafides.errors import InputError

_CONSTRUCTED = 0x20
# ICAO 9303-10, 4.7.2: a biometric data block, which need not be of data objects although its tag says so.
_OPAQUE = frozenset({0x7F2E})
_OBJECT_IDENTIFIER = 0x06


def scan(data: bytes, *, max_bytes: int, what: str, code: str, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raise InputError unless these bytes are data objects within the limits. X.690, 8.1; ISO/IEC 7816-4, 5.2.2.

    Lengths may be definite or indefinite; what is not constructed is not looked into. Object identifiers are short,
    since to read one takes time that grows with the square of its length.
    """
    if len(data) > max_bytes:
        raise InputError(f"{what} is longer than {max_bytes} bytes", code=code)
    position = elements = 0
    # Of each open value: the offset that nothing in it may pass, and whether an end-of-contents closes it.
    open_values = [(len(data), False)]
    while open_values:
        end, is_indefinite = open_values[-1]
        if position == end and not is_indefinite:
            open_values.pop()
            continue
        if is_indefinite and data[position : min(position + 2, end)] == b"\0\0":
            open_values.pop()
            position += 2
            continue
        elements += 1
        if elements > limits.elements:
            raise InputError(f"{what} has more than {limits.elements} elements", code=code)
        first = data[position : position + 1]
        try:
            tag, length, position = read_header(data, position)
        except InputError:
            raise _malformed(what, code) from None
        is_constructed = bool(first[0] & _CONSTRUCTED)
        if tag == 0 or position + (length or 0) > end or (length is None and not is_constructed):
            raise _malformed(what, code)
        if is_constructed and tag not in _OPAQUE:
            if len(open_values) > limits.nesting:
                raise InputError(f"{what} is nested deeper than {limits.nesting}", code=code)
            open_values.append((end, True) if length is None else (position + length, False))
        elif length is None:
            raise _malformed(what, code)
        elif tag == _OBJECT_IDENTIFIER and length > limits.identifier_bytes:
            raise InputError(f"{what} has a name longer than {limits.identifier_bytes} bytes", code=code)
        else:
            position += length


def _malformed(what: str, code: str) -> InputError:
    return InputError(f"{what} is not well-formed", code=code)
