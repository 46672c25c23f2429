"""Attack by value: anything that stands at both parties, as stored or after any hash, keyed hash or known structure."""

from collections import defaultdict
from collections.abc import Iterator

from bonafides.testing.linkage.attributes import Columns, columns_of
from bonafides.testing.linkage.dump import File
from bonafides.testing.linkage.entities import Party
from bonafides.testing.linkage.keys import Keys, spellings
from bonafides.testing.linkage.matching import Scores, add_scores, best, certain, is_telling, score_equal
from bonafides.testing.linkage.trial import Pool, Trial

FAMILY = "value"
NEIGHBOURS = 3
"""Lines of a log at this distance are still taken to speak of one thing."""


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
        yield Trial(FAMILY, f"{way}: values of one among those of the other", x, y, certain(candidates, len(x.items), pool.rng))


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
    """Match items that are named in the same line of a text file, or a few lines apart."""
    for file in pool.dump.files:
        if not file.text:
            continue
        x_lines, y_lines = _lines_of(file, x), _lines_of(file, y)
        if not x_lines or not y_lines:
            continue
        near: dict[int, set[int]] = defaultdict(set)
        by_line: dict[int, set[int]] = defaultdict(set)
        for number, lines in y_lines.items():
            for line in lines:
                by_line[line].add(number)
        for number, lines in x_lines.items():
            for distance in range(NEIGHBOURS + 1):
                near[number] = {
                    each
                    for line in lines
                    for place in (line - distance, line + distance)
                    for each in by_line.get(place, ())
                }
                if near[number]:
                    break
        yield Trial(FAMILY, f"named together in {file.name}", x, y, certain(near, len(x.items), pool.rng))


def _lines_of(file: File, party: Party) -> dict[int, set[int]]:
    """Return for each item that a text file names the numbers of those lines."""
    found: dict[int, set[int]] = {}
    for number, item in enumerate(party.items):
        places = [place for token in item.tokens for form in set(spellings(token)) if (place := file.content.find(form)) >= 0]
        if places:
            found[number] = {file.content.count(b"\n", 0, place) for place in places}
    return found
