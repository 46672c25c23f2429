"""Attack a populated deployment of your own: can what is stored tell who is who?"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bonafides.errors import Error
from bonafides.testing.linkage import audit, read_truth

app = typer.Typer(no_args_is_help=True, add_completion=False)
UNUSABLE = 2


@app.callback()
def group() -> None:
    """Attack a populated deployment of your own: can what is stored tell who is who?"""


@app.command()
def linkage(
    directory: Annotated[Path, typer.Option("--dir", help="Databases, files, logs and keys, a folder for each party.")],
    truth: Annotated[
        Path | None, typer.Option(help="Who is who, as the populating program wrote it; truth.json beside --dir.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every attack as JSON.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Print every attack, not the worst of each family.")] = False,
    assignments: Annotated[int, typer.Option(min=100, help="How many random assignments to compare with.")] = 1000,
    seed: Annotated[int, typer.Option(help="Breaks ties and draws samples.")] = 1,
) -> None:
    """Try to match pseudonyms across platforms and to persons. Exit 0: no leak; 1: a leak; 2: unusable input."""
    path = truth or directory.absolute().parent / "truth.json"
    try:
        report = audit(directory, read_truth(path), assignments=assignments, seed=seed, tell=_tell)
    except Error as error:
        _tell(f"{error} ({error.code})")
        raise typer.Exit(UNUSABLE) from None
    if as_json:
        print(json.dumps(report.to_json(), separators=(",", ":")))
    else:
        print("\n".join(report.lines(every=every)))
    raise typer.Exit(1 if report.leaks else 0)


def _tell(line: str) -> None:
    print(line, file=sys.stderr)
