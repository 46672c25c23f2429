"""Deterministic CBOR (RFC 8949, 4.2.1) against another library, and everything that must not be taken for it."""

import struct
from io import BytesIO
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bonafides.core import cbor
from bonafides.errors import InputError

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

INTEGERS = st.integers(-(2**64), 2**64 - 1) | st.sampled_from(
    [s * (2**n + d) for n in (0, 3, 4, 5, 8, 16, 31, 32, 63) for d in (-1, 0, 1) for s in (1, -1)]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
KEYS = INTEGERS | TEXTS
LEAVES = st.none() | st.booleans() | INTEGERS | TEXTS | st.binary(max_size=40)
VALUES: st.SearchStrategy[cbor.Value] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=6) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20
).filter(lambda value: depth(value) <= cbor.MAX_DEPTH)


def depth(value: object) -> int:
    """How deep a value is nested; 1 for a leaf."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 1


def same(one: object, other: object) -> bool:
    """Whether two values are equal with their types: True is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def plain_head(major: int, argument: int, size: int) -> bytes:
    """A head whose argument takes this many bytes, 0 meaning that it sits in the first byte."""
    extra = {0: argument, 1: 24, 2: 25, 4: 26, 8: 27}[size]
    return bytes([major << 5 | extra]) + (argument.to_bytes(size, "big") if size else b"")


def refuse(data: bytes) -> None:
    """Fail unless these bytes are refused with the one code."""
    with pytest.raises(InputError) as caught:
        cbor.decode(data)
    assert caught.value.code == "cbor"


def listed(value: Any) -> Any:
    """What another library decoded, without the types of its own."""
    if isinstance(value, list | tuple):
        return [listed(item) for item in value]
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    return value


# The two libraries agree


@UNHURRIED
@given(VALUES)
def test_what_we_encode_another_library_reads_and_writes_alike(value: cbor.Value) -> None:
    data = cbor.encode(value)
    assert same(cbor.decode(data), value)
    assert same(listed(cbor2.loads(data)), value)
    assert len(data) <= cbor.MAX_BYTES


def core_deterministic(value: object) -> bytes:
    """What cbor2 writes, its maps sorted by us: its `canonical` mode sorts by length first (RFC 7049)."""
    if isinstance(value, dict):
        pairs = sorted((core_deterministic(key), core_deterministic(item)) for key, item in value.items())
        return cbor2.dumps(dict.fromkeys(range(len(pairs))))[: _head_length(len(pairs))] + b"".join(
            key + item for key, item in pairs
        )
    if isinstance(value, list):
        return cbor2.dumps([None] * len(value))[: _head_length(len(value))] + b"".join(map(core_deterministic, value))
    return cbor2.dumps(value, canonical=True)


def _head_length(count: int) -> int:
    return 1 if count < 24 else 2 if count < 256 else 3


@UNHURRIED
@given(VALUES)
def test_another_library_s_encoding_is_ours(value: cbor.Value) -> None:
    assert cbor.encode(value) == core_deterministic(value)


@UNHURRIED
@given(VALUES, VALUES)
def test_two_values_never_share_an_encoding(one: cbor.Value, other: cbor.Value) -> None:
    assert (cbor.encode(one) == cbor.encode(other)) == same(one, other)


FRAGMENTS = st.sampled_from(
    [bytes([first]) for first in range(256)]
    + [b"\x18\x18", b"\x19\x01\x00", b"\x1a\x00\x01\x00\x00", b"\x61a", b"\x41a", b"\x82\x00\x01", b"\xa1\x00\x01"]
)
NEARLY = st.lists(FRAGMENTS, max_size=12).map(b"".join) | st.binary(max_size=12)


