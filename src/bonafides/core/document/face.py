"""Whether the person before us is the one in the document's portrait: an adapter's finding, never ours.

No package ships a liveness check that was tested for this, so there is none by default. What an operator puts in is
asked once a document, and whatever it does but answer clearly means: not bound.
"""

from dataclasses import dataclass
from typing import Protocol

from bonafides.core.document.level import Level


@dataclass(frozen=True, slots=True)
class FaceResult:
    """What a face check found: same face, alive and not played in, and for which level its operator vouches for it."""

    match: bool
    liveness: bool
    level: Level


class FaceCheck(Protocol):
    """A face check of an operator's."""

    def verify(self, portrait: bytes, capture: bytes, nonce: bytes) -> FaceResult:
        """Compare the signed portrait (JPEG or JPEG 2000) with what the wallet captured for this very nonce."""
        ...


def is_face_bound(check: FaceCheck, *, portrait: bytes, capture: bytes, nonce: bytes) -> bool:
    """Return whether the check says so without a doubt: any failure of it, or another answer, is a no."""
    try:
        result = check.verify(portrait, capture, nonce)
        return (
            result.match is True
            and result.liveness is True
            and Level(result.level) >= Level.CHIP_GENUINE_FACE  # a demonstration that is good for less binds nothing
        )
    except Exception:  # noqa: BLE001 - somebody else's code: however it breaks, the face is not bound
        return False
