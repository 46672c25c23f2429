"""The numbers by which an attack is judged: exact on small cases, never too sure, uniform where nothing is linked."""

import math
import random
from itertools import permutations

import pytest

from bonafides.testing.linkage.matching import best, by_rank, score_equal, score_nearest
from bonafides.testing.linkage.statistics import LEAK, Deals, corrected, tail_bound, weigh

DEALS = Deals(1000, seed=3)


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_lies_above_every_exact_tail(seed: int) -> None:
    """All 720 deals of six lists, with several candidates in a list and several identifiers of a person."""
    rng = random.Random(seed)
    x_owners = [rng.randrange(5) for _ in range(6)]
    y_owners = [rng.randrange(5) for _ in range(7)]
    guesses = [rng.sample(range(7), rng.choice((0, 1, 1, 2, 3))) for _ in range(6)]
    owners = [{y_owners[each] for each in guess} for guess in guesses]
    counts = [sum(x_owners[i] in owners[j] for i, j in enumerate(order)) for order in permutations(range(len(guesses)))]
    mean = sum(counts) / len(counts)
    for k in range(1, 7):
        exact = sum(count >= k for count in counts) / len(counts)
        assert exact <= tail_bound(k, mean) + 1e-12
    assert weigh(guesses, x_owners=x_owners, y_owners=y_owners, deals=DEALS).expected == pytest.approx(mean)


def test_the_bound_is_tight_for_one_to_one() -> None:
    """All n right by chance has probability 1/n!, and so says the bound."""
    assert tail_bound(20, 1.0) == pytest.approx(1 / math.factorial(20))
    outcome = weigh([[i] for i in range(20)], x_owners=range(20), y_owners=range(20), deals=DEALS)
    assert (outcome.correct, outcome.expected) == (20, 1.0)
    assert outcome.p == pytest.approx(1 / math.factorial(20))


def test_naming_one_candidate_for_everybody_gains_nothing() -> None:
    outcome = weigh([[0]] * 30, x_owners=range(30), y_owners=range(30), deals=DEALS)
    assert outcome.correct == 1
    assert outcome.p == 1.0


def test_few_certain_matches_count_against_all_items() -> None:
    """Three right out of three named is no accident among a hundred people."""
    guesses: list[list[int]] = [[i] if i < 3 else [] for i in range(100)]
    outcome = weigh(guesses, x_owners=range(100), y_owners=range(100), deals=DEALS)
    assert outcome.expected == pytest.approx(0.03)
    assert outcome.p < 1e-5


def test_without_a_link_p_is_uniform() -> None:
    """Random attributes, every way of matching: small p come no more often than they may, and large ones do come."""
    rng = random.Random(5)
    deals = Deals(1000, seed=8)
    found: list[float] = []
    for _ in range(150):
        x_owners, y_owners = rng.choices(range(70), k=80), rng.choices(range(70), k=60)
        x, y = [rng.random() for _ in x_owners], [rng.random() for _ in y_owners]
        weeks = [[rng.randrange(4)] for _ in x_owners], [[rng.randrange(4)] for _ in y_owners]
        for guesses in (
            by_rank(x, y, rng, few=12),
            best(score_equal(*weeks), rng, few=12),
            best(score_nearest([[each] for each in x], [[each] for each in y]), rng),
        ):
            found.append(weigh(guesses, x_owners=x_owners, y_owners=y_owners, deals=deals).p)
    for level in (0.01, 0.05, 0.1, 0.25, 0.5, 0.75):
        share = sum(p <= level for p in found) / len(found)
        assert share <= level + 3 * math.sqrt(level / len(found)), level
    assert sum(p <= 0.5 for p in found) / len(found) > 0.35
    assert sum(p <= 0.1 for p in found) / len(found) > 0.04
    assert corrected(min(found), len(found)) > LEAK


def test_correction_is_for_the_number_of_attacks() -> None:
    assert corrected(1e-6, 500) == pytest.approx(5e-4)
    assert corrected(0.5, 500) == 1.0
