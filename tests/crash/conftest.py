"""One launcher a session, one town a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bonafides.testing.state import SyntheticState
from tests.crash.town import NOON, Launcher, Town
from tests.postgres import PostgresServer, postgres_server

__all__ = ["postgres_server"]


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Give the process that starts all others."""
    launcher = Launcher()
    yield launcher
    launcher.close()


@pytest.fixture(scope="session")
def state() -> SyntheticState:
    """Give the State, minted once."""
    return SyntheticState("UTO", now=NOON)


@pytest.fixture
def town(launcher: Launcher, state: SyntheticState, tmp_path: Path) -> Iterator[Town]:
    """Give a town on SQLite, both offices running."""
    with Town(tmp_path, launcher, state) as town:
        yield town


@pytest.fixture
def pg_town(
    launcher: Launcher, state: SyntheticState, tmp_path: Path, postgres_server: PostgresServer
) -> Iterator[Town]:
    """Give a town whose offices keep their databases on PostgreSQL."""
    names = [postgres_server.create_database() for _ in range(2)]
    urls = [postgres_server.url(name) for name in names]
    try:
        with Town(tmp_path, launcher, state, *urls) as town:
            yield town
    finally:
        for name in names:
            postgres_server.drop_database(name)
