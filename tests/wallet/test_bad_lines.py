"""Parties that are slow, cut off or not there: always our error, never a hang, nothing half-kept."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest

from bonafides.core.credential.relying_party import client_id_of
from bonafides.kit.http import HttpClient
from bonafides.wallet import StoredDocument, Wallet
from tests.wallet.test_enrolment import code_of, same

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def speaking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that says what it likes to whoever connects; yields its id."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(65536)
                    talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"rude.localhost:{server.getsockname()[1]}"
        finally:
            done.set()
            thread.join()


def _drip(connection: socket.socket) -> None:
    stop = threading.Event()
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    try:
        for _ in range(100):
            connection.sendall(b" ")
            stop.wait(0.02)
    except OSError:
        return


@pytest.mark.parametrize(
    ("talk", "code"),
    [
        (lambda connection: connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{"), "unreachable"),
        (lambda connection: connection.sendall(b"HTTP/1.1 200"), "unreachable"),
        (lambda connection: connection.sendall(b"\x00\xff" * 100), "unreachable"),
        (lambda connection: None, "unreachable"),
        (_drip, "unreachable"),
        (
            lambda connection: connection.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
            "unexpected_answer",
        ),
    ],
    ids=["truncated", "no head", "noise", "silent", "a byte at a time", "compressed"],
)
def test_rude_parties(
    ready: Wallet, document: StoredDocument, talk: Callable[[socket.socket], None], code: str
) -> None:
    with HttpClient(developer_mode=True, timeout_s=0.3) as impatient, speaking(talk) as name:
        ready._opened.http = impatient
        assert code_of(lambda: ready.enrol(name, document, kit_read_back=same)) == code
        assert ready.overview().issuer_id is None
        ready._opened.state.issuer_id = "id.example"
        query = urlencode({"client_id": client_id_of(name), "request_uri": f"http://{name}/request/1"})
        assert code_of(lambda: ready.inspect("openid4vp://?" + query)) == code


def test_nobody_listens(wallet: Wallet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    name = f"nobody.localhost:{port}"
    query = urlencode({"client_id": client_id_of(name), "request_uri": f"http://{name}/request/1"})
    assert code_of(lambda: wallet.inspect("openid4vp://?" + query)) == "unreachable"
