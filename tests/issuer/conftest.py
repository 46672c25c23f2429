"""An issuer over real HTTP on a clock that the test moves, for a State that never was."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.kit.jws import sign_jws
from bonafides.kit.server import free_port, start
from bonafides.kit.signing_key import new_signing_key, public_jwk
from bonafides.offices.issuer.app import create_app
from bonafides.offices.issuer.service import Issuer
from bonafides.offices.issuer.upkeep import sweep
from bonafides.testing.deployment import issuer_settings
from bonafides.testing.holder import Holder
from bonafides.testing.passkey import SoftPasskey
from bonafides.testing.state import SyntheticState
from tests.postgres import pg_url, postgres_server

__all__ = ["pg_url", "postgres_server"]

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class World:
    """One State, one issuer, one clock, and an officer."""

    state: SyntheticState
    issuer: Issuer
    origin: str
    clock: FixedClock
    http: HttpClient
    officer_key: Ed25519PrivateKey
    officer_passkey: SoftPasskey
    people: list[Holder] = field(default_factory=list)

    def person(self, **card: Any) -> Holder:
        """A person with a card of the State's and an empty wallet."""
        card.setdefault("birth", date(1990, 5, 17))
        return self.wallet(self.state.issue_card(**card))

    def wallet(self, document: Any) -> Holder:
        """An empty wallet beside a given document."""
        return Holder(self.http, self.origin, self.issuer.id, document)

    def officer(self, act: str, ref: str) -> str:
        """A statement of the officer's."""
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": "officer",
            "aud": self.issuer.id,
            "jti": ref,
            "iat": now,
            "exp": now + 600,
            "act": act,
            "ref": ref,
        }
        return sign_jws(claims, key=self.officer_key, kid="officer", typ="bonafides-officer+jwt")

    def in_person(self, reference: str) -> dict[str, Any]:
        """The officer's word that somebody stands before them."""
        return self.officer_passkey.confirm(self.issuer.id, reference)

    def decide(self, act: str) -> str:
        """Let the officer decide the one matter that waits."""
        from bonafides.offices.issuer import store

        with self.issuer.database.read() as connection:
            refs = [each.ref for each in store.list_pending(connection)] + store.list_disputes(connection)
        assert len(refs) == 1
        answer = self.http.post_json(self.origin + "/officer", {"statement": self.officer(act, refs[0])})
        return str(answer["outcome"])

    def pass_days(self, days: int) -> None:
        """Let days go by, the sweep running at their end."""
        self.clock.advance(timedelta(days=days))
        sweep(self.issuer)

    def dump(self) -> dict[str, list[Any]]:
        """Every row of every table but nonces and counts: what a refusal must leave as it was."""
        from bonafides.offices.issuer.schema import metadata

        with self.issuer.database.read() as connection:
            return {
                table.name: sorted(map(repr, connection.execute(table.select()).all()))
                for table in metadata.sorted_tables
                if table.name not in ("nonce", "tally", "spent")
            }


@pytest.fixture(scope="session")
def state() -> SyntheticState:
    """The State, minted once."""
    return SyntheticState("UTO", now=NOON)


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database: SQLite unless a test asks for both by indirect parameters."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/issuer.db"
    return str(request.getfixturevalue("pg_url"))


@pytest.fixture
def world(state: SyntheticState, tmp_path: Path, database_url: str) -> Iterator[World]:
    """An issuer being served."""
    port, clock, officer, passkey = free_port(), FixedClock(NOON), new_signing_key(), SoftPasskey()
    settings = issuer_settings(
        tmp_path,
        state,
        issuer_id=f"localhost:{port}",
        database_url=database_url,
        officer_keys={"officer": public_jwk(officer)},
        officer_passkeys={"officer": passkey.settings},
    )
    app = create_app(settings, clock=clock)
    with start(app, port=port) as server, HttpClient(developer_mode=True) as http:
        yield World(state, app.state.issuer, f"http://localhost:{server.port}", clock, http, officer, passkey)
