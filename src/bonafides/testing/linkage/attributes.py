"""The attributes of items: values by column, times in any spelling, sizes, places in orders and in files."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bonafides.core.credential.epoch import epoch_of, monday_of
from bonafides.errors import Error
from bonafides.testing.linkage.dump import Cell, File
from bonafides.testing.linkage.entities import Party
from bonafides.testing.linkage.places import Place
from bonafides.testing.linkage.trial import Pool

UNITS = ("second", "hour", "day", "week", "month")
_ISO = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2}))?)?)?)?")
_EPOCH = re.compile(r"\d{4}-W\d{2}\Z")
_BEGIN, _END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_START = datetime(1970, 1, 1, tzinfo=UTC)

Columns = dict[str, list[list[Cell]]]
"""For each column, for each item, its values."""


def columns_of(party: Party) -> Columns:
    """Return the values of every column by item; rows that belong to several items count for each."""
    found: Columns = defaultdict(lambda: [[] for _ in party.items])
    for number, item in enumerate(party.items):
        for column, value in party.cells_of(item):
            if value is not None:
                found[column][number].append(value)
    return dict(found)


def time_of(value: Cell) -> tuple[str, datetime] | None:
    """Return unit and instant of a value that can be read as a time: text of any precision, or a number of one."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace") if len(value) <= 32 else None
    if isinstance(value, str):
        return _time_of_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for scale in (1, 1_000, 1_000_000):
        if _BEGIN.timestamp() <= value / scale < _END.timestamp():
            return "second", _START + timedelta(seconds=value / scale)
    days = _START + timedelta(days=value) if 10_957 <= value < 47_482 else None
    return ("day", days) if days else None


def _time_of_text(text: str) -> tuple[str, datetime] | None:
    if _EPOCH.match(text):
        try:
            return "week", monday_of(text)
        except Error:
            return None
    match = _ISO.match(text)
    if not match or len(text) > 40:
        return None
    year, month, day, hour, minute, second = (None if each is None else int(each) for each in match.groups())
    unit = "month" if day is None else "day" if hour is None else "hour" if minute is None else "second"
    try:
        instant = datetime(year or 0, month or 0, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return None
    return (unit, instant) if _BEGIN <= instant < _END else None


def bucket(instant: datetime, unit: str) -> str:
    """Return the name of the hour, day, week or month in which an instant lies."""
    if unit == "week":
        return epoch_of(instant)
    length = {"month": 7, "day": 10, "hour": 13, "second": 19}[unit]
    return instant.isoformat()[:length]


def sizes_of(party: Party) -> dict[str, list[list[int]]]:
    """Return the lengths of values by column, and the numbers and lengths of rows by table, for each item."""
    found: dict[str, list[list[int]]] = {}
    for column, by_item in columns_of(party).items():
        found[f"length of {column}"] = [[_length(value) for value in values] for values in by_item]
    for number, table in enumerate(party.tables):
        rows = [[row for place, row in item.rows if place == number] for item in party.items]
        if any(rows):
            found[f"rows of {table.name}"] = [[len(each)] for each in rows]
            found[f"bytes of {table.name}"] = [
                [sum(_length(value) for row in each for value in table.rows[row])] for each in rows
            ]
    return found


def _length(value: Cell) -> int:
    if isinstance(value, str | bytes):
        return len(value)
    # SQLite stores small numbers in fewer bytes.
    return 0 if value is None else 8 if isinstance(value, float) else (abs(value).bit_length() + 7) // 8


def orders_of(party: Party, pool: Pool) -> Iterator[tuple[str, list[float | None]]]:
    """Give every order in which a party's items stand: rows, row numbers, bytes of files."""
    for number, table in enumerate(party.tables):
        rows = [sorted(row for place, row in item.rows if place == number) for item in party.items]
        if not any(rows):
            continue
        yield f"rows of {table.name}", [each[0] if each else None for each in rows]
        if any(len(each) > 1 for each in rows):
            yield f"last rows of {table.name}", [each[-1] if each else None for each in rows]
        if table.rowids is not None:
            ids = table.rowids
            yield f"rowids of {table.name}", [min(ids[row] for row in each) if each else None for each in rows]
    for file in pool.dump.files:
        places = pool.places_of(file, party)
        for column in sorted({each.column for each in places}):
            yield from _orders_in(file, column, [each for each in places if each.column == column], len(party.items))


def _orders_in(file: File, column: str, places: Sequence[Place], size: int) -> Iterator[tuple[str, list[float | None]]]:
    first: list[float | None] = [None] * size
    last: list[float | None] = [None] * size
    for place in places:
        last[place.item] = place.offset
        if first[place.item] is None:
            first[place.item] = place.offset
    what = f"{column.rpartition(':')[2]} in {file.name}"
    page, header, extra = _paging(file)
    yield f"first {what}", first
    if last != first:
        yield f"last {what}", last
    if page:
        # A page of a tree fills from its end, so within one the later row has the smaller offset.
        yield f"pages, backwards inside, of {what}", [_backwards(each, page, header, extra) for each in first]
        if last != first:
            yield f"last pages, backwards inside, of {what}", [_backwards(each, page, header, extra) for each in last]


def _paging(file: File) -> tuple[int, int, int]:
    """Return page size, length of the file's header and of each page's, for SQLite databases and logs."""
    if file.content.startswith(b"SQLite format 3\0"):
        size = int.from_bytes(file.content[16:18], "big")
        return (65536 if size == 1 else size), 0, 0
    if file.name.endswith("-wal") and len(file.content) >= 32:
        return int.from_bytes(file.content[8:12], "big"), 32, 24
    return 0, 0, 0


def _backwards(place: float | None, page: int, header: int, extra: int) -> float | None:
    if place is None:
        return None
    number, inside = divmod(int(place) - header, page + extra)
    return float(number * (page + extra) + (page + extra - inside))
