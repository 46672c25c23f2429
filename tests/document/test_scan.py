"""The look over data objects before anything is parsed: X.690, 8.1."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonafides.core.document.certificate import parse_certificate
from bonafides.core.document.dg2 import read_portrait
from bonafides.core.document.dg11 import parse_dg11, parse_dg11_name
from bonafides.core.document.dg12 import parse_dg12
from bonafides.core.document.dg13 import parse_dg13, parse_dg13_name
from bonafides.core.document.dg15 import parse_dg15
from bonafides.core.document.lds import parse_com, parse_dg1
from bonafides.core.document.limits import IMPORT_LIMITS, Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.scan import scan
from bonafides.core.document.security_infos import parse_security_infos
from bonafides.core.document.security_object import parse_security_object
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.core.document.sod import parse_sod
from bonafides.errors import InputError
from bonafides.testing.state import SyntheticState, as_ber, encode_tlv
from tests.document.conftest import BIRTH
from tests.document.expect import malformed

# Every decoder of a whole file or structure, with the tag it begins with and how long it may be.
READERS: dict[str, tuple[Callable[[bytes], object], int, int]] = {
    "com": (parse_com, 0x60, 64 * 1024),
    "dg1": (parse_dg1, 0x61, 128),
    "dg2": (read_portrait, 0x75, 256 * 1024),
    "dg11": (parse_dg11, 0x6B, 64 * 1024),
    "dg11_name": (parse_dg11_name, 0x6B, 64 * 1024),
    "dg12": (parse_dg12, 0x6C, 64 * 1024),
    "dg13": (parse_dg13, 0x6D, 64 * 1024),
    "dg13_name": (parse_dg13_name, 0x6D, 64 * 1024),
    "dg14": (parse_security_infos, 0x6E, 64 * 1024),
    "dg15": (parse_dg15, 0x6F, 64 * 1024),
    "sod": (parse_sod, 0x77, 64 * 1024),
    "certificate": (parse_certificate, 0x30, 8 * 1024),
    "public_key": (parse_public_key, 0x30, 8 * 1024),
    "security_object": (parse_security_object, 0x30, 64 * 1024),
    "signature_scheme": (parse_signature_scheme, 0x30, 512),
}


def look(data: bytes, limits: Limits | None = None) -> None:
    scan(data, max_bytes=1 << 20, what="it", code="document_file", limits=limits or Limits())


def nested(depth: int, innermost: bytes = b"") -> bytes:
    data = innermost
    for _ in range(depth):
        data = encode_tlv(0x30, data)
    return data


@pytest.mark.parametrize("name", READERS)
def test_every_reader_refuses_what_is_too_long(name: str) -> None:
    read, tag, most = READERS[name]
    with pytest.raises(InputError, match="longer than"):
        read(encode_tlv(tag, b"\x04" + bytes(most)))


@pytest.mark.parametrize("name", sorted(set(READERS) - {"dg1", "signature_scheme"}))
def test_every_reader_refuses_what_is_too_deep(name: str) -> None:
    """Seventeen within one another; the reader never sees them."""
    read, tag, _ = READERS[name]
    with pytest.raises(InputError, match="nested deeper than 16"):
        read(encode_tlv(tag, nested(17)))


@pytest.mark.parametrize("name", sorted(set(READERS) - {"dg1", "signature_scheme"}))
def test_every_reader_refuses_what_is_too_many(name: str) -> None:
    read, tag, _ = READERS[name]
    with pytest.raises(InputError, match="more than 2000 elements"):
        read(encode_tlv(tag, b"\x05\x00" * 2001))


def test_nesting_and_elements_are_counted_exactly() -> None:
    look(nested(16))
    with pytest.raises(InputError, match="nested deeper"):
        look(nested(17))
    look(nested(1, b"\x05\x00" * 1999))
    with pytest.raises(InputError, match="elements"):
        look(nested(1, b"\x05\x00" * 2000))
    look(nested(20), Limits(nesting=20))
    look(b"\x05\x00" * 5000, IMPORT_LIMITS)


@pytest.mark.parametrize("name", ["dg14", "sod", "public_key", "certificate", "security_object"])
def test_every_reader_refuses_long_object_identifiers(name: str) -> None:
    """One of sixty thousand bytes would keep the reader busy for a second."""
    read, tag, _ = READERS[name]
    encode = encode_tlv(tag, encode_tlv(0x30, encode_tlv(0x06, b"\x2a" + b"\x81" * 64)))
    with pytest.raises(InputError, match="a name longer than 64 bytes"):
        read(encode)
    look(encode_tlv(0x06, b"\x2a" * 64))


@pytest.mark.parametrize(
    "text",
    [
        "", "0500", "3000", "30800000", "3080 0201 05 0000", "2480 0401 aa 0401 bb 0000", "7f61 02 0500",
        "5f1f 01 41", "3080 3080 0000 0000", "3004 3080 0000", "8182 0001 aa", "1f81 01 01 aa", "7f2e 02 ffff",
    ],
)  # fmt: skip
def test_what_is_well_formed(text: str) -> None:
    look(bytes.fromhex(text))


@pytest.mark.parametrize(
    "text",
    [
        "30", "3001", "0401", "3080", "3080 0500", "308000", "0000", "3002 0000", "0480 0000", "3003 0402 aa",
        "3004 3005 0500 0500", "1f", "5f", "1f818181 01 00", "0485 0000000001 aa", "04ff", "0484 00", "3003 3080 00",
        "3004 3080 05 00 0000", "30020500 30", "7f2e 80 0000", "7f2e 03 ffff",
    ],
)  # fmt: skip
def test_what_is_not(text: str) -> None:
    with malformed("document_file"):
        look(bytes.fromhex(text))


def test_real_and_synthetic_files_pass(shared: Path, state: SyntheticState) -> None:
    for path in (shared / "bsi2008").glob("*.bin"):
        look(path.read_bytes())
    sod = state.issue_card(birth=BIRTH).sod
    look(sod)
    look(as_ber(sod))


@given(st.binary(max_size=64))
def test_nothing_but_our_error(data: bytes) -> None:
    with suppress(InputError):
        look(data)
