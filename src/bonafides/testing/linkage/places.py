"""Where in every file the values of every item stand, whatever their spelling: one pass over each file for all."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bonafides.testing.linkage.dump import Dump, File
from bonafides.testing.linkage.entities import Party
from bonafides.testing.linkage.keys import MIN_TOKEN, spellings

_HEAD = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A value of an item at an offset of a file; `column` is where else it stands."""

    offset: int
    item: int
    column: str


Places = dict[tuple[str, str], list[Place]]
"""By name of file and of party, in the order of offsets."""


def find_places(dump: Dump, parties: Sequence[Party]) -> Places:
    """Return the places of all own values of all items in all files."""
    needles: dict[bytes, list[tuple[bytes, str, int, str]]] = defaultdict(list)
    for party in parties:
        for number, item in enumerate(party.items):
            for token, column in item.tokens.items():
                for form in set(spellings(token)):
                    if len(form) >= MIN_TOKEN:
                        needles[form[:_HEAD]].append((form, party.name, number, column))
    found: Places = defaultdict(list)
    for file in dump.files:
        _search(file, needles, found)
    return dict(found)


def _search(file: File, needles: dict[bytes, list[tuple[bytes, str, int, str]]], found: Places) -> None:
    content = file.content
    for offset in range(len(content) - MIN_TOKEN + 1):
        for form, party, item, column in needles.get(content[offset : offset + _HEAD], ()):
            if content.startswith(form, offset):
                found[file.name, party].append(Place(offset, item, column))
