"""Which identifiers belong to one person: written by whoever made the deployment, never by the product."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bonafides.errors import InputError

FORMAT = "bonafides linkage truth/1"
ISSUER = "issuer"


@dataclass(frozen=True, slots=True)
class Truth:
    """For each person, at each party (the name of its folder), the identifiers the person has or had there.

    At the issuer the key of the person's row in hexadecimal, at a platform every `sub`, replaced ones too.
    """

    people: Sequence[Mapping[str, Sequence[str]]]

    @property
    def parties(self) -> list[str]:
        """The parties, the issuer first."""
        names = {name for person in self.people for name in person}
        return sorted(names, key=lambda name: (name != ISSUER, name))

    def write(self, path: Path) -> None:
        """Write the file that `read_truth` reads."""
        text = json.dumps({"format": FORMAT, "people": self.people}, separators=(",", ":"))
        path.write_text(text + "\n", "ascii")


def read_truth(path: Path) -> Truth:
    """Return the truth in a file. Raises InputError for anything else."""
    try:
        data = json.loads(path.read_text("ascii"))
    except (OSError, ValueError):
        raise InputError("the truth file is missing or not JSON", code="audit_truth") from None
    match data:
        case {"format": str(name), "people": list(people)} if name == FORMAT and all(map(_is_person, people)):
            truth = Truth(people)
            if len(truth.parties) >= 2:
                return truth
    raise InputError("the truth file does not name people at two parties", code="audit_truth")


def _is_person(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str) and isinstance(found, list) and all(isinstance(each, str) and each for each in found)
        for name, found in value.items()
    )
