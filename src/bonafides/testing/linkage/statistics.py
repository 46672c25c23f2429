"""How surprising a number of correct matches is: against random assignments where those can tell, then Poisson.

An attack gives every item of X a list of candidates in Y, mostly one, perhaps none. Random assignments deal the very
same lists out to the items anew, so that an attack gains nothing by naming one popular candidate for everybody, and
the test is exact: if X's attributes know nothing of Y's, every deal is as likely as the attack's own.

1 000 deals resolve p down to about a hundredth. Beyond, the upper tail of the Poisson distribution with the mean over
*all* deals takes over. That is conservative: under random dealing a hit makes other hits less likely (each list goes to
one item only), so the count varies no more than a sum of independent events with the same mean, and the upper tail of
such a sum lies below Poisson's for counts above mean + 1 (Hoeffding 1956); counts that are not above it never reach the
threshold. `tests/audit` checks the calibration on data without any link.
"""

import math
import random  # noqa: TID251 - simulation, fixed seed
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAK = 0.001
RESOLVED = 10
"""With so many random assignments at least as good, their share is a p-value; with fewer it is too coarse."""

Guesses = Sequence[Sequence[int]]
"""For each item of X the indexes of its candidates in Y."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an assignment achieved, and what chance achieves."""

    correct: int
    expected: float
    p: float


class Deals:
    """Random assignments, made once for each size and shared by all attacks: they need not be independent of another.

    Row i holds, for every deal, the number of the list that item i gets.
    """

    def __init__(self, assignments: int, seed: int) -> None:
        self.assignments = assignments
        self._seed = seed
        self._rows: dict[int, list[array[int]]] = {}

    def rows(self, size: int) -> list[array[int]]:
        """Return the deals among so many items."""
        if size not in self._rows:
            rng = random.Random(f"{self._seed}/{size}")  # noqa: TID251 - simulation, fixed seed
            deals = []
            for _ in range(self.assignments):
                order = list(range(size))
                rng.shuffle(order)
                deals.append(order)
            self._rows[size] = [array("L", column) for column in zip(*deals, strict=True)]
        return self._rows[size]


def weigh(guesses: Guesses, *, x_owners: Sequence[int], y_owners: Sequence[int], deals: Deals) -> Outcome:
    """Return how many items of X got a candidate of their own person, and how surprising that is."""
    if len(guesses) != len(x_owners):
        raise ValueError("one list of candidates for each item")
    lists_with: dict[int, list[int]] = defaultdict(list)
    correct = 0
    for number, candidates in enumerate(guesses):
        owners = {y_owners[each] for each in candidates}
        correct += x_owners[number] in owners
        for owner in owners:
            lists_with[owner].append(number)
    pairs = sum(len(lists_with.get(owner, ())) for owner in x_owners)
    if not pairs:
        return Outcome(correct, 0.0, 1.0)
    expected = pairs / len(x_owners)
    at_least = sum(count >= correct for count in _simulate(x_owners, lists_with, deals))
    if at_least >= RESOLVED:
        return Outcome(correct, expected, (at_least + 1) / (deals.assignments + 1))
    return Outcome(correct, expected, poisson_tail(correct, expected))


def _simulate(x_owners: Sequence[int], lists_with: Mapping[int, Sequence[int]], deals: Deals) -> list[int]:
    counts = [0] * deals.assignments
    rows = deals.rows(len(x_owners))
    for item, owner in enumerate(x_owners):
        wanted = lists_with.get(owner)
        if not wanted:
            continue
        if len(wanted) == 1:  # the common case, at the speed of a search in memory
            _count_places(rows[item], wanted[0], counts)
            continue
        good = set(wanted)
        for deal, number in enumerate(rows[item]):
            if number in good:
                counts[deal] += 1
    return counts


def _count_places(row: array[int], value: int, counts: list[int]) -> None:
    place = -1
    while True:
        try:
            place = row.index(value, place + 1)
        except ValueError:
            return
        counts[place] += 1


def poisson_tail(count: int, mean: float) -> float:
    """Return P(Poisson(mean) >= count), to full relative precision also where it is tiny."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if count <= mean:
        below = math.fsum(_poisson_term(k, mean) for k in range(count))
        return max(0.0, 1.0 - below)
    term = total = _poisson_term(count, mean)
    k = count
    while term > total * 1e-17 and k < count + 10_000:
        k += 1
        term *= mean / k
        total += term
    return min(1.0, total)


def _poisson_term(k: int, mean: float) -> float:
    return math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))


def corrected(p: float, attacks: int) -> float:
    """Return the p-value after Bonferroni's correction for having tried so many attacks."""
    return min(1.0, p * max(1, attacks))
