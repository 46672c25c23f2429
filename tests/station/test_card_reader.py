"""Readers and cards: which one is taken, how long one waits, and each trouble in one sentence."""

import importlib
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bonafides.core.chip import Password, Step
from bonafides.core.document import DocumentBundle
from bonafides.errors import ConfigError, DependencyError, Error
from bonafides.station import card_reader
from bonafides.station.card_reader import PcscReader, list_readers, open_card_reader
from bonafides.station.service_point import AccessNumber, Printed
from bonafides.testing.passport import EmulatedPassport, PaceOffer, Traits
from bonafides.testing.state import SyntheticState
from tests.station.pcsc import FakeScard

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BIRTH, EXPIRY = date(1990, 8, 6), date(2031, 10, 31)
NONCE = bytes(8)


@pytest.fixture(scope="module")
def bundle() -> DocumentBundle:
    """A card with a number of nine digits, the last of a Vietnamese citizen's twelve."""
    return SyntheticState("UTO", now=NOW).issue_card(birth=BIRTH, expires=EXPIRY, number="090012345")


@pytest.fixture
def passport(bundle: DocumentBundle) -> EmulatedPassport:
    """Its chip."""
    return EmulatedPassport.of(bundle, can="123456", traits=Traits(pace=(PaceOffer(12),)))


def open_with(scard: FakeScard, monkeypatch: pytest.MonkeyPatch, name: str = "", **options: Any) -> PcscReader:
    """The readers of this PC/SC."""
    monkeypatch.setattr(card_reader, "load_pyscard", lambda: scard)
    return open_card_reader(name, **options)


