"""What each party holds of each identifier: its rows, the rows that hang on those, and the values that stand in them.

A row belongs to an identifier if it holds it, or holds a value that stands in no other identifier's rows (a handle, a
device key), or a keyed hash of one. So a careless side table is found whatever it is keyed by.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bonafides.testing.linkage.dump import Cell, Dump, Table
from bonafides.testing.linkage.keys import Keys, tokens_of
from bonafides.testing.linkage.truth import Truth

DEPTH = 3
MAX_CLAIMS = 4
"""A row or value claimed by more identifiers than that is common property, such as the header of an epoch."""

RowId = tuple[int, int]
"""Number of the table among its party's, number of the row as the engine gives it."""


@dataclass
class Item:
    """One identifier at one party, with everything that is stored of it."""

    name: str
    owner: int
    rows: set[RowId] = field(default_factory=set)
    tokens: dict[bytes, str] = field(default_factory=dict)
    """Values of its own, each with the column in which it was found."""


@dataclass
class Party:
    """One party: its tables and the identifiers that stand in them."""

    name: str
    tables: list[Table]
    items: list[Item]
    rows_by_token: dict[bytes, list[RowId]]
    claims: dict[RowId, list[int]] = field(default_factory=dict)
    """For each row the numbers of the items it belongs to."""

    @property
    def owners(self) -> list[int]:
        """The person behind each item."""
        return [each.owner for each in self.items]

    def cells_of(self, item: Item) -> Iterator[tuple[str, Cell]]:
        """Give column and value of every cell of an item, in the order of its rows."""
        for table_number, row_number in sorted(item.rows):
            table = self.tables[table_number]
            for column, value in zip(table.columns, table.rows[row_number], strict=True):
                yield f"{table.name}.{column}", value

    def holders_of(self, token: bytes) -> set[int]:
        """Return the items in whose rows this value stands, none if it is common property."""
        found = {each for row in self.rows_by_token.get(token, ()) for each in self.claims.get(row, ())}
        return found if len(found) <= MAX_CLAIMS else set()


def gather(dump: Dump, truth: Truth, keys: Keys) -> list[Party]:
    """Return every party of the truth with what it holds; identifiers that stand nowhere in its rows are left out."""
    return [_gather_party(name, dump, truth, keys) for name in truth.parties]


def _gather_party(name: str, dump: Dump, truth: Truth, keys: Keys) -> Party:
    tables = dump.tables_of(name)
    rows_by_token: dict[bytes, list[RowId]] = defaultdict(list)
    columns: dict[bytes, str] = {}
    for number, table in enumerate(tables):
        for row_number, row in enumerate(table.rows):
            for column, value in zip(table.columns, row, strict=True):
                for token in tokens_of(value):
                    rows_by_token[token].append((number, row_number))
                    columns.setdefault(token, f"{table.name}.{column}")
    items = []
    for owner, person in enumerate(truth.people):
        for identifier in person.get(name, ()):
            own = [each for each in tokens_of(identifier) if each in rows_by_token]
            if own:
                items.append(Item(identifier, owner, tokens={each: columns[each] for each in own}))
    party = Party(name, tables, items, dict(rows_by_token))
    _spread(party, columns, keys)
    return party


def _spread(party: Party, columns: dict[bytes, str], keys: Keys) -> None:
    """Give every item its rows, and the values in them that are its own, step by step outwards."""
    fresh: dict[int, set[bytes]] = {number: set(item.tokens) for number, item in enumerate(party.items)}
    for _ in range(DEPTH):
        claimed: dict[RowId, set[int]] = defaultdict(set)
        for number, tokens in fresh.items():
            for token in _reachable(tokens, party.items[number], party, keys):
                rows = party.rows_by_token[token]
                if len(rows) <= 64:
                    for row in rows:
                        claimed[row].add(number)
        for row, claimants in claimed.items():
            if len(claimants) <= MAX_CLAIMS and row not in party.claims:
                party.claims[row] = sorted(claimants)
                for number in claimants:
                    party.items[number].rows.add(row)
        fresh = {number: _new_tokens(party, number, claimed, columns) for number in range(len(party.items))}


def _reachable(tokens: Iterable[bytes], item: Item, party: Party, keys: Keys) -> Iterator[bytes]:
    """Give the values of the party's rows to which some of an item's own values lead."""
    for token in tokens:
        if token in party.rows_by_token:
            yield token
        for _, derived in keys.derive(token):
            if derived in party.rows_by_token:
                yield derived
        for other in item.tokens:
            if other != token:
                pairs = (keys.derive_pair(token, other), keys.derive_pair(other, token))
                yield from (made for each in pairs for _, made in each if made in party.rows_by_token)


def _new_tokens(party: Party, number: int, claimed: dict[RowId, set[int]], columns: dict[bytes, str]) -> set[bytes]:
    item = party.items[number]
    found: set[bytes] = set()
    for row in item.rows:
        if row not in claimed or party.claims[row] != [number]:
            continue  # not reached in this step, or shared with others
        table, row_number = party.tables[row[0]], row[1]
        for value in table.rows[row_number]:
            for token in tokens_of(value):
                everybody = {each for place in party.rows_by_token[token] for each in party.claims.get(place, ())}
                if token not in item.tokens and everybody <= {number}:
                    item.tokens[token] = columns[token]
                    found.add(token)
    return found
