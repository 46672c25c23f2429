"""Secrets show themselves nowhere, and lie in files that only their owner can read."""

import copy
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel, create_model

from bonafides.errors import ConfigError
from bonafides.kit.keyfile import MAX_KEY_FILE_BYTES, read_secret_file, write_secret_file
from bonafides.kit.secret import SecretBytes

VALUE = b"a very secret value"


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{0!r:>40}".format, "%s".__mod__, ascii])
def test_a_secret_does_not_show_itself(show: Callable[[object], str]) -> None:
    assert "very" not in show(SecretBytes(VALUE))
    assert "very" not in show([SecretBytes(VALUE)])


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, hash])
def test_a_secret_cannot_leave(leave: Callable[[object], object]) -> None:
    with pytest.raises(TypeError):
        leave(SecretBytes(VALUE))


def test_a_secret_is_no_part_of_a_message() -> None:
    with pytest.raises(TypeError):
        create_model("Model", __base__=BaseModel, key=(SecretBytes, ...))


def test_a_secret_has_no_readable_attributes() -> None:
    secret = SecretBytes(VALUE)
    assert not hasattr(secret, "__dict__")
    assert not [name for name in dir(secret) if not name.startswith("_") and name != "reveal"]


def test_secrets_are_compared_with_secrets_only() -> None:
    assert SecretBytes(VALUE) == SecretBytes(VALUE)
    assert SecretBytes(VALUE) != SecretBytes(VALUE + b".")
    assert SecretBytes(VALUE) != VALUE
    assert len(SecretBytes(VALUE)) == len(VALUE)
    assert not SecretBytes(b"")


def test_a_key_file_is_written_closed_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "key"
    mask = os.umask(0)
    try:
        write_secret_file(path, SecretBytes(VALUE))
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_secret_file(path) == SecretBytes(VALUE)
    write_secret_file(path, b"another")
    assert read_secret_file(path).reveal() == b"another"
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    write_secret_file(path, VALUE)
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_secret_file(path)


def test_what_is_no_key_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"The key file .* is missing: "):
        read_secret_file(tmp_path / "missing")
    with pytest.raises(ConfigError, match="is not a file"):
        read_secret_file(tmp_path)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ConfigError, match="is not a file"):
        read_secret_file(tmp_path / "pipe")
    for size, complaint in ((0, "is empty"), (MAX_KEY_FILE_BYTES + 1, "too large")):
        write_secret_file(tmp_path / "key", b"x" * size)
        with pytest.raises(ConfigError, match=complaint):
            read_secret_file(tmp_path / "key")
    with pytest.raises(ConfigError, match="create its folder"):
        write_secret_file(tmp_path / "missing" / "key", VALUE)


def test_a_crash_while_writing_leaves_the_old_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    write_secret_file(path, VALUE)

    def crash(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(ConfigError, match="cannot be written"):
        write_secret_file(path, b"half of ano")
    assert read_secret_file(path).reveal() == VALUE
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
