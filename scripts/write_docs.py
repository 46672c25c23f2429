"""Write the parts of docs/ that are lists of what is in the code; `--check` says whether they are up to date.

docs/data.md (every stored column), docs/errors.md (every code), docs/settings.md, docs/commands.md.
Run: python -m scripts.write_docs [--check]
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import MetaData

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "bonafides"
_NOTE = "<!-- Written by scripts/write_docs.py from the code; change the code, not this page. -->\n\n"
# What carries a code besides the classes of the error tree.
_CARRIERS = {"Refusal", "Problem", "UnknownError", "RateLimitedError", "ExpiredError"}

# Where the code is passed on from elsewhere, so that no sentence stands beside it.
_MEANINGS = {
    "did_document": ("InputError", "the key document of the site is malformed, or another's"),
    "document_algorithm": ("InputError", "an algorithm identifier in the document is malformed"),
    "document_bundle": ("InputError", "not the JSON of a document: sod, dg1 and what else was read, in base64url"),
    "document_certificate": ("InputError", "a certificate in the document or trust store is malformed"),
    "document_dg13": ("InputError", "a field of data group 13 is repeated, or no text"),
    "document_dg14": ("InputError", "data group 14 is malformed"),
    "document_dg2": ("InputError", "data group 2 has no portrait of a known form"),
    "document_file": ("InputError", "a file of the chip is malformed, nested too deep or too large"),
    "document_key": ("InputError", "a public key in a certificate is malformed"),
    "document_security_object": ("InputError", "the list of signed hashes is malformed"),
    "document_crl": ("InputError", "a revocation list is malformed"),
    "document_crl_extension": ("InputError", "a revocation list says, in a way not understood, that it is not whole"),
    "document_master_list": ("InputError", "a master list is malformed"),
    "document_master_list_attributes": ("InputError", "a master list lacks, repeats or overdoes signed attributes"),
    "document_master_list_content": ("InputError", "what should be a master list wraps something else"),
    "document_master_list_signers": ("InputError", "a master list must have one signer, whose certificate it carries"),
    "document_master_list_version": ("InputError", "a master list is signed data of another version than 3"),
    "document_sod": ("InputError", "EF.SOD is malformed"),
    "document_sod_attributes": ("InputError", "EF.SOD lacks, repeats or overdoes signed attributes"),
    "document_sod_content": ("InputError", "EF.SOD wraps something that is no security object"),
    "document_sod_signers": ("InputError", "EF.SOD must have one signer, whose certificate it carries"),
    "document_sod_version": ("InputError", "EF.SOD is signed data of another version than 3"),
    "document_trust_file": ("InputError", "a file to import is no master list, certificate or revocation list"),
    "internal": ("Error", "our own fault; the log says where"),
    "no_personal_number": ("PolicyError", "the document signs no personal number, or no rule says where"),
    "request": ("InputError", "a signed request is malformed"),
    "trust_unconfirmed": ("PolicyError", "a fingerprint was not confirmed, so nothing was imported"),
    "trust_unknown": ("PolicyError", "nothing in the trust folder has this name, or several have"),
    "unauthorized": ("PolicyError", "the platform's token is missing or wrong"),
}


def data_page() -> str:
    """Return the page of all stored columns."""
    from bonafides.offices.gateway.schema import metadata as gateway
    from bonafides.offices.issuer.schema import metadata as issuer

    text = "# What is stored\n\n" + _NOTE
    text += (
        "Every column of every office, what it is for and how long it stays (charter C8). A column that is not here\n"
        "does not exist: a test compares this page with the tables. Wallets store what they hold encrypted on the\n"
        "holder's own device.\n"
    )
    for office, metadata in (("issuer", issuer), ("gateway", gateway)):
        text += f"\n## {office.capitalize()}\n\n| Table | Column | What for | How long |\n|---|---|---|---|\n"
        text += "".join(_column_lines(metadata))
    return text


def _column_lines(metadata: MetaData) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            yield f"| `{table.name}` | `{column.name}` | {column.info['purpose']} | {column.info['lifetime']} |\n"


def errors_page() -> str:
    """Return the page of all codes, with the kind of error and the sentence a developer sees."""
    found = _codes()
    text = "# Error codes\n\n" + _NOTE
    text += (
        "Codes are stable; texts are not. Over HTTP an error is problem+json with its `code` and nothing else; at the\n"
        "command line it is one sentence with the code behind it.\n\n| Code | Kind | What it means |\n|---|---|---|\n"
    )
    for code in sorted(found):
        kind, meaning = found[code]
        text += f"| `{code}` | {kind} | {meaning} |\n"
    return text


def error_codes() -> set[str]:
    """Return every code in the source."""
    return set(_codes())


def _codes() -> dict[str, tuple[str, str]]:
    """Return code -> (kind of error, first sentence found), from the syntax of the source."""
    kinds = _error_classes()
    found: dict[str, tuple[str, str]] = {}
    for kind, (default, doc) in kinds.items():
        if default:
            found[default] = (kind, doc)
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        constants = _constants(tree)
        if "_CODE" in constants:  # what a whole file of decoders raises
            found.setdefault(constants["_CODE"], ("InputError", (ast.get_docstring(tree) or "").partition("\n")[0]))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            code = next((_text(k.value, constants) for k in node.keywords if k.arg == "code"), None)
            if name in _CARRIERS and code is None and node.args:
                code = _text(node.args[0], constants)
            if not code or not code.replace("_", "").isalnum():
                continue
            texts = [text for each in node.args if (text := _text(each, constants)) and text != code]
            meaning = texts[0] if texts else None
            kind = name if name in kinds else "PolicyError" if name in _CARRIERS else "InputError"
            if code not in found or len(found[code][1]) < 4:
                found[code] = (kind, (meaning or "").replace("|", "\\|"))
    found |= _MEANINGS
    return {code: (kind, meaning or "see the text of the error") for code, (kind, meaning) in found.items()}


def _error_classes() -> dict[str, tuple[str, str]]:
    """Return the classes of the error tree with default code and first line."""
    import bonafides.kit.ratelimit
    import bonafides.offices.gateway.errors  # noqa: F401 - the classes that offices add must have been seen
    from bonafides import errors

    classes: dict[str, tuple[str, str]] = {}
    todo = [errors.Error]
    while todo:
        kind = todo.pop()
        if not kind.__module__.startswith("bonafides."):
            continue  # a test's own
        first = (kind.__doc__ or "").partition("\n")[0]
        classes[kind.__name__] = (kind.default_code, first)
        todo += kind.__subclasses__()
    return classes


def _constants(tree: ast.Module) -> dict[str, str]:
    pairs = ((node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign))
    return {
        target.id: value.value
        for target, value in pairs
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    """Return the text of a constant, a named constant or the fixed parts of a formatted one."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.JoinedStr):
        parts = (str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values)
        return "".join(parts)
    return None


