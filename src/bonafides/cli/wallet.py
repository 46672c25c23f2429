"""Your wallet: enrol, sign in, renew, and keep the means to come back."""

import os
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from bonafides.cli import _wallet_devices
from bonafides.cli._wallet_station import Station, choose_document
from bonafides.cli._wallet_terminal import (
    AcceptKey,
    AsJson,
    DocumentFile,
    InPerson,
    Issuer,
    KitFile,
    KitPassphrase,
    Shares,
    Surroundings,
    Threshold,
    Yes,
    act,
    around_of,
    default_vault,
    kit_reader,
    make_plan,
    open_wallet,
    print_json,
    read_document,
    read_kit,
    retold,
    say_step,
    show_request,
    tell,
    tell_issued,
    tell_name,
)
from bonafides.core import base64url
from bonafides.errors import PolicyError
from bonafides.kit.clock import Clock, FileClock, SystemClock
from bonafides.kit.http import HttpClient
from bonafides.wallet import dialog
from bonafides.wallet import freeze as freeze_by_document
from bonafides.wallet.opened import MAX_ANSWER_BYTES

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.add_typer(_wallet_devices.app, name="device", help="The devices that may act for you: at most three.")


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
        str | None, typer.Option(envvar="BONAFIDES_LANGUAGE", help="vi or en, for what you consent to, and refusals.")
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
    document: DocumentFile = None,
    station: Station = False,
    threshold: Threshold = 1,
    shares: Shares = 1,
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
    in_person: InPerson = False,
    accept_key_change: AcceptKey = False,
    as_json: AsJson = False,
) -> None:
    """Enrol with your document; or, later, bring a better or newer one. The recovery kit comes first."""
    plan = make_plan(threshold, shares, kit_passphrase_file)
    paper = choose_document(ctx, document, station, in_person)
    with open_wallet(ctx, create=True) as wallet:
        reader = kit_reader(kit_file)
        say_step("Showing the document, once the kit is read back …")
        issued = wallet.enrol(issuer, paper, kit_read_back=reader, plan=plan, accept_replaced=accept_key_change)
        tell_issued(issued, as_json)


@app.command()
def name(
    ctx: typer.Context,
    document: Annotated[Path, typer.Option("--document", help="JSON file with what was read from your document.")],
    in_person: InPerson = False,
    accept_key_change: AcceptKey = False,
    as_json: AsJson = False,
) -> None:
    """Have your name signed too, to speak in your own name where you choose to. You never need it to sign in."""
    paper = read_document(document, in_person)
    with open_wallet(ctx) as wallet:
        say_step("Showing the document to the issuer, this time with your name …")
        issued = wallet.enrol_name(paper, accept_replaced=accept_key_change)
    if as_json:
        print_json({"epochs": list(issued.epochs)})
    else:
        print(f"Your name for {' and '.join(issued.epochs)} is in the wallet; it is shown to nobody unless you say so.")


@app.command()
def replace(
    ctx: typer.Context,
    issuer: Issuer,
    document: DocumentFile = None,
    station: Station = False,
    threshold: Threshold = 1,
    shares: Shares = 1,
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
    in_person: InPerson = False,
    as_json: AsJson = False,
) -> None:
    """Begin again when wallet AND kit are lost: 14 days of waiting, then months in which you can only read."""
    plan = make_plan(threshold, shares, kit_passphrase_file)
    paper = choose_document(ctx, document, station, in_person)
    with open_wallet(ctx, create=True) as wallet:
        say_step("Asking the issuer to replace the lost wallet, once the kit is read back …")
        tell_issued(wallet.replace(issuer, paper, kit_read_back=kit_reader(kit_file), plan=plan), as_json)


