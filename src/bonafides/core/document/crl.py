"""Certificate revocation lists of Country Signing CAs (ICAO 9303-12, 7.1.4; RFC 5280, 5).

Lists are imported by an operator, since nobody is to learn which documents are checked. What they say in a critical
extension that is not understood could limit them, so such a list is refused: deltas and lists by scope among them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import core, crl, x509

from bonafides.core.document import asn1
from bonafides.core.document.certificate import AUTHORITY_KEY_ID, Certificate, Name, comparable_name
from bonafides.core.document.limits import IMPORT_LIMITS, Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.errors import InputError, VerificationError

_WHAT, _CODE = "a revocation list", "document_crl"
_COUNTRY = "2.5.4.6"
_CRL_NUMBER = "2.5.29.20"
# A delta, a list by scope, an entry of another CA: critical by RFC 5280, and refused also where a State forgot that.
_LIMITING = {"2.5.29.27", "2.5.29.28", "2.5.29.29"}


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list as read, its signature not verified. `country` is the issuer's, in upper case; None: it does not say."""

    der: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    issuer: Name = field(repr=False)
    country: str | None
    this_update: datetime
    next_update: datetime | None
    number: int | None
    authority_key_id: bytes | None = field(repr=False)
    serials: frozenset[int] = field(repr=False)

    def is_current(self, at: datetime) -> bool:
        """Whether no newer list should have come out by now; one that names no day is never current."""
        return self.next_update is not None and at <= self.next_update


def parse_revocation_list(data: bytes, *, limits: Limits = IMPORT_LIMITS) -> RevocationList:
    """Return the list of these DER bytes. Raises InputError."""
    parsed = asn1.load(crl.CertificateList, data, max_bytes=limits.crl_bytes, what=_WHAT, code=_CODE, limits=limits)
    with asn1.reading(_WHAT, _CODE):
        tbs = parsed["tbs_cert_list"]
        asn1.exact(parsed, tbs)
        algorithm = parsed["signature_algorithm"].dump()
        if tbs["signature"].dump() != algorithm:
            raise ValueError("RFC 5280, 5.1.1.2: the signed algorithm is another")
        if parsed["signature"].contents[:1] != b"\0":
            raise ValueError("a signature is whole bytes")
        issuer = comparable_name(tbs["issuer"])
        countries = [value for part in issuer for kind, value in part if kind == _COUNTRY]
        extensions = _extensions(tbs["crl_extensions"], {AUTHORITY_KEY_ID, _CRL_NUMBER})
        key_id, number = extensions.get(AUTHORITY_KEY_ID), extensions.get(_CRL_NUMBER)
        return RevocationList(
            der=bytes(data),
            tbs=tbs.dump(),
            signature_algorithm=algorithm,
            signature=bytes(parsed["signature"]),
            issuer=issuer,
            country=countries[0].upper() if len(countries) == 1 else None,
            this_update=_time(tbs["this_update"]),
            next_update=None if isinstance(tbs["next_update"], core.Void) else _time(tbs["next_update"]),
            number=None if number is None else core.Integer.load(number, strict=True).native,
            authority_key_id=None
            if key_id is None
            else x509.AuthorityKeyIdentifier.load(key_id, strict=True)["key_identifier"].native,
            serials=_serials(tbs["revoked_certificates"], limits),
        )


def verify_revocation_list(
    revoked: RevocationList, *, signers: Iterable[Certificate], limits: Limits = IMPORT_LIMITS
) -> Certificate:
    """Verify that one of these CAs signed a list, and return it; it need not be valid any more.

    `signers` are what the State's CAs are trusted under: a list of an old key is signed with the new one. RFC 5280,
    6.3.3 (f) and (g). Raises VerificationError.
    """
    scheme = parse_signature_scheme(revoked.signature_algorithm)
    for authority in list(signers)[: limits.anchors_tried]:
        if not _may_have_listed(authority, revoked):
            continue
        try:
            parse_public_key(authority.spki, limits=limits).verify(scheme, revoked.signature, revoked.tbs)
        except (VerificationError, InputError):
            continue
        return authority
    raise VerificationError("no trusted CA of the State signed the revocation list", code="document_crl_issuer")


def _may_have_listed(authority: Certificate, revoked: RevocationList) -> bool:
    """Whether a CA of this name, of which its State is a part, may sign lists and was there when this one was made."""
    return (
        authority.subject == revoked.issuer
        and authority.is_ca is not False
        and (authority.key_usage is None or "crl_sign" in authority.key_usage)
        and not authority.has_unknown_critical
        and authority.not_before <= revoked.this_update
    )


def _serials(entries: Any, limits: Limits) -> frozenset[int]:
    """Return the serial numbers that are revoked."""
    if isinstance(entries, core.Void):
        return frozenset()
    if len(entries) > limits.revoked_certificates:
        raise ValueError("more entries than are read")
    for entry in entries:
        asn1.exact(entry)
        _extensions(entry["crl_entry_extensions"], set())
    return frozenset(entry["user_certificate"].native for entry in entries)


def _extensions(extensions: Any, known: set[str]) -> dict[str, bytes]:
    """Return object identifier -> value; a critical one that is not known makes the list unusable (RFC 5280, 5.2)."""
    found: dict[str, bytes] = {}
    for extension in () if isinstance(extensions, core.Void) else extensions:
        oid = extension["extn_id"].dotted
        if oid in found:
            raise ValueError("an extension is repeated")
        if oid in _LIMITING or (extension["critical"].native and oid not in known):
            raise InputError(f"{_WHAT} has a limit that is not understood", code="document_crl_extension")
        found[oid] = bytes(extension["extn_value"])
    return found


def _time(value: Any) -> datetime:
    """Return a point in time with its zone."""
    moment = value.native
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError("a time without zone")
    return moment
