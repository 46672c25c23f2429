"""What must not be found, in every form in which a computer writes it down."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

WINDOW = 8
"""Bytes of a form by which it is looked up: shorter ones would be found in anything."""


def forms_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes as they are, in hex, and in base64 of either alphabet at each of the three places in its grid."""
    yield "raw", data
    yield "hex", data.hex().encode()
    yield "HEX", data.hex().upper().encode()
    for shift in range(3):
        # Only characters that the neighbours do not touch.
        whole = base64.b64encode(bytes(shift) + data)
        inner = whole[(0, 2, 3)[shift] : len(whole.rstrip(b"=")) - (1 if (shift + len(data)) % 3 else 0)]
        yield f"base64+{shift}", inner
        yield f"base64url+{shift}", inner.replace(b"+", b"-").replace(b"/", b"_")


@dataclass
class Needles:
    """Everything that is looked for, by its first bytes."""

    by_start: dict[bytes, list[tuple[str, bytes]]] = field(default_factory=dict)

    def add(self, name: str, data: bytes) -> None:
        """Look for these bytes in all their forms."""
        for form, encoded in forms_of(data):
            if len(encoded) < WINDOW:
                raise ValueError(f"{name} is too short to be looked for")
            self.by_start.setdefault(encoded[:WINDOW], []).append((f"{name} ({form})", encoded))

    def add_long(self, name: str, data: bytes, *, length: int = 24, step: int = 24) -> None:
        """Look for every piece of a longer thing, so that a part of it is found too."""
        for start in range(0, max(1, len(data) - length + 1), step):
            self.add(f"{name} from {start}", data[start : start + length])

    def found_in(self, content: bytes) -> list[str]:
        """Return the names of what stands in some content."""
        starts, found = self.by_start, []
        for place in range(len(content) - WINDOW + 1):
            for name, encoded in starts.get(content[place : place + WINDOW], ()):
                if content.startswith(encoded, place):
                    found.append(name)
        return found

    def found_below(self, folder: Path) -> list[str]:
        """Return file and name of everything that stands in a file of this folder, or in a file's name."""
        found = []
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            inside = str(path.relative_to(folder))
            found += [f"{inside}: {name}" for name in self.found_in(path.read_bytes() + b"\0" + inside.encode())]
        return found
