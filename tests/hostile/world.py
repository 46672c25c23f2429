"""Issuer and two gateways as they are, valid requests for every endpoint kept back, and what every refusal must be."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import MetaData, select

from bonafides.core.credential import device
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import Answer, HttpClient
from bonafides.kit.jws import sign_jws
from bonafides.kit.server import free_port, start
from bonafides.kit.signing_key import new_signing_key, public_jwk
from bonafides.kit.storage import Database, open_database
from bonafides.offices.gateway import setup as gateway_setup
from bonafides.offices.gateway.app import create_app as create_gateway
from bonafides.offices.gateway.schema import metadata as gateway_tables
from bonafides.offices.issuer.app import create_app as create_issuer
from bonafides.offices.issuer.schema import metadata as issuer_tables
from bonafides.testing.deployment import issuer_settings
from bonafides.testing.holder import Holder, new_device
from bonafides.testing.passkey import SoftPasskey
from bonafides.testing.state import SyntheticState

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PLATFORM_TOKEN = "the token of the platform"
MARK = "Zq9Xw7"
"""Stands in hostile input; in no answer."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PASSING = {"nonce", "spent", "tally", "settling_group"}
"""Tables that a refusal may touch, or the upkeep at any time."""


@dataclass(frozen=True)
class Request:
    """One request that the office would take, or what was made of it."""

    method: str
    url: str
    body: Any = None
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes | None:
        """The body as it travels; bytes as they are."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body
        if self.media_type == FORM:
            return urlencode(self.body).encode()
        return json.dumps(self.body).encode()

    def of(self, **changes: Any) -> "Request":
        """The request with something else in it."""
        return replace(self, **changes)


class HeldError(Exception):
    """A request was kept back instead of sent."""


class Recorder(HttpClient):
    """A client that keeps the next request to one path back."""

    def __init__(self) -> None:
        super().__init__(developer_mode=True)
        self._hold: str | None = None
        self._held: Request | None = None

    def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send, or keep."""
        if self._hold is not None and urlsplit(url).path.startswith(self._hold):
            body: Any = content
            if media_type == JSON and content:
                body = json.loads(content)
            elif media_type == FORM and content:
                body = dict(httpx.QueryParams(content.decode()))
            self._held = Request(method, url, body, media_type, dict(headers or {}))
            raise HeldError
        return super().send(method, url, content=content, media_type=media_type, headers=headers)

    def keep(self, path: str, act: Callable[[], object]) -> Request:
        """Let somebody act, and return their request to a path, which was not sent."""
        self._hold = path
        try:
            act()
        except HeldError:
            assert self._held is not None
            return self._held
        finally:
            self._hold = None
        raise AssertionError(f"nothing was sent to {path}")


@dataclass
class Served:
    """One office being served."""

    name: str
    origin: str
    app: FastAPI
    database: Database
    tables: MetaData

    def rows(self) -> dict[str, list[str]]:
        """Every row that a refusal must leave as it was."""
        kept: dict[str, list[str]] = {}
        with self.database.read() as connection:
            for table in self.tables.sorted_tables:
                if table.name not in PASSING:
                    columns = [each for each in table.columns if each.name not in ("attempts", "tries")]
                    kept[table.name] = sorted(map(repr, connection.execute(select(*columns)).all()))
        return kept

    def routes(self) -> list[tuple[str, str]]:
        """Every method and path there is."""
        found = [each for each in _flat(self.app.routes) if isinstance(each, APIRoute)]
        return sorted((method, each.path) for each in found for method in each.methods or ())


def _flat(routes: Any) -> Iterator[Any]:
    """Yield routes, those of included routers too."""
    for each in routes:
        inner = getattr(each, "routes", None)
        original = getattr(each, "original_router", None)
        if isinstance(each, APIRoute):
            yield each
        elif inner is not None:
            yield from _flat(inner)
        elif original is not None:
            yield from _flat(original.routes)
        else:
            raise AssertionError(f"a route of an unknown kind: {each!r}")


