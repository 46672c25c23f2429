"""The wallet at a service point: the link as a QR code in the terminal, six digits to compare, words while waiting."""

import io
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from bonafides.cli import _wallet_terminal as terminals
from bonafides.core.credential.station_link import StationLink
from bonafides.errors import ConfigError
from bonafides.wallet import Document, StationVisit
from bonafides.wallet.station import sleep, typed_facts

Station = Annotated[
    bool, typer.Option("--station", help="A service point reads your document: you are shown a QR code for it.")
]
_BORDER = 2
_WHITE_ON_BLACK, _PLAIN = "\x1b[97;40m", "\x1b[0m"


def choose_document(ctx: typer.Context, path: Path | None, station: bool, in_person: bool) -> Document | StationVisit:
    """Return the document in a file, or the visit to a service point that will read it. Raises ConfigError."""
    if station == (path is not None) or (station and in_person):
        raise ConfigError("Name the file of your document with --document, or say --station at a service point.")
    if path is not None:
        return terminals.read_document(path, in_person)
    ask = terminals.TERMINAL.ask
    state = ask("State that issued your document, three letters as printed")
    birth = ask("Your birth date, YEAR-MONTH-DAY (empty if the document has none)", optional=True)
    typed = typed_facts(state, birth, today=terminals.around_of(ctx).clock.now().date())
    return StationVisit(typed, show_link, Waiting())


def show_link(link: StationLink) -> None:
    """Show link and comparison code, and what to do with them."""
    say = terminals.TERMINAL.say
    say(draw(link.text))
    say(f"\n{link.text}\n")
    say(f"Let the service point scan this. It must show the same digits as here:  {link.comparison_code}")
    say("If it shows others, do not hand over your document. Nobody else needs to see this code. Ctrl+C stops.")


def draw(text: str) -> str:
    """Return a QR code for a terminal, in colours of its own; a sentence if the window is too narrow for it."""
    import segno

    code = segno.make(text, error="l", micro=False)
    if code.symbol_size(border=_BORDER)[0] > shutil.get_terminal_size().columns:
        return "This window is too narrow for the QR code: make it wider and begin again, or copy the link."
    drawn = io.StringIO()
    code.terminal(out=drawn, border=_BORDER, compact=True)
    # Scanners want dark on light, whatever colours the terminal has.
    return "\n".join(f"{_WHITE_ON_BLACK}{line}{_PLAIN}" for line in drawn.getvalue().splitlines())


class Waiting:
    """Says once a minute that the wallet waits, for a person at a terminal."""

    def __init__(self) -> None:
        self._said = -1

    def __call__(self, left: timedelta) -> None:
        """Say how long it may still take, and let a moment pass."""
        minutes = int(left.total_seconds()) // 60 + 1
        if minutes != self._said and sys.stderr.isatty():
            terminals.TERMINAL.say(f"Waiting for the service point, {minutes} min at most …")
        self._said = minutes
        sleep(left)
