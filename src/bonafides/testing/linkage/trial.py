"""One attack carried out on one pair of parties: whom it takes for whom."""

import random  # noqa: TID251 - simulation, fixed seed
from collections.abc import Iterator
from dataclasses import dataclass, field

from bonafides.testing.linkage.dump import Dump, File
from bonafides.testing.linkage.entities import Party
from bonafides.testing.linkage.keys import Keys
from bonafides.testing.linkage.matching import Guesses
from bonafides.testing.linkage.places import Place, Places


@dataclass(frozen=True)
class Pool:
    """What the attacker has: everything of everybody. `rng` only breaks ties and draws samples."""

    dump: Dump
    keys: Keys
    parties: list[Party]
    places: Places
    rng: random.Random
    sampled: list[str] = field(default_factory=list)
    """What was too much to try whole, in words."""

    def pairs(self) -> Iterator[tuple[Party, Party]]:
        """Give every pair of parties once."""
        for number, x in enumerate(self.parties):
            for y in self.parties[number + 1 :]:
                if x.items and y.items:
                    yield x, y

    def places_of(self, file: File, party: Party) -> list[Place]:
        """Return where in a file the values of a party's items stand."""
        return self.places.get((file.name, party.name), [])

    def note(self, sentence: str) -> None:
        """Say that something was sampled."""
        if sentence not in self.sampled:
            self.sampled.append(sentence)


@dataclass(frozen=True)
class Trial:
    """An assignment: for every item of X its candidates in Y."""

    family: str
    name: str
    x: Party
    y: Party
    guesses: Guesses
