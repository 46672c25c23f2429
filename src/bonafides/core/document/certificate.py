"""X.509 certificates of Country Signing CAs and Document Signers, read into plain values (ICAO 9303-12, 7)."""

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from asn1crypto import core, x509

from bonafides.core.document import asn1
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits

_CODE = "document_certificate"
_COUNTRY, _LOCALITY = "2.5.4.6", "2.5.4.7"

SUBJECT_KEY_ID, AUTHORITY_KEY_ID = "2.5.29.14", "2.5.29.35"
KEY_USAGE, EXTENDED_KEY_USAGE, BASIC_CONSTRAINTS = "2.5.29.15", "2.5.29.37", "2.5.29.19"
USAGE_PERIOD, ISSUER_ALTERNATIVE_NAME = "2.5.29.16", "2.5.29.18"
NAME_CHANGE, DOCUMENT_TYPES = "2.23.136.1.1.6.1", "2.23.136.1.1.6.2"
# Understood in that they restrict nothing here: the subject's alternative name, CRL distribution points, policies.
_HARMLESS = {"2.5.29.17", "2.5.29.31", "2.5.29.32"}
_KNOWN = _HARMLESS | {
    SUBJECT_KEY_ID, AUTHORITY_KEY_ID, KEY_USAGE, EXTENDED_KEY_USAGE, BASIC_CONSTRAINTS,
    USAGE_PERIOD, ISSUER_ALTERNATIVE_NAME, NAME_CHANGE, DOCUMENT_TYPES,
}  # fmt: skip

_EXTENSION = replace(DEFAULT_LIMITS, elements=DEFAULT_LIMITS.extension_elements)

Name = tuple[frozenset[tuple[str, str]], ...]
"""A distinguished name for comparing: two spellings of one name are equal (RFC 5280, 7.1)."""


@dataclass(frozen=True, slots=True)
class UsagePeriod:
    """From when until when a private key signs; None where the certificate leaves that end open (RFC 3280, 4.2.1.4)."""

    not_before: datetime | None
    not_after: datetime | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as read, nothing about it verified. None means that the certificate does not say.

    `country` is the subject's, in upper case; `tbs`, `spki` and `signature_algorithm` are the bytes as they stood.
    `issuer_states` are the three-letter codes by which the issuer also calls its State. `is_name_change` marks a link
    certificate under which a CA takes another name.
    """

    der: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    spki: bytes = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    serial: int = field(repr=False)
    issuer: Name = field(repr=False)
    subject: Name = field(repr=False)
    country: str | None
    not_before: datetime
    not_after: datetime
    subject_key_id: bytes | None = field(repr=False)
    authority_key_id: bytes | None = field(repr=False)
    is_ca: bool | None
    key_usage: frozenset[str] | None = field(repr=False)
    extended_key_usage: frozenset[str] = field(repr=False)
    document_types: frozenset[str] | None = field(repr=False)
    usage_period: UsagePeriod | None = field(repr=False)
    issuer_states: frozenset[str] = field(repr=False)
    is_name_change: bool = field(repr=False)
    has_unknown_critical: bool = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in hexadecimal, by which people confirm it."""
        return sha256(self.der).hexdigest()

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are one name; the signature may still be another key's."""
        return self.subject == self.issuer


class _DocumentTypeList(core.SetOf):  # type: ignore[misc]
    _child_spec = core.PrintableString


class _DocumentTypes(core.Sequence):  # type: ignore[misc]
    """DocumentTypeListSyntax: ICAO 9303-12, 7.1.1.6."""

    _fields = [("version", core.Integer), ("types", _DocumentTypeList)]


class _KeyPurposes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.ObjectIdentifier


