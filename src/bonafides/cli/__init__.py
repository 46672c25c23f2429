"""The command `bonafides`: one module here for each group of commands, loaded only when it is asked for.

A module `cli/<group>.py` has a typer application `app`; the first line of its docstring is its help. A group whose
libraries are not installed says so in one sentence and leaves the others alone.
"""

import ast
import importlib
import importlib.metadata
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bonafides.errors import ConfigError, Error

if TYPE_CHECKING:
    import typer

# Which extra a group needs beyond that of the offices.
_EXTRAS = {"chip": "chip", "station": "chip", "wallet": "wallet"}
INTERRUPTED = 130


def group_names() -> list[str]:
    """Return the names of all command groups, installed libraries or not."""
    return sorted(each.name for each in pkgutil.iter_modules(__path__) if not each.name.startswith("_"))


def load_group(name: str) -> ModuleType:
    """Return the module of a group. Raises ConfigError `extra_missing` if one of its libraries is not installed."""
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "bonafides":
            raise
        extra = _EXTRAS.get(name, "offices")
        raise ConfigError(
            f"“bonafides {name}” needs a library that is not installed: run pip install 'bonafides[{extra}]'.",
            code="extra_missing",
        ) from None


def group_help(name: str) -> str:
    """Return the first line of a group's docstring without loading its libraries."""
    file = Path(__file__).with_name(f"{name}.py")
    try:
        text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    except (OSError, SyntaxError, ValueError):
        return ""
    return text.partition("\n")[0]


def build_app() -> "typer.Typer":
    """Return the typer application; its groups are loaded when they are used."""
    import typer
    from typer.core import TyperGroup

    class Groups(TyperGroup):
        """Finds a group by the name of its module."""

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the framework's signature
            return group_names()

        def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the framework's signature
            if cmd_name not in group_names():
                return None
            try:
                module = load_group(cmd_name)
            except Exception as error:  # noqa: BLE001 - one broken group leaves the list and the others alone
                return _placeholder(cmd_name, error)
            command: Any = typer.main.get_command(module.app)
            command.name = cmd_name
            command.params = [each for each in command.params if not str(each.name).endswith("_completion")]
            command.help = command.help or group_help(cmd_name)
            return command

    def _placeholder(name: str, error: Exception) -> Any:
        """Return a command that stands in the list and says, when it is used, why it cannot be."""
        stand_in = typer.Typer(name=name, add_completion=False)

        @stand_in.command(
            help=f"{group_help(name)} (Cannot be used: try it to see why.)",
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )
        def refuse() -> None:
            raise error

        command: Any = typer.main.get_command(stand_in)
        command.name = name
        return command

    app = typer.Typer(
        name="bonafides",
        cls=Groups,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # a pretty traceback prints local variables, secrets included
        help="One real, verified person behind every account, without anyone being able to say who.",
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            print(importlib.metadata.version("bonafides"))
            raise typer.Exit

    @app.callback()
    def root(
        _version: bool = typer.Option(
            False, "--version", callback=show_version, is_eager=True, help="Print the version and stop."
        ),
    ) -> None:
        pass

    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `bonafides`: what we refuse is told in one sentence with its code, exit status 1, never a traceback."""
    try:
        app = build_app()
    except ModuleNotFoundError:
        _say("The commands need a library that is not installed: run pip install 'bonafides[wallet]'. (extra_missing)")
        sys.exit(1)
    try:
        app(args=None if arguments is None else list(arguments), prog_name="bonafides")
    except Error as error:
        _say(f"{error} ({error.code})")
        sys.exit(1)
    except KeyboardInterrupt:
        _say("Interrupted.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough; a second failure while closing it would be noise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("BONAFIDES_TRACEBACK") == "1":
            raise
        # The type only: the message of a library may quote a value.
        kind = type(error).__name__
        _say(f"Something went wrong that should not ({kind}); BONAFIDES_TRACEBACK=1 shows where. (internal)")
        sys.exit(1)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
