"""One world a test: an issuer and gateways on free ports of this machine, and a clock that stands still."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bonafides.core.credential.relying_party import origin_of
from bonafides.kit import server
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.kit.jws import sign_jws
from bonafides.kit.signing_key import public_jwk
from bonafides.kit.storage import Database
from bonafides.offices.gateway.app import create_app
from bonafides.offices.gateway.issuers import Issuers
from bonafides.offices.gateway.remedies import Remedies
from bonafides.offices.gateway.service import SignIns
from bonafides.offices.gateway.settings import GatewaySettings
from bonafides.offices.gateway.setup import init
from tests.gateway.world import Browser, FakeIssuer, Holder, at
from tests.postgres import pg_url, postgres_server

__all__ = ["pg_url", "postgres_server"]

TOKEN = "the platform's token"
REDRESS = Ed25519PrivateKey.from_private_bytes(b"a redress body's key, in tests. ")


@dataclass(frozen=True)
class Gateway:
    """A gateway that is being served."""

    rp_id: str
    settings: GatewaySettings
    clock: FixedClock
    http: HttpClient
    signins: SignIns
    remedies: Remedies
    issuers: Issuers
    database: Database

    @property
    def browser(self) -> Browser:
        return Browser(origin_of(self.rp_id), self.http)

    def account(self, sub: str, token: str = TOKEN) -> dict[str, Any]:
        """Ask for an account as the platform does."""
        url = f"{origin_of(self.rp_id)}/accounts/{sub}"
        return self.http.get_json(url, headers={"Authorization": f"Bearer {token}"})

    def message(
        self, sub: str, key: Ed25519PrivateKey = REDRESS, typ: str = "bonafides-remedy+jwt", **fields: Any
    ) -> str:
        """Return a remedy message; by default a suspension of ten days from today."""
        contents = {
            "iss": "redress.example",
            "aud": self.rp_id,
            "jti": "m1",
            "iat": int(self.clock.now().timestamp()),
            "sub": sub,
            "case": "2026-0001",
            "act": "impose",
            "kind": "suspension",
            "starts": "2026-11-25",
            "ends": "2026-12-05",
        }
        return sign_jws(contents | fields, key=key, kid="redress.example#1", typ=typ)

    def send(self, token: str) -> int:
        """Send a remedy message; return the status or raise what is answered."""
        answer = self.http.send(
            "POST",
            origin_of(self.rp_id) + "/remedies",
            content=json.dumps({"token": token}).encode(),
            media_type="application/json",
        )
        return answer.raise_for_problem().status

    def impose(self, sub: str, **fields: Any) -> int:
        return self.send(self.message(sub, **fields))


@dataclass
class World:
    """Everybody."""

    clock: FixedClock
    http: HttpClient
    issuer: FakeIssuer
    open_gateway: Callable[..., Gateway]
    open_issuer: Callable[..., FakeIssuer]
    gateway: Gateway

    def holder(self, **how: Any) -> Holder:
        return Holder(how.pop("issuer", self.issuer), self.http, **how)

    def with_gateway(self, **how: Any) -> "World":
        """Return the same world around another gateway."""
        return replace(self, gateway=self.open_gateway(**how))


BOTH = pytest.mark.parametrize(
    "database_url_of", ["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)], indirect=True
)


@pytest.fixture
def database_url_of(request: pytest.FixtureRequest) -> str | None:
    """Give the URL of the first gateway's database: None for a file of its own."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    return str(request.getfixturevalue("pg_url"))


@pytest.fixture
def world(tmp_path: Path, database_url_of: str | None) -> Iterator[World]:
    """Give a world with an issuer of UTO and one gateway, on a Wednesday of 2026-W48."""
    clock = FixedClock(at("2026-11-25T10:00:00"))
    with ExitStack() as stack:
        http = stack.enter_context(HttpClient(developer_mode=True))

        def open_issuer(name: str = "id", **how: Any) -> FakeIssuer:
            port = server.free_port()
            issuer = FakeIssuer(f"{name}.localhost:{port}", clock, **how)
            stack.enter_context(server.start(issuer.app, port=port))
            return issuer

        def open_gateway(name: str = "forum", *, port: int | None = None, pause_s: float = 60, **how: Any) -> Gateway:
            port = port or server.free_port()
            rp_id = f"{name}.localhost:{port}"
            how.setdefault("issuers", [issuer.id])
            keys = {"redress.example#1": public_jwk(REDRESS)}
            settings = init(
                tmp_path / name,
                rp_id=rp_id,
                platform_token=TOKEN,
                remedy_keys=keys,
                developer_mode=True,
                **how,
            )
            app = create_app(settings, clock=clock, pause_s=pause_s)
            stack.enter_context(server.start(app, port=port))
            opened = app.state.gateway
            opened.issuers.refresh_all(clock.now())  # as the upkeep does at its start, but now rather than soon
            return Gateway(
                rp_id, settings, clock, http, opened.signins, opened.remedies, opened.issuers, opened.database
            )

        issuer = open_issuer()
        gateway = open_gateway(database_url=database_url_of, optional=["age_over_18"])
        yield World(clock, http, issuer, open_gateway, open_issuer, gateway)
