"""Careless builds, made of a good one on purpose: an attack program that lets them pass is worth nothing."""

import random  # noqa: TID251 - simulation, fixed seed
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs import (
    blind_sign_with_nym,
    calculate_pseudonym,
    commit_with_nym,
    sk_to_pk,
    verify_finalize_with_nym,
)
from bonafides.core.credential.context import Context, pseudonym_key
from bonafides.testing.linkage.dump import read_dump
from bonafides.testing.linkage.keys import find_keys
from bonafides.testing.linkage.schedule import DAYS, START
from bonafides.testing.linkage.truth import ISSUER, Truth

LATENCY_S = 4
"""So long a careless wallet takes to renew before it answers a sign-in."""


class Leak(StrEnum):
    """What a careless build does."""

    TIMES = "times"
    """Issuer and gateways keep the second of what happens, and wallets renew because of a sign-in."""
    ENTROPIES = "entropies"
    """The issuer adds an entropy for each person and epoch, and keeps it; gateways keep pseudonyms as they are."""
    ARRIVAL = "arrival"
    """Tables number their rows, and people come to the platforms in the order in which they enrolled."""


def plant(leak: Leak, data: Path, truth: Truth, *, seed: int = 1) -> Truth:
    """Spoil a populated deployment in place; return the truth, which changes where there are new pseudonyms."""
    rng = random.Random(f"leak {leak} {seed}")
    if leak is Leak.TIMES:
        _plant_times(data, truth, rng)
    elif leak is Leak.ARRIVAL:
        _plant_arrival(data, truth, rng)
    else:
        _plant_entropies(data, truth, rng)
    return truth


def _plant_times(data: Path, truth: Truth, rng: random.Random) -> None:
    issued: list[tuple[bytes, int]] = []
    seen: dict[str, list[tuple[str, int]]] = {}
    for person in truth.people:
        for platform, subs in person.items():
            for sub in subs if platform != ISSUER else ():
                second = int(START.timestamp()) + rng.randrange(DAYS * 86400)
                seen.setdefault(platform, []).append((sub, second))
                issued.append((_tag(person), second - rng.randrange(1, LATENCY_S)))
    # This build is to leak by times alone, not by the order of writing.
    rng.shuffle(issued)
    for visits in seen.values():
        rng.shuffle(visits)
    with _database(data, ISSUER) as connection:
        connection.execute("CREATE TABLE renewal (tag BLOB, at INTEGER, PRIMARY KEY (tag, at)) WITHOUT ROWID")
        connection.executemany("INSERT OR IGNORE INTO renewal VALUES (?, ?)", issued)
    for platform, rows in seen.items():
        with _database(data, platform) as connection:
            connection.execute("CREATE TABLE visit (sub TEXT, at INTEGER, PRIMARY KEY (sub, at)) WITHOUT ROWID")
            connection.executemany("INSERT INTO visit VALUES (?, ?)", rows)


def _plant_arrival(data: Path, truth: Truth, rng: random.Random) -> None:
    order = list(truth.people)
    rng.shuffle(order)
    with _database(data, ISSUER) as connection:
        connection.execute("CREATE TABLE enrolment (tag BLOB)")
        connection.executemany("INSERT INTO enrolment VALUES (?)", [(_tag(person),) for person in order])
    for platform in truth.parties[1:]:
        with _database(data, platform) as connection:
            connection.execute("CREATE TABLE arrival (sub TEXT)")
            arrived = [(sub,) for person in order for sub in person.get(platform, ())]
            connection.executemany("INSERT INTO arrival VALUES (?)", arrived)


def _plant_entropies(data: Path, truth: Truth, rng: random.Random) -> None:
    """Draft-03 with a fresh signer entropy in each of two epochs, for one prover nym: all as the draft says."""
    keys = find_keys(read_dump(data))
    (issuer_id,) = keys.issuers
    contexts = {name: Context("account", rp_id) for name, rp_id in keys.relying_parties.items()}
    secret_key = curve.random_scalar()
    public_key = sk_to_pk(secret_key)
    entropies: list[tuple[bytes, str, bytes]] = []
    stored: dict[str, list[tuple[str, str, bytes]]] = {name: [] for name in contexts}
    for person in truth.people:
        nym = curve.random_scalar()
        for epoch in ("2026-W50", "2026-W51"):
            entropy = rng.randrange(1, curve.ORDER)
            entropies.append((_tag(person), epoch, curve.encode_scalar(entropy)))
            nym_secrets = _issue(secret_key, public_key, nym, entropy, epoch.encode())
            for name, context in contexts.items():
                if name in person:
                    pseudonym = calculate_pseudonym(nym_secrets, context.encode())
                    sub = pseudonym_key(issuer_id, context, pseudonym)
                    stored[name].append((sub, epoch, pseudonym))
                    list_of(person, name).append(sub)
    with _database(data, ISSUER) as connection:
        connection.execute("CREATE TABLE entropy (tag BLOB, epoch TEXT, entropy BLOB)")
        rng.shuffle(entropies)
        connection.executemany("INSERT INTO entropy VALUES (?, ?, ?)", entropies)
    for name, rows in stored.items():
        rng.shuffle(rows)
        with _database(data, name) as connection:
            connection.execute("CREATE TABLE presented (sub TEXT, epoch TEXT, pseudonym BLOB)")
            connection.executemany("INSERT INTO presented VALUES (?, ?, ?)", rows)


def _issue(secret_key: int, public_key: bytes, nym: int, entropy: int, header: bytes) -> Sequence[int]:
    commitment, blind = commit_with_nym([], [nym])
    signature = blind_sign_with_nym(secret_key, public_key, commitment, 1, entropy, header, [])
    return verify_finalize_with_nym(public_key, signature, header, [], [], [nym], entropy, blind)


def list_of(person: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """Return the identifiers of a person at a party, to be added to."""
    found = person[name]
    assert isinstance(found, list)
    return found


def _tag(person: Mapping[str, Sequence[str]]) -> bytes:
    return bytes.fromhex(person[ISSUER][0])


@contextmanager
def _database(data: Path, party: str) -> Iterator[sqlite3.Connection]:
    (path,) = (data / party).glob("*.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection
