"""The issuer's settings, and the folder a new issuer begins with."""

import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bonafides.core import base64url
from bonafides.core.credential.relying_party import check_id
from bonafides.core.document import AssurancePolicy, PersonalNumberRule
from bonafides.errors import ConfigError, Error, InputError
from bonafides.kit.settings import Limits, Settings, office_config

MAX_PASSKEY_BYTES = 2048


class IssuerLimits(Limits):
    """Sizes, lifetimes and counts of the issuer."""

    max_document_bytes: int = 192 * 1024
    max_capture_bytes: int = 512 * 1024
    session_lifetime_s: int = 600
    code_lifetime_s: int = 300
    token_lifetime_s: int = 600
    ticket_lifetime_days: int = 60
    sweep_every_s: int = 60
    rewrite_every_s: int = 3600
    small_group: int = Field(default=100, ge=1)
    unsettled_days: int = Field(default=90, ge=90)


class OfficerPasskey(BaseModel):
    """A passkey with which an officer confirms that somebody stood before them: credential id and COSE key, base64url.

    `rp_id` and `origin` are those for which it was registered and where it is used; empty, the issuer's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    credential_id: str
    public_key: str
    rp_id: str = ""
    origin: str = ""

    def cose(self) -> bytes:
        """Return the public key. Raises ConfigError."""
        try:
            return base64url.decode(self.public_key, max_bytes=MAX_PASSKEY_BYTES)
        except InputError:
            raise ConfigError("The public key of an officer's passkey is not base64url: copy it anew.") from None


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
    """Who decides matters that wait, by key id: public JWKs."""
    officer_passkeys: dict[str, OfficerPasskey] = {}
    """Who confirms persons, by a name of the operator's."""
    assurance: AssurancePolicy = Field(default_factory=AssurancePolicy)
    """What the findings of a document check do: `caps` (finding = level) and `refused`."""
    clock_file: Path | None = None
    limits: IssuerLimits = IssuerLimits()

    def check(self) -> "IssuerSettings":
        """Return the settings if the issuer id may be used. Raises ConfigError."""
        for passkey in self.officer_passkeys.values():
            passkey.cose()
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
