"""Offices in processes that are killed, the client that meets it, and what must hold after every death."""

import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from sqlalchemy import MetaData
from sqlalchemy import select as sql_select

from bonafides.core import base64url
from bonafides.core.credential.context import Context, pseudonym_key
from bonafides.errors import DependencyError, Error, PolicyError
from bonafides.kit.clock import FileClock
from bonafides.kit.http import Answer, HttpClient
from bonafides.kit.server import free_port
from bonafides.kit.storage import open_database
from bonafides.offices.gateway import setup as gateway_setup
from bonafides.offices.gateway.schema import metadata as gateway_tables
from bonafides.offices.issuer.domain import MAX_DEVICES
from bonafides.offices.issuer.keys import load_keys
from bonafides.offices.issuer.schema import metadata as issuer_tables
from bonafides.testing.deployment import issuer_settings
from bonafides.testing.holder import Holder
from bonafides.testing.state import SyntheticState
from tests.crash.launch import CRASH_STEPS

ROOT = Path(__file__).resolve().parent.parent.parent
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
KILLED = -signal.SIGKILL
PATIENCE_S = 60
ISSUING = ("/credential", "/deferred_credential", "/renewal")


class Launcher:
    """Starts offices and commands; see `tests.crash.launch`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.launch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )

    def order(self, **order: Any) -> int:
        """Return the answer to one order: the id of a process, or how one ended."""
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
            assert ready, f"the launcher does not answer to {order}"
            return int(self._process.stdout.readline())

    def run(self, folder: Path, *arguments: str, unprivileged: bool = False) -> tuple[int, str, str]:
        """Run the `bonafides` command; return its exit status and what it said on both channels."""
        files = {name: folder / f"command.{name}" for name in ("stdout", "stderr")}
        for file in files.values():
            file.unlink(missing_ok=True)
        told = {name: str(file) for name, file in files.items()}
        child = self.order(arguments=list(arguments), unprivileged=unprivileged, **told)
        status = self.order(wait=child)
        return status, files["stdout"].read_text(), files["stderr"].read_text()

    def close(self) -> None:
        """Kill what still runs and end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()


@dataclass
class Office:
    """One office: its settings, its port, its database, its process."""

    name: str
    launcher: Launcher
    settings: Path
    port: int
    database_url: str
    tables: MetaData
    clock: Path
    process: int | None = None

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> Path:
        """What it printed, of all its lives."""
        return self.settings.with_suffix(".log")

    def start(self, **crash: int) -> None:
        """Start it, in order to die at a step of a thread if one is named."""
        told = {"office": self.name, "settings": str(self.settings), "port": self.port, "clock": str(self.clock)}
        self.process = self.launcher.order(**told, stdout=str(self.log), stderr=str(self.log), crash=crash)

    def kill(self) -> None:
        """`kill -9`."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            self.await_death()

    def lives(self) -> bool:
        """Tell whether the process has not ended."""
        return self.process is not None and bool(self.launcher.order(lives=self.process))

    def await_death(self) -> None:
        """Wait for the end, which must be by SIGKILL: an office that ends otherwise fails the test."""
        ended = self.launcher.order(wait=self.process)
        self.process = None
        assert ended == KILLED, f"the {self.name} ended with {ended}: {self.log.read_text()[-2000:]}"

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every table, and whether the file is sound."""
        database = open_database(self.database_url)
        try:
            with database.read() as connection:
                if not database.is_postgresql:
                    assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
                return {
                    table.name: list(connection.execute(sql_select(table)).all()) for table in self.tables.sorted_tables
                }
        finally:
            database.close()

    def files(self) -> list[Path]:
        """The files of an SQLite database but for the shared memory, which SQLite makes anew."""
        main = Path(self.database_url.removeprefix("sqlite:///"))
        return [main, main.with_name(main.name + "-wal"), main.with_name(main.name + "-shm")]

    def save(self, folder: Path) -> None:
        """Keep what lies on the disk; the office must be dead."""
        assert self.process is None
        for file in self.files()[:2]:
            if file.exists():
                shutil.copy(file, folder / file.name)

    def restore(self, folder: Path) -> None:
        """Put back what was kept; the office must be dead."""
        assert self.process is None
        for file in self.files():
            file.unlink(missing_ok=True)
            if (folder / file.name).exists():
                shutil.copy(folder / file.name, file)


class CrashedError(DependencyError):
    """The office died before it answered."""


