"""Profile §2, type `name`: asked for by the holder, checked against the document, told plainly, gone with the rest."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bonafides.core import base64url
from bonafides.errors import Error
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.testing.state import SyntheticState
from bonafides.wallet import Kit, KitPlan, StoredDocument, Wallet
from bonafides.wallet.state import decode_state, encode_state
from tests.wallet.conftest import PASSPHRASE, Template
from tests.wallet.fakes import FakeIssuer, FakeSite, Reply, problem
from tests.wallet.test_commands import Run, run
from tests.wallet.test_enrolment import code_of, same

__all__ = ["run"]

WRITTEN, NAME = "Nguyễn<<Văn An", "Nguyễn Văn An"
RESPONSE = "/response/1"


@pytest.fixture(scope="session")
def named_document(_state: SyntheticState) -> StoredDocument:
    """A card on which the name is signed."""
    return StoredDocument(_state.issue_card(birth=date(1990, 1, 1), full_name=WRITTEN).to_json())


@pytest.fixture
def an(ready: Wallet, issuer: FakeIssuer, named_document: StoredDocument) -> Wallet:
    """An enrolled wallet, without a name; its issuer signs names."""
    issuer.signs_names = True
    ready.enrol(issuer.id, named_document, kit_read_back=same)
    return ready


@pytest.fixture
def named(an: Wallet, named_document: StoredDocument) -> Wallet:
    """The same with its name."""
    an.enrol_name(named_document)
    return an


def asks_for_the_name(site: FakeSite, kind: str = "party", detail: Any = "case-1") -> None:
    """Let a site ask for the name and nothing else."""

    def query(asked: dict[str, Any]) -> dict[str, Any]:
        entry = asked["credentials"][0]
        entry["meta"] |= {"type": "name", "kind": kind, "detail": detail}
        entry["claims"], entry["claim_sets"] = [{"id": "full_name", "path": ["full_name"]}], [["full_name"]]
        return asked

    site.change_query = query
    site.kind = kind


def names(wallet: Wallet) -> dict[str, Any]:
    """The names by epoch."""
    return {epoch: each.values for epoch, each in wallet._opened.state.names.items()}


def test_enrolling_asks_for_no_name(an: Wallet, issuer: FakeIssuer) -> None:
    assert issuer.named == [False]
    assert an.overview().name_epochs == ()
    assert names(an) == {}


def test_a_name_is_stored_beside_the_person(
    an: Wallet, issuer: FakeIssuer, named_document: StoredDocument, tmp_path: Path, clock: FixedClock, http: HttpClient
) -> None:
    before = an.overview()
    assert an.enrol_name(named_document).epochs == ("2026-W48", "2026-W49")
    assert issuer.named == [False, True]
    assert names(an) == {"2026-W48": (NAME,), "2026-W49": (NAME,)}
    view = an.overview()
    assert view.name_epochs == ("2026-W48", "2026-W49")
    assert (view.epochs, view.values, view.next_renewal) == (before.epochs, before.values, before.next_renewal)
    assert not any(part in repr([view, an, an._opened.state, named_document]) for part in ("Nguy", "Văn"))
    an.close()
    with Wallet.open(tmp_path / "wallet", passphrase=PASSPHRASE, clock=clock, http=http, developer=True) as again:
        assert names(again) == {"2026-W48": (NAME,), "2026-W49": (NAME,)}


def test_only_an_enrolled_wallet(ready: Wallet, issuer: FakeIssuer, named_document: StoredDocument) -> None:
    assert code_of(lambda: ready.enrol_name(named_document)) == "wallet_empty"
    assert issuer.calls == []


def test_the_name_in_the_zone_is_not_taken(wallet: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    assert code_of(lambda: wallet.enrol_name(document)) == "no_signed_name"
    assert issuer.calls == []


def test_an_issuer_that_signs_no_names(wallet: Wallet, named_document: StoredDocument) -> None:
    with pytest.raises(Error):
        wallet.enrol_name(named_document)
    assert names(wallet) == {}


@pytest.mark.parametrize("other", ["Nguyễn Van An", "NGUYỄN VĂN AN", "Trần Bình"])
def test_another_name_than_the_documents_is_thrown_away(
    an: Wallet, issuer: FakeIssuer, named_document: StoredDocument, other: str
) -> None:
    issuer.change_values = lambda values: [other]
    assert code_of(lambda: an.enrol_name(named_document)) == "issuer_values"
    assert names(an) == {}


def test_a_renewal_cannot_change_the_name(named: Wallet, issuer: FakeIssuer, clock: FixedClock) -> None:
    clock.advance(weeks=1)
    issuer.change_values = lambda values: ["Trần Bình"] if len(values) == 1 else values
    assert named.renew().name_failed == "issuer_values"
    assert set(names(named).values()) == {(NAME,)}


def test_a_name_is_renewed_after_the_person(named: Wallet, issuer: FakeIssuer, clock: FixedClock) -> None:
    clock.advance(weeks=1)
    issued = named.renew()
    assert (issued.epochs, issued.name_failed) == (("2026-W49", "2026-W50"), "")
    assert [shown.header.type for shown in issuer.presented] == ["person", "name"]
    assert sorted(names(named)) == list(named.overview().epochs) == ["2026-W48", "2026-W49", "2026-W50"]
    clock.advance(weeks=10)
    named.renew()
    assert named.overview().name_epochs == ("2027-W06", "2027-W07")


def test_without_a_name_only_the_person_is_renewed(an: Wallet, issuer: FakeIssuer, clock: FixedClock) -> None:
    clock.advance(weeks=1)
    assert an.renew().name_failed == ""
    assert [shown.header.type for shown in issuer.presented] == ["person"]


def test_the_person_stands_when_the_name_fails(named: Wallet, issuer: FakeIssuer, clock: FixedClock) -> None:
    clock.advance(weeks=1)
    calls = iter([None, problem("unknown_holder", 403)])
    issuer.tamper["/renewal"] = lambda answer: next(calls) or answer
    issued = named.renew()
    assert (issued.epochs, issued.name_failed) == (("2026-W49", "2026-W50"), "unknown_holder")
    assert named.overview().epochs == ("2026-W48", "2026-W49", "2026-W50")
    assert named.overview().name_epochs == ("2026-W48", "2026-W49")
    issuer.tamper["/renewal"] = lambda answer: Reply(b"{", 200)
    assert code_of(named.renew) != "unknown_holder"
    issuer.tamper.clear()
    assert named.renew().name_failed == ""


def test_a_name_told_is_said_plainly(named: Wallet, site: FakeSite) -> None:
    asks_for_the_name(site)
    asked = named.inspect(site.link)
    assert asked.required == ("full_name",)
    english, vietnamese = asked.describe("en"), asked.describe("vi")
    assert f"YOUR NAME: {NAME}" in english.will_learn
    assert f"HỌ TÊN CỦA BẠN: {NAME}" in vietnamese.will_learn
    assert not any("name" in line for line in english.will_not_learn)
    assert not any("họ tên" in line for line in vietnamese.will_not_learn)
    assert any("who you are" in note for note in english.notes)
    assert any("bạn là ai" in note for note in vietnamese.notes)
    assert NAME not in repr(asked) + repr(english) + repr(vietnamese)
    assert RESPONSE not in site.calls
    answered = named.answer(asked)
    assert (answered.shown, answered.receipt_kept) == (("full_name",), True)
    (seen,) = site.seen
    assert (seen.header.type, dict(seen.disclosed), seen.context.kind) == ("name", {0: NAME}, "party")
    assert NAME not in repr(seen)


def test_a_public_request_may_ask_for_the_name(named: Wallet, site: FakeSite) -> None:
    asks_for_the_name(site, "voice", ["2026-12-01", "poll-1"])
    site.device, site.extra = None, {"bonafides_payload_max": 1000}
    asked = named.inspect(site.link, payload="Tôi đồng ý".encode())
    assert asked.describe().payload == "Tôi đồng ý"
    named.answer(asked)
    assert dict(site.seen[-1].disclosed) == {0: NAME}


def test_person_and_name_each_under_their_own_credential(named: Wallet, site: FakeSite) -> None:
    def query(asked: dict[str, Any]) -> dict[str, Any]:
        (entry,) = asked["credentials"]
        full_name = [{"id": "full_name", "path": ["full_name"]}]
        party = {"type": "name", "kind": "party", "detail": "case-1"}
        meta = entry["meta"]
        first = entry | {"id": "party", "meta": meta | party, "claims": full_name, "claim_sets": [["full_name"]]}
        return {"credentials": [first, entry | {"id": "quota", "meta": meta | {"kind": "quota"}}]}

    site.change_query = query
    asked = named.inspect(site.link)
    assert (asked.required, asked.optional) == (("settled", "full_name"), ("assurance", "age_over_18"))
    named.answer(asked, share=frozenset({"assurance"}))
    assert [dict(seen.disclosed) for seen in site.seen] == [{0: NAME}, {0: "chip", 1: True}]


def test_never_at_sign_in(named: Wallet, site: FakeSite) -> None:
    asks_for_the_name(site, "account", "")
    assert code_of(lambda: named.inspect(site.link)) == "name_refused"
    assert RESPONSE not in site.calls


def test_absence_and_refusal_look_alike_to_the_site(named: Wallet, site: FakeSite) -> None:
    """A holder who reads what is asked and says no, and a wallet without a name: the site sees the same."""
    asks_for_the_name(site)
    named.inspect(site.link)
    refused = list(site.calls)
    site.calls.clear()
    named._opened.state.names = {}
    assert code_of(lambda: named.inspect(site.link)) == "no_valid_credential"
    assert site.calls == refused
    assert RESPONSE not in refused


def test_a_name_of_past_weeks_is_not_shown(
    named: Wallet, issuer: FakeIssuer, site: FakeSite, clock: FixedClock
) -> None:
    clock.advance(weeks=2)
    calls = iter([None, problem("frozen", 403)])
    issuer.tamper["/renewal"] = lambda answer: next(calls) or answer
    named.renew()
    asks_for_the_name(site)
    assert code_of(lambda: named.answer(named.inspect(site.link))) == "no_valid_credential"
    assert RESPONSE not in site.calls


def test_another_spelling_takes_the_place_of_the_old_one(
    named: Wallet, issuer: FakeIssuer, named_document: StoredDocument, clock: FixedClock
) -> None:
    class Married(StoredDocument):
        def full_name(self) -> str:
            return "Lê Văn An"

    clock.advance(weeks=1)
    issuer.change_values = lambda values: ["Lê Văn An"]
    named.enrol_name(Married(named_document.members))
    assert names(named) == {"2026-W49": ("Lê Văn An",), "2026-W50": ("Lê Văn An",)}


def test_erasing_drops_the_name(named: Wallet) -> None:
    named.erase()
    assert names(named) == {}
    assert named.overview().name_epochs == ()


def kit_of(wallet: Wallet) -> Kit:
    """The wallet's kit."""
    kits: list[Kit] = []

    def read_back(kit: Kit) -> Kit:
        kits.append(kit)
        return kit

    wallet.kit(KitPlan(), read_back)
    return kits[0]


