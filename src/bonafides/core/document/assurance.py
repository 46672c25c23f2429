"""How sure one may be that a document is its holder's: four levels, and what kept a level from being higher."""

from dataclasses import dataclass
from enum import StrEnum

from bonafides.core.document.passive import VerifiedDocument


class Level(StrEnum):
    """Levels of assurance as they stand in credentials, weakest first; they compare by strength.

    `chip`: data signed by the State. `chip_genuine`: and the chip is no copy. `chip_genuine_face`: and its portrait is
    the holder's face. `in_person`: before an officer.
    """

    CHIP = "chip"
    CHIP_GENUINE = "chip_genuine"
    CHIP_GENUINE_FACE = "chip_genuine_face"
    IN_PERSON = "in_person"

    @property
    def rank(self) -> int:
        """Position from the weakest, 0."""
        return list(Level).index(self)

    # str would compare the spellings.
    def __lt__(self, other: str) -> bool:
        return self.rank < Level(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Level(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Level(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Level(other).rank


CLONING_NOT_EXCLUDED = "cloning_not_excluded"
FACE_NOT_BOUND = "face_not_bound"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A level, and machine-readable reasons: the document's findings and what kept the level from being higher."""

    level: Level
    reasons: tuple[str, ...]


def assess(document: VerifiedDocument, *, face_bound: bool, in_person: bool) -> Assessment:
    """Return the level that a verified document and the way it was shown reach.

    A face bound to data that may be a copy binds it to nothing: without cloning excluded it does not raise the level.
    """
    missing = [
        reason
        for reason, holds in ((CLONING_NOT_EXCLUDED, document.cloning_excluded), (FACE_NOT_BOUND, face_bound))
        if not holds
    ]
    if in_person:
        level, missing = Level.IN_PERSON, []
    elif not document.cloning_excluded:
        level = Level.CHIP
    else:
        level = Level.CHIP_GENUINE_FACE if face_bound else Level.CHIP_GENUINE
    return Assessment(level, (*document.weak, *missing))
