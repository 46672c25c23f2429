"""Fixtures of the wallet: a State, an issuer, a site, and a wallet that was enrolled with cheap scrypt."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bonafides.errors import Error
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.kit.server import RunningServer, start
from bonafides.testing.state import SyntheticState
from bonafides.wallet import Kit, ScryptCost, StoredDocument, Wallet
from tests.wallet.fakes import Fake, FakeIssuer, FakeSite

CHEAP = ScryptCost(log2_n=4, r=1, p=1)
PASSPHRASE = "correct horse battery"
NOW = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)  # a Wednesday, in 2026-W48


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands on a Wednesday."""
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def _state() -> SyntheticState:
    return SyntheticState("UTO", now=NOW)


@pytest.fixture(scope="session")
def document(_state: SyntheticState) -> StoredDocument:
    """A card of somebody who is 16 and will be 18 on 1 December 2026."""
    return StoredDocument(_state.issue_card(birth=date(2008, 12, 1)).to_json())


class Stage:
    """Servers whose application is exchanged between tests: starting one takes longer than most tests."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.actor: Fake | None = None
        self.server: RunningServer = start(self)

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        if scope["type"] == "lifespan":
            assert (await receive())["type"] == "lifespan.startup"
            await send({"type": "lifespan.startup.complete"})
            assert (await receive())["type"] == "lifespan.shutdown"
            await send({"type": "lifespan.shutdown.complete"})
            return
        assert self.actor is not None
        await self.actor.app(scope, receive, send)

    def play(self, actor: Fake) -> None:
        """Let this actor answer from now on."""
        self.actor = actor
        actor.id = f"{self.name}.localhost:{self.server.port}"


@pytest.fixture(scope="session")
def stages() -> Iterator[dict[str, Stage]]:
    """One running server for each part."""
    found = {name: Stage(name) for name in ("issuer", "site", "other")}
    yield found
    for stage in found.values():
        stage.server.stop()


@pytest.fixture
def issuer(clock: FixedClock, stages: dict[str, Stage]) -> FakeIssuer:
    """An honest issuer, until a test says otherwise."""
    made = FakeIssuer(clock)
    stages["issuer"].play(made)
    return made


@pytest.fixture
def site(clock: FixedClock, issuer: FakeIssuer, stages: dict[str, Stage]) -> FakeSite:
    """An honest site, until a test says otherwise."""
    made = FakeSite(clock, issuer)
    stages["site"].play(made)
    return made


@pytest.fixture
def other_site(clock: FixedClock, issuer: FakeIssuer, stages: dict[str, Stage]) -> FakeSite:
    """Another honest site."""
    made = FakeSite(clock, issuer)
    stages["other"].play(made)
    return made


@pytest.fixture(scope="session")
def http() -> Iterator[HttpClient]:
    """A client that may call this machine and does not wait long."""
    with HttpClient(developer_mode=True, timeout_s=5) as client:
        yield client


@pytest.fixture
def empty(tmp_path: Path, clock: FixedClock, http: HttpClient) -> Iterator[Wallet]:
    """A wallet in which nothing is yet."""
    path = tmp_path / "wallet"
    with Wallet.create(path, passphrase=PASSPHRASE, clock=clock, http=http, developer=True, cost=CHEAP) as made:
        yield made


@dataclass(frozen=True)
class Template:
    """A wallet made once for all tests: with its kit read back, and enrolled; and what the issuer then held."""

    kit: Kit
    ready: bytes
    enrolled: bytes
    handles: dict[bytes, bytes]
    devices: dict[bytes, set[bytes]]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, stages: dict[str, Stage], document: StoredDocument) -> Template:
    """Enrol once; making a kit and ten requests take longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "wallet"
    clock, kits = FixedClock(NOW), list[Kit]()
    issuer = FakeIssuer(clock)
    stages["issuer"].play(issuer)

    def read_back(kit: Kit) -> Kit:
        kits.append(kit)
        return kit

    with Wallet.create(path, passphrase=PASSPHRASE, clock=clock, developer=True, cost=CHEAP) as made:
        issuer.tamper["/session"] = lambda answer: {}
        with pytest.raises(Error):
            made.enrol(issuer.id, document, kit_read_back=read_back)
        ready = path.read_bytes()
        issuer.tamper.clear()
        made.enrol(issuer.id, document, kit_read_back=read_back)
    return Template(kits[0], ready, path.read_bytes(), issuer.handles, issuer.devices)


def _copy(content: bytes, path: Path, clock: FixedClock, http: HttpClient) -> Wallet:
    path.write_bytes(content)
    return Wallet.open(path, passphrase=PASSPHRASE, clock=clock, http=http, developer=True)


@pytest.fixture
def ready(tmp_path: Path, template: Template, clock: FixedClock, http: HttpClient) -> Iterator[Wallet]:
    """A wallet whose kit was read back, and which was never enrolled."""
    with _copy(template.ready, tmp_path / "wallet", clock, http) as made:
        yield made


@pytest.fixture
def wallet(
    tmp_path: Path, template: Template, clock: FixedClock, http: HttpClient, issuer: FakeIssuer
) -> Iterator[Wallet]:
    """An enrolled wallet; its issuer knows it."""
    issuer.handles = dict(template.handles)
    issuer.devices = {handle: set(keys) for handle, keys in template.devices.items()}
    with _copy(template.enrolled, tmp_path / "wallet", clock, http) as made:
        yield made
