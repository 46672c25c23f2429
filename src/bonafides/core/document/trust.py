"""Which Country Signing CAs are trusted, for which documents and until when (ICAO 9303-12, 5).

Trust is membership in this store, put there by an operator who says where each anchor came from; a self-signature
proves nothing. What membership means for a Document Signer is in `signer`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import TypeVar

from bonafides.core.document.certificate import Certificate, Name, parse_certificate
from bonafides.core.document.crl import RevocationList, verify_revocation_list
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One reason to trust a Country Signing CA and, in an operator's words, where it came from.

    `document_codes` restricts it to some types of document (None: any), `until` ends it. `vouched_by` is the
    fingerprint of the CA whose word it rests on (see `links`): it falls with that one. A certificate that came from
    several places has an anchor for each.
    """

    certificate: Certificate
    provenance: str
    document_codes: frozenset[str] | None = None
    until: datetime | None = None
    vouched_by: str | None = None

    @property
    def _identity(self) -> str:
        """What of an anchor decides anything, in one line."""
        codes = "*" if self.document_codes is None else ",".join(sorted(self.document_codes))
        until = "-" if self.until is None else self.until.astimezone(UTC).isoformat()
        return f"anchor {self.certificate.fingerprint} {codes} {until} {self.vouched_by or '-'}"


@dataclass(frozen=True, slots=True)
class TrustStore:
    """An unchangeable set of anchors and revocation lists.

    `version` names exactly this set, its scopes and ends included, whatever the order it was put together in.
    """

    anchors: tuple[Anchor, ...] = field(repr=False)
    revocation_lists: tuple[RevocationList, ...] = field(repr=False)
    version: str
    _index: "_Index" = field(repr=False, compare=False)

    @classmethod
    def of(cls, anchors: Iterable[Anchor]) -> "TrustStore":
        """Return the store of these anchors, each once; of two that differ in provenance alone the first stays."""
        return _store(anchors, ())

    @classmethod
    def from_certificates(
        cls, certificates: Iterable[bytes], *, provenance: str, limits: Limits = DEFAULT_LIMITS
    ) -> "TrustStore":
        """Return a store of these DER certificates, all from one source. Raises InputError."""
        return cls.of(Anchor(parse_certificate(der, limits=limits), provenance) for der in certificates)

    def with_revocation_lists(
        self, lists: Iterable[RevocationList], *, limits: Limits = DEFAULT_LIMITS
    ) -> "TrustStore":
        """Return a store that also knows who was revoked. Raises VerificationError for a list no CA here signed.

        A CA whose trust has ended may have signed it: a revocation is never forgotten for that.
        """
        added = tuple(lists)
        for each in added:
            signers = self.find(each.country, each.issuer, each.authority_key_id)
            verify_revocation_list(each, signers=[anchor.certificate for anchor in signers], limits=limits)
        return _store(self.anchors, (*self.revocation_lists, *added))

    def __or__(self, other: "TrustStore") -> "TrustStore":
        """Return the union; an anchor in both keeps the provenance it has here."""
        return _store((*self.anchors, *other.anchors), (*self.revocation_lists, *other.revocation_lists))

    def find(self, country: str | None, name: Name, key_id: bytes | None) -> list[Anchor]:
        """Return the anchors of a country that have this key identifier or this name, trusted or not any more.

        Key identifiers are shared and names re-used in practice, so either is a hint and only a signature decides.
        """
        if country is None:
            return []
        by_key = () if key_id is None else self._index.by_key.get((country, key_id), ())
        by_name = self._index.by_name.get((country, name), ())
        seen = {id(anchor) for anchor in by_key}  # comparing certificates would cost more than finding them
        return [*by_key, *(anchor for anchor in by_name if id(anchor) not in seen)]

    def issuers_of(self, certificate: Certificate, *, at: datetime) -> list[Anchor]:
        """Return the anchors of a certificate's country that it may descend from and that are trusted at `at`."""
        found = self.find(certificate.country, certificate.issuer, certificate.authority_key_id)
        return [anchor for anchor in found if self.trusts(anchor, at=at)]

    def trusts(self, anchor: Anchor, *, at: datetime, document_code: str | None = None) -> bool:
        """Whether an anchor is trusted at `at`: for documents with this code, or without one for any at all.

        One that rests on another's word is trusted when and for what that one is.
        """
        return self._trusts(anchor, at, document_code, frozenset())

    def _trusts(self, anchor: Anchor, at: datetime, code: str | None, above: frozenset[str]) -> bool:
        if anchor.until is not None and at >= anchor.until:
            return False
        if code is not None and not is_allowed_type(anchor.document_codes, code):
            return False
        if anchor.vouched_by is None:
            return True
        # Two that vouch for each other vouch for nothing.
        if anchor.vouched_by in above:
            return False
        vouchers = self._index.by_fingerprint.get(anchor.vouched_by, ())
        return any(
            self._trusts(each, at, code, above | {anchor.vouched_by})
            for each in vouchers
            if not self.is_revoked(each.certificate)
        )

    def is_revoked(self, certificate: Certificate, *names: Name) -> bool:
        """Whether a list of its issuer, or of CAs of these names, has a certificate.

        Whenever and for whatever reason: nobody can tell what was signed since.
        """
        lists = self.revocation_lists_of(certificate.country, certificate.issuer, *names)
        return any(certificate.serial in each.serials for each in lists)

    def revocation_lists_of(self, country: str | None, *names: Name) -> list[RevocationList]:
        """Return the lists that speak for CAs of these names: their own, and those of the names they took later.

        ICAO 9303-12, 7.1.4: a CA lists what it issued under all of its keys, signed with the newest.
        """
        found, pending = set(names), list(names)
        while pending:
            for successor in self._index.successors.get((country or "", pending.pop()), ()):
                if successor not in found:
                    found.add(successor)
                    pending.append(successor)
        return [each for each in self.revocation_lists if each.issuer in found]


