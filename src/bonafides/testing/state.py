"""A State in one call: it signs passports and cards with genuine structures and keys that mean nothing.

    state = SyntheticState("UTO", now=now)
    bundle = state.issue_card(birth=date(1990, 8, 6), personal_number="001090012345")
    verify_document(bundle=bundle, trust=state.trust_store(), at=now, rules=state.rules())

Flawed documents are made of the same parts: `new_signer` changes a Document Signer's certificate, `build_sod` signs any
groups, `Signer.sign` anything. Nothing reads the clock. Keys are random, personal and document numbers are not.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from asn1crypto import cms, core, keys, parser, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bonafides.core.document import DocumentBundle, NumberSource, PersonalNumberRule, TrustStore
from bonafides.core.document.certificate import DOCUMENT_TYPES
from bonafides.core.document.countries import ALPHA2
from bonafides.core.document.lds import GROUP_TAGS, SOD_TAG
from bonafides.core.document.mrz import Kind, check_digit
from bonafides.core.document.signature import SignatureScheme, digest

Algorithm = Literal["ecdsa_p256", "ecdsa_p384", "ecdsa_p521", "rsa_pkcs1", "rsa_pss"]

_ECDSA: dict[Algorithm, tuple[ec.EllipticCurve, str]] = {
    "ecdsa_p256": (ec.SECP256R1(), "sha256"),
    "ecdsa_p384": (ec.SECP384R1(), "sha384"),
    "ecdsa_p521": (ec.SECP521R1(), "sha512"),
}
_RSA = {
    "rsa_pkcs1": SignatureScheme("rsa_pkcs1", "sha256"),
    "rsa_pss": SignatureScheme("rsa_pss", "sha256", mgf_digest="sha256", salt_bytes=32),
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(), "sha224": hashes.SHA224(), "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
}  # fmt: skip
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
    critical_extension: str | None = None

    @property
    def name(self) -> x509.Name:
        """The distinguished name of the holder."""
        return x509.Name.build({"country_name": self.country, "common_name": self.common_name})


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the way it signs and its certificate (DER)."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = field(repr=False)
    scheme: SignatureScheme
    profile: CertificateProfile = field(repr=False)
    certificate: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message."""
        algorithm = _HASHES[self.scheme.digest]
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(message, ec.ECDSA(algorithm))
        if self.scheme.kind == "rsa_pkcs1":
            return self.key.sign(message, padding.PKCS1v15(), algorithm)
        mask = padding.MGF1(_HASHES[self.scheme.mgf_digest])
        return self.key.sign(message, padding.PSS(mgf=mask, salt_length=self.scheme.salt_bytes), algorithm)

    @property
    def algorithm(self) -> cms.SignedDigestAlgorithm:
        """The AlgorithmIdentifier of its signatures."""
        if self.scheme.kind != "rsa_pss":
            name = f"{self.scheme.digest}_{'ecdsa' if self.scheme.kind == 'ecdsa' else 'rsa'}"
            return cms.SignedDigestAlgorithm({"algorithm": name})
        mask = {"algorithm": "mgf1", "parameters": {"algorithm": self.scheme.mgf_digest}}
        parameters = {
            "hash_algorithm": {"algorithm": self.scheme.digest},
            "mask_gen_algorithm": mask,
            "salt_length": self.scheme.salt_bytes,
        }
        return cms.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo."""
        return _spki(self.key)


class SyntheticState:
    """A State with one Country Signing CA and one Document Signer, both valid at `now` and for ten years more."""

    def __init__(self, code: str = "UTO", *, now: datetime, algorithm: Algorithm = "ecdsa_p256", seed: int = 0) -> None:
        self.code = code
        self.now = now
        self.algorithm = algorithm
        self._seed = seed
        self._issued = 0
        self.csca = new_csca(code, now=now, algorithm=algorithm)
        self.signer = self.new_signer()

    def trust_store(self) -> TrustStore:
        """Return a store that trusts this State alone."""
        return TrustStore.from_certificates([self.csca.certificate], provenance=f"synthetic State {self.code}")

    def rules(self, *, dg11: bool = False) -> dict[tuple[str, str], PersonalNumberRule]:
        """Return where this State's documents have the personal number: in the zone, or in data group 11."""
        td1 = NumberSource.DG11 if dg11 else NumberSource.MRZ_OPTIONAL
        td3 = NumberSource.DG11 if dg11 else NumberSource.MRZ_PERSONAL
        return {(self.code, "td1"): PersonalNumberRule(td1), (self.code, "td3"): PersonalNumberRule(td3)}

    def new_signer(self, **changes: Any) -> Signer:
        """Return another Document Signer of this State's CA; `changes` are fields of its CertificateProfile."""
        start, end = self.now - 100 * _DAY, self.now + 4000 * _DAY
        profile = CertificateProfile(ALPHA2[self.code], f"{self.code} Document Signer", start, end, serial=1000)
        return _new_signer(replace(profile, **changes), self.algorithm, issuer=self.csca)

    def next_number(self) -> str:
        """Return the next of an endless row of twelve-digit numbers; the same row for the same State and seed."""
        self._issued += 1
        seed = hashlib.sha256(f"{self.code}/{self._seed}/{self._issued}".encode()).digest()
        return f"{int.from_bytes(seed) % 10**12:012d}"

    def issue_card(
        self,
        *,
        birth: date,
        name: str = "ERIKSSON, ANNA MARIA",
        personal_number: str | None = None,
        sex: str = "F",
        expires: date | None = None,
        kind: Kind = "td1",
        number: str | None = None,
        dg11: bool = False,
        full_name: str | None = None,
        groups: Mapping[int, bytes] | None = None,
        signer: Signer | None = None,
        digest_name: str = "sha256",
    ) -> DocumentBundle:
        """Return a document as a wallet would read it.

        `name` is "PRIMARY, SECONDARY". `personal_number` None takes the next one, "" has none; with `dg11` it stands
        in data group 11 and not in the zone. `full_name` is "PRIMARY<<SECONDARY" with its diacritics, for data group
        11; without it no document has one. `groups` are further data groups, signed and read; data group 2 is signed
        but, being a portrait, not read.
        """
        personal_number = self.next_number() if personal_number is None else personal_number
        encode = encode_td1 if kind == "td1" else encode_td3
        zone = encode(
            state=self.code,
            number=number or "U" + self.next_number()[:8],
            birth=f"{birth:%y%m%d}",
            sex=sex,
            expires=f"{expires or (self.now + 3600 * _DAY).date():%y%m%d}",
            name=name,
            personal_number="" if dg11 else personal_number,
        )
        read = {1: encode_dg1(zone)}
        if dg11 or full_name is not None:
            read[11] = encode_dg11(personal_number if dg11 else "", full_name)
        read |= dict(groups or {})
        signed = {2: encode_group(2, b"portrait")} | read
        return DocumentBundle(
            dg1=read.pop(1),
            sod=build_sod(signed, signer or self.signer, digest_name=digest_name),
            dg11=read.pop(11, None),
            others=read,
        )


