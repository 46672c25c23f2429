"""Reading the drafts' vectors: one place for their spellings."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bonafides.core.bbs import SHA256, SHAKE256, Ciphersuite
from bonafides.core.bbs._curve import ORDER
from bonafides.core.bbs.proof import RandomScalars
from tests.shared import shared_folder

SUITES = {"bls12-381-sha-256": SHA256, "bls12-381-shake-256": SHAKE256}
MOCK_SEED = b"3.141592653589793238462643383279"


@dataclass(frozen=True)
class Vector:
    """One file of vectors under its suite."""

    suite: Ciphersuite
    name: str
    data: dict[str, Any]

    def octets(self, key: str) -> bytes:
        """The hex value of this key; absent and null mean empty."""
        return bytes.fromhex(self.data.get(key) or "")

    def octets_list(self, key: str) -> list[bytes]:
        """The hex values of a list under this key."""
        return [bytes.fromhex(x) for x in self.data.get(key) or []]

    def scalars(self, key: str) -> list[int]:
        """The scalars of a list under this key."""
        return [int(x, 16) for x in self.data.get(key) or []]

    def scalar(self, key: str) -> int:
        """The scalar under this key; absent and null mean zero."""
        return int(self.data.get(key) or "0", 16)

    @property
    def valid(self) -> bool:
        """Whether the vector must be accepted."""
        return bool(self.data["result"]["valid"])


def folder(draft: str) -> Path:
    """The folder of one draft's vectors."""
    return shared_folder() / "vectors" / draft


def load(draft: str, kind: str) -> Iterator[Vector]:
    """All vectors of one kind (a sub-folder or a file stem), for both suites."""
    for directory, suite in SUITES.items():
        for path in sorted((folder(draft) / directory).glob(f"{kind}/*.json")) or [
            folder(draft) / directory / f"{kind}.json"
        ]:
            yield Vector(suite, f"{directory}/{path.stem}", json.loads(path.read_text()))


def mocked(suite: Ciphersuite, dst: bytes) -> RandomScalars:
    """The drafts' seeded_random_scalars: a fixed stream in place of the operating system's."""

    def scalars(count: int) -> list[int]:
        stream = suite.expand_message(MOCK_SEED, dst, 48 * count)
        return [int.from_bytes(stream[i : i + 48], "big") % ORDER for i in range(0, 48 * count, 48)]

    return scalars
