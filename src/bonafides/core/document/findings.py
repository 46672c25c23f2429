"""What may be true of a genuine document and still matter: machine-readable, for the assurance policy to judge."""

from enum import StrEnum


class Finding(StrEnum):
    """Findings of a document check that succeeded; none of them tells anything about the person."""

    WEAK_HASH = "weak_hash"
    """A hash without collision resistance is in the chain."""
    WEAK_CHIP_KEY = "weak_chip_key"
    """The chip's own key is shorter than signatures should be today."""
    NO_REVOCATION_DATA = "no_revocation_data"
    """Nobody could say whether the signer was revoked."""
    STALE_REVOCATION_DATA = "stale_revocation_data"
    """The revocation list at hand should have been replaced by now (ICAO 9303-12, 7.2)."""
    OUTLIVES_SIGNER = "outlives_signer"
    """The document claims to be good for longer than its signer's certificate (ICAO 9303-12, 3.2)."""
    USAGE_PERIOD_UNCHECKED = "usage_period_unchecked"
    """The signer's key had a period of use, and the document does not say when it was issued."""
    CHIP_CANNOT_PROVE = "chip_cannot_prove"
    """The chip has no key to show that it is no copy."""
    CHIP_AUTHENTICATION_ONLY = "chip_authentication_only"
    """The chip can show that it is no copy only to who terminates its session (ICAO 9303-11, 6.2)."""
