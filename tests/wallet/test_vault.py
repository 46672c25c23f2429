"""The wallet on disk: whole or not there, one passphrase, one program at a time."""

import os
import stat
import unicodedata
from pathlib import Path

import pytest

from bonafides.errors import ConfigError, ConflictError, Error, InputError, PolicyError
from bonafides.wallet.state import WalletState, decode_state, encode_state
from bonafides.wallet.vault import MAX_CONTENT_BYTES, ScryptCost, Vault
from tests.wallet.conftest import CHEAP, PASSPHRASE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A wallet file with some content, closed."""
    found = tmp_path / "folder" / "wallet"
    with Vault.create(found, PASSPHRASE, b"content", cost=CHEAP):
        pass
    return found


def test_content_comes_back_and_is_not_in_the_file(path: Path) -> None:
    vault, content = Vault.open(path, PASSPHRASE)
    with vault:
        assert content == b"content"
        vault.write(b"another content")
    assert b"content" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    vault, content = Vault.open(path, PASSPHRASE)
    vault.close()
    assert content == b"another content"


def test_accents_may_be_composed_either_way(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "w", "mật khẩu của tôi", b"x", cost=CHEAP):
        pass
    vault, _ = Vault.open(tmp_path / "w", unicodedata.normalize("NFD", "mật khẩu của tôi"))
    vault.close()


@pytest.mark.parametrize("wrong", ["", "correct horse batterz", PASSPHRASE + " ", "\ud800" * 9])
def test_a_wrong_passphrase_says_so(path: Path, wrong: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Vault.open(path, wrong)
    assert caught.value.code == "wallet_passphrase"
    Vault.open(path, PASSPHRASE)[0].close()


def test_a_new_passphrase_is_long_enough(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        Vault.create(tmp_path / "w", "short", b"", cost=CHEAP)
    assert caught.value.code == "wallet_passphrase_short"
    assert not (tmp_path / "w").exists()


def test_every_truncation_and_every_flipped_byte_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError) as caught:
            Vault.open(path, PASSPHRASE)
        assert caught.value.code == "wallet_damaged"
    for position in range(len(whole)):
        flipped = bytearray(whole)
        flipped[position] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(Error) as error:
            Vault.open(path, PASSPHRASE)
        assert error.value.code in ("wallet_damaged", "wallet_passphrase")
    path.write_bytes(whole + b"x")
    with pytest.raises(InputError):
        Vault.open(path, PASSPHRASE)


def test_absurd_parameters_are_refused_before_memory_is_asked_for(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[19] = 40
    path.write_bytes(whole)
    with pytest.raises(InputError) as caught:
        Vault.open(path, PASSPHRASE)
    assert caught.value.code == "wallet_damaged"
    with pytest.raises(InputError):
        ScryptCost(p=99)


def test_a_kill_in_the_middle_of_a_write_leaves_the_old_content(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    vault, _ = Vault.open(path, PASSPHRASE)
    for name in ("replace", "rename"):
        monkeypatch.setattr(Path, name, killed)
    with pytest.raises(KeyboardInterrupt):
        vault.write(b"half")
    monkeypatch.undo()
    vault.close()
    assert Vault.open(path, PASSPHRASE)[1] == b"content"
    assert sorted(each.name for each in path.parent.iterdir()) == ["wallet", "wallet.lock"]


def test_a_full_disk_leaves_the_old_content(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    vault, _ = Vault.open(path, PASSPHRASE)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError) as caught:
        vault.write(b"half")
    assert caught.value.code == "wallet_storage"
    monkeypatch.undo()
    vault.close()
    vault, content = Vault.open(path, PASSPHRASE)
    vault.close()
    assert content == b"content"


def test_open_in_one_place_at_a_time(path: Path) -> None:
    first, _ = Vault.open(path, PASSPHRASE)
    with pytest.raises(ConflictError) as caught:
        Vault.open(path, PASSPHRASE)
    assert caught.value.code == "wallet_busy"
    first.close()
    first.close()
    Vault.open(path, PASSPHRASE)[0].close()
    with pytest.raises(ConfigError):
        first.write(b"too late")


def test_a_failed_opening_leaves_it_unlocked(path: Path) -> None:
    with pytest.raises(PolicyError):
        Vault.open(path, "wrong passphrase")
    Vault.open(path, PASSPHRASE)[0].close()


def test_missing_existing_and_unusable_files(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as missing:
        Vault.open(tmp_path / "nothing", PASSPHRASE)
    assert missing.value.code == "wallet_missing"
    with pytest.raises(ConflictError) as exists:
        Vault.create(path, PASSPHRASE, b"", cost=CHEAP)
    assert exists.value.code == "wallet_exists"
    with pytest.raises(ConfigError) as folder:
        Vault.open(tmp_path, PASSPHRASE)
    assert folder.value.code == "wallet_storage"
    with pytest.raises(ConfigError):
        Vault.create(path / "below a file", PASSPHRASE, b"", cost=CHEAP)
    vault, _ = Vault.open(path, PASSPHRASE)
    with vault, pytest.raises(ConfigError):
        vault.write(bytes(MAX_CONTENT_BYTES + 1))


def test_state_of_another_version_is_refused() -> None:
    whole = encode_state(WalletState())
    assert encode_state(decode_state(whole)) == whole
    for content in (b"", b"{}", b"[]", whole[:-1], whole.replace(b'"version":1', b'"version":2')):
        with pytest.raises(InputError) as caught:
            decode_state(content)
        assert caught.value.code == "wallet_version"
