"""A document shown at a service point: what the wallet shows, waits for, opens, and refuses to use."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bonafides.core.credential.station_link import StationLink, parse_station_link
from bonafides.errors import Error
from bonafides.kit.http import HttpClient
from bonafides.kit.jwe import encrypt_jwe
from bonafides.testing.state import SyntheticState
from bonafides.wallet import DocumentFacts, StationVisit, StoredDocument, Wallet, freeze, station
from bonafides.wallet.station import typed_facts
from tests.wallet.conftest import PASSPHRASE, Template
from tests.wallet.fakes import FakeIssuer, problem
from tests.wallet.test_commands import Run, run
from tests.wallet.test_enrolment import code_of, same

__all__ = ["run"]

TYPED = DocumentFacts("UTO", date(2008, 12, 1))


@dataclass
class Counter:
    """A service point: reads the document when the wallet has asked so many times."""

    issuer: FakeIssuer
    document: StoredDocument
    after: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    links: list[StationLink] = field(default_factory=list)
    waits: list[timedelta] = field(default_factory=list)

    def wait(self, left: timedelta) -> None:
        """Come to the counter, in time or never."""
        if len(self.waits) == self.after:
            self.issuer.deliver(self.links[-1].session, dict(self.document.members), **self.told)
        self.waits.append(left)

    def visit(self, typed: DocumentFacts = TYPED) -> StationVisit:
        """What the wallet is given."""
        return StationVisit(typed, self.links.append, self.wait)


@pytest.fixture
def counter(issuer: FakeIssuer, document: StoredDocument) -> Counter:
    """A service point with the holder's own document."""
    return Counter(issuer, document)


def test_enrol_at_a_service_point(ready: Wallet, issuer: FakeIssuer, counter: Counter) -> None:
    counter.after = 3
    issued = ready.enrol(issuer.id, counter.visit(), kit_read_back=same)
    assert issued.epochs == ("2026-W48", "2026-W49")
    assert len(counter.waits) == 4
    assert "/session/document" not in issuer.calls  # the wallet shows no document
    (link,) = counter.links
    assert parse_station_link(link.text, developer=True) == link
    assert link.issuer_id == issuer.id


def test_restore_at_a_service_point(empty: Wallet, issuer: FakeIssuer, counter: Counter, template: Template) -> None:
    issuer.handles = dict(template.handles)
    assert empty.restore(issuer.id, counter.visit(), template.kit).epochs


def test_freeze_at_a_service_point(wallet: Wallet, issuer: FakeIssuer, counter: Counter, http: HttpClient) -> None:
    assert freeze(issuer.id, counter.visit(), http, developer=True) == "2026-W50"
    counter.waits.clear()
    assert wallet.freeze(counter.visit()) == "2026-W50"


def test_replace_at_a_service_point(ready: Wallet, issuer: FakeIssuer, counter: Counter, template: Template) -> None:
    issuer.handles = dict(template.handles)
    assert ready.replace(issuer.id, counter.visit(), kit_read_back=same).pending


@pytest.mark.parametrize(
    "typed",
    [DocumentFacts("UTO", date(2008, 12, 2)), DocumentFacts("UTO", None), DocumentFacts("UTO", date(1990, 1, 1))],
)
def test_somebody_elses_document_is_not_used(
    ready: Wallet, issuer: FakeIssuer, counter: Counter, typed: DocumentFacts
) -> None:
    """The holder's birth date is not the document's: a slip of theirs, or another document on the reader."""
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(typed), kit_read_back=same)) == "station_document"
    assert "/token" not in issuer.calls
    assert ready.overview().epochs == ()


def test_another_adults_document_is_not_used(ready: Wallet, issuer: FakeIssuer, counter: Counter) -> None:
    """All adults have the same age flags: the birth date itself is compared."""
    state = SyntheticState("UTO", now=issuer.clock.now())
    counter.document = StoredDocument(state.issue_card(birth=date(1970, 3, 3)).to_json())
    own = DocumentFacts("UTO", date(1980, 3, 3))
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(own), kit_read_back=same)) == "station_document"


def test_an_issuer_of_another_state_is_refused_before_anybody_waits(
    ready: Wallet, issuer: FakeIssuer, counter: Counter
) -> None:
    visit = counter.visit(DocumentFacts("FRA", date(2008, 12, 1)))
    assert code_of(lambda: ready.enrol(issuer.id, visit, kit_read_back=same)) == "issuer_country"
    assert counter.links == []


def test_an_issuer_that_signs_other_values_is_still_found_out(
    ready: Wallet, issuer: FakeIssuer, counter: Counter
) -> None:
    issuer.change_values = lambda values: [*values[:4], True, values[5]]
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(), kit_read_back=same)) == "issuer_values"


