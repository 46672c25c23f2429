"""At a service point, from the code on the wallet's screen to a sign-in: real issuer, real gateway, real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bonafides.core.credential.station_link import StationLink, parse_station_link
from bonafides.core.document import DocumentBundle, parse_mrz
from bonafides.errors import Error
from bonafides.kit.clock import FixedClock
from bonafides.station.card_reader import PcscReader
from bonafides.station.service_point import CardReader, Password, Printed, access_number, serve_person
from bonafides.testing.deployment import Town
from bonafides.testing.passport import EmulatedPassport, PaceOffer, Traits
from bonafides.testing.state import SoftChip
from bonafides.wallet import DocumentFacts, Kit, ScryptCost, StationVisit, Wallet
from tests.station.pcsc import FakeScard

CHEAP = ScryptCost(log2_n=4, r=1, p=1)
WRONG = Printed("C01X00T47", date(1964, 8, 12), date(2031, 10, 31))
ANNA, BINH = date(1990, 5, 17), date(1971, 2, 3)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands on a Wednesday."""
    return FixedClock(datetime(2026, 11, 25, 8, 30, tzinfo=UTC))


@pytest.fixture
def town(tmp_path: Path, clock: FixedClock) -> Iterator[Town]:
    """An issuer and a platform."""
    with Town(tmp_path / "town", clock, platform_names=("a",)) as made:
        yield made


@dataclass
class Files:
    """A reader for documents that are files already."""

    bundle: DocumentBundle

    def read(self, *, nonce: bytes, password: Password) -> DocumentBundle:
        """Return them."""
        assert len(nonce) == 8
        return self.bundle


@dataclass
class Counter:
    """A service point in the middle of the wallet's waiting, and the clerk who works there."""

    town: Town
    reader: CardReader
    opens: Password = WRONG
    scanned: str = ""
    wallet_shows: StationLink | None = None
    refused: list[str] = field(default_factory=list)
    served: int = 0

    def show(self, link: StationLink) -> None:
        """Be the wallet's screen; the scanner reads it unless something else lies before it."""
        self.wallet_shows = link
        self.scanned = self.scanned or link.text

    def confirms(self, link: StationLink) -> bool:
        """Compare digits and issuer with the wallet's screen."""
        shown = self.wallet_shows
        assert shown is not None
        return (link.comparison_code, link.issuer_id) == (shown.comparison_code, shown.issuer_id)

    def password(self) -> Password:
        """Read it from the document."""
        return self.opens

    def wait(self, _left: timedelta) -> None:
        """Serve the person once while their wallet waits, then end the test's waiting if that failed."""
        if self.served or self.refused:
            raise KeyboardInterrupt
        link = parse_station_link(self.scanned, developer=True)
        try:
            serve_person(link, clerk=self, reader=self.reader, http=self.town.http, issuers={self.town.issuer_id})
            self.served += 1
        except Error as error:
            self.refused.append(error.code)

    def visit(self, birth: date) -> StationVisit:
        """What a person says to their wallet."""
        return StationVisit(DocumentFacts("UTO", birth), self.show, self.wait)


def of_zone(zone: str) -> Password:
    """What a clerk reads in a passport's zone."""
    printed_on = parse_mrz(zone, reference=date(2026, 11, 25))
    assert printed_on.birth is not None
    return Printed(printed_on.number, printed_on.birth, printed_on.expiry)


def new_wallet(folder: Path, name: str, clock: FixedClock) -> Wallet:
    return Wallet.create(folder / name, passphrase="correct horse", clock=clock, developer=True, cost=CHEAP)


def test_enrolled_at_the_counter_and_signed_in(town: Town, tmp_path: Path, clock: FixedClock) -> None:
    document, kits = town.document(birth=ANNA), list[Kit]()

    def keep(kit: Kit) -> Kit:
        kits.append(kit)
        return kit

    with new_wallet(tmp_path, "anna", clock) as wallet:
        counter = Counter(town, Files(document))
        wallet.enrol(town.issuer_id, counter.visit(ANNA), kit_read_back=keep)
        sub = town.sign_in(wallet, "a")["sub"]
        with new_wallet(tmp_path, "second", clock) as second:
            with pytest.raises(Error) as refused:
                second.enrol(town.issuer_id, Counter(town, Files(document)).visit(ANNA), kit_read_back=keep)
            assert refused.value.code == "already_enrolled"
        with new_wallet(tmp_path, "restored", clock) as back:
            back.restore(town.issuer_id, Counter(town, Files(document)).visit(ANNA), kits[0])
            assert town.sign_in(back, "a")["sub"] == sub