@dataclass
class World:
    """Everybody, and a valid request for each endpoint."""

    state: SyntheticState
    clock: FixedClock
    recorder: Recorder
    http: httpx.Client
    issuer: Served
    gateways: tuple[Served, Served]
    issuer_id: str
    officer_key: Any
    officer_passkey: SoftPasskey
    redress_key: Any
    numbers: list[str] = field(default_factory=list)

    @property
    def offices(self) -> tuple[Served, ...]:
        """All that store something."""
        return (self.issuer, *self.gateways)

    def person(self) -> Holder:
        """Somebody with a card and an empty wallet."""
        self.numbers.append(self.state.next_number())
        card = self.state.issue_card(birth=date(1990, 5, 17), personal_number=self.numbers[-1])
        return Holder(self.recorder, self.issuer.origin, self.issuer_id, card)

    def beside(self, holder: Holder) -> Holder:
        """Another wallet of the same person."""
        return Holder(self.recorder, self.issuer.origin, self.issuer_id, holder.document)

    def statement(self, act: str, ref: Any, /, **claims: Any) -> str:
        """What an officer signs."""
        now = int(self.clock.now().timestamp())
        contents = {"iss": "officer", "aud": self.issuer_id, "jti": "1", "iat": now, "exp": now + 600}
        contents |= {"act": act, "ref": ref} | claims
        return sign_jws(contents, key=self.officer_key, kid="officer", typ="bonafides-officer+jwt")

    def remedy(self, sub: str, /, **claims: Any) -> str:
        """What a redress body signs."""
        today = self.clock.now().date()
        contents = {"iss": "redress", "aud": self.rp_id(), "jti": "1", "iat": int(self.clock.now().timestamp())}
        contents |= {"sub": sub, "case": "c1", "act": "impose", "kind": "suspension"}
        contents |= {"starts": today.isoformat(), "ends": (today + timedelta(days=3)).isoformat()} | claims
        return sign_jws(contents, key=self.redress_key, kid="redress", typ="bonafides-remedy+jwt")

    def rp_id(self, number: int = 0) -> str:
        """The relying party id of a gateway."""
        return self.gateways[number].origin.removeprefix("http://")

    def send(self, request: Request) -> httpx.Response:
        """Send a request as it is; told to wait, wait and send it again, since load is not what is tried here."""
        headers = dict(request.headers) | ({"Content-Type": request.media_type} if request.media_type else {})
        for _ in range(10):
            answer = self.http.request(request.method, request.url, content=request.content, headers=headers)
            if answer.status_code != 429:
                break
            time.sleep(int(answer.headers["retry-after"]))
        return answer

    @contextmanager
    def unchanged(self, url: str = "") -> Iterator[None]:
        """Let nothing be stored or lost by what happens here, at the office of a URL or at all of them."""
        asked = [each for each in self.offices if url.startswith(each.origin)] or self.offices
        before = [each.rows() for each in asked]
        yield
        assert [each.rows() for each in asked] == before

    def refused(self, request: Request, *statuses: int) -> str:
        """Send a request that must be refused: by one code, with no echo, no trace and no fault of ours."""
        with self.unchanged(request.url):
            answer = self.send(request)
        check_problem(answer, *statuses)
        return str(answer.json()["code"])


