"""Bring files into the trust folder: master lists, single certificates with their links, revocation lists.

All files of an import are brought in together or none is. What nobody vouches for, the operator confirms by its
fingerprint: the root of a master list, and a certificate that comes alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from bonafides.core.document import TrustStore
from bonafides.core.document.certificate import Certificate
from bonafides.core.document.crl import RevocationList
from bonafides.core.document.limits import IMPORT_LIMITS
from bonafides.core.document.links import vouch_for
from bonafides.core.document.master_list import MasterList, Unreadable, issued_by, verify_master_list
from bonafides.core.document.trust_file import TrustFile, parse_trust_file
from bonafides.errors import PolicyError, VerificationError
from bonafides.offices.issuer.trust_folder import Entry, Index, ListEntry, Source, TrustFolder, changing

Progress = Callable[[int, int], None]
"""Told how many files of how many are written."""
Confirm = Callable[[Certificate, str], bool]
"""Whether the operator confirms a certificate by its fingerprint; told what it would be trusted for."""


@dataclass(frozen=True, slots=True)
class Request:
    """Files (name, content) to import; what the operator says of them, and further roots of master lists."""

    files: Sequence[tuple[str, bytes]]
    at: datetime
    confirm: Confirm
    roots: Sequence[Certificate] = ()
    document_codes: tuple[str, ...] | None = None
    provenance: str = ""
    progress: Progress = lambda _done, _total: None


@dataclass(slots=True)
class Summary:
    """What an import brought, one file.

    `kept_ended` are certificates that stay without trust because the operator ended it; `dropped` is how many
    certificates of the publisher's older lists this one has no more.
    """

    name: str
    kind: str
    source: str
    certificates: int = 0
    states: int = 0
    new: int = 0
    vouched: int = 0
    kept_ended: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    unreadable: tuple[Unreadable, ...] = ()
    note: str = ""


def import_files(path: Path, request: Request) -> list[Summary]:
    """Import files into the folder and return what each brought. Raises InputError, VerificationError, PolicyError,
    ConfigError; then nothing was changed.
    """
    parsed = [(name, data, parse_trust_file(data)) for name, data in request.files]
    with changing(path) as folder:
        work = _Import(folder, request)
        for kind in (MasterList, tuple, RevocationList):
            for name, data, content in parsed:
                if isinstance(content, kind):
                    work.add(name, data, content)
        work.folder.store()
        if work.folder.index != folder.index:
            work.folder.write(progress=request.progress)
    return work.summaries


class _Import:
    """The folder as it grows, before anything is written."""

    def __init__(self, folder: TrustFolder, request: Request) -> None:
        self.folder = folder
        self.summaries: list[Summary] = []
        self._request = request

    def add(self, name: str, data: bytes, content: TrustFile) -> None:
        """Add one file."""
        fingerprint = sha256(data).hexdigest()
        summary = Summary(name, "", fingerprint[:12])
        if isinstance(content, MasterList):
            self._add_master_list(content, fingerprint, summary)
        elif isinstance(content, RevocationList):
            self._add_revocation_list(content, summary)
        else:
            self._add_certificates(content, fingerprint, summary)
        self.summaries.append(summary)

    def _add_master_list(self, listed: MasterList, fingerprint: str, summary: Summary) -> None:
        root = self._root_of(listed)
        verify_master_list(listed, root=root, at=self._request.at)
        summary.kind, summary.unreadable = "master list", listed.unreadable
        index = self.folder.index
        roots = {root.fingerprint: self._request.at} | index.roots
        self._change(index.model_copy(update={"roots": roots}), [root])
        summary.dropped = self._dropped(listed, root, fingerprint[:12])
        self._enter("master_list", listed.certificates, {}, fingerprint, summary, root=root.fingerprint)

    def _root_of(self, listed: MasterList) -> Certificate:
        """Return the root that a list's signer descends from: one confirmed before, or one confirmed now."""
        index, signer = self.folder.index, listed.signed.signer
        confirmed = [self.folder.certificates[each] for each in index.roots if not self._has_ended(each)]
        for root in confirmed:
            if issued_by(signer, root):
                return root
        offered = [each for each in (*self._request.roots, *listed.signed.others) if issued_by(signer, each)]
        for root in offered:
            self._require_not_ended(root)
            if self._request.confirm(root, "the root of the master list"):
                return root
        if offered:
            raise _unconfirmed("the root of the master list")
        raise VerificationError(
            "the signer of the master list descends from no root at hand: name its certificate with --root",
            code="trust_root_missing",
        )

    def _dropped(self, listed: MasterList, root: Certificate, source_id: str) -> dict[str, int]:
        """Return for the publisher's other lists how many of their certificates this one has not."""
        index, here = self.folder.index, {each.fingerprint for each in listed.certificates}
        found: dict[str, int] = {}
        for other, source in index.sources.items():
            if source.kind != "master_list" or other == source_id or source.until is not None or source.root is None:
                continue
            if self.folder.certificates[source.root].country == root.country:
                there = {entry.certificate for entry in index.anchors if entry.source == other}
                found |= {other: len(there - here)} if there - here else {}
        return found

    def _add_certificates(self, certificates: tuple[Certificate, ...], fingerprint: str, summary: Summary) -> None:
        """Add certificates that come alone: each is vouched for, was confirmed before, or is confirmed now."""
        summary.kind = "certificates"
        for each in certificates:
            _require_authority(each)
        # The same file for other documents than before is a new decision.
        before = [each for each in self.folder.index.anchors if each.source == fingerprint[:12]]
        known = {e.certificate: e.vouched_by for e in before if e.document_codes == self._request.document_codes}
        vouched = {each.fingerprint: known[each.fingerprint] for each in certificates if each.fingerprint in known}
        pending = [each for each in certificates if each.fingerprint not in vouched]
        store = self.folder.store()
        while pending:
            anchors, pending = vouch_for(pending, trust=store, at=self._request.at)
            vouched |= {anchor.certificate.fingerprint: anchor.vouched_by for anchor in anchors}
            if not pending:
                break
            # A root before what it may vouch for.
            chosen = min(pending, key=lambda each: not each.is_self_issued)
            self._require_not_ended(chosen)
            if not self._request.confirm(chosen, "a Country Signing CA"):
                raise _unconfirmed("the certificate")
            vouched[chosen.fingerprint] = None
            pending.remove(chosen)
            store |= TrustStore.from_certificates([chosen.der], provenance="", limits=IMPORT_LIMITS)
        self._enter("certificates", certificates, vouched, fingerprint, summary)

    def _enter(
        self,
        kind: str,
        certificates: Sequence[Certificate],
        vouched: Mapping[str, str | None],
        fingerprint: str,
        summary: Summary,
        *,
        root: str | None = None,
    ) -> None:
        """Put certificates into the index under their source; what was ended stays so."""
        index, source_id = self.folder.index, fingerprint[:12]
        source = index.sources.get(source_id) or Source.model_validate(
            {
                "kind": kind,
                "name": summary.name,
                "sha256": fingerprint,
                "provenance": self._request.provenance or summary.name,
                "imported": self._request.at,
                "root": root,
            }
        )
        had = {entry.certificate for entry in index.anchors}
        entries = [
            Entry(
                certificate=each,
                source=source_id,
                document_codes=self._request.document_codes,
                vouched_by=vouched.get(each),
            )
            for each in dict.fromkeys(certificate.fingerprint for certificate in certificates)
        ]
        others = [entry for entry in index.anchors if entry.source != source_id]
        changed = {"sources": index.sources | {source_id: source}, "anchors": (*others, *entries)}
        self._change(index.model_copy(update=changed), certificates)
        summary.certificates = len(entries)
        summary.states = len({each.country for each in certificates})
        summary.new = sum(entry.certificate not in had for entry in entries)
        summary.vouched = sum(entry.vouched_by is not None for entry in entries)
        summary.kept_ended = sum(self.folder.until(entry) is not None for entry in entries)

    def _add_revocation_list(self, revoked: RevocationList, summary: Summary) -> None:
        """Add a list in the place of older ones of the same CA key; an older one changes nothing."""
        summary.kind, summary.certificates = "revocation list", len(revoked.serials)
        summary.states = 1
        self.folder.store().with_revocation_lists([revoked], limits=IMPORT_LIMITS)
        name, lists = sha256(revoked.der).hexdigest(), dict(self.folder.revocation_lists)
        rivals = {key: each for key, each in lists.items() if _same_series(each, revoked)}
        if any(_age(each) > _age(revoked) for each in rivals.values()):
            summary.note = "older than the one that is there: left out"
            return
        if name in rivals:
            return
        summary.new = 1
        index = self.folder.index
        kept = [each for each in index.revocation_lists if each.sha256 not in rivals]
        entry = ListEntry(sha256=name, name=summary.name, imported=self._request.at)
        changed = index.model_copy(update={"revocation_lists": (*kept, entry)})
        lists = {key: each for key, each in lists.items() if key not in rivals} | {name: revoked}
        self.folder = replace(self.folder, index=changed, revocation_lists=lists)

    def _change(self, index: Index, certificates: Iterable[Certificate]) -> None:
        known = dict(self.folder.certificates) | {each.fingerprint: each for each in certificates}
        self.folder = replace(self.folder, index=index, certificates=known)

    def _has_ended(self, fingerprint: str) -> bool:
        until = self.folder.index.ended.get(fingerprint)
        return until is not None and until <= self._request.at

    def _require_not_ended(self, certificate: Certificate) -> None:
        if self._has_ended(certificate.fingerprint):
            raise PolicyError(
                "trust in this certificate was ended: undo that first (bonafides trust expire --undo)",
                code="trust_ended",
            )


def _require_authority(certificate: Certificate) -> None:
    """Refuse what no CA is: a Document Signer as an anchor would vouch for nothing, and hide a mistake."""
    silent = certificate.key_usage is None
    if certificate.is_ca is False or not (silent or "key_cert_sign" in (certificate.key_usage or ())):
        raise PolicyError("the certificate is no CA's: it can be no anchor", code="trust_no_authority")
    if certificate.country is None:
        raise PolicyError("the certificate names no State: it can vouch for none", code="trust_no_authority")


def _same_series(one: RevocationList, other: RevocationList) -> bool:
    return (one.country, one.issuer, one.authority_key_id) == (other.country, other.issuer, other.authority_key_id)


def _age(revoked: RevocationList) -> tuple[datetime, int]:
    return revoked.this_update, revoked.number or 0


def _unconfirmed(what: str) -> PolicyError:
    return PolicyError(f"{what} was not confirmed: nothing was imported", code="trust_unconfirmed")
