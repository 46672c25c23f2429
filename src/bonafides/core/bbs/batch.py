"""Many proofs under one issuer key, checked with two pairings (profile §5).

Every point was decoded and every challenge checked singly before a claim exists; only the pairings are joined. The
coefficients are drawn here, after all of that, fresh from the operating system: with predictable ones two forged
proofs could cancel each other.
"""

from collections.abc import Sequence

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs.keys import decode_public_key
from bonafides.core.bbs.proof import PairingClaim
from bonafides.errors import InputError


def verify_pairings(claims: Sequence[PairingClaim]) -> list[bool]:
    """Return for each claim whether it holds. Raises InputError for an empty batch or mixed issuer keys."""
    if not claims:
        raise InputError("an empty batch proves nothing", code="batch")
    if len({claim.public_key for claim in claims}) != 1:
        raise InputError("a batch has one issuer key", code="batch")
    verdicts = [False] * len(claims)
    # An identity adds nothing to a sum: beside a true claim it would pass as true. Decoders refuse it; so do we.
    real = [i for i, c in enumerate(claims) if not curve.g1_is_identity(c.Abar) and not curve.g1_is_identity(c.Bbar)]
    if real:
        _bisect(claims, real, verdicts)
    return verdicts


def _bisect(claims: Sequence[PairingClaim], indexes: Sequence[int], verdicts: list[bool]) -> None:
    """Set the verdicts at these indexes: all at once if the joint product is one, else by halves."""
    if _joint_product_is_one([claims[i] for i in indexes]):
        for i in indexes:
            verdicts[i] = True
    elif len(indexes) > 1:
        middle = len(indexes) // 2
        _bisect(claims, indexes[:middle], verdicts)
        _bisect(claims, indexes[middle:], verdicts)


def _joint_product_is_one(claims: Sequence[PairingClaim]) -> bool:
    key = decode_public_key(claims[0].public_key)
    if len(claims) == 1:
        return curve.pairing_product_is_one(claims[0].Abar, key, claims[0].Bbar)
    coefficients = [curve.random_coefficient() for _ in claims]
    left = curve.g1_sum_products([claim.Abar for claim in claims], coefficients)
    right = curve.g1_sum_products([claim.Bbar for claim in claims], coefficients)
    return curve.pairing_product_is_one(left, key, right)
