"""Tiny deployments by hand: two parties, random identifiers, and exactly the leak that a test puts in."""

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bonafides.core import base64url
from bonafides.testing.linkage import Report, Truth, audit
from bonafides.testing.linkage.truth import ISSUER

PLATFORM = "forum"
PEOPLE = 40
SETTINGS = {
    ISSUER: 'issuer_id = "id.example"\n',
    PLATFORM: 'relying_party_id = "forum.example"\nissuers = ["id.example"]\n',
}


@dataclass
class Small:
    """An issuer and a platform, and people who have a tag at the one and a sub at the other."""

    root: Path
    rng: random.Random
    tags: list[bytes]
    subs: list[str]

    def table(self, party: str, name: str, columns: str, rows: list[tuple[Any, ...]], *, shuffled: bool = True) -> None:
        """Write a table; its rows in random order unless order is what leaks."""
        rows = list(rows)
        if shuffled:
            self.rng.shuffle(rows)
        with closing(sqlite3.connect(self.root / party / f"{party}.db")) as connection, connection:
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)

    def file(self, party: str, name: str, content: str | bytes) -> None:
        """Write any other file."""
        path = self.root / party / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def finish(self, subs: list[str] | None = None) -> Truth:
        """Write what every deployment has: tags here, subs there, nothing in common."""
        subs = subs or self.subs
        self.table(ISSUER, "person", "tag BLOB PRIMARY KEY, level TEXT", [(tag, "chip") for tag in self.tags])
        self.table(PLATFORM, "account", "sub TEXT PRIMARY KEY, seen TEXT", [(sub, "2026-W48") for sub in subs])
        pairs = zip(self.tags, subs, strict=True)
        return Truth([{ISSUER: [tag.hex()], PLATFORM: [sub]} for tag, sub in pairs])

    def audit(self, truth: Truth) -> Report:
        """Attack it."""
        return audit(self.root, truth)


def make_small(root: Path, seed: int = 1, people: int = PEOPLE) -> Small:
    """Return an empty one."""
    rng = random.Random(seed)
    for party, settings in SETTINGS.items():
        (root / party).mkdir(parents=True)
        (root / party / "settings.toml").write_text(settings)
    tags = [rng.randbytes(32) for _ in range(people)]
    subs = [base64url.encode(rng.randbytes(32)) for _ in range(people)]
    return Small(root, rng, tags, subs)
