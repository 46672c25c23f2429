"""Whom an issuer trusts to sign documents: import lists and certificates, look at them, end trust."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bonafides.cli import _trust_tables as tables
from bonafides.core.document.certificate import Certificate
from bonafides.core.document.description import describe, printable
from bonafides.core.document.limits import IMPORT_LIMITS
from bonafides.core.document.trust_file import parse_trust_file
from bonafides.errors import ConfigError, InputError, PolicyError
from bonafides.kit.clock import Clock, SystemClock
from bonafides.offices.issuer import setup
from bonafides.offices.issuer.settings import IssuerSettings
from bonafides.offices.issuer.trust_confirming import Confirm
from bonafides.offices.issuer.trust_ending import end_trust, find_name, undo_end
from bonafides.offices.issuer.trust_folder import read_folder
from bonafides.offices.issuer.trust_import import Request, Summary, import_files

app = typer.Typer(no_args_is_help=True, add_completion=False)

SettingsFile = Annotated[
    Path, typer.Option("--settings", envvar="BONAFIDES_ISSUER_SETTINGS", help="The issuer's settings file (TOML).")
]
Folder = Annotated[
    Path | None, typer.Option("--folder", help="A trust folder, instead of the one that the settings name.")
]
DEFAULT = Path("issuer.toml")


@app.command("import")
def import_command(
    files: Annotated[list[Path], typer.Argument(help="Master lists, certificates, revocation lists (DER or PEM).")],
    root: Annotated[list[Path] | None, typer.Option(help="Root certificate of a master list; may be repeated.")] = None,
    confirm: Annotated[
        list[str] | None, typer.Option(help="SHA-256 fingerprint that you compared with its publisher's.")
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option("--for", help="Trust it for these documents only: P, I, ID …; may be repeated.")
    ] = None,
    provenance: Annotated[str, typer.Option(help="Where you have it from, in your words.")] = "",
    settings: SettingsFile = DEFAULT,
    folder: Folder = None,
) -> None:
    """Import files, all or none. What nobody vouches for you confirm by its fingerprint. Then restart the issuer."""
    path, clock = _place(settings, folder)
    roots = [each for file in root or () for each in _certificates(file)]
    said = _fingerprints(confirm or [])
    request = Request(
        files=[(file.name, _read(file)) for file in files],
        at=clock.now(),
        confirm=_confirmation(said),
        roots=roots,
        document_codes=_document_codes(document),
        provenance=provenance,
        progress=_progress,
    )
    for summary in import_files(path, request):
        _print_summary(summary)


@app.command("list")
def list_command(
    state: Annotated[str | None, typer.Option(help="Only this State (two letters).")] = None,
    source: Annotated[str | None, typer.Option(help="Only what came in this source.")] = None,
    document: Annotated[str | None, typer.Option("--for", help="Only CAs of this type of document: P, I, …")] = None,
    ended: Annotated[bool, typer.Option("--ended", help="Only those that are not trusted any more.")] = False,
    by: Annotated[str, typer.Option(help="One line a: ca, state, source.")] = "ca",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, every certificate.")] = False,
    settings: SettingsFile = DEFAULT,
    folder: Folder = None,
) -> None:
    """List the trusted CAs by State; with --by state or --by source in short."""
    if by not in ("ca", "state", "source"):
        raise ConfigError("Write --by ca, --by state or --by source.")
    path, clock = _place(settings, folder)
    content, now = read_folder(path), clock.now()
    chosen = [
        row
        for row in tables.rows(content, at=now)
        if (state is None or row.certificate.country == state.upper())
        and (source is None or any(entry.source.startswith(source) for entry in row.entries))
        and (document is None or any(tables.is_for(entry, document) for entry in row.entries))
        and (not ended or not row.is_trusted)
    ]
    if as_json:
        print(json.dumps([tables.as_json(row) for row in chosen], indent=2, ensure_ascii=False))
        return
    if by == "source":
        print(tables.source_table(content))
    elif chosen:
        print(tables.state_table(chosen) if by == "state" else tables.certificate_table(chosen))
    states = {row.certificate.country for row in chosen}
    trusted = sum(row.is_trusted for row in chosen)
    print(f"\nCertificates: {len(chosen)}, of {len(states)} States; trusted now: {trusted}.")
    print(f"Trust version {content.store().version}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Fingerprint, or its first digits (8 or more).")],
    settings: SettingsFile = DEFAULT,
    folder: Folder = None,
) -> None:
    """Show one certificate in full: where it came from, key, validity, who vouches for it, revocation."""
    path, clock = _place(settings, folder)
    content, now = read_folder(path), clock.now()
    found, is_source = find_name(content, name)
    chosen = [row for row in tables.rows(content, at=now) if row.certificate.fingerprint == found]
    if is_source:
        raise PolicyError("That is a source: see bonafides trust list --source, or --by source.", code="trust_unknown")
    if not chosen:
        described = describe(content.certificates[found])
        print(f"{described.subject}\n{found}\nA root of master lists; it vouches for no document itself.")
        return
    print(tables.certificate_page(chosen[0], content, at=now))


@app.command()
def expire(
    name: Annotated[str, typer.Argument(help="Fingerprint of a certificate, or a source.")],
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="From the beginning of this day; else now.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Trust it again.")] = False,
    settings: SettingsFile = DEFAULT,
    folder: Folder = None,
) -> None:
    """End trust in a source, or in a CA by any of its certificates; nothing is deleted. Restart the issuer."""
    path, clock = _place(settings, folder)
    now = clock.now()
    if undo:
        if since is not None:
            raise ConfigError("Give --from or --undo, not both.")
        done = undo_end(path, name, at=now)
        print(f"{_called(done.name, done.is_source)} counts again.")
    else:
        until = now if since is None else since.replace(tzinfo=UTC)
        done = end_trust(path, name, since=until, at=now)
        print(f"{_called(done.name, done.is_source)} is not trusted from {until:%Y-%m-%d %H:%M} UTC on.")
    print(f"Trusted now: {done.after} certificates, before {done.before}. Restart the issuer.")


def _place(settings: Path, folder: Path | None) -> tuple[Path, Clock]:
    """Return the trust folder and the clock to go by."""
    if folder is not None:
        return folder, SystemClock()
    loaded = IssuerSettings.load(settings)
    return loaded.trust_folder, setup.clock_of(loaded)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(IMPORT_LIMITS.import_bytes + 1)
    except OSError as error:
        raise ConfigError(f"The file {path} cannot be read: {error.strerror}.") from None


def _certificates(path: Path) -> tuple[Certificate, ...]:
    content = parse_trust_file(_read(path))
    if not isinstance(content, tuple):
        raise InputError("--root takes certificates", code="document_trust_file")
    return content


def _fingerprints(given: list[str]) -> set[str]:
    found = {each.replace(":", "").replace(" ", "").lower() for each in given}
    if any(len(each) != 64 or set(each) - set("0123456789abcdef") for each in found):
        raise ConfigError("--confirm takes a whole SHA-256 fingerprint: 64 hexadecimal digits.")
    return found


def _document_codes(given: list[str] | None) -> tuple[str, ...] | None:
    if not given:
        return None
    codes = tuple(sorted({each.upper().rstrip("<") for each in given}))
    if any(not 1 <= len(each) <= 2 or not each.isalnum() or not each.isascii() for each in codes):
        raise ConfigError("--for takes the one or two letters with which a document's zone begins: P, I, ID.")
    return codes


def _confirmation(said: set[str]) -> Confirm:
    """Return how the operator confirms: by `--confirm`, or at the keyboard."""

    def confirm(certificate: Certificate, what: str) -> bool:
        if certificate.fingerprint in said:
            return True
        described = describe(certificate)
        period = f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}"
        text = f"\nTo be trusted as {what}:\n  {described.subject}\n  valid {period}; {described.key}\n"
        text += f"  SHA-256 {grouped(certificate.fingerprint)}\n"
        print(text, file=sys.stderr)
        if not sys.stdin.isatty():
            print(f"If its publisher prints the same: --confirm {certificate.fingerprint}", file=sys.stderr)
            return False
        return typer.confirm("Does its publisher print the same fingerprint, somewhere else than here?", err=True)

    return confirm


def grouped(fingerprint: str) -> str:
    """Return a fingerprint in groups that two people can read to each other."""
    return " ".join(fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4))


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and total > 50:
        print(f"\rwriting {done} of {total}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def _print_summary(summary: Summary) -> None:
    name = printable(summary.name)
    if summary.kind == "revocation list":
        said = summary.note or ("new" if summary.new else "nothing new")
        print(f"{name}: revocation list with {summary.certificates} serial numbers, {said}.")
        return
    print(
        f"{name}: {summary.kind} {summary.source}, {summary.certificates} certificates of {summary.states} States,"
        f" {summary.new} new."
    )
    if summary.vouched:
        print(f"  {summary.vouched} vouched for by a CA that was trusted before.")
    if summary.kept_ended:
        print(f"  {summary.kept_ended} stay without trust: you ended it (bonafides trust expire --undo).")
    for source, count in sorted(summary.dropped.items()):
        print(f"  {count} certificates of {source}, an older list of the publisher, are not in this one;")
        print(f"  they stay trusted until you say: bonafides trust expire {source}")
    print(f"  {len(summary.unreadable)} did not load{':' if summary.unreadable else '.'}")
    for each in summary.unreadable:
        print(f"    {each.fingerprint[: tables.SHORT]}  {each.reason} ({each.code})")


def _called(name: str, is_source: bool) -> str:
    return f"Source {name}" if is_source else f"Certificate {name[: tables.SHORT]}"
