"""How surprising a number of correct matches is: against random assignments where those can tell, then a bound.

An attack gives every item of X a list of candidates in Y, mostly one, perhaps none. Random assignments deal the very
same lists out to the items anew, so that an attack gains nothing by naming one popular candidate for everybody, and
the test is exact: if X's attributes know nothing of Y's, every deal is as likely as the attack's own.

1 000 deals resolve p down to about a hundredth. Beyond, the upper tail of the Poisson distribution with the mean m over
*all* deals takes over, without its factor exp(-m): P(k or more) <= m^k / k!. That is proved and not approximated:

- P(k or more correct) <= E(number of k-subsets of the correct items) = R / (n (n-1) … (n-k+1)), where R counts the ways
  to choose k items and for each a list of its own that names its person.
- R <= e_k(h), the elementary symmetric polynomial of h_i = number of lists that name the person of item i, and
  e_k(h) <= (n choose k) m^k (Maclaurin), since the h_i sum up to n m.

So an attack is called a leak too rarely, by a factor of exp(m) at most, never too often. `tests/audit` checks the bound
against every deal of small cases, and the calibration on data without any link.
"""

import math
import random  # noqa: TID251 - simulation, fixed seed
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import add

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

    def rows(self, size: int) -> list["array[int]"]:
        """Return the deals among so many items."""
        if size not in self._rows:
            rng = random.Random(f"{self._seed}/{size}")
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
    # Both are valid; the share alone can never be small enough for a verdict.
    return Outcome(correct, expected, min((at_least + 1) / (deals.assignments + 1), tail_bound(correct, expected)))


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
        counts = list(map(add, counts, map(set(wanted).__contains__, rows[item])))
    return counts


def _count_places(row: "array[int]", value: int, counts: list[int]) -> None:
    place = -1
    while True:
        try:
            place = row.index(value, place + 1)
        except ValueError:
            return
        counts[place] += 1


def tail_bound(count: int, mean: float) -> float:
    """Return m^k / k!, above the chance that random dealing with this mean gets so many right."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    return math.exp(min(0.0, count * math.log(mean) - math.lgamma(count + 1)))


def corrected(p: float, attacks: int) -> float:
    """Return the p-value after Bonferroni's correction for having tried so many attacks."""
    return min(1.0, p * max(1, attacks))
