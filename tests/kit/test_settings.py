"""Settings: environment over file over caller, frozen, shown without secrets, wrong ones told in a sentence."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bonafides.errors import ConfigError
from bonafides.kit.settings import Limits, Settings, office_config


class Sample(Settings):
    model_config = office_config("sample")

    database: str
    mail_password: SecretStr | None = None
    issuers: list[str] = []
    key_file: Path = Path("key")


PLAIN = 'database = "sqlite:///x.db"\n'


def load(tmp_path: Path, toml: str = PLAIN) -> Sample:
    path = tmp_path / "office.toml"
    path.write_text(toml, "utf-8")
    return Sample.load(path)


def test_environment_over_file_over_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml = PLAIN + 'key_file = "from-file"\n[limits]\nnonce_attempts = 5\nmax_body_bytes = 1000\n'
    (tmp_path / "office.toml").write_text(toml)
    monkeypatch.setenv("BONAFIDES_SAMPLE_LIMITS__MAX_BODY_BYTES", "2000")
    monkeypatch.setenv("BONAFIDES_SAMPLE_ISSUERS", '["issuer.example"]')
    monkeypatch.setenv("BONAFIDES_SAMPLE_DEVELOPER_MODE", "true")
    found = Sample.load(tmp_path / "office.toml", key_file="from-caller", limits={"clock_skew_s": 7})
    assert found.developer_mode
    assert found.key_file == Path("from-file")
    assert found.issuers == ["issuer.example"]
    assert found.limits == Limits(max_body_bytes=2000, nonce_attempts=5, clock_skew_s=7)


def test_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BONAFIDES_SAMPLE_DATABASE", "postgresql://localhost/x")
    monkeypatch.setenv("BONAFIDES_OTHER_DATABASE", "not ours")
    assert Sample.load().database == "postgresql://localhost/x"


def test_defaults_and_freezing(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert not found.developer_mode
    assert (found.limits.max_body_bytes, found.limits.nonce_lifetime_s, found.limits.nonce_attempts) == (262144, 300, 3)
    with pytest.raises(ValidationError):
        found.database = "other"
    with pytest.raises(ValidationError):
        found.limits.nonce_attempts = 9


def test_printing_shows_no_secret(tmp_path: Path) -> None:
    found = load(
        tmp_path, 'database = "postgresql://me:pass@word@db.example/x"\nmail_password = "hush"\nissuers = ["a"]\n'
    )
    shown = found.describe()
    assert shown["database"] == "postgresql://***@db.example/x"
    assert shown["mail_password"] == "(set)"
    assert shown["limits"]["nonce_attempts"] == 3
    assert shown["key_file"] == "key"
    assert "hush" not in str(shown) + repr(found)


@pytest.mark.parametrize(
    ("toml", "part"),
    [
        ("", "setting database is missing: set BONAFIDES_SAMPLE_DATABASE"),
        (PLAIN + "databse = 1\n", "no setting databse"),
        (PLAIN + "[limits]\nnonce_attempts = 0\n", "limits.nonce_attempts is not usable (greater than equal)"),
        (PLAIN + "[limits]\nnonce_attempt = 5\n", "no setting limits.nonce_attempt"),
        (PLAIN + 'developer_mode = "hush"\n', "developer_mode is not usable"),
        ("mail_password = hush", "not valid TOML"),
        ("database = 5\n", "database is not usable"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(tmp_path: Path, toml: str, part: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, toml)
    sentence = str(caught.value)
    assert part in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hush" not in sentence
    assert caught.value.__cause__ is None


def test_wrong_variables_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="is missing: create it"):
        Sample.load(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="cannot be read"):
        Sample.load(tmp_path)
    monkeypatch.setenv("BONAFIDES_SAMPLE_ISSUERS", "not json")
    with pytest.raises(ConfigError, match="not valid JSON"):
        load(tmp_path)
    monkeypatch.delenv("BONAFIDES_SAMPLE_ISSUERS")
    for name in ("BONAFIDES_SAMPLE_DEVELOPERMODE", "BONAFIDES_SAMPLE_LIMITS__NONCE"):
        monkeypatch.setenv(name, "1")
        with pytest.raises(ConfigError, match="no setting"):
            load(tmp_path)
        monkeypatch.delenv(name)