@pytest.mark.parametrize("number", ["090012345", "001090012345", "001.090.012-345"])
def test_a_document_is_read_as_it_is_printed(
    passport: EmulatedPassport, bundle: DocumentBundle, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    scard = FakeScard({"One": passport})
    reader = open_with(scard, monkeypatch)
    assert reader.read(nonce=NONCE, password=Printed(number, BIRTH, EXPIRY)) == bundle
    assert reader.read(nonce=NONCE, password=AccessNumber("123456")) == bundle
    assert (scard.contexts, scard.connected) == (0, [])


def test_twelve_digits_that_are_all_in_the_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Belgium's way: the last nine do not open it, all twelve do."""
    bundle = SyntheticState("UTO", now=NOW).issue_card(
        birth=BIRTH, expires=EXPIRY, number="592123456789", personal_number=""
    )
    reader = open_with(FakeScard({"One": EmulatedPassport.of(bundle)}), monkeypatch)
    assert reader.read(nonce=NONCE, password=Printed("592123456789", BIRTH, EXPIRY)) == bundle


def test_a_wrong_password_is_told(passport: EmulatedPassport, monkeypatch: pytest.MonkeyPatch) -> None:
    scard = FakeScard({"One": passport})
    reader = open_with(scard, monkeypatch)
    for number in ("090012346", "001090012346"):
        with pytest.raises(Error) as caught:
            reader.read(nonce=NONCE, password=Printed(number, BIRTH, EXPIRY))
        assert caught.value.code == "chip_password"
    assert (scard.contexts, scard.connected) == (0, [])


def test_the_card_is_waited_for_in_all_readers(passport: EmulatedPassport, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[Step] = []
    scard = FakeScard({"One": None, "Two": None}, arrives=passport, faults={"SCardGetStatusChange": [0, 0x8010000A]})
    reader = open_with(scard, monkeypatch, progress=steps.append)
    with reader.card() as transmit:
        assert scard.connected == ["One"]
        assert transmit(b"\0\xb0\0\0\0") == b"\x69\x86"
    assert steps == [Step("card")]
    assert scard.connected == []


def test_the_reader_with_a_card_is_taken(passport: EmulatedPassport, monkeypatch: pytest.MonkeyPatch) -> None:
    scard = FakeScard({"One": None, "Two": passport})
    with open_with(scard, monkeypatch).card():
        assert scard.connected == ["Two"]


def test_a_reader_is_named_by_a_part(passport: EmulatedPassport, monkeypatch: pytest.MonkeyPatch) -> None:
    scard = FakeScard({"ACME Contact 00 00": passport, "ACME Contactless 00 01": passport})
    assert open_with(scard, monkeypatch, "contactless").names == ("ACME Contactless 00 01",)
    assert open_with(scard, monkeypatch).names == tuple(scard.readers)
    with pytest.raises(ConfigError) as caught:
        open_with(scard, monkeypatch, "omnikey")
    assert caught.value.code == "reader_name"
    assert "ACME Contact 00 00, ACME Contactless 00 01" in str(caught.value)


def test_no_card_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DependencyError) as caught, open_with(FakeScard({"One": None}), monkeypatch, wait_s=0).card():
        pass
    assert caught.value.code == "card_missing"


def test_no_reader() -> None:
    with pytest.raises(DependencyError) as caught:
        list_readers(FakeScard({}))
    assert caught.value.code == "reader_missing"


@pytest.mark.parametrize(
    ("function", "result", "code"),
    [
        ("SCardEstablishContext", FakeScard.SCARD_E_NO_SERVICE, "reader_service"),
        ("SCardEstablishContext", FakeScard.SCARD_E_SERVICE_STOPPED, "reader_service"),
        ("SCardEstablishContext", FakeScard.SCARD_W_SECURITY_VIOLATION, "reader_denied"),
        ("SCardListReaders", FakeScard.SCARD_E_NO_READERS_AVAILABLE, "reader_missing"),
        ("SCardListReaders", 0x80100001, "reader_fault"),
        ("SCardGetStatusChange", FakeScard.SCARD_E_UNKNOWN_READER, "reader_missing"),
        ("SCardGetStatusChange", FakeScard.SCARD_E_SERVICE_STOPPED, "reader_service"),
        ("SCardConnect", FakeScard.SCARD_E_SHARING_VIOLATION, "reader_busy"),
        ("SCardConnect", FakeScard.SCARD_W_UNRESPONSIVE_CARD, "card_mute"),
        ("SCardConnect", FakeScard.SCARD_E_PROTO_MISMATCH, "card_mute"),
        ("SCardConnect", FakeScard.SCARD_E_NO_SMARTCARD, "card_removed"),
        ("SCardTransmit", FakeScard.SCARD_W_REMOVED_CARD, "card_removed"),
        ("SCardTransmit", FakeScard.SCARD_W_RESET_CARD, "card_removed"),
        ("SCardTransmit", FakeScard.SCARD_E_NOT_TRANSACTED, "card_removed"),
        ("SCardTransmit", FakeScard.SCARD_E_READER_UNAVAILABLE, "reader_missing"),
    ],
)
def test_each_trouble_is_one_sentence(
    passport: EmulatedPassport, monkeypatch: pytest.MonkeyPatch, function: str, result: int, code: str
) -> None:
    scard = FakeScard({"One": passport}, faults={function: [result]})
    with pytest.raises(DependencyError) as caught:
        open_with(scard, monkeypatch).read(nonce=NONCE, password=AccessNumber("123456"))
    assert caught.value.code == code
    assert str(caught.value)[0].isupper()
    assert str(caught.value).endswith(".")
    assert scard.contexts == 0


def test_pyscard_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(_: str) -> Any:
        raise ImportError

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(ConfigError) as caught:
        open_card_reader()
    assert caught.value.code == "extra_missing"
    assert "bonafides[chip]" in str(caught.value)


@pytest.mark.parametrize("group", [13, 2])
def test_a_reader_that_carries_no_long_commands(
    bundle: DocumentBundle, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    """The chip says that it takes them: what cannot be carried is read in short pieces, if the chip can do that."""
    passport = EmulatedPassport.of(bundle, traits=Traits(pace=(PaceOffer(group),), answer_bytes=4096))
    scard = FakeScard({"One": passport}, carries_long=False)
    reader = open_with(scard, monkeypatch)
    if group == 13:
        assert reader.read(nonce=NONCE, password=Printed("090012345", BIRTH, EXPIRY)) == bundle
    else:
        with pytest.raises(DependencyError) as caught:
            reader.read(nonce=NONCE, password=Printed("090012345", BIRTH, EXPIRY))
        assert caught.value.code == "reader_short"


def test_nothing_is_shown(passport: EmulatedPassport, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "123456" not in repr(AccessNumber("123456")) + repr(Password.from_can("123456"))
