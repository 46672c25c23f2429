"""EF.SOD: the State's signature over a document (ICAO 9303-10, 4.6.2; RFC 5652)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from asn1crypto import cms, core, parser

from bonafides.core.document import asn1
from bonafides.core.document.certificate import Certificate, comparable_name, parse_certificate
from bonafides.core.document.lds import SOD_TAG, read_file
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.security_object import SecurityObject, parse_security_object
from bonafides.core.document.signature import SignatureScheme, digest, digest_name, parse_signature_scheme
from bonafides.errors import InputError, VerificationError

# A master list or another CMS signed under the same CA must never pass as a document's, so this is a list of what is
# allowed: ICAO's security object, and for some States what their documents have instead.
CONTENT_TYPES = frozenset({"2.23.136.1.1.1"})
CONTENT_TYPES_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "BE": frozenset({"1.3.27.1.1.1"}),
        "CN": frozenset({"1.2.840.113549.1.7.1"}),
        "FR": frozenset({"1.3.27.1.1.1"}),
        "NL": frozenset({"1.2.528.1.1006.1.20.1"}),
    }
)
"""Country of the signer -> further types of content that its documents have."""

_WHAT, _CODE = "EF.SOD", "document_sod"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE_ATTRIBUTE, _MESSAGE_DIGEST_ATTRIBUTE = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SET = 17


@dataclass(frozen=True, slots=True)
class Sod:
    """EF.SOD as read, its signature not verified.

    `signed_attributes` are the bytes the signature covers: tagged as a SET, as RFC 5652, 5.4 says.
    """

    security_object: SecurityObject
    signer: Certificate
    digest: str
    content: bytes = field(repr=False)
    content_type: str
    attribute_content_type: str
    message_digest: bytes = field(repr=False)
    signed_attributes: bytes = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def parse_sod(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Sod:
    """Return what EF.SOD holds: SignedData version 3 with one signer whose certificate is inside.

    BER with indefinite lengths is read, since chips carry it. Raises InputError.
    """
    value = read_file(data, SOD_TAG, max_bytes=limits.sod_bytes)
    message = asn1.load(cms.ContentInfo, value, max_bytes=limits.sod_bytes, what=_WHAT, code=_CODE)
    with asn1.reading(_WHAT, _CODE):
        if message["content_type"].dotted != _SIGNED_DATA:
            raise InputError("EF.SOD is not signed data", code=_CODE)
        signed = message["content"]
        # The version is not signed, and other versions verify: only version 3 is what ICAO 9303-10 allows.
        if signed["version"].contents != b"\x03":
            raise InputError("EF.SOD is not signed data of version 3", code="document_sod_version")
        content_type = signed["encap_content_info"]["content_type"].dotted
        asn1.exact(message, signed, signed["encap_content_info"], *signed["signer_infos"])
        # bytes(): the octets as they were signed, also if they come in pieces; .native would parse the content.
        content = bytes(signed["encap_content_info"]["content"])
        if len(signed["signer_infos"]) != 1:
            raise InputError("EF.SOD does not have exactly one signer", code="document_sod_signers")
        info = signed["signer_infos"][0]
        name = _digest(signed, info)
        attributes, encoded = _signed_attributes(info, limits)
        signer = _signer(signed, info, limits)
        if content_type not in CONTENT_TYPES | CONTENT_TYPES_OF.get(signer.country or "", frozenset()):
            raise InputError("EF.SOD wraps something that is no security object", code="document_sod_content")
        return Sod(
            security_object=parse_security_object(content, limits=limits),
            signer=signer,
            digest=name,
            content=content,
            content_type=content_type,
            attribute_content_type=core.ObjectIdentifier.load(attributes[_CONTENT_TYPE_ATTRIBUTE], strict=True).dotted,
            message_digest=bytes(core.OctetString.load(attributes[_MESSAGE_DIGEST_ATTRIBUTE], strict=True)),
            signed_attributes=encoded,
            signature_algorithm=info["signature_algorithm"].dump(),
            signature=bytes(info["signature"]),
        )


def verify_sod(sod: Sod, *, limits: Limits = DEFAULT_LIMITS) -> SignatureScheme:
    """Verify that the embedded signer signed this content; whether to trust the signer is the trust store's matter.

    RFC 5652, 5.4 and 5.6; ICAO 9303-11, 5.1. Returns the scheme used. Raises VerificationError, and InputError for a
    malformed key or algorithm.
    """
    scheme = parse_signature_scheme(sod.signature_algorithm, digest=sod.digest)
    if scheme.digest != sod.digest:
        raise _not_signed("EF.SOD digests with one hash and signs with another")
    if sod.attribute_content_type != sod.content_type:
        raise _not_signed("EF.SOD signs another type of content than it holds")
    if digest(sod.digest, sod.content) != sod.message_digest:
        raise _not_signed("EF.SOD signs another content than it holds")
    parse_public_key(sod.signer.spki, limits=limits).verify(scheme, sod.signature, sod.signed_attributes)
    return scheme


def _digest(signed: Any, info: Any) -> str:
    """Return the signer's digest algorithm, which the message must announce. RFC 5652, 5.1 and 5.3."""
    if info["version"].contents not in (b"\x01", b"\x03"):
        raise InputError("EF.SOD has a signer of another version", code="document_sod_version")
    oid = info["digest_algorithm"]["algorithm"].dotted
    if oid not in {algorithm["algorithm"].dotted for algorithm in signed["digest_algorithms"]}:
        raise InputError("EF.SOD is digested otherwise than it announces", code=_CODE)
    return digest_name(oid, error=InputError)


