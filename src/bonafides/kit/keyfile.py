"""Key material in files of its own, apart from the database: a stolen database must open nothing."""

import os
import stat
from pathlib import Path

from bonafides.errors import ConfigError
from bonafides.kit.files import write_atomically
from bonafides.kit.secret import SecretBytes

MAX_KEY_FILE_BYTES = 64 * 1024


def read_secret_file(path: Path) -> SecretBytes:
    """Read a key file; ConfigError if it is missing, empty, or open to other accounts of the machine."""
    try:
        # O_NONBLOCK: a named pipe in the place of the file must not hang the start.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise ConfigError(
            f"The key file {path} is missing: restore it from its backup, or correct the setting that names it."
        ) from None
    except OSError as error:
        raise ConfigError(
            f"The key file {path} cannot be read ({error.strerror}): let the account of this office own it."
        ) from None
    try:
        # Asked of the open file, not of its name, so that it cannot be exchanged between the check and the reading.
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"The key file {path} is not a file: correct the setting that names it.")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(f"The key file {path} is open to other accounts: run chmod 600 {path}.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_KEY_FILE_BYTES + 1)
    finally:
        os.close(descriptor)
    if not data:
        raise ConfigError(f"The key file {path} is empty: restore it from its backup.")
    if len(data) > MAX_KEY_FILE_BYTES:
        raise ConfigError(f"The key file {path} is too large to be a key: correct the setting that names it.")
    return SecretBytes(data)


def write_secret_file(path: Path, data: SecretBytes | bytes) -> None:
    """Write a key file with mode 0600 in one step that survives a crash; ConfigError if that cannot be done."""
    try:
        write_atomically(path, data.reveal() if isinstance(data, SecretBytes) else data, mode=0o600)
    except OSError as error:
        raise ConfigError(
            f"The key file {path} cannot be written ({error.strerror}): create its folder, and let this account own it."
        ) from None
