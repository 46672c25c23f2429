"""Signed data with one signer, as travel documents and master lists use it (RFC 5652, 5; ICAO 9303-10, 4.6.2).

What is accepted is narrower than RFC 5652: version 3, exactly one signer, its certificate inside, signed attributes.
The version is covered by no signature, and naive readers take any.
"""

from dataclasses import dataclass, field
from typing import Any

from asn1crypto import cms, core, parser

from bonafides.core.document import asn1
from bonafides.core.document.certificate import Certificate, comparable_name, parse_certificate
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import SignatureScheme, digest, digest_name, parse_signature_scheme
from bonafides.errors import InputError, VerificationError

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE_ATTRIBUTE, _MESSAGE_DIGEST_ATTRIBUTE = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SET = 17


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a reader of signed data expects: its name, the stem of its error codes, its size, what it may hold.

    Codes are the stem alone, and with `_version`, `_content`, `_signers` and `_attributes`.
    """

    what: str
    code: str
    max_bytes: int
    content_types: frozenset[str]

    def refusal(self, message: str, part: str = "") -> InputError:
        """Return the error that says what is wrong with which part."""
        return InputError(f"{self.what} {message}", code=self.code + part)


@dataclass(frozen=True, slots=True)
class SignedContent:
    """Signed data as read, its signature not verified.

    `signed_attributes` are the bytes the signature covers: tagged as a SET, as RFC 5652, 5.4 says. `others` are the
    certificates beside the signer's; nothing vouches for them.
    """

    what: str
    signer: Certificate
    others: tuple[Certificate, ...] = field(repr=False)
    digest: str
    content: bytes = field(repr=False)
    content_type: str
    attribute_content_type: str
    message_digest: bytes = field(repr=False)
    signed_attributes: bytes = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def parse_signed_content(data: bytes, envelope: Envelope, *, limits: Limits = DEFAULT_LIMITS) -> SignedContent:
    """Return what the ContentInfo holds: SignedData version 3 with one signer whose certificate is inside.

    BER with indefinite lengths is read, since chips carry it. Raises InputError.
    """
    message = asn1.load(
        cms.ContentInfo, data, max_bytes=envelope.max_bytes, what=envelope.what, code=envelope.code, limits=limits
    )
    with asn1.reading(envelope.what, envelope.code):
        if message["content_type"].dotted != _SIGNED_DATA:
            raise envelope.refusal("is not signed data")
        signed = message["content"]
        if signed["version"].contents != b"\x03":
            raise envelope.refusal("is not signed data of version 3", "_version")
        content_type = signed["encap_content_info"]["content_type"].dotted
        if content_type not in envelope.content_types:
            raise envelope.refusal("wraps something else", "_content")
        asn1.exact(message, signed, signed["encap_content_info"], *signed["signer_infos"])
        # bytes(): the octets as they were signed, also if they come in pieces; .native would parse the content.
        content = bytes(signed["encap_content_info"]["content"])
        if len(signed["signer_infos"]) != 1:
            raise envelope.refusal("does not have exactly one signer", "_signers")
        info = signed["signer_infos"][0]
        name = _digest(signed, info, envelope)
        attributes, encoded = _signed_attributes(info, envelope, limits)
        signer, others = _certificates(signed, info, envelope, limits)
        return SignedContent(
            what=envelope.what,
            signer=signer,
            others=others,
            digest=name,
            content=content,
            content_type=content_type,
            attribute_content_type=core.ObjectIdentifier.load(attributes[_CONTENT_TYPE_ATTRIBUTE], strict=True).dotted,
            message_digest=bytes(core.OctetString.load(attributes[_MESSAGE_DIGEST_ATTRIBUTE], strict=True)),
            signed_attributes=encoded,
            signature_algorithm=info["signature_algorithm"].dump(),
            signature=bytes(info["signature"]),
        )


def verify_signed_content(signed: SignedContent, *, limits: Limits = DEFAULT_LIMITS) -> SignatureScheme:
    """Verify that the embedded signer signed this content; whether to trust the signer is another matter.

    RFC 5652, 5.4 and 5.6; ICAO 9303-11, 5.1. Returns the scheme used. Raises VerificationError, and InputError for a
    malformed key or algorithm.
    """
    scheme = parse_signature_scheme(signed.signature_algorithm, digest=signed.digest)
    if scheme.digest != signed.digest:
        raise _not_signed(f"{signed.what} digests with one hash and signs with another")
    if signed.attribute_content_type != signed.content_type:
        raise _not_signed(f"{signed.what} signs another type of content than it holds")
    if digest(signed.digest, signed.content) != signed.message_digest:
        raise _not_signed(f"{signed.what} signs another content than it holds")
    parse_public_key(signed.signer.spki, limits=limits).verify(scheme, signed.signature, signed.signed_attributes)
    return scheme


def _digest(signed: Any, info: Any, envelope: Envelope) -> str:
    """Return the signer's digest algorithm, which the message must announce. RFC 5652, 5.1 and 5.3."""
    if info["version"].contents not in (b"\x01", b"\x03"):
        raise envelope.refusal("has a signer of another version", "_version")
    oid = info["digest_algorithm"]["algorithm"].dotted
    if oid not in {algorithm["algorithm"].dotted for algorithm in signed["digest_algorithms"]}:
        raise envelope.refusal("is digested otherwise than it announces")
    return digest_name(oid, error=InputError)


def _signed_attributes(info: Any, envelope: Envelope, limits: Limits) -> tuple[dict[str, bytes], bytes]:
    """Return attribute -> its one value, and the bytes that are signed. RFC 5652, 11: values are single."""
    attributes = info["signed_attrs"]
    if isinstance(attributes, core.Void):
        raise envelope.refusal("has no signed attributes", "_attributes")
    if len(attributes) > limits.signed_attributes:
        raise envelope.refusal("has too many signed attributes", "_attributes")
    found: dict[str, bytes] = {}
    for attribute in attributes:
        oid = attribute["type"].dotted
        if oid in found or len(attribute["values"]) != 1:
            raise envelope.refusal("repeats a signed attribute", "_attributes")
        found[oid] = attribute["values"][0].dump()
    if not {_CONTENT_TYPE_ATTRIBUTE, _MESSAGE_DIGEST_ATTRIBUTE} <= found.keys():
        raise envelope.refusal("lacks a mandatory signed attribute", "_attributes")
    return found, parser.emit(0, 1, _SET, attributes.contents)


def _certificates(
    signed: Any, info: Any, envelope: Envelope, limits: Limits
) -> tuple[Certificate, tuple[Certificate, ...]]:
    """Return the one embedded certificate that the signer identifier means, and the others. RFC 5652, 5.3.

    Names are compared by meaning: some States encode the issuer differently in both places.
    """
    choices = [] if isinstance(signed["certificates"], core.Void) else list(signed["certificates"])
    if not 1 <= len(choices) <= limits.certificates or any(choice.name != "certificate" for choice in choices):
        raise envelope.refusal("must carry its signer's certificate", "_signers")
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
        raise envelope.refusal("does not carry its signer's certificate", "_signers")
    return found[0], tuple(certificate for certificate in certificates if certificate is not found[0])


def _not_signed(message: str) -> VerificationError:
    return VerificationError(message, code="document_signature")
