"""Data groups 2 and 12 to 15, and EF.COM: ICAO 9303-10, 4.6 and 4.7."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import core, parser

from bonafides.core.document.curve_table import CURVES
from bonafides.core.document.dg2 import read_portrait
from bonafides.core.document.dg12 import parse_dg12
from bonafides.core.document.dg15 import parse_dg15
from bonafides.core.document.lds import parse_com
from bonafides.core.document.limits import Limits
from bonafides.core.document.security_infos import parse_security_infos
from bonafides.errors import InputError
from bonafides.testing.state import (
    ecdsa_kind,
    encode_com,
    encode_dg2,
    encode_dg12,
    encode_dg14,
    encode_dg15,
    encode_group,
    encode_tlv,
    new_key,
    rsa_kind,
)
from bonafides.testing.state.groups import PICTURE
from tests.document.expect import malformed, not_genuine

JP2 = b"\0\0\0\x0cjP  \r\n\x87\n" + b"more"
CODESTREAM = b"\xff\x4f\xff\x51" + b"more"


# --- EF.COM


def test_com_lists_groups() -> None:
    com = parse_com(encode_com([15, 1, 2, 14]))
    assert (com.lds_version, com.unicode_version, com.groups) == ("0107", "040000", (1, 2, 14, 15))


def test_com_of_the_bsi_specimen(shared: Path) -> None:
    assert parse_com((shared / "bsi2008" / "EF_COM.bin").read_bytes()).groups == (1, 2, 3, 14)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        encode_tlv(0x5F01, b"0107"),
        encode_tlv(0x5F01, b"0107") + encode_tlv(0x5F36, b"040000"),
        encode_tlv(0x5F01, b"01.7") + encode_tlv(0x5F36, b"040000") + encode_tlv(0x5C, b"\x61"),
        encode_tlv(0x5F01, b"0107") + encode_tlv(0x5F36, b"") + encode_tlv(0x5C, b"\x61"),
    ],
)
def test_what_is_no_com(value: bytes) -> None:
    with malformed("document_com"):
        parse_com(encode_tlv(0x60, value))


def test_com_of_groups_that_do_not_exist() -> None:
    assert parse_com(encode_com([1, 2]).replace(b"\x61\x75", b"\x61\x7e")).groups == (1,)


# --- data group 2


@pytest.mark.parametrize("modern", [False, True], ids=["19794", "39794"])
@pytest.mark.parametrize(("image", "kind"), [(PICTURE, "jpeg"), (JP2, "jp2"), (CODESTREAM, "jp2")])
def test_portrait(image: bytes, kind: str, modern: bool) -> None:
    portrait = read_portrait(encode_dg2(image, modern=modern))
    assert (portrait.image, portrait.kind) == (image, kind)
    assert "more" not in repr(portrait)


def test_portrait_of_the_bsi_specimen(shared: Path) -> None:
    portrait = read_portrait((shared / "bsi2008" / "Datagroup2.bin").read_bytes())
    assert (portrait.kind, len(portrait.image)) == ("jp2", 14999)


def test_portrait_with_feature_points_and_another_length_in_the_header() -> None:
    """New Zealand's record leaves its first eight bytes out of its length."""
    face = (32 + 16 + len(PICTURE)).to_bytes(4, "big") + b"\0\2" + bytes(26 + 16) + PICTURE
    for length in (len(face) + 14, len(face) + 6):
        record = b"FAC\x00010\0" + length.to_bytes(4, "big") + b"\0\1" + face
        assert read_portrait(wrapped(encode_tlv(0x5F2E, record))).image == PICTURE
        # The first of two.
        assert read_portrait(wrapped(encode_tlv(0x5F2E, record + face))).image == PICTURE
        assert read_portrait(wrapped(encode_tlv(0x7F2E, record))).image == PICTURE


def test_modern_portrait_without_the_wrapper() -> None:
    whole = encode_dg2(modern=True)
    block = whole[whole.index(b"\x7f\x2e") + 3 :]
    assert block[0] == 0xA1
    assert read_portrait(wrapped(encode_tlv(0x7F2E, block[2:]))).image == PICTURE


def wrapped(block: bytes) -> bytes:
    template = encode_tlv(0x7F60, encode_tlv(0xA1, b"") + block)
    return encode_group(2, encode_tlv(0x7F61, encode_tlv(0x02, b"\1") + template))


@pytest.mark.parametrize(
    "data",
    [
        encode_group(2, b""),
        encode_group(2, b"portrait"),
        wrapped(b""),
        wrapped(encode_tlv(0x5F2E, b"")),
        wrapped(encode_tlv(0x5F2E, b"FAC\0")),
        wrapped(encode_tlv(0x5F2E, b"FAC\x00010\0" + bytes(6) + b"\xff\xff\xff\xff" + bytes(28) + PICTURE)),
        wrapped(encode_tlv(0x5F2E, b"FAC\x00010\0" + bytes(6) + bytes(32) + PICTURE)),
        wrapped(encode_tlv(0x5F2E, b"FAC\x00010\0" + bytes(6) + b"\0\0\0\x40\xff\xff" + bytes(26) + PICTURE)),
        wrapped(encode_tlv(0x7F2E, b"")),
        wrapped(encode_tlv(0x7F2E, encode_tlv(0xA1, b""))),
        wrapped(encode_tlv(0x7F2E, encode_tlv(0x65, encode_tlv(0xA1, b"")))),
        encode_dg2(b"GIF89a"),
        encode_dg2(b""),
        encode_dg2(b"GIF89a", modern=True),
    ],
)
def test_what_is_no_portrait(data: bytes) -> None:
    with pytest.raises(InputError):
        read_portrait(data)


