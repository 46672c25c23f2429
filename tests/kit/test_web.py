"""A small application over real HTTP: whatever is sent, the answer is a problem that tells nothing but its code."""

import json
import logging
import socket
from collections.abc import Iterator
from io import StringIO
from typing import Annotated, Any

import httpx
import pytest
import structlog
from fastapi import FastAPI, Form
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, StreamingResponse

from bonafides.errors import ConflictError, DependencyError, InputError, PolicyError, VerificationError
from bonafides.kit import telemetry
from bonafides.kit.clock import FixedClock
from bonafides.kit.ratelimit import Rate, RateLimitedError
from bonafides.kit.server import RunningServer, start
from bonafides.kit.settings import Limits
from bonafides.kit.web import create_api

SECRET = "079123456789"
LIMIT = 2000


class Body(BaseModel):
    number: int
    text: str = ""


def make_app(clock: FixedClock) -> FastAPI:
    app = create_api(
        "Test office",
        limits=Limits(max_body_bytes=LIMIT),
        body_limits={"/large": 10 * LIMIT},
        cors_paths=["/wallet"],
        rates={"/limited": Rate(burst=2, per_second=0.1)},
        clock=clock,
    )

    @app.post("/echo")
    def echo(body: Body) -> dict[str, int]:
        return {"number": body.number}

    @app.post("/form")
    def form(number: Annotated[int, Form()]) -> dict[str, int]:
        return {"number": number}

    @app.post("/large/size")
    async def size(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    @app.get("/wallet/hello")
    @app.get("/walletless")
    @app.get("/limited/{name}")
    def hello() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/page")
    def page() -> HTMLResponse:
        return HTMLResponse("<p>", headers={"Content-Security-Policy": "default-src 'self'"})

    @app.get("/wallet/crash/{number}")
    def crash(number: str) -> None:
        raise RuntimeError(f"the number {number} is unlucky")

    @app.get("/half")
    def half() -> StreamingResponse:
        def chunks() -> Iterator[bytes]:
            yield b"half an answer"
            raise RuntimeError(SECRET)

        return StreamingResponse(chunks())

    @app.get("/wrong-model")
    def wrong_model() -> Body:
        return {"number": SECRET + "x"}  # type: ignore[return-value]

    @app.get("/fail/{kind}")
    def fail(kind: str) -> None:
        raise {
            "input": InputError(SECRET),
            "verification": VerificationError(SECRET),
            "policy": PolicyError(SECRET, code="consent_missing"),
            "conflict": ConflictError(SECRET),
            "dependency": DependencyError(SECRET),
            "rate": RateLimitedError(SECRET, retry_after_s=7),
        }[kind]

    return app


@pytest.fixture
def log(clock: FixedClock) -> Iterator[StringIO]:
    stream = StringIO()
    handlers = [*logging.getLogger().handlers]
    telemetry.configure(clock, office="issuer", stream=stream)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(False)
    logging.getLogger().handlers = handlers


@pytest.fixture
def server(clock: FixedClock, log: StringIO) -> Iterator[RunningServer]:
    with start(make_app(clock)) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=20, trust_env=False) as opened:
        yield opened


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told.keys() == {"type", "title", "status", "code"}
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert told["type"] == f"urn:bonafides:error:{code}"
    assert SECRET not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in answer.headers


def test_a_good_request_is_answered(client: httpx.Client) -> None:
    answer = client.post("/echo", json={"number": 5})
    assert answer.json() == {"number": 5}
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert client.post("/form", data={"number": "6"}).json() == {"number": 6}


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("input", 400, "input"),
        ("verification", 400, "verification"),
        ("policy", 403, "consent_missing"),
        ("conflict", 409, "conflict"),
        ("dependency", 503, "dependency"),
        ("rate", 429, "rate_limited"),
    ],
)
def test_our_errors(client: httpx.Client, log: StringIO, kind: str, status: int, code: str) -> None:
    answer = client.get(f"/fail/{kind}")
    assert_problem(answer, status, code)
    assert answer.headers.get("retry-after") == ("7" if kind == "rate" else None)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["status"] for line in lines] == ([503] if status >= 500 else [])
    assert SECRET not in log.getvalue()