def test_a_link_is_of_the_wallets_own_issuer(wallet: Wallet, issuer: FakeIssuer, counter: Counter) -> None:
    other = issuer.id.replace("issuer", "other")
    assert code_of(lambda: wallet.enrol(other, counter.visit(), kit_read_back=same)) == "one_issuer"
    assert counter.links == []


def test_nobody_waits_for_ever(
    ready: Wallet, issuer: FakeIssuer, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.after = 10**9
    monkeypatch.setattr(station, "MAX_WAIT_S", 20)
    issuer.tamper["/session"] = lambda answer: answer | {"expires_in": 10**9}
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(), kit_read_back=same)) == "station_timeout"
    assert len(counter.waits) == (20 + station.GRACE_S) // station.PAUSE_S


def test_a_slow_wait_ends_by_the_clock(
    ready: Wallet, issuer: FakeIssuer, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.after = 10**9
    times = iter(range(0, 10**9, 300))
    monkeypatch.setattr(station, "monotonic", lambda: float(next(times)))
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(), kit_read_back=same)) == "station_timeout"
    assert len(counter.waits) < 5


def test_a_network_that_comes_back_loses_nothing(ready: Wallet, issuer: FakeIssuer, counter: Counter) -> None:
    answers = iter([problem("internal", 500), problem("rate_limited", 429)])
    issuer.tamper["/session/collect"] = lambda answer: next(answers, answer)
    assert ready.enrol(issuer.id, counter.visit(), kit_read_back=same).epochs


def test_a_session_that_somebody_spoilt_is_told(ready: Wallet, issuer: FakeIssuer, counter: Counter) -> None:
    issuer.tamper["/session/collect"] = lambda answer: problem("session_spent", 409)
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(), kit_read_back=same)) == "session_spent"


def stop(_left: timedelta) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_leaves_the_wallet_as_it_was(ready: Wallet, issuer: FakeIssuer, counter: Counter) -> None:
    before = ready._opened.snapshot()
    with pytest.raises(KeyboardInterrupt):
        ready.enrol(issuer.id, StationVisit(TYPED, counter.links.append, stop), kit_read_back=same)
    assert ready._opened.snapshot() == before
    assert ready.enrol(issuer.id, counter.visit(), kit_read_back=same).epochs


def test_ctrl_c_leaves_an_empty_wallet_empty(
    empty: Wallet, issuer: FakeIssuer, counter: Counter, template: Template
) -> None:
    before = empty._opened.snapshot()
    with pytest.raises(KeyboardInterrupt):
        empty.restore(issuer.id, StationVisit(TYPED, counter.links.append, stop), template.kit)
    assert empty._opened.snapshot() == before


def sealed_otherwise(issuer: FakeIssuer, content: bytes, typ: str = "bonafides-delivery+jwe") -> Callable[[Any], Any]:
    def tamper(_answer: Any) -> Any:
        key = list(issuer.addressees.values())[-1]
        return {"jwe": encrypt_jwe(content, key=key, typ=typ)}

    return tamper


GOOD = {"pre-authorized_code": "code", "issuing_state": "UTO", "birth": "2008-12-01"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "input"),
        (b"[]", "input"),
        (b"{}", "unexpected_answer"),
        (json.dumps(GOOD | {"birth": 1}).encode(), "unexpected_answer"),
        (json.dumps(GOOD | {"birth": "2008-12-01" * 9}).encode(), "unexpected_answer"),
        (json.dumps(GOOD | {"issuing_state": ""}).encode(), "unexpected_answer"),
        (json.dumps(GOOD | {"pre-authorized_code": None}).encode(), "unexpected_answer"),
        (json.dumps(GOOD | {"pre-authorized_code": "A" * 9000}).encode(), "too_large"),
    ],
)
def test_what_is_delivered_is_read_strictly(
    ready: Wallet, issuer: FakeIssuer, counter: Counter, content: bytes, code: str
) -> None:
    issuer.tamper["/session/collect"] = sealed_otherwise(issuer, content)
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(), kit_read_back=same)) in (code, "unexpected_answer")
    assert "/token" not in issuer.calls


def test_what_is_encrypted_for_another_or_as_another_thing_is_refused(
    ready: Wallet, issuer: FakeIssuer, counter: Counter, document: StoredDocument
) -> None:
    issuer.tamper["/session/collect"] = sealed_otherwise(issuer, json.dumps(GOOD).encode(), "other+jwe")
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(), kit_read_back=same)) == "input"
    first = counter.links[-1].session
    issuer.deliver(first, dict(document.members))
    issuer.tamper["/session/collect"] = lambda answer: {"jwe": issuer.deliveries[first]}
    counter.waits.clear()
    assert code_of(lambda: ready.enrol(issuer.id, counter.visit(), kit_read_back=same)) == "not_for_us"


