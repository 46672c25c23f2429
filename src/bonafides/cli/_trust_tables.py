"""Trust as a person reads it: a table of certificates by State, one of sources, and one certificate in full."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bonafides.core.document.certificate import Certificate
from bonafides.core.document.crl import RevocationList
from bonafides.core.document.description import Description, describe, printable
from bonafides.core.document.trust import Anchor, TrustStore, is_allowed_type
from bonafides.offices.issuer.trust_folder import Entry, TrustFolder

SHORT = 16
_NAME_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One certificate with every entry of the index that speaks for it."""

    certificate: Certificate
    described: Description
    entries: tuple[Entry, ...]
    anchors: tuple[Anchor, ...]
    is_trusted: bool
    revocation: str

    @property
    def documents(self) -> str:
        """Which types of documents it is trusted for, by any of its sources."""
        codes = [entry.document_codes for entry in self.entries]
        return "any" if None in codes else " ".join(sorted({code for each in codes for code in each or ()}))

    @property
    def state(self) -> str:
        """Whether it is trusted, in one word."""
        return "yes" if self.is_trusted else "ended"


def is_for(entry: Entry, code: str) -> bool:
    """Whether an entry counts for documents with this code."""
    return is_allowed_type(None if entry.document_codes is None else frozenset(entry.document_codes), code.upper())


def as_json(row: Row) -> dict[str, object]:
    """Return a certificate for programs."""
    period = row.certificate.usage_period
    return {
        "fingerprint": row.certificate.fingerprint,
        "state": row.certificate.country,
        "subject": row.described.subject,
        "key": row.described.key,
        "not_before": row.certificate.not_before.isoformat(),
        "not_after": row.certificate.not_after.isoformat(),
        "usage_ends": None if period is None or period.not_after is None else period.not_after.isoformat(),
        "trusted": row.is_trusted,
        "revocation_list": row.revocation,
        "sources": [
            {"source": each.source, "documents": each.document_codes, "vouched_by": each.vouched_by}
            for each in row.entries
        ],
    }


def rows(folder: TrustFolder, *, at: datetime) -> list[Row]:
    """Return a row for every certificate, by State, then by when it began."""
    store, found = folder.store(), dict[str, list[Entry]]()
    for entry in folder.index.anchors:
        found.setdefault(entry.certificate, []).append(entry)
    made = [_row(folder.certificates[name], entries, folder, store, at) for name, entries in found.items()]
    return sorted(
        made, key=lambda row: (row.certificate.country or "", row.certificate.not_before, row.certificate.der)
    )


def _row(certificate: Certificate, entries: list[Entry], folder: TrustFolder, store: TrustStore, at: datetime) -> Row:
    anchors = tuple(folder.anchor(entry) for entry in entries)
    trusted = any(store.trusts(anchor, at=at) for anchor in anchors)
    lists = store.revocation_lists_of(certificate.country, certificate.subject)
    own = store.revocation_lists_of(certificate.country, certificate.issuer)
    if any(certificate.serial in each.serials for each in own):
        said = "REVOKED"
    elif not lists:
        said = "no list"
    else:
        said = "current" if any(each.is_current(at) for each in lists) else "out of date"
    return Row(certificate, describe(certificate), tuple(entries), anchors, trusted, said)


def certificate_table(listed: Sequence[Row]) -> str:
    """Return certificates as a table, one a line."""
    head = ("State", "CA", "Fingerprint", "Valid", "Documents", "Trusted", "Revocation list")
    body = [
        (
            row.certificate.country or "??",
            row.described.common_name[:_NAME_WIDTH],
            row.certificate.fingerprint[:SHORT],
            f"{row.certificate.not_before:%Y-%m-%d} to {row.certificate.not_after:%Y-%m-%d}",
            row.documents,
            row.state,
            row.revocation,
        )
        for row in listed
    ]
    return table(head, body)


