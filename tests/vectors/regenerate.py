"""Write the profile's own vectors again: `python -m tests.vectors.regenerate`, or `--check` to compare only.

Everything is deterministic: keys and secrets come from labels, randomness from the drafts' seeded_random_scalars under
tags of our own, device signatures from RFC 6979, recovery kits from constants. So a changed file is a changed profile.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.vectors import names, proofs, wallet
from tests.vectors.fixed import Json

FOLDER = Path(__file__).resolve().parent
FILES: Mapping[str, Callable[[], Json]] = {
    "context.json": names.context,
    "relying_party.json": names.relying_party,
    "header.json": names.header,
    "slots.json": names.slot_values,
    "commitment.json": proofs.commitment,
    "issuance.json": proofs.issuance,
    "presentation.json": proofs.presentation,
    "ph.json": proofs.ph,
    "device.json": wallet.device,
    "kit.json": wallet.kit,
    "epoch.json": names.epoch,
}


def render(name: str) -> str:
    """Return the text of one file as it should be."""
    return json.dumps({"profile": "bonafides/1"} | FILES[name](), indent=1, ensure_ascii=False) + "\n"


def stale(folder: Path = FOLDER) -> list[str]:
    """Return the names of files that are missing, differ from what they should be, or should not be there."""
    known = {name for name in FILES if (folder / name).is_file() and (folder / name).read_text("utf-8") == render(name)}
    present = {path.name for path in folder.glob("*.json")}
    return sorted((set(FILES) | present) - known)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write all files, or with `--check` say which ones differ; 1 if any does."""
    parser = argparse.ArgumentParser(prog="python -m tests.vectors.regenerate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare without writing")
    if parser.parse_args(arguments).check:
        different = stale()
        sys.stdout.write("".join(f"{name} differs\n" for name in different) or f"{len(FILES)} files are as generated\n")
        return 1 if different else 0
    for name in FILES:
        (FOLDER / name).write_text(render(name), "utf-8")
    sys.stdout.write(f"{len(FILES)} files written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
