"""Attack by time: items whose times fall into the same bucket, or lie nearest to one another.

Every value that can be read as a time counts: dates, months, epochs, timestamps, plausible numbers; so do the times of
log lines in which an item is named.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from bonafides.testing.linkage.attributes import UNITS, bucket, columns_of, time_of
from bonafides.testing.linkage.entities import Party
from bonafides.testing.linkage.keys import spellings
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
        # A column of times holds nothing else; a few accidental fits among random values are none.
        if whole and sum(map(len, parsed)) >= 0.9 * whole:
            found[column] = parsed
    return found


def log_times_of(party: Party, pool: Pool) -> Times:
    """Return for each text file the times in the lines that name an item."""
    found: Times = {}
    for file in pool.dump.files:
        if not file.text:
            continue
        by_item = [_stamps(file.text, item.tokens) for item in party.items]
        if any(by_item):
            found[f"lines of {file.name}"] = by_item
    return found


def _stamps(text: str, tokens: dict[bytes, str]) -> list[tuple[str, datetime]]:
    found: list[tuple[str, datetime]] = []
    for token in tokens:
        for form in {each.decode("latin-1") for each in spellings(token)}:
            place = text.find(form)
            while place >= 0 and len(found) < 64:
                start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
                for stamp in _STAMP.findall(text[start : end if end >= 0 else len(text)]):
                    time = time_of(int(stamp) if stamp.isdigit() else stamp)
                    if time is not None:
                        found.append(time)
                place = text.find(form, place + 1)
    return found