# --- data group 12


@pytest.mark.parametrize("binary", [False, True])
def test_day_of_issue(binary: bool) -> None:
    """Eight digits, or four bytes as on Taiwan's passports."""
    assert parse_dg12(encode_dg12(date(2024, 2, 29), binary=binary)) == date(2024, 2, 29)


def test_day_of_issue_that_is_not_said() -> None:
    assert parse_dg12(encode_group(12, b"")) is None
    assert parse_dg12(encode_group(12, encode_tlv(0x5F26, b""))) is None
    # Nothing else is decoded.
    assert parse_dg12(encode_group(12, encode_tlv(0x5F19, b"\xff\xfe"))) is None


@pytest.mark.parametrize(
    "value", [b"20240230", b"2024022", b"202402299", b"2024-2-9", b"\xb2" * 8, b"\x20\x24\x13\x01", b"\x2a\x24\x01\x01"]
)
def test_day_of_issue_that_is_none(value: bytes) -> None:
    with malformed("document_dg12"):
        parse_dg12(encode_group(12, encode_tlv(0x5F26, value)))


def test_two_days_of_issue() -> None:
    with malformed("document_dg12"):
        parse_dg12(encode_group(12, encode_tlv(0x5F26, b"20240101") * 2))


# --- data group 14

CHIP_KEY = new_key(ecdsa_kind("brainpoolP256r1", "sha256", explicit=True)).spki


@pytest.mark.parametrize("digest", ["sha1", "sha224", "sha256", "sha384", "sha512"])
def test_hash_of_active_authentication(digest: str) -> None:
    infos = parse_security_infos(encode_dg14(ecdsa_hash=digest))
    assert (infos.active_authentication_hash, infos.has_chip_authentication) == (digest, False)
    assert infos.protocols == {"2.23.136.1.1.5"}


def test_chip_authentication() -> None:
    infos = parse_security_infos(encode_dg14(chip_key=CHIP_KEY))
    assert (infos.active_authentication_hash, infos.has_chip_authentication) == (None, True)
    assert parse_security_infos(encode_dg14(ecdsa_hash="sha256", chip_key=CHIP_KEY)).has_chip_authentication
    assert not parse_security_infos(encode_dg14()).protocols


def test_security_infos_of_the_bsi_specimen(shared: Path) -> None:
    infos = parse_security_infos((shared / "bsi2008" / "Datagroup14.bin").read_bytes())
    assert (infos.active_authentication_hash, infos.has_chip_authentication) == (None, True)


def info(*members: core.Asn1Value) -> bytes:
    return bytes(parser.emit(0, 1, 16, b"".join(member.dump() for member in members)))


ACTIVE, PLAIN_SHA256 = core.ObjectIdentifier("2.23.136.1.1.5"), core.ObjectIdentifier("0.4.0.127.0.7.1.1.4.1.3")


@pytest.mark.parametrize(
    "infos",
    [
        info(ACTIVE, core.Integer(2), PLAIN_SHA256),
        info(ACTIVE, core.Integer(1)),
        info(ACTIVE),
        info(ACTIVE, core.Integer(1), PLAIN_SHA256) + info(ACTIVE, core.Integer(1), PLAIN_SHA256),
        info(ACTIVE, core.Integer(1), PLAIN_SHA256, core.Null()),
        info(core.Integer(1), core.Integer(1)),
        b"\x05\x00",
    ],
)
def test_what_are_no_security_infos(infos: bytes) -> None:
    with malformed("document_dg14"):
        parse_security_infos(encode_group(14, parser.emit(0, 1, 17, infos)))


def test_hash_that_is_not_supported() -> None:
    ripemd = info(ACTIVE, core.Integer(1), core.ObjectIdentifier("0.4.0.127.0.7.1.1.4.1.6"))
    with malformed("document_unsupported"):
        parse_security_infos(encode_group(14, parser.emit(0, 1, 17, ripemd)))


# --- data group 15


@pytest.mark.parametrize("curve", [curve.name for curve in CURVES])
@pytest.mark.parametrize("explicit", [False, True])
def test_chip_keys_on_every_curve(curve: str, explicit: bool) -> None:
    """Small ones too: they are a finding, not a refusal."""
    key = new_key(ecdsa_kind(curve, "sha256", explicit=explicit))
    public = parse_dg15(encode_dg15(key.spki))
    public.verify(key.kind.scheme, key.sign(b"nonce"), b"nonce")
    with not_genuine("document_signature"):
        public.verify(key.kind.scheme, key.sign(b"nonce"), b"other")


def test_rsa_chip_keys() -> None:
    assert parse_dg15(encode_dg15(new_key(rsa_kind("sha1", bits=1024)).spki)).bits == 1024
    small = encode_dg15(new_key(rsa_kind("sha1", bits=1024)).spki)
    with not_genuine("document_unsupported"):
        parse_dg15(small, limits=Limits(chip_rsa_min_bits=1025))


def test_chip_key_of_the_bsi_specimen(shared: Path) -> None:
    """It has 1022 bits, and no State ever signed it: too small even for a chip."""
    with not_genuine("document_unsupported"):
        parse_dg15((shared / "bsi2008" / "Datagroup15.bin").read_bytes())


@pytest.mark.parametrize("value", [b"", b"\x30\x00", b"key", b"\x30\x80\0\0"])
def test_what_is_no_chip_key(value: Any) -> None:
    with pytest.raises(InputError):
        parse_dg15(encode_group(15, value))
