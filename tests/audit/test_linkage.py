"""Charter C1 and C2: who has everything that every office stores still cannot tell who is who.

A populated deployment is made by processes of its own: real offices, real wallets, six weeks in seconds.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from bonafides.testing.linkage import FAMILIES, Report, audit, read_truth
from bonafides.testing.linkage.leaks import Leak, plant

FAMILY = {Leak.TIMES: "time", Leak.ENTROPIES: "algebra", Leak.ARRIVAL: "order"}


def populate(folder: Path, people: int, seed: int, *more: str) -> Path:
    command = [sys.executable, "-m", "bonafides.testing.linkage.population", "--dir", str(folder), *more]
    subprocess.run([*command, "--people", str(people), "--seed", str(seed)], check=True)
    return folder


def attack(folder: Path) -> Report:
    return audit(folder / "data", read_truth(folder / "truth.json"))


def attack_careless(folder: Path, leak: Leak, copy: Path, families: Iterable[str]) -> Report:
    shutil.copytree(folder, copy)
    truth = plant(leak, copy / "data", read_truth(copy / "truth.json"))
    return audit(copy / "data", truth, families=families)


def check(folder: Path, copies: Path, people: int, *, whole: bool) -> None:
    """The honest build tells nothing; each careless one is found out by the attack meant for it.

    `whole` attacks the careless ones with every family, to see that the one meant for it is also the surest.
    """
    report = attack(folder)
    assert report.people == report.identifiers["issuer"] == people
    assert all(count > people // 3 for count in report.identifiers.values())
    assert report.leaks == [], "\n".join(report.lines())
    for leak, family in FAMILY.items():
        careless = attack_careless(folder, leak, copies / leak, FAMILIES if whole else [family])
        worst = careless.worst
        assert worst is not None
        assert (worst.family, worst.p < 1e-6, careless.is_leak(worst)) == (family, True, True), careless.verdict()
        assert careless.corrected(worst) < 1e-6, careless.verdict()


def test_sixty_people(tmp_path: Path) -> None:
    check(populate(tmp_path / "town", 60, seed=2), tmp_path, 60, whole=False)


@pytest.mark.slow
def test_two_hundred_people(tmp_path: Path) -> None:
    check(populate(tmp_path / "town", 200, seed=1), tmp_path, 200, whole=True)


@pytest.mark.slow
def test_a_day_on_which_everybody_comes_is_forgotten_with_the_next(tmp_path: Path) -> None:
    """The files of the very day tell who came after whom (kit.roworder says so); the next rewrite ends it."""
    folder = populate(tmp_path / "town", 60, 3, "--rush")
    truth = read_truth(folder / "truth.json")
    same_day = audit(folder / "same-day", truth, families=["order"]).worst
    assert same_day is not None
    assert same_day.p < 1e-6, "an attack by order that cannot read a write-ahead log"
    report = audit(folder / "data", truth)
    assert report.leaks == [], "\n".join(report.lines())
