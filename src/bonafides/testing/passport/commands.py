"""Commands as a chip takes them apart, and refusals (ISO/IEC 7816-4, 5.1 and 5.6)."""

from dataclasses import dataclass, field


class Refused(Exception):  # noqa: N818 - a status word, not a fault
    """The chip answers with this status word and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Apdu:
    """One command. `expected` is None where no answer is wanted."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(repr=False)
    expected: int | None
    extended: bool

    @property
    def header(self) -> bytes:
        """The four bytes that a MAC covers."""
        return bytes([self.cla, self.ins, self.p1, self.p2])

    @property
    def protected(self) -> bool:
        """Whether the class says: secure messaging, header authenticated."""
        return self.cla & 0x0C == 0x0C


def parse_apdu(raw: bytes) -> Apdu:
    """Return a command taken apart. Raises Refused 6700 for lengths that do not add up."""
    if len(raw) < 4:
        raise Refused(0x6700)
    head, body = raw[:4], raw[4:]
    extended = len(body) >= 3 and body[0] == 0
    data, expected = _take_apart(body[1:], 2) if extended else _take_apart(body, 1)
    return Apdu(head[0], head[1], head[2], head[3], data, expected, extended)


def _take_apart(body: bytes, size: int) -> tuple[bytes, int | None]:
    """Return data and expected length, with lengths of this size; zero means the most there is."""
    if not body:
        return b"", None
    first = int.from_bytes(body[:size], "big")
    if len(body) == size:
        return b"", first or 1 << 8 * size
    data, rest = body[size : size + first], body[size + first :]
    if not first or len(data) != first or len(rest) not in (0, size):
        raise Refused(0x6700)
    return data, (int.from_bytes(rest, "big") or 1 << 8 * size) if rest else None
