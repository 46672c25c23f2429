"""EF.SOD: the State's signature over a document (ICAO 9303-10, 4.6.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bonafides.core.document.certificate import Certificate
from bonafides.core.document.cms import Envelope, SignedContent, parse_signed_content, verify_signed_content
from bonafides.core.document.lds import SOD_TAG, read_file
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.security_object import SecurityObject, parse_security_object
from bonafides.core.document.signature import SignatureScheme

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


@dataclass(frozen=True, slots=True)
class Sod:
    """EF.SOD as read, its signature not verified."""

    security_object: SecurityObject
    signed: SignedContent

    @property
    def signer(self) -> Certificate:
        """The Document Signer's certificate, which the file carries."""
        return self.signed.signer


def parse_sod(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Sod:
    """Return what EF.SOD holds: SignedData version 3 with one signer whose certificate is inside. Raises InputError."""
    value = read_file(data, SOD_TAG, max_bytes=limits.sod_bytes)
    envelope = Envelope("EF.SOD", "document_sod", limits.sod_bytes, CONTENT_TYPES.union(*CONTENT_TYPES_OF.values()))
    signed = parse_signed_content(value, envelope, limits=limits)
    if signed.content_type not in CONTENT_TYPES | CONTENT_TYPES_OF.get(signed.signer.country or "", frozenset()):
        raise envelope.refusal("wraps something else", "_content")
    return Sod(parse_security_object(signed.content, limits=limits), signed)


def verify_sod(sod: Sod, *, limits: Limits = DEFAULT_LIMITS) -> SignatureScheme:
    """Verify that the embedded signer signed this content; whether to trust the signer is the trust store's matter.

    ICAO 9303-11, 5.1. Returns the scheme used. Raises VerificationError, and InputError for a malformed key or
    algorithm.
    """
    return verify_signed_content(sod.signed, limits=limits)
