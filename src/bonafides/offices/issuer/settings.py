"""The issuer's settings, and the folder a new issuer begins with."""

import secrets
from pathlib import Path

from pydantic import Field

from bonafides.core.credential.relying_party import check_id
from bonafides.core.document import PersonalNumberRule
from bonafides.errors import ConfigError, Error
from bonafides.kit.settings import Limits, Settings, office_config


class IssuerLimits(Limits):
    """Sizes, lifetimes and counts of the issuer."""

    max_document_bytes: int = 192 * 1024
    session_lifetime_s: int = 600
    code_lifetime_s: int = 300
    token_lifetime_s: int = 600
    ticket_lifetime_days: int = 60
    sweep_every_s: int = 60
    rewrite_every_s: int = 3600
    small_group: int = Field(default=100, ge=1)
    unsettled_days: int = Field(default=90, ge=90)


class IssuerSettings(Settings):
    """What an issuer is: its id, its State, where its database, keys and trust anchors lie."""

    model_config = office_config("issuer")

    issuer_id: str
    country: str = Field(pattern="^[A-Z]{3}$")
    database_url: str
    key_folder: Path
    trust_folder: Path
    personal_number_rules: dict[str, PersonalNumberRule] = {}
    """Where the State signs its personal number, by kind of document: `td1`, `td3`."""
    officer_keys: dict[str, dict[str, str]] = {}
    clock_file: Path | None = None
    limits: IssuerLimits = IssuerLimits()

    def check(self) -> "IssuerSettings":
        """Return the settings if the issuer id may be used. Raises ConfigError."""
        try:
            check_id(self.issuer_id, developer=self.developer_mode)
        except Error as error:
            raise ConfigError(f"The issuer id cannot be used: {error}.") from None
        return self


def create_keys(folder: Path) -> None:
    """Make the first keys of a new issuer in files of their own; existing ones are left alone."""
    from bonafides.offices.issuer.keys import add_signing_key, add_tag_key, write_seal_key

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "seal.key").exists():
        write_seal_key(folder, secrets.token_bytes(32))
    if not list(folder.glob("tag-*.key")):
        add_tag_key(folder)
    if not list(folder.glob("signing-*.key")):
        add_signing_key(folder)
