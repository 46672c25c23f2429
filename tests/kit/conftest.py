"""Fixtures of the first floor: a fresh database of either kind."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bonafides.kit.clock import FixedClock
from bonafides.kit.storage import Database, open_database
from tests.postgres import pg_url, postgres_server

__all__ = ["pg_url", "postgres_server"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/office.db"
    return str(request.getfixturevalue("pg_url"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give an open, empty database, once for each kind."""
    with open_database(url) as opened:
        yield opened


@pytest.fixture
def clock() -> FixedClock:
    """Give a clock that stands on a Monday."""
    return FixedClock(datetime(2026, 11, 23, 8, 30, tzinfo=UTC))
