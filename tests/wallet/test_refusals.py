"""What a refusal means to the holder: every code is a real one, in both languages, and the commands say it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripts.write_docs import error_codes

from bonafides.cli import main
from bonafides.cli._wallet_terminal import retold
from bonafides.core.credential.relying_party import require_same_origin
from bonafides.errors import ConflictError, InputError, PolicyError
from bonafides.kit.clock import FileClock, FixedClock
from bonafides.kit.http import Answer, error_of
from bonafides.testing.deployment import Town
from bonafides.wallet.dialog import read_document
from bonafides.wallet.refusals import CODES, sentence_for
from tests.wallet.conftest import PASSPHRASE

Ended = tuple[int, str, str]


def test_every_code_is_one_of_ours() -> None:
    assert error_codes() >= CODES


@pytest.mark.parametrize("code", sorted({*CODES, "document_signature"}))
def test_every_code_has_a_sentence_in_each_language(code: str) -> None:
    english, vietnamese = sentence_for(code, "en") or "", sentence_for(code, "vi") or ""
    assert english.isascii() or "“" in english
    assert not vietnamese.isascii()
    for sentence in (english, vietnamese):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert sentence_for(code, "fr") == english


def test_a_code_that_nobody_explained_keeps_its_words() -> None:
    assert sentence_for("issuer_values", "vi") is None
    with pytest.raises(PolicyError, match=r"^as it was$"), retold("vi"):
        raise PolicyError("as it was", code="issuer_values")


def test_a_refusal_keeps_kind_and_code() -> None:
    refused = Answer(409, {"content-type": "application/problem+json"}, b'{"code": "session_spent"}')
    with pytest.raises(ConflictError) as caught, retold("vi"):
        raise error_of(refused)
    assert caught.value.code == "session_spent"
    assert str(caught.value) == sentence_for("session_spent", "vi")


def test_what_the_core_says_to_developers_is_retold() -> None:
    with pytest.raises(InputError) as caught, retold("en"):
        require_same_origin("https://elsewhere.example/x", "id.example")
    assert caught.value.code == "origin"
    assert str(caught.value) == sentence_for("origin", "en")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", b"[]", b"{}", b'{"sod": "AA"}', b'{"sod": "=", "dg1": "AA"}', b'{"sod": 1, "dg1": 2}'],
)
def test_a_file_that_is_no_document_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "card.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_document(path)
    assert caught.value.code == "document_bundle"
    assert (
        str(caught.value) == f"The document file {path} is not what was read from a chip: have the document read again."
    )


@pytest.fixture
def town(tmp_path: Path, clock: FixedClock) -> Iterator[Town]:
    """A real issuer; no platforms."""
    with Town(tmp_path / "town", clock, platform_names=()) as made:
        yield made


@pytest.fixture
def run(
    tmp_path: Path, clock: FixedClock, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    """Run a command in a language on the wallet of a name, at the time of the tests."""
    FileClock(tmp_path / "clock", developer_mode=True).set(clock.now())
    monkeypatch.setenv("BONAFIDES_WALLET_PASSPHRASE", PASSPHRASE)

    def run_command(language: str, vault: str, *arguments: str | Path) -> Ended:
        before = ["--developer", "--clock-file", tmp_path / "clock", "--vault", tmp_path / vault]
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["wallet", *map(str, before), "--language", language, *map(str, arguments)])
        printed = capfd.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run_command


def test_the_commands_tell_a_real_refusal_in_the_holders_language(
    town: Town, run: Callable[..., Ended], tmp_path: Path
) -> None:
    paper, stranger = tmp_path / "card.json", tmp_path / "stranger.json"
    paper.write_text(json.dumps(town.document().to_json()))
    stranger.write_text(json.dumps(town.document().to_json()))
    enrol = ("enrol", "--issuer", town.issuer_id, "--document", paper, "--kit-file")
    status, _, err = run("en", "first", *enrol, tmp_path / "kit")
    assert status == 0, err
    for language in ("vi", "en"):
        told = sentence_for("already_enrolled", language)
        refused = run(language, "second", *enrol, tmp_path / f"kit-{language}")
        assert refused == (1, "", f"{told} (already_enrolled)\n")

    told = sentence_for("wallet_empty", "vi")
    assert run("vi", "second", "name", "--document", paper) == (1, "", f"{told} (wallet_empty)\n")
    told = sentence_for("not_enrolled", "vi")
    refused = run("vi", "none", "freeze", "--issuer", town.issuer_id, "--document", stranger)
    assert refused == (1, "", f"{told} (not_enrolled)\n")
