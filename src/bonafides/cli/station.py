"""A service point: read the document of somebody whose wallet shows a code, send it to the issuer, keep nothing."""

import sys
from typing import Annotated

import typer

from bonafides.core.chip import Step
from bonafides.core.credential.station_link import MAX_LINK, StationLink, parse_station_link
from bonafides.errors import Error
from bonafides.kit.coredump import forbid_core_dumps
from bonafides.kit.http import HttpClient
from bonafides.station.advice import advise
from bonafides.station.card_reader import open_card_reader
from bonafides.station.service_point import (
    MAX_ANSWER_BYTES,
    CardReader,
    Password,
    access_number,
    printed,
    serve_person,
)

app = typer.Typer(add_completion=False)
_STEPS = {"card": "Put the document on the reader, and leave it there.", "access": "Reading …"}


class Counter:
    """The clerk at the keyboard."""

    def confirms(self, link: StationLink) -> bool:
        """Show issuer and digits, and ask; without an answer it is a no."""
        _say(f"\nIssuer: {link.issuer_id}\nDigits: {link.comparison_code}\n")
        answer = _ask("Does the person's own wallet show this issuer and these digits? Type yes or no")
        return answer.strip().lower() in ("y", "yes")

    def password(self) -> Password:
        """Ask for what is printed on the document; the reader then waits for it."""
        number = _ask("Document number (empty: use the access number, CAN)")
        if not number.strip():
            return access_number(_ask("Access number (CAN), six digits"))
        return printed(number, _ask("Birth date, YEAR-MONTH-DAY"), _ask("Date of expiry, YEAR-MONTH-DAY"))


@app.command()
def station(
    link: Annotated[str, typer.Argument(help="The wallet's code; without it, scan one after the other.")] = "",
    issuer: Annotated[
        list[str] | None, typer.Option(help="Work for this issuer only, e.g. id.example; may be repeated.")
    ] = None,
    reader: Annotated[str, typer.Option(help="Part of the name of the card reader, if there are several.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Stop after one person.")] = False,
    developer: Annotated[
        bool, typer.Option(envvar="BONAFIDES_STATION_DEVELOPER_MODE", help="Allow localhost. Never for real use.")
    ] = False,
) -> None:
    """Serve people at a counter. No file and no log is written, and the screen is cleared after each person."""
    forbid_core_dumps()
    chip = open_reader(reader)
    with HttpClient(developer_mode=developer, max_answer_bytes=MAX_ANSWER_BYTES) as http:
        while True:
            text = link or _ask("\nScan the code in the person's wallet (an empty line ends)")
            if not text.strip():
                return
            failed = _serve(text, chip, http, frozenset(issuer or ()), developer)
            if once or link:
                raise typer.Exit(int(failed))


def open_reader(name: str) -> CardReader:
    """Return the card reader of this machine. Raises ConfigError, DependencyError."""
    return open_card_reader(name, progress=_tell)


def _tell(step: Step) -> None:
    """Say what the reader does, as far as the clerk has to know."""
    if step.what in _STEPS:
        _say(_STEPS[step.what])


def _serve(text: str, reader: CardReader, http: HttpClient, issuers: frozenset[str], developer: bool) -> bool:
    """Serve one person and clear the screen; return whether that failed, having said what to do."""
    said, failed = "Delivered: the person's wallet goes on by itself. Give the document back.", False
    try:
        link = parse_station_link(text, developer=developer)
        serve_person(link, clerk=Counter(), reader=reader, http=http, issuers=issuers)
    except Error as error:
        said, failed = f"{advise(error)} ({error.code})", True
    finally:
        # With the lines that scrolled away: numbers and dates of the last person must not stay.
        if sys.stderr.isatty():
            typer.echo("\x1b[2J\x1b[3J\x1b[H", err=True, nl=False)
    _say(said)
    return failed


def _ask(label: str) -> str:
    """Return the next line from keyboard or scanner; nothing at the end of all lines, the head of one too long."""
    typer.echo(f"{label}: ", err=True, nl=False)
    line = rest = sys.stdin.readline(MAX_LINK + 2)
    while rest and not rest.endswith("\n"):
        rest = sys.stdin.readline(MAX_LINK + 2)
    return line


def _say(text: str) -> None:
    typer.echo(text, err=True)
