"""Issuers: pinned on first use, never exchanged, and not needed for what is known."""

from typing import Any

import pytest

from bonafides.core import base64url, bbs
from bonafides.errors import DependencyError, Error, InputError
from bonafides.offices.gateway.metadata import read_metadata
from tests.gateway.conftest import BOTH, World
from tests.gateway.world import FakeIssuer, dump


def refused(world: World, **how: Any) -> str | None:
    """Try to sign in; return the code of the refusal."""
    holder, signin = world.holder(), world.gateway.browser.begin()
    presentation = holder.present(signin, **how)
    try:
        holder.post(signin, presentation).raise_for_problem()
    except Error as error:
        return error.code
    return None


def test_known_epochs_need_no_issuer(world: World) -> None:
    assert refused(world) is None
    world.issuer.down = True
    world.clock.advance(days=7)  # the next epoch was published and pinned with this one
    assert refused(world) is None
    world.clock.advance(days=7)
    assert refused(world) == "issuer_unavailable"


def test_an_unknown_epoch_is_fetched_but_not_more_often_than_each_minute(world: World) -> None:
    world.issuer.down = True
    world.clock.advance(days=14)
    asked = world.issuer.asked
    signin, holder = world.gateway.browser.begin(), world.holder()
    presentation = holder.present(signin)
    for _ in range(3):
        with pytest.raises(DependencyError):
            holder.post(signin, presentation).raise_for_problem()
    assert world.issuer.asked == asked + 1
    world.issuer.down = False
    world.clock.advance(seconds=60)
    # A gateway that could not know was no attempt.
    assert holder.post(signin, presentation).status == 200
    assert world.issuer.asked == asked + 2


@BOTH
@pytest.mark.parametrize("what", ["header", "key"])
def test_a_header_or_key_of_ones_own_is_refused(world: World, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(world) is None
    before = dump(world.gateway.database)["issuer_key"]
    if what == "header":
        world.issuer.key_id = "for-you-alone"
    else:
        world.issuer.secret_key = bbs.key_gen(b"a key that only one person is shown")
    world.clock.advance(seconds=60)
    world.gateway.issuers.refresh_all(world.clock.now())
    assert "issuer_key_changed" in capsys.readouterr().out
    assert refused(world) == "presentation_refused"
    assert dump(world.gateway.database)["issuer_key"] == before


def test_a_compromised_key_is_refused_at_once_and_remembered(world: World) -> None:
    assert refused(world) is None
    world.issuer.compromised = ["k1"]
    world.clock.advance(seconds=60)
    world.gateway.issuers.refresh_all(world.clock.now())
    assert refused(world) == "presentation_refused"
    world.issuer.compromised = []  # an issuer that forgets is not believed
    world.clock.advance(seconds=60)
    world.gateway.issuers.refresh_all(world.clock.now())
    assert refused(world) == "presentation_refused"


def test_the_successor_of_a_compromised_key_is_accepted_once(world: World) -> None:
    world.issuer.compromised, world.issuer.key_id = ["k1"], "k2"
    world.issuer.secret_key = bbs.key_gen(b"the key made after the compromise")
    world.clock.advance(seconds=60)
    world.gateway.issuers.refresh_all(world.clock.now())
    assert refused(world) is None
    world.issuer.key_id = "k3"
    world.clock.advance(seconds=60)
    world.gateway.issuers.refresh_all(world.clock.now())
    assert refused(world) == "presentation_refused"


def test_two_issuers_for_one_state_are_refused(world: World) -> None:
    second, third = world.open_issuer("second"), world.open_issuer("third", country="XXA")
    shop = world.open_gateway("shop", issuers=[world.issuer.id, second.id, third.id])
    for issuer, accepted in ((world.issuer, True), (second, False), (third, True)):
        signin, holder = shop.browser.begin(), world.holder(issuer=issuer)
        assert (holder.post(signin, holder.present(signin)).status == 200) is accepted
    assert len(dump(shop.database)["issuer_pin"]) == 2


def test_an_issuer_that_moves_to_another_state_is_not_followed(world: World) -> None:
    world.issuer.country = "XXA"
    world.clock.advance(days=14)
    assert refused(world) == "issuer_unavailable"


@pytest.mark.parametrize(
    "extra",
    [
        {"profile": "bonafides/2"},
        {"issuer_id": "elsewhere.example"},
        {"country": "Utopia"},
        {"country": None},
        {"epochs": {}},
        {"epochs": [{}]},
        {"epochs": [{}] * 17},
        {"compromised": [1]},
        {"compromised": ["a key"]},
        {"compromised": "k1"},
    ],
)
def test_unusable_metadata_changes_nothing(world: World, extra: dict[str, Any]) -> None:
    document = world.issuer.document() | extra
    with pytest.raises(InputError) as caught:
        read_metadata(document, expected_issuer=world.issuer.id)
    assert caught.value.code == "issuer_metadata"
    before = dump(world.gateway.database)
    world.issuer.extra = extra
    world.clock.advance(seconds=60)
    world.gateway.issuers.refresh_all(world.clock.now())
    assert dump(world.gateway.database) == before
    assert refused(world) is None


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": "2026-W47"},
        {"type": "name"},
        {"header": "AA"},
        {"key": base64url.encode(bytes(96))},
        {"key": base64url.encode(b"\xc0" + bytes(95))},
        {"header": None},
    ],
)
def test_a_key_that_is_not_what_it_says_is_unusable(world: World, change: dict[str, Any]) -> None:
    document = world.issuer.document()
    document["epochs"][2] |= change
    with pytest.raises(InputError):
        read_metadata(document, expected_issuer=world.issuer.id)


def test_only_the_epochs_around_now_are_pinned(world: World) -> None:
    far = FakeIssuer(world.issuer.id, world.clock)
    entry = far.document()["epochs"][0]
    header = far.header("2030-W01")
    entry |= {"epoch": "2030-W01", "header": base64url.encode(header.encode())}
    world.issuer.extra = {"epochs": [entry]}
    world.clock.advance(seconds=60)
    world.gateway.issuers.refresh_all(world.clock.now())
    epochs = {row[1] for row in dump(world.gateway.database)["issuer_key"]}
    assert epochs == {"2026-W47", "2026-W48", "2026-W49"}
