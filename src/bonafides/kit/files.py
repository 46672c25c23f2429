"""Write small files so that a crash leaves either the old content or the new, never half of it."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600, sync_name: bool = True) -> None:
    """Replace `path` by `data` in one step that survives a crash; raises OSError.

    The temporary file is made beside the target with its final mode, so that no moment exists at which another
    account could open it. Who writes many files passes `sync_name=False` and calls `sync_folder` once at the end.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)  # the umask may only have taken bits away, but a caller's 0644 must hold
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    if sync_name:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable: without it a power cut may bring the old name back."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