def parse_certificate(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Certificate:
    """Return the certificate of these DER bytes. Raises InputError.

    Keys and signature algorithms are not judged here: a trust list holds many that nobody needs today.
    """
    what = "a certificate"
    parsed = asn1.load(x509.Certificate, data, max_bytes=limits.certificate_bytes, what=what, code=_CODE)
    with asn1.reading(what, _CODE):
        tbs = parsed["tbs_certificate"]
        asn1.exact(parsed, tbs)
        extensions = _extensions(tbs)
        subject = _name(tbs["subject"])
        countries = [value for part in subject for kind, value in part if kind == _COUNTRY]
        algorithm = parsed["signature_algorithm"].dump()
        if tbs["signature"].dump() != algorithm:
            raise ValueError("RFC 5280, 4.1.1.2: the signed algorithm is another")
        if parsed["signature_value"].contents[:1] != b"\0":
            raise ValueError("a signature is whole bytes")
        return Certificate(
            der=bytes(data),
            tbs=tbs.dump(),
            spki=tbs["subject_public_key_info"].dump(),
            signature_algorithm=algorithm,
            signature=bytes(parsed["signature_value"]),
            serial=tbs["serial_number"].native,
            issuer=_name(tbs["issuer"]),
            subject=subject,
            country=countries[0].upper() if len(countries) == 1 else None,
            not_before=_time(tbs["validity"]["not_before"]),
            not_after=_time(tbs["validity"]["not_after"]),
            subject_key_id=_value(extensions, SUBJECT_KEY_ID, core.OctetString, bytes),
            authority_key_id=_value(extensions, AUTHORITY_KEY_ID, x509.AuthorityKeyIdentifier, _key_identifier),
            is_ca=_value(extensions, BASIC_CONSTRAINTS, x509.BasicConstraints, lambda value: bool(value["ca"].native)),
            key_usage=_value(extensions, KEY_USAGE, x509.KeyUsage, lambda value: frozenset(value.native)),
            extended_key_usage=_value(extensions, EXTENDED_KEY_USAGE, _KeyPurposes, _purposes) or frozenset(),
            document_types=_value(extensions, DOCUMENT_TYPES, _DocumentTypes, _document_types),
            usage_period=_value(extensions, USAGE_PERIOD, x509.PrivateKeyUsagePeriod, _usage_period),
            issuer_states=_value(extensions, ISSUER_ALTERNATIVE_NAME, x509.GeneralNames, _states) or frozenset(),
            is_name_change=NAME_CHANGE in extensions,
            has_unknown_critical=any(critical and oid not in _KNOWN for oid, (critical, _) in extensions.items()),
        )


def comparable_name(name: Any) -> Name:
    """Return an asn1crypto name for comparing; call inside `asn1.reading`."""
    return _name(name)


def _name(name: Any) -> Name:
    """Return the parts of a name: text in one case, one normal form and one spacing, whatever string type it had."""
    return tuple(
        frozenset((pair["type"].dotted, _comparable(pair["value"])) for pair in relative) for relative in name.chosen
    )


def _comparable(value: Any) -> str:
    """Return one attribute value for comparing; the bytes in hex if it is not text."""
    native = value.native if not isinstance(value, core.Any) else None
    if not isinstance(native, str):
        return "#" + bytes(value.dump()).hex()
    return " ".join(unicodedata.normalize("NFKC", native).casefold().split())


def _extensions(tbs: Any) -> dict[str, tuple[bool, bytes]]:
    """Return object identifier -> (critical, value); a repeated extension is malformed (RFC 5280, 4.2)."""
    found: dict[str, tuple[bool, bytes]] = {}
    if isinstance(tbs["extensions"], core.Void):
        return found
    for extension in tbs["extensions"]:
        oid = extension["extn_id"].dotted
        if oid in found:
            raise ValueError("an extension is repeated")
        found[oid] = (extension["critical"].native, bytes(extension["extn_value"]))
    return found


def _value(extensions: dict[str, tuple[bool, bytes]], oid: str, spec: Any, convert: Any) -> Any:
    """Return the value of an extension, or None without it. Scanned by itself: an octet string hides it."""
    if oid not in extensions:
        return None
    value = extensions[oid][1]
    return convert(asn1.load(spec, value, max_bytes=len(value), what="an extension", code=_CODE, limits=_EXTENSION))


def _time(value: Any) -> datetime:
    """Return a point in time with its zone."""
    moment = value.native
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError("a time without zone")
    return moment


def _usage_period(value: Any) -> UsagePeriod:
    """Return the period; either end may be left open, as some States do."""
    ends = (None if isinstance(value[end], core.Void) else _time(value[end]) for end in ("not_before", "not_after"))
    return UsagePeriod(*ends)


def _states(names: Any) -> frozenset[str]:
    """Return the localities of the directory names: ICAO 9303-12, 7.1.1.2 puts the code of the zone there."""
    directories = (_name(name.chosen) for name in names if name.name == "directory_name")
    pairs = (pair for name in directories for part in name for pair in part)
    return frozenset(value.upper() for kind, value in pairs if kind == _LOCALITY)


def _key_identifier(value: Any) -> bytes | None:
    found: bytes | None = value["key_identifier"].native
    return found


def _purposes(value: Any) -> frozenset[str]:
    return frozenset(purpose.dotted for purpose in value)


def _document_types(value: Any) -> frozenset[str]:
    """Return the document codes of the list, without fillers."""
    return frozenset(code.native.rstrip("<") for code in value["types"])