@app.command()
def collect(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Fetch what waited at the issuer after “replace”."""
    with open_wallet(ctx) as wallet:
        tell_issued(wallet.collect(), as_json)


@app.command()
def restore(
    ctx: typer.Context,
    issuer: Issuer,
    document: DocumentFile = None,
    station: Station = False,
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
    in_person: InPerson = False,
    accept_key_change: AcceptKey = False,
    as_json: AsJson = False,
) -> None:
    """Come back from recovery kit and document. This device replaces all others."""
    paper, kit = choose_document(ctx, document, station, in_person), read_kit(kit_file, kit_passphrase_file)
    with open_wallet(ctx, create=True) as wallet:
        say_step("Showing kit and document to the issuer …")
        tell_issued(wallet.restore(issuer, paper, kit, accept_replaced=accept_key_change), as_json)


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
    with open_wallet(ctx) as wallet:
        say_step("Fetching and checking the request …")
        asked = wallet.inspect(link, payload=payload)
        show_request(asked, ctx.obj.language)
        if not yes and not typer.confirm("Show this?", err=True):
            raise PolicyError("Nothing was shown.", code="declined")
        chosen = frozenset(each.strip() for each in share.split(",") if each.strip())
        try:
            answered = wallet.answer(asked, share=chosen)
        except PolicyError as error:
            if error.code != "no_valid_credential" or not renew_first:
                raise
            say_step("Renewing first …")
            tell_name(wallet.renew())
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
        print_json(told)
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
    with open_wallet(ctx) as wallet:
        if if_due and not wallet.due_for_renewal():
            print_json({"epochs": [], "due": False}) if as_json else print("Not due yet.")
            return
        say_step("Renewing …")
        tell_issued(wallet.renew(accept_replaced=accept_key_change), as_json)


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show what the wallet holds and where you are known. Asks nobody."""
    with open_wallet(ctx) as wallet:
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
    tell(told, as_json)
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
    with open_wallet(ctx) as wallet:
        if check:
            wallet.check_kit(read_kit(kit_file, kit_passphrase_file))
        else:
            wallet.kit(make_plan(threshold, shares, kit_passphrase_file), kit_reader(kit_file))
    print("The kit brings this wallet back.")


@app.command()
def freeze(
    ctx: typer.Context,
    document: DocumentFile = None,
    station: Station = False,
    issuer: Issuer = "",
    in_person: InPerson = False,
    as_json: AsJson = False,
) -> None:
    """Stop all renewals of your credentials by document alone; with --issuer no wallet is needed."""
    paper, around = choose_document(ctx, document, station, in_person), around_of(ctx)
    if issuer:
        http = HttpClient(developer_mode=around.developer, max_answer_bytes=MAX_ANSWER_BYTES)
        with retold(around.language), http:
            until = freeze_by_document(issuer, paper, http, developer=around.developer)
    else:
        with open_wallet(ctx) as wallet:
            until = wallet.freeze(paper)
    tell({"frozen_until": until}, as_json)


@app.command()
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Ask the issuer what is pending for you: re-enrolments, devices, a freeze."""
    act(ctx, lambda wallet: wallet.status(), as_json)


@app.command()
def veto(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Object to a re-enrolment in your name: an officer decides."""
    act(ctx, lambda wallet: wallet.veto(), as_json)


@app.command()
def dispute(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Object to a restore that shut this device out: an officer decides."""
    act(ctx, lambda wallet: wallet.dispute(), as_json)


@app.command()
def erase(ctx: typer.Context, yes: Yes = False, as_json: AsJson = False) -> None:
    """Have the issuer forget you. For three years it still counts as one re-enrolment."""
    if not yes and not typer.confirm("Erase handle, devices and level at the issuer?", err=True):
        raise PolicyError("Nothing was erased.", code="declined")
    act(ctx, lambda wallet: wallet.erase(), as_json)


@app.command()
def forget(ctx: typer.Context, host: Annotated[str, typer.Argument(help="The site, as “list” shows it.")]) -> None:
    """Forget the key of a site, after you made sure by another way that it changed its key."""
    with open_wallet(ctx) as wallet:
        wallet.forget(host)
    print("Forgotten; its key is trusted anew when next seen.")