@pytest.mark.parametrize("session", ["a&issuer=evil.example", "A" * 600, "ü", ""])
def test_a_session_that_would_not_fit_a_link_is_refused(
    ready: Wallet, issuer: FakeIssuer, counter: Counter, session: str
) -> None:
    issuer.tamper["/session"] = lambda answer: answer | {"session": session}
    found = code_of(lambda: ready.enrol(issuer.id, counter.visit(), kit_read_back=same))
    assert found in ("station_link", "unexpected_answer")
    assert counter.links == []


@pytest.mark.parametrize(
    ("state", "birth", "found"),
    [
        ("vnm ", " 1990-05-17", DocumentFacts("VNM", date(1990, 5, 17))),
        ("D", "1964-08-12", DocumentFacts("DEU", date(1964, 8, 12))),
        ("UTO", "", DocumentFacts("UTO", None)),
        ("UTO", "1990-02", DocumentFacts("UTO", date(1990, 2, 28))),
        ("UTO", "1990", DocumentFacts("UTO", date(1990, 12, 31))),
        ("UTO", "2026", DocumentFacts("UTO", date(2026, 11, 25))),
        ("UTO", "1920-01-31", DocumentFacts("UTO", date(2020, 1, 31))),  # as the zone has it; grants nothing
        ("UTO", "2026-11-25", DocumentFacts("UTO", date(2026, 11, 25))),
    ],
)
def test_what_a_holder_types(state: str, birth: str, found: DocumentFacts) -> None:
    assert typed_facts(state, birth, today=date(2026, 11, 25)) == found


@pytest.mark.parametrize(
    ("state", "birth"),
    [
        ("VN", ""),
        ("", ""),
        ("V1M", ""),
        ("UTOO", ""),
        ("UTO", "17.05.1990"),
        ("UTO", "2026-11-26"),
        ("UTO", "2027"),
        ("UTO", "1990-02-30"),
        ("UTO", "1990-13"),
        ("UTO", "1990-5-17"),
        ("UTO", "1990-05-17T"),
        ("UTO", "١٩٩٠"),
        ("UTO", "1820-05-17"),
        ("UTO", "0090-01-01"),
    ],
)
def test_a_slip_is_told_before_anything_begins(state: str, birth: str) -> None:
    with pytest.raises(Error) as refused:
        typed_facts(state, birth, today=date(2026, 11, 25))
    assert refused.value.code == "typed_facts"


def test_reprs_show_nobody() -> None:
    assert "2008" not in repr(StationVisit(TYPED, print))


def test_the_command_draws_the_code_and_waits(
    run: Run, issuer: FakeIssuer, tmp_path: Path, document: StoredDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wallet").unlink()
    issuer.handles.clear()
    said: list[str] = []

    def come(_self: object, _left: timedelta) -> None:
        from bonafides.cli import _wallet_terminal as terminals

        link = parse_station_link(said[1].strip(), developer=True)
        issuer.deliver(link.session, dict(document.members))
        assert terminals.TERMINAL.say is not None

    def hear(link: StationLink, words: Any) -> None:
        said.extend([station_commands.draw(link.text), link.text, link.comparison_code])

    from bonafides.cli import _wallet_station as station_commands

    monkeypatch.setattr(station_commands, "show_link", hear)
    monkeypatch.setattr(station_commands.Waiting, "__call__", come)
    kit = tmp_path / "kit"
    done = run("enrol", "--issuer", issuer.id, "--station", "--kit-file", kit, typed="UTO|2008-12-01")
    assert done.status == 0, done.err
    assert "▀" in said[0]
    assert (tmp_path / "wallet").exists()


def test_the_command_shows_link_digits_and_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    from bonafides.cli import _wallet_station as station_commands

    link = StationLink("id.example", "AbC-_9", bytes(8))
    for words in station_commands._WORDS.values():
        station_commands.show_link(link, words)
        said = capfd.readouterr().err
        assert link.text in said
        assert link.comparison_code in said
        assert "id.example " in said


def test_a_narrow_window_gets_the_link_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from bonafides.cli import _wallet_station as station_commands

    monkeypatch.setenv("COLUMNS", "40")
    assert station_commands.draw("A" * 250) == ""
    monkeypatch.setenv("COLUMNS", "120")
    assert station_commands.draw("A" * 250).startswith("\x1b[97;40m")


def test_document_or_station_and_not_both(run: Run, issuer: FakeIssuer, tmp_path: Path) -> None:
    base = ("enrol", "--issuer", issuer.id)
    for arguments in ([], ["--station", "--document", tmp_path / "card.json"], ["--station", "--in-person"]):
        assert "(config)" in run(*base, *arguments).err
    assert "(typed_facts)" in run(*base, "--station", typed="Vietnam|").err
    assert "/session" not in issuer.calls
    assert PASSPHRASE