def is_allowed_type(allowed: frozenset[str] | None, code: str) -> bool:
    """Whether types of documents include this code of a zone; a single letter includes all that start with it.

    ICAO 9303-12, 7.1.1.6; None includes any.
    """
    return allowed is None or code in allowed or code[:1] in allowed


@dataclass(frozen=True, slots=True)
class _Index:
    by_key: Mapping[tuple[str, bytes], tuple[Anchor, ...]]
    by_name: Mapping[tuple[str, Name], tuple[Anchor, ...]]
    by_fingerprint: Mapping[str, tuple[Anchor, ...]]
    successors: Mapping[tuple[str, Name], tuple[Name, ...]]


def _store(anchors: Iterable[Anchor], lists: Iterable[RevocationList]) -> TrustStore:
    """Return the store of these, each once, in an order of their own."""
    found: dict[str, Anchor] = {}
    for anchor in anchors:
        found.setdefault(anchor._identity, anchor)
    known = {f"list {sha256(each.der).hexdigest()}": each for each in lists}
    kept = tuple(found[name] for name in sorted(found))
    version = sha256("\n".join((*sorted(found), *sorted(known))).encode()).hexdigest()
    return TrustStore(kept, tuple(known[name] for name in sorted(known)), version, _index(kept))


def _index(anchors: Iterable[Anchor]) -> _Index:
    """Return the anchors by whatever they are looked up by, once for all."""
    with_country = [(anchor, anchor.certificate.country or "") for anchor in anchors]
    return _Index(
        by_key=_grouped(
            ((country, key_id), anchor)
            for anchor, country in with_country
            if (key_id := anchor.certificate.subject_key_id) is not None
        ),
        by_name=_grouped(((country, anchor.certificate.subject), anchor) for anchor, country in with_country),
        by_fingerprint=_grouped((anchor.certificate.fingerprint, anchor) for anchor, _ in with_country),
        successors=_grouped(
            ((country, anchor.certificate.issuer), anchor.certificate.subject)
            for anchor, country in with_country
            if not anchor.certificate.is_self_issued
        ),
    )


def _grouped(pairs: Iterable[tuple[_Key, _Value]]) -> Mapping[_Key, tuple[_Value, ...]]:
    found: dict[_Key, list[_Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return MappingProxyType({key: tuple(values) for key, values in found.items()})
