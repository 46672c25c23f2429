"""Commands and responses as they travel (ISO/IEC 7816-4, 5.1 to 5.3)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bonafides.errors import InputError

Transmit = Callable[[bytes], bytes]
"""Carries one command to the chip and returns its response, both as bytes."""

SHORT, EXTENDED = 256, 65536
"""The most bytes that a response to a short and to an extended command may have."""

OK = 0x9000
END_OF_FILE = 0x6282


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `expected` is the most bytes of answer wanted, None for none; `chained` says that more follow."""

    instruction: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    expected: int | None = None
    chained: bool = False
    protected: bool = False

    @property
    def header(self) -> bytes:
        """CLA, INS, P1 and P2 (ISO/IEC 7816-4, 5.4.1: 0C says that the header is authenticated too)."""
        cla = (0x10 if self.chained else 0) | (0x0C if self.protected else 0)
        return bytes([cla, self.instruction, self.p1, self.p2])

    @property
    def extended(self) -> bool:
        """Whether the lengths need the long form."""
        return len(self.data) > 255 or (self.expected or 0) > SHORT

    def encode(self) -> bytes:
        """Return the bytes on the wire; the largest expected length of each form is written as zero."""
        size = 2 if self.extended else 1
        length = (b"\0" if self.extended else b"") + len(self.data).to_bytes(size, "big") if self.data else b""
        if self.expected is None:
            return self.header + length + self.data
        lead = b"\0" if self.extended and not self.data else b""
        return self.header + length + self.data + lead + (self.expected % (1 << 8 * size)).to_bytes(size, "big")


def is_long(command: bytes) -> bool:
    """Whether an encoded command has lengths of the long form, which begins with a zero byte."""
    return len(command) > 5 and command[4] == 0


@dataclass(frozen=True, slots=True)
class Response:
    """What a chip answered: data and status word."""

    data: bytes = field(repr=False)
    status: int

    @property
    def ok(self) -> bool:
        """Whether the command was carried out without any warning."""
        return self.status == OK


def decode_response(raw: bytes) -> Response:
    """Return data and status of a response. Raises InputError."""
    if len(raw) < 2:
        raise InputError("the chip's answer has no status word", code="chip_response")
    return Response(bytes(raw[:-2]), int.from_bytes(raw[-2:], "big"))


def refused(response: Response, what: str) -> InputError:
    """Return the error for a command that the chip did not carry out."""
    return InputError(f"the chip refused {what} (status {response.status:04X})", code="chip_status")
