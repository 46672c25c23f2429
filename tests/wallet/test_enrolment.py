"""Enrolment (profile §2, §3): the kit first, then everything an issuer may not do."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bonafides.core import base64url, bbs
from bonafides.core.credential.binding import presence_reference
from bonafides.core.credential.header import Header
from bonafides.core.document import DocumentBundle
from bonafides.errors import Error, InputError, PolicyError, VerificationError
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.wallet import Kit, KitPlan, StoredDocument, Wallet
from bonafides.wallet.facts import DocumentFacts, expected_ages
from tests.wallet.conftest import CHEAP, PASSPHRASE, Template
from tests.wallet.fakes import FakeIssuer, Reply

WELL_KNOWN = "/.well-known/bonafides-issuer"


def same(kit: Kit) -> Kit:
    """The holder reads back what was shown."""
    return kit


def code_of(action: Callable[[], object]) -> str:
    """The code with which an action is refused."""
    with pytest.raises(Error) as caught:
        action()
    return caught.value.code


def test_brings_credentials_for_this_week_and_the_next(wallet: Wallet, issuer: FakeIssuer) -> None:
    view = wallet.overview()
    assert view.epochs == ("2026-W48", "2026-W49")
    assert view.kit_confirmed
    assert view.valid_now
    assert view.issuer_id == issuer.id
    assert view.values["age_over_16"] is True
    assert view.values["age_over_18"] is False


def test_survives_closing_and_opening(
    wallet: Wallet, tmp_path: Path, clock: FixedClock, http: HttpClient, issuer: FakeIssuer
) -> None:
    before = wallet.overview()
    wallet.close()
    with Wallet.open(tmp_path / "wallet", passphrase=PASSPHRASE, clock=clock, http=http, developer=True) as again:
        assert again.overview() == before
        again.renew()


@pytest.mark.parametrize("plan", [KitPlan(), KitPlan(2, 3, "a passphrase of the kit")])
def test_nothing_is_sent_until_the_kit_was_read_back(
    empty: Wallet, issuer: FakeIssuer, document: StoredDocument, plan: KitPlan
) -> None:
    def misread(kit: Kit) -> Kit:
        words = kit.lines[0].split()
        words[4] = "academic" if words[4] != "academic" else "acid"
        return Kit((" ".join(words), *kit.lines[1:]), kit.passphrase)

    with pytest.raises(Error):
        empty.enrol(issuer.id, document, kit_read_back=misread, plan=plan)
    with pytest.raises(Error):
        empty.enrol(issuer.id, document, kit_read_back=lambda kit: Kit(kit.lines, "another passphrase"), plan=plan)
    with pytest.raises(Error):
        empty.enrol(issuer.id, document, kit_read_back=lambda kit: Kit(()), plan=plan)
    assert issuer.calls == []
    assert not empty.overview().kit_confirmed
    empty.enrol(issuer.id, document, kit_read_back=same, plan=plan)
    assert "/credential" in issuer.calls


def test_every_share_is_read_back(empty: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    def without_the_last(kit: Kit) -> Kit:
        return Kit(kit.lines[:2])

    plan = KitPlan(2, 3)
    assert (
        code_of(lambda: empty.enrol(issuer.id, document, kit_read_back=without_the_last, plan=plan)) == "kit_mismatch"
    )
    assert issuer.calls == []


def test_who_gives_up_at_the_kit_begins_there_again(
    empty: Wallet, issuer: FakeIssuer, document: StoredDocument
) -> None:
    def give_up(kit: Kit) -> Kit:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        empty.enrol(issuer.id, document, kit_read_back=give_up)
    assert issuer.calls == []
    assert code_of(empty.renew) == "not_renewable"
    assert code_of(empty.status) == "kit_unconfirmed"
    empty.enrol(issuer.id, document, kit_read_back=same)


def test_a_secret_serves_one_issuer_for_ever(wallet: Wallet, document: StoredDocument) -> None:
    refused = code_of(lambda: wallet.enrol("another.example", document, kit_read_back=same))
    assert refused == "one_issuer"


def test_a_lost_answer_is_asked_for_again(ready: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    issuer.tamper["/credential"] = lambda answer: Reply(b"", 500)
    assert code_of(lambda: ready.enrol(issuer.id, document, kit_read_back=same)) == "unreachable"
    del issuer.tamper["/credential"]
    ready.enrol(issuer.id, document, kit_read_back=same)
    assert len(issuer.handles) == 1
    assert ready.overview().valid_now


def _publish(change: Callable[[dict[str, Any]], None]) -> Callable[[Any], Any]:
    def tamper(answer: Any) -> Any:
        change(answer)
        return answer

    return tamper


def _header(answer: dict[str, Any], index: int, **changes: str) -> None:
    entry = answer["epochs"][index]
    fields = {"issuer_id": answer["issuer_id"], "type": "person", "key_id": "k1", "epoch": entry["epoch"]} | changes
    entry["header"] = base64url.encode(Header(**fields).encode())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda answer: _header(answer, 1, issuer_id="other.example"), "issuer_header"),
        (lambda answer: _header(answer, 1, type="name"), "issuer_header"),
        (lambda answer: _header(answer, 1, epoch="2026-W20"), "issuer_header"),
        (lambda answer: answer.update(profile="bonafides/2"), "issuer_header"),
        (lambda answer: answer.update(issuer_id="other.example"), "issuer_header"),
        (lambda answer: answer["epochs"].pop(), "issuer_incomplete"),
        (lambda answer: answer["epochs"].append(answer["epochs"][0] | {"key": answer["epochs"][0]["key"]}), None),
        (lambda answer: answer.update(epochs=[]), "unexpected_answer"),
        (lambda answer: answer.update(epochs=answer["epochs"] * 20), "unexpected_answer"),
        (lambda answer: answer.update(country="XYZ"), "issuer_country"),
        (lambda answer: answer.update(compromised=["k1"]), "issuer_key_compromised"),
        (lambda answer: answer.update(compromised="k1"), "unexpected_answer"),
        (lambda answer: answer["epochs"][1].update(key=base64url.encode(bytes(96))), "point_encoding"),
        (lambda answer: answer["epochs"][1].update(key="="), "base64url"),
    ],
)
def test_refuses_what_is_published_wrongly(
    ready: Wallet, issuer: FakeIssuer, document: StoredDocument, change: Callable[[Any], None], code: str | None
) -> None:
    issuer.tamper[WELL_KNOWN] = _publish(change)
    if code is None:
        ready.enrol(issuer.id, document, kit_read_back=same)
        return
    assert code_of(lambda: ready.enrol(issuer.id, document, kit_read_back=same)) == code
    assert "/credential" not in issuer.calls


def test_refuses_two_headers_for_one_epoch(ready: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    def twice(answer: dict[str, Any]) -> None:
        answer["epochs"].append(dict(answer["epochs"][1]))
        _header(answer, 3, key_id="k2")

    issuer.tamper[WELL_KNOWN] = _publish(twice)
    assert code_of(lambda: ready.enrol(issuer.id, document, kit_read_back=same)) == "issuer_header"


def test_refuses_another_header_or_key_for_a_pinned_epoch(
    wallet: Wallet, issuer: FakeIssuer, document: StoredDocument
) -> None:
    before = wallet.overview()
    issuer.key_id = "per-person-7"
    assert code_of(wallet.renew) == "issuer_key_changed"
    issuer.key_id = "k1"
    issuer.secret_key = bbs.key_gen(b"another key of the same issuer, later")
    issuer.public_key = bbs.sk_to_pk(issuer.secret_key)
    assert code_of(wallet.renew) == "issuer_key_changed"
    assert code_of(lambda: wallet.enrol(issuer.id, document, kit_read_back=same)) == "issuer_key_changed"
    assert "/renewal" not in issuer.calls
    assert "/credential" not in issuer.calls
    assert wallet.overview() == before


def test_a_burnt_key_is_replaced_only_at_the_holders_word(
    wallet: Wallet, issuer: FakeIssuer, document: StoredDocument
) -> None:
    issuer.compromised, issuer.key_id = ["k1"], "k2"
    issuer.secret_key = bbs.key_gen(b"the key that replaces a burnt one")
    issuer.public_key = bbs.sk_to_pk(issuer.secret_key)
    assert code_of(lambda: wallet.enrol(issuer.id, document, kit_read_back=same)) == "issuer_key_changed"
    wallet.enrol(issuer.id, document, kit_read_back=same, accept_replaced=True)
    wallet.enrol(issuer.id, document, kit_read_back=same)


@pytest.mark.parametrize(
    ("position", "value"),
    [(2, False), (3, False), (4, True), (5, "XYZ")],
    ids=["13", "16", "18", "country"],
)
def test_refuses_values_that_are_not_the_documents(
    ready: Wallet, issuer: FakeIssuer, document: StoredDocument, position: int, value: Any
) -> None:
    def change(values: list[Any]) -> list[Any]:
        changed = [*values[:position], value, *values[position + 1 :]]
        if position == 2:
            changed[3] = False
        return changed

    issuer.change_values = change
    assert code_of(lambda: ready.enrol(issuer.id, document, kit_read_back=same)) == "issuer_values"
    assert ready.overview().epochs == ()


def test_refuses_two_levels_at_once(ready: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    issuer.assurances = ["chip", "chip_genuine"]
    assert code_of(lambda: ready.enrol(issuer.id, document, kit_read_back=same)) == "issuer_values"


def test_refuses_a_signature_under_another_key(ready: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    issuer.sign_with = bbs.key_gen(b"a key for this very person alone, hidden")
    assert code_of(lambda: ready.enrol(issuer.id, document, kit_read_back=same)) == "signature"
    assert ready.overview().epochs == ()


def test_refuses_a_reply_under_a_header_of_its_own(ready: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    def swap(answer: dict[str, Any]) -> dict[str, Any]:
        return {"credentials": answer["credentials"][::-1]}

    issuer.tamper["/credential"] = swap
    assert code_of(lambda: ready.enrol(issuer.id, document, kit_read_back=same)) == "header"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda a: {"credentials": a["credentials"][:1]}, "issuer_incomplete"),
        (lambda a: {"credentials": a["credentials"] * 2}, "unexpected_answer"),
        (lambda a: {"credentials": []}, "unexpected_answer"),
        (lambda a: {}, "unexpected_answer"),
        (lambda a: {"credentials": [{"credential": "AA"}, {"credential": "AA"}]}, "issued"),
        (lambda a: {"credentials": [{"credential": "A" * 9000}] * 2}, "base64url"),
        (lambda a: {"credentials": [1, 2]}, "base64url"),
        (lambda a: {"transaction_id": "x" * 9000, "due": 1}, "unexpected_answer"),
        (lambda a: {"transaction_id": "x", "due": "tomorrow"}, "unexpected_answer"),
        (lambda a: Reply(b"[]"), "input"),
        (lambda a: Reply(b'{"credentials":', 200), "input"),
        (lambda a: Reply(b"{}", 200, "text/html"), "unexpected_answer"),
        (lambda a: Reply(b"", 302, headers={"Location": "https://elsewhere.example/"}), "unexpected_answer"),
        (lambda a: Reply(b"x" * 2_000_000), "too_large"),
        (lambda a: Reply(b'{"a":' * 100 + b"1" + b"}" * 100), "input"),
    ],
)
def test_refuses_malformed_replies(
    ready: Wallet, issuer: FakeIssuer, document: StoredDocument, answer: Callable[[Any], Any], code: str
) -> None:
    issuer.tamper["/credential"] = answer
    assert code_of(lambda: ready.enrol(issuer.id, document, kit_read_back=same)) == code
    assert ready.overview().epochs == ()


@pytest.mark.parametrize(
    "change",
    [
        {"credential_endpoint": "https://elsewhere.example/credential"},
        {"nonce_endpoint": "http://127.0.0.1/nonce"},
        {"credential_issuer": "https://elsewhere.example"},
        {"credential_configurations_supported": {"person": {"format": "jwt_vc"}}},
        {"deferred_credential_endpoint": None},
    ],
)
def test_refuses_metadata_that_leads_elsewhere(
    ready: Wallet, issuer: FakeIssuer, document: StoredDocument, change: dict[str, Any]
) -> None:
    issuer.tamper["/.well-known/openid-credential-issuer"] = lambda answer: answer | change
    with pytest.raises((InputError, VerificationError)):
        ready.enrol(issuer.id, document, kit_read_back=same)
    assert "/credential" not in issuer.calls


def test_an_issuer_that_is_not_there(ready: Wallet, document: StoredDocument) -> None:
    assert code_of(lambda: ready.enrol("nobody.localhost:9", document, kit_read_back=same)) == "unreachable"
    assert code_of(lambda: ready.enrol("127.0.0.1", document, kit_read_back=same)) == "relying_party_id"


def test_loopback_names_need_developer_mode(
    tmp_path: Path, clock: FixedClock, http: HttpClient, issuer: FakeIssuer, document: StoredDocument
) -> None:
    with Wallet.create(tmp_path / "w", passphrase=PASSPHRASE, clock=clock, http=http, cost=CHEAP) as made:
        assert code_of(lambda: made.enrol(issuer.id, document, kit_read_back=same)) == "loopback"


def test_a_document_of_another_state_or_none(ready: Wallet, issuer: FakeIssuer) -> None:
    for members in ({}, {"dg1": "AA", "sod": "AA"}, {"dg1": 5}):
        with pytest.raises(InputError):
            ready.enrol(issuer.id, StoredDocument(members), kit_read_back=same)
    assert issuer.calls == []


@pytest.mark.parametrize(
    ("birth", "epoch", "expected"),
    [
        (date(2008, 11, 30), "2026-W49", (True, True, True)),  # the Monday is 30 November
        (date(2008, 12, 1), "2026-W49", (True, True, False)),
        (date(2008, 2, 29), "2026-W09", (True, True, False)),  # Monday 23 February 2026
        (date(2008, 2, 29), "2026-W10", (True, True, True)),  # Monday 2 March 2026
        (date(2010, 2, 28), "2026-W10", (True, True, False)),
        (date(2013, 3, 2), "2026-W10", (True, False, False)),
        (date(2013, 3, 3), "2026-W10", (False, False, False)),
        (None, "2026-W10", (False, False, False)),
    ],
)
def test_ages_are_those_of_the_monday(birth: date | None, epoch: str, expected: tuple[bool, ...]) -> None:
    assert expected_ages(DocumentFacts("UTO", birth), epoch) == expected


def test_no_repr_tells_a_secret(wallet: Wallet, template: Template, document: StoredDocument) -> None:
    state = wallet._opened.state
    assert state.secret is not None
    telling = {
        *template.kit.lines,
        str(state.secret.scalar),
        PASSPHRASE,
        "2008, 12",
        document.members["dg1"],
    }
    held = [wallet, wallet._opened, wallet._opened.vault, state, template.kit, KitPlan(passphrase=PASSPHRASE), document]
    held += [wallet.overview(), state.facts, *state.credentials.values()]
    for text in map(repr, held):
        assert not any(each in text for each in telling)
    with pytest.raises(TypeError):
        json.dumps(state)


def test_officer_statement_travels_with_the_document(
    ready: Wallet, issuer: FakeIssuer, document: StoredDocument
) -> None:
    class Seen(StoredDocument):
        def officer_statement(self, reference: str) -> dict[str, str]:
            return {"about": reference}

    ready.enrol(issuer.id, Seen(document.members), kit_read_back=same)
    sod = DocumentBundle.from_json(dict(document.members)).sod
    assert issuer.officer_statements == [{"about": presence_reference(document_nonce="document-2", sod=sod)}]


def test_policy_error_of_the_issuer_keeps_its_code(ready: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    issuer.handles[base64url.decode(document.members["dg1"], max_bytes=200)] = b"somebody else's"
    with pytest.raises(PolicyError) as caught:
        ready.enrol(issuer.id, document, kit_read_back=same)
    assert caught.value.code == "already_enrolled"
