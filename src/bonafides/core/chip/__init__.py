"""What a reader and the chip of a document say to each other (ICAO 9303-11): access, protected messages, files.

Pure: `transmit` carries one command to the chip and brings its answer, `randomness` gives fresh random bytes. What the
chip answers is hostile until proven otherwise: malformed answers raise InputError, wrong proofs VerificationError, what
this reader cannot or must not do PolicyError; errors of `transmit` itself pass through.
"""

from bonafides.core.chip.apdu import Transmit
from bonafides.core.chip.limits import DEFAULT_LIMITS, ChipLimits
from bonafides.core.chip.password import Password, passwords_of
from bonafides.core.chip.reading import DEFAULT_GROUPS, Access, ReadDocument, Step, read_document

__all__ = [
    "DEFAULT_GROUPS",
    "DEFAULT_LIMITS",
    "Access",
    "ChipLimits",
    "Password",
    "ReadDocument",
    "Step",
    "Transmit",
    "passwords_of",
    "read_document",
]
