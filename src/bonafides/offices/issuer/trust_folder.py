"""The folder in which an operator's trust lies: one index, and the certificates and revocation lists it names.

    index.json                     what is trusted, where it came from, until when
    certificates/<SHA-256>.der     files that never change, named by what they hold
    lists/<SHA-256>.crl

The index is replaced in one step after everything it names is written, so that a crash leaves the old trust or the new.
Nothing is deleted: trust ends by a date in the index.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bonafides.core.document import TrustStore
from bonafides.core.document.certificate import Certificate, parse_certificate
from bonafides.core.document.crl import RevocationList, parse_revocation_list
from bonafides.core.document.limits import IMPORT_LIMITS
from bonafides.core.document.trust import Anchor
from bonafides.errors import ConfigError, Error
from bonafides.kit.files import sync_folder, write_atomically

INDEX_FILE = "index.json"
MAX_INDEX_BYTES = 64 * 1024 * 1024
_MODE = 0o644

Fingerprint = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Record):
    """One imported file: its name and hash, what the operator said of it, who signed it, until when it counts."""

    kind: Literal["master_list", "certificates"]
    name: str
    sha256: Fingerprint
    provenance: str
    imported: AwareDatetime
    root: Fingerprint | None = None
    until: AwareDatetime | None = None


class Entry(_Record):
    """One reason to trust a certificate: the source it came in, for which documents, and who vouches for it."""

    certificate: Fingerprint
    source: str
    document_codes: tuple[str, ...] | None = None
    vouched_by: Fingerprint | None = None


class ListEntry(_Record):
    """One revocation list."""

    sha256: Fingerprint
    name: str
    imported: AwareDatetime


class Index(_Record):
    """Everything that is decided about trust.

    `ended` ends trust in a CA, named by one of its certificates, whatever source it came from or will come from.
    `roots` are those whose fingerprint the operator confirmed for master lists, with the day.
    """

    format: Literal[1] = 1
    sources: dict[str, Source] = {}
    anchors: tuple[Entry, ...] = ()
    revocation_lists: tuple[ListEntry, ...] = ()
    roots: dict[Fingerprint, AwareDatetime] = {}
    ended: dict[Fingerprint, AwareDatetime] = {}


@dataclass(frozen=True, slots=True)
class TrustFolder:
    """The folder as it was read: its index, and by fingerprint the certificates and lists that the index names."""

    path: Path
    index: Index
    certificates: Mapping[str, Certificate]
    revocation_lists: Mapping[str, RevocationList]

    def until(self, entry: Entry) -> datetime | None:
        """Return when trust in an entry ends of itself: with its source, or with its certificate."""
        ends = (self.index.sources[entry.source].until, self.ended(self.certificates[entry.certificate]))
        return min((end for end in ends if end is not None), default=None)

    def ended(self, certificate: Certificate) -> datetime | None:
        """Return when the operator ends trust in the CA that a certificate is of, if at all."""
        return min((self.index.ended[each] for each in self.ended_siblings(certificate)), default=None)

    def ended_siblings(self, certificate: Certificate) -> list[str]:
        """Return what names the end of a CA: the fingerprints of ended certificates of its key and name.

        A link, the CA's own certificate and either one with its signature spelt anew are all one CA.
        """
        known = ((name, self.certificates[name]) for name in self.index.ended)
        return [name for name, each in known if (each.spki, each.subject) == (certificate.spki, certificate.subject)]

    def anchor(self, entry: Entry) -> Anchor:
        """Return an entry as the trust store has it."""
        codes = None if entry.document_codes is None else frozenset(entry.document_codes)
        source = self.index.sources[entry.source]
        return Anchor(
            self.certificates[entry.certificate], source.provenance, codes, self.until(entry), entry.vouched_by
        )

    def store(self) -> TrustStore:
        """Return the trust store of this folder. Raises VerificationError if a revocation list is no trusted CA's."""
        store = TrustStore.of(self.anchor(entry) for entry in self.index.anchors)
        return store.with_revocation_lists(self.revocation_lists.values(), limits=IMPORT_LIMITS)

    def write(self, *, progress: Callable[[int, int], None] = lambda _done, _total: None) -> None:
        """Write what is new, and then the index. Raises ConfigError."""
        files = self._files()
        try:
            for folder in {path.parent for path in files}:
                folder.mkdir(parents=True, exist_ok=True)
            for done, (path, data) in enumerate(files.items(), start=1):
                if not path.exists():
                    write_atomically(path, data, mode=_MODE, sync_name=False)
                progress(done, len(files))
            for folder in (*{path.parent for path in files}, self.path):
                sync_folder(folder)
            text = self.index.model_dump_json(indent=1, exclude_defaults=True)
            write_atomically(self.path / INDEX_FILE, text.encode() + b"\n", mode=_MODE)
        except OSError as error:
            message = f"The trust folder {self.path} cannot be written ({error.strerror}): let us own it."
            raise ConfigError(message) from None

    def _files(self) -> dict[Path, bytes]:
        return {_certificate(self.path, name): each.der for name, each in self.certificates.items()} | {
            _list(self.path, name): each.der for name, each in self.revocation_lists.items()
        }


