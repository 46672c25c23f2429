"""Which Country Signing CAs are trusted, and whether a Document Signer descends from one (ICAO 9303-12, 5 and 7).

Trust is membership in this store, put there by an operator who says where each anchor came from; a self-signature
proves nothing. The path has two levels. It is checked here because general path builders refuse most real CAs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bonafides.core.document.certificate import Certificate, parse_certificate
from bonafides.core.document.countries import is_same_state
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import SignatureScheme, parse_signature_scheme
from bonafides.errors import InputError, VerificationError

# Extended key usages under this arc give a signer of the same CA another job: master lists, deviation lists, visas.
_OTHER_ROLES = "2.23.136.1.1."


@dataclass(frozen=True, slots=True)
class Anchor:
    """A trusted Country Signing CA and, in an operator's words, where it came from."""

    certificate: Certificate
    provenance: str


@dataclass(frozen=True, slots=True)
class TrustStore:
    """An unchangeable set of anchors. `version` names exactly this set, whatever the order it was put together in."""

    anchors: tuple[Anchor, ...] = field(repr=False)
    version: str

    @classmethod
    def from_certificates(
        cls, certificates: Iterable[bytes], *, provenance: str, limits: Limits = DEFAULT_LIMITS
    ) -> "TrustStore":
        """Return a store of these DER certificates, all from one source. Raises InputError."""
        return _store(Anchor(parse_certificate(der, limits=limits), provenance) for der in certificates)

    def __or__(self, other: "TrustStore") -> "TrustStore":
        """Return the union; an anchor in both keeps the provenance it has here."""
        return _store((*self.anchors, *other.anchors))

    def issuers_of(self, signer: Certificate) -> list[Anchor]:
        """Return the anchors of the signer's country that it may descend from, by key identifier or by name.

        Key identifiers are shared and names re-used in practice, so either is a hint and only the signature decides.
        """
        return [
            anchor
            for anchor in self.anchors
            if signer.country is not None
            and anchor.certificate.country == signer.country
            and (
                anchor.certificate.subject == signer.issuer
                or (
                    signer.authority_key_id is not None and anchor.certificate.subject_key_id == signer.authority_key_id
                )
            )
        ]


def verify_signer(
    signer: Certificate, *, trust: TrustStore, issuing_state: str, at: datetime, limits: Limits = DEFAULT_LIMITS
) -> SignatureScheme:
    """Verify that a Document Signer descends from an anchor of the issuing State and may sign documents at `at`.

    ICAO 9303-11, 5.1. The CA need not be valid any more today, but was when it issued the signer. Returns the scheme
    of the signer's certificate. Raises VerificationError, and InputError for a malformed key or algorithm.
    """
    if not is_same_state(signer.country or "", issuing_state):
        raise VerificationError("the signer is not one of the issuing State", code="document_country")
    if not signer.not_before <= at <= signer.not_after:
        raise VerificationError("the signer's certificate is not valid at this time", code="document_signer_expired")
    if not _may_sign_documents(signer):
        raise VerificationError("the signer's certificate is for something else", code="document_signer_role")
    scheme = parse_signature_scheme(signer.signature_algorithm)
    unsupported = False
    for anchor in trust.issuers_of(signer)[: limits.anchors_tried]:
        if not _may_have_issued(anchor.certificate, signer):
            continue
        try:
            parse_public_key(anchor.certificate.spki, limits=limits).verify(scheme, signer.signature, signer.tbs)
        except (VerificationError, InputError) as error:
            unsupported = unsupported or error.code == "document_unsupported"
        else:
            return scheme
    if unsupported:
        # For the operator this is another matter than an anchor that is not there.
        raise VerificationError("a CA of the State uses what is not supported", code="document_unsupported")
    raise VerificationError("no trusted CA of the State issued the signer's certificate", code="document_chain")


def _store(anchors: Iterable[Anchor]) -> TrustStore:
    """Return the store of these anchors, each certificate once, in the order of their hashes."""
    found: dict[bytes, Anchor] = {}
    for anchor in anchors:
        found.setdefault(sha256(anchor.certificate.der).digest(), anchor)
    order = sorted(found)
    return TrustStore(tuple(found[key] for key in order), sha256(b"".join(order)).hexdigest())


def _may_sign_documents(signer: Certificate) -> bool:
    """Whether a certificate is a Document Signer's: no CA, no other role. ICAO 9303-12, 7.1.1, table 6."""
    return (
        signer.is_ca is not True
        and (signer.key_usage is None or "digital_signature" in signer.key_usage)
        and not any(purpose.startswith(_OTHER_ROLES) for purpose in signer.extended_key_usage)
        and not signer.has_unknown_critical
    )


def _may_have_issued(anchor: Certificate, signer: Certificate) -> bool:
    """Whether a CA was valid when it issued the signer, and was allowed to. RFC 5280, 6.1.4 (k) to (n)."""
    return (
        anchor.not_before <= signer.not_before <= anchor.not_after
        and anchor.is_ca is not False
        and (anchor.key_usage is None or "key_cert_sign" in anchor.key_usage)
    )
