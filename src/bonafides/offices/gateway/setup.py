"""Make a new gateway: its key, its settings file, the platform's token."""

import json
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI

from bonafides.errors import ConfigError
from bonafides.kit.clock import Clock
from bonafides.kit.files import write_atomically
from bonafides.kit.keyfile import write_secret_file
from bonafides.kit.signing_key import new_signing_key, write_signing_key
from bonafides.offices.gateway.app import create_app
from bonafides.offices.gateway.settings import GatewaySettings

SETTINGS_FILE = "gateway.toml"
KEY_FILE = "request-signing.pem"
TOKEN_FILE = "platform-token"  # noqa: S105 - the name of a file
DATABASE_FILE = "gateway.db"


def init(
    directory: Path,
    *,
    rp_id: str,
    issuers: Sequence[str],
    required: Sequence[str] = ("settled", "assurance"),
    optional: Sequence[str] = (),
    remedy_keys: Mapping[str, Mapping[str, str]] | None = None,
    platform_token: str | None = None,
    wallet_url: str = "openid4vp://",
    database_url: str | None = None,
    clock_file: Path | None = None,
    developer_mode: bool = False,
) -> GatewaySettings:
    """Write key, platform token and settings into a directory (all 0600), and return the settings.

    ConfigError if a gateway lies there already: its key is what wallets know the platform by.
    """
    directory = directory.absolute()
    if (directory / SETTINGS_FILE).exists() or (directory / KEY_FILE).exists():
        raise ConfigError(f"There is a gateway in {directory} already: choose another directory.")
    token = platform_token or secrets.token_urlsafe(32)
    values: dict[str, object] = {
        "relying_party_id": rp_id,
        "database_url": database_url or f"sqlite:///{directory / DATABASE_FILE}",
        "signing_key_file": str(directory / KEY_FILE),
        "issuers": list(issuers),
        "required": list(required),
        "optional": list(optional),
        "platform_token_sha256": sha256(token.encode()).hexdigest(),
        "wallet_url": wallet_url,
        "developer_mode": developer_mode,
    }
    if clock_file is not None:
        values["clock_file"] = str(clock_file.absolute())
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_signing_key(directory / KEY_FILE, new_signing_key())
        write_secret_file(directory / TOKEN_FILE, token.encode())
        write_atomically(directory / SETTINGS_FILE, _toml(values, remedy_keys or {}).encode())
    except OSError as error:
        raise ConfigError(f"The directory {directory} cannot be written ({error.strerror}): let us own it.") from None
    return GatewaySettings.load(directory / SETTINGS_FILE)


def build(settings_file: Path, *, clock: Clock | None = None) -> FastAPI:
    """Return the application of a settings file, ready to be served; ConfigError says what to correct."""
    return create_app(GatewaySettings.load(settings_file), clock=clock)


def _toml(values: Mapping[str, object], remedy_keys: Mapping[str, Mapping[str, str]]) -> str:
    """Return the settings as TOML, whose strings, lists and truth values are spelt as in JSON."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    for kid, jwk in remedy_keys.items():
        lines += ["", f"[remedy_keys.{json.dumps(kid, ensure_ascii=False)}]"]
        lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in jwk.items()]
    return "\n".join(lines) + "\n"
