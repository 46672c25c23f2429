"""The way of a sign-in, from the browser to the result."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from bonafides.core.credential.context import Context, pseudonym_key
from bonafides.errors import ConflictError, Error, PolicyError
from bonafides.kit.jws import verify_jws
from tests.gateway.conftest import BOTH, World
from tests.gateway.world import at, dump


@BOTH
@pytest.mark.parametrize("device", ["same", "other"])
def test_a_person_signs_in(world: World, device: str) -> None:
    browser, holder = world.gateway.browser, world.holder()
    signin = browser.begin(device)
    assert browser.state(signin) == "waiting"
    told = holder.answer(signin)
    assert browser.state(signin) == "answered"
    result = browser.collect(signin, told)
    context = Context("account", world.gateway.rp_id)
    sub = pseudonym_key(world.issuer.id, context, holder.secret.pseudonym(context))
    assert result == {"sub": sub, "access": "full", "reason": None, "remedies": [], "assurance": "chip"}
    assert world.gateway.account(sub) == {"sub": sub, "access": "full", "reason": None, "remedies": []}


def test_the_wallet_is_told_a_code_and_keeps_a_receipt_that_names_nobody(world: World) -> None:
    holder, party = world.holder(), world.gateway.signins.party
    same = holder.answer(world.gateway.browser.begin("same"))
    assert same.keys() == {"redirect_uri", "receipt"}
    other = holder.answer(world.gateway.browser.begin("other"), show=["settled", "assurance", "age_over_18"])
    assert other.keys() == {"code", "host", "receipt"}
    assert other["host"] == world.gateway.rp_id
    assert len(other["code"]) == 6
    assert other["code"].isdigit()
    receipt = verify_jws(
        other["receipt"], keys={party.key_id: party.key.public_key()}, expected_typ="bonafides-receipt+jwt"
    )
    everything = ["assurance", "settled", "age_over_18"]
    assert receipt == {
        "iss": party.client_id,
        "epoch": "2026-W48",
        "kind": "account",
        "asked": everything,
        "shown": everything,
    }


def test_the_request_says_what_the_wire_says(world: World) -> None:
    signin = world.gateway.browser.begin()
    _, request = world.holder().fetch_request(signin)
    host = world.gateway.rp_id.replace(":", "%3A")
    now = int(world.clock.now().timestamp())
    form = "application/vnd.bonafides.presentation+cbor"
    assert len(request.pop("nonce")) == 22
    assert request == {
        "iss": f"decentralized_identifier:did:web:{host}",
        "aud": "https://self-issued.me/v2",
        "client_id": f"decentralized_identifier:did:web:{host}",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": f"http://{world.gateway.rp_id}/response/{signin.id}",
        "iat": now,
        "exp": now + 300,
        "client_metadata": {"vp_formats_supported": {form: {}}},
        "dcql_query": {
            "credentials": [
                {
                    "id": "person",
                    "format": form,
                    "require_cryptographic_holder_binding": True,
                    "meta": {"type": "person", "kind": "account", "detail": "", "issuers": [world.issuer.id]},
                    "claims": [{"id": n, "path": [n]} for n in ("assurance", "settled", "age_over_18")],
                    "claim_sets": [["assurance", "settled", "age_over_18"], ["assurance", "settled"]],
                }
            ]
        },
        "bonafides_device": "same",
    }


def test_the_same_bytes_are_served_each_time(world: World) -> None:
    signin = world.gateway.browser.begin()
    first, second = (world.http.get(signin.request_uri).body for _ in range(2))
    assert first == second


def test_same_person_same_account_another_person_another(world: World) -> None:
    browser, one, two = world.gateway.browser, world.holder(), world.holder()
    sub = browser.sign_in(one)["sub"]
    assert browser.sign_in(one, "other")["sub"] == sub
    world.clock.advance(days=7)
    assert browser.sign_in(one)["sub"] == sub
    assert browser.sign_in(two)["sub"] != sub


def test_at_another_gateway_the_same_person_is_another(world: World) -> None:
    holder, shop = world.holder(), world.open_gateway("shop")
    assert world.gateway.browser.sign_in(holder)["sub"] != shop.browser.sign_in(holder)["sub"]


def test_optional_slots_are_told_only_if_shown(world: World) -> None:
    browser, holder = world.gateway.browser, world.holder()
    assert "age_over_18" not in browser.sign_in(holder)
    shown = browser.sign_in(holder, show=["assurance", "settled", "age_over_18"])
    assert shown["age_over_18"] is True


def test_an_unsettled_person_may_read(world: World) -> None:
    holder = world.holder(values=("chip", False, True, True, True, "UTO"))
    result = world.gateway.browser.sign_in(holder)
    assert (result["access"], result["reason"]) == ("read_only", "unsettled")
    # `settled` is not kept: the account alone does not know it.
    assert world.gateway.account(result["sub"])["access"] == "full"
    assert "settled" not in result


@BOTH
def test_an_account_without_a_credential_for_four_epochs_may_read_until_it_shows_one(world: World) -> None:
    holder = world.holder()
    sub = world.gateway.browser.sign_in(holder)["sub"]
    world.clock.set(at("2026-12-27T23:59:59"))
    assert world.gateway.account(sub)["access"] == "full"
    world.clock.set(at("2026-12-28T00:00:00"))
    assert world.gateway.account(sub) == {"sub": sub, "access": "read_only", "reason": "stale", "remedies": []}
    assert world.gateway.browser.sign_in(holder)["access"] == "full"
    assert world.gateway.account(sub)["access"] == "full"


def test_the_epoch_last_seen_never_goes_back(world: World) -> None:
    holder, browser = world.holder(), world.gateway.browser
    world.clock.set(at("2026-11-30T00:10:00"))
    browser.sign_in(holder)
    browser.sign_in(holder, header=world.issuer.header("2026-W48"))
    assert [row[1] for row in dump(world.gateway.database)["account"]] == ["2026-W49"]


@BOTH
def test_of_many_at_once_exactly_one_succeeds(world: World) -> None:
    browser, holder = world.gateway.browser, world.holder()
    signin = browser.begin()
    presentation = holder.present(signin)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: holder.post(signin, presentation), range(6)))
    won = [answer for answer in answers if answer.status == 200]
    assert len(won) == 1
    assert {answer.json()["code"] for answer in answers if answer.status != 200} == {"signin_spent"}
    assert len(dump(world.gateway.database)["account"]) == 1
    told = won[0].json()

    def collect(_: int) -> str:
        try:
            return str(browser.collect(signin, told)["access"])
        except Error as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(collect, range(6))) == ["full"] + ["signin_unknown"] * 5


def test_nothing_but_the_promised_is_stored(world: World) -> None:
    holder = world.holder()
    signin = world.gateway.browser.begin()
    told = holder.answer(signin)
    pseudonym = holder.secret.pseudonym(Context("account", world.gateway.rp_id))
    cookie = signin.cookie.partition("=")[2]
    rows = dump(world.gateway.database)
    everything = repr(rows)
    assert rows["signin"][0][3:7] == ("", "", "", "")  # nonce, request and what was asked have served
    assert repr(pseudonym)[2:-1] not in everything
    assert cookie not in everything
    assert repr(sha256(cookie.encode()).digest()) in everything
    result = world.gateway.browser.collect(signin, told)
    rows = dump(world.gateway.database)
    assert rows["signin"] == []
    assert rows["account"] == [(result["sub"], "2026-W48", "assurance,settled")]


def test_a_spent_sign_in_is_spent(world: World) -> None:
    browser, holder = world.gateway.browser, world.holder()
    signin = browser.begin()
    presentation = holder.present(signin)
    told = holder.post(signin, presentation).raise_for_problem().json()
    with pytest.raises(ConflictError) as caught:
        holder.post(signin, presentation).raise_for_problem()
    assert caught.value.code == "signin_spent"
    with pytest.raises(ConflictError, match="409"):
        holder.fetch_request(signin)
    browser.collect(signin, told)
    with pytest.raises(Error) as again:
        browser.collect(signin, told)
    assert again.value.code == "signin_unknown"


def test_after_five_minutes_a_nonce_is_over(world: World) -> None:
    browser, holder = world.gateway.browser, world.holder()
    signin = browser.begin()
    presentation = holder.present(signin)
    world.clock.advance(seconds=299)
    assert holder.fetch_request(signin)
    world.clock.advance(seconds=1)
    for late in (lambda: holder.post(signin, presentation).raise_for_problem(), lambda: browser.state(signin)):
        with pytest.raises(PolicyError) as caught:
            late()
        assert caught.value.code == "signin_expired"
