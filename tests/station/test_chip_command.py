"""`bonafides chip`: what it asks, what it writes, what it says."""

import importlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bonafides.cli import chip
from bonafides.core import base64url
from bonafides.core.document import DocumentBundle
from bonafides.errors import Error
from bonafides.station import card_reader
from bonafides.testing.passport import EmulatedPassport, PaceOffer, Traits
from bonafides.testing.state import SyntheticState, encode_group
from bonafides.testing.state.chip import SoftChip
from tests.station.pcsc import FakeScard

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NONCE = base64url.encode(bytes(range(8)))
PRINTED = "U12345678\n1990-08-06\n2031-10-31\n"


@pytest.fixture
def passport(monkeypatch: pytest.MonkeyPatch) -> EmulatedPassport:
    """A passport with a key of its own in the only reader."""
    key = SoftChip.new()
    bundle = SyntheticState("UTO", now=NOW).issue_card(
        birth=date(1990, 8, 6),
        expires=date(2031, 10, 31),
        number="U12345678",
        kind="td3",
        groups=key.groups | {3: encode_group(3, b"fingers"), 12: encode_group(12, b"")},
    )
    passport = EmulatedPassport.of(bundle, can="123456", sign=key.sign, traits=Traits(pace=(PaceOffer(13),)))
    scard = FakeScard({"ACME Contactless": passport})
    monkeypatch.setattr(card_reader, "load_pyscard", lambda: scard)
    monkeypatch.setattr(chip, "load_pyscard", lambda: scard)
    return passport


def run(*arguments: str, typed: str = PRINTED) -> Result:
    """Run the command; our errors come out."""
    result = CliRunner().invoke(chip.app, [*arguments], input=typed)
    if isinstance(result.exception, Error):
        raise result.exception
    return result


def test_a_document_goes_into_a_file(passport: EmulatedPassport, tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    result = run("read", str(file), "--nonce", NONCE, "--groups", "3,12")
    assert result.exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    bundle = DocumentBundle.from_json(json.loads(file.read_text("ascii")))
    assert bundle.groups.keys() == {1, 12, 14, 15}
    assert bundle.active_authentication is not None
    for said in (
        "Opened by PACE (brainpoolP256r1, AES-128) with the machine readable zone.",
        "Read: EF.SOD and data groups 1, 12, 14, 15.",
        "Kept back by the chip: data groups 3.",
        "The chip signed the nonce.",
        "Opening the chip …",
        f"DG1: {len(bundle.dg1)} bytes",
    ):
        assert said in result.output
    for secret in (passport.zone, passport.zone[44:53], "ERIKSSON"):
        assert secret not in result.output.replace("Document number: U12345678", "")


@pytest.mark.parametrize("option", ["--can", "--mrz"])
def test_other_ways_to_open_it(passport: EmulatedPassport, tmp_path: Path, option: str) -> None:
    typed = "123456\n" if option == "--can" else f"{passport.zone[:44]}\n {passport.zone[44:].lower()}\n"
    result = run("read", str(tmp_path / "document.json"), option, typed=typed)
    assert ("card access number." in result.output) == (option == "--can")
    assert "it was not asked to (--nonce)" in result.output


def test_a_chip_without_a_key(passport: EmulatedPassport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = EmulatedPassport.of(
        SyntheticState("UTO", now=NOW).issue_card(
            birth=date(1990, 8, 6), expires=date(2031, 10, 31), number="U12345678"
        )
    )
    monkeypatch.setattr(card_reader, "load_pyscard", lambda: FakeScard({"One": plain}))
    assert "cannot be told this way" in run("read", str(tmp_path / "document.json"), "--nonce", NONCE).output


@pytest.mark.parametrize(
    ("options", "typed", "code"),
    [
        ((), "U12345679\n1990-08-06\n2031-10-31\n", "chip_password"),
        ((), "U12345678\n6.8.1990\n2031-10-31\n", "chip_password_form"),
        ((), "Ü\n1990-08-06\n2031-10-31\n", "chip_password_form"),
        (("--can",), "12345\n", "chip_password_form"),
        (("--mrz",), "P<UTO\n\n", "chip_password_form"),
        (("--groups", "x"), "", "chip_groups"),
        (("--groups", "17"), PRINTED, "chip_groups"),
        (("--nonce", "AAAA"), PRINTED, "chip_nonce"),
        (("--nonce", "A!"), "", "base64url"),
        (("--reader", "other"), "", "reader_name"),
    ],
)
def test_what_is_refused_leaves_no_file(
    passport: EmulatedPassport, tmp_path: Path, options: tuple[str, ...], typed: str, code: str
) -> None:
    file = tmp_path / "document.json"
    with pytest.raises(Error) as caught:
        run("read", str(file), *options, typed=typed)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_never_replaced(passport: EmulatedPassport, tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_text("mine", "ascii")
    with pytest.raises(Error) as caught:
        run("read", str(file), typed="")
    assert caught.value.code == "chip_output"
    with pytest.raises(Error) as caught:
        run("read", str(tmp_path / "nowhere" / "document.json"))
    assert caught.value.code == "chip_output"
    assert file.read_text("ascii") == "mine"


def test_readers_are_listed(passport: EmulatedPassport) -> None:
    assert run("readers").output == "ACME Contactless\n"


def test_the_command_is_there_without_pyscard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> Any:
        raise ImportError

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(Error) as caught:
        run("read", str(tmp_path / "document.json"))
    assert caught.value.code == "extra_missing"
