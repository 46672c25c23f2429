"""ECDSA on curves that `cryptography` lacks, by PyPI `ecdsa`: verification only, so that nothing secret is computed."""

import hashlib
from dataclasses import dataclass, field
from functools import cache

import ecdsa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from ecdsa.ellipticcurve import CurveFp, PointJacobi
from ecdsa.errors import MalformedPointError

from bonafides.core.document.curve_table import Curve


@dataclass(frozen=True, slots=True)
class RarePoint:
    """A public key on such a curve."""

    curve: Curve
    key: ecdsa.VerifyingKey = field(repr=False)

    def verify(self, signature: bytes, message: bytes, digest_name: str) -> None:
        """Raise InvalidSignature or ValueError unless this is the key's DER signature over the message."""
        hashed = hashlib.new(digest_name, message, usedforsecurity=False).digest()
        try:
            self.key.verify_digest(signature, hashed, sigdecode=_decode, allow_truncate=True)
        except (ecdsa.BadSignatureError, TypeError):
            # TypeError: whoever has the key can make both halves cancel, and `ecdsa` then reckons with no point.
            raise InvalidSignature from None


def parse_rare_point(curve: Curve, point: bytes) -> RarePoint:
    """Return the key of an uncompressed point (SEC 1, 2.3.4). Raises ValueError if it is not on the curve."""
    try:
        key = ecdsa.VerifyingKey.from_string(point, curve=_implementation(curve), valid_encodings=("uncompressed",))
    except MalformedPointError:
        raise ValueError("the point is not on the curve") from None
    return RarePoint(curve, key)


def _decode(signature: bytes, _order: int) -> tuple[int, int]:
    """Return r and s of a strictly DER encoded signature, as for all other curves; `ecdsa` checks their range."""
    return decode_dss_signature(signature)


@cache
def _implementation(curve: Curve) -> ecdsa.curves.Curve:
    """Return the curve as `ecdsa` has it, from our own table."""
    field_curve = CurveFp(curve.p, curve.a, curve.b, 1)
    base = PointJacobi(field_curve, curve.x, curve.y, 1, curve.n, generator=True)
    return ecdsa.curves.Curve(curve.name, field_curve, base, tuple(map(int, curve.oid.split("."))))
