"""Attack by algebra: every stored point and scalar, and what sums, multiples and pairings make of them.

A candidate point counts as found at a party if it stands there, or if its key of a pseudonym there does.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import TypeVar

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs import sk_to_pk
from bonafides.core.bbs._curve import G1, G2, ORDER
from bonafides.core.bbs.ciphersuite import SHA256, pseudonym_interface
from bonafides.core.bbs.pseudonym import make_leg
from bonafides.core.credential.context import Context, handle_context, pseudonym_key
from bonafides.errors import InputError
from bonafides.testing.linkage.entities import Party
from bonafides.testing.linkage.keys import Keys
from bonafides.testing.linkage.matching import certain
from bonafides.testing.linkage.trial import Pool, Trial

FAMILY = "algebra"
MOST_SUMS = 20_000
MOST_PRODUCTS = 20_000
MOST_PAIRINGS = 150
"""Of each party's points; the work is points times public keys."""

Found = dict[int, set[int]]
Made = tuple[tuple[int, ...], bytes]
"""A point made of those of some items, encoded."""
T = TypeVar("T")


class Points:
    """The points of a party, and how a candidate is recognised there."""

    def __init__(self, party: Party, keys: Keys) -> None:
        self.party = party
        self.own = [(number, point) for number, item in enumerate(party.items) for point in _points_in(item.tokens)]
        """Points that stand in an item's rows, with the item."""
        rp_id = keys.relying_parties.get(party.name)
        contexts = [Context("account", rp_id)] if rp_id else [handle_context(each) for each in keys.issuers]
        self.ways = [(issuer, context) for issuer in keys.issuers for context in contexts]
        self.bases = {each: make_leg(pseudonym_interface(SHA256), each.encode(), 1).op for each in contexts}
        """The points that the contexts of this party multiply."""

        self._made: dict[str, list[Made]] = {}

    def holders_of(self, data: bytes) -> set[int]:
        """Return the items where a point stands, as it is or as the key of a pseudonym."""
        found = self.party.holders_of(data)
        for issuer, context in self.ways:
            found = found | self.party.holders_of(pseudonym_key(issuer, context, data).encode())
        return found

    def made(self, name: str, way: Callable[["Points", Pool], Iterator[Made]], pool: Pool) -> list[Made]:
        """Return what a way makes of this party's points, once for all other parties."""
        if name not in self._made:
            self._made[name] = list(way(self, pool))
        return self._made[name]


def try_algebra(pool: Pool) -> Iterator[Trial]:
    """Carry out every attack by algebra."""
    points = {party.name: Points(party, pool.keys) for party in pool.parties}
    keys = _public_keys(pool)
    images: dict[str, dict[object, set[int]]] = {}
    for x, y in pool.pairs():
        a, b = points[x.name], points[y.name]
        yield _trial("multiples of points by known scalars", a, b, _multiples, pool)
        yield _trial("secrets made of stored values", a, b, _secrets, pool)
        yield _trial("sums and differences of points", a, b, _sums, pool)
        yield _trial("difference of two scalars of one item, between points of the other", a, b, _subtraction, pool)
        yield _paired(a, b, keys, images, pool)


def _trial(name: str, a: Points, b: Points, way: Callable[[Points, Points, Pool], Found], pool: Pool) -> Trial:
    """Try a way in both directions."""
    found: Found = defaultdict(set)
    for number, others in way(a, b, pool).items():
        found[number] |= others
    for other, numbers in way(b, a, pool).items():
        for number in numbers:
            found[number].add(other)
    return Trial(FAMILY, name, a.party, b.party, certain(found, len(a.party.items), pool.rng))


def _recognise(made: Iterable[Made], b: Points) -> Found:
    found: Found = defaultdict(set)
    for numbers, data in made:
        hit = b.holders_of(data)
        for number in numbers if hit else ():
            found[number] |= hit
    return found


def _multiples(a: Points, b: Points, pool: Pool) -> Found:
    return _recognise(a.made("multiples", _make_multiples, pool), b)


def _make_multiples(a: Points, pool: Pool) -> Iterator[Made]:
    factors = {1, ORDER - 1}
    for scalar in pool.keys.scalars().values():
        if scalar:
            factors |= {scalar, curve.invert(scalar)}
    work = [(number, point, factor) for number, point in a.own for factor in sorted(factors)]
    for number, point, factor in _sample(work, MOST_PRODUCTS, "multiples of points", pool):
        yield (number,), curve.encode_g1(curve.g1_sum_products([point], [factor]))


def _secrets(a: Points, b: Points, pool: Pool) -> Found:
    """Take stored values of 32 bytes, and their hashes, for the holder's secret."""
    work = [
        (number, scalar, base)
        for number, item in enumerate(a.party.items)
        for token in item.tokens
        for scalar in _scalars_of(token)
        for base in b.bases.values()
    ]
    sample = _sample(work, MOST_PRODUCTS, "secrets made of stored values", pool)
    made = (((number,), curve.encode_g1(curve.g1_sum_products([base], [scalar]))) for number, scalar, base in sample)
    return _recognise(made, b)


