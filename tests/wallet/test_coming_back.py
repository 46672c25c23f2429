"""Renewal, restore, replacement, freeze and what devices may do (profile §2, §3; wire.md)."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bonafides.core.credential.kit import make_kit, open_kit
from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import Error, InputError
from bonafides.kit.clock import FixedClock
from bonafides.kit.http import HttpClient
from bonafides.wallet import Kit, KitPlan, StoredDocument, Wallet, freeze, issuance
from bonafides.wallet.issuance import draw_renewal_time
from tests.wallet.conftest import CHEAP, PASSPHRASE, Template
from tests.wallet.fakes import FakeIssuer, FakeSite, Reply
from tests.wallet.test_enrolment import code_of, same


def test_renewal_presents_the_latest_credential_that_has_begun(
    wallet: Wallet, issuer: FakeIssuer, clock: FixedClock
) -> None:
    wallet.renew()
    assert issuer.presented[-1].header.epoch == "2026-W48"
    clock.advance(weeks=1)
    assert wallet.renew().epochs == ("2026-W49", "2026-W50")
    assert issuer.presented[-1].header.epoch == "2026-W49"
    assert set(issuer.presented[-1].disclosed) == {0, 1, 2, 3, 4, 5}
    assert wallet.overview().epochs == ("2026-W48", "2026-W49", "2026-W50")
    clock.advance(weeks=10)
    wallet.renew()
    assert wallet.overview().epochs == ("2027-W06", "2027-W07")


def test_renewal_does_not_raise_ages_and_says_so(wallet: Wallet, clock: FixedClock, issuer: FakeIssuer) -> None:
    assert not wallet.overview().ages_may_rise
    clock.advance(weeks=2)  # 18 since 1 December
    wallet.renew()
    view = wallet.overview()
    assert view.values["age_over_18"] is False
    assert view.ages_may_rise
    issuer.change_values = lambda values: [*values[:4], True, values[5]]
    assert code_of(wallet.renew) == "issuer_values"


def test_reading_the_document_again_raises_ages(
    wallet: Wallet, clock: FixedClock, issuer: FakeIssuer, document: StoredDocument
) -> None:
    clock.advance(weeks=2)
    wallet.enrol(issuer.id, document, kit_read_back=same)
    assert wallet.overview().values["age_over_18"] is True


def test_old_credentials_stay_until_both_new_ones_are_stored(
    wallet: Wallet, clock: FixedClock, issuer: FakeIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(weeks=3)
    held: list[set[str]] = []
    opened = wallet._opened
    monkeypatch.setattr(opened.vault, "write", lambda content: held.append(set(opened.state.credentials)))
    wallet.renew()
    assert held[-2] == {"2026-W48", "2026-W49", "2026-W51", "2026-W52"}
    assert held[-1] == {"2026-W51", "2026-W52"}


def test_a_failed_renewal_changes_nothing(wallet: Wallet, clock: FixedClock, issuer: FakeIssuer) -> None:
    clock.advance(weeks=1)
    before = wallet.overview()
    issuer.tamper["/renewal"] = lambda answer: {"credentials": answer["credentials"][:1]}
    assert code_of(wallet.renew) == "issuer_incomplete"
    issuer.tamper["/renewal"] = lambda answer: Reply(b"", 503)
    assert code_of(wallet.renew) == "unreachable"
    assert wallet.overview() == before


def test_after_400_days_the_document_is_read_again(
    wallet: Wallet, clock: FixedClock, issuer: FakeIssuer, document: StoredDocument
) -> None:
    clock.advance(days=420)
    assert code_of(wallet.renew) == "not_renewable"
    assert issuer.calls == []
    wallet.enrol(issuer.id, document, kit_read_back=same)
    assert len(issuer.handles) == 1


def test_renewal_times_are_random_and_in_the_coming_week() -> None:
    now = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
    drawn = [draw_renewal_time(now) for _ in range(500)]
    begins = datetime(2026, 11, 30, tzinfo=UTC)
    assert all(begins <= each < begins + timedelta(days=6) for each in drawn)
    assert len(set(drawn)) > 400
    assert {each.date().day for each in drawn} == {30, 1, 2, 3, 4, 5}


def test_due_when_the_drawn_time_has_come(wallet: Wallet, clock: FixedClock) -> None:
    at = wallet.overview().next_renewal
    assert at is not None
    assert not wallet.due_for_renewal()
    assert not wallet.due_for_renewal(at - timedelta(seconds=1))
    assert wallet.due_for_renewal(at)
    clock.set(at)
    assert wallet.overview().due_for_renewal
    wallet.renew()
    assert not wallet.due_for_renewal()


def test_restore_brings_the_same_person_back(
    wallet: Wallet,
    tmp_path: Path,
    clock: FixedClock,
    http: HttpClient,
    issuer: FakeIssuer,
    document: StoredDocument,
    site: FakeSite,
    template: Template,
) -> None:
    wallet.answer(wallet.inspect(site.link))
    path = tmp_path / "restored"
    with Wallet.create(path, passphrase=PASSPHRASE, clock=clock, http=http, developer=True, cost=CHEAP) as back:
        back.restore(issuer.id, document, template.kit)
        back.answer(back.inspect(site.link))
        assert back.overview().kit_confirmed
    assert site.seen[0].pseudonym == site.seen[1].pseudonym
    assert code_of(wallet.status) == "unknown_device"


def _passphrase_of_another_secret(kit: Kit) -> str:
    """A wrong passphrase that gives a secret; about half of them give no scalar, and are refused at once."""
    for attempt in range(64):
        try:
            open_kit(kit.lines, passphrase=f"wrong {attempt}")
        except InputError:
            continue
        return f"wrong {attempt}"
    raise AssertionError


def test_restore_never_becomes_another_person(
    wallet: Wallet,
    tmp_path: Path,
    clock: FixedClock,
    http: HttpClient,
    issuer: FakeIssuer,
    document: StoredDocument,
    template: Template,
) -> None:
    mistyped = Kit(template.kit.lines, _passphrase_of_another_secret(template.kit))
    path = tmp_path / "restored"
    with Wallet.create(path, passphrase=PASSPHRASE, clock=clock, http=http, developer=True, cost=CHEAP) as back:
        assert code_of(lambda: back.restore(issuer.id, document, mistyped)) == "unknown_handle"
        view = back.overview()
        assert (view.issuer_id, view.kit_confirmed, view.epochs) == (None, False, ())
        back.restore(issuer.id, document, template.kit)


def test_a_wallet_does_not_take_the_secret_of_another(
    wallet: Wallet, issuer: FakeIssuer, document: StoredDocument, template: Template
) -> None:
    other = Kit(tuple(make_kit(HolderSecret.generate())))
    before = wallet.overview()
    assert code_of(lambda: wallet.restore(issuer.id, document, other)) == "one_person"
    assert code_of(lambda: wallet.join(other, device_number=1)) == "one_person"
    assert issuer.calls == []
    assert wallet.overview() == before
    wallet.restore(issuer.id, document, template.kit)
    assert wallet.overview().device_key != before.device_key


def test_words_that_are_no_kit(ready: Wallet, issuer: FakeIssuer, document: StoredDocument) -> None:
    for lines in ((), ("academic acid",), ("x" * 1000,), ("duckling enlarge academic academic",) * 20):
        with pytest.raises(InputError):
            ready.restore(issuer.id, document, Kit(lines))
    assert issuer.calls == []


def test_the_kit_can_be_made_anew_and_checked(wallet: Wallet, template: Template) -> None:
    wallet.check_kit(template.kit)
    made: list[Kit] = []

    def keep(kit: Kit) -> Kit:
        made.append(kit)
        return kit

    wallet.kit(KitPlan(2, 3), keep)
    wallet.check_kit(Kit(made[0].lines[1:]))
    with pytest.raises(Error):
        wallet.check_kit(Kit(made[0].lines[:1]))
    with pytest.raises(Error):
        wallet.check_kit(Kit(tuple(make_kit(HolderSecret.generate()))))


def test_replacement_waits_and_is_collected(
    wallet: Wallet, tmp_path: Path, clock: FixedClock, http: HttpClient, issuer: FakeIssuer, document: StoredDocument
) -> None:
    assert code_of(wallet.collect) == "nothing_pending"
    assert code_of(lambda: wallet.replace(issuer.id, document, kit_read_back=same)) == "not_lost"
    path = tmp_path / "second"
    with Wallet.create(path, passphrase=PASSPHRASE, clock=clock, http=http, developer=True, cost=CHEAP) as second:
        assert code_of(lambda: second.enrol(issuer.id, document, kit_read_back=same)) == "already_enrolled"
        begun = second.replace(issuer.id, document, kit_read_back=same)
        assert begun == issuance.Issued(pending=True, due=date(2026, 12, 7))
        assert second.overview().pending_due == date(2026, 12, 7)
    with Wallet.open(path, passphrase=PASSPHRASE, clock=clock, http=http, developer=True) as second:
        clock.advance(days=3)
        assert second.collect().pending
        clock.advance(days=14)
        issuer.pending = False
        assert second.collect().epochs == ("2026-W50", "2026-W51")
        view = second.overview()
        assert not view.pending
        assert view.values["settled"] is False


def test_actions_are_signed_by_the_device(wallet: Wallet, issuer: FakeIssuer, tmp_path: Path) -> None:
    other = wallet.overview().device_key
    assert wallet.status()["devices"] == 1
    wallet.veto()
    wallet.dispute()
    wallet.approve_device(other)
    wallet.remove_device(other)
    assert [name for name, _ in issuer.actions] == ["status", "veto", "dispute", "approve_device", "remove_device"]
    assert [argument for _, argument in issuer.actions] == [b"", b"", b"", other, other]
    with pytest.raises(InputError):
        wallet.approve_device(bytes(65))
    with pytest.raises(Error):
        wallet.approve_device(b"")


def test_erasure_leaves_no_credential_but_the_secret(
    wallet: Wallet, issuer: FakeIssuer, document: StoredDocument, site: FakeSite
) -> None:
    wallet.erase()
    assert wallet.overview().epochs == ()
    assert code_of(lambda: wallet.answer(wallet.inspect(site.link))) == "no_valid_credential"
    assert code_of(wallet.renew) == "not_renewable"
    wallet.enrol(issuer.id, document, kit_read_back=same)


def test_freeze_needs_a_document_and_no_wallet(
    wallet: Wallet, issuer: FakeIssuer, document: StoredDocument, http: HttpClient
) -> None:
    assert wallet.freeze(document) == "2026-W50"
    assert freeze(issuer.id, document, http, developer=True) == "2026-W50"


def test_a_further_device_joins_from_the_kit(
    wallet: Wallet,
    tmp_path: Path,
    clock: FixedClock,
    http: HttpClient,
    issuer: FakeIssuer,
    document: StoredDocument,
    template: Template,
) -> None:
    path = tmp_path / "second"
    with Wallet.create(path, passphrase=PASSPHRASE, clock=clock, http=http, developer=True, cost=CHEAP) as second:
        assert code_of(lambda: second.join(template.kit, device_number=0)) == "device_number"
        key = second.join(template.kit, device_number=2)
        wallet.approve_device(key)
        second.enrol(issuer.id, document, kit_read_back=same)
        assert second.overview().device_number == 2
        wallet.renew()
        second.renew()
