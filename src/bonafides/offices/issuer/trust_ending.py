"""End trust in a certificate or in a whole source, from a day on, without deleting anything; and take that back."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bonafides.errors import PolicyError
from bonafides.offices.issuer.trust_folder import Index, TrustFolder, changing

MIN_PREFIX = 8


@dataclass(frozen=True, slots=True)
class Ended:
    """What was ended or taken back, and how many certificates are trusted at the given time, before and after."""

    name: str
    is_source: bool
    before: int
    after: int


def end_trust(path: Path, name: str, *, since: datetime, at: datetime) -> Ended:
    """End trust in a source, or in the CA of a certificate: in all it has or will have of that key and name.

    Raises PolicyError.
    """
    return _set(path, name, since, at)


def undo_end(path: Path, name: str, *, at: datetime) -> Ended:
    """Trust a source again, or the CA of a certificate, whichever of its certificates was ended. Raises PolicyError."""
    return _set(path, name, None, at)


def find_name(folder: TrustFolder, name: str) -> tuple[str, bool]:
    """Return the fingerprint or source that a name or the beginning of one means, and whether it is a source.

    Raises PolicyError `trust_unknown`, also if it could mean several.
    """
    wanted = name.replace(":", "").replace(" ", "").lower()
    found = [(each, True) for each in folder.index.sources if each.startswith(wanted)]
    found += [(each, False) for each in sorted(folder.certificates) if each.startswith(wanted)]
    if len(wanted) < MIN_PREFIX or not found:
        raise PolicyError(
            f"Nothing here has that fingerprint: give at least its first {MIN_PREFIX} digits.", code="trust_unknown"
        )
    if len(found) > 1:
        raise PolicyError("Several have that beginning: give more of its digits.", code="trust_unknown")
    return found[0]


def count_trusted(folder: TrustFolder, *, at: datetime) -> int:
    """Return how many certificates are trusted at a time."""
    store = folder.store()
    return len({each.certificate.fingerprint for each in store.anchors if store.trusts(each, at=at)})


def _set(path: Path, name: str, until: datetime | None, at: datetime) -> Ended:
    with changing(path) as folder:
        found, is_source = find_name(folder, name)
        changed = TrustFolder(
            folder.path,
            _with_end(folder, found, is_source, until),
            folder.certificates,
            folder.revocation_lists,
        )
        if changed.index != folder.index:
            changed.write()
    return Ended(found, is_source, count_trusted(folder, at=at), count_trusted(changed, at=at))


def _with_end(folder: TrustFolder, name: str, is_source: bool, until: datetime | None) -> Index:
    index = folder.index
    if is_source:
        source = index.sources[name].model_copy(update={"until": until})
        return index.model_copy(update={"sources": index.sources | {name: source}})
    siblings = folder.ended_siblings(folder.certificates[name])
    ended = {each: end for each, end in index.ended.items() if each not in siblings}
    return index.model_copy(update={"ended": ended if until is None else ended | {name: until}})
