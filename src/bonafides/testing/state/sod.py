"""EF.SOD as a State signs it, over any groups and by any signer (ICAO 9303-10, 4.6.2; RFC 5652)."""

from collections.abc import Mapping

from asn1crypto import cms, core, parser, x509

from bonafides.core.document.lds import SOD_TAG
from bonafides.core.document.signature import digest
from bonafides.testing.state.certificates import Signer
from bonafides.testing.state.groups import encode_tlv


def build_sod(groups: Mapping[int, bytes], signer: Signer, *, digest_name: str = "sha256", version: int = 0) -> bytes:
    """Return EF.SOD over these data groups (number -> file). ICAO 9303-10, 4.6.2."""
    return wrap_sod(sign_content(encode_security_object(groups, digest_name=digest_name, version=version), signer))


def sign_content(content: bytes, signer: Signer, *, content_type: str = "2.23.136.1.1.1") -> cms.SignedData:
    """Return SignedData version 3 of one signer over a content, its certificate included. RFC 5652, 5."""
    algorithm = {"algorithm": signer.scheme.digest}
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": [content_type]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest(signer.scheme.digest, content)]}),
        ]
    )
    certificate = x509.Certificate.load(signer.certificate)
    identifier = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
        "digest_algorithm": algorithm,
        "signed_attrs": attributes,
        "signature_algorithm": signer.algorithm,
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
