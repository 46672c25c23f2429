"""Read the chip of a passport or identity card in a card reader into a file, for developers."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bonafides.core import base64url
from bonafides.core.chip import DEFAULT_GROUPS, Password, ReadDocument, Step, passwords_of
from bonafides.errors import ConfigError, InputError
from bonafides.kit.files import write_atomically
from bonafides.station.card_reader import WAIT_S, list_readers, load_pyscard, open_card_reader

app = typer.Typer(no_args_is_help=True, add_completion=False)

_STEPS = {
    "card": "Lay the document on the reader, and leave it there.",
    "access": "Opening the chip …",
    "signature": "The chip signs …",
}
_ZONE_CHARACTERS = (72, 88, 90)


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="Where to write what was read; must not exist.")],
    can: Annotated[bool, typer.Option("--can", help="Open it with the card access number (six digits).")] = False,
    mrz: Annotated[bool, typer.Option("--mrz", help="Open it with the whole machine readable zone.")] = False,
    reader: Annotated[str, typer.Option(help="Part of the name of the reader; see “readers”.")] = "",
    nonce: Annotated[str, typer.Option(help="The issuer's document_nonce, for the chip to sign.")] = "",
    groups: Annotated[
        str, typer.Option(help="Data groups to read besides 1, 14 and 15, as far as they are there; 2 is the photo.")
    ] = ",".join(map(str, sorted(DEFAULT_GROUPS))),
    wait: Annotated[float, typer.Option(help="How many seconds to wait for a document.", min=0, max=3600)] = WAIT_S,
) -> None:
    """Read a document into a file only you can read. What opens the chip is asked for, never taken from the command."""
    if file.exists():
        raise ConfigError(f"There is a file {file} already: name another.", code="chip_output")
    wanted, challenge = _numbers(groups), base64url.decode(nonce, max_bytes=8) if nonce else None
    pcsc = open_card_reader(reader, progress=_Told().tell, wait_s=wait)
    found = pcsc.read_chip(_ask_password(can=can, mrz=mrz), nonce=challenge, groups=wanted)
    try:
        write_atomically(file, json.dumps(found.bundle.to_json(), indent=1).encode("ascii"), mode=0o600)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written ({error.strerror}).", code="chip_output") from None
    for line in _describe(found):
        print(line)
    print(f"It lies in {file}. It is a person's: nobody has verified it, and nobody else should have it.")


@app.command()
def readers() -> None:
    """List the card readers of this machine."""
    for name in list_readers(load_pyscard()):
        print(name)


class _Told:
    """Tells each step once, and files as they are finished."""

    def __init__(self) -> None:
        self._last = ""

    def tell(self, step: Step) -> None:
        """Say what is happening, on the error stream."""
        text = _STEPS.get(step.what)
        if step.total and step.done == step.total:
            text = f"{step.what}: {step.total} bytes"
        if text and text != self._last:
            self._last = text
            typer.echo(text, err=True)


def _ask_password(*, can: bool, mrz: bool) -> tuple[Password, ...]:
    """Ask for what is printed on the document. Raises InputError."""
    if can:
        return (Password.from_can(_ask("Card access number (CAN), six digits")),)
    if mrz:
        return (Password.from_zone(_ask_zone()),)
    number = _ask("Document number")
    return passwords_of(number=number, birth=_ask_date("Birth date"), expiry=_ask_date("Date of expiry"))


def _ask_zone() -> str:
    """Return the lines of a machine readable zone, asked for until it is complete or a line is empty."""
    typer.echo("Type the machine readable zone as it is printed, < included.", err=True)
    zone = ""
    while len(zone) not in _ZONE_CHARACTERS:
        line = "".join(_ask("Next line", optional=True).split())
        if not line:
            break
        zone += line
    return zone


def _ask_date(label: str) -> date:
    try:
        return date.fromisoformat(_ask(f"{label}, YEAR-MONTH-DAY").strip())
    except ValueError:
        raise InputError(
            "A date is written YEAR-MONTH-DAY, for instance 1990-08-06.", code="chip_password_form"
        ) from None


def _ask(label: str, *, optional: bool = False) -> str:
    return str(typer.prompt(label, err=True, default="" if optional else None, show_default=False))


def _numbers(text: str) -> frozenset[int]:
    """Return the numbers of a list with commas. Raises InputError."""
    try:
        return frozenset(int(each) for each in text.split(",") if each.strip())
    except ValueError:
        raise InputError(
            "Data groups are numbers with commas between them, for instance 2,11.", code="chip_groups"
        ) from None


def _describe(found: ReadDocument) -> list[str]:
    """Return what was read and how access was gained, a sentence each; nothing of what stands in it."""
    by = "the card access number" if found.access.by_can else "the machine readable zone"
    files = found.bundle.groups
    lines = [f"Opened by {found.access.protocol} ({found.access.details}) with {by}."]
    lines.append(f"Read: EF.SOD and data groups {', '.join(map(str, sorted(files)))}.")
    if found.left_out:
        lines.append(f"Kept back by the chip: data groups {', '.join(map(str, sorted(found.left_out)))}.")
    if found.bundle.active_authentication is not None:
        lines.append("The chip signed the nonce.")
    elif 15 in files:
        lines.append("The chip can show that it is no copy; it was not asked to (--nonce).")
    else:
        lines.append("The chip has no key that could sign: whether it is a copy cannot be told this way.")
    return lines
