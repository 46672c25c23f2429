"""Try it: an issuer, two platforms and a wallet on this machine.

Without `--script` everything is started and stays until Ctrl+C, and what to try is printed. With it the whole story is
told without questions, and the exit status is 0 only if every step went as told.
"""

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bonafides.cli._demo_counter import serve_at_counter
from bonafides.cli._seeded import COMMAND, DEFAULT_FOLDER, describe_town, forget_town, open_town
from bonafides.cli._story import StepResult, open_story
from bonafides.errors import ConfigError
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.kit.server import serve
from bonafides.testing.deployment import Browser

app = typer.Typer(add_completion=False, no_args_is_help=False, rich_markup_mode=None)

STORY_BEGINS = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIRST_PORT = 8401
Folder = Annotated[Path, typer.Option("--dir", help="Where databases, keys, documents and wallets of the demo lie.")]


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    script: Annotated[bool, typer.Option("--script", help="Tell the story without questions and exit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --script: a JSON line for each step.")] = False,
    folder: Folder = DEFAULT_FOLDER,
    port: Annotated[int, typer.Option(help="The issuer's port; the platforms take the next two.")] = FIRST_PORT,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget an earlier demo in the folder first.")] = False,
) -> None:
    """Start issuer, two platforms and two people on this machine, or tell the story with --script."""
    if context.invoked_subcommand is not None:
        return
    if script:
        raise typer.Exit(_tell(as_json=as_json))
    if as_json:
        raise ConfigError("--json belongs to --script: add it, or leave --json out.")
    if fresh:
        forget_town(folder)
    town = open_town(folder, first_port=port, say=lambda text: print(text, flush=True))
    serve(town.listeners(), on_ready=lambda: print(town.what_to_try(), flush=True))
    print("Stopped. The demo's data stays in", folder)


@app.command()
def visit(
    platform: Annotated[str, typer.Argument(help="Which platform: a or b.")],
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Be the browser: begin a sign-in at a platform of the running demo, then type the code the wallet shows."""
    town = describe_town(folder)
    if platform not in town.platforms:
        raise ConfigError("The demo has platforms a and b: name one of them.")
    with HttpClient(developer_mode=True) as http:
        browser = Browser(http, f"http://localhost:{town.platforms[platform]}")
        link = browser.begin("other")
        print("Answer with a wallet, in another terminal:\n")
        print(f"  {town.environment('anna')} \\\n    {COMMAND} wallet present '{link}'\n")
        code = typer.prompt("The six digits that the wallet shows")
        print(json.dumps(browser.type_code(code.strip()), indent=2))


@app.command()
def counter(
    link: Annotated[str, typer.Argument(help="What Chi's wallet shows; you are asked for it otherwise.")] = "",
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Be a service point: read the emulated chip of Chi's card for the wallet that shows a code."""
    town = describe_town(folder)
    serve_at_counter(link or typer.prompt("The link beneath the wallet's code"), town.folder / "people", who="chi")
    print("Delivered: the wallet goes on by itself.")


def _tell(*, as_json: bool) -> int:
    """Tell the story in a folder that is removed afterwards; return the exit status."""
    went_well = True
    with (
        tempfile.TemporaryDirectory(prefix="bonafides-story-") as folder,
        open_story(Path(folder), FixedClock(STORY_BEGINS)) as story,
    ):
        for number, result in enumerate(_with_progress(story.run(), as_json=as_json), 1):
            went_well = went_well and result.ok
            print(_json_line(result) if as_json else _told(number, result), flush=True)
    if not as_json:
        print("\nEvery step went as told." if went_well else "\nSomething came out otherwise than told.")
    return 0 if went_well else 1


def _with_progress(results: Any, *, as_json: bool) -> Any:
    """Pass results on, and say on a terminal that the next step is under way."""
    show = not as_json and sys.stderr.isatty()
    while True:
        if show:
            print("  …", end="\r", file=sys.stderr, flush=True)
        result = next(results, None)
        if show:
            print("   ", end="\r", file=sys.stderr, flush=True)
        if result is None:
            return
        yield result


def _json_line(result: StepResult) -> str:
    return json.dumps({"step": result.step, "ok": result.ok, "ms": result.ms, **result.figures}, ensure_ascii=False)


def _told(number: int, result: StepResult) -> str:
    figures = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in result.figures.items())
    mark = "ok" if result.ok else "NOT AS TOLD"
    return f"{number:2}. {result.told}\n    {mark} · {figures} · {result.ms} ms"
