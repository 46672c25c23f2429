"""Unpadded base64url (RFC 4648, 5): one text for each byte string, and no other."""

import base64
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bonafides.core import base64url
from bonafides.errors import InputError

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ALPHABET = string.ascii_letters + string.digits + "-_"


def refuse(text: object, *, max_bytes: int = 1000) -> None:
    """Fail unless this is refused with the one code."""
    with pytest.raises(InputError) as caught:
        base64url.decode(text, max_bytes=max_bytes)
    assert caught.value.code == "base64url"


@UNHURRIED
@given(st.binary(max_size=100))
def test_bytes_come_back_and_the_text_is_that_of_the_library(data: bytes) -> None:
    text = base64url.encode(data)
    assert base64url.decode(text, max_bytes=len(data)) == data
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert set(text) <= set(ALPHABET)


@settings(UNHURRIED, max_examples=400)
@given(st.text(st.sampled_from(ALPHABET + "=+/ \n\u00fc\u0430"), max_size=12))
def test_whatever_is_accepted_is_its_own_encoding(text: str) -> None:
    try:
        data = base64url.decode(text, max_bytes=100)
    except InputError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize("length", [1, 2, 3])
def test_stray_bits_are_refused(length: int) -> None:
    """Of the last letter's bits, those beyond the last byte are zero: else one byte string had many texts."""
    data = bytes(length)
    good = base64url.encode(data)
    accepted = [letter for letter in ALPHABET if _accepts(good[:-1] + letter)]
    assert len(accepted) == {1: 4, 2: 16, 3: 64}[length]


def _accepts(text: str) -> bool:
    try:
        base64url.decode(text, max_bytes=10)
    except InputError:
        return False
    return True


@pytest.mark.parametrize(
    "text",
    ["A", "AAAAA", "AA==", "AAA=", "====", "=", "AA=A", "A A", " AA", "AA ", "AA\n", "A+", "A/", "AA\x00", "ÄA", "АА"],
)
def test_padding_spaces_and_the_other_alphabet_are_refused(text: str) -> None:
    refuse(text)


@pytest.mark.parametrize("value", [None, 7, 1.5, True, b"AA", ["AA"], {"AA": 1}, bytearray(b"AA")])
def test_other_types_are_refused(value: object) -> None:
    refuse(value)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 48, 1000])
def test_the_bound_is_exact(size: int) -> None:
    text = base64url.encode(bytes(size))
    assert base64url.decode(text, max_bytes=size) == bytes(size)
    refuse(base64url.encode(bytes(size + 1)), max_bytes=size)


def test_a_long_text_is_refused_before_it_is_read() -> None:
    refuse("A" * 10_000_000, max_bytes=10)
    refuse("=" * 10_000_000, max_bytes=10)


def test_nothing_is_the_empty_text() -> None:
    assert base64url.encode(b"") == ""
    assert base64url.decode("", max_bytes=0) == b""
