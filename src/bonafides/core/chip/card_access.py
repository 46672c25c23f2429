"""EF.CardAccess: which ways of PACE a chip offers, readable by anybody (ICAO 9303-11, 9.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import core

from bonafides.core.chip.ciphers import Cipher
from bonafides.core.chip.domain import DOMAINS, Domain, EllipticDomain
from bonafides.core.chip.limits import DEFAULT_LIMITS, ChipLimits
from bonafides.core.document import asn1

_CODE = "chip_card_access"
_WHAT = "EF.CardAccess"
_PACE = "0.4.0.127.0.7.2.2.4."
_CIPHERS = dict(zip("1234", Cipher, strict=True))


@dataclass(frozen=True, slots=True)
class PaceInfo:
    """One offer of PACE: the protocol, and the number of standardised domain parameters (9.5.1) if it names one."""

    protocol: str
    parameter: int | None


@dataclass(frozen=True, slots=True)
class PaceWay:
    """A way of PACE that this reader goes too. `ambiguous`: the parameter must be named to the chip (4.4.4.1)."""

    protocol: str
    cipher: Cipher
    parameter: int
    ambiguous: bool

    @property
    def domain(self) -> Domain:
        """The group to compute in."""
        return DOMAINS[self.parameter]


class _SecurityInfo(core.Sequence):  # type: ignore[misc]
    _fields = [("protocol", core.ObjectIdentifier), ("required", core.Any), ("optional", core.Any, {"optional": True})]


class _SecurityInfos(core.SetOf):  # type: ignore[misc]
    _child_spec = _SecurityInfo


def parse_card_access(data: bytes, *, limits: ChipLimits = DEFAULT_LIMITS) -> tuple[PaceInfo, ...]:
    """Return the offers of PACE, version 2, in EF.CardAccess; what else stands there is ignored. Raises InputError."""
    infos = asn1.load(_SecurityInfos, data, max_bytes=limits.card_access_bytes, what=_WHAT, code=_CODE)
    found = []
    with asn1.reading(_WHAT, _CODE):
        if len(infos) > limits.security_infos:
            raise ValueError("too many")
        for info in infos:
            protocol = info["protocol"].dotted
            # Two arcs below PACE name mapping and cipher; one arc only is a set of parameters of the chip's own.
            if not protocol.startswith(_PACE) or protocol.count(".") != 10:
                continue
            asn1.exact(info)
            if info["required"].parse(core.Integer).native != 2:
                continue
            named = not isinstance(info["optional"], core.Void)
            found.append(PaceInfo(protocol, info["optional"].parse(core.Integer).native if named else None))
    return tuple(found)


def choose_way(infos: Sequence[PaceInfo]) -> PaceWay | None:
    """Return the strongest way that chip and reader share, or None: generic mapping with standardised parameters.

    Elliptic curves before others, then the longer key, then the larger group.
    """
    ways = []
    for info in infos:
        mapping, _, cipher = info.protocol.removeprefix(_PACE).partition(".")
        domain = None if info.parameter is None else DOMAINS.get(info.parameter)
        if domain is None or cipher not in _CIPHERS or mapping != ("2" if isinstance(domain, EllipticDomain) else "1"):
            continue
        ambiguous = sum(other.protocol == info.protocol for other in infos) > 1
        ways.append(PaceWay(info.protocol, _CIPHERS[cipher], info.parameter or 0, ambiguous))
    return max(ways, key=_strength, default=None)


def _strength(way: PaceWay) -> tuple[bool, int, bool, int]:
    is_elliptic = isinstance(way.domain, EllipticDomain)
    return is_elliptic, way.cipher.key_bytes, way.cipher is not Cipher.TRIPLE_DES, way.domain.order.bit_length()