def new_csca(code: str = "UTO", *, now: datetime, algorithm: Algorithm = "ecdsa_p256", **changes: Any) -> Signer:
    """Return a self-signed Country Signing CA; `changes` are fields of its CertificateProfile."""
    start, end = now - 700 * _DAY, now + 5000 * _DAY
    usage = frozenset({"key_cert_sign", "crl_sign"})
    profile = CertificateProfile(ALPHA2[code], f"{code} CSCA", start, end, is_ca=True, key_usage=usage)
    return _new_signer(replace(profile, **changes), algorithm, issuer=None)


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


def build_sod(groups: Mapping[int, bytes], signer: Signer, *, digest_name: str = "sha256", version: int = 0) -> bytes:
    """Return EF.SOD over these data groups (number -> file). ICAO 9303-10, 4.6.2."""
    return wrap_sod(sign_content(encode_security_object(groups, digest_name=digest_name, version=version), signer))


def sign_content(content: bytes, signer: Signer, *, content_type: str = "2.23.136.1.1.1") -> cms.SignedData:
    """Return SignedData version 3 of one signer over a content, its certificate included. RFC 5652, 5."""
    algorithm = {"algorithm": signer.scheme.digest}
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": [content_type]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest(signer.scheme.digest, content)]}),
        ]
    )
    certificate = x509.Certificate.load(signer.certificate)
    identifier = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
        "digest_algorithm": algorithm,
        "signed_attrs": attributes,
        "signature_algorithm": signer.algorithm,
        "signature": signer.sign(attributes.dump()),
    }
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algorithm],
            "encap_content_info": {"content_type": content_type, "content": content},
            "certificates": [cms.CertificateChoices({"certificate": certificate})],
            "signer_infos": [info],
        }
    )


def wrap_sod(signed: cms.SignedData) -> bytes:
    """Return the file EF.SOD that holds this SignedData."""
    message = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return encode_tlv(SOD_TAG, message)


