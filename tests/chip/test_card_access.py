"""EF.CardAccess: ICAO 9303-11, 9.2."""

import pytest
from asn1crypto import core, parser

from bonafides.core.chip import ChipLimits
from bonafides.core.chip.card_access import PaceInfo, choose_way, parse_card_access
from bonafides.core.chip.ciphers import Cipher
from bonafides.testing.passport import PaceOffer
from bonafides.testing.passport.pace import encode_card_access
from tests.document.expect import malformed

GENERIC_ECDH_AES_128 = "0.4.0.127.0.7.2.2.4.2.2"


def infos(*members: bytes) -> bytes:
    """EF.CardAccess of these SecurityInfo."""
    return bytes(parser.emit(0, 1, 17, b"".join(parser.emit(0, 1, 16, each) for each in members)))


def info(protocol: str, *numbers: int) -> bytes:
    """The members of a SecurityInfo."""
    return bytes(core.ObjectIdentifier(protocol).dump() + b"".join(core.Integer(each).dump() for each in numbers))


def test_offers_are_found_among_others() -> None:
    data = infos(
        info("0.4.0.127.0.7.2.2.3.2.1", 1),
        info(GENERIC_ECDH_AES_128, 2, 13),
        info(GENERIC_ECDH_AES_128, 2),
        info("0.4.0.127.0.7.2.2.4.2", 2),
        info("0.4.0.127.0.7.2.2.4.2.2.1", 2, 13),
        info("1.2.3", 2),
    )
    assert parse_card_access(data) == (PaceInfo(GENERIC_ECDH_AES_128, 13), PaceInfo(GENERIC_ECDH_AES_128, None))


@pytest.mark.parametrize("version", [-1, 0, 1, 3])
def test_other_versions_are_no_offers(version: int) -> None:
    assert parse_card_access(infos(info(GENERIC_ECDH_AES_128, version, 13))) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x31",
        b"\x30\0",
        infos(info(GENERIC_ECDH_AES_128, 2, 13)) + b"\0",
        infos(info(GENERIC_ECDH_AES_128, 2, 13, 14)),
        infos(info(GENERIC_ECDH_AES_128)),
        infos(core.ObjectIdentifier(GENERIC_ECDH_AES_128).dump() + core.OctetString(b"\2").dump()),
        infos(core.Integer(2).dump()),
        infos(*[info("1.2.3", 2)] * 65),
        infos(info("1.2.3", 1 << 40000)),
    ],
)
def test_what_is_malformed(data: bytes) -> None:
    with malformed("chip_card_access"):
        parse_card_access(data)


def test_the_number_of_infos_is_bounded() -> None:
    data = infos(*[info("1.2.3", 2)] * 5)
    assert parse_card_access(data, limits=ChipLimits(security_infos=5)) == ()
    with malformed("chip_card_access"):
        parse_card_access(data, limits=ChipLimits(security_infos=4))


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        (PaceOffer(2, Cipher.AES_256), PaceOffer(12, Cipher.TRIPLE_DES)),
        (PaceOffer(12, Cipher.TRIPLE_DES), PaceOffer(12, Cipher.AES_128)),
        (PaceOffer(18, Cipher.AES_128), PaceOffer(12, Cipher.AES_192)),
        (PaceOffer(12), PaceOffer(15)),
        (PaceOffer(0), PaceOffer(2)),
    ],
)
def test_the_stronger_way_is_chosen(weaker: PaceOffer, stronger: PaceOffer) -> None:
    for offers in ((weaker, stronger), (stronger, weaker)):
        way = choose_way(parse_card_access(encode_card_access(offers)))
        assert way is not None
        assert (way.parameter, way.cipher) == (stronger.parameter, stronger.cipher)


@pytest.mark.parametrize(
    ("protocol", "parameter"),
    [
        (GENERIC_ECDH_AES_128, None),
        (GENERIC_ECDH_AES_128, 0),
        (GENERIC_ECDH_AES_128, 3),
        (GENERIC_ECDH_AES_128, 32),
        (GENERIC_ECDH_AES_128, -1),
        ("0.4.0.127.0.7.2.2.4.1.2", 12),
        ("0.4.0.127.0.7.2.2.4.2.5", 12),
        ("0.4.0.127.0.7.2.2.4.4.2", 12),
        ("0.4.0.127.0.7.2.2.4.6.2", 12),
    ],
)
def test_ways_that_this_reader_does_not_go(protocol: str, parameter: int | None) -> None:
    assert choose_way([PaceInfo(protocol, parameter)]) is None
