"""The client: what it refuses to call and to read, and what it makes of answers."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bonafides.errors import ConflictError, DependencyError, Error, InputError, PolicyError, VerificationError
from bonafides.kit.http import HttpClient
from bonafides.kit.server import RunningServer, free_port, start
from bonafides.kit.urls import parse_url
from bonafides.kit.web import create_api


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    app = create_api("Other office")

    @app.get("/seen")
    def seen(request: Request) -> dict[str, str]:
        return dict(request.headers)

    @app.post("/echo")
    async def echo(request: Request) -> dict[str, Any]:
        return {"type": request.headers["content-type"], "body": (await request.body()).decode()}

    @app.post("/empty", status_code=204)
    def empty() -> None:
        return None

    @app.get("/redirect")
    def redirect() -> RedirectResponse:
        return RedirectResponse("/seen")

    @app.get("/cookie")
    def cookie() -> Response:
        return Response("{}", media_type="application/json", headers={"Set-Cookie": "id=1"})

    @app.get("/endless")
    def endless() -> StreamingResponse:
        def chunks() -> Iterator[bytes]:
            while True:
                yield b"x" * 1000

        return StreamingResponse(chunks(), media_type="application/json")

    @app.get("/fail")
    def fail() -> None:
        raise ConflictError("secret text", code="nonce_spent")

    with start(app) as running:
        yield running


@pytest.fixture
def client() -> Iterator[HttpClient]:
    with HttpClient(developer_mode=True, max_answer_bytes=5000, timeout_s=5) as opened:
        yield opened


def at(server: RunningServer, path: str) -> str:
    return f"http://office.localhost:{server.port}{path}"


def test_a_name_below_localhost_is_this_machine(server: RunningServer, client: HttpClient) -> None:
    seen = client.get_json(at(server, "/seen"))
    assert seen["host"] == f"office.localhost:{server.port}"
    assert seen["user-agent"] == "bonafides"
    assert seen["accept-encoding"] == "identity"


def test_json_forms_and_empty_answers(server: RunningServer, client: HttpClient) -> None:
    sent = client.post_json(at(server, "/echo"), {"chữ": 1})
    assert sent["type"] == "application/json"
    assert json.loads(sent["body"]) == {"chữ": 1}
    sent = client.post_form(at(server, "/echo"), {"a b": "c&d"})
    assert sent == {"type": "application/x-www-form-urlencoded", "body": "a+b=c%26d"}
    assert client.post_json(at(server, "/empty"), {}) == {}


def test_redirects_are_refused(server: RunningServer, client: HttpClient) -> None:
    with pytest.raises(InputError):
        client.get(at(server, "/redirect"))


def test_no_cookie_is_kept(server: RunningServer, client: HttpClient) -> None:
    client.get_json(at(server, "/cookie"))
    assert "cookie" not in client.get_json(at(server, "/seen"))


def test_the_environment_sets_no_proxy(
    server: RunningServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with HttpClient(developer_mode=True) as other:
        assert other.get_json(at(server, "/seen"))


def test_an_endless_answer_is_cut(server: RunningServer, client: HttpClient) -> None:
    with pytest.raises(InputError) as caught:
        client.get(at(server, "/endless"))
    assert caught.value.code == "too_large"


def test_errors_of_our_offices_come_back_as_themselves(server: RunningServer, client: HttpClient) -> None:
    with pytest.raises(ConflictError) as caught:
        client.get_json(at(server, "/fail"))
    assert caught.value.code == "nonce_spent"
    assert "secret" not in str(caught.value)
    assert client.get(at(server, "/fail")).status == 409


def test_nobody_there(client: HttpClient) -> None:
    with pytest.raises(DependencyError) as caught:
        client.get(f"http://localhost:{free_port()}/")
    assert caught.value.__cause__ is None


def answering(respond: Callable[[httpx.Request], httpx.Response]) -> HttpClient:
    return HttpClient(transport=httpx.MockTransport(respond), max_answer_bytes=1000)


def problem(status: int, body: object, media_type: str = "application/problem+json") -> httpx.Response:
    return streamed(status, json.dumps(body).encode(), {"Content-Type": media_type})


def streamed(status: int, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


@pytest.mark.parametrize(
    ("status", "code", "kind", "expected"),
    [
        (400, "verification", VerificationError, "verification"),
        (400, "input", InputError, "input"),
        (400, "epoch_over", InputError, "epoch_over"),
        (403, "consent_missing", PolicyError, "consent_missing"),
        (401, "unauthorized", PolicyError, "unauthorized"),
        (404, "not_found", InputError, "not_found"),
        (409, "conflict", ConflictError, "conflict"),
        (429, "rate_limited", DependencyError, "rate_limited"),
        (500, "internal", DependencyError, "internal"),
        (503, "dependency", DependencyError, "dependency"),
        (500, "input", DependencyError, "input"),
        (400, "Bad Code!", InputError, "unexpected_answer"),
        (400, "x" * 65, InputError, "unexpected_answer"),
        (400, "input\n", InputError, "unexpected_answer"),
        (400, 7, InputError, "unexpected_answer"),
        (400, None, InputError, "unexpected_answer"),
        (502, "<b>", DependencyError, "unreachable"),
    ],
)
def test_codes(status: int, code: object, kind: type[Error], expected: str) -> None:
    with answering(lambda _: problem(status, {"code": code})) as client, pytest.raises(Error) as caught:
        client.get_json("https://office.example/")
    assert (type(caught.value), caught.value.code) == (kind, expected)


@pytest.mark.parametrize(
    "response",
    [
        problem(200, [1], "application/json"),
        problem(200, {"a": 1}, "text/html"),
        streamed(200, b"{", {"Content-Type": "application/json"}),
        streamed(200, b'{"a":1,"a":2}', {"Content-Type": "application/json"}),
        streamed(200, b"", {}),
        problem(400, {"code": "input"}, "application/json"),
        problem(400, [], "application/problem+json"),
        streamed(200, b"{}", {"Content-Encoding": "gzip", "Content-Type": "application/json"}),
    ],
)
def test_answers_that_are_not_what_was_agreed(response: httpx.Response) -> None:
    with answering(lambda _: response) as client, pytest.raises(InputError):
        client.get_json("https://office.example/")


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ConnectError, httpx.RemoteProtocolError])
def test_broken_connections(error: type[httpx.RequestError]) -> None:
    def respond(_request: httpx.Request) -> httpx.Response:
        raise error("the text names an address")

    with answering(respond) as client, pytest.raises(DependencyError) as caught:
        client.get("https://office.example/")
    assert "address" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "office.example",
        "http://office.example/",
        "ftp://office.example/",
        "file:///etc/passwd",
        "https:///x",
        "https://user@office.example/",
        "https://office.example/#x",
        "https://office.example./",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://[::1]/",
        "http://127.0.0.1/",
        "https://localhost/",
        "https://a.localhost/",
        "http://localhost.example/",
        "http://notlocalhost/",
        "https://office.example/ x",
        "https://office.example/\n",
        "https://õffice.example/",
        "https://office.example:99999/",
        "https://office.example/" + "x" * 3000,
    ],
)
def test_urls_that_are_not_called(url: str) -> None:
    for developer_mode in (False, True):
        with pytest.raises(InputError):
            parse_url(url, developer_mode=developer_mode)


def test_plain_http_is_for_developers_on_this_machine() -> None:
    for url in ("http://localhost:8401/x", "http://a.b.localhost/"):
        assert str(parse_url(url, developer_mode=True)) == url
        with pytest.raises(InputError):
            parse_url(url)
    assert parse_url("https://office.example:8443/x?y=z").port == 8443


def test_verification_cannot_be_switched_off() -> None:
    with pytest.raises(ValueError, match="always verified"):
        HttpClient(verify=False)
