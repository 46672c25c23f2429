"""The counter: what is compared before a card is read, where a document is sent, and that nothing of it stays."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bonafides.core.credential.station_link import StationLink
from bonafides.core.document import DocumentBundle
from bonafides.errors import DependencyError, Error, VerificationError
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.kit.server import RunningServer, start
from bonafides.station.advice import advise
from bonafides.station.service_point import AccessNumber, Password, Printed, access_number, printed, serve_person
from bonafides.testing.state import SyntheticState
from tests.wallet.conftest import NOW
from tests.wallet.fakes import Fake, Json, Reply, problem

PASSWORD = Printed("C01X00T47", date(1964, 8, 12), date(2031, 10, 31))


class Issuer(Fake):
    """Takes what a service point sends."""

    def __init__(self) -> None:
        super().__init__(FixedClock(NOW))
        self.sent: list[Json] = []
        self.answer: Json | Reply = {"delivered": True}

    def handle(self, path: str, body: bytes, headers: Any) -> Json | Reply:
        assert path == "/session/document"
        self.sent.append(json.loads(body))
        return self.answer


@dataclass
class Clerk:
    """Confirms, or does not."""

    yes: bool = True
    asked: list[StationLink] = field(default_factory=list)

    def confirms(self, link: StationLink) -> bool:
        """Look at both screens."""
        self.asked.append(link)
        return self.yes

    def password(self) -> Password:
        """Read from the document."""
        assert self.yes
        return PASSWORD


@dataclass
class Reader:
    """Has a document on it."""

    bundle: DocumentBundle
    read_with: list[tuple[bytes, Password]] = field(default_factory=list)

    def read(self, *, nonce: bytes, password: Password) -> DocumentBundle:
        """Read it."""
        self.read_with.append((nonce, password))
        return self.bundle


@pytest.fixture(scope="module")
def bundle() -> DocumentBundle:
    """A card."""
    return SyntheticState("UTO", now=NOW).issue_card(birth=date(1990, 5, 17))


@pytest.fixture
def reader(bundle: DocumentBundle) -> Reader:
    """The card on the reader."""
    return Reader(bundle)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Issuer, RunningServer]]:
    """One server for all tests."""
    issuer = Issuer()
    with start(issuer.app) as server:
        yield issuer, server


@pytest.fixture
def issuer(served: tuple[Issuer, RunningServer]) -> Issuer:
    """An issuer that takes everything."""
    issuer, server = served
    issuer.id, issuer.answer = f"localhost:{server.port}", {"delivered": True}
    issuer.sent.clear()
    return issuer


@pytest.fixture
def link(issuer: Issuer) -> StationLink:
    """A wallet's link."""
    return StationLink(issuer.id, "session", bytes(range(8)))


@pytest.fixture
def http() -> Iterator[HttpClient]:
    """A client of the service point."""
    with HttpClient(developer_mode=True) as client:
        yield client


def code_of(link: StationLink, http: HttpClient, reader: Reader, clerk: Clerk | None = None, **more: Any) -> str:
    with pytest.raises(Error) as refused:
        serve_person(link, clerk=clerk or Clerk(), reader=reader, http=http, **more)
    return refused.value.code


def test_the_document_goes_to_the_wallets_issuer_with_its_nonce(
    link: StationLink, issuer: Issuer, http: HttpClient, reader: Reader
) -> None:
    clerk = Clerk()
    serve_person(link, clerk=clerk, reader=reader, http=http, issuers={issuer.id})
    assert clerk.asked == [link]
    assert reader.read_with == [(bytes(range(8)), PASSWORD)]
    assert issuer.sent == [{"session": "session", "document": reader.bundle.to_json()}]


def test_nothing_is_read_before_the_digits_are_compared(
    link: StationLink, issuer: Issuer, http: HttpClient, reader: Reader
) -> None:
    """Somebody put another QR code before the scanner: the person's wallet shows other digits."""
    assert code_of(link, http, reader, Clerk(yes=False)) == "station_code"
    assert (reader.read_with, issuer.sent) == ([], [])


def test_only_the_issuers_it_works_for(link: StationLink, issuer: Issuer, http: HttpClient, reader: Reader) -> None:
    clerk = Clerk()
    assert code_of(link, http, reader, clerk, issuers={"id.example"}) == "station_issuer"
    assert (clerk.asked, reader.read_with, issuer.sent) == ([], [], [])


@pytest.mark.parametrize(
    "answer",
    [{"pre-authorized_code": "code"}, {"delivered": "true"}, {"delivered": True, "pre-authorized_code": "c"}, {}],
)
def test_a_session_whose_code_would_come_here_is_nobodys(
    link: StationLink, issuer: Issuer, http: HttpClient, reader: Reader, answer: Json
) -> None:
    issuer.answer = answer
    assert code_of(link, http, reader) == "station_session"


def test_a_refusal_of_the_issuer_keeps_its_code(
    link: StationLink, issuer: Issuer, http: HttpClient, reader: Reader
) -> None:
    issuer.answer = problem("document_expired", 400)
    assert code_of(link, http, reader) == "document_expired"


def test_nothing_stays_on_the_disk(
    link: StationLink, http: HttpClient, reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    serve_person(link, clerk=Clerk(), reader=reader, http=http)
    assert list(tmp_path.rglob("*")) == []


def test_what_a_clerk_types() -> None:
    assert printed(" c01x00-t47<", "1964-08-12", "2031-10-31 ") == PASSWORD
    assert access_number(" 123456 ") == AccessNumber("123456")
    assert "C01" not in repr(PASSWORD) + repr(AccessNumber("123456"))


@pytest.mark.parametrize(
    ("number", "birth", "expiry"),
    [("", "1964-08-12", "2031-10-31"), ("C01", "640812", "2031-10-31"), ("C01", "1964-08-12", ""), ("C#1", "x", "y")],
)
def test_a_slip_is_told(number: str, birth: str, expiry: str) -> None:
    with pytest.raises(Error) as refused:
        printed(number, birth, expiry)
    assert refused.value.code == "station_password"
    for digits in ("12345", "1234567", "12345a", ""):
        with pytest.raises(Error):
            access_number(digits)


def test_every_refusal_says_what_to_do() -> None:
    from bonafides.kit.http import Answer, error_of

    def told(code: str, status: int) -> str:
        headers = {"content-type": "application/problem+json"}
        return advise(error_of(Answer(status, headers, json.dumps({"code": code}).encode())))

    for code, status in (("session_spent", 409), ("expired", 403), ("sealed", 400), ("wrong_state", 403)):
        assert "other party" not in told(code, status)
    assert told("document_signature", 400).startswith("The issuer does not accept this document")
    assert told("whatever", 500) == "The issuer refused this, for a reason that this program does not know."
    assert "did not answer" in advise(DependencyError("no", code="unreachable"))
    assert advise(VerificationError("The chip says no.", code="document_chip")) == "The chip says no."
