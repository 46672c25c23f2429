"""The emulated card in a virtual PC/SC reader: the client side of vsmartcard's vpcd, over TCP on this machine.

Both directions carry two bytes of length and so many bytes. One byte from the reader is a control: 0 power off, 1 power
on, 2 reset, 4 the answer to reset, please; anything longer is a command and gets its answer.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from bonafides.testing.passport.card import EmulatedPassport

HOST, PORT = "127.0.0.1", 0x8C7B
ANSWER_TO_RESET = bytes.fromhex("3B80800101")
"""That of a contactless card without historical bytes, as readers make it up (PC/SC part 3)."""

_POWER_ON, _RESET, _ANSWER_TO_RESET = 1, 2, 4


@contextmanager
def inserted(passport: EmulatedPassport, *, host: str = HOST, port: int = PORT) -> Iterator[Callable[[], None]]:
    """Keep the passport in the virtual reader for as long as the block lasts, or until what is given is called.

    Raises OSError if nobody listens there.
    """
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.settimeout(None)
        thread = threading.Thread(target=serve, args=(connection, passport), daemon=True)
        thread.start()

        def take_away() -> None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

        try:
            yield take_away
        finally:
            take_away()
            thread.join(timeout=5)


def serve(connection: socket.socket, passport: EmulatedPassport) -> None:
    """Answer the reader until the connection ends."""
    while (message := _receive(connection)) is not None:
        if len(message) != 1:
            _send(connection, passport.transmit(message))
        elif message[0] == _ANSWER_TO_RESET:
            _send(connection, ANSWER_TO_RESET)
        elif message[0] in (_POWER_ON, _RESET):
            passport.reset()


def _receive(connection: socket.socket) -> bytes | None:
    """Return one message, None at the end."""
    length = _exactly(connection, 2)
    return None if length is None else _exactly(connection, int.from_bytes(length, "big"))


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        try:
            more = connection.recv(size - len(data))
        except OSError:
            return None
        if not more:
            return None
        data += more
    return data


def _send(connection: socket.socket, data: bytes) -> None:
    connection.sendall(len(data).to_bytes(2, "big") + data)
