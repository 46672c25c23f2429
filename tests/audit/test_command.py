"""`bonafides audit linkage`: 0 without a leak, 1 with one, 2 for what cannot be audited."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bonafides.cli.audit import app
from bonafides.testing.linkage.truth import FORMAT
from tests.audit.small import Small, make_small
from tests.audit.test_attacks import hashed_tag


def run(folder: Path, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["linkage", "--dir", str(folder / "data"), *more])
    return result.exit_code, result.stdout


def make(folder: Path, plant: Callable[[Small], object] = Small.finish) -> None:
    small = make_small(folder / "data")
    truth = plant(small)
    truth.write(folder / "truth.json")  # type: ignore[attr-defined]


def test_no_leak_is_0(tmp_path: Path) -> None:
    make(tmp_path)
    code, told = run(tmp_path)
    assert code == 0
    assert "No leak" in told


def test_a_leak_is_1_and_json_says_which(tmp_path: Path) -> None:
    make(tmp_path, hashed_tag)
    code, told = run(tmp_path, "--json", "--assignments", "200", "--seed", "4")
    assert code == 1
    report = json.loads(told)
    assert report["assignments"] == 200
    assert report["worst"]["leak"]


@pytest.mark.parametrize(
    "truth",
    [
        None,
        "{",
        json.dumps({"format": "another", "people": []}),
        json.dumps({"format": FORMAT, "people": [{"issuer": ["00"]}]}),
        json.dumps({"format": FORMAT, "people": [{"issuer": ["ab" * 32], "forum": ["c" * 43]}]}),
    ],
)
def test_an_unusable_truth_is_2(tmp_path: Path, truth: str | None) -> None:
    make(tmp_path)
    (tmp_path / "truth.json").unlink()
    if truth is not None:
        (tmp_path / "truth.json").write_text(truth)
    assert run(tmp_path)[0] == 2


def test_no_database_is_2(tmp_path: Path) -> None:
    make(tmp_path)
    for path in tmp_path.rglob("*.db"):
        path.unlink()
    assert run(tmp_path)[0] == 2


def test_a_broken_database_is_2(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "data" / "issuer" / "issuer.db").write_bytes(b"not a database, for sure" * 100)
    assert run(tmp_path)[0] == 2
