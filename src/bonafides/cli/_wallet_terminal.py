"""What the wallet's commands share: their options, the terminal, opening the wallet, and how things are told."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bonafides.errors import Error, InputError
from bonafides.kit.clock import Clock
from bonafides.wallet import Document, Issued, Kit, KitPlan, RequestedPresentation, Wallet, dialog
from bonafides.wallet.refusals import sentence_for

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Issuer = Annotated[str, typer.Option("--issuer", help="Host of the issuer, e.g. id.example.")]
DocumentFile = Annotated[
    Path | None, typer.Option("--document", help="JSON file with what was read from your document.")
]
KitFile = Annotated[Path | None, typer.Option("--kit-file", help="Write the kit to this file, read it from there.")]
KitPassphrase = Annotated[
    Path | None, typer.Option("--kit-passphrase-file", help="A passphrase of the kit's own, if it has one.")
]
Threshold = Annotated[int, typer.Option("--threshold", help="How many shares bring you back.")]
Shares = Annotated[int, typer.Option("--shares", help="In how many shares the kit is made.")]
InPerson = Annotated[bool, typer.Option("--in-person", help="An officer sees you and confirms it by passkey.")]
AcceptKey = Annotated[
    bool, typer.Option("--accept-key-change", help="Take a new issuer key where the old one is published as burnt.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dataclass(frozen=True)
class Surroundings:
    """Where the wallet lies and how it is opened; the options before the command."""

    vault: Path
    passphrase_file: Path | None
    clock: Clock
    developer: bool
    language: str


TERMINAL = dialog.Terminal(
    say=lambda text: typer.echo(text, err=True),
    ask=lambda label, hidden=False, twice=False, optional=False: str(
        typer.prompt(
            label,
            hide_input=hidden,
            confirmation_prompt=twice,
            err=True,
            default="" if optional else None,
            show_default=False,
        )
    ),
    # With the lines that scrolled away: the words of a kit must not stay behind.
    clear=lambda: typer.echo("\x1b[2J\x1b[3J\x1b[H", err=True, nl=False) if sys.stderr.isatty() else None,
)


def default_vault() -> Path:
    """Return where a wallet lies unless told otherwise."""
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "bonafides" / "wallet"


def around_of(ctx: typer.Context) -> Surroundings:
    """Return what stood before the command."""
    found: Surroundings = ctx.obj
    return found


@contextlib.contextmanager
def retold(language: str) -> Iterator[None]:
    """Tell refusals in the wallet's own words, in the holder's language; kind, code and exit status stay."""
    try:
        yield
    except Error as error:
        error.args = (sentence_for(error.code, language) or str(error),)
        raise


@contextlib.contextmanager
def open_wallet(ctx: typer.Context, *, create: bool = False) -> Iterator[Wallet]:
    """Open the wallet, or make it where the command may be the first; what is refused meanwhile is `retold`."""
    around = around_of(ctx)
    exists = around.vault.exists()
    new = create and not exists
    # No use in asking for the passphrase of a wallet that is not there: opening it says so.
    passphrase = dialog.read_passphrase(around.passphrase_file, TERMINAL, new=new) if new or exists else ""
    make = Wallet.create if new else Wallet.open
    opened = make(around.vault, passphrase=passphrase, clock=around.clock, developer=around.developer)
    with retold(around.language), opened as wallet:
        yield wallet


def read_document(path: Path, in_person: bool) -> Document:
    """Return the document in a file; before an officer, one that asks for what their passkey signed."""
    stored = dialog.read_document(path)
    return dialog.ShownDocument(stored, TERMINAL) if in_person else stored


def make_plan(threshold: int, shares: int, passphrase_file: Path | None) -> KitPlan:
    """Return how the kit is to be made."""
    return KitPlan(threshold, shares, dialog.read_passphrase_file(passphrase_file) if passphrase_file else "")


def read_kit(path: Path | None, passphrase_file: Path | None) -> Kit:
    """Return the kit in a file, or as it is typed."""
    lines = dialog.read_kit_file(path) if path else dialog.ask_kit(TERMINAL)
    return Kit(lines, dialog.read_passphrase_file(passphrase_file) if passphrase_file else "")


def kit_reader(path: Path | None) -> Callable[[Kit], Kit]:
    """Return what hands a new kit to the holder and takes back what was written down."""

    def check(made: Kit, returned: Kit) -> None:
        if [line.lower().split() for line in returned.lines] != [line.split() for line in made.lines]:
            raise InputError("not the words that were shown", code="kit_mismatch")

    def read(kit: Kit) -> Kit:
        if path:
            return dialog.read_back_file(kit, path)
        return dialog.read_back_typed(kit, TERMINAL, lambda returned: check(kit, returned))

    return read


def act(ctx: typer.Context, action: Callable[[Wallet], Mapping[str, Any]], as_json: bool) -> None:
    """Do something with the open wallet and tell what came of it."""
    with open_wallet(ctx) as wallet:
        told = action(wallet)
    tell(told, as_json)


def show_request(asked: RequestedPresentation, language: str) -> None:
    """Tell who asks, and what they will and will not learn."""
    shown = asked.describe(language)
    titles = {
        "en": ("They will learn", "Only if you share it (--share)", "They will not learn", "What you say"),
        "vi": ("Họ sẽ biết", "Chỉ khi bạn đồng ý thêm (--share)", "Họ sẽ không biết", "Nội dung bạn gửi"),
    }[language if language == "vi" else "en"]
    for line in (*shown.asks, *shown.notes):
        TERMINAL.say(line)
    for title, lines in zip(titles, (shown.will_learn, shown.may_learn, shown.will_not_learn), strict=False):
        if lines:
            TERMINAL.say("\n".join([f"{title}:", *(f"  · {line}" for line in lines)]))
    if shown.payload is not None:
        TERMINAL.say(f"{titles[3]}:\n{shown.payload}")


def tell_name(issued: Issued) -> None:
    """Tell if the name could not be renewed."""
    if issued.name_failed:
        typer.echo(f"Your name was not renewed ({issued.name_failed}): “bonafides wallet name” asks anew.", err=True)


def tell_issued(issued: Issued, as_json: bool) -> None:
    """Tell which credentials came, or what is waited for."""
    tell_name(issued)
    due = issued.due.isoformat() if issued.due else None
    if as_json:
        print_json({"epochs": list(issued.epochs), "pending": issued.pending, "due": due})
    elif issued.pending:
        print(f"The issuer waits{f' until {due}' if due else ''}; then run “bonafides wallet collect”.")
    else:
        print(f"Credentials for {' and '.join(issued.epochs)} are in the wallet.")


def tell(told: Mapping[str, Any], as_json: bool) -> None:
    """Print members a line each, or as JSON."""
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        # What an issuer says must not move the cursor or recolour the screen.
        print(f"{name}: {''.join(c for c in text if c.isprintable())}")


def print_json(told: Mapping[str, Any]) -> None:
    """Print one JSON object on one line."""
    print(json.dumps(told, ensure_ascii=True, sort_keys=True))


def say_step(text: str) -> None:
    """Tell a person at a terminal what takes a moment now."""
    if sys.stderr.isatty():
        typer.echo(text, err=True)
