"""Expecting one of our errors by its kind and its stable code."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bonafides.errors import Error, InputError, PolicyError, VerificationError


@contextmanager
def _raises(kind: type[Error], code: str) -> Iterator[None]:
    with pytest.raises(kind) as caught:
        yield
    assert (type(caught.value), caught.value.code) == (kind, code)


@contextmanager
def malformed(code: str) -> Iterator[None]:
    """Expect an InputError with this code."""
    with _raises(InputError, code):
        yield


@contextmanager
def not_genuine(code: str) -> Iterator[None]:
    """Expect a VerificationError with this code."""
    with _raises(VerificationError, code):
        yield


@contextmanager
def not_allowed(code: str) -> Iterator[None]:
    """Expect a PolicyError with this code."""
    with _raises(PolicyError, code):
        yield