def test_restoring_drops_the_name_and_a_failed_restore_does_not(
    named: Wallet, issuer: FakeIssuer, named_document: StoredDocument
) -> None:
    kit = kit_of(named)
    issuer.tamper["/credential"] = lambda answer: problem("frozen", 403)
    assert code_of(lambda: named.restore(issuer.id, named_document, kit)) == "frozen"
    assert len(names(named)) == 2
    issuer.tamper.clear()
    named.restore(issuer.id, named_document, kit)
    assert names(named) == {}
    assert len(named.overview().epochs) == 2


def test_replacing_drops_the_name(named: Wallet, issuer: FakeIssuer, named_document: StoredDocument) -> None:
    named._opened.state.credentials.clear()
    named.replace(issuer.id, named_document, kit_read_back=same)
    assert names(named) == {}


def test_a_wallet_from_before_there_were_names_opens(an: Wallet) -> None:
    content = json.loads(encode_state(an._opened.state))
    assert content.pop("names") == {}
    state = decode_state(json.dumps(content).encode())
    assert state.names == {}
    assert sorted(state.credentials) == ["2026-W48", "2026-W49"]


@pytest.fixture
def paper(tmp_path: Path, named_document: StoredDocument) -> Path:
    """The card as a file."""
    path = tmp_path / "named.json"
    path.write_text(json.dumps(dict(named_document.members)))
    return path