def read_folder(path: Path) -> TrustFolder:
    """Return the folder's content; without an index it is empty. Raises ConfigError if anything was changed by hand."""
    index = _read_index(path / INDEX_FILE)
    named = {entry.certificate for entry in index.anchors} | index.roots.keys() | index.ended.keys()
    try:
        certificates = {
            each: parse_certificate(_read(_certificate(path, each), each), limits=IMPORT_LIMITS) for each in named
        }
        lists = {
            each.sha256: parse_revocation_list(_read(_list(path, each.sha256), each.sha256))
            for each in index.revocation_lists
        }
    except (Error, OSError):
        raise ConfigError(
            f"A file that {path / INDEX_FILE} names is missing or was changed: restore the folder from its copy."
        ) from None
    return TrustFolder(path, index, certificates, lists)


def load_trust(path: Path) -> TrustStore:
    """Return the trust store that an issuer starts with. Raises ConfigError in a sentence that says what to do."""
    folder = read_folder(path)
    if not folder.index.anchors:
        raise ConfigError(f"Nothing is trusted in {path}: import the State's certificates (bonafides trust import).")
    try:
        return folder.store()
    except Error:
        raise ConfigError(
            f"A revocation list in {path} is no trusted CA's: restore the folder from its copy."
        ) from None


@contextmanager
def changing(path: Path) -> Iterator[TrustFolder]:
    """Give the folder's content to who will change it, nobody else at the same time. Raises ConfigError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigError(f"The trust folder {path} cannot be written ({error.strerror}): let us own it.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield read_folder(path)
    finally:
        os.close(descriptor)


def _read_index(path: Path) -> Index:
    try:
        if path.stat().st_size > MAX_INDEX_BYTES:
            raise ConfigError(f"The trust index {path} is too large: restore it from its copy.")
        index = Index.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Index()
    except OSError as error:
        raise ConfigError(f"The trust index {path} cannot be read ({error.strerror}): let us own it.") from None
    except ValidationError:
        raise ConfigError(f"The trust index {path} is not what we wrote: restore it from its copy.") from None
    if any(entry.source not in index.sources for entry in index.anchors):
        raise ConfigError(f"The trust index {path} is not what we wrote: restore it from its copy.")
    return index


def _read(path: Path, fingerprint: str) -> bytes:
    """Return a file that holds what its name says. Raises OSError."""
    data = path.read_bytes()
    if sha256(data).hexdigest() != fingerprint:
        raise OSError("another content than its name says")
    return data


def _certificate(path: Path, fingerprint: str) -> Path:
    return path / "certificates" / f"{fingerprint}.der"


def _list(path: Path, fingerprint: str) -> Path:
    return path / "lists" / f"{fingerprint}.crl"
