"""Who takes part: ours, the floor and the peers, each a process of its own; peers are installed here if need be."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ANONCREDS = "anoncreds==0.2.3"
# Whatever somebody builds with threads stays on one.
ENVIRONMENT = os.environ | {"RAYON_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


class MissingError(Exception):
    """A peer cannot be had on this machine; says why."""


class Worker:
    """A party's process (see `benchmarks.worker`)."""

    def __init__(self, name: str, command: Sequence[str], task: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=ENVIRONMENT
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise MissingError("no pipes to its process")
        self._input: IO[str] = self._process.stdin
        self._output: IO[str] = self._process.stdout
        self.operations: list[str] = self._ask(task)["operations"]

    def times(self, operation: str, count: int) -> list[float]:
        """Let it do something that many times and return each time in milliseconds."""
        return [float(each) for each in self._ask(f"{operation} {count}")]

    def memory(self) -> float:
        """Return what it holds of the machine's memory, in MiB."""
        return resident_mib(self._process.pid)

    def close(self) -> None:
        """End the process."""
        self._input.close()
        self._process.wait(30)
        self._output.close()

    def _ask(self, line: str) -> Any:
        try:
            self._input.write(line + "\n")
            self._input.flush()
        except BrokenPipeError:
            pass
        answer = self._output.readline()
        if not answer:
            raise MissingError(f"{self.name} stopped with status {self._process.wait(30)}")
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Peer:
    """A library of others: its registry, and how to install it; that returns the command of its worker."""

    name: str
    registry: str
    install: Callable[[], list[str]]


def ours() -> list[str]:
    """Return the command of our own worker."""
    return [sys.executable, "-m", "benchmarks.ours"]


def floor() -> list[str]:
    """Return the command of the floor."""
    return [sys.executable, "-m", "benchmarks.floor"]


def documents(party: str) -> list[str]:
    """Return the command that checks documents: "ours" or "floor"."""
    return [sys.executable, "-m", "benchmarks.documents", party]


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process."""
    listed = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(listed.stdout) / 1024


def _node(peer: str) -> list[str]:
    node, npm = _tool("node"), _tool("npm")
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], HERE)
    return [node, str(HERE / "node" / "peer.mjs"), peer]


def _cargo(peer: str) -> list[str]:
    folder = HERE / "rust"
    _run([_tool("cargo"), "build", "--release", "--locked", "--quiet"], folder)
    return [str(folder / "target" / "release" / "bonafides-bench-peers"), peer]


def _anoncreds() -> list[str]:
    python = HERE / ".venv" / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or str(ROOT / ".tools" / "uv" / "bin" / "uv")
        if not Path(uv).exists():
            raise MissingError("uv is not installed (make sets it up)")
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(python.parent.parent)], HERE)
        _run([uv, "pip", "install", "--quiet", "--python", str(python), ANONCREDS], HERE)
    return [str(python), "-m", "benchmarks.anoncreds_peer"]


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise MissingError(f"{name} is not installed")
    return found


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise MissingError(f"{Path(command[0]).name} {command[1]} failed: {reason}")


PEERS = (
    Peer("digitalbazaar", "npm", lambda: _node("digitalbazaar")),
    Peer("pairing-crypto", "npm", lambda: _node("pairing-crypto")),
    Peer("anoncreds", "PyPI", _anoncreds),
    Peer("zkryptium", "crates.io", lambda: _cargo("zkryptium")),
    Peer("bbs_plus", "crates.io", lambda: _cargo("bbs_plus")),
)