@pytest.mark.parametrize("access", ["bac", "pace", "can"])
def test_from_the_chip_on_the_reader_to_a_sign_in(town: Town, tmp_path: Path, clock: FixedClock, access: str) -> None:
    """The whole way: an emulated passport behind PC/SC, opened, read, made to sign the issuer's nonce."""
    key = SoftChip.new()
    document = town.document(birth=ANNA, kind="td3", number="L898902C3", groups=key.groups)
    pace = () if access == "bac" else (PaceOffer(12),)
    passport = EmulatedPassport.of(document, can="500540", sign=key.sign, traits=Traits(bac=not pace, pace=pace))
    reader = PcscReader(FakeScard({"reader": passport}), ("reader",), lambda _step: None, 5.0)
    password = access_number("500540") if access == "can" else of_zone(passport.zone)
    with new_wallet(tmp_path, "anna", clock) as wallet:
        counter = Counter(town, reader, opens=password)
        wallet.enrol(town.issuer_id, counter.visit(ANNA), kit_read_back=lambda kit: kit)
        assert town.sign_in(wallet, "a")["access"] == "full"
        assert wallet.overview().values["assurance"] == "chip_genuine"


def test_what_a_service_point_kept_is_of_no_use_later(town: Town, tmp_path: Path, clock: FixedClock) -> None:
    """The chip signed the nonce of one session: the copy of what was read serves no other."""
    key = SoftChip.new()
    document = town.document(birth=ANNA, kind="td3", groups=key.groups)
    reader = PcscReader(FakeScard({"reader": EmulatedPassport.of(document, sign=key.sign)}), ("reader",), print, 5.0)
    zone = EmulatedPassport.of(document).zone
    kept = reader.read(nonce=bytes(8), password=of_zone(zone))
    with new_wallet(tmp_path, "mallory", clock) as mallory:
        for copy, code in ((kept, "document_chip"), (document, "document_chip_missing")):
            counter = Counter(town, Files(copy))
            with pytest.raises(KeyboardInterrupt):
                mallory.enrol(town.issuer_id, counter.visit(ANNA), kit_read_back=lambda kit: kit)
            assert counter.refused == [code]


def test_a_wrong_password_is_told_and_the_wallet_waits_on(town: Town, tmp_path: Path, clock: FixedClock) -> None:
    passport = EmulatedPassport.of(town.document(birth=ANNA, kind="td3"))
    reader = PcscReader(FakeScard({"reader": passport}), ("reader",), lambda _step: None, 5.0)
    with new_wallet(tmp_path, "anna", clock) as wallet:
        counter = Counter(town, reader)
        with pytest.raises(KeyboardInterrupt):
            wallet.enrol(town.issuer_id, counter.visit(ANNA), kit_read_back=lambda kit: kit)
        assert counter.refused == ["chip_password"]
        counter.refused.clear()
        counter.opens = of_zone(passport.zone)
        counter.wait(timedelta())  # the same code, scanned again
        assert counter.served == 1


def test_a_swapped_code_is_noticed_before_anything_is_read(town: Town, tmp_path: Path, clock: FixedClock) -> None:
    """Mallory's code lies before the scanner while Anna's document lies on the reader."""
    with new_wallet(tmp_path, "mallory", clock) as mallory, new_wallet(tmp_path, "anna", clock) as anna:
        trap = Counter(town, Files(town.document(birth=ANNA)))
        trap.refused.append("only for its link")
        with pytest.raises(KeyboardInterrupt):
            mallory.enrol(town.issuer_id, trap.visit(ANNA), kit_read_back=lambda kit: kit)
        counter = Counter(town, Files(town.document(birth=ANNA)), scanned=trap.scanned)
        with pytest.raises(KeyboardInterrupt):
            anna.enrol(town.issuer_id, counter.visit(ANNA), kit_read_back=lambda kit: kit)
        assert counter.refused == ["station_code"]


def test_another_document_on_the_reader_enrols_nobody(town: Town, tmp_path: Path, clock: FixedClock) -> None:
    with new_wallet(tmp_path, "anna", clock) as wallet:
        swapped = Counter(town, Files(town.document(birth=BINH)))
        with pytest.raises(Error) as refused:
            wallet.enrol(town.issuer_id, swapped.visit(ANNA), kit_read_back=lambda kit: kit)
        assert refused.value.code == "station_document"
        own = Counter(town, Files(town.document(birth=ANNA)))
        wallet.enrol(town.issuer_id, own.visit(ANNA), kit_read_back=lambda kit: kit)
        assert town.sign_in(wallet, "a")["access"] == "full"


def test_one_code_serves_one_document(town: Town, tmp_path: Path, clock: FixedClock) -> None:
    with new_wallet(tmp_path, "anna", clock) as wallet:
        counter = Counter(town, Files(town.document(birth=ANNA)))
        wallet.enrol(town.issuer_id, counter.visit(ANNA), kit_read_back=lambda kit: kit)
        with pytest.raises(KeyboardInterrupt):
            counter.wait(timedelta())
        counter.served = 0
        counter.wait(timedelta())
        assert counter.refused == ["session_spent"]