def test_an_unexpected_exception_is_logged_by_type_and_place_only(client: httpx.Client, log: StringIO) -> None:
    answer = client.get(f"/wallet/crash/{SECRET}")
    assert_problem(answer, 500, "internal")
    assert answer.headers["access-control-allow-origin"] == "*"
    (line,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert line["event"] == "web.request.failed"
    assert line["error"] == "RuntimeError"
    assert line["code"] == "internal"
    assert line["route"] == "/wallet/crash/{number}"
    assert line["at"].startswith("test_web.py:") or line["at"].startswith("kit/")
    assert SECRET not in log.getvalue()


def test_an_answer_of_a_wrong_form_tells_nothing(client: httpx.Client, log: StringIO) -> None:
    assert_problem(client.get("/wrong-model"), 500, "internal")
    assert SECRET not in log.getvalue()


def test_an_answer_cut_off_is_seen_as_such(client: httpx.Client, log: StringIO) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/half")
    assert SECRET not in log.getvalue()
    assert '"error": "RuntimeError"' in log.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"number": "' + SECRET.encode() + b'x"}',
        b'{"text": "' + SECRET.encode() + b'"}',
        b'{"number": NaN}',
        b'{"number": ' + b"9" * (LIMIT - 20) + b"}",
        b"[" * (LIMIT - 1),
        b'{"a":' * 300,
        b'{"number": 1, "text": 5}',
        b'{"number": 1, "number": 2}',
        b'{"number": 1, "text": "\\ud800"}',
    ],
)
def test_bad_json(client: httpx.Client, content: bytes) -> None:
    answer = client.post("/echo", content=content, headers={"Content-Type": "application/json"})
    assert_problem(answer, 400, "input")


def test_bad_forms_and_types(client: httpx.Client) -> None:
    assert_problem(client.post("/form", data={"number": SECRET + "x"}), 400, "input")
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense", ""):
        answer = client.post("/echo", content=b'{"number": 5}', headers={"Content-Type": media_type})
        assert_problem(answer, 400, "input")


def test_unknown_paths_and_methods(client: httpx.Client) -> None:
    for path in (f"/{SECRET}", "/docs", "/redoc", "/openapi.json", "/echo/", "//", "/%00", "/..%2f"):
        assert_problem(client.get(path), 404, "not_found")
    answer = client.get("/echo")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
    for method in ("DELETE", "TRACE", "PATCH", "NONSENSE"):
        assert_problem(client.request(method, "/echo"), 405, "method_not_allowed")
    assert_problem(client.options("/echo"), 405, "method_not_allowed")


def test_body_limits(client: httpx.Client) -> None:
    def chunked(size: int) -> Iterator[bytes]:
        for _ in range(size):
            yield b"x"

    for content in (b"x" * (LIMIT + 1), chunked(LIMIT + 1)):
        answer = client.post("/echo", content=content)
        assert_problem(answer, 413, "too_large")
        assert answer.headers["connection"] == "close"
    for body in (b"x" * LIMIT, chunked(LIMIT)):
        assert_problem(client.post("/echo", content=body), 400, "input")
    for length in (10 * LIMIT, LIMIT + 1):
        assert client.post("/large/size", content=b"x" * length).json() == {"size": length}
        assert client.post("/large/size", content=chunked(length)).json() == {"size": length}
    assert_problem(client.post("/large/size", content=b"x" * (10 * LIMIT + 1)), 413, "too_large")
    assert_problem(client.post("/largest", content=b"x" * (LIMIT + 1)), 413, "too_large")


def raw(server: RunningServer, request: bytes) -> bytes:
    with socket.create_connection((server.host, server.port), timeout=20) as connection:
        connection.sendall(request)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    return found


def test_a_large_declared_size_is_refused_before_anything_is_sent(server: RunningServer) -> None:
    for size in (b"2001", b"1" + b"0" * 18):
        found = raw(server, b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + b"\r\n\r\n")
        assert found.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_what_is_not_http_gets_no_further(server: RunningServer, log: StringIO, request_bytes: bytes) -> None:
    try:
        found = raw(server, request_bytes)
    except ConnectionResetError:
        found = b"HTTP/1.1 400 "
    assert found.startswith(b"HTTP/1.1 4")
    assert "Traceback" not in log.getvalue()
    assert httpx.get(server.url + "/walletless", trust_env=False).status_code == 200


def test_cross_origin_use_where_it_is_meant(client: httpx.Client) -> None:
    asked = {"Origin": "https://wallet.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/wallet/hello", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert client.get("/wallet/hello").headers["access-control-allow-origin"] == "*"
    assert client.get("/wallet/missing").headers["access-control-allow-origin"] == "*"
    for path in ("/walletless", "/page", "/echo"):
        assert "access-control-allow-origin" not in client.get(path).headers
        assert "access-control-allow-origin" not in client.options(path, headers=asked).headers


def test_pages_bring_their_own_policy(client: httpx.Client) -> None:
    answer = client.get("/page")
    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers["cache-control"] == "no-store"


def test_rates(client: httpx.Client, clock: FixedClock) -> None:
    assert client.get("/limited/a").status_code == 200
    assert client.get("/limited/b").status_code == 200
    answer = client.get("/limited/c")
    assert_problem(answer, 429, "rate_limited")
    assert answer.headers["retry-after"] == "10"
    assert client.get("/walletless").status_code == 200
    clock.advance(seconds=10)
    assert client.get("/limited/a").status_code == 200
    assert client.get("/limited/a").status_code == 429
