"""Answering a request (profile §4, §5, §6; wire.md): the honest way, and every way in which a site may be dishonest."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from bonafides.core.credential.context import Context
from bonafides.core.credential.relying_party import client_id_of, did_of
from bonafides.errors import Error
from bonafides.kit.clock import FixedClock
from bonafides.kit.jws import sign_jws
from bonafides.kit.signing_key import new_signing_key, public_jwk
from bonafides.wallet import Wallet
from tests.wallet.fakes import FakeIssuer, FakeSite, Reply
from tests.wallet.test_enrolment import code_of

REQUEST, RESPONSE, DID = "/request/1", "/response/1", "/.well-known/did.json"


def sign_in(wallet: Wallet, site: FakeSite, **options: Any) -> Any:
    """Inspect and answer what a site asks."""
    return wallet.answer(wallet.inspect(site.link), **options)


def test_signs_in_on_the_same_device(wallet: Wallet, site: FakeSite) -> None:
    answered = sign_in(wallet, site)
    assert answered.redirect_uri == site.origin + "/signin/1?response_code=abc"
    assert answered.code is None
    assert answered.receipt_kept
    (seen,) = site.seen
    secret = wallet._opened.state.secret
    assert secret is not None
    assert seen.pseudonym == secret.pseudonym(Context("account", site.id))
    assert wallet.overview().known == {site.id: "2026-W48"}
    assert len(wallet.overview().receipts) == 1


def test_signs_in_on_another_device_with_a_code_for_one_host(wallet: Wallet, site: FakeSite) -> None:
    site.device = "other"
    answered = sign_in(wallet, site)
    assert (answered.code, answered.host, answered.redirect_uri) == ("123456", site.id, None)


def test_shows_only_what_is_required_unless_told(wallet: Wallet, site: FakeSite) -> None:
    site.requested = ["settled", "assurance", "age_over_16", "country"]
    site.required = ["settled", "assurance"]
    assert sign_in(wallet, site).shown == ("assurance", "settled")
    assert set(site.seen[-1].disclosed) == {0, 1}
    asked = wallet.inspect(site.link)
    assert asked.optional == ("age_over_16", "country")
    assert wallet.answer(asked, share=frozenset({"country"})).shown == ("assurance", "settled", "country")
    assert set(site.seen[-1].disclosed) == {0, 1, 5}
    assert code_of(lambda: wallet.answer(asked, share=frozenset({"age_over_18"}))) == "not_asked"


def test_settled_is_shown_even_if_it_is_optional(wallet: Wallet, site: FakeSite) -> None:
    site.required = ["assurance"]
    assert sign_in(wallet, site).shown == ("assurance", "settled")


def test_tells_what_they_will_learn_in_both_languages(wallet: Wallet, site: FakeSite) -> None:
    asked = wallet.inspect(site.link)
    english, vietnamese = asked.describe("en"), asked.describe("vi")
    assert asked.first_time
    assert site.id in english.asks[0]
    assert any("waiting time" in line and "yes" in line for line in english.will_learn)
    assert any("over 18" in line and "no" in line for line in english.may_learn)
    assert any("name" in line for line in english.will_not_learn)
    assert "đăng nhập" in vietnamese.asks[0]
    assert len(vietnamese.will_learn) == len(english.will_learn)
    wallet.answer(asked)
    assert not wallet.inspect(site.link).first_time


def test_one_person_is_another_elsewhere(wallet: Wallet, site: FakeSite, other_site: FakeSite) -> None:
    sign_in(wallet, site)
    sign_in(wallet, other_site)
    sign_in(wallet, site)
    assert site.seen[0].pseudonym == site.seen[1].pseudonym != other_site.seen[0].pseudonym


def test_inspecting_shows_and_keeps_nothing(wallet: Wallet, site: FakeSite) -> None:
    wallet.inspect(site.link)
    assert site.calls == [REQUEST, DID]
    assert wallet.overview().known == {}


def _claims(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: {name: value for name, value in (claims | changes).items() if value is not ...}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "decentralized_identifier:did:web:other.example"}, "request"),
        ({"client_id": "decentralized_identifier:did:web:other.example"}, "request"),
        ({"aud": "https://elsewhere.example"}, "request"),
        ({"aud": ["https://self-issued.me/v2"]}, "request"),
        ({"response_type": "id_token"}, "request"),
        ({"response_mode": "direct_post.jwt"}, "request"),
        ({"response_uri": "https://other.example/response/1"}, "origin"),
        ({"response_uri": "http://site.localhost/response/1"}, "origin"),
        ({"response_uri": 7}, "request"),
        ({"nonce": "A" * 21}, "request"),
        ({"nonce": "A" * 23}, "request"),
        ({"nonce": "A" * 21 + "="}, "request"),
        ({"nonce": ...}, "request"),
        ({"exp": ...}, "request"),
        ({"iat": "now"}, "request"),
        ({"iat": True}, "request"),
        ({"iat": 10**15}, "request"),
        ({"exp": 1}, "request"),
        ({"exp": 1795595400 + 86400 * 30}, "request"),
        ({"iat": 1795000000, "exp": 1795000300}, "request_expired"),
        ({"client_metadata": {}}, "request"),
        ({"client_metadata": {"vp_formats_supported": {"jwt_vp": {}}}}, "request"),
        ({"transaction_data": ["AA"]}, "request"),
        ({"bonafides_device": "both"}, "request"),
        ({"bonafides_device": ...}, "request"),
        ({"bonafides_k": 3}, "request"),
        ({"bonafides_payload_max": 10}, "request"),
        ({"dcql_query": {}}, "dcql"),
        ({"dcql_query": []}, "request"),
    ],
)
def test_refuses_requests_that_are_not_exactly_ours(
    wallet: Wallet, site: FakeSite, changes: dict[str, Any], code: str
) -> None:
    site.change_claims = _claims(**changes)
    assert code_of(lambda: wallet.inspect(site.link)) == code
    assert RESPONSE not in site.calls


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda entry: entry.update(format="jwt_vc"), "dcql"),
        (lambda entry: entry.update(require_cryptographic_holder_binding=False), "dcql"),
        (lambda entry: entry.update(multiple=True), "dcql"),
        (lambda entry: entry.update(claims=[]), "dcql"),
        (lambda entry: entry["claims"].append({"id": "settled", "path": ["settled"]}), "dcql"),
        (lambda entry: entry["claims"].append({"id": "x", "path": ["age_over_18"]}), "dcql"),
        (lambda entry: entry["claims"].append({"id": "x", "path": ["country"], "values": ["UTO"]}), "dcql"),
        (lambda entry: entry["claims"].append({"id": "x", "path": ["country", "code"]}), "dcql"),
        (lambda entry: entry["claims"].append({"id": "x", "path": [5]}), "dcql"),
        (lambda entry: entry.update(claim_sets=[["settled", "country"]]), "dcql"),
        (lambda entry: entry.update(claim_sets=[[]]), "dcql"),
        (lambda entry: entry["meta"].update(purpose="x"), "dcql"),
        (lambda entry: entry["meta"].update(issuers=[]), "dcql"),
        (lambda entry: entry["meta"].update(detail={"a": 1}), "dcql"),
        (lambda entry: entry.update(claims=[{"id": "country", "path": ["country"]}], claim_sets=[["country"]]), "dcql"),
        (lambda entry: entry["claims"].append({"id": "full_name", "path": ["full_name"]}), "unknown_slot"),
        (lambda entry: entry["claims"].append({"id": "number", "path": ["number"]}), "unknown_slot"),
        (lambda entry: entry["meta"].update(type="name"), "name_refused"),
        (lambda entry: entry["meta"].update(type="passport"), "type_refused"),
        (lambda entry: entry["meta"].update(kind="handle"), "handle_refused"),
        (lambda entry: entry["meta"].update(kind="login"), "kind_refused"),
        (lambda entry: entry["meta"].update(kind="quota"), "kind_refused"),
        (lambda entry: entry["meta"].update(issuers=["id.other.example"]), "issuer_not_accepted"),
        (lambda entry: entry["meta"].update(detail="x"), "context"),
        (lambda entry: entry["meta"].update(kind="party"), "context"),
    ],
)  # fmt: skip
def test_refuses_to_be_asked_too_much(wallet: Wallet, site: FakeSite, change: Callable[[Any], Any], code: str) -> None:
    def query(asked: dict[str, Any]) -> dict[str, Any]:
        change(asked["credentials"][0])
        return asked

    site.change_query = query
    assert code_of(lambda: wallet.inspect(site.link)) == code
    assert RESPONSE not in site.calls


def test_a_name_that_is_not_held_is_never_shown(wallet: Wallet, site: FakeSite) -> None:
    def query(asked: dict[str, Any]) -> dict[str, Any]:
        entry = asked["credentials"][0]
        entry["meta"] |= {"type": "name", "kind": "party", "detail": "case-1"}
        entry["claims"], entry["claim_sets"] = [{"id": "full_name", "path": ["full_name"]}], [["full_name"]]
        return asked

    site.change_query = query
    assert code_of(lambda: wallet.inspect(site.link)) == "no_valid_credential"


def test_party_and_quota_go_together_and_nothing_else_does(wallet: Wallet, site: FakeSite) -> None:
    def both(second: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        def query(asked: dict[str, Any]) -> dict[str, Any]:
            (entry,) = asked["credentials"]
            party = entry | {"id": "party", "meta": entry["meta"] | {"kind": "party", "detail": "case-1"}}
            return {"credentials": [party, entry | {"id": second, "meta": entry["meta"] | {"kind": second}}]}

        return query

    site.change_query = both("quota")
    sign_in(wallet, site)
    assert [seen.context.kind for seen in site.seen] == ["party", "quota"]
    site.change_query = both("account")
    assert code_of(lambda: wallet.inspect(site.link)) == "kind_refused"


def test_refuses_requests_signed_otherwise(wallet: Wallet, site: FakeSite) -> None:
    key, did = site.key, did_of(site.id)
    site.typ = "jwt"
    assert code_of(lambda: wallet.inspect(site.link)) == "input"
    site.typ = "oauth-authz-req+jwt"
    site.kid = "did:web:other.example#key-1"
    assert code_of(lambda: wallet.inspect(site.link)) == "unknown_key"
    site.kid = did + "#key-2"
    assert code_of(lambda: wallet.inspect(site.link)) == "unknown_key"
    site.kid = ""
    site.tamper[REQUEST] = lambda answer: Reply(
        sign_jws(site.claims(), key=new_signing_key(), kid=did + "#key-1", typ=site.typ).encode(),
        media_type="application/oauth-authz-req+jwt",
    )
    assert code_of(lambda: wallet.inspect(site.link)) == "bad_signature"
    assert site.key is key


@pytest.mark.parametrize(
    "tamper",
    [
        lambda answer: Reply(b'{"alg":"none"}', media_type="application/oauth-authz-req+jwt"),
        lambda answer: Reply(b"eyJhbGciOiJub25lIn0.e30.", media_type="application/oauth-authz-req+jwt"),
        lambda answer: Reply(answer.body.rpartition(b".")[0] + b".", media_type="application/oauth-authz-req+jwt"),
        lambda answer: Reply(answer.body, media_type="text/plain"),
        lambda answer: Reply(b"a" * 40_000, media_type="application/oauth-authz-req+jwt"),
        lambda answer: Reply(b"a" * 2_000_000, media_type="application/oauth-authz-req+jwt"),
        lambda answer: Reply("ü".encode(), media_type="application/oauth-authz-req+jwt"),
        lambda answer: Reply(answer.body, 302, answer.media_type, {"Location": "https://other.example/"}),
        lambda answer: Reply(answer.body, 404, answer.media_type),
    ],
)
def test_refuses_what_is_no_request(wallet: Wallet, site: FakeSite, tamper: Callable[[Any], Any]) -> None:
    site.tamper[REQUEST] = tamper
    with pytest.raises(Error):
        wallet.inspect(site.link)
    assert RESPONSE not in site.calls


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "did:web:other.example"}, "did_document"),
        ({"id": ...}, "did_document"),
        ({"verificationMethod": []}, "did_document"),
        ({"verificationMethod": [{"id": "did:web:other.example#key-1"}]}, "did_document"),
        ({"verificationMethod": "x"}, "did_document"),
    ],
)
def test_refuses_the_key_document_of_another(wallet: Wallet, site: FakeSite, change: dict[str, Any], code: str) -> None:
    site.tamper[DID] = _claims(**change)
    assert code_of(lambda: wallet.inspect(site.link)) == code


def test_refuses_a_key_document_by_redirect_or_with_odd_keys(wallet: Wallet, site: FakeSite) -> None:
    site.tamper[DID] = lambda answer: Reply(b"", 301, headers={"Location": "https://other.example/did.json"})
    assert code_of(lambda: wallet.inspect(site.link)) == "unexpected_answer"

    def weak(answer: dict[str, Any]) -> dict[str, Any]:
        answer["verificationMethod"][0]["publicKeyJwk"]["x"] = "A" * 43
        return answer

    site.tamper[DID] = weak
    assert code_of(lambda: wallet.inspect(site.link)) == "unknown_key"

    def twice(answer: dict[str, Any]) -> dict[str, Any]:
        other = dict(answer["verificationMethod"][0], publicKeyJwk=public_jwk(new_signing_key()))
        return answer | {"verificationMethod": [*answer["verificationMethod"], other]}

    site.tamper[DID] = twice
    assert code_of(lambda: wallet.inspect(site.link)) == "did_document"


def test_a_key_is_pinned_when_first_answered(wallet: Wallet, site: FakeSite) -> None:
    sign_in(wallet, site)
    earlier = wallet.inspect(site.link)
    site.key = new_signing_key()
    assert code_of(lambda: wallet.inspect(site.link)) == "relying_party_key_changed"
    assert earlier.device == "same"
    wallet.forget(site.id)
    sign_in(wallet, site)
    assert code_of(lambda: wallet.answer(earlier)) == "relying_party_key_changed"
    assert code_of(lambda: wallet.forget("other.example")) == "unknown_relying_party"


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("", "link"),
        ("hello", "link"),
        ("ftp://x/?client_id=a&request_uri=b", "link"),
        ("openid4vp://?client_id=CLIENT", "link"),
        ("openid4vp://?client_id=CLIENT&client_id=CLIENT&request_uri=URI", "link"),
        ("openid4vp://?client_id=CLIENT&request_uri=URI&request=eyJ", "link"),
        ("openid4vp://?client_id=CLIENT&request_uri=URI&request_uri_method=post", "link"),
        ("openid4vp://?client_id=CLIENT&request_uri=URI#x=y", "link"),
        ("openid4vp://?client_id=x509_san_dns:site.example&request_uri=URI", "client_id"),
        ("openid4vp://?client_id=decentralized_identifier:did:web:site.example:path&request_uri=URI", "client_id"),
        ("openid4vp://?client_id=decentralized_identifier:did:web:127.0.0.1&request_uri=URI", "relying_party_id"),
        ("openid4vp://?client_id=CLIENT&request_uri=https://other.example/request/1", "origin"),
        ("openid4vp://?client_id=decentralized_identifier:did:web:other.example&request_uri=URI", "origin"),
        ("openid4vp://?client_id=CLIENT&request_uri=URI" + "x" * 5000, "link"),
    ],
)
def test_refuses_links_that_mix_or_hide(wallet: Wallet, site: FakeSite, link: str, code: str) -> None:
    link = link.replace("CLIENT", site.client_id.replace("%", "%25")).replace("URI", site.origin + REQUEST)
    assert code_of(lambda: wallet.inspect(link)) == code
    assert site.calls == []


@pytest.mark.parametrize(
    "before", ["https://wallet.example/open?", "https://wallet.example/#", "openid4vp://authorize?"]
)
def test_takes_links_of_every_kind(wallet: Wallet, site: FakeSite, before: str) -> None:
    query = urlencode({"client_id": site.client_id, "request_uri": site.origin + REQUEST})
    assert wallet.inspect(before + query).relying_party_id == site.id


def test_loopback_sites_need_developer_mode(wallet: Wallet, site: FakeSite) -> None:
    wallet._opened.developer = False
    assert code_of(lambda: wallet.inspect(site.link)) == "loopback"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"redirect_uri": "https://other.example/"}, "origin"),
        ({"redirect_uri": "javascript:alert(1)"}, "origin"),
        ({"redirect_uri": ...}, "unexpected_answer"),
        ({"receipt": ...}, None),
        ({"receipt": "eyJ.e30.AA"}, None),
        ({"receipt": 5}, None),
    ],
)
def test_an_answer_leads_nowhere_else(wallet: Wallet, site: FakeSite, change: dict[str, Any], code: str | None) -> None:
    site.tamper[RESPONSE] = _claims(**change)
    if code is None:
        assert not sign_in(wallet, site).receipt_kept
        assert wallet.overview().receipts == ()
    else:
        assert code_of(lambda: sign_in(wallet, site)) == code
        assert site.id in wallet.overview().known


def test_a_receipt_that_says_otherwise_is_not_kept(wallet: Wallet, site: FakeSite) -> None:
    site.tamper[RESPONSE] = lambda answer: answer | {"receipt": site.receipt(["settled", "country"])}
    assert not sign_in(wallet, site).receipt_kept


@pytest.mark.parametrize("change", [{"host": "other.example"}, {"code": "12345"}, {"code": "12345x"}, {"host": ...}])
def test_a_code_is_for_the_sites_own_host(wallet: Wallet, site: FakeSite, change: dict[str, Any]) -> None:
    site.device = "other"
    site.tamper[RESPONSE] = _claims(**change)
    with pytest.raises(Error):
        sign_in(wallet, site)


def test_a_request_grows_old_while_the_holder_thinks(wallet: Wallet, site: FakeSite, clock: FixedClock) -> None:
    asked = wallet.inspect(site.link)
    clock.advance(minutes=11)
    assert code_of(lambda: wallet.answer(asked)) == "request_expired"
    assert RESPONSE not in site.calls


def test_nothing_valid_never_renews_by_itself(
    wallet: Wallet, site: FakeSite, issuer: FakeIssuer, clock: FixedClock
) -> None:
    clock.advance(weeks=2)
    assert code_of(lambda: sign_in(wallet, site)) == "no_valid_credential"
    assert issuer.calls == []
    assert RESPONSE not in site.calls
    wallet.renew()
    sign_in(wallet, site)


def test_a_wallet_whose_clock_is_off(wallet: Wallet, site: FakeSite) -> None:
    own = wallet._opened.clock
    assert isinstance(own, FixedClock)
    site.clock = FixedClock(own.now())
    site.clock.advance(days=6)
    site.issuer.clock = site.clock
    assert code_of(lambda: sign_in(wallet, site)) == "clock_skew"
    site.clock.set(own.now())
    own.advance(minutes=9)
    sign_in(wallet, site)
    own.advance(minutes=-40)
    sign_in(wallet, site)


def test_the_week_of_the_site_counts_next_to_a_change(
    wallet: Wallet, site: FakeSite, clock: FixedClock, issuer: FakeIssuer
) -> None:
    monday = clock.now().replace(day=30, hour=0, minute=20)
    site.clock = issuer.clock = FixedClock(monday)
    clock.set(monday.replace(day=29, hour=23, minute=40))
    sign_in(wallet, site)
    assert site.seen[-1].header.epoch == "2026-W49"


def test_a_wallet_that_is_empty_asks_nobody(ready: Wallet, site: FakeSite) -> None:
    assert code_of(lambda: ready.inspect(site.link)) == "wallet_empty"
    assert site.calls == []


def test_client_ids_are_bound_to_the_link(wallet: Wallet, site: FakeSite, other_site: FakeSite) -> None:
    mixed = urlencode({"client_id": client_id_of(other_site.id), "request_uri": site.origin + REQUEST})
    assert code_of(lambda: wallet.inspect("openid4vp://?" + mixed)) == "origin"
