"""A card in a PC/SC reader, through `pyscard` (extra `chip`): find the reader, wait for the card, carry commands.

Whatever PC/SC answers becomes one sentence that says what to do. No command and no answer is kept or logged.
"""

import importlib
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bonafides.core.chip import (
    DEFAULT_GROUPS,
    DEFAULT_LIMITS,
    Password,
    ReadDocument,
    Step,
    Transmit,
    passwords_of,
    read_document,
)
from bonafides.core.chip.apdu import SHORT, is_long
from bonafides.core.document import DocumentBundle
from bonafides.errors import ConfigError, DependencyError, VerificationError
from bonafides.station.service_point import AccessNumber, Printed

WAIT_S = 60.0
_SLICE_MS = 1000

Progress = Callable[[Step], None]


@dataclass(frozen=True)
class PcscReader:
    """The readers of this machine, or those that were named; `scard` is pyscard's module of that name."""

    scard: Any
    names: tuple[str, ...]
    progress: Progress
    wait_s: float = WAIT_S

    def read(self, *, nonce: bytes, password: Printed | AccessNumber) -> DocumentBundle:
        """Return the files of the next document, with its signature over the nonce if it can sign.

        Raises DependencyError for trouble with reader or card, and what `read_document` raises.
        """
        return self.read_chip(_passwords(password), nonce=nonce).bundle

    def read_chip(
        self, passwords: Sequence[Password], *, nonce: bytes | None = None, groups: Collection[int] = DEFAULT_GROUPS
    ) -> ReadDocument:
        """Return what was read from the next document, and how access was gained; passwords are tried in turn.

        Raises as `read` does.
        """
        limits, left = DEFAULT_LIMITS, list(passwords)
        while True:
            try:
                with self.card() as transmit:
                    return read_document(
                        transmit,
                        password=left[0],
                        randomness=secrets.token_bytes,
                        nonce=nonce,
                        groups=groups,
                        progress=self.progress,
                        limits=limits,
                    )
            except VerificationError as error:
                if error.code != "chip_password" or not left[1:]:
                    raise
                left.pop(0)
            except DependencyError as error:
                # The chip takes long commands; this reader, or its driver, may not carry them.
                if error.code != "reader_short" or limits.block_bytes == SHORT:
                    raise
                limits = replace(limits, block_bytes=SHORT)

    @contextmanager
    def card(self) -> Iterator[Transmit]:
        """Wait for a card and give what carries commands to it; it is reset afterwards, so that it forgets the keys."""
        with _context(self.scard) as context:
            name = self._wait(context)
            protocols = self.scard.SCARD_PROTOCOL_T0 | self.scard.SCARD_PROTOCOL_T1
            result, card, protocol = self.scard.SCardConnect(context, name, self.scard.SCARD_SHARE_EXCLUSIVE, protocols)
            _check(self.scard, result)
            try:
                yield self._carrier(card, protocol)
            finally:
                self.scard.SCardDisconnect(card, self.scard.SCARD_RESET_CARD)

    def _wait(self, context: Any) -> str:
        """Return the first reader with a card in it. Raises DependencyError `card_missing` if none comes in time."""
        states: list[tuple[str, int]] = [(name, self.scard.SCARD_STATE_UNAWARE) for name in self.names]
        end = time.monotonic() + self.wait_s
        told = False
        while True:
            result, found = self.scard.SCardGetStatusChange(context, _SLICE_MS, states)
            if result != self.scard.SCARD_E_TIMEOUT:
                _check(self.scard, result)
                for name, state, _ in found:
                    if state & self.scard.SCARD_STATE_PRESENT and not state & self.scard.SCARD_STATE_MUTE:
                        return str(name)
                states = [(name, state) for name, state, _ in found]
            if time.monotonic() >= end:
                raise DependencyError(
                    f"No document was put on the reader within {self.wait_s:.0f} seconds: lay it flat on the reader,"
                    " open at the page with the photo if it is a passport, and try again.",
                    code="card_missing",
                )
            if not told:
                self.progress(Step("card"))
                told = True

    def _carrier(self, card: Any, protocol: int) -> Transmit:
        """Return what carries one command to the card."""
        is_t0 = protocol == self.scard.SCARD_PROTOCOL_T0
        header = self.scard.SCARD_PCI_T0 if is_t0 else self.scard.SCARD_PCI_T1

        def transmit(command: bytes) -> bytes:
            result, answer = self.scard.SCardTransmit(card, header, list(command))
            if result != self.scard.SCARD_S_SUCCESS and result not in _known(self.scard):
                # Radio contact that breaks has many names, and one cause, unless the command was a long one.
                raise _too_long() if is_long(command) else _removed()
            _check(self.scard, result)
            return bytes(octet & 0xFF for octet in answer)

        return transmit


