"""A State with a Country Signing CA and a Document Signer, which issues documents."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bonafides.core.document import DocumentBundle, NumberSource, PersonalNumberRule, TrustStore
from bonafides.core.document.countries import ALPHA2
from bonafides.core.document.dg13 import STATES as DG13_STATES
from bonafides.core.document.mrz import Kind
from bonafides.testing.state.certificates import CertificateProfile, Signer, new_csca, new_signer
from bonafides.testing.state.groups import (
    encode_dg1,
    encode_dg2,
    encode_dg11,
    encode_dg13,
    encode_dg14,
    encode_dg15,
    encode_group,
)
from bonafides.testing.state.keys import Algorithm, KeyKind, KeyPair, new_key
from bonafides.testing.state.sod import build_sod
from bonafides.testing.state.zones import encode_td1, encode_td2, encode_td3

_DAY = timedelta(days=1)
_ENCODERS: dict[Kind, Callable[..., str]] = {"td1": encode_td1, "td2": encode_td2, "td3": encode_td3}


class SyntheticState:
    """A State with one Country Signing CA and one Document Signer, both valid at `now` and for ten years more."""

    def __init__(
        self, code: str = "UTO", *, now: datetime, algorithm: Algorithm | KeyKind = "ecdsa_p256", seed: int = 0
    ) -> None:
        self.code = code
        self.now = now
        self.algorithm = algorithm
        self._seed = seed
        self._issued = 0
        self.chip: KeyPair | None = None
        self.csca = new_csca(code, now=now, algorithm=algorithm)
        self.signer = self.new_signer()

    def trust_store(self) -> TrustStore:
        """Return a store that trusts this State alone."""
        return TrustStore.from_certificates([self.csca.certificate], provenance=f"synthetic State {self.code}")

    def rules(self, *, dg11: bool = False) -> dict[tuple[str, str], PersonalNumberRule]:
        """Return where this State's documents have the personal number: in the zone, or in data group 11.

        Viet Nam's cards have it in data group 13.
        """
        card = NumberSource.DG13 if self.code in DG13_STATES else NumberSource.MRZ_OPTIONAL
        td1 = NumberSource.DG11 if dg11 else card
        td3 = NumberSource.DG11 if dg11 else NumberSource.MRZ_PERSONAL
        rules = {"td1": td1, "td2": td1, "td3": td3}
        return {(self.code, kind): PersonalNumberRule(source) for kind, source in rules.items()}

    def new_signer(self, **changes: Any) -> Signer:
        """Return another Document Signer of this State's CA; `changes` are fields of its CertificateProfile."""
        start, end = self.now - 100 * _DAY, self.now + 4000 * _DAY
        profile = CertificateProfile(ALPHA2[self.code], f"{self.code} Document Signer", start, end, serial=1000)
        return new_signer(replace(profile, **changes), self.algorithm, issuer=self.csca)

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
        in data group 11 and not in the zone, which on a TD2 has room for seven characters only. `full_name` is
        "PRIMARY<<SECONDARY" with its diacritics, for data group 11; without it no document has one. `groups` are
        further data groups, signed and read; data group 2 is signed but, being a portrait, not read.
        """
        if personal_number is None:
            personal_number = self.next_number()[: 7 if kind == "td2" and not dg11 else 12]
        zone = _ENCODERS[kind](
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
        signed = {2: encode_dg2()} | read
        return DocumentBundle(
            dg1=read.pop(1),
            sod=build_sod(signed, signer or self.signer, digest_name=digest_name),
            dg11=read.pop(11, None),
            others=read,
        )

    def issue_vietnamese_card(
        self,
        *,
        birth: date,
        full_name: str = "Nguyễn Văn An",
        personal_number: str | None = None,
        issued: date | None = None,
        fields: Mapping[int, str] | None = None,
        **options: Any,
    ) -> DocumentBundle:
        """Return a card as Vietnam's: the number and the name in data group 13, the zone's number its last nine digits.

        `fields` are further ones of data group 13, by number. `options` are `issue_card`'s. All cards of a State have
        one key in the chip, `chip`.
        """
        personal_number = personal_number or self.next_number()
        family, _, given = full_name.partition(" ")
        listed = {
            1: personal_number,
            2: full_name,
            3: f"{birth:%d/%m/%Y}",
            11: f"{issued or (self.now - 50 * _DAY).date():%d/%m/%Y}",
        }
        self.chip = self.chip or new_key("ecdsa_p256")
        groups = {
            3: encode_group(3, b""),
            13: encode_dg13(listed | dict(fields or {})),
            14: encode_dg14(ecdsa_hash="sha256"),
            15: encode_dg15(self.chip.spki),
        }
        return self.issue_card(
            birth=birth,
            name=f"{family}, {given}",
            number=personal_number[-9:],
            personal_number=personal_number,
            groups=groups | dict(options.pop("groups", {})),
            **options,
        )