@dataclass(frozen=True)
class Exchange:
    """One request of a flow, with the steps that the office took for it."""

    method: str
    path: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Which request of a flow meets a crash, at which of its steps, and whether it is sent again."""

    request: int
    step: int
    again: bool


class Wire(HttpClient):
    """A client that asks an office to crash at one step of one request, and then starts it again."""

    def __init__(self, town: "Town") -> None:
        super().__init__(developer_mode=True, timeout_s=PATIENCE_S)
        self._town = town
        self.plan: Plan | None = None
        self.listening = False
        self.heard: list[Exchange] = []
        self.told: Counter[str] = Counter()
        self._sent = 0

    def begin(self, plan: Plan | None, *, listening: bool = False) -> None:
        """Count requests from here on; `listening` hears which steps they take."""
        self.plan, self.listening, self.heard, self._sent = plan, listening, [], 0

    def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; if it is the one of the plan the office dies of it."""
        answer = self._send(method, url, content=content, media_type=media_type, headers=headers)
        if answer.status == 200 and (path := urlsplit(url).path) in ISSUING:
            self.told[path] += 1
        return answer

    def _send(
        self, method: str, url: str, *, content: bytes | None, media_type: str | None, headers: Mapping[str, str] | None
    ) -> Answer:
        # A connection that is kept would tell of a death only when it is used the next time.
        sent = dict(headers or {}) | {"Connection": "close"}
        number, self._sent = self._sent, self._sent + 1

        def transmit(extra: Mapping[str, str]) -> Answer:
            return HttpClient.send(self, method, url, content=content, media_type=media_type, headers={**sent, **extra})

        if self.listening:
            answer = transmit({"X-Crash-At": "-"})
            steps = tuple(answer.headers[CRASH_STEPS.lower()].split(","))
            self.heard.append(Exchange(method, urlsplit(url).path, steps))
            return answer
        if self.plan is None or number != self.plan.request:
            return transmit({})
        return self._crash(method, url, transmit, self.plan)

    def _crash(self, method: str, url: str, transmit: Callable[[Mapping[str, str]], Answer], plan: Plan) -> Answer:
        office, path = self._town.office_at(url), urlsplit(url).path
        before = office.rows()
        complete: Answer | None = None
        with suppress(DependencyError):
            complete = transmit({"X-Crash-At": str(plan.step)})
        office.await_death()
        self._town.deaths += 1
        office.start()
        self._town.check()
        if complete is not None:
            return complete
        if not plan.again:
            raise CrashedError
        after = office.rows()
        again = transmit({})
        if is_single_use(method, path) and is_used(before, after, path):
            # What worked works once: never a second answer, and nothing changes by asking.
            assert again.status in (403, 404, 409), f"{path} worked twice: {again.status}"
            assert stable(office.rows()) == stable(after)
        else:
            assert again.status in (200, 202), f"{path} was lost: {again.status} {again.body!r}"
        return again


def is_single_use(method: str, path: str) -> bool:
    """Whether a request carries something that works once."""
    last = path.rsplit("/", 1)[-1]
    return method == "POST" and (
        last in ("token", "document", "credential", "deferred_credential", "renewal", "action", "result")
        or path.startswith("/response/")
    )


def is_used(before: dict[str, list[Any]], after: dict[str, list[Any]], path: str) -> bool:
    """Whether what a request carried is used up, by what the database had before and has after the crash."""
    if path in ("/token", "/session/document"):
        return len(after["spent"]) > len(before["spent"])
    if "nonce" in after:
        return {row.value for row in before["nonce"]} != {row.value for row in after["nonce"]}
    signin = path.split("/")[2]
    return not [
        row for row in after["signin"] if row.id == signin and (row.state == "waiting") != path.endswith("result")
    ]


