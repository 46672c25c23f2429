"""Settings of a gateway: one platform, its issuers and its keys."""

from pathlib import Path

from bonafides.core.credential.relying_party import check_id
from bonafides.errors import ConfigError, Error
from bonafides.kit.settings import Count, Limits, Settings, office_config


class GatewayLimits(Limits):
    """Limits of the gateway beside the shared ones."""

    max_response_bytes: Count = 8 * 1024
    max_small_body_bytes: Count = 1024
    result_lifetime_s: Count = 600
    code_lifetime_s: Count = 120
    code_tries: Count = 3
    issuer_refetch_s: Count = 60
    issuer_refresh_s: Count = 300
    purge_every_s: Count = 60
    rewrite_every_s: Count = 3600
    requests_per_s: Count = 200
    responses_per_s: Count = 100
    polls_per_s: Count = 500


class GatewaySettings(Settings):
    """Everything a gateway is told from outside; keys are named by their files.

    `issuers`: the ids accepted, one for each issuing State. `required` and `optional`: slots of `person` to ask for.
    `remedy_keys`: key id to public Ed25519 JWK of the redress bodies that may bind accounts here.
    `platform_token_sha256`: SHA-256, in hexadecimal, of the token with which the platform asks about accounts.
    `wallet_url`: where a link to the wallet leads; what is asked follows after `?`, or directly if it ends in ? or #.
    """

    model_config = office_config("gateway")

    relying_party_id: str
    database_url: str
    signing_key_file: Path
    issuers: tuple[str, ...]
    required: tuple[str, ...] = ("settled", "assurance")
    optional: tuple[str, ...] = ()
    remedy_keys: dict[str, dict[str, str]] = {}
    platform_token_sha256: str
    wallet_url: str = "openid4vp://"
    clock_file: Path | None = None
    limits: GatewayLimits = GatewayLimits()


def checked_id(given: str, *, setting: str, developer_mode: bool) -> str:
    """Return a relying party or issuer id in its one spelling; ConfigError says what to correct."""
    try:
        return check_id(given, developer=developer_mode)
    except Error as error:
        raise ConfigError(
            f"The setting {setting} holds no usable id ({error.code}): write a lower-case host name, with a port unless"
            " it is 443; localhost works in developer mode only."
        ) from None


def checked_issuers(settings: GatewaySettings) -> tuple[str, ...]:
    """Return the issuer ids, at least one and each once; ConfigError otherwise."""
    ids = [checked_id(each, setting="issuers", developer_mode=settings.developer_mode) for each in settings.issuers]
    if not ids or len(set(ids)) != len(ids):
        raise ConfigError("The setting issuers must name at least one issuer, and each only once.")
    return tuple(ids)


def checked_token_digest(settings: GatewaySettings) -> bytes:
    """Return the 32 bytes of the platform's token digest; ConfigError for anything else."""
    try:
        digest = bytes.fromhex(settings.platform_token_sha256)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise ConfigError("The setting platform_token_sha256 is not a SHA-256: write its 64 hexadecimal digits.")
    return digest
