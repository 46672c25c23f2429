"""Elliptic curves that signatures may use, found by name or by complete explicit parameters (ICAO 9303-12, 4.1.6.3).

Certificates of travel documents must spell their curve out. Parameters are accepted only if every one of them equals
the table's: a curve that merely shares prime and public point with a known one lets anybody forge (CVE-2020-0601).
Another curve is one more row of the table.
"""

from typing import Any

from bonafides.core.document.curve_table import CURVES, Curve
from bonafides.errors import VerificationError


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
    """Whether explicit parameters are this curve's: field, both coefficients, base point, order and cofactor.

    The seed is left out of it: it only tells how the coefficients were found.
    """
    return (
        domain["field_id"]["field_type"].native == "prime_field"
        and domain["field_id"]["parameters"].native == curve.p
        and int.from_bytes(bytes(domain["curve"]["a"]), "big") == curve.a
        and int.from_bytes(bytes(domain["curve"]["b"]), "big") == curve.b
        and bytes(domain["base"]) in (curve.base, curve.compressed_base)
        and domain["order"].native == curve.n
        and domain["cofactor"].native == 1
    )
