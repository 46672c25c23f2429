"""The commands: what a person types, and that every refusal is one sentence, its code and exit status 1."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bonafides import cli
from bonafides.cli import main
from bonafides.core import base64url
from bonafides.errors import ConfigError
from bonafides.kit.clock import FileClock, FixedClock
from bonafides.wallet import StoredDocument
from bonafides.wallet import dialog as dialogs
from tests.wallet.conftest import PASSPHRASE, Template
from tests.wallet.fakes import FakeIssuer, FakeSite


@dataclass
class Ran:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    issuer: FakeIssuer,
    clock: FixedClock,
    template: Template,
    document: StoredDocument,
) -> Run:
    """Run a command on an enrolled wallet in `tmp_path`, at the time of the tests."""
    vault, times, paper = tmp_path / "wallet", tmp_path / "clock", tmp_path / "card.json"
    vault.write_bytes(template.enrolled)
    FileClock(times, developer_mode=True).set(clock.now())
    paper.write_text(json.dumps(dict(document.members)))
    issuer.handles, issuer.devices = dict(template.handles), {k: set(v) for k, v in template.devices.items()}
    monkeypatch.setenv("BONAFIDES_WALLET_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("BONAFIDES_WALLET", str(vault))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("LANG", raising=False)

    def run_command(*arguments: str | Path, typed: str = "", developer: bool = True) -> Ran:
        if typed:
            keys = iter(typed.split("|"))
            terminal = dialogs.Terminal(
                say=lambda text: None, ask=lambda label, **_: next(keys, ""), clear=lambda: None
            )
            monkeypatch.setattr("bonafides.cli._wallet_terminal.TERMINAL", terminal)
        before = ["--developer", "--clock-file", str(times)] if developer else []
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["wallet", *before, *map(str, arguments)])
        printed = capfd.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, printed.out, printed.err)

    return run_command


def test_list_shows_what_is_held(run: Run, issuer: FakeIssuer) -> None:
    told = run("list", "--json").json
    assert told["issuer"] == issuer.id
    assert told["epochs"] == ["2026-W48", "2026-W49"]
    assert told["valid_now"] is True
    assert "valid_now: true" in run("list").out


def test_present_asks_before_it_shows(run: Run, site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(text: str, **_: object) -> bool:
        asked.append(text)
        return False

    monkeypatch.setattr("typer.confirm", refuse)
    refused = run("present", site.link)
    assert refused.status == 1
    assert "(declined)" in refused.err
    assert "They will learn" in refused.err
    assert asked == ["Show this?"]
    assert "/response/1" not in site.calls
    shown = run("present", site.link, "--yes", "--json", "--share", "age_over_18")
    assert shown.json["shown"] == ["settled", "age_over_18"]
    assert shown.json["redirect_uri"].startswith(site.origin)


def test_present_in_vietnamese_on_another_device(run: Run, site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BONAFIDES_LANGUAGE", "vi")
    site.device = "other"
    shown = run("present", site.link, "--yes")
    assert "Họ sẽ không biết" in shown.err
    assert shown.out == f"Type 123456 at {site.id}, and nowhere else.\n"


def test_present_a_payload(run: Run, site: FakeSite, tmp_path: Path) -> None:
    site.kind, site.detail, site.device = "voice", ["2026-12-24", "bridge"], None
    site.extra = {"bonafides_payload_max": 100}
    (tmp_path / "say.txt").write_text("a new bridge")
    shown = run("present", site.link, "--yes", "--payload-file", tmp_path / "say.txt")
    assert (shown.status, shown.out) == (0, "Done.\n")
    assert "a new bridge" in shown.err
    assert site.payloads == [b"a new bridge"]


def test_present_renews_only_when_told(run: Run, site: FakeSite, clock: FixedClock, tmp_path: Path) -> None:
    clock.advance(weeks=3)
    FileClock(tmp_path / "clock", developer_mode=True).set(clock.now())
    assert "(no_valid_credential)" in run("present", site.link, "--yes").err
    assert run("present", site.link, "--yes", "--renew").status == 0


def test_renew_if_due(run: Run, clock: FixedClock, tmp_path: Path, issuer: FakeIssuer) -> None:
    assert run("renew", "--if-due").out == "Not due yet.\n"
    assert run("renew", "--if-due", "--json").json == {"due": False, "epochs": []}
    assert "/renewal" not in issuer.calls
    clock.advance(days=11)
    FileClock(tmp_path / "clock", developer_mode=True).set(clock.now())
    assert run("renew", "--if-due", "--json").json["epochs"] == ["2026-W49", "2026-W50"]


def test_enrol_restore_and_replace_with_files(run: Run, issuer: FakeIssuer, tmp_path: Path) -> None:
    (tmp_path / "wallet").unlink()
    issuer.handles.clear()
    paper, kit = tmp_path / "card.json", tmp_path / "kit"
    begun = run("enrol", "--issuer", issuer.id, "--document", paper, "--kit-file", kit)
    assert begun.status == 0, begun.err
    assert "2026-W48 and 2026-W49" in begun.out
    assert kit.stat().st_mode & 0o077 == 0
    assert run("kit", "--check", "--kit-file", kit).status == 0
    assert "(kit_file)" in run("kit", "--kit-file", kit).err
    (tmp_path / "wallet").unlink()
    assert run("restore", "--issuer", issuer.id, "--document", paper, "--kit-file", kit).status == 0
    (tmp_path / "wallet").unlink()
    shares = tmp_path / "shares"
    told = run(
        *("replace", "--issuer", issuer.id, "--document", paper, "--kit-file", shares),
        *("--threshold", "2", "--shares", "3", "--json"),
    )
    assert told.json == {"due": "2026-12-07", "epochs": [], "pending": True}
    assert len(shares.read_text().splitlines()) == 3
    assert "waits until" in run("collect").out


def test_enrol_types_the_kit_back(run: Run, issuer: FakeIssuer, tmp_path: Path) -> None:
    (tmp_path / "wallet").unlink()
    refused = run(
        *("enrol", "--issuer", issuer.id, "--document", tmp_path / "card.json"), typed="|wrong words|wrong|wrong"
    )
    assert refused.status == 1
    assert "(kit)" in refused.err
    assert "/session" not in issuer.calls


def test_kit_is_typed_for_restore_and_join(run: Run, issuer: FakeIssuer, tmp_path: Path, template: Template) -> None:
    (tmp_path / "wallet").unlink()
    joined = run("device", "join", "--number", "1", typed=template.kit.lines[0])
    assert len(base64url.decode(joined.out.strip(), max_bytes=65)) == 65
    assert run("device", "show").out == joined.out
    arguments = ("restore", "--issuer", issuer.id, "--document", tmp_path / "card.json")
    assert run(*arguments, typed=template.kit.lines[0]).status == 0


def test_actions_and_devices(run: Run, issuer: FakeIssuer, tmp_path: Path) -> None:
    key = run("device", "show").out.strip()
    assert run("status", "--json").json["devices"] == 1
    for arguments in (["veto"], ["dispute"], ["device", "approve", key], ["device", "remove", key], ["erase", "--yes"]):
        assert run(*arguments).status == 0
    assert len(issuer.actions) == 6
    assert "(device_key)" in run("device", "approve", "AA").err
    until = run("freeze", "--document", tmp_path / "card.json", "--json").json
    assert until == {"frozen_until": "2026-W50"}
    (tmp_path / "wallet").unlink()
    assert "2026-W50" in run("freeze", "--issuer", issuer.id, "--document", tmp_path / "card.json").out


def test_an_officers_passkey_answers_for_the_session(run: Run, issuer: FakeIssuer, tmp_path: Path) -> None:
    paper = ("--document", tmp_path / "card.json", "--in-person")
    refused = run("freeze", "--issuer", issuer.id, *paper, typed="a word of honour")
    assert refused.err.endswith("(officer_form)\n")
    assert issuer.officer_statements == []
    run("freeze", "--issuer", issuer.id, *paper, typed='{"id": "AA", "type": "public-key"}')
    assert issuer.officer_statements == [{"id": "AA", "type": "public-key"}]


def test_forget(run: Run, site: FakeSite) -> None:
    assert "(unknown_relying_party)" in run("forget", site.id).err
    run("present", site.link, "--yes")
    assert run("forget", site.id).status == 0


def test_an_issuer_cannot_steer_the_terminal(run: Run, issuer: FakeIssuer) -> None:
    issuer.tamper["/action"] = lambda answer: {"note": "\x1b[2Jhello\u202e", "list": ["\x1b"]}
    told = run("status").out
    assert "\x1b" not in told
    assert "\u202e" not in told


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--vault", "{}/nothing", "list"], "wallet_missing"),
        (["--vault", "{}", "list"], "wallet_storage"),
        (["--vault", "{}/card.json", "list"], "wallet_damaged"),
        (["--passphrase-file", "{}/none", "list"], "config"),
        (["--passphrase-file", "{}/wrong", "list"], "wallet_passphrase"),
        (["enrol", "--issuer", "other.example", "--document", "{}/card.json"], "one_issuer"),
        (["enrol", "--issuer", "other.example", "--document", "{}/none.json"], "unreadable_file"),
        (["enrol", "--issuer", "other.example", "--document", "{}/wrong"], "document_bundle"),
        (["present", "nonsense"], "link"),
        (["present", "nonsense", "--payload-file", "{}/none"], "unreadable_file"),
    ],
)
def test_refusals_are_one_sentence(run: Run, tmp_path: Path, arguments: list[str], code: str) -> None:
    (tmp_path / "wrong").write_text("a wrong passphrase\n")
    (tmp_path / "wrong").chmod(0o600)
    refused = run(*(each.replace("{}", str(tmp_path)) for each in arguments))
    assert refused.status == 1
    assert refused.out == ""
    assert refused.err.endswith(f"({code})\n")
    assert len(refused.err.splitlines()) == 1


def test_a_clock_file_needs_developer_mode(run: Run, tmp_path: Path) -> None:
    refused = run("--clock-file", tmp_path / "clock", "list", developer=False)
    assert "(config)" in refused.err


def _ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_help_lists_every_group(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _ended(capsys, "--help")
    assert status == 0
    assert all(name in out for name in cli.group_names())
    assert _ended(capsys, "--version")[0] == 0
    assert _ended(capsys, "nonsense")[0] == 2
    assert _ended(capsys, "wallet", "list", "--nonsense")[0] == 2


def test_a_group_without_its_library_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name="httpx")

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(ConfigError) as caught:
        cli.load_group("wallet")
    assert caught.value.code == "extra_missing"
    assert _ended(capsys, "--help")[0] == 0
    status, out, err = _ended(capsys, "wallet", "list")
    assert (status, out) == (1, "")
    assert "bonafides[wallet]" in err
    assert "(extra_missing)" in err


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (RuntimeError("the secret is 12345"), 1, "(internal)"),
        (KeyboardInterrupt(), 130, ""),
        (ConfigError("Set it.", code="unset"), 1, "Set it. (unset)"),
    ],
)
def test_never_a_traceback(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    status: int,
    said: str,
) -> None:
    def fail(_name: str) -> Any:
        raise raised

    monkeypatch.setattr("bonafides.cli.load_group", fail)
    ended, out, err = _ended(capsys, "wallet", "list")
    assert (ended, out) == (status, "")
    assert said in err
    assert "12345" not in err
    assert "Traceback" not in err
