"""EF.SOD: the State's signature over a document (ICAO 9303-10, 4.6.2)."""

from dataclasses import dataclass

from bonafides.core.document.certificate import Certificate
from bonafides.core.document.cms import Envelope, SignedContent, parse_signed_content, verify_signed_content
from bonafides.core.document.lds import SOD_TAG, read_file
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.security_object import SecurityObject, parse_security_object
from bonafides.core.document.signature import SignatureScheme

# A master list or another CMS signed under the same CA must never pass as a document's, so this is a list of what is
# allowed. States that use another identifier would be added here per country, not for everybody.
CONTENT_TYPES = frozenset({"2.23.136.1.1.1"})


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
    envelope = Envelope("EF.SOD", "document_sod", limits.sod_bytes, CONTENT_TYPES)
    signed = parse_signed_content(value, envelope, limits=limits)
    return Sod(parse_security_object(signed.content, limits=limits), signed)


def verify_sod(sod: Sod, *, limits: Limits = DEFAULT_LIMITS) -> SignatureScheme:
    """Verify that the embedded signer signed this content; whether to trust the signer is the trust store's matter.

    ICAO 9303-11, 5.1. Returns the scheme used. Raises VerificationError, and InputError for a malformed key or
    algorithm.
    """
    return verify_signed_content(sod.signed, limits=limits)
