"""Peers that do not even speak properly: they get a refusal or nothing, and everybody else is served meanwhile."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from tests.hostile.world import MARK, World

MANY, PATIENCE_S = 64, 30


@contextmanager
def connected(origin: str) -> Iterator[socket.socket]:
    """Give a connection to an office."""
    with socket.create_connection(("127.0.0.1", urlsplit(origin).port or 0), timeout=PATIENCE_S) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Return everything until the other side closes."""
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except ConnectionResetError:
        pass  # closed with something of ours unread
    return found


def head(path: str, *lines: str) -> bytes:
    """Return the head of a POST of JSON."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode("latin-1")


def is_served(world: World) -> bool:
    """Tell whether both offices serve others."""
    answers = [world.http.get(world.issuer.origin + "/.well-known/bonafides-issuer")]
    answers.append(world.http.get(world.gateways[0].origin + "/.well-known/did.json"))
    return [each.status_code for each in answers] == [200, 200]


BROKEN = {
    "no HTTP": MARK.encode() + b"\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
    "another version": b"POST /nonce HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "two lengths": head("/nonce", "Content-Length: 2", "Content-Length: 3") + b"{}",
    "length and chunks": head("/nonce", "Content-Length: 2", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "a negative length": head("/nonce", "Content-Length: -1"),
    "a length of letters": head("/nonce", "Content-Length: " + MARK),
    "a huge length": head("/nonce", "Content-Type: application/json", "Content-Length: " + "9" * 15),
    "an absurd length": head("/nonce", "Content-Length: " + "9" * 400),
    "unknown coding": head("/nonce", "Transfer-Encoding: gzip, chunked"),
    "a bad chunk": head("/nonce", "Transfer-Encoding: chunked") + b"zz\r\n",
    "a huge chunk": head("/nonce", "Transfer-Encoding: chunked") + b"f" * 30 + b"\r\n",
    "a bad header": head("/nonce", "No colon here " + MARK),
    "a NUL in a header": head("/nonce", "X-A: \x00" + MARK),
    "a huge header": head("/nonce", "X-A: " + "A" * 200_000),
    "many headers": head("/nonce", *(f"X-{number}: a" for number in range(20_000))),
    "a folded header": head("/nonce", "X-A: a", " b"),
    "no host": b"POST /nonce HTTP/1.1\r\n\r\n",
    "a bare line end": b"POST /nonce HTTP/1.1\nHost: localhost\n\n",
    "an absolute target": b"GET http://elsewhere.example/" + MARK.encode() + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an upgrade": head("/nonce", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: AAAA"),
    "a tunnel": b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n",
    "HTTP 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_requests_get_a_refusal_or_nothing(world: World, name: str) -> None:
    for office in (world.issuer, world.gateways[0]):
        with world.unchanged(office.origin), connected(office.origin) as connection:
            with suppress(OSError):  # refused before we had said everything
                connection.sendall(BROKEN[name])
                connection.shutdown(socket.SHUT_WR)
            answer = read_all(connection)
        assert MARK.encode() not in answer
        assert b"Traceback" not in answer
        if answer:
            assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200")), answer[:200]
            # What is proper HTTP after all reads as a request for a nonce, whose row a refusal may leave too.
            assert not answer.startswith(b"HTTP/1.1 200") or office is world.issuer
    assert is_served(world)


def test_who_hangs_up_midway_changes_nothing(world: World) -> None:
    body = b'{"session": "' + b"A" * 1000
    for origin, path in ((world.issuer.origin, "/session/document"), (world.gateways[0].origin, "/remedies")):
        whole = head(path, "Content-Type: application/json", "Content-Length: 5000") + body
        for cut in (1, 20, 60, len(whole) - 500, len(whole)):
            for how in (None, socket.SHUT_WR, socket.SHUT_RDWR):
                with world.unchanged(origin), connected(origin) as connection:
                    connection.sendall(whole[:cut])
                    if how is not None:
                        connection.shutdown(how)
                    if how == socket.SHUT_WR:
                        assert not read_all(connection).startswith(b"HTTP/1.1 5")
    assert is_served(world)


def test_slow_senders_hold_up_nobody(world: World) -> None:
    request = head("/session/document", "Content-Type: application/json", "Content-Length: 300")
    connections = []
    try:
        for _ in range(MANY):
            connection = socket.create_connection(("127.0.0.1", urlsplit(world.issuer.origin).port or 0))
            connections.append(connection)
            connection.sendall(request[:-4])
        for piece in (request[-4:], b'{"session"', b": ", b'"A"'):
            for connection in connections:
                connection.sendall(piece)
            time.sleep(0.1)
            assert is_served(world)
    finally:
        for connection in connections:
            connection.close()
    assert is_served(world)


def test_many_at_once_are_all_answered(world: World) -> None:
    """Garbage from everywhere: each gets its refusal, and whoever asks properly in between gets an answer."""

    def ask(number: int) -> int:
        if number % 4 == 0:
            return world.http.post(world.issuer.origin + "/nonce").status_code
        if number % 4 == 1:
            return world.http.post(world.issuer.origin + "/credential", json={MARK: number}).status_code
        if number % 4 == 2:
            return world.http.post(world.gateways[0].origin + "/signin", json={"device": "same"}).status_code
        return world.http.post(world.gateways[0].origin + "/response/" + "A" * 22, content=b"x").status_code

    with ThreadPoolExecutor(MANY) as pool:
        statuses = list(pool.map(ask, range(4 * MANY)))
    assert {status for number, status in enumerate(statuses) if number % 4 in (0, 2)} == {200}
    assert {status for number, status in enumerate(statuses) if number % 4 == 1} == {400}
    assert {status for number, status in enumerate(statuses) if number % 4 == 3} <= {400, 404}


def test_requests_in_one_go_on_one_connection(world: World) -> None:
    """Whatever follows a refused body is never read as a request of its own."""
    smuggled = b"POST /signin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    smuggled += b'Content-Length: 17\r\n\r\n{"device":"same"}'
    large = b"A" * 20_000 + smuggled
    origin = world.gateways[0].origin
    with world.unchanged(origin), connected(origin) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(
                head("/remedies", "Content-Type: application/json", f"Content-Length: {len(large)}") + large
            )
        answer = read_all(connection)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert not answer or answer.startswith(b"HTTP/1.1 413")
