"""Calls to other offices: no redirect, cookie or proxy, verified TLS, bounded time and size, our errors only."""

import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self

import httpx

from bonafides.errors import ConflictError, DependencyError, Error, InputError, PolicyError
from bonafides.kit.strict_json import parse_json_object
from bonafides.kit.urls import is_loopback_name, parse_url

TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 1024 * 1024
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Answer:
    """A complete answer, not yet believed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Return the media type without parameters, lower-case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> dict[str, Any]:
        """Return the JSON object; InputError for anything else."""
        if self.media_type != "application/json" and not self.media_type.endswith("+json"):
            raise InputError("the answer is not JSON", code="unexpected_answer")
        return parse_json_object(self.body, max_bytes=len(self.body))

    def raise_for_problem(self) -> Self:
        """Return the answer if it tells success; raise the error it tells otherwise."""
        if 200 <= self.status < 300:
            return self
        raise error_of(self)


class HttpClient:
    """A client for offices and wallet; safe to share between threads. Close it."""

    def __init__(
        self,
        *,
        developer_mode: bool = False,
        timeout_s: float = TIMEOUT_S,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if verify is False:
            raise ValueError("TLS is always verified; pass a context that trusts the authority of the tests")
        self._developer_mode = developer_mode
        self._timeout_s = timeout_s
        self._max_answer_bytes = max_answer_bytes
        self._client = httpx.Client(
            transport=transport or _Transport(verify=verify, trust_env=False, retries=0),
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,  # no proxy and no password file of the environment
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            # Compressed answers could grow a thousandfold after the size was counted; the version is a fingerprint.
            headers={"Accept-Encoding": "identity", "User-Agent": "bonafides"},
        )

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch a URL and return whatever it answers, redirects apart."""
        return self.send("GET", url, headers=headers)

    def get_json(self, url: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Fetch a JSON object; a refusal is raised as our error with its code."""
        return self.get(url, headers=headers).raise_for_problem().json()

    def post_json(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Send a JSON object and return the JSON object answered; an answer 204 is an empty one."""
        data = json.dumps(dict(body), separators=(",", ":"), allow_nan=False).encode("utf-8")
        answer = self.send("POST", url, content=data, media_type="application/json", headers=headers)
        return {} if answer.status == 204 else answer.raise_for_problem().json()

    def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Send a form and return the JSON object answered; an answer 204 is an empty one."""
        data = str(httpx.QueryParams(dict(fields))).encode("ascii")
        answer = self.send("POST", url, content=data, media_type="application/x-www-form-urlencoded", headers=headers)
        return {} if answer.status == 204 else answer.raise_for_problem().json()

    def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and read its answer up to the limits.

        InputError: a URL we do not call, an answer too large, compressed or a redirect. DependencyError: no connection
        or no complete answer in time.
        """
        target = parse_url(url, developer_mode=self._developer_mode)
        sent = dict(headers or {}) | ({"Content-Type": media_type} if media_type else {})
        # The library's timeout is per read: a peer that sends a byte at a time would hold us for ever.
        deadline = time.monotonic() + self._timeout_s
        try:
            with self._client.stream(method, target, content=content, headers=sent) as response:
                body = self._read(response, deadline)
        except httpx.RequestError:
            raise DependencyError("the other party cannot be reached", code="unreachable") from None
        if 300 <= response.status_code < 400:
            raise InputError("the answer is a redirect", code="unexpected_answer")
        return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise InputError("the answer is compressed", code="unexpected_answer")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self._max_answer_bytes:
                raise InputError("the answer is too large", code="too_large")
            if time.monotonic() > deadline:
                raise DependencyError("the other party is too slow", code="unreachable")
        return bytes(body)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Transport(httpx.HTTPTransport):
    """Finds `*.localhost` on this machine, as browsers do, also where the resolver does not know these names."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if is_loopback_name(request.url.host):
            # The Host header stays as it was made from the name.
            request = httpx.Request(
                request.method,
                request.url.copy_with(host="127.0.0.1"),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        return super().handle_request(request)


def error_of(answer: Answer) -> Error:
    """Return the error an answer tells: its code if it is problem+json, and the class its status stands for."""
    code = None
    if answer.media_type == "application/problem+json":
        try:
            told = answer.json().get("code")
        except InputError:
            told = None
        code = told if isinstance(told, str) and _CODE.fullmatch(told) else None
    message = f"the other party answered {answer.status}"
    known = _known_classes(Error).get(code or "")
    if known is not None and known.http_status == answer.status:
        return known(message)
    if answer.status == 429 or answer.status >= 500:
        return DependencyError(message, code=code or "unreachable")
    if answer.status in (401, 403):
        return PolicyError(message, code=code or "unexpected_answer")
    if answer.status == 409:
        return ConflictError(message, code=code or "unexpected_answer")
    return InputError(message, code=code or "unexpected_answer")


def _known_classes(kind: type[Error]) -> dict[str, type[Error]]:
    """Return the classes of `bonafides.errors` by code: one whose constructor we do not know is not called."""
    found = {kind.default_code: kind} if kind.__module__ == Error.__module__ else {}
    for each in kind.__subclasses__():
        found |= _known_classes(each)
    return found
