"""Link certificates: a trusted Country Signing CA vouches for the key, or the name, that follows it.

ICAO 9303-12, 4.2 and 7.1.1: the old key signs a certificate for the new one. Whoever trusted the old one needs nobody
else's word, and trust in the new one ends with trust in the old one.
"""

from collections.abc import Iterable
from datetime import datetime

from bonafides.core.document.certificate import Certificate
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.core.document.signer import may_have_issued
from bonafides.core.document.trust import Anchor, TrustStore
from bonafides.errors import InputError, VerificationError


def vouch_for(
    certificates: Iterable[Certificate], *, trust: TrustStore, at: datetime, limits: Limits = DEFAULT_LIMITS
) -> tuple[list[Anchor], list[Certificate]]:
    """Return anchors for those certificates that the store's CAs vouch for, in turn, and the certificates left over.

    A chain of links may come in any order. The anchors have no provenance yet: that of the import is the caller's.
    """
    pending, found = list(certificates), list[Anchor]()
    while True:
        added = [anchor for each in pending if (anchor := _voucher(each, trust, at, limits)) is not None]
        if not added:
            return found, pending
        found += added
        trust |= TrustStore.of(added)
        known = {anchor.certificate.der for anchor in added}
        pending = [each for each in pending if each.der not in known]


def verify_link(link: Certificate, *, trust: TrustStore, at: datetime, limits: Limits = DEFAULT_LIMITS) -> Certificate:
    """Verify that a CA that is trusted at `at` signed this certificate for another CA of the same State; return it.

    Raises VerificationError `document_link`.
    """
    if not _is_authority(link):
        raise VerificationError("a link certificate is that of a CA", code="document_link")
    if trust.is_revoked(link):
        raise VerificationError("the certificate was revoked", code="document_link")
    for anchor in trust.issuers_of(link, at=at)[: limits.anchors_tried]:
        authority = anchor.certificate
        # Key identifiers are a hint for documents; who follows whom is said by name.
        if authority.subject != link.issuer or authority.der == link.der or not may_have_issued(authority, link):
            continue
        if trust.is_revoked(authority):
            continue
        try:
            scheme = parse_signature_scheme(link.signature_algorithm)
            parse_public_key(authority.spki, limits=limits).verify(scheme, link.signature, link.tbs)
        except (VerificationError, InputError):
            continue
        return authority
    raise VerificationError("no trusted CA of the State vouches for the certificate", code="document_link")


def _voucher(candidate: Certificate, trust: TrustStore, at: datetime, limits: Limits) -> Anchor | None:
    """Return an anchor for a certificate that is vouched for: by a link, or as what a trusted link speaks of."""
    try:
        voucher = verify_link(candidate, trust=trust, at=at, limits=limits)
    except VerificationError:
        twin = _twin(candidate, trust, at)
        if twin is None:
            return None
        voucher = twin
    return Anchor(candidate, provenance="", vouched_by=voucher.fingerprint)


def _twin(candidate: Certificate, trust: TrustStore, at: datetime) -> Certificate | None:
    """Return the trusted certificate of the same CA with the same key: a link and its self-signed certificate.

    The link alone would often do, but it ends with the old CA.
    """
    if not _is_authority(candidate):
        return None
    for anchor in trust.find(candidate.country, candidate.subject, candidate.subject_key_id):
        known = anchor.certificate
        same = (known.spki, known.subject) == (candidate.spki, candidate.subject) and known.der != candidate.der
        if same and trust.trusts(anchor, at=at) and not trust.is_revoked(known) and _is_self_signed(candidate):
            return known
    return None


def _is_authority(certificate: Certificate) -> bool:
    """Whether a certificate says of itself that it is a CA's; old roots may keep silent, links may not."""
    return (
        certificate.is_ca is True
        and certificate.key_usage is not None
        and "key_cert_sign" in certificate.key_usage
        and not certificate.has_unknown_critical
    )


def _is_self_signed(certificate: Certificate) -> bool:
    """Whether the holder of the key asked for exactly this certificate: else anybody could prolong a CA's life."""
    try:
        scheme = parse_signature_scheme(certificate.signature_algorithm)
        parse_public_key(certificate.spki).verify(scheme, certificate.signature, certificate.tbs)
    except (VerificationError, InputError):
        return False
    return True
