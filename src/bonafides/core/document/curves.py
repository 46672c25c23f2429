"""Elliptic curves that signatures may use, found by name or by complete explicit parameters (ICAO 9303-12, 4.1.6.3).

Certificates of travel documents must spell their curve out. Parameters are accepted only if every one of them equals
the table's: a curve that merely shares prime and public point with a known one lets anybody forge (CVE-2020-0601).
Another curve is one more row here.
"""

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.errors import VerificationError


@dataclass(frozen=True, slots=True)
class Curve:
    """One prime-field curve y² = x³ + ax + b with base point (x, y) of order n and cofactor 1."""

    oid: str
    p: int
    a: int
    b: int
    x: int
    y: int
    n: int
    implementation: ec.EllipticCurve

    @property
    def size(self) -> int:
        """Bytes of a coordinate."""
        return (self.p.bit_length() + 7) // 8

    @property
    def base(self) -> bytes:
        """The base point, uncompressed (SEC 1, 2.3.3)."""
        return b"\x04" + self.x.to_bytes(self.size, "big") + self.y.to_bytes(self.size, "big")


_P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
_P384 = 2**384 - 2**128 - 2**96 + 2**32 - 1
_P521 = 2**521 - 1

# FIPS 186-4, D.1.2.
CURVES = (
    Curve(
        oid="1.2.840.10045.3.1.7",
        p=_P256,
        a=_P256 - 3,
        b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        x=0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        y=0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        implementation=ec.SECP256R1(),
    ),
    Curve(
        oid="1.3.132.0.34",
        p=_P384,
        a=_P384 - 3,
        b=int(
            "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
            16,
        ),
        x=int(
            "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
            16,
        ),
        y=int(
            "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
            16,
        ),
        n=int(
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
            16,
        ),
        implementation=ec.SECP384R1(),
    ),
    Curve(
        oid="1.3.132.0.35",
        p=_P521,
        a=_P521 - 3,
        b=int(
            "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1"
            "56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
            16,
        ),
        x=int(
            "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dba"
            "a14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
            16,
        ),
        y=int(
            "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c"
            "97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
            16,
        ),
        n=int(
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
            "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
            16,
        ),
        implementation=ec.SECP521R1(),
    ),
)


def find_curve(parameters: Any) -> Curve:
    """Return the curve that these ECParameters (asn1crypto) name or spell out; RFC 3279, 2.3.5.

    Raises VerificationError for any other; call inside `asn1.reading`.
    """
    if parameters.name == "named":
        found = [curve for curve in CURVES if curve.oid == parameters.chosen.dotted]
    elif parameters.name == "specified":
        found = [curve for curve in CURVES if _is_spelled_out(parameters.chosen, curve)]
    else:
        found = []
    if not found:
        raise VerificationError("the key lies on a curve that is not supported", code="document_unsupported")
    return found[0]


def _is_spelled_out(domain: Any, curve: Curve) -> bool:
    """Whether explicit parameters are this curve's: field, both coefficients, base point, order and cofactor."""
    return (
        domain["field_id"]["field_type"].native == "prime_field"
        and domain["field_id"]["parameters"].native == curve.p
        and int.from_bytes(bytes(domain["curve"]["a"]), "big") == curve.a
        and int.from_bytes(bytes(domain["curve"]["b"]), "big") == curve.b
        and bytes(domain["base"]) == curve.base
        and domain["order"].native == curve.n
        and domain["cofactor"].native == 1
    )
