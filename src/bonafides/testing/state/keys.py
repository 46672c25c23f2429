"""Key pairs of every kind that States sign documents with (ICAO 9303-12, 4.1.6); throw-away keys only."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import ecdsa
from asn1crypto import cms, core, keys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bonafides.core.document.curve_table import CURVES, Curve
from bonafides.core.document.signature import SignatureScheme

_HASHES: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {
        "sha1": hashes.SHA1(), "sha224": hashes.SHA224(), "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
    }
)  # fmt: skip
_BY_NAME = {curve.name: curve for curve in CURVES}
_FORM = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ecdsa.SigningKey


@dataclass(frozen=True, slots=True)
class KeyKind:
    """A sort of key and the way it signs.

    `curve` is a name of `CURVES`, "" for RSA; `explicit` spells it out, as ICAO 9303-12, 4.1.6.3 demands. `pss_key`
    says by its own identifier that the RSA key is for PSS, with parameters if "bound" (RFC 4055, 1.2). `bare` makes CMS
    name the key's algorithm instead of the signature's.
    """

    scheme: SignatureScheme
    curve: str = ""
    explicit: bool = False
    rsa_bits: int = 2048
    exponent: int = 65537
    pss_key: Literal["", "free", "bound"] = ""
    bare: bool = False


def ecdsa_kind(curve: str, digest: str, *, explicit: bool = False, bare: bool = False) -> KeyKind:
    """Return ECDSA on a curve."""
    return KeyKind(SignatureScheme("ecdsa", digest), curve, explicit, bare=bare)


def rsa_kind(digest: str, *, bits: int = 2048, exponent: int = 65537, bare: bool = False) -> KeyKind:
    """Return RSA with PKCS #1 v1.5."""
    return KeyKind(SignatureScheme("rsa_pkcs1", digest), rsa_bits=bits, exponent=exponent, bare=bare)


def pss_kind(
    digest: str, *, mask: str | None = None, salt: int = 32, pss_key: Literal["", "free", "bound"] = ""
) -> KeyKind:
    """Return RSA-PSS; the mask's hash is the signature's unless it is given."""
    scheme = SignatureScheme("rsa_pss", digest, mgf_digest=mask or digest, salt_bytes=salt)
    return KeyKind(scheme, pss_key=pss_key)


Algorithm = Literal["ecdsa_p256", "ecdsa_p384", "ecdsa_p521", "rsa_pkcs1", "rsa_pss"]

