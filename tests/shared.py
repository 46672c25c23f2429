"""Where the data shared with every checkout lies, and what happens without it."""

import os
from pathlib import Path

import pytest


def missing(what: str) -> None:
    """Skip this test and say why; fail instead where BONAFIDES_REQUIRE_ALL=1 forbids skips."""
    if os.environ.get("BONAFIDES_REQUIRE_ALL") == "1":
        pytest.fail(f"BONAFIDES_REQUIRE_ALL=1, but {what}")
    pytest.skip(what)


def shared_folder() -> Path:
    """Return the folder of official vectors and data: $BONAFIDES_SHARED, or ../shared beside the checkout."""
    default = Path(__file__).resolve().parent.parent.parent / "shared"
    folder = Path(os.environ.get("BONAFIDES_SHARED", default))
    if not (folder / "vectors").is_dir():
        missing(f"the shared vectors are not at {folder} (set BONAFIDES_SHARED)")
    return folder
