"""Public keys of foreign certificates, built from primitives: general X.509 loaders refuse many of them."""

from dataclasses import dataclass
from typing import Any

from asn1crypto import algos, keys
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bonafides.core.document import asn1
from bonafides.core.document.curves import find_curve
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.rare_curves import RarePoint, parse_rare_point
from bonafides.core.document.signature import SignatureScheme, parse_pss, unsupported
from bonafides.errors import InputError, VerificationError

_CODE = "document_key"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - some States still sign with it; the result is marked weak
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA key or a point on a known curve.

    `pss_only` is set for keys of type id-RSASSA-PSS; `pss` is what such a key restricts itself to, if it says so.
    """

    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | RarePoint
    pss_only: bool = False
    pss: SignatureScheme | None = None

    @property
    def bits(self) -> int:
        """Bits of the RSA modulus or of the curve's field."""
        if isinstance(self.key, RarePoint):
            return self.key.curve.bits
        return self.key.key_size

    def verify(self, scheme: SignatureScheme, signature: bytes, message: bytes) -> None:
        """Raise VerificationError unless this is the key's signature over the message under exactly this scheme."""
        try:
            if isinstance(self.key, rsa.RSAPublicKey):
                self.key.verify(signature, message, self._padding(scheme), _HASHES[scheme.digest])
            elif scheme.kind != "ecdsa":
                raise _wrong_signature()
            elif isinstance(self.key, RarePoint):
                self.key.verify(signature, message, scheme.digest)
            else:
                self.key.verify(signature, message, ec.ECDSA(_HASHES[scheme.digest]))
        except (InvalidSignature, ValueError):
            raise _wrong_signature() from None
        except UnsupportedAlgorithm:
            raise unsupported("this installation cannot verify the signature algorithm") from None

    def _padding(self, scheme: SignatureScheme) -> padding.AsymmetricPadding:
        """Return the RSA padding of a scheme that this key may be used with. RFC 4055, 3.3."""
        if scheme.kind == "rsa_pkcs1" and not self.pss_only:
            return padding.PKCS1v15()
        if scheme.kind == "rsa_pss" and self._allows(scheme):
            return padding.PSS(mgf=padding.MGF1(_HASHES[scheme.mgf_digest]), salt_length=scheme.salt_bytes)
        raise _wrong_signature()

    def _allows(self, scheme: SignatureScheme) -> bool:
        """Whether PSS parameters in the key, if any, allow those of the signature: same hashes, salt not shorter."""
        return self.pss is None or (
            (scheme.digest, scheme.mgf_digest) == (self.pss.digest, self.pss.mgf_digest)
            and scheme.salt_bytes >= self.pss.salt_bytes
        )


def parse_public_key(spki: bytes, *, limits: Limits = DEFAULT_LIMITS) -> PublicKey:
    """Return the key in a DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).

    Raises InputError for malformed bytes and VerificationError for keys that are too weak, too large or unsupported.
    """
    what = "a public key"
    info = asn1.load(keys.PublicKeyInfo, spki, max_bytes=limits.certificate_bytes, what=what, code=_CODE)
    with asn1.reading(what, _CODE):
        kind = info["algorithm"]["algorithm"].native
        if kind == "ec":
            return PublicKey(_parse_point(info, limits))
        if kind == "rsa":
            return PublicKey(_parse_rsa(info, limits))
        if kind == "rsassa_pss":
            parameters = info["algorithm"]["parameters"]
            pss = parse_pss(parameters) if isinstance(parameters, algos.RSASSAPSSParams) else None
            return PublicKey(_parse_rsa(info, limits), pss_only=True, pss=pss)
    raise unsupported("the key is neither RSA nor on an elliptic curve")


def _parse_rsa(info: Any, limits: Limits) -> rsa.RSAPublicKey:
    """Return an RSA key of a size that is neither breakable nor a burden."""
    modulus = info["public_key"].parsed["modulus"].native
    exponent = info["public_key"].parsed["public_exponent"].native
    if not limits.rsa_min_bits <= modulus.bit_length() <= limits.rsa_max_bits:
        raise unsupported("an RSA key of this size is not accepted")
    if modulus < 0 or exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > limits.rsa_exponent_bits:
        raise unsupported("an RSA key with this exponent is not accepted")
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _parse_point(info: Any, limits: Limits) -> ec.EllipticCurvePublicKey | RarePoint:
    """Return a point on a known curve; uncompressed, as ICAO 9303-12, 4.1.6.3 has it."""
    curve = find_curve(info["algorithm"]["parameters"])
    if curve.bits < limits.curve_min_bits:
        raise unsupported("a key on a curve of this size is not accepted")
    point = bytes(info["public_key"])
    if len(point) != 1 + 2 * curve.size or point[0] != 4:
        raise InputError("the point of a public key is not uncompressed", code=_CODE)
    if curve.implementation is None:
        return parse_rare_point(curve, point)
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve.implementation, point)
    except UnsupportedAlgorithm:
        raise unsupported("this installation cannot use the key's curve") from None


def _wrong_signature() -> VerificationError:
    return VerificationError("the signature does not hold", code="document_signature")
