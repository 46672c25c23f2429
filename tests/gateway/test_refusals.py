"""What is not a sign-in: each refusal has the code it should, and changes nothing it should not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from bonafides.core import base64url, bbs, cbor
from bonafides.core.credential.context import Context
from bonafides.core.credential.header import Header
from bonafides.errors import Error
from bonafides.kit import telemetry
from bonafides.kit.http import Answer
from tests.gateway.conftest import BOTH, World
from tests.gateway.world import FORM, FakeIssuer, Holder, Signin, at, dump

ALL = ["assurance", "settled", "age_over_13", "age_over_16", "age_over_18", "country"]


def code_of(answer: Answer) -> str:
    return str(answer.json()["code"])


def forge(presentation: bytes, position: int, change: Callable[[Any], Any]) -> bytes:
    fields = cbor.decode(presentation)
    assert isinstance(fields, list)
    return cbor.encode([*fields[:position], change(fields[position]), *fields[position + 1 :]])


def bad_proof(world: World, holder: Holder, signin: Signin) -> bytes:
    return forge(holder.present(signin), 6, lambda proof: proof[:-32] + bytes(31) + b"\x05")


def bad_point(world: World, holder: Holder, signin: Signin) -> bytes:
    return forge(holder.present(signin), 6, lambda proof: b"\xc0" + bytes(47) + proof[48:])


def foreign_pseudonym(world: World, holder: Holder, signin: Signin) -> bytes:
    other = world.holder().secret.pseudonym(Context("account", world.gateway.rp_id))
    return forge(holder.present(signin), 5, lambda _: other)


def settled_forged(world: World, holder: Holder, signin: Signin) -> bytes:
    return forge(
        replace(holder, values=("chip", False, *holder.values[2:])).present(signin), 4, lambda m: {**m, 1: True}
    )


def too_little(world: World, holder: Holder, signin: Signin) -> bytes:
    return holder.present(signin, show=["settled"])


def too_much(world: World, holder: Holder, signin: Signin) -> bytes:
    return holder.present(signin, show=ALL)


def unknown_header(world: World, holder: Holder, signin: Signin) -> bytes:
    return holder.present(signin, header=Header(world.issuer.id, "person", "for-you-alone", "2026-W48"))


def unknown_issuer(world: World, holder: Holder, signin: Signin) -> bytes:
    return holder.present(signin, issued_by=FakeIssuer("elsewhere.example", world.clock))


def own_key(world: World, holder: Holder, signin: Signin) -> bytes:
    impostor = FakeIssuer(world.issuer.id, world.clock)
    impostor.secret_key = bbs.key_gen(b"a key of the holder's own choosing")
    return holder.present(signin, issued_by=impostor)


def other_kind(world: World, holder: Holder, signin: Signin) -> bytes:
    return holder.present(signin, context=Context("party", world.gateway.rp_id, "case"))


def other_place(world: World, holder: Holder, signin: Signin) -> bytes:
    return holder.present(signin, context=Context("account", "elsewhere.example"))


def other_signin(world: World, holder: Holder, signin: Signin) -> bytes:
    return holder.present(world.gateway.browser.begin())


MISFITS = [
    bad_proof,
    bad_point,
    foreign_pseudonym,
    settled_forged,
    too_little,
    too_much,
    unknown_header,
    unknown_issuer,
    own_key,
    other_kind,
    other_place,
    other_signin,
]


@pytest.mark.parametrize("misfit", MISFITS)
def test_every_misfit_gets_the_same_answer(world: World, misfit: Callable[[World, Holder, Signin], bytes]) -> None:
    holder, signin = world.holder(), world.gateway.browser.begin()
    answer = world.holder().post(signin, misfit(world, holder, signin))
    assert answer.status == 400
    assert answer.body == (
        b'{"type":"urn:bonafides:error:presentation_refused","title":"Bad Request","status":400,'
        b'"code":"presentation_refused"}'
    )
    assert dump(world.gateway.database)["account"] == []
    # One mistake does not end the sign-in.
    assert world.gateway.browser.collect(signin, holder.answer(signin))["access"] == "full"


@pytest.mark.parametrize("types", [("person", "name"), ("person",)])
def test_a_name_is_not_taken_for_a_person(world: World, types: tuple[str, ...]) -> None:
    world.issuer.types = types
    world.clock.advance(days=14)
    holder = world.holder(values=("Somebody Else",))
    signin = world.gateway.browser.begin()
    header = world.issuer.header("2026-W50", "name")
    assert code_of(holder.post(signin, holder.present(signin, header=header, show=["full_name"]))) == (
        "presentation_refused"
    )


def test_a_presentation_for_another_platform_is_refused(world: World) -> None:
    shop = world.open_gateway("shop")
    holder, here, there = world.holder(), world.gateway.browser.begin(), shop.browser.begin()
    assert code_of(holder.post(here, holder.present(there))) == "presentation_refused"
    # Even in the right context: the request it answers was another's.
    context = Context("account", world.gateway.rp_id)
    assert code_of(holder.post(here, holder.present(there, context=context))) == "presentation_refused"


@pytest.mark.parametrize(("country", "accepted"), [("UTO", True), ("XXA", False)])
def test_the_country_shown_must_be_the_issuers(world: World, country: str, accepted: bool) -> None:
    gateway = world.open_gateway("shop", required=["settled", "country"])
    holder = world.holder(values=("chip", True, True, True, True, country))
    signin = gateway.browser.begin()
    answer = holder.post(signin, holder.present(signin))
    assert (answer.status == 200) is accepted
    if accepted:
        assert gateway.browser.collect(signin, answer.json())["country"] == "UTO"
    else:
        assert code_of(answer) == "presentation_refused"


@BOTH
def test_after_three_refusals_the_sign_in_is_over(world: World) -> None:
    browser, holder = world.gateway.browser, world.holder()
    signin = browser.begin()
    wrong, right = bad_proof(world, holder, signin), holder.present(signin)
    assert [code_of(holder.post(signin, wrong)) for _ in range(3)] == ["presentation_refused"] * 3
    assert code_of(holder.post(signin, right)) == "signin_spent"
    with pytest.raises(Error) as caught:
        browser.state(signin)
    assert caught.value.code == "signin_spent"
    assert dump(world.gateway.database)["account"] == []


@pytest.mark.parametrize(
    ("now", "epoch", "code"),
    [
        ("2026-11-30T00:59:59", "2026-W48", None),
        ("2026-11-30T01:00:00", "2026-W48", "epoch_not_accepted"),
        ("2026-11-30T00:30:00", "2026-W47", "epoch_not_accepted"),
        ("2026-11-29T23:59:59", "2026-W49", "epoch_not_accepted"),
    ],
)
def test_only_the_current_epoch_but_for_the_first_hour_of_a_week(
    world: World, now: str, epoch: str, code: str | None
) -> None:
    world.clock.set(at(now))
    holder, signin = world.holder(), world.gateway.browser.begin()
    before = without_pins(dump(world.gateway.database))
    answer = holder.post(signin, holder.present(signin, header=world.issuer.header(epoch)))
    if code is None:
        assert answer.status == 200
    else:
        assert code_of(answer) == code
        assert without_pins(dump(world.gateway.database)) == before


def without_pins(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The rows without pinned keys: after a leap of the clock the gateway's upkeep fetches those at any moment."""
    return {name: each for name, each in rows.items() if name != "issuer_key"}