def test_the_command(run: Run, issuer: FakeIssuer, site: FakeSite, paper: Path, template: Template) -> None:
    issuer.signs_names = True
    assert run("name", "--document", paper.with_name("card.json")).status == 1
    # The template's holder is enrolled; let the named card be theirs.
    (handle,) = template.handles.values()
    dg1 = json.loads(paper.read_text())["dg1"]
    issuer.handles[base64url.decode(dg1, max_bytes=200)] = handle
    assert run("list", "--json").json["name_epochs"] == []
    assert run("name", "--document", paper, "--json").json == {"epochs": ["2026-W48", "2026-W49"]}
    assert "2026-W48" in run("name", "--document", paper).out
    assert run("list", "--json").json["name_epochs"] == ["2026-W48", "2026-W49"]
    assert NAME not in run("list").out
    calls = iter([None, problem("frozen", 403)])
    issuer.tamper["/renewal"] = lambda answer: next(calls) or answer
    renewed = run("renew")
    assert (renewed.status, "frozen" in renewed.err) == (0, True)
    issuer.tamper.clear()
    asks_for_the_name(site)
    shown = run("present", site.link, "--yes")
    assert (shown.status, f"YOUR NAME: {NAME}" in shown.err) == (0, True)
    assert dict(site.seen[-1].disclosed) == {0: NAME}
