"""Data group 14: the security protocols of a chip (ICAO 9303-10, 4.7.14; 9303-11, 9.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from asn1crypto import core

from bonafides.core.document import asn1
from bonafides.core.document.lds import group_bytes, read_group
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.errors import InputError

_WHAT, _CODE = "data group 14", "document_dg14"
_ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
# id-PK: keys of chip authentication, Diffie-Hellman over a prime or a curve.
_CHIP_KEYS = frozenset({"0.4.0.127.0.7.2.2.1.1", "0.4.0.127.0.7.2.2.1.2"})

_PLAIN_ECDSA = "0.4.0.127.0.7.1.1.4.1."
ECDSA_HASHES: Mapping[str, str] = MappingProxyType(
    {
        _PLAIN_ECDSA + "1": "sha1",
        _PLAIN_ECDSA + "2": "sha224",
        _PLAIN_ECDSA + "3": "sha256",
        _PLAIN_ECDSA + "4": "sha384",
        _PLAIN_ECDSA + "5": "sha512",
        "1.2.840.10045.4.1": "sha1",
        "1.2.840.10045.4.3.1": "sha224",
        "1.2.840.10045.4.3.2": "sha256",
        "1.2.840.10045.4.3.3": "sha384",
        "1.2.840.10045.4.3.4": "sha512",
    }
)
"""Signature algorithm of active authentication -> hash; plain ECDSA is what ICAO names, some chips name the other."""


@dataclass(frozen=True, slots=True)
class SecurityInfos:
    """Which protocols a chip says it has; its keys identify it and are not kept.

    `active_authentication_hash` is the hash of its ECDSA signatures, None if the chip does not say.
    """

    protocols: frozenset[str] = field(repr=False)
    active_authentication_hash: str | None
    has_chip_authentication: bool


class _SecurityInfo(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("protocol", core.ObjectIdentifier),
        ("required", core.Any),
        ("optional", core.Any, {"optional": True}),
    ]


class _SecurityInfos(core.SetOf):  # type: ignore[misc]
    _child_spec = _SecurityInfo


class _ActiveAuthenticationInfo(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("protocol", core.ObjectIdentifier),
        ("version", core.Integer),
        ("algorithm", core.ObjectIdentifier),
    ]


def parse_security_infos(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> SecurityInfos:
    """Return what data group 14 says. Raises InputError, with code document_unsupported for an unknown hash."""
    value = read_group(14, data, limits=limits)
    bound = group_bytes(14, limits)
    parsed = asn1.load(_SecurityInfos, value, max_bytes=bound, what=_WHAT, code=_CODE, limits=limits)
    with asn1.reading(_WHAT, _CODE):
        found = [(info["protocol"].dotted, info.dump()) for info in parsed]
        for info in parsed:
            asn1.exact(info)
        active = [encoded for protocol, encoded in found if protocol == _ACTIVE_AUTHENTICATION]
        if len(active) > 1:
            raise ValueError("two hashes for one key")
        protocols = frozenset(protocol for protocol, _ in found)
        hashed_with = _read_hash(active[0]) if active else None
    return SecurityInfos(protocols, hashed_with, bool(protocols & _CHIP_KEYS))


def _read_hash(encoded: bytes) -> str:
    """Return the hash that an ActiveAuthenticationInfo names. ICAO 9303-11, 9.2.5."""
    info = _ActiveAuthenticationInfo.load(encoded, strict=True)
    if info["version"].native != 1:
        raise ValueError("there is version 1 only")
    algorithm = info["algorithm"].dotted
    if algorithm not in ECDSA_HASHES:
        raise InputError("the chip's signature algorithm is not supported", code="document_unsupported")
    return ECDSA_HASHES[algorithm]
