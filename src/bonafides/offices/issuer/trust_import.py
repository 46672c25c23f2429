"""Bring files into the trust folder: master lists, single certificates with their links, revocation lists.

All files of an import are brought in together or none is. What nobody vouches for, the operator confirms by its
fingerprint: the root of a master list, and a certificate that comes alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

from bonafides.core.document.certificate import Certificate
from bonafides.core.document.crl import RevocationList
from bonafides.core.document.limits import IMPORT_LIMITS
from bonafides.core.document.master_list import MasterList, Unreadable, issued_by, verify_master_list
from bonafides.core.document.trust_file import TrustFile, parse_trust_file
from bonafides.errors import InputError, PolicyError, VerificationError
from bonafides.offices.issuer.trust_confirming import Confirm, settle, unconfirmed
from bonafides.offices.issuer.trust_folder import Entry, Index, ListEntry, Source, TrustFolder, changing

Content = TypeVar("Content")
Progress = Callable[[int, int], None]
"""Told how many files of how many are written."""


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


@dataclass(frozen=True, slots=True)
class _File(Generic[Content]):
    name: str
    fingerprint: str
    content: Content

    @property
    def source(self) -> str:
        """The short name of the file in the index."""
        return self.fingerprint[:12]


def import_files(path: Path, request: Request) -> list[Summary]:
    """Import files into the folder and return what each brought. Raises InputError, VerificationError, PolicyError,
    ConfigError; then nothing was changed.
    """
    files = [_File(name, sha256(data).hexdigest(), _parsed(name, data)) for name, data in request.files]
    with changing(path) as folder:
        work = _Import(folder, request)
        # What may vouch comes before what it vouches for.
        work.add_master_lists(_only(MasterList, files))
        work.add_certificates(_only(tuple, files))
        work.add_revocation_lists(_only(RevocationList, files))
        work.require_publishers()
        if work.folder.index != folder.index:
            work.folder.write(progress=request.progress)
    return work.summaries


def _parsed(name: str, data: bytes) -> TrustFile:
    """Return what is in a file; an error says in which."""
    try:
        return parse_trust_file(data)
    except InputError as error:
        raise InputError(f"{name} is nothing that can be trusted: {error}", code=error.code) from None


class _Import:
    """The folder as it grows, before anything is written."""

    def __init__(self, folder: TrustFolder, request: Request) -> None:
        self.folder = folder
        self.summaries: list[Summary] = []
        self._request = request
        self._publishers: list[tuple[Certificate, Certificate]] = []

    def add_master_lists(self, files: Iterable[_File[MasterList]]) -> None:
        """Add lists whose signers descend from confirmed roots."""
        for file in files:
            listed = file.content
            root = self._root_of(listed)
            verify_master_list(listed, root=root, at=self._request.at)
            self._publishers.append((listed.signed.signer, root))
            self.require_publishers()
            index = self.folder.index
            roots = {root.fingerprint: self._request.at} | index.roots
            self._change(index.model_copy(update={"roots": roots}), [root])
            dropped = self._dropped(listed, root, file.source)
            summary = self._enter("master_list", file, listed.certificates, root=root.fingerprint)
            summary.dropped, summary.unreadable = dropped, listed.unreadable

    def require_publishers(self) -> None:
        """Refuse master lists of who was revoked; asked again at the end, since lists of the revoked come last."""
        trust = self.folder.store()
        if any(trust.is_revoked(each) for pair in self._publishers for each in pair):
            raise VerificationError("the signer of the master list was revoked", code="document_revoked")

    def _root_of(self, listed: MasterList) -> Certificate:
        """Return the root that a list's signer descends from: one confirmed before, or one confirmed now."""
        index, signer = self.folder.index, listed.signed.signer
        known = [self.folder.certificates[each] for each in index.roots]
        confirmed = [each for each in known if not self._has_ended(each)]
        for root in confirmed:
            if issued_by(signer, root):
                return root
        offered = [each for each in (*self._request.roots, *listed.signed.others) if issued_by(signer, each)]
        for root in offered:
            self._require_not_ended(root)
            if self._request.confirm(root, "the root of the master list"):
                return root
        if offered:
            raise unconfirmed("the root of the master list")
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

    def add_certificates(self, files: Sequence[_File[tuple[Certificate, ...]]]) -> None:
        """Add certificates that come alone: vouched for, confirmed before, or confirmed now."""
        vouched, pending = dict[str, str | None](), list[Certificate]()
        for file in files:
            # The same file for other documents than before is a new decision.
            entries = [each for each in self.folder.index.anchors if each.source == file.source]
            known = {e.certificate: e.vouched_by for e in entries if e.document_codes == self._request.document_codes}
            vouched |= known
            pending += [each for each in file.content if each.fingerprint not in known]
        vouched |= settle(pending, trust=self.folder.store(), at=self._request.at, confirm=self._confirm)
        for file in files:
            self._enter("certificates", file, file.content, vouched=vouched)

    def _confirm(self, certificate: Certificate, what: str) -> bool:
        self._require_not_ended(certificate)
        return self._request.confirm(certificate, what)

    def _enter(
        self,
        kind: Literal["master_list", "certificates"],
        file: _File[Any],
        certificates: Sequence[Certificate],
        *,
        vouched: Mapping[str, str | None] = MappingProxyType({}),
        root: str | None = None,
    ) -> Summary:
        """Put certificates into the index under their source; what was ended stays so."""
        index = self.folder.index
        source = index.sources.get(file.source) or Source(
            kind=kind,
            name=file.name,
            sha256=file.fingerprint,
            provenance=self._request.provenance or file.name,
            imported=self._request.at,
            root=root,
        )
        had = {entry.certificate for entry in index.anchors}
        entries = [
            Entry(
                certificate=each,
                source=file.source,
                document_codes=self._request.document_codes,
                vouched_by=vouched.get(each),
            )
            for each in dict.fromkeys(certificate.fingerprint for certificate in certificates)
        ]
        others = [entry for entry in index.anchors if entry.source != file.source]
        changed = {"sources": index.sources | {file.source: source}, "anchors": (*others, *entries)}
        self._change(index.model_copy(update=changed), certificates)
        summary = Summary(
            name=file.name,
            kind=kind.replace("_", " "),
            source=file.source,
            certificates=len(entries),
            states=len({each.country for each in certificates}),
            new=sum(entry.certificate not in had for entry in entries),
            vouched=sum(entry.vouched_by is not None for entry in entries),
            kept_ended=sum(self.folder.until(entry) is not None for entry in entries),
        )
        self.summaries.append(summary)
        return summary

    def add_revocation_lists(self, files: Iterable[_File[RevocationList]]) -> None:
        """Add lists that a trusted CA signed."""
        for file in files:
            revoked = file.content
            summary = Summary(file.name, "revocation list", file.source, len(revoked.serials), states=1)
            self._add_revocation_list(file.name, revoked, summary)
            self.summaries.append(summary)

    def _add_revocation_list(self, file_name: str, revoked: RevocationList, summary: Summary) -> None:
        """Add a list in the place of older ones of the same CA key; an older one changes nothing."""
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
        entry = ListEntry(sha256=name, name=file_name, imported=self._request.at)
        changed = index.model_copy(update={"revocation_lists": (*kept, entry)})
        lists = {key: each for key, each in lists.items() if key not in rivals} | {name: revoked}
        self.folder = replace(self.folder, index=changed, revocation_lists=lists)

    def _change(self, index: Index, certificates: Iterable[Certificate]) -> None:
        known = dict(self.folder.certificates) | {each.fingerprint: each for each in certificates}
        self.folder = replace(self.folder, index=index, certificates=known)

    def _has_ended(self, certificate: Certificate) -> bool:
        until = self.folder.ended(certificate)
        return until is not None and until <= self._request.at

    def _require_not_ended(self, certificate: Certificate) -> None:
        if self._has_ended(certificate):
            raise PolicyError(
                "trust in this certificate was ended: undo that first (bonafides trust expire --undo)",
                code="trust_ended",
            )


def _only(kind: type[Content], files: Iterable[_File[Any]]) -> list[_File[Content]]:
    return [each for each in files if isinstance(each.content, kind)]


def _same_series(one: RevocationList, other: RevocationList) -> bool:
    return (one.country, one.issuer, one.authority_key_id) == (other.country, other.issuer, other.authority_key_id)


def _age(revoked: RevocationList) -> tuple[datetime, int]:
    return revoked.this_update, revoked.number or 0
