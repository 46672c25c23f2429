"""How sure one may be that a document is its holder's: four levels, as they stand in credentials."""

from enum import StrEnum


class Level(StrEnum):
    """Levels of assurance, weakest first; they compare by strength.

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
