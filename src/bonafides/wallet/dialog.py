"""Talking with the holder at a terminal: passphrases, documents and kits from files or from the keyboard."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bonafides.core.credential.binding import MAX_PAYLOAD_BYTES
from bonafides.core.credential.kit import MAX_SHARES
from bonafides.core.document import DocumentBundle
from bonafides.errors import ConfigError, Error, InputError
from bonafides.kit.files import write_atomically
from bonafides.kit.keyfile import read_secret_file
from bonafides.kit.strict_json import parse_json_object
from bonafides.wallet.facts import DocumentFacts, StoredDocument
from bonafides.wallet.recovery import Kit

MAX_DOCUMENT_FILE = 512 * 1024
MAX_STATEMENT = 16 * 1024
MAX_KIT_FILE = 16 * 1024
TRIES = 3
PASSPHRASE_VARIABLE = "BONAFIDES_WALLET_PASSPHRASE"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Terminal:
    """How to tell and ask the holder something. `ask` with `hidden` echoes nothing, with `twice` asks again."""

    say: Callable[[str], None]
    ask: Callable[..., str]
    clear: Callable[[], None]


@dataclass(frozen=True, slots=True, repr=False)
class ShownDocument:
    """A stored document that its holder shows to an officer, whose passkey's answer is typed in."""

    stored: StoredDocument
    terminal: Terminal

    def facts(self, today: date) -> DocumentFacts:
        """Return what the document says."""
        return self.stored.facts(today)

    def full_name(self) -> str:
        """Return the holder's name, as the document has it."""
        return self.stored.full_name()

    def bundle(self, document_nonce: str) -> Mapping[str, Any]:
        """Return the bundle as it is."""
        return self.stored.bundle(document_nonce)

    def officer_statement(self, reference: str) -> Mapping[str, Any] | None:
        """Ask for what the officer's passkey signed about session and document. Raises InputError `officer_form`."""
        self.terminal.say(f"The officer's passkey confirms session and document: {reference}")
        answer = self.terminal.ask("Its answer (JSON, in one line)").strip()
        try:
            return parse_json_object(answer.encode(), max_bytes=MAX_STATEMENT)
        except InputError:
            raise InputError(
                "That is not the answer of a passkey: ask the officer again.", code="officer_form"
            ) from None


def read_document(path: Path) -> StoredDocument:
    """Return the document bundle in a JSON file. Raises ConfigError, InputError `document_bundle`, `too_large`."""
    data = _read(path, MAX_DOCUMENT_FILE, "document file")
    try:
        members = parse_json_object(data, max_bytes=MAX_DOCUMENT_FILE)
        DocumentBundle.from_json(members)
    except InputError:
        raise InputError(
            f"The document file {path} is not what was read from a chip: have the document read again.",
            code="document_bundle",
        ) from None
    return StoredDocument(members)


def read_passphrase(path: Path | None, terminal: Terminal, *, new: bool) -> str:
    """Return the wallet's passphrase: from the file, the environment, or the keyboard. Raises ConfigError."""
    if path is not None:
        return read_passphrase_file(path)
    if value := os.environ.get(PASSPHRASE_VARIABLE):
        return value
    return terminal.ask("Passphrase of the wallet", hidden=True, twice=new)


def read_passphrase_file(path: Path) -> str:
    """Return the first line of a file that only its owner can read. Raises ConfigError."""
    try:
        return read_secret_file(path).reveal().decode().partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        raise ConfigError(f"The passphrase file {path} is not UTF-8 text.") from None


def read_payload_file(path: Path) -> bytes:
    """Return what the holder wants to say. Raises ConfigError, InputError."""
    return _read(path, MAX_PAYLOAD_BYTES, "payload file")


def write_kit_file(path: Path, kit: Kit) -> None:
    """Write a kit, a line for each share, readable to its owner only. Raises ConfigError if there is a file already."""
    if path.exists():
        raise ConfigError(f"There is a file {path} already: name another for the kit.", code="kit_file")
    try:
        write_atomically(path, "".join(line + "\n" for line in kit.lines).encode("ascii"), mode=0o600)
    except OSError as error:
        raise ConfigError(f"The kit cannot be written to {path} ({error.strerror}).", code="kit_file") from None


def read_kit_file(path: Path) -> tuple[str, ...]:
    """Return the shares in a kit file. Raises ConfigError, InputError."""
    try:
        text = _read(path, MAX_KIT_FILE, "kit file").decode("ascii")
    except UnicodeDecodeError:
        raise InputError("The kit file is not words of a kit.", code="kit") from None
    return tuple(line for line in text.splitlines() if line.strip())


def ask_kit(terminal: Terminal, *, shares: int | None = None) -> tuple[str, ...]:
    """Return the shares that the holder types, up to an empty line where their number is not known."""
    lines: list[str] = []
    while len(lines) < (shares or MAX_SHARES):
        label = f"Share {len(lines) + 1}" if shares else f"Share {len(lines) + 1} (empty line: that was all)"
        line = terminal.ask(label, optional=shares is None)
        if not line.strip():
            break
        lines.append(line)
    return tuple(lines)


def read_back_typed(kit: Kit, terminal: Terminal, check: Callable[[Kit], None]) -> Kit:
    """Show a kit, clear the screen, and have it typed in again; a slip may be corrected."""
    count = len(kit.lines)
    terminal.say("These words are your recovery kit. Write them down by hand; whoever has them can become you.")
    for number, line in enumerate(kit.lines, start=1):
        terminal.say(f"\nShare {number} of {count}:\n{line}")
    terminal.ask("\nPress Enter when they are on paper", optional=True)
    terminal.clear()
    terminal.say("Now type them from the paper.")
    for left in reversed(range(TRIES)):
        returned = Kit(ask_kit(terminal, shares=count), kit.passphrase)
        try:
            check(returned)
        except Error:
            if left:
                terminal.say("These are not the words that were shown. Look at the paper and try again.")
                continue
        break
    return returned


def read_back_file(kit: Kit, path: Path) -> Kit:
    """Write a kit to a file and return what can be read from it."""
    write_kit_file(path, kit)
    return Kit(read_kit_file(path), kit.passphrase)


def _read(path: Path, limit: int, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"The {what} {path} cannot be read ({error.strerror}).", code="unreadable_file") from None
    if len(data) > limit:
        raise InputError(f"The {what} {path} is too large.", code="too_large")
    return data
