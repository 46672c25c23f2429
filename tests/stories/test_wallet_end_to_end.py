"""The wallet against the real issuer and real gateways of a town: what each promises the other holds on the wire."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bonafides.core.document import DocumentBundle
from bonafides.errors import Error
from bonafides.kit.clock import FixedClock
from bonafides.testing.deployment import Browser, Town
from bonafides.wallet import Kit, ScryptCost, StoredDocument, Wallet, freeze

PASSPHRASE = "correct horse battery"
CHEAP = ScryptCost(log2_n=4, r=1, p=1)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands on a Wednesday."""
    return FixedClock(datetime(2026, 11, 25, 8, 30, tzinfo=UTC))


@pytest.fixture
def town(tmp_path: Path, clock: FixedClock) -> Iterator[Town]:
    """An issuer and two platforms."""
    with Town(tmp_path / "town", clock) as made:
        yield made


class Person:
    """Somebody with a document, wallets and a kit on paper."""

    def __init__(self, town: Town, folder: Path, clock: FixedClock) -> None:
        self.town, self.folder, self.clock = town, folder, clock
        self.bundle: DocumentBundle = town.document()
        self.document = StoredDocument(self.bundle.to_json())
        self.kits: list[Kit] = []

    def new_wallet(self, name: str) -> Wallet:
        """An empty wallet."""
        path = self.folder / name
        return Wallet.create(path, passphrase=PASSPHRASE, clock=self.clock, developer=True, cost=CHEAP)

    def keep(self, kit: Kit) -> Kit:
        """Write a kit down and read it back."""
        self.kits.append(kit)
        return kit


@pytest.fixture
def person(town: Town, tmp_path: Path, clock: FixedClock) -> Person:
    """Somebody who is not enrolled yet."""
    return Person(town, tmp_path, clock)


def code_of(error: pytest.ExceptionInfo[Error]) -> str:
    return error.value.code


def test_enrol_sign_in_renew_and_come_back(town: Town, person: Person, clock: FixedClock) -> None:
    with person.new_wallet("first") as wallet:
        assert wallet.enrol(town.issuer_id, person.document, kit_read_back=person.keep).epochs
        at_a = town.sign_in(wallet, "a")["sub"]
        assert town.sign_in(wallet, "b")["sub"] != at_a
        browser = Browser(town.http, town.platforms["a"].origin)
        answered = wallet.answer(wallet.inspect(browser.begin("other")))
        assert answered.host == town.platforms["a"].rp_id
        assert answered.receipt_kept
        assert browser.type_code(answered.code or "")["sub"] == at_a
        clock.advance(weeks=3)
        with pytest.raises(Error) as stale:
            town.sign_in(wallet, "a")
        assert code_of(stale) == "no_valid_credential"
        wallet.renew()
        assert town.sign_in(wallet, "a")["sub"] == at_a
        with person.new_wallet("restored") as back:
            back.restore(town.issuer_id, person.document, person.kits[0])
            assert town.sign_in(back, "a")["sub"] == at_a
            with pytest.raises(Error):
                wallet.renew()
            wallet.dispute()


def test_a_lost_wallet_is_replaced_and_the_old_one_may_object(town: Town, person: Person, clock: FixedClock) -> None:
    with person.new_wallet("first") as wallet, person.new_wallet("second") as second:
        wallet.enrol(town.issuer_id, person.document, kit_read_back=person.keep)
        with pytest.raises(Error) as held:
            second.enrol(town.issuer_id, person.document, kit_read_back=person.keep)
        assert code_of(held) == "already_enrolled"
        begun = second.replace(town.issuer_id, person.document, kit_read_back=person.keep)
        assert begun.pending
        assert begun.due == clock.now().date().replace(month=12, day=9)
        assert second.collect().pending
        assert wallet.status()["reenrolment"]
        clock.advance(days=15)
        assert second.collect().epochs
        assert second.overview().values["settled"] is False
        assert town.sign_in(second, "a")["access"] == "read_only"


def test_devices_freeze_and_erasure(town: Town, person: Person, clock: FixedClock) -> None:
    with person.new_wallet("first") as wallet, person.new_wallet("second") as second:
        wallet.enrol(town.issuer_id, person.document, kit_read_back=person.keep)
        key = second.join(person.kits[0], device_number=1)
        wallet.approve_device(key)
        clock.advance(days=8)
        second.enrol(town.issuer_id, person.document, kit_read_back=person.keep)
        assert town.sign_in(second, "a")["sub"] == town.sign_in(wallet, "a")["sub"]
        wallet.remove_device(key)
        with pytest.raises(Error):
            second.renew()
        with pytest.raises(Error) as frozen:
            freeze(town.issuer_id, person.document, town.http, developer=True)
        assert code_of(frozen) == "in_person"  # this document does not exclude cloning
        wallet.erase()
        wallet.enrol(town.issuer_id, person.document, kit_read_back=person.keep)
        town.sign_in(wallet, "a")


def test_a_name_is_signed_for_who_asks_and_opens_no_door(town: Town, tmp_path: Path, clock: FixedClock) -> None:
    document = StoredDocument(town.document(full_name="Nguyễn<<Văn An").to_json())
    path = tmp_path / "wallet"
    with Wallet.create(path, passphrase=PASSPHRASE, clock=clock, developer=True, cost=CHEAP) as wallet:
        wallet.enrol(town.issuer_id, document, kit_read_back=lambda kit: kit)
        assert town.sign_in(wallet, "a")["access"] == "full"
        assert wallet.enrol_name(document).epochs == ("2026-W48", "2026-W49")
        clock.advance(weeks=1)
        assert wallet.renew().name_failed == ""
        assert wallet.overview().name_epochs == ("2026-W48", "2026-W49", "2026-W50")
        # With a name in the wallet, a sign-in tells what it told before.
        link = Browser(town.http, town.platforms["a"].origin).begin()
        assert "full_name" not in (asked := wallet.inspect(link)).required + asked.optional
        assert town.sign_in(wallet, "a")["access"] == "full"
