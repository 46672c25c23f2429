"""One world a module, with its recordings: what is refused changes nothing, so that tests can share it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.crash.town import Launcher
from tests.hostile.world import Request, World, open_world, people, recordings


@dataclass(frozen=True)
class Recorded:
    """Valid requests of some people, of the same people in other sessions, and of other people."""

    own: dict[str, Request]
    other_session: dict[str, Request]
    other_person: dict[str, Request]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give everybody."""
    with open_world(tmp_path_factory.mktemp("hostile")) as world:
        yield world


@pytest.fixture(scope="module")
def recorded(world: World) -> Recorded:
    """Give a valid request for every endpoint, thrice."""
    ours = people(world)
    return Recorded(recordings(world, ours), recordings(world, ours), recordings(world, people(world)))


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Give the process that runs commands without importing everything anew."""
    launcher = Launcher()
    yield launcher
    launcher.close()
