"""Attack by value: anything that stands at both parties, as stored or after any hash, keyed hash or known structure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bonafides.testing.linkage.attributes import Columns, columns_of
from bonafides.testing.linkage.entities import Party
from bonafides.testing.linkage.keys import Keys
from bonafides.testing.linkage.matching import Scores, add_scores, best, certain, is_telling, score_equal
from bonafides.testing.linkage.places import Place
from bonafides.testing.linkage.trial import Pool, Trial

FAMILY = "value"
NEIGHBOURHOOD = 1024
"""Values closer than so many bytes are taken to speak of one thing."""


def try_values(pool: Pool) -> Iterator[Trial]:
    """Carry out every attack by value."""
    columns = {party.name: columns_of(party) for party in pool.parties}
    for x, y in pool.pairs():
        yield from _derived(x, y, pool)
        yield from _equal_columns(x, y, columns[x.name], columns[y.name], pool)
        yield from _side_by_side(x, y, pool)


def _derived(x: Party, y: Party, pool: Pool) -> Iterator[Trial]:
    """Match items by own values: those of X, or something made of them, among the rows of Y, and the reverse."""
    found: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for way in _ways(pool.keys):
        found[way] = defaultdict(set)
    for number, item in enumerate(x.items):
        for token in item.tokens:
            for way, derived in _every(token, pool.keys):
                for other in y.holders_of(derived):
                    found[way][number].add(other)
    for other, item in enumerate(y.items):
        for token in item.tokens:
            for way, derived in _every(token, pool.keys):
                for number in x.holders_of(derived):
                    found[way][number].add(other)
    for way, candidates in sorted(found.items()):
        yield Trial(
            FAMILY, f"{way}: values of one among those of the other", x, y, certain(candidates, len(x.items), pool.rng)
        )


def _ways(keys: Keys) -> set[str]:
    return {way for way, _ in _every(bytes(48), keys)}


def _every(token: bytes, keys: Keys) -> Iterator[tuple[str, bytes]]:
    yield "equal", token
    yield from keys.derive(token)


def _equal_columns(x: Party, y: Party, x_columns: Columns, y_columns: Columns, pool: Pool) -> Iterator[Trial]:
    """Match items whose columns say the same, for every two columns with a value in common, and for all together."""
    total: Scores = [{} for _ in x.items]
    tried = 0
    for x_name, x_values in x_columns.items():
        for y_name, y_values in y_columns.items():
            common = {each for values in x_values for each in values} & {each for values in y_values for each in values}
            if not common or not (is_telling(x_values) and is_telling(y_values)):
                continue
            scores = score_equal(x_values, y_values)
            add_scores(total, scores)
            tried += 1
            yield Trial(FAMILY, f"{x_name} = {y_name}", x, y, best(scores, pool.rng))
    if tried > 1:
        yield Trial(FAMILY, "all columns with common values together", x, y, best(total, pool.rng))


def _side_by_side(x: Party, y: Party, pool: Pool) -> Iterator[Trial]:
    """Match items whose values stand next to each other in any file: a log, a forgotten export, a freed page."""
    for file in pool.dump.files:
        x_places, y_places = pool.places_of(file, x), pool.places_of(file, y)
        if not x_places or not y_places:
            continue
        for way, steps in (("next to", (-1, 0)), ("before", (0,)), ("after", (-1,))):
            found = _neighbours(x_places, y_places, steps)
            yield Trial(FAMILY, f"{way} the other in {file.name}", x, y, certain(found, len(x.items), pool.rng))


def _neighbours(x_places: Sequence[Place], y_places: Sequence[Place], steps: Sequence[int]) -> dict[int, set[int]]:
    """Return for each item of X the item of Y nearest to it among the one before and the one after, as `steps` say."""
    offsets = [each.offset for each in y_places]
    near: dict[int, tuple[int, int]] = {}
    for place in x_places:
        right = bisect_left(offsets, place.offset)
        for other in (right + step for step in steps):
            if 0 <= other < len(offsets):
                gap = abs(offsets[other] - place.offset)
                if gap < near.get(place.item, (NEIGHBOURHOOD, 0))[0]:
                    near[place.item] = (gap, y_places[other].item)
    return {number: {other} for number, (_, other) in near.items()}