def _signed_attributes(info: Any, limits: Limits) -> tuple[dict[str, bytes], bytes]:
    """Return attribute -> its one value, and the bytes that are signed. RFC 5652, 11: values are single."""
    attributes = info["signed_attrs"]
    if isinstance(attributes, core.Void):
        raise InputError("EF.SOD has no signed attributes", code="document_sod_attributes")
    if len(attributes) > limits.signed_attributes:
        raise InputError("EF.SOD has too many signed attributes", code="document_sod_attributes")
    found: dict[str, bytes] = {}
    for attribute in attributes:
        oid = attribute["type"].dotted
        if oid in found or len(attribute["values"]) != 1:
            raise InputError("EF.SOD repeats a signed attribute", code="document_sod_attributes")
        found[oid] = attribute["values"][0].dump()
    if not {_CONTENT_TYPE_ATTRIBUTE, _MESSAGE_DIGEST_ATTRIBUTE} <= found.keys():
        raise InputError("EF.SOD lacks a mandatory signed attribute", code="document_sod_attributes")
    return found, parser.emit(0, 1, _SET, attributes.contents)


def _signer(signed: Any, info: Any, limits: Limits) -> Certificate:
    """Return the one embedded certificate that the signer identifier means. RFC 5652, 5.3.

    Names are compared by meaning: some States encode the issuer differently in both places.
    """
    choices = [] if isinstance(signed["certificates"], core.Void) else list(signed["certificates"])
    if not 1 <= len(choices) <= limits.certificates or any(choice.name != "certificate" for choice in choices):
        raise InputError("EF.SOD must carry its signer's certificate", code="document_sod_signers")
    certificates = [parse_certificate(choice.chosen.dump(), limits=limits) for choice in choices]
    if info["sid"].name == "subject_key_identifier":
        key_id = bytes(info["sid"].chosen)
        found = [certificate for certificate in certificates if certificate.subject_key_id == key_id]
    else:
        issuer, serial = comparable_name(info["sid"].chosen["issuer"]), info["sid"].chosen["serial_number"].native
        found = [
            certificate for certificate in certificates if (certificate.issuer, certificate.serial) == (issuer, serial)
        ]
    if len(found) != 1:
        raise InputError("EF.SOD does not carry its signer's certificate", code="document_sod_signers")
    return found[0]


def _not_signed(message: str) -> VerificationError:
    return VerificationError(message, code="document_signature")
