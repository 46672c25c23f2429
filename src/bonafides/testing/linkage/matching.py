"""From attributes to assignments: join by equality, by nearness, by rank.

Each way takes what is known of the items of X and of Y and names candidates; ties are broken at random, since an order
of ours would be information that the data do not hold.
"""

import random  # noqa: TID251 - simulation, fixed seed
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence

Values = Sequence[Sequence[Hashable]]
"""For each item the values of one attribute, none if it has none."""
Numbers = Sequence[Sequence[float]]
Guesses = list[tuple[int, ...]]
Scores = list[dict[int, float]]

FEW = 20
"""The longest list of candidates: "one of these" is a leak too."""
MAX_BUCKET = 400


def short_list(candidates: int) -> int:
    """Return how many candidates a narrowing attack names: five in a hundred, two at least."""
    return min(FEW, max(2, candidates // 20))


def is_telling(values: Values) -> bool:
    """Tell whether an attribute differs between items at all; one that does not helps nobody."""
    return len({tuple(each) for each in values if each}) > 1


def score_equal(x: Values, y: Values) -> Scores:
    """Return for each item of X the candidates with an equal value, rare values weighing more."""
    holders: dict[Hashable, set[int]] = defaultdict(set)
    for number, values in enumerate(y):
        for value in values:
            holders[value].add(number)
    scores: Scores = []
    for values in x:
        found: dict[int, float] = defaultdict(float)
        for value, times in Counter(values).items():
            others = holders.get(value, ())
            if len(others) <= MAX_BUCKET:
                for number in others:
                    found[number] += min(times, 4) / len(others)
        scores.append(found)
    return scores


def score_nearest(x: Numbers, y: Numbers, *, after: bool = False) -> Scores:
    """Return for each item of X votes for the items of Y with the value nearest to, or next after, each of its own."""
    line = sorted((value, number) for number, values in enumerate(y) for value in values)
    keys = [value for value, _ in line]
    scores: Scores = []
    for values in x:
        found: dict[int, float] = defaultdict(float)
        for value in values:
            place = bisect_left(keys, value)
            near = [each for each in (place - 1, place) if 0 <= each < len(line)]
            near = [place] if after and place < len(line) else [] if after else near
            if near:
                gap, chosen = min((abs(keys[each] - value), each) for each in near)
                for other in _ties(keys, chosen):
                    found[line[other][1]] += 1 / (1 + gap)
        scores.append(found)
    return scores


def _ties(keys: Sequence[float], place: int) -> range:
    """Return the places with the very same value, at most MAX_BUCKET."""
    start, end = place, place
    while start > 0 and keys[start - 1] == keys[place] and end - start < MAX_BUCKET:
        start -= 1
    while end + 1 < len(keys) and keys[end + 1] == keys[place] and end - start < MAX_BUCKET:
        end += 1
    return range(start, end + 1)


def best(scores: Scores, rng: random.Random, *, few: int = 1) -> Guesses:
    """Return the candidates with the highest scores, ties in random order."""
    guesses: Guesses = []
    for found in scores:
        if few == 1 and found:
            most = max(found.values())
            guesses.append((rng.choice([number for number, score in found.items() if score == most]),))
            continue
        shuffled = list(found)
        rng.shuffle(shuffled)
        guesses.append(tuple(sorted(shuffled, key=lambda number: -found[number])[:few]))
    return guesses


def add_scores(total: Scores, scores: Scores) -> None:
    """Add the scores of one attribute to those of all together."""
    for sums, found in zip(total, scores, strict=True):
        for number, score in found.items():
            sums[number] = sums.get(number, 0.0) + score


def by_rank(
    x: Sequence[float | None], y: Sequence[float | None], rng: random.Random, *, reverse: bool = False, few: int = 1
) -> Guesses:
    """Return for each item of X the items of Y at the same relative place in the order of theirs."""
    x_order, y_order = _ordered(x, rng), _ordered(y, rng)
    if reverse:
        y_order.reverse()
    guesses: Guesses = [()] * len(x)
    few = min(few, len(y_order))
    for rank, number in enumerate(x_order):
        place = int((rank + 0.5) * len(y_order) / len(x_order)) if x_order else 0
        start = max(0, min(place - few // 2, len(y_order) - few))
        guesses[number] = tuple(y_order[start : start + few])
    return guesses


def _ordered(values: Sequence[float | None], rng: random.Random) -> list[int]:
    present = [number for number, value in enumerate(values) if value is not None]
    rng.shuffle(present)
    return sorted(present, key=lambda number: values[number] or 0)


def certain(found: Mapping[int, set[int]], size: int, rng: random.Random) -> Guesses:
    """Return one candidate for each item for which there are any."""
    return [(rng.choice(sorted(found[number])),) if found.get(number) else () for number in range(size)]