def open_card_reader(name: str = "", *, progress: Progress = lambda _: None, wait_s: float = WAIT_S) -> PcscReader:
    """Return the readers whose name contains `name`, all of them if it is empty.

    Raises ConfigError if pyscard is not installed or no reader has that name, DependencyError without PC/SC or reader.
    """
    scard = load_pyscard()
    names = list_readers(scard)
    chosen = tuple(each for each in names if name.casefold() in each.casefold())
    if not chosen:
        raise ConfigError(
            f"No reader has that name: there {'is' if len(names) == 1 else 'are'} {', '.join(names)}.",
            code="reader_name",
        )
    return PcscReader(scard, chosen, progress, wait_s)


def load_pyscard() -> Any:
    """Return pyscard's plain interface to PC/SC. Raises ConfigError if it is not installed."""
    try:
        return importlib.import_module("smartcard.scard")
    except ImportError:
        raise ConfigError(
            "Reading chips needs pyscard: run pip install 'bonafides[chip]'"
            " (Debian, before that: apt-get install pcscd libpcsclite-dev swig gcc).",
            code="extra_missing",
        ) from None


def list_readers(scard: Any) -> list[str]:
    """Return the names of all readers, at least one. Raises DependencyError."""
    with _context(scard) as context:
        result, names = scard.SCardListReaders(context, [])
        _check(scard, result)
        if not names:
            raise _no_reader()
        return [str(name) for name in names]


@contextmanager
def _context(scard: Any) -> Iterator[Any]:
    """Give a connection to the PC/SC service."""
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _check(scard, result)
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def _passwords(password: Printed | AccessNumber) -> tuple[Password, ...]:
    """Return what may open the chip, of what somebody typed."""
    if isinstance(password, AccessNumber):
        return (Password.from_can(password.digits),)
    return passwords_of(number=password.document_number, birth=password.birth, expiry=password.expiry)


def _check(scard: Any, result: int) -> None:
    """Raise DependencyError unless PC/SC did what it was asked."""
    if result == scard.SCARD_S_SUCCESS:
        return
    raise _known(scard).get(result) or DependencyError(
        f"The card reader does not work (PC/SC {result & 0xFFFFFFFF:08X}): unplug it, plug it in, and try again.",
        code="reader_fault",
    )


def _known(scard: Any) -> dict[int, DependencyError]:
    """Return the results of PC/SC that have a sentence of their own."""
    service = DependencyError(
        "The smart card service does not run: start it (Debian: sudo systemctl start pcscd) and try again.",
        code="reader_service",
    )
    denied = DependencyError(
        "The smart card service does not let this account use readers: ask who runs this machine.",
        code="reader_denied",
    )
    busy = DependencyError("Another program uses the card: close it, and try again.", code="reader_busy")
    mute = DependencyError(
        "The card does not answer: lay it flat on the reader, nothing between, and do not move it.", code="card_mute"
    )
    return {
        scard.SCARD_E_NO_SERVICE: service,
        scard.SCARD_E_SERVICE_STOPPED: service,
        scard.SCARD_W_SECURITY_VIOLATION: denied,
        scard.SCARD_E_NO_READERS_AVAILABLE: _no_reader(),
        scard.SCARD_E_READER_UNAVAILABLE: _no_reader(),
        scard.SCARD_E_UNKNOWN_READER: _no_reader(),
        scard.SCARD_E_SHARING_VIOLATION: busy,
        scard.SCARD_W_UNRESPONSIVE_CARD: mute,
        scard.SCARD_W_UNPOWERED_CARD: mute,
        scard.SCARD_W_UNSUPPORTED_CARD: mute,
        scard.SCARD_E_PROTO_MISMATCH: mute,
        scard.SCARD_E_NO_SMARTCARD: _removed(),
        scard.SCARD_W_REMOVED_CARD: _removed(),
        scard.SCARD_W_RESET_CARD: _removed(),
    }


def _no_reader() -> DependencyError:
    return DependencyError("No card reader is connected: plug it in and try again.", code="reader_missing")


def _too_long() -> DependencyError:
    return DependencyError(
        "The document slipped, or this reader does not carry the long commands that its chip needs: try again,"
        " then another reader.",
        code="reader_short",
    )


def _removed() -> DependencyError:
    return DependencyError(
        "The document was taken away, or slipped, before all was read: leave it on the reader, and try again.",
        code="card_removed",
    )
