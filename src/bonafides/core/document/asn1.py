"""The one place where asn1crypto may fail: whatever it raises over foreign bytes leaves as an InputError.

asn1crypto parses lazily, so a malformed inner field only shows when it is touched. Decoders therefore copy every value
they need into plain dataclasses inside one `reading` block, and nothing outside this package sees its objects.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.scan import scan
from bonafides.errors import InputError

# What asn1crypto 1.5 raises when bytes do not fit the structure; RecursionError and OverflowError come from
# indefinite nesting and from dates.
_FAILURES = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


@contextmanager
def reading(what: str, code: str) -> Iterator[None]:
    """Turn every failure of the ASN.1 library inside the block into an InputError that carries no value."""
    try:
        yield
    except _FAILURES:
        raise InputError(f"{what} is not well-formed", code=code) from None


def exact(*sequences: Any) -> None:
    """Raise ValueError if one of these asn1crypto sequences has more members than its structure; inside `reading`.

    asn1crypto lets additional ones pass, which would be room for bytes that no signature covers.
    """
    for sequence in sequences:
        if len(sequence) > len(sequence._fields):
            raise ValueError("a structure has additional members")


def load(spec: Any, data: bytes, *, max_bytes: int, what: str, code: str, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Return the asn1crypto object of these bytes: scanned first, and nothing after the end. Raises InputError."""
    scan(data, max_bytes=max_bytes, what=what, code=code, limits=limits)
    with reading(what, code):
        return spec.load(bytes(data), strict=True)