def check_problem(answer: httpx.Response, *statuses: int) -> None:
    """Check that an answer is one clear coded problem."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    assert not statuses or answer.status_code in statuses, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told.keys() == {"type", "title", "status", "code"}
    assert re.fullmatch(r"[a-z][a-z0-9_]*", told["code"])
    assert told["code"] not in ("internal", "error")
    assert (told["status"], told["type"]) == (answer.status_code, f"urn:bonafides:error:{told['code']}")
    assert MARK not in answer.text + repr(answer.headers)
    assert answer.headers["cache-control"] == "no-store"


@contextmanager
def open_world(folder: Path, *, issuer_database: str | None = None) -> Iterator[World]:
    """Serve everything, with no limit on attempts, so that one valid request bears many mutations."""
    clock, officer, redress, passkey = FixedClock(NOON), new_signing_key(), new_signing_key(), SoftPasskey()
    state = SyntheticState("UTO", now=NOON)
    with ExitStack() as stack:
        port = free_port()
        settings = issuer_settings(
            folder / "issuer",
            state,
            issuer_id=f"localhost:{port}",
            database_url=issuer_database,
            officer_keys={"officer": public_jwk(officer)},
            officer_passkeys={"officer": passkey.settings},
            nonce_attempts=10**6,
        )

        def serve(name: str, app: FastAPI, port: int, url: str, tables: MetaData) -> Served:
            stack.enter_context(start(app, port=port))
            return Served(name, f"http://localhost:{port}", app, stack.enter_context(open_database(url)), tables)

        issuer = serve("issuer", create_issuer(settings, clock=clock), port, settings.database_url, issuer_tables)
        gateways = []
        for name in ("a", "b"):
            at = free_port()
            site = gateway_setup.init(
                folder / name,
                rp_id=f"localhost:{at}",
                issuers=[settings.issuer_id],
                remedy_keys={"redress": public_jwk(redress)},
                platform_token=PLATFORM_TOKEN,
                developer_mode=True,
            )
            bearing = {"nonce_attempts": 10**6, "code_tries": 10**6, "responses_per_s": 10**5, "polls_per_s": 10**5}
            site = site.model_copy(update={"limits": site.limits.model_copy(update=bearing)})
            app = create_gateway(site, clock=clock, pause_s=3600)
            gateways.append(serve(name, app, at, site.database_url, gateway_tables))
        recorder = stack.enter_context(Recorder())
        http = stack.enter_context(httpx.Client(trust_env=False, timeout=30))
        world = World(
            state,
            clock,
            recorder,
            http,
            issuer,
            (gateways[0], gateways[1]),
            settings.issuer_id,
            officer,
            passkey,
            redress,
        )
        settle = world.person()
        settle.enrol()
        for gateway in gateways:
            settle.sign_in(gateway.origin)  # the gateways know the issuer's keys now
        yield world


@dataclass(frozen=True)
class People:
    """Those whose requests are recorded: enrolled, waiting for a re-enrolment, new, and about to freeze."""

    anna: Holder
    sub: str
    fresh: Holder
    ref: str
    new: Holder
    frozen: Holder


def people(world: World) -> People:
    """Return new people in their places."""
    anna, waits, frozen = (world.person() for _ in range(3))
    for each in (anna, waits, frozen):
        each.enrol()
    sub = str(anna.sign_in(world.gateways[0].origin)["sub"])
    fresh = world.beside(waits)
    fresh.enrol("replace")
    pending = issuer_tables.tables["pending"]
    with world.issuer.database.read() as connection:
        ref = str(connection.execute(select(pending.c.ref).where(pending.c.handle == fresh.handle)).scalar_one())
    return People(anna, sub, fresh, ref, world.person(), frozen)


def at_station(holder: Holder) -> Holder:
    """The same person at a service point."""
    return replace(holder, at_station=True)


def recordings(world: World, who: People) -> dict[str, Request]:
    """Return a valid request for every endpoint, by office, method and route, none of them sent yet."""
    keep, in_person = world.recorder.keep, lambda nonce: world.officer_passkey.confirm(world.issuer_id, nonce)
    issuer, gateway, anna = world.issuer.origin, world.gateways[0].origin, who.anna

    def sign_in() -> None:
        anna.sign_in(gateway)

    def approve() -> None:
        anna.act("approve_device", device.public_bytes(new_device()))

    collecting = keep("/signin/", sign_in)
    bearer = {"Authorization": f"Bearer {PLATFORM_TOKEN}"}
    approval = {"statement": world.statement("approve", who.ref)}
    known = ("openid-credential-issuer", "oauth-authorization-server", "bonafides-issuer")
    return {
        **{f"issuer GET /.well-known/{each}": Request("GET", f"{issuer}/.well-known/{each}") for each in known},
        "issuer POST /nonce": Request("POST", issuer + "/nonce", {}, JSON),
        "issuer POST /session": keep("/session", at_station(who.new).token),
        "issuer POST /session/collect": keep("/session/collect", at_station(who.new).token),
        "issuer POST /session/document": keep("/session/document", lambda: who.new.token(in_person)),
        "issuer POST /token": keep("/token", who.new.token),
        "issuer POST /credential": keep("/credential", who.new.enrol),
        "issuer POST /deferred_credential": keep("/deferred_credential", who.fresh.collect),
        "issuer POST /renewal": keep("/renewal", anna.renew),
        "issuer POST /freeze": keep("/freeze", lambda: who.frozen.freeze(in_person)),
        "issuer POST /action": keep("/action", approve),
        "issuer POST /officer": Request("POST", issuer + "/officer", approval, JSON),
        "gateway GET /.well-known/did.json": Request("GET", gateway + "/.well-known/did.json"),
        "gateway POST /signin": Request("POST", gateway + "/signin", {"device": "same"}, JSON),
        "gateway GET /request/{signin}": keep("/request/", sign_in),
        "gateway POST /response/{signin}": keep("/response/", sign_in),
        "gateway GET /signin/{signin}": collecting.of(
            method="GET", url=collecting.url.removesuffix("/result"), body=None, media_type=None
        ),
        "gateway POST /signin/{signin}/result": keep("/signin/", sign_in),
        "gateway GET /accounts/{sub}": Request("GET", f"{gateway}/accounts/{who.sub}", headers=bearer),
        "gateway POST /remedies": Request("POST", gateway + "/remedies", {"token": world.remedy(who.sub)}, JSON),
    }


KEYS = (
    "issuer GET /.well-known/openid-credential-issuer",
    "issuer GET /.well-known/oauth-authorization-server",
    "issuer GET /.well-known/bonafides-issuer",
    "issuer POST /nonce",
    "issuer POST /session",
    "issuer POST /session/collect",
    "issuer POST /session/document",
    "issuer POST /token",
    "issuer POST /credential",
    "issuer POST /deferred_credential",
    "issuer POST /renewal",
    "issuer POST /freeze",
    "issuer POST /action",
    "issuer POST /officer",
    "gateway GET /.well-known/did.json",
    "gateway POST /signin",
    "gateway GET /request/{signin}",
    "gateway POST /response/{signin}",
    "gateway GET /signin/{signin}",
    "gateway POST /signin/{signin}/result",
    "gateway GET /accounts/{sub}",
    "gateway POST /remedies",
)
"""Every endpoint there is, which a test compares with the offices' routes."""
