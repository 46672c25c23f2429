"""The whole check of a document: it is what its State signed, it is still good, and its chip is no copy.

Passive authentication (ICAO 9303-11, 5.1), and active authentication wherever the signed groups say that the chip can.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bonafides.core.document.active import verify_active_authentication
from bonafides.core.document.bundle import DocumentBundle
from bonafides.core.document.dg2 import Portrait, read_portrait
from bonafides.core.document.dg11 import parse_dg11
from bonafides.core.document.dg12 import parse_dg12
from bonafides.core.document.dg13 import STATES as DG13_STATES
from bonafides.core.document.dg13 import parse_dg13
from bonafides.core.document.findings import Finding
from bonafides.core.document.full_name import read_full_name
from bonafides.core.document.lds import parse_dg1, read_group
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.mrz import Kind, Mrz, parse_mrz
from bonafides.core.document.personal_number import (
    NumberSource,
    PersonalNumberRule,
    extract_number,
    no_personal_number,
)
from bonafides.core.document.security_infos import parse_security_infos
from bonafides.core.document.signature import WEAK_DIGESTS
from bonafides.core.document.signed_groups import SignedGroups, verify_groups
from bonafides.core.document.signer import verify_signer
from bonafides.core.document.sod import Sod, parse_sod, verify_sod
from bonafides.core.document.trust import TrustStore
from bonafides.errors import InputError, VerificationError

# What a chip has if it has nothing with which to show that it is no copy.
_CANNOT_PROVE = frozenset({Finding.CHIP_CANNOT_PROVE, Finding.CHIP_AUTHENTICATION_ONLY})


@dataclass(frozen=True, slots=True)
class VerifiedDocument:
    """What the issuing State vouches for; the repr shows nothing about the person.

    `birth` is the latest day that fits (None: unknown), `previous_number` one that the same document proves,
    `findings` what still matters about the proof. `full_name` and `portrait` are None unless they were asked for.
    """

    issuing_state: str
    kind: Kind
    personal_number: str = field(repr=False)
    previous_number: str | None = field(repr=False)
    birth: date | None = field(repr=False)
    expiry: date = field(repr=False)
    findings: frozenset[Finding]
    trust_version: str
    full_name: str | None = field(default=None, repr=False)
    portrait: Portrait | None = field(default=None, repr=False)

    @property
    def cloning_excluded(self) -> bool:
        """Whether the chip showed that it is no copy."""
        return not self.findings & _CANNOT_PROVE


def verify_document(
    *,
    bundle: DocumentBundle,
    trust: TrustStore,
    at: datetime,
    rules: Mapping[tuple[str, str], PersonalNumberRule],
    nonce: bytes | None = None,
    limits: Limits = DEFAULT_LIMITS,
    with_name: bool = False,
    with_portrait: bool = False,
) -> VerifiedDocument:
    """Verify what a wallet read from a chip, as of `at` (with a time zone), and return what its State vouches for.

    `rules` says for each (issuing State, kind of document) where the personal number is. `nonce` are the eight bytes
    that the chip was to sign, answered once; without them no chip that can sign is accepted. Only `with_name` decodes
    the holder's name, only `with_portrait` finds the picture. Raises InputError for malformed files, VerificationError
    if the document is not genuine or not good any more, PolicyError if it has no usable personal number, or no signed
    name where one was asked for.
    """
    if at.tzinfo is None:
        raise ValueError("`at` needs a time zone")
    today = at.astimezone(UTC).date()
    if sum(map(len, bundle.groups.values())) > limits.groups_bytes:
        raise InputError("the data groups are too large together", code="document_file")
    for number, data in bundle.groups.items():
        read_group(number, data, limits=limits)
    sod = parse_sod(bundle.sod, limits=limits)
    mrz = parse_mrz(parse_dg1(bundle.dg1, limits=limits), reference=today)

    groups = verify_groups(sod.security_object, bundle.groups)
    findings = _verify_signatures(sod, mrz, groups, trust=trust, at=at, limits=limits)
    if mrz.expiry < today:
        raise VerificationError("the document has expired", code="document_expired")
    findings |= _verify_chip(groups, bundle.active_authentication, nonce, limits)
    return VerifiedDocument(
        issuing_state=mrz.issuing_state,
        kind=mrz.kind,
        personal_number=_personal_number(groups, mrz, rules, limits),
        previous_number=None,
        birth=mrz.birth,
        expiry=mrz.expiry,
        findings=findings,
        trust_version=trust.version,
        full_name=_full_name(groups, mrz, limits) if with_name else None,
        portrait=_portrait(groups, limits) if with_portrait else None,
    )


def _verify_signatures(
    sod: Sod, mrz: Mrz, groups: SignedGroups, *, trust: TrustStore, at: datetime, limits: Limits
) -> frozenset[Finding]:
    """Verify SOD, signer and its CA, and that all are the issuing State's; return what is weak about it."""
    issued = verify_signer(
        sod.signer,
        trust=trust,
        issuing_state=mrz.issuing_state,
        document_code=mrz.document_code,
        issued_on=_day_of_issue(groups, mrz, limits),
        at=at,
        limits=limits,
    )
    signed = verify_sod(sod, limits=limits)
    findings = {
        Finding.WEAK_HASH: signed.is_weak or sod.security_object.digest in WEAK_DIGESTS,
        Finding.OUTLIVES_SIGNER: mrz.expiry > sod.signer.not_after.date(),
    }
    return issued.findings | {name for name, found in findings.items() if found}