def _scalars_of(token: bytes) -> Iterator[int]:
    if len(token) == 32:
        yield int.from_bytes(token, "big") % ORDER or 1
    interface = pseudonym_interface(SHA256)
    yield interface.hash_to_scalar(token) or 1


def _sums(a: Points, b: Points, pool: Pool) -> Found:
    return _recognise(a.made("sums", _make_sums, pool), b)


def _make_sums(a: Points, pool: Pool) -> Iterator[Made]:
    for (i, P), (j, Q) in _pairs(a.own, MOST_SUMS, pool):
        for candidate in (curve.g1_add(P, Q), curve.g1_sub(P, Q), curve.g1_sub(Q, P)):
            if not curve.g1_is_identity(candidate):
                yield (i, j), curve.encode_g1(candidate)


def _pairs(own: Sequence[tuple[int, G1]], most: int, pool: Pool) -> Iterable[tuple[tuple[int, G1], tuple[int, G1]]]:
    if len(own) * (len(own) - 1) // 2 <= most:
        return combinations(own, 2)
    pool.note(f"sums and differences of points: {most} pairs drawn at random for each two parties")
    return ((pool.rng.choice(own), pool.rng.choice(own)) for _ in range(most))


def _subtraction(a: Points, b: Points, pool: Pool) -> Found:
    """Two entropies for one secret: OP (e2 - e1) lies between the two pseudonyms that they made."""
    differences = [
        (number, (second - first) % ORDER)
        for number, item in enumerate(a.party.items)
        for first, second in combinations(sorted(_plain_scalars(item.tokens)), 2)
    ]
    stored: dict[bytes, int] = {curve.encode_g1(point): number for number, point in b.own}
    if not differences or len(stored) < 2:
        return {}
    most = max(1, MOST_SUMS // len(b.own))
    found: Found = {}
    for number, difference in _sample(differences, most, "differences of scalars", pool):
        for base in b.bases.values():
            step = curve.g1_sum_products([base], [difference])
            for holder, point in b.own:
                other = stored.get(curve.encode_g1(curve.g1_add(point, step)))
                if other is not None:
                    found.setdefault(number, set()).update({holder, other})
    return found


def _plain_scalars(tokens: Iterable[bytes]) -> set[int]:
    return {value for each in tokens if len(each) == 32 and 0 < (value := int.from_bytes(each, "big")) < ORDER}


def _paired(a: Points, b: Points, keys: dict[str, G2], images: dict[str, dict[object, set[int]]], pool: Pool) -> Trial:
    """e(P, W) = e(Q, BP2) says that Q is P times a signing key, without that key."""
    found: Found = defaultdict(set)
    if a.own and b.own:
        for name in keys:
            for left, right in ((name, "BP2"), ("BP2", name), (name, name)):
                first = _images(a, left, keys | {"BP2": G2()}, images, pool)
                second = _images(b, right, keys | {"BP2": G2()}, images, pool)
                for image in first.keys() & second.keys():
                    for number in first[image]:
                        found[number] |= second[image]
    return Trial(
        FAMILY, "pairings with every public key", a.party, b.party, certain(found, len(a.party.items), pool.rng)
    )


def _images(
    points: Points, name: str, keys: dict[str, G2], images: dict[str, dict[object, set[int]]], pool: Pool
) -> dict[object, set[int]]:
    place = f"{points.party.name}/{name}"
    if place not in images:
        found: dict[object, set[int]] = defaultdict(set)
        for number, point in _sample(points.own, MOST_PAIRINGS, "points for pairings", pool):
            # The product's own code has no use for the value of a pairing, so it is not among its exports.
            found[curve.GT.pairing(point, keys[name])].add(number)  # type: ignore[attr-defined]
        images[place] = dict(found)
    return images[place]


def _public_keys(pool: Pool) -> dict[str, G2]:
    """Return every public key that is stored or follows from a key file."""
    found: dict[str, G2] = {}
    for scalar in pool.keys.scalars().values():
        if scalar:
            data = sk_to_pk(scalar)
            found[data.hex()] = curve.decode_g2(data)
    for party in pool.parties:
        for token in party.rows_by_token:
            if len(token) == 96:
                try:
                    found[token.hex()] = curve.decode_g2(token)
                except InputError:
                    continue
    return found


def _points_in(tokens: Iterable[bytes]) -> list[G1]:
    found = []
    for token in tokens:
        if len(token) == curve.G1_BYTES:
            try:
                found.append(curve.decode_g1(token))
            except InputError:
                continue
    return found


def _sample(work: Sequence[T], most: int, what: str, pool: Pool) -> Sequence[T]:
    if len(work) <= most:
        return work
    pool.note(f"{what}: {most} of {len(work)} drawn at random")
    return pool.rng.sample(work, most)
