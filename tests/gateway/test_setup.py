"""A new gateway, and the sentences of one that cannot start."""

import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bonafides.errors import ConfigError
from bonafides.kit import server
from bonafides.kit.clock import FileClock
from bonafides.kit.http import HttpClient
from bonafides.kit.signing_key import public_jwk
from bonafides.offices.gateway.app import create_app
from bonafides.offices.gateway.settings import GatewaySettings
from bonafides.offices.gateway.setup import build, init
from tests.gateway.world import at


def make(folder: Path, **how: Any) -> GatewaySettings:
    return init(folder, **{"rp_id": "forum.example", "issuers": ["id.uto.example"], **how})


def test_init_writes_what_build_reads(tmp_path: Path) -> None:
    port, jwk = server.free_port(), public_jwk(Ed25519PrivateKey.generate())
    clock = FileClock(tmp_path / "clock", developer_mode=True)
    clock.set(at("2026-11-25T10:00:00"))
    settings = make(
        tmp_path / "new" / "forum",
        rp_id=f"forum.localhost:{port}",
        remedy_keys={"redress.example#1": jwk},
        optional=["age_over_18"],
        clock_file=tmp_path / "clock",
        developer_mode=True,
    )
    assert settings.remedy_keys == {"redress.example#1": jwk}
    assert settings.optional == ("age_over_18",)
    for name in ("request-signing.pem", "platform-token", "gateway.toml"):
        assert (tmp_path / "new" / "forum" / name).stat().st_mode & 0o777 == 0o600
    app = build(tmp_path / "new" / "forum" / "gateway.toml")
    with server.start(app, port=port), HttpClient(developer_mode=True) as http:
        document = http.get_json(f"http://forum.localhost:{port}/.well-known/did.json")
        assert document["id"] == f"did:web:forum.localhost%3A{port}"
        told = http.post_json(f"http://forum.localhost:{port}/signin", {"device": "same"})
        assert http.get(f"http://forum.localhost:{port}/request/{told['signin']}").status == 200


def test_cookies_are_secure_but_on_loopback(tmp_path: Path) -> None:
    app = create_app(make(tmp_path / "forum", wallet_url="https://wallet.example/open#"), pause_s=60)
    with server.start(app) as running, HttpClient(developer_mode=True) as http:
        url = f"http://localhost:{running.port}/signin"
        answer = http.send("POST", url, content=b'{"device": "other"}', media_type="application/json")
    assert answer.headers["set-cookie"].startswith("__Secure-signin=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert answer.json()["wallet_url"].startswith("https://wallet.example/open#client_id=decentralized_identifier")


def test_a_gateway_is_not_overwritten(tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(ConfigError, match="already"):
        make(tmp_path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"relying_party_id": "Forum.Example"}, "relying_party_id"),
        ({"relying_party_id": "127.0.0.1"}, "relying_party_id"),
        ({"relying_party_id": "forum.localhost"}, "developer mode"),
        ({"issuers": ()}, "at least one issuer"),
        ({"issuers": ("a.example", "a.example")}, "only once"),
        ({"issuers": ("localhost",)}, "issuers"),
        ({"required": ("assurance",)}, "settled"),
        ({"optional": ("birth_date",)}, "birth_date"),
        ({"remedy_keys": {"k": {"kty": "RSA"}}}, "remedy_keys"),
        ({"platform_token_sha256": "secret"}, "platform_token_sha256"),
        ({"signing_key_file": Path("/nowhere/key.pem")}, "missing"),
        ({"database_url": "sqlite:////nowhere/gateway.db"}, "folder of the database"),
        ({"database_url": "mysql://host/x"}, "kind we do not use"),
        ({"clock_file": Path("/nowhere/clock")}, "developer mode only"),
    ],
)
def test_what_is_not_usable_is_said_in_a_sentence(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    settings = make(tmp_path / "forum").model_copy(update=changes)
    with pytest.raises(ConfigError, match=re.escape(sentence)) as caught:
        create_app(settings)
    assert str(caught.value).endswith(".")


def test_an_unreadable_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    settings = make(tmp_path / "forum")
    (tmp_path / "forum" / "gateway.db").write_bytes(b"not a database at all, but long enough to be read as one" * 40)
    with pytest.raises(ConfigError, match="cannot be used"):
        create_app(settings)


def test_a_used_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    first, second = create_app(make(tmp_path / "a"), pause_s=60), create_app(make(tmp_path / "b"), pause_s=60)
    with server.start(first) as running, pytest.raises(ConfigError, match="already used"):
        server.start(second, port=running.port)
    second.state.gateway.close()
