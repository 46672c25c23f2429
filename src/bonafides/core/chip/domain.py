"""Groups in which PACE computes: elliptic curves and prime fields, by their standard numbers (ICAO 9303-11, 9.5.1).

Both sides of a key agreement compute the same here. The generator changes in the middle of PACE, which is why these
are plain group operations of `ecdsa` and of Python's integers: they do not run in constant time. What they touch are
fresh random keys of one conversation, on a machine that holds the card.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from ecdsa import curves
from ecdsa.ellipticcurve import INFINITY, PointJacobi

from bonafides.core.chip.modular_groups import MODULAR_GROUPS
from bonafides.errors import InputError, VerificationError

Randomness = Callable[[int], bytes]
"""Gives so many fresh random bytes."""


class Domain(Protocol):
    """A group with a generator. Elements are opaque: a point, or an integer."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def object_tag(self) -> int:
        """Under which tag a public key stands in what a token authenticates (9.4)."""

    @property
    def order(self) -> int:
        """How many elements the generator makes."""

    @property
    def generator(self) -> Any:
        """The standard generator."""

    def power(self, element: Any, exponent: int) -> Any:
        """Return the element, so many times combined with itself. Raises VerificationError for the neutral one."""

    def combine(self, one: Any, other: Any) -> Any:
        """Return two elements combined. Raises VerificationError for the neutral one."""

    def encode(self, element: Any) -> bytes:
        """Return a public key as data (9.4)."""

    def decode(self, data: bytes) -> Any:
        """Return a public key that is truly of this group. Raises InputError."""

    def shared(self, element: Any) -> bytes:
        """Return a shared secret as the bytes from which keys are derived (9.6)."""


def random_exponent(domain: Domain, randomness: Randomness) -> int:
    """Return a private key; eight bytes more than needed make the modulus' bias vanish."""
    size = (domain.order.bit_length() + 7) // 8 + 8
    return int.from_bytes(randomness(size), "big") % (domain.order - 1) + 1


@dataclass(frozen=True, slots=True)
class EllipticDomain:
    """A curve of prime order. Public keys are uncompressed points, the secret is the x coordinate (9.4.4, 9.6)."""

    name: str
    curve: curves.Curve
    object_tag: int = 0x86

    @property
    def order(self) -> int:
        """The order of the curve."""
        return int(self.curve.order)

    @property
    def size(self) -> int:
        """Bytes of a coordinate."""
        return int(self.curve.curve.p().bit_length() + 7) // 8

    @property
    def generator(self) -> PointJacobi:
        """The curve's base point."""
        return self.curve.generator

    def power(self, element: PointJacobi, exponent: int) -> PointJacobi:
        """Return a multiple of a point."""
        return _proper(element * exponent)

    def combine(self, one: PointJacobi, other: PointJacobi) -> PointJacobi:
        """Return the sum of two points."""
        return _proper(one + other)

    def encode(self, element: PointJacobi) -> bytes:
        """Return 04, x, y."""
        return bytes(element.to_bytes("uncompressed"))

    def decode(self, data: bytes) -> PointJacobi:
        """Return a point, on the curve for sure: one that is not would give a key away.

        `ecdsa` does not look: its from_bytes makes a point of any two numbers.
        """
        size = self.size
        if len(data) != 1 + 2 * size or data[0] != 4:
            raise _foreign()
        x, y = (int.from_bytes(data[start : start + size], "big") for start in (1, 1 + size))
        if max(x, y) >= self.curve.curve.p() or not self.curve.curve.contains_point(x, y):
            raise _foreign()
        return PointJacobi(self.curve.curve, x, y, 1, self.curve.order)

    def shared(self, element: PointJacobi) -> bytes:
        """Return the x coordinate."""
        return self.encode(element)[1 : 1 + self.size]


@dataclass(frozen=True, slots=True)
class ModularDomain:
    """A subgroup of prime order of the integers modulo a prime. The secret is as long as the prime."""

    name: str
    prime: int
    generator: int
    order: int
    object_tag: int = 0x84

    @property
    def size(self) -> int:
        """Bytes of an element."""
        return (self.prime.bit_length() + 7) // 8

    def power(self, element: int, exponent: int) -> int:
        """Return a power."""
        return self._proper(pow(element, exponent, self.prime))

    def combine(self, one: int, other: int) -> int:
        """Return a product."""
        return self._proper(one * other % self.prime)

    def encode(self, element: int) -> bytes:
        """Return the integer, as long as the prime."""
        return element.to_bytes(self.size, "big")

    def decode(self, data: bytes) -> int:
        """Return an element of the subgroup itself: one outside would give a key away piece by piece."""
        element = int.from_bytes(data, "big")
        if not 1 < element < self.prime or pow(element, self.order, self.prime) != 1:
            raise _foreign()
        return element

    def shared(self, element: int) -> bytes:
        """Return the element as bytes."""
        return self.encode(element)

    @staticmethod
    def _proper(element: int) -> int:
        if element == 1:
            raise _neutral()
        return element


_CURVES: Mapping[int, tuple[str, curves.Curve]] = MappingProxyType(
    {
        8: ("secp192r1", curves.NIST192p),
        9: ("brainpoolP192r1", curves.BRAINPOOLP192r1),
        10: ("secp224r1", curves.NIST224p),
        11: ("brainpoolP224r1", curves.BRAINPOOLP224r1),
        12: ("secp256r1", curves.NIST256p),
        13: ("brainpoolP256r1", curves.BRAINPOOLP256r1),
        14: ("brainpoolP320r1", curves.BRAINPOOLP320r1),
        15: ("secp384r1", curves.NIST384p),
        16: ("brainpoolP384r1", curves.BRAINPOOLP384r1),
        17: ("brainpoolP512r1", curves.BRAINPOOLP512r1),
        18: ("secp521r1", curves.NIST521p),
    }
)

_MODULAR: dict[int, Domain] = {number: ModularDomain(**vars(group)) for number, group in enumerate(MODULAR_GROUPS)}
_ELLIPTIC: dict[int, Domain] = {number: EllipticDomain(name, curve) for number, (name, curve) in _CURVES.items()}

DOMAINS: Mapping[int, Domain] = MappingProxyType(_MODULAR | _ELLIPTIC)
"""Standardised domain parameters by number (9.5.1)."""


def _proper(point: Any) -> PointJacobi:
    if point == INFINITY:
        raise _neutral()
    return point


def _foreign() -> InputError:
    return InputError("the chip's key is not in the group it should be in", code="chip_key")


def _neutral() -> VerificationError:
    return VerificationError("the chip's key would make the shared secret a public one", code="chip_key")
