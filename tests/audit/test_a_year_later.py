"""What piles up over a year: accounts whose owner lost the wallet fall silent, and the issuer knows the month.

The databases have the product's own schema and are cleaned by its own upkeep; only their rows are written by hand, as a
year of weekly visits and of rare losses leaves them.
"""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bonafides.core import base64url
from bonafides.core.credential.epoch import epoch_of, monday_of, shift
from bonafides.kit.roworder import rewrite_all
from bonafides.kit.storage import open_database
from bonafides.offices.gateway import store as gateway_store
from bonafides.offices.gateway.schema import account
from bonafides.offices.issuer.schema import person
from bonafides.testing.linkage import Truth, audit
from bonafides.testing.linkage.truth import ISSUER

NOW = datetime(2027, 11, 24, 12, tzinfo=UTC)
PLATFORMS = ("platform-a", "platform-b")
PEOPLE = 500
LOST = 50
FAMILIES = ("time", "value")


def make_year(data: Path, rng: random.Random, *, upkeep: bool = True) -> Truth:
    """Nearly everybody comes every week; 50 of 500 lost their wallet in some week of the year."""
    people: list[dict[str, list[str]]] = []
    persons, accounts = [], dict[str, list[dict[str, str]]]((name, []) for name in PLATFORMS)
    for number in range(PEOPLE):
        tag, lost = rng.randbytes(32), shift(epoch_of(NOW), -rng.randrange(6, 52))
        replaced = monday_of(lost) + timedelta(days=17)
        row: dict[str, Any] = {
            "tag": tag,
            "tag_key": "k0001",
            "handle": rng.randbytes(48),
            "assurance": "chip",
            "settles": None,
        }
        row |= {"reenrolled": None, "reenrolments": 0, "frozen_until": None, "returnable": b""}
        if number < LOST:
            settles = replaced + timedelta(days=125)
            row |= {"reenrolled": f"{replaced:%Y-%m}", "settles": f"{settles:%Y-%m}", "reenrolments": 1}
            row |= {"returnable": rng.randbytes(32)} if settles > NOW else {}
        persons.append(row)
        known = {ISSUER: [tag.hex()]}
        for name in PLATFORMS:
            if rng.random() < 0.7:
                known[name] = [base64url.encode(rng.randbytes(32))]
                seen = shift(epoch_of(NOW), -min(12, int(rng.expovariate(1))))
                accounts[name].append({"sub": known[name][0], "epoch_seen": seen, "consented": "assurance,settled"})
                if number < LOST:
                    known[name].insert(0, base64url.encode(rng.randbytes(32)))
                    accounts[name].append({"sub": known[name][0], "epoch_seen": lost, "consented": "assurance,settled"})
        people.append(known)
    rng.shuffle(persons)
    (data / ISSUER).mkdir(parents=True)
    with open_database(f"sqlite:///{data}/{ISSUER}/issuer.db", migrations="bonafides.offices.issuer") as database:
        database.run(lambda connection: connection.execute(insert(person), persons))
        rewrite_all(database)
    for name, rows in accounts.items():
        rng.shuffle(rows)
        _make_platform(data / name, rows, upkeep=upkeep)
    return Truth(people)


def _make_platform(folder: Path, rows: list[dict[str, str]], *, upkeep: bool) -> None:
    folder.mkdir()
    with open_database(f"sqlite:///{folder}/gateway.db", migrations="bonafides.offices.gateway") as database:
        database.run(lambda connection: connection.execute(insert(account), rows))
        if upkeep:
            database.run(lambda connection: gateway_store.purge(connection, NOW))
        rewrite_all(database)


@pytest.mark.parametrize("seed", range(2))
def test_a_silent_account_does_not_tell_when_it_fell_silent(tmp_path: Path, seed: int) -> None:
    truth = make_year(tmp_path / "data", random.Random(seed))
    report = audit(tmp_path / "data", truth, families=FAMILIES)
    assert report.leaks == [], "\n".join(report.lines(few=6))


def test_it_would_tell_if_upkeep_kept_the_epoch(tmp_path: Path) -> None:
    """So it was found: of those who had lost a wallet one in five was named at once, among 350 accounts."""
    truth = make_year(tmp_path / "data", random.Random(1), upkeep=False)
    worst = audit(tmp_path / "data", truth, families=FAMILIES).worst
    assert worst is not None
    assert worst.p < 1e-9
