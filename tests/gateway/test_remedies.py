"""Remedy messages over HTTP: each kind does what it says, for whom it says, as long as it says."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bonafides.errors import ConflictError, Error, InputError, PolicyError, VerificationError
from bonafides.kit.jws import sign_jws
from tests.gateway.conftest import BOTH, REDRESS, World
from tests.gateway.world import at, dump


@BOTH
@pytest.mark.parametrize(
    ("kind", "access", "reason"),
    [("suspension", "refused", "remedy"), ("posting_limit", "read_only", "remedy"), ("reply_limit", "full", None)],
)
def test_each_kind_binds_until_its_day_and_then_ends_by_itself(
    world: World, kind: str, access: str, reason: str | None
) -> None:
    gateway, holder, other = world.gateway, world.holder(), world.holder()
    sub, other_sub = (gateway.browser.sign_in(each)["sub"] for each in (holder, other))
    assert gateway.impose(sub, kind=kind) == 201
    until = {"until": "2026-12-05"} if reason else {}
    listed = [{"case": "2026-0001", "kind": kind, "until": "2026-12-05"}]
    assert gateway.account(sub) == {"sub": sub, "access": access, "reason": reason, **until, "remedies": listed}
    result = gateway.browser.sign_in(holder)
    assert result == {
        "sub": sub,
        "access": access,
        "reason": reason,
        "assurance": "chip",
        **until,
        "remedies": [{"case": "2026-0001", "kind": kind, "until": "2026-12-05"}],
    }
    assert gateway.account(other_sub)["access"] == "full"
    world.clock.set(at("2026-12-04T23:59:59"))
    assert gateway.account(sub)["access"] == access
    world.clock.set(at("2026-12-05T00:00:00"))
    assert gateway.account(sub) == {"sub": sub, "access": "full", "reason": None, "remedies": []}
    assert gateway.browser.sign_in(holder)["remedies"] == []
    gateway.signins.purge(world.clock.now())
    rows = dump(gateway.database)
    assert rows["remedy"] == rows["remedy_message"] == []


def test_a_remedy_counts_that_arrives_between_answer_and_result(world: World) -> None:
    gateway, holder = world.gateway, world.holder()
    sub = gateway.browser.sign_in(holder)["sub"]
    signin = gateway.browser.begin()
    told = holder.answer(signin)
    gateway.impose(sub)
    assert gateway.browser.collect(signin, told)["access"] == "refused"


def test_a_new_wallet_session_is_no_escape_and_other_platforms_are_not_bound(world: World) -> None:
    gateway, shop, holder = world.gateway, world.open_gateway("shop"), world.holder()
    gateway.impose(gateway.browser.sign_in(holder)["sub"])
    world.clock.advance(days=7)
    assert gateway.browser.sign_in(holder, "other")["access"] == "refused"
    assert shop.browser.sign_in(holder)["access"] == "full"


def test_a_case_renews_once_within_90_days(world: World) -> None:
    gateway = world.gateway
    sub = gateway.browser.sign_in(world.holder())["sub"]
    gateway.impose(sub)
    renewal = {"act": "renew", "starts": "2026-12-05", "ends": "2027-02-23"}
    with pytest.raises(PolicyError) as caught:
        gateway.impose(sub, jti="m2", **renewal | {"ends": "2027-02-24"})
    assert caught.value.code == "remedy_too_long"
    assert gateway.impose(sub, jti="m3", **renewal) == 201
    assert gateway.account(sub)["until"] == "2027-02-23"
    with pytest.raises(PolicyError) as again:
        gateway.impose(sub, jti="m4", act="renew", starts="2027-02-23", ends="2027-02-24")
    assert again.value.code == "remedy_renewed"
    with pytest.raises(ConflictError) as anew:
        gateway.impose(sub, jti="m5")
    assert anew.value.code == "remedy_exists"


def test_a_lift_ends_it_now_and_for_good(world: World) -> None:
    gateway = world.gateway
    sub = gateway.browser.sign_in(world.holder())["sub"]
    gateway.impose(sub)
    assert gateway.send(sign(lifted(world, sub))) == 201
    assert gateway.account(sub)["access"] == "full"
    with pytest.raises(ConflictError):
        gateway.impose(sub, jti="m3")
    assert gateway.impose(sub, jti="m4", case="2026-0002") == 201
    assert gateway.account(sub)["access"] == "refused"


def lifted(world: World, sub: str) -> dict[str, Any]:
    """A lift needs no kind and no days."""
    return {
        "iss": "redress.example",
        "aud": world.gateway.rp_id,
        "jti": "lift",
        "iat": int(world.clock.now().timestamp()),
        "sub": sub,
        "case": "2026-0001",
        "act": "lift",
    }


def sign(contents: dict[str, Any]) -> str:
    return sign_jws(contents, key=REDRESS, kid="redress.example#1", typ="bonafides-remedy+jwt")


@BOTH
def test_the_very_same_message_counts_once(world: World) -> None:
    gateway = world.gateway
    sub = gateway.browser.sign_in(world.holder())["sub"]
    token = gateway.message(sub)
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: gateway.send(token), range(4))) == [200, 200, 200, 201]
    before = dump(gateway.database)
    assert gateway.send(token) == 200
    with pytest.raises(ConflictError) as caught:
        gateway.impose(sub, kind="reply_limit")
    assert caught.value.code == "remedy_conflict"
    assert dump(gateway.database) == before


def test_another_redress_body_may_use_the_same_names(world: World) -> None:
    gateway = world.gateway
    sub = gateway.browser.sign_in(world.holder())["sub"]
    assert gateway.impose(sub) == 201
    assert gateway.impose(sub, iss="other.example", kind="reply_limit") == 201
    with pytest.raises(Error) as caught:  # nor lift what is not its own
        gateway.impose(sub, iss="third.example", jti="m2", act="lift")
    assert caught.value.code == "remedy_unknown"


@pytest.mark.parametrize(
    ("fields", "error", "code"),
    [
        ({"key": Ed25519PrivateKey.generate()}, VerificationError, "bad_signature"),
        ({"typ": "bonafides-receipt+jwt"}, InputError, "input"),
        ({"aud": "shop.example"}, VerificationError, "remedy_audience"),
        ({"aud": ["forum.example"]}, VerificationError, "remedy_audience"),
        ({"sub": "A" * 43}, PolicyError, "account_unknown"),
        ({"sub": "A" * 42}, InputError, "remedy_message"),
        ({"sub": 7}, InputError, "remedy_message"),
        ({"jti": ""}, InputError, "remedy_message"),
        ({"jti": "x" * 129}, InputError, "remedy_message"),
        ({"case": "a case"}, InputError, "remedy_message"),
        ({"act": "extend"}, InputError, "remedy_message"),
        ({"act": ["impose"]}, InputError, "remedy_message"),
        ({"kind": "unmask"}, InputError, "remedy_message"),
        ({"kind": {}}, InputError, "remedy_message"),
        ({"starts": "20261125"}, InputError, "remedy_message"),
        ({"starts": "2026-11-31"}, InputError, "remedy_message"),
        ({"ends": None}, InputError, "remedy_message"),
        ({"iat": "now"}, InputError, "remedy_message"),
        ({"iat": True}, InputError, "remedy_message"),
        ({"iat": 1795700000}, PolicyError, "remedy_not_yet"),
        ({"name": "Somebody"}, InputError, "remedy_message"),
        ({"ends": "2027-02-24"}, PolicyError, "remedy_too_long"),
        ({"act": "renew"}, PolicyError, "remedy_unknown"),
    ],
)
def test_what_is_no_remedy_changes_nothing(world: World, fields: dict[str, Any], error: type[Error], code: str) -> None:
    gateway = world.gateway
    sub = gateway.browser.sign_in(world.holder())["sub"]
    before = dump(gateway.database)
    with pytest.raises(Error) as caught:
        gateway.impose(**{"sub": sub, **fields})
    assert caught.value.code == code
    assert dump(gateway.database) == before
    with pytest.raises(error):
        gateway.remedies.receive(gateway.message(**{"sub": sub, **fields}))


def test_a_key_that_is_not_configured_is_nobody(world: World) -> None:
    sub = world.gateway.browser.sign_in(world.holder())["sub"]
    token = sign_jws(lifted(world, sub), key=REDRESS, kid="redress.example#2", typ="bonafides-remedy+jwt")
    with pytest.raises(Error) as caught:
        world.gateway.send(token)
    assert caught.value.code == "unknown_key"


@pytest.mark.parametrize(
    "body", [{}, {"token": 1}, {"token": "a.b.c", "more": 1}, {"token": "é"}, {"token": "x" * 9000}]
)
def test_what_is_no_message_at_all_is_refused(world: World, body: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        world.http.post_json(world.gateway.browser.origin + "/remedies", body)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}])
def test_only_the_platform_asks_for_accounts(world: World, header: dict[str, str]) -> None:
    sub = world.gateway.browser.sign_in(world.holder())["sub"]
    answer = world.http.get(f"{world.gateway.browser.origin}/accounts/{sub}", headers=header)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert sub.encode() not in answer.body


@pytest.mark.parametrize("sub", ["A" * 43, "x", "%00", "A" * 44])
def test_an_account_that_never_was_is_unknown(world: World, sub: str) -> None:
    with pytest.raises(Error) as caught:
        world.gateway.account(sub)
    assert caught.value.code == "account_unknown"