def source_table(folder: TrustFolder) -> str:
    """Return the imported files as a table: what each brought and until when it counts."""
    head = ("Source", "Kind", "Imported", "Certificates", "States", "Counts until", "Name", "Where from")
    body = []
    for name, source in sorted(folder.index.sources.items(), key=lambda pair: pair[1].imported):
        brought = [folder.certificates[each.certificate] for each in folder.index.anchors if each.source == name]
        body.append(
            (
                name,
                source.kind.replace("_", " "),
                f"{source.imported:%Y-%m-%d}",
                str(len(brought)),
                str(len({each.country for each in brought})),
                f"{source.until:%Y-%m-%d}" if source.until else "—",
                printable(source.name),
                printable(source.provenance),
            )
        )
    return table(head, body)


def state_table(listed: Sequence[Row]) -> str:
    """Return how many CAs each State has, how many of them are trusted, and whether lists of the revoked are there."""
    states: dict[str, list[Row]] = {}
    for row in listed:
        states.setdefault(row.certificate.country or "??", []).append(row)
    body = [
        (
            state,
            str(len(each)),
            str(sum(row.is_trusted for row in each)),
            ", ".join(sorted({row.revocation for row in each})),
        )
        for state, each in sorted(states.items())
    ]
    return table(("State", "CAs", "Trusted", "Revocation lists"), body)


def certificate_page(row: Row, folder: TrustFolder, *, at: datetime) -> str:
    """Return one certificate in full: names, key, validity, usage, where it came from, what is known of revocation."""
    certificate, period = row.certificate, row.certificate.usage_period
    store = folder.store()
    lines = [
        ("State", certificate.country or "??"),
        ("CA", row.described.subject),
        ("Issued by", "itself" if certificate.is_self_issued else row.described.issuer),
        ("Fingerprint", certificate.fingerprint),
        ("Serial number", f"{certificate.serial:x}"),
        ("Valid", f"{_day(certificate.not_before)} to {_day(certificate.not_after)}"),
        ("Key in use", "not said" if period is None else f"{_day(period.not_before)} to {_day(period.not_after)}"),
        ("Key", row.described.key),
        ("Signed with", row.described.signature),
        ("Trusted", "yes" if row.is_trusted else "no: trust has ended"),
    ]
    ended = folder.ended(certificate)
    if ended is not None:
        lines.append(("Trust ends", _day(ended)))
    if certificate.fingerprint in folder.index.roots:
        lines.append(("Confirmed", f"as a root of master lists, {_day(folder.index.roots[certificate.fingerprint])}"))
    for entry in row.entries:
        lines.append(("Came in", _provenance(entry, folder)))
    lists = store.revocation_lists_of(certificate.country, certificate.subject)
    lines += [("Revocation", _list_line(each, at)) for each in lists] or [("Revocation", "no list is here")]
    if row.revocation == "REVOKED":
        lines.append(("Revocation", "THIS CERTIFICATE IS ON A LIST"))
    return "\n".join(f"{name + ':':<15}{text}" for name, text in lines)


def _provenance(entry: Entry, folder: TrustFolder) -> str:
    source = folder.index.sources[entry.source]
    text = f"{printable(source.name)} ({entry.source}), {_day(source.imported)}"
    if source.provenance != source.name:
        text += f", {printable(source.provenance)}"
    if source.root is not None:
        text += f"; list under root {source.root[:SHORT]}"
    if entry.vouched_by is not None:
        text += f"; vouched for by {entry.vouched_by[:SHORT]} (link)"
    if entry.document_codes is not None:
        text += f"; for documents {' '.join(entry.document_codes)} only"
    return text + (f"; counts until {_day(source.until)}" if source.until else "")


def _list_line(each: RevocationList, at: datetime) -> str:
    state = "current" if each.is_current(at) else "OUT OF DATE"
    return f"list of {_day(each.this_update)}, next {_day(each.next_update)} ({state}), {len(each.serials)} revoked"


def _day(moment: datetime | None) -> str:
    return "open" if moment is None else f"{moment:%Y-%m-%d}"


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return columns as wide as what is in them, the head underlined; the last column is not padded."""
    lines = [tuple(head), *map(tuple, body)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