def _vp(value: Any) -> str:
    return urlencode({"vp_token": json.dumps(value)})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("vp_token", 400),
        ("vp_token=", 400),
        ("vp_token=%ff", 400),
        ("\xff\x00", 400),
        ("x" * 9000, 413),
        ("vp_token=[]", 400),
        (_vp({}), 400),
        (_vp({"person": []}), 400),
        (_vp({"person": "AA"}), 400),
        (_vp({"person": ["AA", "AA"]}), 400),
        (_vp({"person": ["AA"], "name": ["AA"]}), 400),
        (_vp({"person": ["A A"]}), 400),
        (_vp({"person": [base64url.encode(bytes(4097))]}), 400),
        (_vp({"person": [base64url.encode(cbor.encode(["bonafides/1"]))]}), 400),
        (_vp({"person": [["AA"]]}), 400),
        (_vp({"person": ["AA"]}) + "&" + _vp({"person": ["AA"]}), 400),
        (_vp({"person": ["AA"]}) + "&state=x", 400),
        ("error=access_denied", 400),
    ],
)
def test_garbage_leaves_everything_as_it_was(world: World, body: str, status: int) -> None:
    holder, signin = world.holder(), world.gateway.browser.begin()
    world.gateway.browser.sign_in(holder)
    before = dump(world.gateway.database)
    answer = holder.post_body(signin, body.encode("latin-1"))
    assert answer.status == status
    assert answer.media_type == "application/problem+json"
    assert dump(world.gateway.database) == before


def test_another_media_type_is_refused(world: World) -> None:
    holder, signin = world.holder(), world.gateway.browser.begin()
    assert holder.post_body(signin, "{}", "application/json").status == 400
    assert holder.post_body(signin, "--x--", "multipart/form-data; boundary=x").status == 400


@pytest.mark.parametrize("name", ["A" * 22, "short", "%00" * 22, "A" * 400])
def test_a_sign_in_that_never_was_is_unknown(world: World, name: str) -> None:
    browser, holder = world.gateway.browser, world.holder()
    signin = browser.begin()
    body = _vp({"person": [base64url.encode(holder.present(signin))]}).encode()
    for answer in (
        world.http.send("POST", f"{browser.origin}/response/{name}", content=body, media_type=FORM),
        world.http.get(f"{browser.origin}/request/{name}"),
        world.http.get(f"{browser.origin}/signin/{name}", headers={"Cookie": signin.cookie}),
    ):
        assert (answer.status, code_of(answer)) == (404, "signin_unknown")


def test_what_fails_is_told_to_our_own_log_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[dict[str, Any]] = []

    class Logger:
        def info(self, event: str, **fields: Any) -> None:
            lines.append(dict(telemetry.keep_allowed(None, "info", {"event": event, **fields})))

        warning = error = info

    monkeypatch.setattr("structlog.get_logger", Logger)
    holder = world.holder()
    for misfit in (bad_proof, too_little, unknown_header, other_kind):
        signin = world.gateway.browser.begin()
        holder.post(signin, misfit(world, holder, signin))
    assert [line["code"] for line in lines] == ["proof", "slots", "header_unknown", "context"]
    assert {line["event"] for line in lines} == {"gateway.presentation.refused"}