def _verify_chip(
    groups: SignedGroups, signature: bytes | None, nonce: bytes | None, limits: Limits
) -> frozenset[Finding]:
    """Verify that the chip signed the nonce if its State says that it can, and say what is missing if it cannot.

    Whether it can is read from what the State signed: a reader that leaves one of these groups out hides a copy.
    """
    dg14, dg15 = groups.find(14), groups.find(15)
    if dg15 is not None:
        if signature is None or nonce is None:
            raise VerificationError("the chip can show that it is no copy and did not", code="document_chip_missing")
        chip = verify_active_authentication(dg15=dg15, dg14=dg14, nonce=nonce, signature=signature, limits=limits)
        return chip.findings
    if signature is not None:
        raise VerificationError("a signature of a chip that has no key", code="document_chip")
    if dg14 is not None and parse_security_infos(dg14, limits=limits).has_chip_authentication:
        return frozenset({Finding.CHIP_AUTHENTICATION_ONLY})
    return frozenset({Finding.CHIP_CANNOT_PROVE})


def _day_of_issue(groups: SignedGroups, mrz: Mrz, limits: Limits) -> date | None:
    """Return the day that the document says, None if it does not, or if that group was not read."""
    if 12 in groups.files:
        return parse_dg12(groups.files[12], limits=limits)
    if 13 in groups.files and mrz.issuing_state in DG13_STATES:
        return parse_dg13(groups.files[13], limits=limits).issued
    return None


def _personal_number(
    groups: SignedGroups, mrz: Mrz, rules: Mapping[tuple[str, str], PersonalNumberRule], limits: Limits
) -> str:
    """Return the number from the one place that the State's rule names."""
    rule = rules.get((mrz.issuing_state, mrz.kind))
    if rule is None:
        raise no_personal_number("there is no rule for documents of this State and kind")
    dg11_number = dg13_number = None
    if rule.source is NumberSource.DG11 and (dg11 := groups.find(11)) is not None:
        dg11_number = parse_dg11(dg11, limits=limits)
    if rule.source is NumberSource.DG13 and (dg13 := _national(groups, mrz)) is not None:
        dg13_number = parse_dg13(dg13, limits=limits).number
    return extract_number(rule, mrz=mrz, dg11_number=dg11_number, dg13_number=dg13_number)


def _full_name(groups: SignedGroups, mrz: Mrz, limits: Limits) -> str:
    """Return the holder's name from a group in which it has its diacritics."""
    return read_full_name(groups.find(11), dg13=_national(groups, mrz), limits=limits)


def _national(groups: SignedGroups, mrz: Mrz) -> bytes | None:
    """Return data group 13 of a State whose own list we can read."""
    return groups.find(13) if mrz.issuing_state in DG13_STATES else None


def _portrait(groups: SignedGroups, limits: Limits) -> Portrait:
    """Return the picture, which every document has."""
    dg2 = groups.find(2)
    if dg2 is None:
        raise VerificationError("the document has no portrait", code="document_groups_missing")
    return read_portrait(dg2, limits=limits)
