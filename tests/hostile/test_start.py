"""An office that cannot start says in one sentence what to do, with exit status 1, and never a traceback."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bonafides.offices.gateway import setup as gateway_setup
from bonafides.testing.deployment import issuer_settings
from bonafides.testing.state import SyntheticState
from tests.crash.town import Launcher
from tests.hostile.world import NOON


@dataclass(frozen=True)
class Place:
    """An office that was set up and never started."""

    office: str
    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / f"{self.office}.toml"

    @property
    def database(self) -> Path:
        return self.folder / f"{self.office}.db"

    @property
    def key(self) -> Path:
        return self.folder / ("keys/seal.key" if self.office == "issuer" else gateway_setup.KEY_FILE)

    def arguments(self, port: int = 0) -> list[str]:
        return [self.office, "serve", "--settings", str(self.settings), "--port", str(port)]


@pytest.fixture(scope="module")
def state() -> SyntheticState:
    return SyntheticState("UTO", now=NOON)


@pytest.fixture(params=["issuer", "gateway"])
def place(request: pytest.FixtureRequest, tmp_path: Path, state: SyntheticState) -> Place:
    """Give an office of each kind."""
    folder = tmp_path / "office"
    if request.param == "issuer":
        issuer_settings(folder, state, issuer_id="localhost:8999")
    else:
        gateway_setup.init(folder, rp_id="localhost:8998", issuers=["localhost:8999"], developer_mode=True)
    return Place(request.param, folder)


def replace_text(file: Path, old: str, new: str) -> None:
    """Change a settings file by hand."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def lock_folder(place: Place) -> None:
    """Leave an empty folder that nobody may write."""
    place.folder.chmod(0o555)


def lock_database(place: Place) -> None:
    """Leave a database that nobody may write."""
    place.database.touch()
    place.database.chmod(0o444)


def put_folder(place: Place) -> None:
    """Put a folder in the place of the key."""
    place.key.unlink()
    place.key.mkdir()


def hide_key(place: Place) -> None:
    place.key.chmod(0o000)


HARM: dict[str, Callable[[Place], object]] = {
    "no key": lambda place: place.key.unlink(),
    "an empty key": lambda place: place.key.write_bytes(b""),
    "a key of garbage": lambda place: place.key.write_bytes(b"\x00garbage"),
    "a key open to others": lambda place: place.key.chmod(0o644),
    "a key we may not read": hide_key,
    "a folder for a key": put_folder,
    "a database of garbage": lambda place: place.database.write_bytes(b"garbage " * 1000),
    "a folder for a database": lambda place: place.database.mkdir(),
    "a database we may not write": lock_database,
    "a folder we may not write": lock_folder,
    "no settings": lambda place: place.settings.unlink(),
    "settings of garbage": lambda place: place.settings.write_bytes(b"\xff\x00= ="),
    "an unknown setting": lambda place: replace_text(place.settings, "developer_mode", "nonsense = 1\ndeveloper_mode"),
    "a wrong type": lambda place: replace_text(place.settings, "developer_mode = true", "developer_mode = []"),
    "no developer mode": lambda place: replace_text(place.settings, "developer_mode = true", "developer_mode = false"),
    "a database of another kind": lambda place: replace_text(place.settings, "sqlite:///", "mysql://"),
    "a database that does not answer": lambda place: replace_text(
        place.settings, f"sqlite:///{place.database}", "postgresql://user:hunter2@127.0.0.1:1/name"
    ),
    "a clock that is not there": lambda place: replace_text(
        place.settings, "developer_mode", f'clock_file = "{place.folder}/clock"\ndeveloper_mode'
    ),
}


def check_one_sentence(status: int, stdout: str, stderr: str) -> None:
    """Check that one sentence with a code was said, and nothing else."""
    assert (status, stdout) == (1, ""), stderr
    assert stderr.count("\n") == 1, stderr
    assert re.fullmatch(r"[A-Z].*\. \([a-z_]+\)\n", stderr), stderr
    assert "Traceback" not in stderr
    assert "(internal)" not in stderr
    assert "hunter2" not in stderr


@pytest.mark.parametrize("harm", HARM)
def test_what_is_unusable_is_told_in_one_sentence(place: Place, launcher: Launcher, tmp_path: Path, harm: str) -> None:
    HARM[harm](place)
    try:
        check_one_sentence(*launcher.run(tmp_path, *place.arguments(), unprivileged=True))
    finally:
        place.folder.chmod(0o755)


def test_a_used_port_is_told_in_one_sentence(place: Place, launcher: Launcher, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, stdout, stderr = launcher.run(tmp_path, *place.arguments(port))
    check_one_sentence(status, stdout, stderr)
    assert f"Port {port} is already used" in stderr


def test_the_command_itself_says_the_same(tmp_path: Path, state: SyntheticState) -> None:
    """The launcher runs what the command runs: once more without it."""
    place = Place("issuer", tmp_path / "office")
    issuer_settings(place.folder, state, issuer_id="localhost:8999")
    place.key.unlink()
    command = [str(Path(sys.executable).with_name("bonafides")), *place.arguments()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    check_one_sentence(done.returncode, done.stdout, done.stderr)
    assert "backup" in done.stderr