def encode_security_object(groups: Mapping[int, bytes], *, digest_name: str = "sha256", version: int = 0) -> bytes:
    """Return the LDS security object: the hash of every group. ICAO 9303-10, 4.6.2.3."""
    hashed = b"".join(
        parser.emit(0, 1, 16, core.Integer(number).dump() + core.OctetString(digest(digest_name, data)).dump())
        for number, data in sorted(groups.items())
    )
    algorithm = cms.DigestAlgorithm({"algorithm": digest_name}).dump()
    info = core.PrintableString("0108").dump() + core.PrintableString("040000").dump()
    tail = parser.emit(0, 1, 16, info) if version == 1 else b""
    content = core.Integer(version).dump() + algorithm + parser.emit(0, 1, 16, hashed) + tail
    return bytes(parser.emit(0, 1, 16, content))


def encode_tlv(tag: int, value: bytes) -> bytes:
    """Return one data object with a tag of one or two bytes. ISO/IEC 7816-4, BER-TLV."""
    length = parser.emit(0, 0, 4, value)[1:]  # length and value do not depend on the tag
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + bytes(length)


def encode_group(number: int, value: bytes) -> bytes:
    """Return the file of a data group."""
    return encode_tlv(GROUP_TAGS[number], value)


def encode_dg1(zone: str) -> bytes:
    """Return data group 1 with a machine readable zone."""
    return encode_group(1, encode_tlv(0x5F1F, zone.encode()))


def encode_dg11(personal_number: str, full_name: str | None = None) -> bytes:
    """Return data group 11: the list of its tags, and the name and the personal number that there are."""
    named = b"" if full_name is None else encode_tlv(0x5F0E, full_name.replace(" ", "<").encode())
    numbered = encode_tlv(0x5F10, personal_number.encode()) if personal_number else b""
    tags = (b"\x5f\x0e" if named else b"") + (b"\x5f\x10" if numbered or not named else b"")
    return encode_group(11, encode_tlv(0x5C, tags) + named + numbered)


def encode_td1(
    *, state: str, number: str, birth: str, sex: str, expires: str, name: str, personal_number: str = ""
) -> str:
    """Return the zone of a card, the personal number in line 1; dates are YYMMDD. ICAO 9303-5, 4.2.2."""
    place = number.ljust(9, "<") + check_digit(number.ljust(9, "<")) + personal_number
    if len(number) > 9:
        place = number[:9] + "<" + number[9:] + check_digit(number) + "<" + personal_number
    line1 = "I<" + _state(state) + place.ljust(25, "<")
    line2 = birth + check_digit(birth) + _sex(sex) + expires + check_digit(expires) + _state(state) + "<" * 11
    line2 += check_digit(line1[5:] + line2[:7] + line2[8:15] + line2[18:])
    return _fitting(line1 + line2 + _name(name, 30), 90)


def encode_td3(
    *, state: str, number: str, birth: str, sex: str, expires: str, name: str, personal_number: str = ""
) -> str:
    """Return the zone of a passport; dates are YYMMDD. ICAO 9303-4, 4.2.2."""
    number, personal = number.ljust(9, "<"), personal_number.ljust(14, "<")
    line2 = number + check_digit(number) + _state(state) + birth + check_digit(birth) + _sex(sex)
    line2 += expires + check_digit(expires) + personal + check_digit(personal)
    line2 += check_digit(line2[:10] + line2[13:20] + line2[21:43])
    return _fitting("P<" + _state(state) + _name(name, 39) + line2, 88)


def _new_signer(profile: CertificateProfile, algorithm: Algorithm, *, issuer: Signer | None) -> Signer:
    """Return a fresh key with its certificate, self-signed without an issuer."""
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if algorithm in _ECDSA:
        curve, digest_name = _ECDSA[algorithm]
        key, scheme = ec.generate_private_key(curve), SignatureScheme("ecdsa", digest_name)
    else:
        key, scheme = rsa.generate_private_key(65537, 2048), _RSA[algorithm]
    bare = Signer(key, scheme, profile, b"")
    return replace(bare, certificate=mint_certificate(profile, bare.spki, issuer=issuer or bare))


def _spki(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


def _key_id(spki: bytes) -> bytes:
    return hashlib.sha256(spki).digest()[:20]


def _state(code: str) -> str:
    """Germany writes one letter."""
    return "D<<" if code == "DEU" else code


def _sex(sex: str) -> str:
    return "<" if sex == "X" else sex


def _name(name: str, length: int) -> str:
    """Return "PRIMARY, SECONDARY" in the letters of the zone, cut or filled."""
    primary, _, secondary = name.partition(",")
    return "<<".join(map(_letters, (primary, secondary))).ljust(length, "<")[:length]


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.upper().replace("Đ", "D"))
    return "<".join("".join(c for c in plain if "A" <= c <= "Z" or c.isspace()).split())


def _fitting(zone: str, length: int) -> str:
    """Refuse what does not fit: a test must not pass over a cut number."""
    if len(zone) != length:
        raise ValueError("a field does not fit into the machine readable zone")
    return zone
