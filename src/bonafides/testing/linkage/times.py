"""Attack by time: items whose times fall into the same bucket, or lie nearest to one another.

Every value that can be read as a time counts: dates, months, epochs, timestamps, plausible numbers; so do the times of
log lines in which an item is named.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from bonafides.testing.linkage.attributes import UNITS, bucket, columns_of, time_of
from bonafides.testing.linkage.entities import Party
from bonafides.testing.linkage.matching import (
    Scores,
    add_scores,
    best,
    is_telling,
    score_equal,
    score_nearest,
    short_list,
)
from bonafides.testing.linkage.trial import Pool, Trial

FAMILY = "time"
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}(?::?\d{2}(?::?\d{2})?)?|\b1\d{9}(?:\d{3})?\b")

Times = dict[str, list[list[tuple[str, datetime]]]]
"""For each attribute, for each item, its times with their units."""


def try_times(pool: Pool) -> Iterator[Trial]:
    """Carry out every attack by time."""
    times = {party.name: times_of(party) | log_times_of(party, pool) for party in pool.parties}
    for x, y in pool.pairs():
        total: Scores = [{} for _ in x.items]
        for x_name, x_times in times[x.name].items():
            for y_name, y_times in times[y.name].items():
                yield from _compare(f"{x_name} ~ {y_name}", x_times, y_times, (x, y, pool), total)
        if any(total):
            yield Trial(FAMILY, "all times together", x, y, best(total, pool.rng))


def _compare(
    name: str,
    x_times: list[list[tuple[str, datetime]]],
    y_times: list[list[tuple[str, datetime]]],
    between: tuple[Party, Party, Pool],
    total: Scores,
) -> Iterator[Trial]:
    x, y, pool = between
    units = {unit for times in (*x_times, *y_times) for unit, _ in times}
    unit = max(units, key=UNITS.index)
    x_buckets = [[bucket(instant, unit) for _, instant in times] for times in x_times]
    y_buckets = [[bucket(instant, unit) for _, instant in times] for times in y_times]
    if is_telling(x_buckets) and is_telling(y_buckets):
        scores = score_equal(x_buckets, y_buckets)
        add_scores(total, scores)
        yield Trial(FAMILY, f"{name}, same {unit}", x, y, best(scores, pool.rng))
        few = short_list(len(y.items))
        yield Trial(FAMILY, f"{name}, same {unit}, one of {few}", x, y, best(scores, pool.rng, few=few))
    x_seconds = [[instant.timestamp() for _, instant in times] for times in x_times]
    y_seconds = [[instant.timestamp() for _, instant in times] for times in y_times]
    if is_telling(x_seconds) and is_telling(y_seconds):
        for after in (False, True):
            scores = score_nearest(x_seconds, y_seconds, after=after)
            add_scores(total, scores)
            yield Trial(FAMILY, f"{name}, {'next after' if after else 'nearest'}", x, y, best(scores, pool.rng))


def times_of(party: Party) -> Times:
    """Return the columns that hold times, as times."""
    found: Times = {}
    for column, by_item in columns_of(party).items():
        parsed = [[time for value in values if (time := time_of(value)) is not None] for values in by_item]
        whole = sum(map(len, by_item))
        # A column of times may hold a word or two besides; a few accidental fits among random values are none.
        if whole and sum(map(len, parsed)) >= 0.5 * whole:
            found[column] = parsed
    return found


def log_times_of(party: Party, pool: Pool) -> Times:
    """Return for each text file the times in the lines that name an item."""
    found: Times = {}
    for file in pool.dump.files:
        places = pool.places_of(file, party)
        if not file.text or not places:
            continue
        by_item: list[list[tuple[str, datetime]]] = [[] for _ in party.items]
        for place in places:
            by_item[place.item] += _stamps(_line_at(file.content, place.offset))
        if any(by_item):
            found[f"lines of {file.name}"] = by_item
    return found


def _line_at(content: bytes, offset: int) -> str:
    start, end = content.rfind(b"\n", 0, offset) + 1, content.find(b"\n", offset)
    return content[start : end if end >= 0 else len(content)].decode("utf-8", "replace")


def _stamps(line: str) -> Iterator[tuple[str, datetime]]:
    for stamp in _STAMP.findall(line):
        time = time_of(int(stamp) if stamp.isdigit() else stamp)
        if time is not None:
            yield time
