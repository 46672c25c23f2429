"""ICAO 9303-10: files and data groups."""

from pathlib import Path

import pytest

from bonafides.core.document.dg11 import parse_dg11
from bonafides.core.document.lds import GROUP_TAGS, parse_dg1, read_group
from bonafides.core.document.limits import Limits
from bonafides.core.document.tlv import read_objects, read_tlv
from bonafides.errors import InputError
from bonafides.testing.state import encode_dg1, encode_dg11, encode_group
from tests.document.test_mrz import TD1, TD3


def test_dg1_is_the_zone() -> None:
    assert parse_dg1(encode_dg1(TD1)) == TD1
    assert parse_dg1(encode_dg1(TD3)) == TD3


def test_bsi_specimen_dg1(shared: Path) -> None:
    zone = parse_dg1((shared / "bsi2008" / "Datagroup1.bin").read_bytes())
    assert zone.startswith("P<D<<MUSTERMANN<<ERIKA<<")


def test_tags_of_the_specimen_files(shared: Path) -> None:
    for number in (1, 2, 3, 4, 14, 15):
        assert read_group(number, (shared / "bsi2008" / f"Datagroup{number}.bin").read_bytes())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x61",
        b"\x61\x80\x00\x00",  # indefinite
        b"\x61\x84\x00\x00\x00\x01\x00",  # a length of four bytes
        b"\x61\x05\x5f\x1f\x02AB"[:-1],  # cut
        encode_dg1(TD1) + b"\x00",
        encode_group(2, encode_dg1(TD1)[2:]),
        encode_group(1, b""),
        encode_group(1, b"\x5f\x1f\x01A\x5f\x1f\x01A"),
        encode_group(1, b"\x5f\x20\x01A"),
        encode_group(1, b"\x5f\x1f\x01\xff"),
        encode_group(1, b"\x5f\x9f\x1f\x01A"),  # a tag of three bytes
    ],
)
def test_what_is_no_dg1(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_dg1(data)


def test_longer_length_than_needed_is_read() -> None:
    assert parse_dg1(b"\x61\x82\x00\x5d" + encode_dg1(TD1)[2:]) == TD1


def test_limits_come_before_parsing() -> None:
    with pytest.raises(InputError, match="longer than 10 bytes"):
        parse_dg1(encode_dg1(TD1), limits=Limits(dg1_bytes=10))
    with pytest.raises(InputError, match="longer than 10 bytes"):
        parse_dg11(encode_dg11("123456789012"), limits=Limits(group_bytes=10))


def test_dg11_gives_the_personal_number_alone() -> None:
    assert parse_dg11(encode_dg11("460101-1234")) == "460101-1234"
    assert parse_dg11(encode_dg11("")) is None
    other = b"\x5c\x04\x5f\x0e\x5f\x10" + b"\x5f\x0e\x01\xff" + b"\x5f\x10\x02AB"
    assert parse_dg11(encode_group(11, other)) == "AB"


@pytest.mark.parametrize("value", [b"\x5f\x10\x01A\x5f\x10\x01B", b"\x5f\x10\x01\xff", b"\x5f\x10\x05A", b"\x5f"])
def test_what_is_no_dg11(value: bytes) -> None:
    with pytest.raises(InputError):
        parse_dg11(encode_group(11, value))


def test_every_group_has_its_own_tag() -> None:
    assert sorted(GROUP_TAGS) == list(range(1, 17))
    assert len(set(GROUP_TAGS.values())) == 16
    for number in GROUP_TAGS:
        assert read_group(number, encode_group(number, b"x")) == b"x"
        with pytest.raises(InputError):
            read_group(number, encode_group(number % 16 + 1, b"x"))
    for number in (0, 17, -1):
        with pytest.raises(InputError):
            read_group(number, b"\x61\x01x")


def test_objects_are_read_to_the_last_byte() -> None:
    assert [item.tag for item in read_objects(b"\x5c\x00\x04\x01a\x5f\x10\x00")] == [0x5C, 0x04, 0x5F10]
    with pytest.raises(InputError):
        list(read_objects(b"\x5c\x00\x04"))
    assert "secret" not in repr(read_tlv(b"\x04\x06secret"))
