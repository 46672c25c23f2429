"""Passive authentication: a document is what its State signed, and it is still good (ICAO 9303-11, 5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bonafides.core.document.bundle import DocumentBundle
from bonafides.core.document.findings import Finding
from bonafides.core.document.full_name import read_full_name
from bonafides.core.document.lds import parse_dg1, parse_dg11, read_group
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.mrz import Kind, Mrz, parse_mrz
from bonafides.core.document.personal_number import (
    NumberSource,
    PersonalNumberRule,
    extract_number,
    no_personal_number,
)
from bonafides.core.document.security_object import SecurityObject
from bonafides.core.document.signature import WEAK_DIGESTS, digest
from bonafides.core.document.signer import verify_signer
from bonafides.core.document.sod import Sod, parse_sod, verify_sod
from bonafides.core.document.trust import TrustStore
from bonafides.errors import InputError, VerificationError

# Data groups that exclude cloning (chip and active authentication): a reader that leaves them out hides a copy.
_ANTI_CLONING_GROUPS = frozenset({14, 15})


@dataclass(frozen=True, slots=True)
class VerifiedDocument:
    """What the issuing State vouches for; the repr shows nothing about the person.

    `birth` is the latest day that fits (None: unknown), `previous_number` one that the same document proves,
    `findings` what is weak about the proof. `full_name` is None unless it was asked for.
    """

    issuing_state: str
    kind: Kind
    personal_number: str = field(repr=False)
    previous_number: str | None = field(repr=False)
    birth: date | None = field(repr=False)
    expiry: date = field(repr=False)
    findings: frozenset[Finding]
    cloning_excluded: bool
    trust_version: str
    full_name: str | None = field(default=None, repr=False)


def verify_document(
    *,
    bundle: DocumentBundle,
    trust: TrustStore,
    at: datetime,
    rules: Mapping[tuple[str, str], PersonalNumberRule],
    limits: Limits = DEFAULT_LIMITS,
    with_name: bool = False,
) -> VerifiedDocument:
    """Verify what a wallet read from a chip, as of `at` (with a time zone), and return what its State vouches for.

    `rules` says for each (issuing State, "td1" or "td3") where the personal number is. Only `with_name` decodes the
    holder's name. Raises InputError for malformed files, VerificationError if the document is not genuine or not good
    any more, PolicyError if it has no usable personal number, or no signed name where one was asked for.
    """
    if at.tzinfo is None:
        raise ValueError("`at` needs a time zone")
    today = at.astimezone(UTC).date()
    groups = bundle.groups
    if sum(map(len, groups.values())) > limits.groups_bytes:
        raise InputError("the data groups are too large together", code="document_file")
    for number, data in groups.items():
        read_group(number, data, limits=limits)
    sod = parse_sod(bundle.sod, limits=limits)
    mrz = parse_mrz(parse_dg1(bundle.dg1, limits=limits), reference=today)

    findings = _verify_signatures(sod, mrz, trust=trust, at=at, limits=limits)
    _verify_groups(sod.security_object, groups)
    if mrz.expiry < today:
        raise VerificationError("the document has expired", code="document_expired")
    return VerifiedDocument(
        issuing_state=mrz.issuing_state,
        kind=mrz.kind,
        personal_number=_personal_number(bundle, sod.security_object, mrz, rules, limits),
        previous_number=None,
        birth=mrz.birth,
        expiry=mrz.expiry,
        findings=findings,
        cloning_excluded=False,
        trust_version=trust.version,
        full_name=_full_name(bundle, sod.security_object, limits) if with_name else None,
    )


def _verify_signatures(sod: Sod, mrz: Mrz, *, trust: TrustStore, at: datetime, limits: Limits) -> frozenset[Finding]:
    """Verify SOD, signer and its CA, and that all are the issuing State's; return what is weak about it."""
    issued = verify_signer(
        sod.signer,
        trust=trust,
        issuing_state=mrz.issuing_state,
        document_code=mrz.document_code,
        issued_on=None,
        at=at,
        limits=limits,
    )
    signed = verify_sod(sod, limits=limits)
    findings = {
        Finding.WEAK_HASH: signed.is_weak or sod.security_object.digest in WEAK_DIGESTS,
        Finding.OUTLIVES_SIGNER: mrz.expiry > sod.signer.not_after.date(),
    }
    return issued.findings | {name for name, found in findings.items() if found}


def _verify_groups(signed: SecurityObject, groups: Mapping[int, bytes]) -> None:
    """Verify that every group presented is the one that was signed, and none that tells copies apart was left out."""
    if not groups.keys() <= signed.group_hashes.keys():
        raise VerificationError("a data group was added that the State did not sign", code="document_injected_group")
    for number, data in groups.items():
        if digest(signed.digest, data) != signed.group_hashes[number]:
            raise VerificationError("a data group is not the one the State signed", code="document_hash")
    if _ANTI_CLONING_GROUPS & signed.group_hashes.keys() - groups.keys():
        raise _missing_groups()


def _personal_number(
    bundle: DocumentBundle,
    signed: SecurityObject,
    mrz: Mrz,
    rules: Mapping[tuple[str, str], PersonalNumberRule],
    limits: Limits,
) -> str:
    """Return the number from the one place that the State's rule names."""
    rule = rules.get((mrz.issuing_state, mrz.kind))
    if rule is None:
        raise no_personal_number("there is no rule for documents of this State and kind")
    dg11_number = None
    if rule.source is NumberSource.DG11:
        if bundle.dg11 is None and 11 in signed.group_hashes:
            raise _missing_groups()
        dg11_number = None if bundle.dg11 is None else parse_dg11(bundle.dg11, limits=limits)
    return extract_number(rule, mrz=mrz, dg11_number=dg11_number)


def _full_name(bundle: DocumentBundle, signed: SecurityObject, limits: Limits) -> str:
    """Return the holder's name from data group 11, the one place where it has its diacritics."""
    if bundle.dg11 is None and 11 in signed.group_hashes:
        raise _missing_groups()
    return read_full_name(bundle.dg11, limits=limits)


def _missing_groups() -> VerificationError:
    return VerificationError("a data group that is needed was not read", code="document_groups_missing")