KINDS: Mapping[Algorithm, KeyKind] = MappingProxyType(
    {
        "ecdsa_p256": ecdsa_kind("secp256r1", "sha256"),
        "ecdsa_p384": ecdsa_kind("secp384r1", "sha384"),
        "ecdsa_p521": ecdsa_kind("secp521r1", "sha512"),
        "rsa_pkcs1": rsa_kind("sha256"),
        "rsa_pss": pss_kind("sha256"),
    }
)
"""Short names for the usual kinds."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key of some kind."""

    kind: KeyKind
    private: PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message, ECDSA's in DER."""
        return sign(self.private, self.kind.scheme, message)

    @property
    def spki(self) -> bytes:
        """The public key as DER SubjectPublicKeyInfo."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return _rsa_spki(self.private, self.kind)
        curve = _BY_NAME[self.kind.curve]
        return encode_point(curve, _point(self.private), explicit=self.kind.explicit)


def new_key(kind: KeyKind | Algorithm) -> KeyPair:
    """Return a fresh key pair."""
    kind = KINDS[kind] if isinstance(kind, str) else kind
    if not kind.curve:
        return KeyPair(kind, rsa.generate_private_key(kind.exponent, kind.rsa_bits))
    curve = _BY_NAME[kind.curve]
    if curve.implementation is not None:
        return KeyPair(kind, ec.generate_private_key(curve.implementation))
    rare = {"brainpoolP192r1": ecdsa.BRAINPOOLP192r1, "brainpoolP224r1": ecdsa.BRAINPOOLP224r1}
    return KeyPair(kind, ecdsa.SigningKey.generate(rare.get(curve.name, ecdsa.BRAINPOOLP320r1)))


def sign(private: PrivateKey, scheme: SignatureScheme, message: bytes) -> bytes:
    """Return a signature over a message under this scheme."""
    algorithm = _HASHES[scheme.digest]
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message, ec.ECDSA(algorithm))
    if not isinstance(private, rsa.RSAPrivateKey):
        hashed = hashlib.new(scheme.digest, message).digest()
        encode = ecdsa.util.sigencode_der
        return bytes(private.sign_digest(hashed, sigencode=encode, allow_truncate=True))
    if scheme.kind == "rsa_pkcs1":
        return private.sign(message, padding.PKCS1v15(), algorithm)
    mask = padding.MGF1(_HASHES[scheme.mgf_digest])
    return private.sign(message, padding.PSS(mgf=mask, salt_length=scheme.salt_bytes), algorithm)


def encode_scheme(scheme: SignatureScheme, *, bare: bool = False) -> cms.SignedDigestAlgorithm:
    """Return the AlgorithmIdentifier of a signature; a bare one names its key's algorithm alone (RFC 5652, 5.3)."""
    if scheme.kind == "rsa_pss":
        return cms.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": _pss_parameters(scheme)})
    if bare:
        oid = "1.2.840.10045.2.1" if scheme.kind == "ecdsa" else "1.2.840.113549.1.1.1"
        return cms.SignedDigestAlgorithm({"algorithm": oid})
    name = f"{scheme.digest}_{'ecdsa' if scheme.kind == 'ecdsa' else 'rsa'}"
    return cms.SignedDigestAlgorithm({"algorithm": name})


def encode_point(curve: Curve, point: bytes, /, *, explicit: bool, **changes: Any) -> bytes:
    """Return a DER SubjectPublicKeyInfo; `changes` are members of the spelled-out curve, None to leave one out."""
    if explicit:
        parameters = keys.ECDomainParameters(name="specified", value=_spell_out(curve, changes))
    else:
        parameters = keys.ECDomainParameters(name="named", value=keys.NamedCurve(curve.oid))
    algorithm = {"algorithm": "ec", "parameters": parameters}
    info = keys.PublicKeyInfo({"algorithm": algorithm, "public_key": keys.ECPointBitString(point)})
    return bytes(info.dump())


def _spell_out(curve: Curve, changes: Mapping[str, Any]) -> keys.SpecifiedECDomain:
    domain: dict[str, Any] = {
        "version": 1,
        "field_id": {"field_type": "prime_field", "parameters": core.Integer(curve.p)},
        "curve": {"a": curve.a.to_bytes(curve.size, "big"), "b": curve.b.to_bytes(curve.size, "big")},
        "base": curve.base,
        "order": curve.n,
        "cofactor": 1,
    }
    domain = {name: value for name, value in (domain | dict(changes)).items() if value is not None}
    domain["base"] = keys.ECPoint(domain["base"])
    return keys.SpecifiedECDomain(domain)


def _point(private: Any) -> bytes:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.public_key().public_bytes(*_FORM)
    return bytes(private.verifying_key.to_string("uncompressed"))


def _rsa_spki(private: rsa.RSAPrivateKey, kind: KeyKind) -> bytes:
    numbers = private.public_key().public_numbers()
    algorithm: dict[str, Any] = {"algorithm": "rsassa_pss" if kind.pss_key else "rsa"}
    if kind.pss_key != "free":
        algorithm["parameters"] = _pss_parameters(kind.scheme) if kind.pss_key else core.Null()
    key = keys.RSAPublicKey({"modulus": numbers.n, "public_exponent": numbers.e})
    return bytes(keys.PublicKeyInfo({"algorithm": keys.PublicKeyAlgorithm(algorithm), "public_key": key}).dump())


def _pss_parameters(scheme: SignatureScheme) -> dict[str, Any]:
    return {
        "hash_algorithm": {"algorithm": scheme.digest},
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": scheme.mgf_digest}},
        "salt_length": scheme.salt_bytes,
    }
