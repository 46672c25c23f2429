"""Whether a Document Signer descends from a trusted CA and may sign this document (ICAO 9303-11, 5.1; 9303-12, 5, 7).

The path has two levels. It is checked here because general path builders refuse most real CAs.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from bonafides.core.document.certificate import Certificate
from bonafides.core.document.countries import is_same_state
from bonafides.core.document.findings import Finding
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.core.document.trust import Anchor, TrustStore, is_allowed_type
from bonafides.errors import InputError, VerificationError

# A document's day of issue is a day where it was issued, while certificates count in universal time.
_SLACK_DAYS = 1


@dataclass(frozen=True, slots=True)
class VerifiedSigner:
    """The anchor that a Document Signer descends from, and what is weak about that."""

    anchor: Anchor = field(repr=False)
    findings: frozenset[Finding]


def verify_signer(
    signer: Certificate,
    *,
    trust: TrustStore,
    issuing_state: str,
    document_code: str,
    issued_on: date | None,
    at: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> VerifiedSigner:
    """Verify that a Document Signer of the issuing State may sign a document of this type, issued on this day, at `at`.

    `document_code` is that of the zone, `issued_on` None if the document does not say. The CA need not be valid any
    more today, but was when it issued the signer. Raises VerificationError with a code for each reason, and InputError
    for a malformed key or algorithm.
    """
    if not is_same_state(signer.country or "", issuing_state):
        raise VerificationError("the signer is not one of the issuing State", code="document_country")
    if not signer.not_before <= at <= signer.not_after:
        raise VerificationError("the signer's certificate is not valid at this time", code="document_signer_expired")
    if not _may_sign_documents(signer):
        raise VerificationError("the signer's certificate is for something else", code="document_signer_role")
    if not is_allowed_type(signer.document_types, document_code):
        raise _wrong_type("the signer may not sign this type of document")
    if issued_on is not None and (issued_on - at.date()).days > _SLACK_DAYS:
        raise VerificationError("the document says that it was issued later than today", code="document_usage_period")
    findings = _usage_findings(signer, issued_on)
    anchor = _find_issuer(signer, trust, document_code, at, limits)
    findings |= _revocation_findings(signer, anchor.certificate, trust, at)
    if parse_signature_scheme(signer.signature_algorithm).is_weak:
        findings |= {Finding.WEAK_HASH}
    return VerifiedSigner(anchor, frozenset(findings))


def may_have_issued(authority: Certificate, issued: Certificate) -> bool:
    """Whether a CA was valid when it issued a certificate, and was allowed to. RFC 5280, 6.1.4 (k) to (n).

    Its own usage period is not held against it: one link certificate in eight of the published lists lies outside.
    """
    return (
        authority.not_before <= issued.not_before <= authority.not_after
        and authority.is_ca is not False
        and (authority.key_usage is None or "key_cert_sign" in authority.key_usage)
        and not authority.has_unknown_critical
    )


def _may_sign_documents(signer: Certificate) -> bool:
    """Whether a certificate is a Document Signer's: no CA, no other role. ICAO 9303-12, 7.1.1, table 6.

    Any extended key usage is another role: the same CA certifies signers of lists, and servers.
    """
    return (
        signer.is_ca is not True
        and (signer.key_usage is None or "digital_signature" in signer.key_usage)
        and not signer.extended_key_usage
        and not signer.has_unknown_critical
    )


def _usage_findings(signer: Certificate, issued_on: date | None) -> set[Finding]:
    """Verify that the signer's key was in use on the day of issue; an open end is that of the certificate.

    ICAO 9303-12, 7.1.1.3: a key signs for months, its certificate lives as long as the documents.
    """
    period = signer.usage_period
    if period is None:
        return set()
    if issued_on is None:
        return {Finding.USAGE_PERIOD_UNCHECKED}
    first, last = period.not_before or signer.not_before, period.not_after or signer.not_after
    # Differences, since a day more than the last that there is is none.
    if max((first.date() - issued_on).days, (issued_on - last.date()).days) > _SLACK_DAYS:
        message = "the document was issued when the signer's key was not in use"
        raise VerificationError(message, code="document_usage_period")
    return set()


def _find_issuer(signer: Certificate, trust: TrustStore, code: str, at: datetime, limits: Limits) -> Anchor:
    """Return the anchor whose key signed the signer's certificate and that is good for this type of document."""
    scheme = parse_signature_scheme(signer.signature_algorithm)
    refusal = VerificationError("no trusted CA of the State issued the signer's certificate", code="document_chain")
    tried: dict[bytes, bool] = {}
    for anchor in trust.issuers_of(signer, at=at):
        authority = anchor.certificate
        if not may_have_issued(authority, signer):
            continue
        if len(tried) == limits.anchors_tried and authority.der not in tried:
            break
        if authority.der not in tried:
            tried[authority.der] = False
            try:
                parse_public_key(authority.spki, limits=limits).verify(scheme, signer.signature, signer.tbs)
                tried[authority.der] = True
            except (VerificationError, InputError) as error:
                if error.code == "document_unsupported" and refusal.code == "document_chain":
                    # For the operator this is another matter than an anchor that is not there.
                    message = "a CA of the State uses what is not supported"
                    refusal = VerificationError(message, code="document_unsupported")
        if not tried[authority.der]:
            continue
        if not trust.trusts(anchor, at=at, document_code=code):
            refusal = _wrong_type("the signer's CA is trusted for other types of documents")
        elif trust.is_revoked(authority):
            refusal = VerificationError("the signer's CA was revoked", code="document_revoked")
        else:
            return anchor
    raise refusal


def _revocation_findings(signer: Certificate, authority: Certificate, trust: TrustStore, at: datetime) -> set[Finding]:
    """Verify that no list has the signer; none, or only old ones, is a finding and no silent pass."""
    if trust.is_revoked(signer, authority.subject):
        raise VerificationError("the signer's certificate was revoked", code="document_revoked")
    lists = trust.revocation_lists_of(signer.country, signer.issuer, authority.subject)
    if not lists:
        return {Finding.NO_REVOCATION_DATA}
    if not any(each.is_current(at) for each in lists):
        return {Finding.STALE_REVOCATION_DATA}
    return set()


def _wrong_type(message: str) -> VerificationError:
    return VerificationError(message, code="document_type")