@settings(UNHURRIED, max_examples=800)
@given(NEARLY)
def test_whatever_is_accepted_is_its_own_encoding(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except InputError:
        return
    assert cbor.encode(value) == data
    stream = BytesIO(data)
    assert same(listed(cbor2.load(stream)), value)
    assert stream.read() == b""


def test_all_short_byte_strings() -> None:
    """Up to two bytes, every one: accepted exactly if another library's value encodes to these bytes."""
    accepted = 0
    for data in [b"", *(bytes([a]) for a in range(256)), *(bytes([a, b]) for a in range(256) for b in range(256))]:
        try:
            value = cbor.decode(data)
        except InputError:
            continue
        accepted += 1
        assert cbor.encode(value) == data
        assert same(listed(cbor2.loads(data)), value)
    # Leaves of one byte: 24 + 24 numbers, two empty strings, array, map, three simple values. Of two: 232 + 232 longer
    # numbers, 256 byte strings, 128 texts, an array of each of the 55 values of one byte.
    leaves = 24 + 24 + 2 + 2 + 3
    assert accepted == leaves + 232 + 232 + 256 + 128 + leaves


# RFC 8949, appendix A, as far as the profile goes

RFC_EXAMPLES: list[tuple[cbor.Value, str]] = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (100, "1864"),
    (1000, "1903e8"),
    (1000000, "1a000f4240"),
    (1000000000000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-18446744073709551616, "3bffffffffffffffff"),
    (-1, "20"),
    (-100, "3863"),
    (-1000, "3903e7"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    (b"", "40"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("IETF", "6449455446"),
    ('"\\', "62225c"),
    ("\u00fc", "62c3bc"),
    ("\u6c34", "63e6b0b4"),
    ("\U00010151", "64f0908591"),
    ([], "80"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ({}, "a0"),
    ({1: 2, 3: 4}, "a201020304"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
    ({"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}, "a56161614161626142616361436164614461656145"),
]
RFC_REFUSED = {
    "bignum": "c249010000000000000000",
    "negative bignum": "c349010000000000000000",
    "half float": "f90000",
    "float": "fa47c35000",
    "double": "fb3ff199999999999a",
    "infinity": "f97c00",
    "not a number": "f97e00",
    "undefined": "f7",
    "simple value 16": "f0",
    "simple value 255": "f8ff",
    "false in two bytes": "f814",
    "date": "c074323031332d30332d32315432303a30343a30305a",
    "epoch": "c11a514b67b0",
    "address": "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
    "shared value": "d81c80",
    "reference": "d81d00",
    "self-described": "d9d9f700",
    "bytes without end": "5f42010243030405ff",
    "text without end": "7f657374726561646d696e67ff",
    "array without end": "9fff",
    "map without end": "bfff",
    "lone break": "ff",
}


@pytest.mark.parametrize(("value", "encoded"), RFC_EXAMPLES)
def test_examples_of_the_rfc(value: cbor.Value, encoded: str) -> None:
    assert cbor.encode(value).hex() == encoded
    assert same(cbor.decode(bytes.fromhex(encoded)), value)


@pytest.mark.parametrize("name", RFC_REFUSED)
def test_what_the_rfc_has_and_the_profile_has_not(name: str) -> None:
    refuse(bytes.fromhex(RFC_REFUSED[name]))
    refuse(b"\x81" + bytes.fromhex(RFC_REFUSED[name]))
    refuse(b"\xa1\x00" + bytes.fromhex(RFC_REFUSED[name]))


# Other spellings of a value


def spell(value: object, draw: Any) -> bytes:
    """A well-formed encoding with longer heads, unsorted maps and indefinite lengths, as `draw` decides."""
    if value is None or isinstance(value, bool):
        return cbor.encode(value)
    if isinstance(value, int):
        return _longer(0, value, draw) if value >= 0 else _longer(1, -1 - value, draw)
    if isinstance(value, bytes | str):
        octets = value.encode() if isinstance(value, str) else value
        major = 3 if isinstance(value, str) else 2
        if draw(st.booleans()):
            return _longer(major, len(octets), draw) + octets
        return bytes([major << 5 | 31]) + plain_head(major, 0, 0) + _longer(major, len(octets), draw) + octets + b"\xff"
    if isinstance(value, dict):
        pairs = [(spell(key, draw), spell(item, draw)) for key, item in value.items()]
        body = b"".join(key + item for key, item in draw(st.permutations(pairs)))
        return _container(5, len(pairs), body, draw)
    assert isinstance(value, list)
    return _container(4, len(value), b"".join(spell(item, draw) for item in value), draw)


def _container(major: int, count: int, body: bytes, draw: Any) -> bytes:
    if draw(st.booleans()):
        return bytes([major << 5 | 31]) + body + b"\xff"
    return _longer(major, count, draw) + body


def _longer(major: int, argument: int, draw: Any) -> bytes:
    sizes = [size for size in (0, 1, 2, 4, 8) if argument < (24 if size == 0 else 1 << 8 * size)]
    return plain_head(major, argument, draw(st.sampled_from(sizes)))


@settings(UNHURRIED, max_examples=300)
@given(VALUES, st.data())
def test_every_other_spelling_is_refused(value: cbor.Value, data: st.DataObject) -> None:
    spelled = spell(value, data.draw)
    assert same(listed(cbor2.loads(spelled)), value), "the other library reads it, so it is well-formed"
    if spelled == cbor.encode(value):
        assert same(cbor.decode(spelled), value)
    else:
        refuse(spelled)


@pytest.mark.parametrize("major", range(6))
@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_the_head_is_the_shortest(major: int, size: int) -> None:
    """Each size may hold only what does not fit into the one before; at the edge, one below and one at."""
    smallest = 24 if size == 1 else 1 << 4 * size
    for argument in {0, 1, 23, smallest - 1}:
        refuse(plain_head(major, argument, size) + b"\x00" * 2 * min(argument, 300))
    if major < 2:
        for argument in (smallest, (1 << 8 * size) - 1):
            expected = argument if major == 0 else -1 - argument
            assert cbor.decode(plain_head(major, argument, size)) == expected


@pytest.mark.parametrize("first", [major << 5 | extra for major in range(8) for extra in (28, 29, 30, 31)])
def test_reserved_heads_are_refused(first: int) -> None:
    for rest in (b"", b"\x00", b"\xff", bytes(16), b"\x00\xff", b"\x40\xff"):
        refuse(bytes([first]) + rest)


@UNHURRIED
@given(st.dictionaries(KEYS, LEAVES, min_size=2, max_size=6), st.data())
def test_keys_stand_in_the_order_of_their_bytes_and_once(
    value: dict[int | str, cbor.Value], data: st.DataObject
) -> None:
    pairs = sorted((cbor.encode(key), cbor.encode(item)) for key, item in value.items())
    head = plain_head(5, len(pairs), 0)
    order = data.draw(st.permutations(pairs))
    whole = head + b"".join(key + item for key, item in order)
    if order == pairs:
        assert same(cbor.decode(whole), value)
    else:
        refuse(whole)
    refuse(plain_head(5, len(pairs) + 1, 0) + b"".join(a + b for a, b in [*pairs, pairs[-1]]))
    refuse(plain_head(5, len(pairs) + 1, 0) + b"".join(a + b for a, b in [pairs[0], *pairs]))


@pytest.mark.parametrize("key", ["40", "4161", "80", "a0", "f4", "f5", "f6", "f7", "f90000", "c000"])
def test_keys_are_integers_and_texts(key: str) -> None:
    refuse(bytes.fromhex("a1" + key + "00"))


def test_the_order_of_keys_is_by_bytes_and_not_by_length_first() -> None:
    assert cbor.encode({"z": 0, "aa": 0, 10: 0, 100: 0, -1: 0}).hex() == "a50a0018640020" + "00" + "617a00" + "62616100"
    refuse(bytes.fromhex("a2" + "617a00" + "1864" + "00"))


@pytest.mark.parametrize(
    "octets", ["ff", "c3", "c328", "a0a1", "e282", "c080", "eda080", "edb080", "f4908080", "f8888080"]
)
def test_text_is_utf_8(octets: str) -> None:
    data = bytes.fromhex(octets)
    refuse(plain_head(3, len(data), 0) + data)
    assert cbor.decode(plain_head(2, len(data), 0) + data) == data


@UNHURRIED
@given(VALUES, st.binary(min_size=1, max_size=4))
def test_nothing_stands_behind_the_value(value: cbor.Value, rest: bytes) -> None:
    refuse(cbor.encode(value) + rest)
    for end in range(len(cbor.encode(value))):
        refuse(cbor.encode(value)[:end])


# Bombs


@pytest.mark.parametrize("unit", [b"\x81", b"\xa1\x00", b"\x82\x00", b"\xc1", b"\x9f", b"\xbf\x00", b"\x5f", b"\x7f"])
@pytest.mark.parametrize("count", [8, 9, 1000, 60_000])
def test_a_deep_value_is_refused_without_descending(unit: bytes, count: int) -> None:
    refuse(unit * count + b"\x00")


def test_the_largest_depth() -> None:
    for unit in (b"\x81", b"\xa1\x00"):
        whole = unit * (cbor.MAX_DEPTH - 1) + b"\x00"
        assert cbor.encode(cbor.decode(whole)) == whole
        refuse(unit * cbor.MAX_DEPTH + b"\x00")


@pytest.mark.parametrize("major", [2, 3, 4, 5])
@pytest.mark.parametrize("claimed", [1, 24, 2**16, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1])
def test_a_length_beyond_the_data_is_refused_before_it_is_used(major: int, claimed: int) -> None:
    size = next(s for s in (0, 1, 2, 4, 8) if claimed < (24 if s == 0 else 1 << 8 * s))
    refuse(plain_head(major, claimed, size))
    refuse(plain_head(major, claimed, size) + b"" if claimed == 1 else plain_head(major, claimed, size) + b"\x00")
    refuse(b"\x81" * 6 + plain_head(major, claimed, size))


def test_a_wide_value_is_refused() -> None:
    assert cbor.decode(cbor.encode([0] * cbor.MAX_ITEMS)) == [0] * cbor.MAX_ITEMS
    refuse(plain_head(4, cbor.MAX_ITEMS + 1, 2) + bytes(cbor.MAX_ITEMS + 1))
    refuse(cbor.encode(dict.fromkeys(range(cbor.MAX_ITEMS + 1))))


def test_a_long_value_is_refused() -> None:
    longest = cbor.encode(bytes(cbor.MAX_BYTES - 5))
    assert len(longest) == cbor.MAX_BYTES
    assert cbor.decode(longest) == bytes(cbor.MAX_BYTES - 5)
    refuse(cbor.encode(bytes(cbor.MAX_BYTES - 4)))


def test_a_tree_of_arrays_ends_with_its_bytes() -> None:
    """Each level claims as much as it may: the work is bounded by the bytes that are there."""
    refuse((b"\x99\x04\x00" * 7 + b"\x80" * 1023) * 200)
    full = cbor.encode([[[0] * 100] * 25] * 90)
    assert len(full) < cbor.MAX_BYTES
    assert cbor.encode(cbor.decode(full)) == full


# What cannot be encoded

NOT_OURS: list[Any] = [
    1.0,
    2**64,
    -(2**64) - 1,
    "\ud800",
    bytearray(b"x"),
    memoryview(b"x"),
    {1, 2},
    range(3),
    object(),
    complex(1),
    {b"x": 1},
    {None: 1},
    {True: 1},
    {1.5: 1},
    {(1,): 1},
    [1.0],
    {1: struct},
]


@pytest.mark.parametrize("value", NOT_OURS)
def test_what_the_profile_does_not_use_is_not_encoded(value: Any) -> None:
    """What were encoded and then refused would lock a holder out of her own data."""
    with pytest.raises(ValueError):  # noqa: PT011 - the one error this function documents
        cbor.encode(value)


def test_tuples_are_arrays() -> None:
    assert cbor.encode(("a", ("b", 1))) == cbor.encode(["a", ["b", 1]])
