"""Signature algorithms as certificates and CMS name them (ICAO 9303-12, 4.1.6; RFC 4055; RFC 5758)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from asn1crypto import algos, core

from bonafides.core.document import asn1
from bonafides.errors import Error, VerificationError

DIGESTS: Mapping[str, str] = MappingProxyType(
    {
        "1.3.14.3.2.26": "sha1",
        "2.16.840.1.101.3.4.2.4": "sha224",
        "2.16.840.1.101.3.4.2.1": "sha256",
        "2.16.840.1.101.3.4.2.2": "sha384",
        "2.16.840.1.101.3.4.2.3": "sha512",
    }
)
"""Object identifier -> name of every hash that is accepted."""

WEAK_DIGESTS = frozenset({"sha1"})

_PKCS1 = {
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.14": "sha224",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA = {
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
_PSS = "1.2.840.113549.1.1.10"
# A key's own identifier in place of a signature's: the hash is then the signer's digest algorithm (RFC 5652, 5.3).
_BARE_RSA = "1.2.840.113549.1.1.1"
_BARE_EC = "1.2.840.10045.2.1"

_MAX_BYTES = 512


@dataclass(frozen=True, slots=True)
class SignatureScheme:
    """A signature algorithm with all of its parameters; `mgf_digest` and `salt_bytes` belong to PSS."""

    kind: Literal["rsa_pkcs1", "rsa_pss", "ecdsa"]
    digest: str
    mgf_digest: str = ""
    salt_bytes: int = 0

    @property
    def is_weak(self) -> bool:
        """Whether the hash that is signed no longer resists collisions."""
        return self.digest in WEAK_DIGESTS


class _AlgorithmIdentifier(core.Sequence):  # type: ignore[misc]
    """RFC 5280, 4.1.1.2, with the parameters left alone until the algorithm is known."""

    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]


def parse_signature_scheme(identifier: bytes, *, digest: str | None = None) -> SignatureScheme:
    """Return the scheme that a DER AlgorithmIdentifier names.

    `digest` is the signer's digest algorithm, for CMS signers that name only their key's algorithm; certificates have
    none. Raises InputError for malformed bytes and VerificationError for an algorithm that is not supported.
    """
    what = "a signature algorithm"
    parsed = asn1.load(_AlgorithmIdentifier, identifier, max_bytes=_MAX_BYTES, what=what, code="document_algorithm")
    with asn1.reading(what, "document_algorithm"):
        oid = parsed["algorithm"].dotted
        if oid == _PSS:
            return parse_pss(algos.RSASSAPSSParams.load(parsed["parameters"].dump(), strict=True))
    # Parameters of the others say nothing: NULL or absent for RSA, and some States repeat the curve for ECDSA.
    if oid in _PKCS1:
        return SignatureScheme("rsa_pkcs1", _PKCS1[oid])
    if oid in _ECDSA:
        return SignatureScheme("ecdsa", _ECDSA[oid])
    if oid == _BARE_RSA and digest is not None:
        return SignatureScheme("rsa_pkcs1", digest)
    if oid == _BARE_EC and digest is not None:
        return SignatureScheme("ecdsa", digest)
    raise unsupported("the signature algorithm is not supported")


def parse_pss(parameters: Any) -> SignatureScheme:
    """Return the scheme of RSASSA-PSS-params (asn1crypto): absent ones mean SHA-1, 20 and 1 (RFC 4055, 3.1).

    Call inside `asn1.reading`. Raises VerificationError for what is not supported.
    """
    mask = parameters["mask_gen_algorithm"]
    salt = parameters["salt_length"].native
    if mask["algorithm"].native != "mgf1" or parameters["trailer_field"].native != "trailer_field_bc":
        raise unsupported("RSA-PSS with another mask or trailer is not supported")
    if not 0 <= salt <= 512:
        raise unsupported("RSA-PSS with such a salt is not supported")
    return SignatureScheme(
        "rsa_pss",
        digest_name(parameters["hash_algorithm"]["algorithm"].dotted),
        mgf_digest=digest_name(mask["parameters"]["algorithm"].dotted),
        salt_bytes=salt,
    )


def digest_name(oid: str, *, error: type[Error] = VerificationError) -> str:
    """Return the name of a hash, or raise: an InputError where bytes are only decoded."""
    if oid not in DIGESTS:
        raise error("the hash algorithm is not supported", code="document_unsupported")
    return DIGESTS[oid]


def digest(name: str, data: bytes) -> bytes:
    """Return the hash of the data under a name from `DIGESTS`."""
    return hashlib.new(name, data, usedforsecurity=name not in WEAK_DIGESTS).digest()


def unsupported(message: str) -> VerificationError:
    """One code for whatever may be genuine but cannot be verified here."""
    return VerificationError(message, code="document_unsupported")
