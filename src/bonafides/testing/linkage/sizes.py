"""Attack by size: lengths of values and rows, numbers of related rows — equal here and there, or nearly."""

from collections.abc import Iterator

from bonafides.testing.linkage.attributes import sizes_of
from bonafides.testing.linkage.matching import best, is_telling, score_equal, score_nearest, short_list
from bonafides.testing.linkage.trial import Pool, Trial

FAMILY = "size"


def try_sizes(pool: Pool) -> Iterator[Trial]:
    """Carry out every attack by size."""
    sizes = {
        party.name: {name: each for name, each in sizes_of(party).items() if is_telling(each)} for party in pool.parties
    }
    for x, y in pool.pairs():
        few = short_list(len(y.items))
        for x_name, x_sizes in sizes[x.name].items():
            for y_name, y_sizes in sizes[y.name].items():
                name = f"{x_name} ~ {y_name}"
                yield Trial(FAMILY, f"{name}, equal", x, y, best(score_equal(x_sizes, y_sizes), pool.rng))
                near = score_nearest(x_sizes, y_sizes)
                yield Trial(FAMILY, f"{name}, nearest", x, y, best(near, pool.rng))
                yield Trial(FAMILY, f"{name}, nearest {few}", x, y, best(near, pool.rng, few=few))
