"""Settings of an office: read once from environment and TOML file, frozen, printable without secrets."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretBytes, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from bonafides.errors import ConfigError

Count = Annotated[int, Field(ge=1, le=2**31)]


class Limits(BaseModel):
    """Every size and iteration limit that offices share; an office with limits of its own derives from this."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_body_bytes: Count = 256 * 1024
    max_answer_bytes: Count = 1024 * 1024
    max_jws_bytes: Count = 64 * 1024
    max_payload_bytes: Count = 64 * 1024
    max_json_depth: Count = 32
    nonce_lifetime_s: Count = 300
    nonce_attempts: Count = 3
    clock_skew_s: Count = 300
    http_timeout_s: Count = 10
    transaction_attempts: Count = 6


def office_config(office: str) -> SettingsConfigDict:
    """Return the `model_config` of an office's settings: prefix `BONAFIDES_<OFFICE>_`, `__` between nested names."""
    return SettingsConfigDict(
        env_prefix=f"BONAFIDES_{office.upper()}_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )


class Settings(BaseSettings):
    """Base of every office's settings; derive with `model_config = office_config("issuer")`, make with `load`.

    Secrets are named by the file they lie in, not by value.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    developer_mode: bool = False
    limits: Limits = Limits()

    @classmethod
    def load(cls, toml_file: Path | None = None, **values: Any) -> Self:
        """Read the TOML file, then the environment over it; ConfigError in one sentence if anything is amiss.

        `values` lie under both, as defaults of the caller.
        """
        _refuse_unknown_variables(cls)
        given = _merge(values, _read_toml(toml_file) if toml_file else {})
        try:
            return cls(**given)
        except ValidationError as error:
            raise ConfigError(_sentence(cls, error)) from None
        except SettingsError:
            raise ConfigError(
                f"A variable {cls.model_config['env_prefix']}… is not valid JSON: correct it, or unset it."
            ) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the framework's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the framework's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the framework's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over what `load` passes from the file; read nothing else."""
        return (env_settings, init_settings)

    def describe(self) -> dict[str, Any]:
        """Return the settings for printing: secrets as "(set)", passwords in URLs starred."""
        return {name: _shown(getattr(self, name)) for name in type(self).model_fields}


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr | SecretBytes):
        return "(set)" if value.get_secret_value() else "(not set)"
    if isinstance(value, BaseModel):
        return {name: _shown(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(name): _shown(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    # Greedy, so that a password with an @ of its own goes as a whole.
    return re.sub(r"://.*@", "://***@", str(value), flags=re.DOTALL)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"The settings file {path} is missing: create it, or name another.") from None
    except OSError as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except ValueError:  # TOML and UTF-8 alike; the parser's text would quote the line
        raise ConfigError(f"The settings file {path} is not valid TOML: correct it.") from None


def _merge(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for name, value in high.items():
        under = merged.get(name)
        merged[name] = _merge(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _refuse_unknown_variables(kind: type[Settings]) -> None:
    """Refuse a misspelt variable: a limit or a switch that silently keeps its default is worse than no start."""
    prefix = kind.model_config.get("env_prefix", "")
    if not prefix:
        return
    known = {(prefix + name).upper() for name in kind.model_fields}
    for variable in sorted(os.environ):
        if variable.upper().startswith(prefix) and variable.upper().partition("__")[0] not in known:
            raise ConfigError(f"There is no setting {variable}: correct its name, or unset it.")


def _sentence(kind: type[Settings], error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"]) or "settings"
    prefix = kind.model_config.get("env_prefix", "")
    variable = prefix + "__".join(str(part) for part in first["loc"]).upper()
    if first["type"] == "missing":
        return f"The setting {name} is missing: set {variable}, or write it into the settings file."
    if first["type"] == "extra_forbidden":
        return f"There is no setting {name}: correct its name, or remove it."
    # The kind of mistake only: the message of a validator may quote the value.
    return f"The setting {name} is not usable ({first['type'].replace('_', ' ')}): correct {variable} or the file."
