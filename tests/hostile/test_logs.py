"""Whatever happens, the log tells that it happened and nothing of anybody."""

import io
import json
import logging
import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import structlog

from bonafides.core import base64url
from bonafides.core.credential import device
from bonafides.core.credential.context import Context
from bonafides.errors import Error
from bonafides.kit import telemetry
from bonafides.kit.storage import Database
from bonafides.offices.issuer import applicant
from bonafides.testing.holder import Holder
from tests.hostile.world import JSON, PLATFORM_TOKEN, Recorder, Request, World, open_world

NAME, NUMBER, BIRTH = "QUACKENBUSH, XIMENA", "739104628515", date(1987, 3, 9)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[World, io.StringIO]]:
    """Give a world whose log lines go to a text: all libraries speak as loudly as they can."""
    stream = io.StringIO()
    root, loud = logging.getLogger(), logging.getLogger().level
    captured = [*root.handlers]
    for handler in captured:
        root.removeHandler(handler)  # pytest's own would show what ours must hold back
    try:
        with open_world(tmp_path) as world:
            telemetry.configure(world.clock, office="issuer", stream=stream, level="debug")
            root.setLevel(logging.DEBUG)
            yield world, stream
    finally:
        root.setLevel(loud)
        for handler in [*root.handlers]:
            root.removeHandler(handler)
        for handler in captured:
            root.addHandler(handler)
        logging.captureWarnings(False)
        structlog.reset_defaults()


class Seen(Recorder):
    """Remembers all that goes over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()

    def send(self, method: str, url: str, **how: Any) -> Any:
        """Send and remember both bodies, part by part."""
        answer = super().send(method, url, **how)
        for body in (how.get("content") or b"", answer.body):
            self._remember(body.decode("utf-8", "replace"))
        self.texts |= {part for part in url.split("/") if len(part) in (22, 43)}
        self.texts |= {value.partition("=")[2].partition(";")[0] for value in (answer.headers.get("set-cookie", ""),)}
        return answer

    def _remember(self, text: str) -> None:
        try:
            self._collect(json.loads(text))
        except ValueError:
            self.texts.add(text)

    def _collect(self, value: Any) -> None:
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self._collect(each)
        if isinstance(value, str):
            self.texts.add(value)


_PUBLIC = re.compile(r"http|urn:|[a-z_]+\Z")
"""What answers say of no person: addresses, names of errors."""


def known_of(world: World, holder: Holder, wire: Seen) -> set[str]:
    """Everything that somebody could be known by, in every spelling."""
    tags = world.issuer.app.state.issuer.keys.tags
    pseudonym = holder.secret.pseudonym(Context("account", world.rp_id()))
    secrets = [holder.handle, pseudonym, device.public_bytes(holder.device), holder.secret.encode()]
    secrets += [tags.tag(tags.newest, "UTO", NUMBER), tags.handle_mac(tags.newest, holder.handle)]
    known = {"QUACKENBUSH", "XIMENA", NUMBER, f"{BIRTH:%y%m%d}", BIRTH.isoformat(), PLATFORM_TOKEN, "127.0.0.1"}
    for data in secrets:
        known |= {data.hex(), base64url.encode(data), repr(data)[2:-1]}
    return known | {text for text in wire.texts if len(text) > 16 and not _PUBLIC.match(text)}


def test_nothing_of_anybody_is_in_the_log(log: tuple[World, io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    world, stream = log
    with Seen() as wire:
        card = world.state.issue_card(birth=BIRTH, name=NAME, personal_number=NUMBER)
        anna = Holder(wire, world.issuer.origin, world.issuer_id, card)
        gateway = world.gateways[0]
        anna.enrol()
        sub = anna.sign_in(gateway.origin)["sub"]
        anna.renew()
        anna.act("status")
        fresh = Holder(wire, world.issuer.origin, world.issuer_id, card)
        for refused in (fresh.enrol, lambda: fresh.enrol("restore"), fresh.freeze):
            with pytest.raises(Error):
                refused()
        fresh.enrol("replace")
        world.send(Request("POST", gateway.origin + "/remedies", {"token": world.remedy(sub, aud="x")}, JSON))
        world.send(Request("POST", gateway.origin + "/remedies", {"token": world.remedy(sub)}, JSON))
        world.send(Request("GET", f"{gateway.origin}/accounts/{sub}", headers={"Authorization": f"Bearer {sub}"}))
        for recorded in (anna, fresh):
            request = wire.keep("/credential", recorded.enrol)
            world.send(request.of(body=request.body | {"purpose": NAME}))
        break_things(world, anna, monkeypatch)
        known = known_of(world, anna, wire)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {"web.request.failed", "library.log.written", "gateway.remedy.refused"} <= {line["event"] for line in lines}
    assert {line["code"] for line in lines if "code" in line} >= {"internal", "database_unavailable"}
    told = stream.getvalue()
    assert [text for text in known if text in told] == []


def break_things(world: World, anna: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let errors happen whose texts quote everything: in our code, in a library, in the database."""

    def quoting(*_: object, **__: object) -> object:
        raise RuntimeError(f"{NAME} {NUMBER} {anna.handle.hex()} {anna.handle!r}")

    monkeypatch.setattr(applicant, "verify_document", quoting)
    with pytest.raises(Error, match="500"):
        anna.token()
    monkeypatch.undo()
    for name in ("uvicorn.error", "sqlalchemy.engine", "httpx", "asyncio", "made.up"):
        logging.getLogger(name).warning("%s %s %s", NAME, NUMBER, anna.handle.hex())
        try:
            quoting()
        except RuntimeError:
            logging.getLogger(name).exception("%s", NUMBER)
    structlog.get_logger().error(NUMBER, code=NUMBER, handle=anna.handle, error=ValueError(NAME), name=NAME)
    for office in (world.issuer, world.gateways[0]):
        database = office.app.state.issuer.database if office is world.issuer else office.app.state.gateway.database
        drop_table(database, "person" if office is world.issuer else "signin")
    for act in (anna.renew, lambda: anna.sign_in(world.gateways[0].origin)):
        with pytest.raises(Error, match="50"):
            act()
    file = Path(str(world.issuer.app.state.issuer.database.engine.url.database))
    world.issuer.app.state.issuer.database.engine.dispose()
    for each in file.parent.glob(file.name + "*"):
        each.write_bytes(b"garbage")
    with pytest.raises(Error, match="503"):
        anna.enrol()


def drop_table(database: Database, name: str) -> None:
    """Take a table away under the feet of an office."""
    with database.transaction() as connection:
        connection.exec_driver_sql(f"DROP TABLE {name}")


def test_the_sweep_outlives_any_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad row must not end it for ever, and its text must not reach the terminal."""
    from bonafides.offices.issuer import app

    calls: list[int] = []

    def fail(_issuer: object) -> None:
        calls.append(1)
        raise RuntimeError(NUMBER)

    monkeypatch.setattr(app, "sweep", fail)
    with open_world(tmp_path) as world:
        for _ in range(500):
            if len(calls) >= 3:
                break
            world.clock.advance(minutes=1)
            time.sleep(0.02)
    assert len(calls) >= 3
