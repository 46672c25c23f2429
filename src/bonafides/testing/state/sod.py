"""EF.SOD as a State signs it, over any groups and by any signer (ICAO 9303-10, 4.6.2; RFC 5652)."""

from collections.abc import Mapping
from typing import Any

from asn1crypto import cms, core, parser, x509

from bonafides.core.document.lds import SOD_TAG, read_file
from bonafides.core.document.signature import digest
from bonafides.testing.state.certificates import Signer
from bonafides.testing.state.groups import encode_tlv
from bonafides.testing.state.keys import encode_scheme

SECURITY_OBJECT = "2.23.136.1.1.1"


def build_sod(
    groups: Mapping[int, bytes], signer: Signer, *, digest_name: str = "sha256", version: int = 0, **form: Any
) -> bytes:
    """Return EF.SOD over these data groups (number -> file); `form` as in `sign_content`. ICAO 9303-10, 4.6.2."""
    content = encode_security_object(groups, digest_name=digest_name, version=version)
    return wrap_sod(sign_content(content, signer, **form))


def sign_content(
    content: bytes, signer: Signer, *, content_type: str = SECURITY_OBJECT, by_key_id: bool = False
) -> cms.SignedData:
    """Return SignedData version 3 of one signer over a content, its certificate included. RFC 5652, 5.

    The signer is named by issuer and serial number, or by its subject key identifier.
    """
    algorithm = {"algorithm": signer.scheme.digest}
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": [content_type]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest(signer.scheme.digest, content)]}),
        ]
    )
    certificate = x509.Certificate.load(signer.certificate)
    if by_key_id:
        named = cms.SignerIdentifier({"subject_key_identifier": certificate.key_identifier})
    else:
        identifier = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        named = cms.SignerIdentifier({"issuer_and_serial_number": identifier})
    info = {
        "version": "v3" if by_key_id else "v1",
        "sid": named,
        "digest_algorithm": algorithm,
        "signed_attrs": attributes,
        "signature_algorithm": encode_scheme(signer.scheme, bare=signer.key.kind.bare),
        "signature": signer.sign(attributes.dump()),
    }
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algorithm],
            "encap_content_info": {"content_type": content_type, "content": content},
            "certificates": [cms.CertificateChoices({"certificate": certificate})],
            "signer_infos": [info],
        }
    )


def as_ber(sod: bytes) -> bytes:
    """Return the same SOD in BER: indefinite lengths, and the content in two pieces, as some States write it."""
    signed = cms.ContentInfo.load(read_file(sod, SOD_TAG, max_bytes=1 << 20))["content"]
    content = bytes(signed["encap_content_info"]["content"])
    pieces = core.OctetString(content[:20]).dump() + core.OctetString(content[20:]).dump()
    encapsulated = signed["encap_content_info"]["content_type"].dump() + indefinite(0xA0, indefinite(0x24, pieces))
    members = signed["version"].dump() + signed["digest_algorithms"].dump() + indefinite(0x30, encapsulated)
    members += signed["certificates"].dump() + signed["signer_infos"].dump()
    message = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + indefinite(0xA0, indefinite(0x30, members))
    return encode_tlv(SOD_TAG, indefinite(0x30, message))


def indefinite(tag: int, content: bytes) -> bytes:
    """Return a constructed value of indefinite length (X.690, 8.1.3.6)."""
    return bytes([tag, 0x80]) + content + b"\0\0"


def wrap_sod(signed: cms.SignedData) -> bytes:
    """Return the file EF.SOD that holds this SignedData."""
    message = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return encode_tlv(SOD_TAG, message)


def encode_security_object(groups: Mapping[int, bytes], *, digest_name: str = "sha256", version: int = 0) -> bytes:
    """Return the LDS security object: the hash of every group. ICAO 9303-10, 4.6.2.3."""
    hashed = b"".join(
        parser.emit(0, 1, 16, core.Integer(number).dump() + core.OctetString(digest(digest_name, data)).dump())
        for number, data in sorted(groups.items())
    )
    algorithm = cms.DigestAlgorithm({"algorithm": digest_name}).dump()
    info = core.PrintableString("0108").dump() + core.PrintableString("040000").dump()
    tail = parser.emit(0, 1, 16, info) if version == 1 else b""
    content = core.Integer(version).dump() + algorithm + parser.emit(0, 1, 16, hashed) + tail
    return bytes(parser.emit(0, 1, 16, content))
