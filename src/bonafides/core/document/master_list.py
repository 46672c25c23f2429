"""Master lists: the Country Signing CAs that one State, or ICAO, has collected and signed (ICAO 9303-12, 9).

What a list carries for its own verification is no trust: the signer descends from a root that the operator has
confirmed by its fingerprint, which the publisher prints somewhere else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from asn1crypto import core

from bonafides.core.document import asn1
from bonafides.core.document.certificate import Certificate, parse_certificate
from bonafides.core.document.cms import Envelope, SignedContent, parse_signed_content, verify_signed_content
from bonafides.core.document.limits import IMPORT_LIMITS, Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.core.document.signer import may_have_issued
from bonafides.errors import InputError, VerificationError

_WHAT, _CODE = "a master list", "document_master_list"
_CONTENT_TYPES = frozenset({"2.23.136.1.1.2"})
_SIGNER_ROLE = "2.23.136.1.1.3"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A listed certificate that does not load: the SHA-256 of its bytes, and the code and sentence that say why."""

    fingerprint: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class MasterList:
    """A list as read, its signature not verified."""

    signed: SignedContent = field(repr=False)
    certificates: tuple[Certificate, ...] = field(repr=False)
    unreadable: tuple[Unreadable, ...]

    @property
    def countries(self) -> frozenset[str]:
        """The States whose CAs are listed, two letters each."""
        return frozenset(each.country for each in self.certificates if each.country is not None)


class _Certificates(core.SetOf):  # type: ignore[misc]
    _child_spec = core.Any


class _CscaMasterList(core.Sequence):  # type: ignore[misc]
    """CscaMasterList: ICAO 9303-12, 9.2."""

    _fields = [("version", core.Integer), ("certificates", _Certificates)]


def parse_master_list(data: bytes, *, limits: Limits = IMPORT_LIMITS) -> MasterList:
    """Return the list in these bytes; a certificate in it that cannot be read spoils no other. Raises InputError."""
    envelope = Envelope(_WHAT, _CODE, limits.master_list_bytes, _CONTENT_TYPES)
    signed = parse_signed_content(data, envelope, limits=limits)
    parsed = asn1.load(
        _CscaMasterList, signed.content, max_bytes=limits.master_list_bytes, what=_WHAT, code=_CODE, limits=limits
    )
    with asn1.reading(_WHAT, _CODE):
        asn1.exact(parsed)
        if parsed["version"].native != 0:
            raise ValueError("a list of another version")
        if len(parsed["certificates"]) > limits.master_list_certificates:
            raise ValueError("more certificates than are read")
        listed = [each.dump() for each in parsed["certificates"]]
    return _load(signed, dict.fromkeys(listed), limits)


def verify_master_list(listed: MasterList, *, root: Certificate, at: datetime, limits: Limits = IMPORT_LIMITS) -> None:
    """Verify that the publisher under `root` signed the list; that the root is trusted is the caller's to know.

    ICAO 9303-12, 9.1. Raises VerificationError, and InputError for a malformed key or algorithm.
    """
    signer = listed.signed.signer
    if signer.country is None or signer.country != root.country:
        raise VerificationError("the list's signer and root are of two States", code="document_country")
    if not signer.not_before <= at <= signer.not_after:
        message = "the certificate of the list's signer is not valid now: ask its publisher for a newer list"
        raise VerificationError(message, code="document_signer_expired")
    if not _may_sign_lists(signer):
        raise VerificationError("the signer may not sign master lists", code="document_signer_role")
    if not issued_by(signer, root, limits=limits):
        raise VerificationError("the list's signer does not descend from this root", code="document_chain")
    verify_signed_content(listed.signed, limits=limits)


def issued_by(certificate: Certificate, authority: Certificate, *, limits: Limits = IMPORT_LIMITS) -> bool:
    """Whether a CA issued this certificate. Raises VerificationError `document_unsupported` if nobody here can say."""
    if certificate.issuer != authority.subject or not may_have_issued(authority, certificate):
        return False
    scheme = parse_signature_scheme(certificate.signature_algorithm)
    try:
        parse_public_key(authority.spki, limits=limits).verify(scheme, certificate.signature, certificate.tbs)
    except (VerificationError, InputError) as error:
        if error.code == "document_unsupported":
            raise
        return False
    return True


def _may_sign_lists(signer: Certificate) -> bool:
    """Whether this is a master list signer's certificate and no other's. ICAO 9303-12, 7.1.1, table 6."""
    return (
        signer.is_ca is not True
        and _SIGNER_ROLE in signer.extended_key_usage
        and (signer.key_usage is None or "digital_signature" in signer.key_usage)
        and not signer.has_unknown_critical
    )


def _load(signed: SignedContent, listed: Any, limits: Limits) -> MasterList:
    """Return the certificates that load, and of the others why not."""
    certificates: list[Certificate] = []
    unreadable: list[Unreadable] = []
    for der in listed:
        try:
            certificate = parse_certificate(der, limits=limits)
        except InputError as error:
            unreadable.append(Unreadable(sha256(der).hexdigest(), error.code, str(error)))
            continue
        if certificate.country is None:
            reason = "the certificate names no State, so it can sign for none"
            unreadable.append(Unreadable(certificate.fingerprint, "document_country", reason))
            continue
        certificates.append(certificate)
    return MasterList(signed, tuple(certificates), tuple(unreadable))
