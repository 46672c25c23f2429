"""`voice` and `rate` (profile §4): payload in full, ends within 60 days, each slot once."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from bonafides.errors import Error
from bonafides.kit.clock import FixedClock
from bonafides.wallet import StoredDocument, Wallet
from bonafides.wallet.rate import take_slot
from bonafides.wallet.state import WalletState
from tests.wallet.conftest import NOW, Template
from tests.wallet.fakes import FakeIssuer, FakeSite, Reply
from tests.wallet.test_enrolment import code_of

WINDOW = ["2026-11-23", "2026-11-29"]


@pytest.fixture
def poll(site: FakeSite) -> FakeSite:
    """A site that holds a poll."""
    site.kind, site.detail, site.device = "voice", ["2026-12-24", "bridge-2026"], None
    site.extra = {"bonafides_payload_max": 100}
    return site


@pytest.fixture
def window(site: FakeSite) -> FakeSite:
    """A site that lets everybody act twice a device in a week."""
    site.kind, site.detail, site.device = "rate", WINDOW, None
    site.extra = {"bonafides_payload_max": 100, "bonafides_k": 6}
    return site


def say(wallet: Wallet, site: FakeSite, payload: bytes) -> Any:
    """Answer a poll with a payload."""
    return wallet.answer(wallet.inspect(site.link, payload=payload))


def test_a_voice_is_one_for_each_poll(wallet: Wallet, poll: FakeSite) -> None:
    asked = wallet.inspect(poll.link, payload=b"a new bridge")
    assert asked.describe().payload == "a new bridge"
    assert "bridge-2026" in asked.describe("vi").asks[0]
    answered = wallet.answer(asked)
    assert (answered.code, answered.redirect_uri, answered.receipt_kept) == (None, None, True)
    say(wallet, poll, b"no bridge")
    poll.detail = ["2026-12-24", "another-poll"]
    say(wallet, poll, b"a new bridge")
    first, second, third = (seen.pseudonym for seen in poll.seen)
    assert first == second != third
    assert poll.payloads == [b"a new bridge", b"no bridge", b"a new bridge"]


def test_the_payload_is_bound(wallet: Wallet, poll: FakeSite) -> None:
    def exchange(path: str, body: bytes, headers: Any) -> Any:
        if path == "/response/1":
            fields = dict(parse_qsl(body.decode()))
            return poll._respond(fields | {"payload": "eHg"})
        return FakeSite.handle(poll, path, body, headers)

    poll.handle = exchange  # type: ignore[method-assign]
    assert code_of(lambda: say(wallet, poll, b"a new bridge")) == "proof"


@pytest.mark.parametrize(
    ("end", "code"),
    [("2027-01-24", None), ("2027-01-25", "window_too_far"), ("2026-11-25", None), ("2026-11-24", "window_over")],
)
def test_ends_lie_within_sixty_days(wallet: Wallet, poll: FakeSite, end: str, code: str | None) -> None:
    poll.detail = [end, "bridge-2026"]
    if code is None:
        wallet.inspect(poll.link, payload=b"yes")
    else:
        assert code_of(lambda: wallet.inspect(poll.link, payload=b"yes")) == code


@pytest.mark.parametrize(
    ("detail", "extra", "code"),
    [
        ("", {}, "context"),
        (["2026-12-24"], {}, "context"),
        (["24.12.2026", "x"], {}, "context"),
        (["2026-12-24", "x y"], {}, "context"),
        (["2026-12-24", "x", 1], {}, "context"),
        (["2026-12-24", "x"], {"bonafides_payload_max": 65537}, "request"),
        (["2026-12-24", "x"], {"bonafides_payload_max": 0}, "request"),
        (["2026-12-24", "x"], {"bonafides_payload_max": "9"}, "request"),
        (["2026-12-24", "x"], {"bonafides_payload_max": None}, "request"),
        (["2026-12-24", "x"], {"bonafides_k": 3}, "request"),
    ],
)
def test_refuses_polls_that_do_not_fit(
    wallet: Wallet, poll: FakeSite, detail: Any, extra: dict[str, Any], code: str
) -> None:
    poll.detail = detail
    poll.extra |= extra
    assert code_of(lambda: wallet.inspect(poll.link, payload=b"yes")) == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [(None, "payload_missing"), (b"", "payload_size"), (b"x" * 101, "payload_size"), (b"\xff", "payload_unreadable")],
)
def test_refuses_payloads_that_cannot_be_consented_to(
    wallet: Wallet, poll: FakeSite, payload: bytes | None, code: str
) -> None:
    assert code_of(lambda: wallet.inspect(poll.link, payload=payload)) == code


def test_no_payload_goes_with_a_sign_in(wallet: Wallet, site: FakeSite) -> None:
    assert code_of(lambda: wallet.inspect(site.link, payload=b"x")) == "payload_missing"


def test_nothing_in_a_payload_is_hidden(wallet: Wallet, poll: FakeSite) -> None:
    asked = wallet.inspect(poll.link, payload="yes\u202e\x1b[2J\u200bno\n".encode())
    assert asked.describe().payload == "yes\\u{202e}\\u{1b}[2J\\u{200b}no\n"


def test_a_poll_stays_open_for_weeks(wallet: Wallet, poll: FakeSite, clock: FixedClock, issuer: FakeIssuer) -> None:
    then = int(clock.now().timestamp())
    poll.change_claims = lambda claims: claims | {"iat": then, "exp": then + 86400 * 29}
    clock.advance(weeks=2)
    wallet.renew()
    say(wallet, poll, b"yes")
    assert poll.seen[-1].header.epoch == "2026-W50"
    clock.advance(weeks=-4)
    assert code_of(lambda: say(wallet, poll, b"yes")) == "clock_skew"


def _slots(site: FakeSite) -> list[int]:
    return [int(seen.context.detail[2]) for seen in site.seen]


def test_slots_are_this_devices_and_each_is_used_once(wallet: Wallet, window: FakeSite) -> None:
    say(wallet, window, b"one")
    say(wallet, window, b"one")
    assert sorted(_slots(window)) == [0, 3]
    assert len({seen.pseudonym for seen in window.seen}) == 2
    assert code_of(lambda: say(wallet, window, b"three")) == "rate_spent"
    window.detail = ["2026-11-24", "2026-11-30"]
    say(wallet, window, b"three")


def test_a_lost_answer_does_not_cost_a_slot_if_the_payload_is_the_same(wallet: Wallet, window: FakeSite) -> None:
    window.tamper["/response/1"] = lambda answer: Reply(b"", 503)
    for _ in range(3):
        with pytest.raises(Error):
            say(wallet, window, b"one")
    del window.tamper["/response/1"]
    say(wallet, window, b"one")
    assert len(set(_slots(window))) == 1
    say(wallet, window, b"two")
    assert len(set(_slots(window))) == 2


@pytest.mark.parametrize("k", [0, 1, 4, 3075, "6", None])
def test_refuses_odd_numbers_of_slots(wallet: Wallet, window: FakeSite, k: Any) -> None:
    window.extra["bonafides_k"] = k
    assert code_of(lambda: wallet.inspect(window.link, payload=b"x")) == "request"


@pytest.mark.parametrize("detail", [[*WINDOW, 0], WINDOW[::-1], ["2026-11-23"]])
def test_refuses_windows_with_a_slot_or_none(wallet: Wallet, window: FakeSite, detail: Any) -> None:
    window.detail = detail
    assert code_of(lambda: wallet.inspect(window.link, payload=b"x")) == "context"


def test_after_a_restore_the_next_window_is_waited_for(
    wallet: Wallet,
    window: FakeSite,
    issuer: FakeIssuer,
    document: StoredDocument,
    template: Template,
    clock: FixedClock,
) -> None:
    wallet.restore(issuer.id, document, template.kit)
    assert code_of(lambda: say(wallet, window, b"one")) == "rate_wait"
    assert "/response/1" not in window.calls
    clock.advance(days=5)
    window.detail = ["2026-11-30", "2026-12-06"]
    wallet.renew()
    say(wallet, window, b"one")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_devices_share_no_slot(number: int) -> None:
    state = WalletState(device_number=number)

    def take(payload: bytes) -> int:
        today = NOW.date()
        return take_slot(
            state, relying_party_id="x", start=WINDOW[0], end=WINDOW[1], k=30, payload=payload, today=today
        ).slot

    drawn = [take(str(i).encode()) for i in range(10)]
    assert sorted(drawn) == list(range(number, 30, 3))
