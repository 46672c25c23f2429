"""The floors of the house: an import goes down, never up or across. Checked on the syntax of every file."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "bonafides"

# What each floor may import of ours; an office, wallet and station also themselves, the roof everything.
CORE, KIT, ERRORS, ROOT = "bonafides.core", "bonafides.kit", "bonafides.errors", "bonafides.__version__"
MAY_IMPORT = {
    "errors.py": (),
    "__init__.py": (),
    "core": (CORE, ERRORS),
    "kit": (CORE, KIT, ERRORS, ROOT),
    "offices": (CORE, KIT, ERRORS, ROOT),
    "wallet": (CORE, KIT, ERRORS, ROOT),
    "station": (CORE, KIT, ERRORS, ROOT),
}
ROOF = {"cli", "testing"}

# Core works on bytes alone: these libraries of others, and of the standard library nothing that touches the world.
CORE_LIBRARIES = {"asn1crypto", "cryptography", "ecdsa", "py_arkworks_bls12381", "shamir_mnemonic"}
CORE_NEVER = {
    *("os", "pathlib", "io", "time", "logging", "socket", "sqlite3", "random", "secrets"),
    *("asyncio", "builtins", "ctypes", "glob", "http", "importlib", "multiprocessing", "shutil", "signal"),
    *("ssl", "subprocess", "sys", "tempfile", "threading", "urllib.request", "urllib.robotparser", "uuid", "warnings"),
}
CORE_NEVER_CALLED = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
# Who alone may import what.
ONLY_IN = {
    "py_arkworks_bls12381": {"core/bbs/_curve.py"},
    "shamir_mnemonic": {"core/credential/kit.py"},
}
EXCEPTIONS = {("core/bbs/_curve.py", "secrets")}

# The rules of an office are functions of what they are given.
DOMAIN_NEVER = {
    *("sqlalchemy", "alembic", "fastapi", "starlette", "httpx", "uvicorn", "structlog", "authlib"),
    *("os", "time", "logging", "socket", "sqlite3", "random", "secrets", "threading", "pathlib"),
    *(f"bonafides.kit.{name}" for name in ("clock", "storage", "http", "web", "server", "telemetry", "keyfile")),
}


def imported(tree: ast.AST, path: PurePosixPath) -> Iterator[str]:
    """Give the full name of everything imported anywhere in a file, in functions and type-checking blocks too."""
    package = ("bonafides", *path.parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            yield from (".".join([*base, *([node.module] if node.module else []), alias.name]) for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
            argument = node.args[0] if node.args else None
            known = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            yield str(argument.value) if known and isinstance(argument, ast.Constant) else "an unknown module"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def violations(path: str, source: str) -> list[str]:
    """Return what a file, named from src/bonafides, imports or calls against the rules."""
    place = PurePosixPath(path)
    floor = place.parts[0]
    tree = ast.parse(source)
    names = set(imported(tree, place))
    found = []
    if floor not in ROOF:
        allowed = MAY_IMPORT.get(floor)
        if allowed is None:
            return [f"{path}: {floor} is on no floor"]
        if floor in ("offices", "wallet", "station"):
            allowed = (*allowed, ".".join(("bonafides", *place.parts[: 2 if floor == "offices" else 1])))
        ours = {name for name in names if is_in(name, "bonafides")}
        found += [name for name in ours if not any(is_in(name, each) for each in allowed)]
    found += [name for name in names if path not in ONLY_IN.get(name.partition(".")[0], {path})]
    if floor in ("core", "errors.py"):
        found += [name for name in names if not is_allowed_in_core(path, name)]
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        found += [f"{call.id}()" for call in calls if isinstance(call, ast.Name) and call.id in CORE_NEVER_CALLED]
    if floor == "offices" and place.name == "domain.py":
        found += [name for name in names if any(is_in(name, each) for each in DOMAIN_NEVER)]
    return [f"{path}: {name}" for name in sorted(set(found))]


def is_allowed_in_core(path: str, name: str) -> bool:
    top = name.partition(".")[0]
    if top == "bonafides" or top in CORE_LIBRARIES or (path, top) in EXCEPTIONS:
        return True
    return top in sys.stdlib_module_names and not any(is_in(name, each) for each in CORE_NEVER)


FILES = sorted(str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def test_the_files_are_found() -> None:
    assert {"errors.py", "kit/storage.py", "core/__init__.py"} <= set(FILES)


@pytest.mark.parametrize("path", FILES)
def test_every_file_keeps_to_its_floor(path: str) -> None:
    assert violations(path, (SOURCE / path).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/bbs/sign.py", "import bonafides.kit.clock"),
        ("core/bbs/sign.py", "from bonafides.kit import clock"),
        ("core/bbs/sign.py", "from bonafides import kit"),
        ("core/bbs/sign.py", "from ...kit import clock"),
        ("core/bbs/sign.py", "def f():\n    import bonafides.wallet"),
        ("core/bbs/sign.py", "if TYPE_CHECKING:\n    from sqlalchemy import Table"),
        ("core/bbs/sign.py", "import os.path"),
        ("core/bbs/sign.py", "from pathlib import Path"),
        ("core/bbs/sign.py", "import io"),
        ("core/bbs/sign.py", "import time"),
        ("core/bbs/sign.py", "import logging"),
        ("core/bbs/sign.py", "import socket"),
        ("core/bbs/sign.py", "import sqlite3"),
        ("core/bbs/sign.py", "import random"),
        ("core/bbs/sign.py", "import secrets"),
        ("core/bbs/sign.py", "from urllib import request"),
        ("core/bbs/sign.py", "import numpy"),
        ("core/bbs/sign.py", "import py_arkworks_bls12381"),
        ("core/bbs/sign.py", "from shamir_mnemonic import combine_mnemonics"),
        ("core/bbs/sign.py", "__import__('os')"),
        ("core/bbs/sign.py", "importlib.import_module(name)"),
        ("core/bbs/sign.py", "open('x')"),
        ("core/bbs/sign.py", "print('x')"),
        ("core/credential/present.py", "from random import Random"),
        ("kit/web.py", "from bonafides.offices.issuer import app"),
        ("kit/web.py", "from bonafides.wallet import Wallet"),
        ("kit/web.py", "from bonafides.cli import main"),
        ("kit/web.py", "import py_arkworks_bls12381"),
        ("offices/issuer/api.py", "from bonafides.offices.gateway import store"),
        ("offices/issuer/api.py", "from bonafides.offices import gateway"),
        ("offices/issuer/api.py", "from ..gateway import store"),
        ("offices/issuer/api.py", "import bonafides.offices.issuers"),
        ("offices/issuer/api.py", "import bonafides.wallet"),
        ("offices/issuer/api.py", "import bonafides.testing"),
        ("offices/issuer/api.py", "import bonafides.cli"),
        ("offices/issuer/domain.py", "import sqlalchemy"),
        ("offices/issuer/domain.py", "from fastapi import FastAPI"),
        ("offices/issuer/domain.py", "import httpx"),
        ("offices/issuer/domain.py", "from bonafides.kit.clock import Clock"),
        ("offices/issuer/domain.py", "from bonafides.kit import clock"),
        ("wallet/client.py", "from bonafides.offices.issuer import messages"),
        ("wallet/client.py", "import bonafides.cli"),
        ("station/service_point.py", "from bonafides.wallet import station"),
        ("station/service_point.py", "from bonafides.offices.issuer import delivery"),
        ("wallet/station.py", "from bonafides.station import service_point"),
        ("errors.py", "import bonafides.kit"),
        ("attic/new.py", "x = 1"),
    ],
)
def test_each_rule_catches_its_breach(path: str, source: str) -> None:
    assert violations(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/bbs/sign.py", "import hashlib\nfrom . import ciphersuite\nfrom bonafides.errors import InputError"),
        ("core/bbs/_curve.py", "import secrets\nimport py_arkworks_bls12381"),
        ("core/credential/kit.py", "from shamir_mnemonic import combine_mnemonics"),
        ("core/document/chain.py", "from cryptography import x509\nimport asn1crypto.cms"),
        ("kit/web.py", "import os\nfrom bonafides import __version__\nimport bonafides.core.bbs"),
        ("offices/issuer/api.py", "from bonafides.offices.issuer import store\nfrom . import domain"),
        ("offices/issuer/domain.py", "from bonafides.core.credential import person\nfrom datetime import date"),
        ("offices/issuer/store.py", "import sqlalchemy"),
        ("wallet/client.py", "from bonafides.wallet import state\nfrom bonafides.kit.http import HttpClient"),
        ("station/service_point.py", "from bonafides.station import advice\nfrom bonafides.kit.http import HttpClient"),
        ("cli/demo.py", "import bonafides.offices.issuer, bonafides.wallet, bonafides.testing"),
        ("testing/__init__.py", "import bonafides.wallet"),
    ],
)
def test_what_is_allowed_passes(path: str, source: str) -> None:
    assert violations(path, source) == []
