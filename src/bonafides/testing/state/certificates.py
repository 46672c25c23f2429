"""Keys and certificates of a synthetic State: CAs, Document Signers, and flawed ones (ICAO 9303-12, 7)."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, core, keys, parser, x509

from bonafides.core.document.certificate import DOCUMENT_TYPES, ISSUER_ALTERNATIVE_NAME, NAME_CHANGE, USAGE_PERIOD
from bonafides.core.document.countries import ALPHA2
from bonafides.core.document.signature import SignatureScheme
from bonafides.testing.state.keys import Algorithm, KeyKind, KeyPair, encode_scheme, new_key

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CertificateProfile:
    """What a certificate is to say; None leaves the extension out."""

    country: str
    common_name: str
    not_before: datetime
    not_after: datetime
    serial: int = 1
    is_ca: bool | None = None
    key_usage: frozenset[str] | None = frozenset({"digital_signature"})
    extended_key_usage: str | None = None
    document_types: tuple[str, ...] | None = None
    usage_period: tuple[datetime | None, datetime | None] | None = None
    issuer_state: str | None = None
    is_name_change: bool = False
    critical_extension: str | None = None

    @property
    def name(self) -> x509.Name:
        """The distinguished name of the holder."""
        return x509.Name.build({"country_name": self.country, "common_name": self.common_name})


@dataclass(frozen=True, slots=True)
class Signer:
    """A key pair and its certificate (DER)."""

    key: KeyPair = field(repr=False)
    profile: CertificateProfile = field(repr=False)
    certificate: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message."""
        return self.key.sign(message)

    def using(self, scheme: SignatureScheme) -> "Signer":
        """Return the same key and certificate, signing in another way."""
        return replace(self, key=replace(self.key, kind=replace(self.key.kind, scheme=scheme)))

    @property
    def scheme(self) -> SignatureScheme:
        """The way it signs."""
        return self.key.kind.scheme

    @property
    def algorithm(self) -> cms.SignedDigestAlgorithm:
        """The AlgorithmIdentifier of its signatures."""
        return encode_scheme(self.scheme)

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo."""
        return self.key.spki


def new_csca(
    code: str = "UTO", *, now: datetime, algorithm: Algorithm | KeyKind = "ecdsa_p256", **changes: Any
) -> Signer:
    """Return a self-signed Country Signing CA; `changes` are fields of its CertificateProfile."""
    start, end = now - 700 * _DAY, now + 5000 * _DAY
    usage = frozenset({"key_cert_sign", "crl_sign"})
    profile = CertificateProfile(ALPHA2[code], f"{code} CSCA", start, end, is_ca=True, key_usage=usage)
    return new_signer(replace(profile, **changes), algorithm, issuer=None)


def mint_certificate(profile: CertificateProfile, spki: bytes, *, issuer: Signer) -> bytes:
    """Return the DER certificate for a key (SubjectPublicKeyInfo), signed by the issuer. ICAO 9303-12, 7.1."""
    values: list[tuple[str, bool, Any]] = [
        ("key_identifier", False, core.OctetString(_key_id(spki))),
        ("authority_key_identifier", False, x509.AuthorityKeyIdentifier({"key_identifier": _key_id(issuer.spki)})),
    ]
    if profile.is_ca is not None:
        values.append(("basic_constraints", True, x509.BasicConstraints({"ca": profile.is_ca})))
    if profile.key_usage is not None:
        values.append(("key_usage", True, x509.KeyUsage(set(profile.key_usage))))
    if profile.extended_key_usage is not None:
        values.append(("extended_key_usage", True, x509.ExtKeyUsageSyntax([profile.extended_key_usage])))
    if profile.document_types is not None:
        types = b"".join(core.PrintableString(code).dump() for code in profile.document_types)
        listed = parser.emit(0, 1, 16, core.Integer(0).dump() + parser.emit(0, 1, 17, types))
        values.append((DOCUMENT_TYPES, False, core.Any.load(listed)))
    if profile.usage_period is not None:
        ends = zip(("not_before", "not_after"), profile.usage_period, strict=True)
        values.append((USAGE_PERIOD, False, x509.PrivateKeyUsagePeriod({end: at for end, at in ends if at})))
    if profile.issuer_state is not None:
        directory = x509.GeneralName("directory_name", x509.Name.build({"locality_name": profile.issuer_state}))
        values.append((ISSUER_ALTERNATIVE_NAME, False, x509.GeneralNames([directory])))
    if profile.is_name_change:
        values.append((NAME_CHANGE, False, core.Null()))
    if profile.critical_extension is not None:
        values.append((profile.critical_extension, True, core.Null()))
    extensions = [
        {"extn_id": oid, "critical": critical, "extn_value": core.ParsableOctetString(value.dump())}
        for oid, critical, value in values
    ]
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": profile.serial,
            "signature": issuer.algorithm,
            "issuer": issuer.profile.name,
            "validity": {
                "not_before": x509.Time({"utc_time": profile.not_before}),
                "not_after": x509.Time({"utc_time": profile.not_after}),
            },
            "subject": profile.name,
            "subject_public_key_info": keys.PublicKeyInfo.load(spki),
            "extensions": extensions,
        }
    )
    signed = {
        "tbs_certificate": tbs,
        "signature_algorithm": issuer.algorithm,
        "signature_value": issuer.sign(tbs.dump()),
    }
    return bytes(x509.Certificate(signed).dump())


def new_signer(profile: CertificateProfile, algorithm: Algorithm | KeyKind, *, issuer: Signer | None) -> Signer:
    """Return a fresh key with its certificate, self-signed without an issuer."""
    bare = Signer(new_key(algorithm), profile, b"")
    return replace(bare, certificate=mint_certificate(profile, bare.spki, issuer=issuer or bare))


def _key_id(spki: bytes) -> bytes:
    return hashlib.sha256(spki).digest()[:20]
