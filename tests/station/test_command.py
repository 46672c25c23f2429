"""`bonafides station`: one person after the other, every refusal a sentence, nothing left on the screen."""

import io
from pathlib import Path
from typing import Any

import pytest

from bonafides.cli import main
from bonafides.cli import station as command
from bonafides.core.credential.station_link import MAX_LINK, StationLink
from bonafides.core.document import DocumentBundle
from tests.station.test_service_point import Issuer, Reader, bundle, issuer, link, served
from tests.wallet.fakes import problem

__all__ = ["bundle", "issuer", "link", "served"]

forbidden: list[bool] = []
"""Grows each time the command forbids core dumps, which a test does not do to its own process."""


class Station:
    """Runs the command with what is typed or scanned."""

    def __init__(self, reader: Reader, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.reader, self._capfd, self._monkeypatch = reader, capfd, monkeypatch

    def run(self, typed: str, *arguments: str) -> tuple[int, str]:
        """Return exit status and what was said."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["station", "--developer", *arguments])
        said = self._capfd.readouterr()
        assert said.out == ""
        return int(ended.value.code or 0), said.err


@pytest.fixture
def station(bundle: DocumentBundle, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Station:
    """A counter with a card on its reader."""
    reader = Reader(bundle)
    monkeypatch.setattr(command, "open_reader", lambda name: reader)
    monkeypatch.setattr(command, "forbid_core_dumps", lambda: forbidden.append(True))
    return Station(reader, capfd, monkeypatch)


PERSON = "y\nC01X00T47\n1964-08-12\n2031-10-31\n"


def test_one_person_after_the_other(station: Station, link: StationLink, issuer: Issuer) -> None:
    other = StationLink(link.issuer_id, "another", bytes(8))
    status, said = station.run(f"{link.text}\n{PERSON}{other.text}\ny\n\n123456\n\n")
    assert status == 0
    assert said.count("Delivered") == 2
    assert [each["session"] for each in issuer.sent] == ["session", "another"]
    assert link.comparison_code in said
    assert f"Issuer: {link.issuer_id}" in said


def test_no_core_dump_is_written(station: Station) -> None:
    forbidden.clear()
    station.run("")
    assert forbidden == [True]


def test_once_and_by_argument(station: Station, link: StationLink, issuer: Issuer) -> None:
    assert station.run(f"{link.text}\n{PERSON}{link.text}\n{PERSON}", "--once")[0] == 0
    assert station.run(PERSON, link.text)[0] == 0
    assert len(issuer.sent) == 2


def test_a_refusal_is_one_sentence_and_the_next_person_comes(
    station: Station, link: StationLink, issuer: Issuer
) -> None:
    issuer.answer = problem("session_spent", 409)
    status, said = station.run(f"nonsense\n{link.text}\n{PERSON}{link.text}\nn\n")
    assert status == 0
    assert "(station_link)" in said
    assert "A document was shown for this code already" in said
    assert "(station_code)" in said
    assert "Traceback" not in said
    assert station.run(f"{link.text}\n{PERSON}", "--once")[0] == 1
    assert station.run("", "nonsense")[0] == 1


def test_no_answer_is_a_no(station: Station, link: StationLink, issuer: Issuer) -> None:
    _, said = station.run(f"{link.text}\n\n", "--once")
    assert "(station_code)" in said
    assert station.reader.read_with == []


def test_only_named_issuers(station: Station, link: StationLink, issuer: Issuer) -> None:
    assert "(station_issuer)" in station.run(f"{link.text}\n{PERSON}", "--once", "--issuer", "id.example")[1]
    assert "Delivered" in station.run(f"{link.text}\n{PERSON}", "--once", "--issuer", link.issuer_id)[1]


def test_a_scan_that_never_ends_is_no_link(station: Station, link: StationLink, issuer: Issuer) -> None:
    status, said = station.run("A" * (5 * MAX_LINK) + f"\n{link.text}\n{PERSON}\n")
    assert status == 0
    assert said.count("(station_link)") == 1
    assert said.count("Delivered") == 1


def test_the_screen_is_cleared_after_each_person_whatever_happened(
    station: Station, link: StationLink, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    _, said = station.run(f"{link.text}\n{PERSON}{link.text}\nn\n")
    assert said.count("\x1b[3J") == 2
    assert said.rindex("C01X00T47" if "C01X00T47" in said else "Digits") < said.rindex("\x1b[3J")


def test_nothing_of_the_document_is_said(
    station: Station, link: StationLink, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def broken(**_given: Any) -> DocumentBundle:
        raise RuntimeError("C01X00T47 in a library's words")

    monkeypatch.setattr(station.reader, "read", broken)
    status, said = station.run(f"{link.text}\n{PERSON}", "--once")
    assert status == 1
    assert "in a library's words" not in said
    assert list(tmp_path.iterdir()) == []
