"""Issuer and gateway over HTTP on loopback: how many a second, and how much memory their processes hold.

Each office is a process of its own with its SQLite file, served as in production. Holders live in this process; what
they compute is prepared before anything is counted, except in the rows of the whole way. Prepared requests go out over
one connection, one after another. Every rate is told twice: by the clock on the wall, which on a busy machine counts
other people's work too, and by processor time, which does not count waiting for the disk.
"""

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self
from urllib.parse import urlencode, urlsplit

from benchmarks.parties import ENVIRONMENT, ROOT, resident_mib
from bonafides.core import base64url
from bonafides.kit.clock import SystemClock
from bonafides.kit.http import HttpClient
from bonafides.kit.server import free_port
from bonafides.offices.gateway import setup as gateway_setup
from bonafides.offices.issuer import setup as issuer_setup
from bonafides.testing.deployment import issuer_settings
from bonafides.testing.holder import Holder
from bonafides.testing.state import SyntheticState

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Rate:
    """How many a second: by the wall, and by the processor time of the office (and of the holder, if on the way)."""

    by_wall: float
    by_processor: float


@dataclass(frozen=True)
class Rates:
    """One rate a round, and memory once all rounds are done."""

    enrolments: list[Rate]
    whole_enrolments: list[Rate]
    signins: list[Rate]
    issuer_mib: float
    gateway_mib: float


@dataclass(frozen=True)
class Prepared:
    """A request that only needs to be sent."""

    path: str
    body: bytes
    headers: dict[str, str]


def measure(*, rounds: int, count: int) -> Rates:
    """Return the rates of `rounds` rounds of `count` requests, enrolments and sign-ins in turn."""
    with tempfile.TemporaryDirectory() as folder, HttpClient(developer_mode=True) as client:
        state = SyntheticState("UTO", now=SystemClock().now())
        issuer, gateway = (f"localhost:{free_port()}" for _ in range(2))
        issuer_settings(Path(folder, "issuer"), state, issuer_id=issuer)
        gateway_setup.init(Path(folder, "gateway"), rp_id=gateway, issuers=[issuer], developer_mode=True)
        issuer_file = Path(folder, "issuer", issuer_setup.SETTINGS_FILE)
        gateway_file = Path(folder, "gateway", gateway_setup.SETTINGS_FILE)

        def person() -> Holder:
            return Holder(client, f"http://{issuer}", issuer, state.issue_card(birth=date(1990, 5, 17)))

        with (
            _Office("issuer", issuer_file, issuer) as at_issuer,
            _Office("gateway", gateway_file, gateway) as at_gateway,
        ):
            enrolments, whole, signins = [], [], []
            for _ in range(rounds):
                enrolments.append(_rate(at_issuer, [_enrolment(person()) for _ in range(count)]))
                holders = [person() for _ in range(count)]
                whole.append(_whole_rate(at_issuer, holders))
                signins.append(_rate(at_gateway, [_signin(holder, gateway) for holder in holders]))
            return Rates(enrolments, whole, signins, at_issuer.memory(), at_gateway.memory())


def _enrolment(holder: Holder) -> Prepared:
    """A credential request of somebody who has shown the document and committed."""
    token = holder.token()
    proof, _ = holder.proof()
    body = {
        "credential_configuration_id": "bonafides_person",
        "purpose": "enrol",
        "proofs": {"bonafides_commitment": [proof]},
    }
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {token}"}
    return Prepared("/credential", json.dumps(body).encode(), headers)


def _signin(holder: Holder, gateway: str) -> Prepared:
    """The answer of an enrolled holder to a sign-in that just began."""
    origin = f"http://{gateway}"
    signin = holder.http.post_json(f"{origin}/signin", {"device": "same"})["signin"]
    signed = holder.http.get(f"{origin}/request/{signin}").raise_for_problem().body
    claims = json.loads(base64url.decode(signed.decode().split(".")[1], max_bytes=65536))
    token = json.dumps({"person": [holder.shown(signed, claims)]})
    path = urlsplit(claims["response_uri"]).path
    return Prepared(path, urlencode({"vp_token": token}).encode(), {"Content-Type": FORM})


def _whole_rate(office: "_Office", holders: Sequence[Holder]) -> Rate:
    """Enrol holders one after another, each from the session to the opened credentials."""
    wall, worked = time.perf_counter(), time.process_time() + office.worked()
    for holder in holders:
        holder.enrol()
    worked = time.process_time() + office.worked() - worked
    return Rate(len(holders) / (time.perf_counter() - wall), len(holders) / worked)


def _rate(office: "_Office", requests: Sequence[Prepared]) -> Rate:
    """Send prepared requests one after another."""
    connection = http.client.HTTPConnection(office.rp_id, timeout=30)
    connection.connect()
    wall, worked = time.perf_counter(), office.worked()
    for request in requests:
        connection.request("POST", request.path, request.body, request.headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{request.path} answered {answer.status}: {said[:200]!r}")
    rate = Rate(len(requests) / (time.perf_counter() - wall), len(requests) / (office.worked() - worked))
    connection.close()
    return rate


class _Office:
    """An office being served by a process of its own (`benchmarks.serve`)."""

    def __init__(self, office: str, settings: Path, rp_id: str) -> None:
        self.rp_id = rp_id
        command = [sys.executable, "-m", "benchmarks.serve", office, str(settings), rp_id.partition(":")[2]]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=ENVIRONMENT
        )

    def worked(self) -> float:
        """Return the processor time that it has taken, in seconds."""
        if self._process.stdin is None:
            raise RuntimeError("no pipe to the office")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._line())

    def memory(self) -> float:
        """Return what it holds of the machine's memory, in MiB."""
        return resident_mib(self._process.pid)

    def _line(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"the office {self.rp_id} stopped")
        return line.strip()

    def __enter__(self) -> Self:
        self._line()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)
