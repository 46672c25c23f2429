"""The attack program behind charter C1 and C2: pool everything that is stored, and try to tell who is who.

`audit` reads the databases, files, logs and keys of a populated deployment and carries out every attack of five
families; `population` makes such a deployment, `leaks` spoils one on purpose.
"""

import random  # noqa: TID251 - simulation, fixed seed
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bonafides.errors import InputError
from bonafides.testing.linkage.algebra import try_algebra
from bonafides.testing.linkage.dump import read_dump
from bonafides.testing.linkage.entities import gather
from bonafides.testing.linkage.keys import find_keys
from bonafides.testing.linkage.orders import try_orders
from bonafides.testing.linkage.places import find_places
from bonafides.testing.linkage.report import Finding, Report
from bonafides.testing.linkage.sizes import try_sizes
from bonafides.testing.linkage.statistics import Deals, weigh
from bonafides.testing.linkage.times import try_times
from bonafides.testing.linkage.trial import Pool, Trial
from bonafides.testing.linkage.truth import Truth, read_truth
from bonafides.testing.linkage.values import try_values

__all__ = ["FAMILIES", "Finding", "Report", "Truth", "audit", "read_truth"]

FAMILIES: dict[str, Callable[[Pool], Iterator[Trial]]] = {
    "value": try_values,
    "algebra": try_algebra,
    "order": try_orders,
    "time": try_times,
    "size": try_sizes,
}


def audit(
    data: Path,
    truth: Truth,
    *,
    assignments: int = 1000,
    seed: int = 1,
    families: Iterable[str] = tuple(FAMILIES),
    tell: Callable[[str], None] = lambda _line: None,
) -> Report:
    """Carry out every attack on what lies in `data` and return what they found.

    Raises InputError if there is nothing to attack: no database, or identifiers of fewer than two parties.
    """
    dump = read_dump(data)
    keys = find_keys(dump)
    parties = gather(dump, truth, keys)
    if sum(bool(party.items) for party in parties) < 2:
        raise InputError("the identifiers of the truth file are not in these databases", code="audit_truth")
    for party in parties:
        tell(f"{party.name}: {len(party.items)} identifiers, {len(party.tables)} tables")
    pool = Pool(dump, keys, parties, find_places(dump, parties), random.Random(seed))
    deals = Deals(assignments, seed)
    findings = []
    for family in families:
        tried = [_weigh(trial, deals) for trial in FAMILIES[family](pool)]
        tell(f"{family}: {len(tried)} attacks")
        findings += tried
    return Report(
        {party.name: len(party.items) for party in parties}, len(truth.people), findings, pool.sampled, assignments
    )


def _weigh(trial: Trial, deals: Deals) -> Finding:
    outcome = weigh(trial.guesses, x_owners=trial.x.owners, y_owners=trial.y.owners, deals=deals)
    named = sum(bool(each) for each in trial.guesses)
    return Finding(
        trial.family,
        f"{trial.x.name} / {trial.y.name}: {trial.name}",
        named,
        outcome.correct,
        outcome.expected,
        outcome.p,
    )
