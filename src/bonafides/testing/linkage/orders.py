"""Attack by order: who stands at the same place in an order here and there, forwards and backwards.

Orders are those of rows as the engine gives them, of row numbers, of bytes in databases, write-ahead logs and any
other file. One item of X is taken for the item of Y at the same relative rank; besides, for one of a few around it,
since a platform has only some of the people.
"""

from collections.abc import Iterator

from bonafides.testing.linkage.attributes import orders_of
from bonafides.testing.linkage.matching import by_rank, short_list
from bonafides.testing.linkage.trial import Pool, Trial

FAMILY = "order"


def try_orders(pool: Pool) -> Iterator[Trial]:
    """Carry out every attack by order."""
    orders = {party.name: list(orders_of(party, pool)) for party in pool.parties}
    for x, y in pool.pairs():
        few = short_list(len(y.items))
        for x_name, x_places in orders[x.name]:
            for y_name, y_places in orders[y.name]:
                for reverse in (False, True):
                    name = f"{x_name} ~ {y_name}{', reversed' if reverse else ''}"
                    yield Trial(FAMILY, name, x, y, by_rank(x_places, y_places, pool.rng, reverse=reverse))
                    close = by_rank(x_places, y_places, pool.rng, reverse=reverse, few=few)
                    yield Trial(FAMILY, f"{name}, one of {few}", x, y, close)
