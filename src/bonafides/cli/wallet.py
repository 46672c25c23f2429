"""Your wallet: enrol, sign in, renew, and keep the means to come back."""

import contextlib
import json
import os
import sys
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bonafides.core import base64url
from bonafides.core.credential.device import DEVICE_KEY_BYTES
from bonafides.errors import InputError, PolicyError
from bonafides.kit.clock import Clock, FileClock, SystemClock
from bonafides.kit.http import HttpClient
from bonafides.wallet import Document, Issued, Kit, KitPlan, RequestedPresentation, Wallet, dialog
from bonafides.wallet import freeze as freeze_by_document
from bonafides.wallet.opened import MAX_ANSWER_BYTES

app = typer.Typer(no_args_is_help=True, add_completion=False)
device_app = typer.Typer(no_args_is_help=True, add_completion=False)
app.add_typer(device_app, name="device", help="The devices that may act for you: at most three.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Issuer = Annotated[str, typer.Option("--issuer", help="Host of the issuer, e.g. id.example.")]
DocumentFile = Annotated[Path, typer.Option("--document", help="JSON file with what was read from your document.")]
KitFile = Annotated[Path | None, typer.Option("--kit-file", help="Write the kit to this file, read it from there.")]
KitPassphrase = Annotated[
    Path | None, typer.Option("--kit-passphrase-file", help="A passphrase of the kit's own, if it has one.")
]
Threshold = Annotated[int, typer.Option("--threshold", help="How many shares bring you back.")]
Shares = Annotated[int, typer.Option("--shares", help="In how many shares the kit is made.")]
InPerson = Annotated[bool, typer.Option("--in-person", help="An officer sees you: ask for the officer's statement.")]
AcceptKey = Annotated[
    bool, typer.Option("--accept-key-change", help="Take a new issuer key where the old one is published as burnt.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DeviceKey = Annotated[str, typer.Argument(help="The device key, as that device shows it.")]


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


@app.callback()
def surroundings(
    ctx: typer.Context,
    vault: Annotated[
        Path | None, typer.Option(envvar="BONAFIDES_WALLET", help="File of the wallet.", show_default=False)
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="File with its passphrase; else BONAFIDES_WALLET_PASSPHRASE, else you are asked."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(envvar="BONAFIDES_LANGUAGE", help="vi or en, for what you consent to.")
    ] = None,
    developer: Annotated[
        bool, typer.Option(envvar="BONAFIDES_WALLET_DEVELOPER_MODE", help="Allow localhost. Never for real use.")
    ] = False,
    clock_file: Annotated[Path | None, typer.Option(help="Developers: read the time from this file.")] = None,
) -> None:
    """Hold, renew and show your credentials. The wallet is one encrypted file; keys are trusted when first seen."""
    speaks = language or ("vi" if os.environ.get("LANG", "").startswith("vi") else "en")
    clock: Clock = FileClock(clock_file, developer_mode=developer) if clock_file else SystemClock()
    ctx.obj = Surroundings(vault or default_vault(), passphrase_file, clock, developer, speaks)


@app.command()
def enrol(
    ctx: typer.Context,
    issuer: Issuer,
    document: DocumentFile,
    threshold: Threshold = 1,
    shares: Shares = 1,
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
    in_person: InPerson = False,
    accept_key_change: AcceptKey = False,
    as_json: AsJson = False,
) -> None:
    """Enrol with your document; or, later, bring a better or newer one. The recovery kit comes first."""
    plan = _plan(threshold, shares, kit_passphrase_file)
    paper = _document(document, in_person)
    with _wallet(ctx, create=True) as wallet:
        reader = _kit_reader(kit_file)
        _step("Showing the document to the issuer, once the kit is read back …")
        issued = wallet.enrol(issuer, paper, kit_read_back=reader, plan=plan, accept_replaced=accept_key_change)
        _tell_issued(issued, as_json)


@app.command()
def name(
    ctx: typer.Context,
    document: DocumentFile,
    in_person: InPerson = False,
    accept_key_change: AcceptKey = False,
    as_json: AsJson = False,
) -> None:
    """Have your name signed too, to speak in your own name where you choose to. You never need it to sign in."""
    paper = _document(document, in_person)
    with _wallet(ctx) as wallet:
        _step("Showing the document to the issuer, this time with your name …")
        issued = wallet.enrol_name(paper, accept_replaced=accept_key_change)
    if as_json:
        _print_json({"epochs": list(issued.epochs)})
    else:
        print(f"Your name for {' and '.join(issued.epochs)} is in the wallet; it is shown to nobody unless you say so.")


@app.command()
def replace(
    ctx: typer.Context,
    issuer: Issuer,
    document: DocumentFile,
    threshold: Threshold = 1,
    shares: Shares = 1,
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
    in_person: InPerson = False,
    as_json: AsJson = False,
) -> None:
    """Begin again when wallet AND kit are lost: 14 days of waiting, then months in which you can only read."""
    plan = _plan(threshold, shares, kit_passphrase_file)
    paper = _document(document, in_person)
    with _wallet(ctx, create=True) as wallet:
        _step("Asking the issuer to replace the lost wallet, once the kit is read back …")
        _tell_issued(wallet.replace(issuer, paper, kit_read_back=_kit_reader(kit_file), plan=plan), as_json)


@app.command()
def collect(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Fetch what waited at the issuer after “replace”."""
    with _wallet(ctx) as wallet:
        _tell_issued(wallet.collect(), as_json)


@app.command()
def restore(
    ctx: typer.Context,
    issuer: Issuer,
    document: DocumentFile,
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
    in_person: InPerson = False,
    accept_key_change: AcceptKey = False,
    as_json: AsJson = False,
) -> None:
    """Come back from recovery kit and document. This device replaces all others."""
    paper, kit = _document(document, in_person), _kit(kit_file, kit_passphrase_file)
    with _wallet(ctx, create=True) as wallet:
        _step("Showing kit and document to the issuer …")
        _tell_issued(wallet.restore(issuer, paper, kit, accept_replaced=accept_key_change), as_json)


@app.command()
def present(
    ctx: typer.Context,
    link: Annotated[str, typer.Argument(help="The link or QR text, openid4vp://… or https://…")],
    share: Annotated[str, typer.Option(help="Optional things to show besides, e.g. age_over_18,country")] = "",
    payload_file: Annotated[Path | None, typer.Option(help="What you say in a poll: a text file.")] = None,
    renew_first: Annotated[
        bool, typer.Option("--renew", help="Renew if nothing valid is left; the issuer could notice the moment.")
    ] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page that comes next.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Sign in, or answer another request: you see who asks for what before anything is shown."""
    payload = dialog.read_payload_file(payload_file) if payload_file else None
    with _wallet(ctx) as wallet:
        _step("Fetching and checking the request …")
        asked = wallet.inspect(link, payload=payload)
        _show_request(asked, ctx.obj.language)
        if not yes and not typer.confirm("Show this?", err=True):
            raise PolicyError("Nothing was shown.", code="declined")
        chosen = frozenset(each.strip() for each in share.split(",") if each.strip())
        try:
            answered = wallet.answer(asked, share=chosen)
        except PolicyError as error:
            if error.code != "no_valid_credential" or not renew_first:
                raise
            _step("Renewing first …")
            _tell_name(wallet.renew())
            answered = wallet.answer(asked, share=chosen)
    told = {
        "relying_party": answered.relying_party_id,
        "shown": list(answered.shown),
        "redirect_uri": answered.redirect_uri,
        "code": answered.code,
        "host": answered.host,
        "receipt_kept": answered.receipt_kept,
    }
    if as_json:
        _print_json(told)
    elif answered.code:
        print(f"Type {answered.code} at {answered.host}, and nowhere else.")
    elif answered.redirect_uri:
        print(f"Go on at {answered.redirect_uri}")
    else:
        print("Done.")
    if open_page and answered.redirect_uri:
        webbrowser.open(answered.redirect_uri)


@app.command()
def renew(
    ctx: typer.Context,
    if_due: Annotated[bool, typer.Option("--if-due", help="Only when its random time has come; for a timer.")] = False,
    accept_key_change: AcceptKey = False,
    as_json: AsJson = False,
) -> None:
    """Fetch credentials for this week and the next. Best from a timer with --if-due."""
    with _wallet(ctx) as wallet:
        if if_due and not wallet.due_for_renewal():
            _print_json({"epochs": [], "due": False}) if as_json else print("Not due yet.")
            return
        _step("Renewing …")
        _tell_issued(wallet.renew(accept_replaced=accept_key_change), as_json)


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show what the wallet holds and where you are known. Asks nobody."""
    with _wallet(ctx) as wallet:
        view = wallet.overview()
    told = {
        "issuer": view.issuer_id,
        "kit_confirmed": view.kit_confirmed,
        "epochs": list(view.epochs),
        "valid_now": view.valid_now,
        "values": view.values,
        "name_epochs": list(view.name_epochs),
        "next_renewal": view.next_renewal.isoformat() if view.next_renewal else None,
        "due_for_renewal": view.due_for_renewal,
        "ages_may_rise": view.ages_may_rise,
        "pending": view.pending,
        "pending_due": view.pending_due.isoformat() if view.pending_due else None,
        "device_key": base64url.encode(view.device_key),
        "device_number": view.device_number,
        "known": view.known,
        "receipts": len(view.receipts),
    }
    _tell(told, as_json)
    if view.ages_may_rise and not as_json:
        print("You reached an age that your credentials do not show yet: enrol again with your document.")


@app.command()
def kit(
    ctx: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Only check words that you have.")] = False,
    threshold: Threshold = 1,
    shares: Shares = 1,
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
) -> None:
    """Make the recovery kit again, perhaps in several shares, and read it back; or check the one you have."""
    with _wallet(ctx) as wallet:
        if check:
            wallet.check_kit(_kit(kit_file, kit_passphrase_file))
        else:
            wallet.kit(_plan(threshold, shares, kit_passphrase_file), _kit_reader(kit_file))
    print("The kit brings this wallet back.")


@app.command()
def freeze(
    ctx: typer.Context,
    document: DocumentFile,
    issuer: Issuer = "",
    in_person: InPerson = False,
    as_json: AsJson = False,
) -> None:
    """Stop all renewals of your credentials by document alone; with --issuer no wallet is needed."""
    paper, around = _document(document, in_person), _around(ctx)
    if issuer:
        with HttpClient(developer_mode=around.developer, max_answer_bytes=MAX_ANSWER_BYTES) as http:
            until = freeze_by_document(issuer, paper, http, developer=around.developer)
    else:
        with _wallet(ctx) as wallet:
            until = wallet.freeze(paper)
    _tell({"frozen_until": until}, as_json)


@app.command()
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Ask the issuer what is pending for you: re-enrolments, devices, a freeze."""
    _act(ctx, lambda wallet: wallet.status(), as_json)


@app.command()
def veto(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Object to a re-enrolment in your name: an officer decides."""
    _act(ctx, lambda wallet: wallet.veto(), as_json)


@app.command()
def dispute(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Object to a restore that shut this device out: an officer decides."""
    _act(ctx, lambda wallet: wallet.dispute(), as_json)


@app.command()
def erase(ctx: typer.Context, yes: Yes = False, as_json: AsJson = False) -> None:
    """Have the issuer forget you. For three years it still counts as one re-enrolment."""
    if not yes and not typer.confirm("Erase handle, devices and level at the issuer?", err=True):
        raise PolicyError("Nothing was erased.", code="declined")
    _act(ctx, lambda wallet: wallet.erase(), as_json)


@app.command()
def forget(ctx: typer.Context, host: Annotated[str, typer.Argument(help="The site, as “list” shows it.")]) -> None:
    """Forget the key of a site, after you made sure by another way that it changed its key."""
    with _wallet(ctx) as wallet:
        wallet.forget(host)
    print("Forgotten; its key is trusted anew when next seen.")


@device_app.command("show")
def device_show(ctx: typer.Context) -> None:
    """Show the key of this device."""
    with _wallet(ctx) as wallet:
        print(base64url.encode(wallet.overview().device_key))


@device_app.command("join")
def device_join(
    ctx: typer.Context,
    number: Annotated[int, typer.Option(help="1 or 2; no two devices of yours have the same.")],
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
) -> None:
    """Make this a further device from your kit: an older one approves it; after 7 days enrol with your document."""
    words = _kit(kit_file, kit_passphrase_file)
    with _wallet(ctx, create=True) as wallet:
        print(base64url.encode(wallet.join(words, device_number=number)))


@device_app.command("approve")
def device_approve(ctx: typer.Context, key: DeviceKey, as_json: AsJson = False) -> None:
    """Let a further device in; it waits 7 days, shown on all."""
    _act(ctx, lambda wallet: wallet.approve_device(_device_key(key)), as_json)


@device_app.command("remove")
def device_remove(ctx: typer.Context, key: DeviceKey, as_json: AsJson = False) -> None:
    """Shut a device out."""
    _act(ctx, lambda wallet: wallet.remove_device(_device_key(key)), as_json)


def _around(ctx: typer.Context) -> Surroundings:
    found: Surroundings = ctx.obj
    return found


@contextlib.contextmanager
def _wallet(ctx: typer.Context, *, create: bool = False) -> Iterator[Wallet]:
    """Open the wallet, or make it where the command may be the first."""
    around = _around(ctx)
    exists = around.vault.exists()
    new = create and not exists
    # No use in asking for the passphrase of a wallet that is not there: opening it says so.
    passphrase = dialog.read_passphrase(around.passphrase_file, TERMINAL, new=new) if new or exists else ""
    make = Wallet.create if new else Wallet.open
    with make(around.vault, passphrase=passphrase, clock=around.clock, developer=around.developer) as wallet:
        yield wallet


def _document(path: Path, in_person: bool) -> Document:
    stored = dialog.read_document(path)
    return dialog.ShownDocument(stored, TERMINAL) if in_person else stored


def _plan(threshold: int, shares: int, passphrase_file: Path | None) -> KitPlan:
    return KitPlan(threshold, shares, dialog.read_passphrase_file(passphrase_file) if passphrase_file else "")


def _kit(path: Path | None, passphrase_file: Path | None) -> Kit:
    lines = dialog.read_kit_file(path) if path else dialog.ask_kit(TERMINAL)
    return Kit(lines, dialog.read_passphrase_file(passphrase_file) if passphrase_file else "")


def _kit_reader(path: Path | None) -> Callable[[Kit], Kit]:
    def check(made: Kit, returned: Kit) -> None:
        if [line.lower().split() for line in returned.lines] != [line.split() for line in made.lines]:
            raise InputError("not the words that were shown", code="kit_mismatch")

    def read(kit: Kit) -> Kit:
        if path:
            return dialog.read_back_file(kit, path)
        return dialog.read_back_typed(kit, TERMINAL, lambda returned: check(kit, returned))

    return read


def _device_key(text: str) -> bytes:
    return base64url.decode(text, max_bytes=DEVICE_KEY_BYTES)


def _act(ctx: typer.Context, action: Callable[[Wallet], Mapping[str, Any]], as_json: bool) -> None:
    with _wallet(ctx) as wallet:
        told = action(wallet)
    _tell(told, as_json)


def _show_request(asked: RequestedPresentation, language: str) -> None:
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


def _tell_name(issued: Issued) -> None:
    if issued.name_failed:
        typer.echo(f"Your name was not renewed ({issued.name_failed}): “bonafides wallet name” asks anew.", err=True)


def _tell_issued(issued: Issued, as_json: bool) -> None:
    _tell_name(issued)
    due = issued.due.isoformat() if issued.due else None
    if as_json:
        _print_json({"epochs": list(issued.epochs), "pending": issued.pending, "due": due})
    elif issued.pending:
        print(f"The issuer waits{f' until {due}' if due else ''}; then run “bonafides wallet collect”.")
    else:
        print(f"Credentials for {' and '.join(issued.epochs)} are in the wallet.")


def _tell(told: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(told)
        return
    for name, value in told.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        # What an issuer says must not move the cursor or recolour the screen.
        print(f"{name}: {''.join(c for c in text if c.isprintable())}")


def _print_json(told: Mapping[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=True, sort_keys=True))


def _step(text: str) -> None:
    if sys.stderr.isatty():
        typer.echo(text, err=True)
