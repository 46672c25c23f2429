"""Files of a chip as a State writes them: data objects and data groups (ICAO 9303-10, 4)."""

from collections.abc import Iterable, Mapping
from datetime import date

from asn1crypto import core, parser

from bonafides.core.document.lds import COM_TAG, GROUP_TAGS
from bonafides.core.document.security_infos import ECDSA_HASHES

PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
"""The shell of a JPEG file: a portrait of nobody."""


def encode_tlv(tag: int, value: bytes) -> bytes:
    """Return one data object with a tag of one or two bytes. ISO/IEC 7816-4, BER-TLV."""
    length = parser.emit(0, 0, 4, value)[1:]  # length and value do not depend on the tag
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + bytes(length)


def encode_group(number: int, value: bytes) -> bytes:
    """Return the file of a data group."""
    return encode_tlv(GROUP_TAGS[number], value)


def encode_dg1(zone: str) -> bytes:
    """Return data group 1 with a machine readable zone."""
    return encode_group(1, encode_tlv(0x5F1F, zone.encode()))


def encode_dg11(personal_number: str, full_name: str | None = None) -> bytes:
    """Return data group 11: the list of its tags, and the name and the personal number that there are."""
    named = b"" if full_name is None else encode_tlv(0x5F0E, full_name.replace(" ", "<").encode())
    numbered = encode_tlv(0x5F10, personal_number.encode()) if personal_number else b""
    tags = (b"\x5f\x0e" if named else b"") + (b"\x5f\x10" if numbered or not named else b"")
    return encode_group(11, encode_tlv(0x5C, tags) + named + numbered)


def encode_com(groups: Iterable[int]) -> bytes:
    """Return EF.COM: versions 1.7 of the LDS and 4.0.0 of Unicode, and which groups there are."""
    tags = bytes(GROUP_TAGS[number] for number in sorted(groups))
    return encode_tlv(COM_TAG, encode_tlv(0x5F01, b"0107") + encode_tlv(0x5F36, b"040000") + encode_tlv(0x5C, tags))


def encode_dg2(image: bytes = PICTURE, *, modern: bool = False) -> bytes:
    """Return data group 2 with one picture: ISO/IEC 19794-5, or 39794-5 if modern. ICAO 9303-10, 4.7.2."""
    if modern:
        value = encode_tlv(0x80, image) + encode_tlv(0xA1, b"")
        for tag in (0xA0, 0xA0, 0xA1):
            value = encode_tlv(tag, value)
        value = encode_tlv(0xA1, encode_tlv(0x30, encode_tlv(0x80, b"\0") + value))
        block = encode_tlv(0x7F2E, encode_tlv(0xA1, encode_tlv(0x65, encode_tlv(0xA0, b"") + value)))
    else:
        face = (32 + len(image)).to_bytes(4, "big") + bytes(28) + image
        header = b"FAC\x00010\0" + (14 + len(face)).to_bytes(4, "big") + b"\0\1"
        block = encode_tlv(0x5F2E, header + face)
    described = encode_tlv(0xA1, encode_tlv(0x87, b"\x01\x01") + encode_tlv(0x88, b"\0\x08"))
    template = encode_tlv(0x7F60, described + block)
    return encode_group(2, encode_tlv(0x7F61, encode_tlv(0x02, b"\1") + template))


def encode_dg12(issued: date, *, binary: bool = False) -> bytes:
    """Return data group 12 with the day of issue, as eight digits or two digits to a byte."""
    text = f"{issued:%Y%m%d}"
    value = bytes.fromhex(text) if binary else text.encode()
    return encode_group(12, encode_tlv(0x5C, b"\x5f\x26") + encode_tlv(0x5F26, value))


def encode_dg13(fields: Mapping[int, str], *, parents: tuple[str, str] = ("", "")) -> bytes:
    """Return the Vietnamese list: each field a sequence of its number and its text, field 13 of two texts."""
    texts = {number: core.UTF8String(text).dump() for number, text in fields.items()}
    texts[13] = parser.emit(0, 1, 16, b"".join(core.UTF8String(name).dump() for name in parents))
    members = (core.Integer(number).dump() + texts[number] for number in sorted(texts))
    return encode_group(13, b"".join(parser.emit(0, 1, 16, member) for member in members))


def encode_dg14(*, ecdsa_hash: str | None = None, chip_key: bytes | None = None) -> bytes:
    """Return data group 14: the hash of active authentication, and a key of chip authentication. 9303-11, 9.2."""
    infos = []
    if ecdsa_hash is not None:
        plain = next(oid for oid, name in ECDSA_HASHES.items() if name == ecdsa_hash)
        infos.append(_security_info("2.23.136.1.1.5", core.Integer(1).dump(), core.ObjectIdentifier(plain).dump()))
    if chip_key is not None:
        infos.append(_security_info("0.4.0.127.0.7.2.2.1.2", chip_key))
        infos.append(_security_info("0.4.0.127.0.7.2.2.3.2.2", core.Integer(1).dump()))
    return encode_group(14, bytes(parser.emit(0, 1, 17, b"".join(sorted(infos)))))


def encode_dg15(spki: bytes) -> bytes:
    """Return data group 15 with a chip's public key (SubjectPublicKeyInfo)."""
    return encode_group(15, spki)


def _security_info(protocol: str, *data: bytes) -> bytes:
    return bytes(parser.emit(0, 1, 16, core.ObjectIdentifier(protocol).dump() + b"".join(data)))