def stable(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What a refusal leaves as it was: but for how often something was tried or refused."""
    kept = {
        # Sorted: a rewrite in key order may come between, and changes nothing else.
        name: sorted(map(repr, each))
        for name, each in rows.items()
        if name not in ("nonce", "settling_group")
    }
    if "tally" in rows:
        kept["tally"] = sorted(repr(row) for row in rows["tally"] if row.kind != "refused")
    if "signin" in rows:
        kept["signin"] = sorted(repr((row.id, row.state, row.sub, row.collect_digest)) for row in rows["signin"])
    return kept


@dataclass
class Town:
    """An issuer and a gateway in processes of their own, a State, a clock in a file, and everybody who was there."""

    folder: Path
    launcher: Launcher
    state: SyntheticState
    issuer_database: str | None = None
    gateway_database: str | None = None
    people: list[Holder] = field(init=False, default_factory=list)
    numbers: dict[int, str] = field(init=False, default_factory=dict)
    deaths: int = field(init=False, default=0)
    _stack: ExitStack = field(init=False, default_factory=ExitStack)

    def __enter__(self) -> Self:
        clock = self.folder / "clock"
        self.clock = FileClock(clock, developer_mode=True)
        self.clock.set(NOON)
        port, gateway_port = free_port(), free_port()
        settings = issuer_settings(
            self.folder / "issuer",
            self.state,
            issuer_id=f"localhost:{port}",
            database_url=self.issuer_database,
            clock_file=clock,
        )
        self.issuer_id = settings.issuer_id
        self.keys = load_keys(settings.key_folder)
        self.issuer = Office(
            "issuer",
            self.launcher,
            self.folder / "issuer" / "issuer.toml",
            port,
            settings.database_url,
            issuer_tables,
            clock,
        )
        site = gateway_setup.init(
            self.folder / "gateway",
            rp_id=f"localhost:{gateway_port}",
            issuers=[self.issuer_id],
            database_url=self.gateway_database,
            clock_file=clock,
            developer_mode=True,
        )
        self.rp_id = site.relying_party_id
        self.gateway = Office(
            "gateway",
            self.launcher,
            self.folder / "gateway" / gateway_setup.SETTINGS_FILE,
            gateway_port,
            site.database_url,
            gateway_tables,
            clock,
        )
        self.wire = self._stack.enter_context(Wire(self))
        for office in (self.issuer, self.gateway):
            self._stack.callback(office.kill)
            office.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if kind is None:
            self.check_logs()

    def check_logs(self) -> None:
        """Nothing of anybody stands in what the offices printed, and no traceback."""
        printed = self.issuer.log.read_text() + self.gateway.log.read_text()
        assert "Traceback" not in printed
        known = {"ERIKSSON", "900517", *self.numbers.values()}
        for each in self.people:
            for data in (each.handle, self.tag(each), each.document.sod[:24]):
                known |= {data.hex(), base64url.encode(data), repr(data)[2:-1]}
            known.add(self.sub(each))
        assert not [text for text in known if text in printed]

    def office_at(self, url: str) -> Office:
        """The office that listens at a URL."""
        return self.issuer if urlsplit(url).port == self.issuer.port else self.gateway

    def person(self, http: HttpClient | None = None) -> Holder:
        """Somebody with a card and an empty wallet."""
        number = self.state.next_number()
        document = self.state.issue_card(birth=date(1990, 5, 17), personal_number=number)
        return self._known(Holder(http or self.wire, self.issuer.origin, self.issuer_id, document), number)

    def wallet_beside(self, holder: Holder) -> Holder:
        """Another empty wallet of the same person."""
        return self._known(
            Holder(holder.http, holder.origin, holder.issuer_id, holder.document), self.numbers[id(holder)]
        )

    def _known(self, holder: Holder, number: str) -> Holder:
        self.numbers[id(holder)] = number
        self.people.append(holder)
        return holder

    def tag(self, holder: Holder) -> bytes:
        """The tag of a holder, as the issuer makes it."""
        return self.keys.tags.tag(self.keys.tags.newest, "UTO", self.numbers[id(holder)])

    def sub(self, holder: Holder) -> str:
        """The account of a holder at the gateway."""
        context = Context("account", self.rp_id)
        return pseudonym_key(self.issuer_id, context, holder.secret.pseudonym(context))

    def check(self) -> None:
        """Check everything that must hold at every moment, in both databases."""
        self.check_issuer(self.issuer.rows())
        self.check_gateway(self.gateway.rows())

    def check_issuer(self, rows: dict[str, list[Any]]) -> None:
        """One person a tag, one current handle, hashes of exactly the handles there are, nothing half-written."""
        keys = self.keys.tags
        mine = {(self.tag(each), each.handle) for each in self.people}
        marks = {
            (keys.handle_mac(keys.newest, handle), keys.tag_handle_mac(keys.newest, tag, handle))
            for tag, handle in mine
        }
        persons = {bytes(row.tag): row for row in rows["person"]}
        current = [bytes(row.handle) for row in rows["person"] if row.handle is not None]
        assert len(current) == len(set(current)), "one handle of two persons"
        used = {(bytes(row.handle_mac), bytes(row.tag_handle_mac)) for row in rows["used_handle"]}
        assert len(used) == len(rows["used_handle"])
        assert used <= marks, "a used handle of nobody"
        waiting = {bytes(row.tag): bytes(row.handle) for row in rows["pending"]}
        for tag, row in persons.items():
            devices = [each for each in rows["device"] if bytes(each.tag) == tag]
            if row.handle is None:
                assert not devices, "an erased person with a device"
                assert row.returnable
                continue
            assert (tag, bytes(row.handle)) in mine
            assert keys.handle_mac(keys.newest, bytes(row.handle)) in {mac for mac, _ in used}
            assert len([each for each in devices if each.standing != "replaced"]) <= MAX_DEVICES
            assert [each for each in devices if each.standing == "active"], "a person without a device"
        for tag, handle in waiting.items():
            assert tag in persons, "a re-enrolment of nobody"
            assert persons[tag].handle != handle
            assert keys.handle_mac(keys.newest, handle) in {mac for mac, _ in used}
        assert {bytes(row.tag) for row in rows["device"]} <= persons.keys()
        returnable = {row.returnable[i : i + 32] for row in rows["person"] for i in range(0, len(row.returnable), 32)}
        expected = {
            keys.tag_handle_mac(keys.newest, tag, bytes(handle))
            for tag, handle in [*((tag, row.handle) for tag, row in persons.items()), *waiting.items()]
            if handle is not None
        }
        assert {whose for _, whose in used} == expected | returnable, "a handle that nothing leads to"
        delivered = {row.session for row in rows["delivery"]}
        assert delivered <= {row.value for row in rows["spent"]}, "a delivery that could come twice"
        counts = counts_of(rows)
        assert counts["enrolled"] == len(persons)
        assert counts["reenrolled"] + counts["erased"] == sum(row.reenrolments for row in rows["person"])
        assert counts["signed"] % 2 == 0
        told = self.wire.told
        assert counts["signed"] >= 2 * sum(told.values()), "fewer credentials counted than people hold"
        assert counts["renewed"] >= told["/renewal"]

    def check_gateway(self, rows: dict[str, list[Any]]) -> None:
        """One account a pseudonym, and no answer without its account."""
        subs = [row.sub for row in rows["account"]]
        assert len(subs) == len(set(subs))
        assert set(subs) <= {self.sub(each) for each in self.people}, "an account of nobody"
        for row in rows["signin"]:
            answered = row.state == "answered"
            assert answered == (row.sub is not None) == (row.shown is not None) == (row.collect_digest is not None)
            assert answered == (row.nonce == "") == (row.request == "")
            assert not answered or row.sub in subs

    def sign_in(self, holder: Holder) -> dict[str, Any]:
        """Sign in, and come a minute later if the gateway asked for the issuer's keys just when that was dead."""
        try:
            return holder.sign_in(self.gateway.origin)
        except DependencyError as error:
            if error.code != "issuer_unavailable":
                raise
            self.clock.advance(seconds=61)
            return holder.sign_in(self.gateway.origin)

    def check_enrolled(self, holder: Holder) -> None:
        """Exactly one person has this tag, with this handle and this device, and its credentials are accepted."""
        found = [row for row in self.issuer.rows()["person"] if bytes(row.tag) == self.tag(holder)]
        assert [bytes(row.handle) for row in found] == [holder.handle]
        assert sorted(holder.credentials)[-2:] == [each["epoch"] for each in holder.epochs()]
        result = self.sign_in(holder)
        assert result["sub"] == self.sub(holder)
        assert [row.sub for row in self.gateway.rows()["account"]].count(result["sub"]) == 1


def counts_of(rows: dict[str, list[Any]]) -> Counter[str]:
    """The counts of all epochs together, by kind."""
    found: Counter[str] = Counter()
    for row in rows["tally"]:
        found[row.kind] += row._mapping["count"]
    return found


def come_again(act: Callable[[], Any], *, again_after: Collection[str], done: Collection[str]) -> None:
    """Do as people do: if something went wrong begin again, once; then it must work, or tell that it was `done`."""
    try:
        act()
    except Error as error:
        if error.code not in again_after:
            raise
        try:
            act()
        except PolicyError as told:
            if told.code not in done:
                raise


def note_walked(name: str, points: int) -> None:
    """Write to the log of the tests how many kill points were walked."""
    logging.getLogger("tests.crash").info("%s: %d kill points", name, points)
