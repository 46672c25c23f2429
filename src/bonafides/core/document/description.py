"""A certificate in words for an operator's screen. Names come from strangers: nothing in them moves a cursor."""

from dataclasses import dataclass
from typing import Any

from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from bonafides.core.document import asn1
from bonafides.core.document.certificate import Certificate
from bonafides.core.document.limits import IMPORT_LIMITS
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.errors import InputError, VerificationError

_MAX_NAME = 200
_ORDER = ("country_name", "organization_name", "organizational_unit_name", "common_name", "serial_number")


@dataclass(frozen=True, slots=True)
class Description:
    """Names as they stand in the certificate, and what can be said of its key and of its signature."""

    subject: str
    issuer: str
    common_name: str
    key: str
    signature: str


def describe(certificate: Certificate) -> Description:
    """Return a certificate in words; what is not supported is called so. Raises InputError."""
    parsed = asn1.load(
        x509.Certificate,
        certificate.der,
        max_bytes=IMPORT_LIMITS.certificate_bytes,
        what="a certificate",
        code="document_certificate",
        limits=IMPORT_LIMITS,
    )
    with asn1.reading("a certificate", "document_certificate"):
        subject, issuer = (_parts(parsed["tbs_certificate"][each]) for each in ("subject", "issuer"))
    names = dict(reversed(subject))
    return Description(
        subject=_joined(subject),
        issuer=_joined(issuer),
        common_name=names.get("common_name") or names.get("organization_name") or _joined(subject),
        key=_key(certificate),
        signature=_signature(certificate),
    )


def printable(text: str) -> str:
    """Return a text in one line, with nothing that a terminal obeys."""
    return "".join(c if c.isprintable() else "�" for c in text)[:_MAX_NAME]


def _parts(name: Any) -> list[tuple[str, str]]:
    """Return (kind, value) of a name, the usual kinds first, in an order of their own."""
    pairs = [(str(pair["type"].native), printable(str(pair["value"].native))) for part in name.chosen for pair in part]
    return sorted(pairs, key=lambda pair: _ORDER.index(pair[0]) if pair[0] in _ORDER else len(_ORDER))


def _joined(parts: list[tuple[str, str]]) -> str:
    return ", ".join(value for _, value in parts)[:_MAX_NAME]


def _key(certificate: Certificate) -> str:
    try:
        key = parse_public_key(certificate.spki, limits=IMPORT_LIMITS)
    except (InputError, VerificationError) as error:
        return f"not usable here: {error}"
    if isinstance(key.key, rsa.RSAPublicKey):
        return f"RSA{'-PSS' if key.pss_only else ''}, {key.bits} bits"
    return f"elliptic curve, {key.bits} bits"


def _signature(certificate: Certificate) -> str:
    try:
        scheme = parse_signature_scheme(certificate.signature_algorithm)
    except (InputError, VerificationError) as error:
        return f"not usable here: {error}"
    kind = {"ecdsa": "ECDSA", "rsa_pkcs1": "RSA", "rsa_pss": "RSA-PSS"}[scheme.kind]
    return f"{kind} with {scheme.digest.upper()}{' (weak)' if scheme.is_weak else ''}"
