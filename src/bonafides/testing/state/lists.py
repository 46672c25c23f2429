"""What a State publishes about its CAs: link certificates, revocation lists, master lists (ICAO 9303-12, 7 and 9)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, core, crl, parser, x509

from bonafides.testing.state.certificates import CertificateProfile, Signer, mint_certificate, new_signer
from bonafides.testing.state.keys import Algorithm, KeyKind
from bonafides.testing.state.sod import sign_content

_DAY = timedelta(days=1)


def mint_link(old: Signer, new: Signer, **changes: Any) -> bytes:
    """Return the certificate in which the old CA vouches for the new one's key; `changes` are fields of its profile."""
    renamed = old.profile.name != new.profile.name
    profile = replace(new.profile, serial=new.profile.serial + 100, is_name_change=renamed)
    return mint_certificate(replace(profile, **changes), new.spki, issuer=old)


def mint_revocation_list(
    authority: Signer,
    serials: Iterable[int] = (),
    *,
    now: datetime,
    next_update: datetime | None = None,
    number: int = 1,
    issuer: x509.Name | None = None,
    is_open_ended: bool = False,
    extensions: Mapping[str, tuple[bool, Any]] | None = None,
    entry_extensions: Mapping[str, tuple[bool, Any]] | None = None,
) -> bytes:
    """Return a list of revoked serial numbers, from yesterday to `next_update` (None: in 90 days), signed by the CA.

    `issuer` puts another name on it, `is_open_ended` leaves the next update out; further extensions (of the list, of
    its entries) are object identifier -> (critical, value).
    """
    entries: list[dict[str, Any]] = [
        {"user_certificate": serial, "revocation_date": x509.Time({"utc_time": now - 2 * _DAY})} for serial in serials
    ]
    if entry_extensions:
        entries = [entry | {"crl_entry_extensions": _extensions(entry_extensions)} for entry in entries]
    key_id = x509.Certificate.load(authority.certificate).key_identifier
    tbs = crl.TbsCertList(
        {
            "version": "v2",
            "signature": authority.algorithm,
            "issuer": issuer or authority.profile.name,
            "this_update": x509.Time({"utc_time": now - _DAY}),
            "crl_extensions": [
                {"extn_id": "authority_key_identifier", "critical": False, "extn_value": {"key_identifier": key_id}},
                {"extn_id": "crl_number", "critical": False, "extn_value": number},
                *_extensions(extensions or {}),
            ],
        }
        | ({} if is_open_ended else {"next_update": x509.Time({"utc_time": next_update or now + 90 * _DAY})})
        | ({"revoked_certificates": entries} if entries else {})
    )
    signed = {
        "tbs_cert_list": tbs,
        "signature_algorithm": authority.algorithm,
        "signature": authority.sign(tbs.dump()),
    }
    return bytes(crl.CertificateList(signed).dump())


def new_list_signer(
    authority: Signer, *, now: datetime, algorithm: Algorithm | KeyKind = "ecdsa_p256", **changes: Any
) -> Signer:
    """Return a Master List Signer of this CA; `changes` are fields of its CertificateProfile."""
    profile = CertificateProfile(
        authority.profile.country,
        "Master List Signer",
        now - 30 * _DAY,
        now + 300 * _DAY,
        serial=2000,
        extended_key_usage="2.23.136.1.1.3",
    )
    return new_signer(replace(profile, **changes), algorithm, issuer=authority)


def sign_master_list(
    certificates: Iterable[bytes],
    signer: Signer,
    *,
    embedded: Iterable[bytes] = (),
    version: int = 0,
    content_type: str = "2.23.136.1.1.2",
) -> bytes:
    """Return a master list of these certificates (DER); `embedded` ones come beside the signer's. ICAO 9303-12, 9."""
    listed = parser.emit(0, 1, 17, b"".join(sorted(certificates)))
    content = parser.emit(0, 1, 16, core.Integer(version).dump() + listed)
    signed = sign_content(content, signer, content_type=content_type)
    for der in embedded:
        signed["certificates"].append(cms.CertificateChoices({"certificate": x509.Certificate.load(der)}))
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def _extensions(extensions: Mapping[str, tuple[bool, Any]]) -> list[dict[str, Any]]:
    return [
        {"extn_id": oid, "critical": critical, "extn_value": core.ParsableOctetString(value.dump())}
        for oid, (critical, value) in extensions.items()
    ]