def settings_page() -> str:
    """Return the page of all settings."""
    from bonafides.offices.gateway.settings import GatewaySettings
    from bonafides.offices.issuer.settings import IssuerSettings

    text = "# Settings\n\n" + _NOTE
    text += (
        "Each office reads one TOML file, and over it environment variables (`BONAFIDES_ISSUER_…`,\n"
        "`BONAFIDES_GATEWAY_…`, `__` before a nested name). A misspelt name is an error. Secrets are named by the\n"
        "file they lie in.\n"
    )
    for office, model in (("Issuer", IssuerSettings), ("Gateway", GatewaySettings)):
        text += f"\n## {office}\n\n| Setting | Default |\n|---|---|\n" + "".join(_setting_lines(model))
    return text


def _setting_lines(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True) if not field.is_required() else None
        if isinstance(default, BaseModel):
            yield from _setting_lines(type(default), f"{prefix}{name}.")
        else:
            yield f"| `{prefix}{name}` | {'must be set' if field.is_required() else f'`{default!r}`'} |\n"


def commands_page() -> str:
    """Return the page of all commands with the first line of their help."""
    import typer
    from typer.core import TyperGroup

    from bonafides.cli import group_help, group_names, load_group

    text = "# Commands\n\n" + _NOTE + "`bonafides COMMAND --help` tells the options.\n"
    for group in group_names():
        command: Any = typer.main.get_command(load_group(group).app)
        text += f"\n## bonafides {group}\n\n{group_help(group)}\n"
        lines = list(_command_lines(command, f"bonafides {group}", TyperGroup))
        text += ("\n" + "".join(lines)) if lines else ""
    return text


def _command_lines(command: Any, path: str, group_type: type) -> Iterator[str]:
    for name in sorted(getattr(command, "commands", {})):
        each = command.commands[name]
        if isinstance(each, group_type):
            yield from _command_lines(each, f"{path} {name}", group_type)
        else:
            yield f"- `{path} {name}` — {(each.help or '').partition(chr(10))[0]}\n"


PAGES = {
    "data.md": data_page,
    "errors.md": errors_page,
    "settings.md": settings_page,
    "commands.md": commands_page,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check tell which are out of date."""
    stale = [name for name, page in PAGES.items() if not _is_current(name, page())]
    if "--check" in arguments:
        for name in stale:
            sys.stderr.write(f"docs/{name} is out of date: run make docs\n")
        return 1 if stale else 0
    for name in stale:
        (ROOT / "docs" / name).write_text(PAGES[name](), "utf-8")
    return 0


def _is_current(name: str, text: str) -> bool:
    path = ROOT / "docs" / name
    return path.exists() and path.read_text("utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
