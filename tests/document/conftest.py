"""What the document tests share: a fixed time, a State, and the folder of real data."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bonafides.core.document import DocumentBundle
from bonafides.testing.state import SyntheticState
from tests.shared import missing, shared_folder

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BIRTH = date(1990, 8, 6)
NUMBER = "001090012345"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of chip documents, certificates and master lists; skips with the reason if it is not there."""
    folder = shared_folder() / "data" / "emrtd"
    if not folder.is_dir():
        missing(f"there is no chip document data at {folder}")
    return folder


@pytest.fixture(scope="session")
def state() -> SyntheticState:
    """The State of ICAO's specimens, with ECDSA on P-256."""
    return SyntheticState("UTO", now=NOW)


@pytest.fixture
def card(state: SyntheticState) -> DocumentBundle:
    """A flawless card."""
    return state.issue_card(birth=BIRTH, personal_number=NUMBER)
