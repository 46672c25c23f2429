"""A relayed link signs nobody in: only the browser that began, with the code, gets the result (profile §6)."""

import json

import pytest

from bonafides.errors import ConflictError, Error, InputError, PolicyError
from tests.gateway.conftest import BOTH, World
from tests.gateway.world import dump


def refusal(caught: pytest.ExceptionInfo[Error]) -> str:
    return caught.value.code


@pytest.mark.parametrize("device", ["same", "other"])
def test_without_the_cookie_of_the_browser_that_began_there_is_no_result(world: World, device: str) -> None:
    browser = world.gateway.browser
    mine, theirs = browser.begin(device), browser.begin(device)
    told = world.holder().answer(mine)
    before = dump(world.gateway.database)
    for cookie in ("", theirs.cookie, "signin=", "signin=" + "A" * 22, mine.cookie + "x"):
        for _ in range(4):  # somebody else's tries do not count
            with pytest.raises(PolicyError) as caught:
                browser.collect(mine, told, cookie=cookie)
            assert refusal(caught) == "signin_cookie"
    assert dump(world.gateway.database) == before
    assert browser.collect(mine, told)["access"] == "full"


def test_the_state_is_told_to_the_browser_that_began_only(world: World) -> None:
    browser = world.gateway.browser
    signin = browser.begin()
    answer = world.http.get(f"{browser.origin}/signin/{signin.id}")
    assert (answer.status, answer.json()["code"]) == (403, "signin_cookie")


def test_the_cookie_alone_is_not_enough(world: World) -> None:
    browser = world.gateway.browser
    signin, other = browser.begin(), browser.begin()
    world.holder().answer(signin)
    with pytest.raises(PolicyError) as caught:
        browser.collect(signin, world.holder().answer(other))
    assert refusal(caught) == "signin_code"


def test_a_result_waits_for_the_wallet(world: World) -> None:
    browser = world.gateway.browser
    signin = browser.begin("other")
    with pytest.raises(ConflictError) as caught:
        browser.collect(signin, {"code": "000000"})
    assert refusal(caught) == "signin_waiting"


@BOTH
def test_three_wrong_codes_end_the_sign_in(world: World) -> None:
    browser = world.gateway.browser
    signin = browser.begin("other")
    told = world.holder().answer(signin)
    wrong = {"code": f"{(int(told['code']) + 1) % 10**6:06}"}
    for _ in range(3):
        with pytest.raises(PolicyError) as caught:
            browser.collect(signin, wrong)
        assert refusal(caught) == "signin_code"
    with pytest.raises(ConflictError) as spent:
        browser.collect(signin, told)
    assert refusal(spent) == "signin_spent"
    # And what was shown is forgotten at once.
    (row,) = dump(world.gateway.database)["signin"]
    assert row[10:13] == (None, None, None)


def test_two_wrong_codes_do_not(world: World) -> None:
    browser = world.gateway.browser
    signin = browser.begin("other")
    told = world.holder().answer(signin)
    for wrong in ({"code": ""}, {"code": told["code"] + "0"}):
        with pytest.raises(PolicyError):
            browser.collect(signin, wrong)
    assert browser.collect(signin, told)["access"] == "full"


def test_the_six_digits_last_two_minutes(world: World) -> None:
    browser = world.gateway.browser
    early, late = browser.begin("other"), browser.begin("other")
    told_early, told_late = world.holder().answer(early), world.holder().answer(late)
    world.clock.advance(seconds=119)
    assert browser.collect(early, told_early)["access"] == "full"
    world.clock.advance(seconds=1)
    with pytest.raises(PolicyError) as caught:
        browser.collect(late, told_late)
    assert refusal(caught) == "signin_expired"


def test_the_response_code_lasts_ten_minutes(world: World) -> None:
    browser = world.gateway.browser
    signin = browser.begin()
    told = world.holder().answer(signin)
    world.clock.advance(seconds=600)
    with pytest.raises(PolicyError) as caught:
        browser.collect(signin, told)
    assert refusal(caught) == "signin_expired"


def test_a_code_of_the_other_kind_is_wrong(world: World) -> None:
    browser = world.gateway.browser
    signin = browser.begin("other")
    told = world.holder().answer(signin)
    with pytest.raises(PolicyError) as caught:
        browser.collect(signin, {"redirect_uri": f"{browser.origin}/?response_code={told['code']}"})
    assert refusal(caught) == "signin_code"


@pytest.mark.parametrize("body", [{}, {"device": "third"}, {"device": "same", "more": 1}, {"device": 1}])
def test_a_sign_in_begins_on_this_device_or_another(world: World, body: object) -> None:
    with pytest.raises(InputError):
        world.http.post_json(world.gateway.browser.origin + "/signin", body)  # type: ignore[arg-type]


def test_a_foreign_page_cannot_begin_or_collect(world: World) -> None:
    browser = world.gateway.browser
    body = json.dumps({"device": "same"}).encode()
    # What a form of another site could send without asking.
    for media_type in ("text/plain", "application/x-www-form-urlencoded", None):
        answer = world.http.send("POST", browser.origin + "/signin", content=body, media_type=media_type)
        assert answer.status == 400
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for path in ("/signin", "/remedies", "/accounts/x"):
        answer = world.http.send("OPTIONS", browser.origin + path, headers=headers)
        assert "access-control-allow-origin" not in answer.headers
    for path in ("/response/x", "/request/x", "/.well-known/did.json"):
        answer = world.http.send("OPTIONS", browser.origin + path, headers=headers)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
