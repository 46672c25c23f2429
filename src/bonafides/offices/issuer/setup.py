"""Make a new issuer: its keys, its trust anchors, its settings file."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from fastapi import FastAPI

from bonafides.errors import ConfigError
from bonafides.kit.clock import Clock, FileClock, SystemClock
from bonafides.kit.files import write_atomically
from bonafides.offices.issuer.app import create_app
from bonafides.offices.issuer.settings import IssuerSettings, create_keys
from bonafides.offices.issuer.trust_import import Request, import_files

SETTINGS_FILE = "issuer.toml"
DATABASE_FILE = "issuer.db"


def init(
    directory: Path,
    *,
    issuer_id: str,
    country: str,
    anchors: Iterable[bytes],
    personal_number_rules: Mapping[str, Mapping[str, str]],
    officer_keys: Mapping[str, Mapping[str, str]] | None = None,
    officer_passkeys: Mapping[str, Mapping[str, str]] | None = None,
    database_url: str | None = None,
    clock_file: Path | None = None,
    developer_mode: bool = False,
    limits: Mapping[str, int] | None = None,
) -> IssuerSettings:
    """Write keys (0600), trust anchors (DER or PEM; more can be imported later) and settings, and return the settings.

    ConfigError if an issuer lies there already: its person-tag key is what it knows people by.
    """
    directory = directory.absolute()
    if (directory / SETTINGS_FILE).exists():
        raise ConfigError(f"There is an issuer in {directory} already: choose another directory.")
    values: dict[str, object] = {
        "issuer_id": issuer_id,
        "country": country,
        "database_url": database_url or f"sqlite:///{directory / DATABASE_FILE}",
        "key_folder": str(directory / "keys"),
        "trust_folder": str(directory / "trust"),
        "developer_mode": developer_mode,
    }
    if clock_file is not None:
        values["clock_file"] = str(clock_file.absolute())
    tables: dict[str, Mapping[str, object]] = {"limits": limits or {}}
    tables |= {f"personal_number_rules.{kind}": dict(rule) for kind, rule in personal_number_rules.items()}
    tables |= {f"officer_keys.{json.dumps(kid)}": dict(jwk) for kid, jwk in (officer_keys or {}).items()}
    tables |= {f"officer_passkeys.{json.dumps(name)}": dict(each) for name, each in (officer_passkeys or {}).items()}
    try:
        (directory / "trust").mkdir(parents=True, exist_ok=True)
        create_keys(directory / "keys")
        _trust(directory / "trust", anchors)
        write_atomically(directory / SETTINGS_FILE, _toml(values, tables).encode(), mode=0o644)
    except OSError as error:
        raise ConfigError(f"The directory {directory} cannot be written ({error.strerror}): let us own it.") from None
    return IssuerSettings.load(directory / SETTINGS_FILE)


def _trust(folder: Path, anchors: Iterable[bytes]) -> None:
    """Write the first anchors; whoever names their files has confirmed them."""
    files = [(f"anchor {number}", anchor) for number, anchor in enumerate(anchors, start=1)]
    request = Request(
        files=files,
        at=SystemClock().now(),
        confirm=lambda _certificate, _what: True,
        provenance="named when the issuer was made",
    )
    import_files(folder, request)


def build(settings_file: Path, *, clock: Clock | None = None) -> FastAPI:
    """Return the application of a settings file, ready to be served; ConfigError says what to correct."""
    settings = IssuerSettings.load(settings_file)
    return create_app(settings, clock=clock or clock_of(settings))


def clock_of(settings: IssuerSettings) -> Clock:
    """Return the machine's clock, or in developer mode the one in a file."""
    if settings.clock_file is None:
        return SystemClock()
    return FileClock(settings.clock_file, developer_mode=settings.developer_mode)


def _toml(values: Mapping[str, object], tables: Mapping[str, Mapping[str, object]]) -> str:
    """Return the settings as TOML, whose strings, numbers and truth values are spelt as in JSON."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    for name, table in tables.items():
        if table:
            lines += ["", f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    return text
