"""Ways to spoil a document, each one flaw away from a good one; nothing of this is in the product."""

from collections.abc import Callable
from typing import Any

from asn1crypto import cms, core

from bonafides.core.document.lds import SOD_TAG, read_file
from bonafides.testing.state import Signer, encode_tlv

Change = Callable[[cms.SignedData], None]


def edit_sod(sod: bytes, change: Change, *, signer: Signer | None = None) -> bytes:
    """Return the SOD after a change of its SignedData; with a signer, its attributes are signed afresh."""
    message = cms.ContentInfo.load(read_file(sod, SOD_TAG, max_bytes=1 << 20))
    signed = message["content"]
    change(signed)
    if signer is not None:
        info = signed["signer_infos"][0]
        info["signature"] = signer.sign(attributes_of(signed).untag().dump(force=True))
    return encode_tlv(SOD_TAG, message.dump(force=True))


def attributes_of(signed: cms.SignedData) -> Any:
    """Return the signed attributes of the first signer."""
    return signed["signer_infos"][0]["signed_attrs"]


def set_version(sod: bytes, version: int) -> bytes:
    """Return the SOD with another CMS version: no signature covers it."""
    assert sod.count(b"\x02\x01\x03\x31") == 1
    return sod.replace(b"\x02\x01\x03\x31", bytes([2, 1, version, 0x31]))


def as_ber(sod: bytes) -> bytes:
    """Return the same SOD in BER: indefinite lengths, and the content in two pieces, as some States write it."""
    signed = cms.ContentInfo.load(read_file(sod, SOD_TAG, max_bytes=1 << 20))["content"]
    content = bytes(signed["encap_content_info"]["content"])
    pieces = core.OctetString(content[:20]).dump() + core.OctetString(content[20:]).dump()
    wrapped = indefinite(0xA0, indefinite(0x24, pieces))
    encapsulated = indefinite(0x30, signed["encap_content_info"]["content_type"].dump() + wrapped)
    fields = signed["version"].dump() + signed["digest_algorithms"].dump() + encapsulated
    fields += signed["certificates"].dump() + signed["signer_infos"].dump()
    message = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + indefinite(0xA0, indefinite(0x30, fields))
    return encode_tlv(SOD_TAG, indefinite(0x30, message))


def indefinite(tag: int, content: bytes) -> bytes:
    """Return a constructed value of indefinite length (X.690, 8.1.3.6)."""
    return bytes([tag, 0x80]) + content + b"\0\0"
