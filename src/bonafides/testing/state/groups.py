"""Files of a chip as a State writes them: data objects and data groups (ICAO 9303-10, 4)."""

from asn1crypto import parser

from bonafides.core.document.lds import GROUP_TAGS


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
