"""Strict JSON and base64url: one spelling, one meaning, and InputError as the only exception."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonafides.errors import InputError
from bonafides.kit.strict_json import parse_json_object

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), values, max_size=5), st.booleans())
def test_what_json_writes_is_read(value: dict[str, Any], ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert parse_json_object(data, max_bytes=len(data)) == value


@given(st.binary(max_size=200) | st.text('[]{}",:0123456789eE+-.\\untrfalsN \n').map(str.encode))
def test_only_our_error_leaves_the_parser(data: bytes) -> None:
    with suppress(InputError):
        assert isinstance(parse_json_object(data, max_bytes=1000), dict)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 21 + b"}",
        b'{"a":0.' + b"9" * 100 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1} x',
        b"[]",
        b'"a"',
        b"",
        b'{"a":' + b"[" * 100_000,
        b'{"a":' + b"[" * 32 + b"]" * 32 + b"}",
    ],
)
def test_two_meanings_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_json_object(data, max_bytes=1_000_000)


def test_brackets_in_strings_do_not_nest() -> None:
    value = {"a": "[{" * 100 + '\\"'}
    assert parse_json_object(json.dumps(value).encode(), max_bytes=1000) == value


def test_size_is_checked_first() -> None:
    with pytest.raises(InputError) as caught:
        parse_json_object(b"x" * 11, max_bytes=10)
    assert caught.value.code == "too_large"
