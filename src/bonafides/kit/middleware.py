"""Pure ASGI layers around every application: headers, last resort, rates and body size."""

from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bonafides.errors import InputError
from bonafides.kit.problem import Problem, log_unexpected
from bonafides.kit.ratelimit import RateLimiter, is_under
from bonafides.kit.strict_json import parse_json_object

# Pages override Content-Security-Policy with their own; an answer in JSON needs no permission at all.
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
CORS_HEADERS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


class Headers:
    """Adds the security headers, and CORS where the application asked for it."""

    def __init__(self, app: ASGIApp, cors_paths: Sequence[str] = ()) -> None:
        self._app = app
        self._cors_paths = cors_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer preflight requests; pass others on and complete the headers of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cors = any(is_under(scope["path"], prefix) for prefix in self._cors_paths)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if cors:
                    headers.update(CORS_HEADERS)
            await send(message)

        if cors and _is_preflight(scope):
            await Response(status_code=204, headers=PREFLIGHT_HEADERS)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def _is_preflight(scope: Scope) -> bool:
    headers = RequestHeaders(scope=scope)
    return scope["method"] == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


class CatchAll:
    """Answers an exception that nobody expected with `internal`, and logs its type and place.

    It does not raise it again: the server would print it with every value in it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; turn an exception into a problem unless the answer has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:  # noqa: BLE001 - the last resort
            log_unexpected(scope, error)
            if not begun:  # otherwise the server notices the incomplete answer and cuts the connection
                await Problem("internal", 500)(scope, receive, send)


class RateLimit:
    """Refuses requests that come faster than their route allows, before anything is read."""

    def __init__(self, app: ASGIApp, limiter: RateLimiter) -> None:
        self._app = app
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say when to come again."""
        wait = self._limiter.take(scope["path"]) if scope["type"] == "http" else 0
        if wait:
            await Problem("rate_limited", 429, {"Retry-After": str(wait)})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class BodyGate:
    """Reads the body before the application sees any of it: nothing too large, no JSON with two meanings.

    Checked here, once for all routes, since the framework's parser takes doubled names, NaN and halves of characters.
    """

    def __init__(self, app: ASGIApp, limit: int, by_prefix: Mapping[str, int], max_json_depth: int) -> None:
        self._app = app
        self._limit = limit
        self._by_prefix = sorted(by_prefix.items(), key=lambda pair: len(pair[0]), reverse=True)
        self._max_json_depth = max_json_depth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request with a body within the limit on; refuse a larger one, chunked or not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((size for prefix, size in self._by_prefix if is_under(scope["path"], prefix)), self._limit)
        messages = None if _declared_size(scope) > limit else await _read_body(receive, limit)
        if messages is None:
            # The rest is not read, so the connection cannot carry another request.
            await Problem("too_large", 413, {"Connection": "close"})(scope, receive, send)
        elif _is_json(scope) and not self._has_one_meaning(messages):
            await Problem("input", 400)(scope, receive, send)
        else:
            rest = iter(messages)

            async def replay() -> Message:
                return next(rest, None) or await receive()

            await self._app(scope, replay, send)

    def _has_one_meaning(self, messages: Sequence[Message]) -> bool:
        body = b"".join(message.get("body", b"") for message in messages)
        try:
            parse_json_object(body, max_bytes=len(body), max_depth=self._max_json_depth)
        except InputError:
            return False
        return True


def _is_json(scope: Scope) -> bool:
    media_type = RequestHeaders(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _declared_size(scope: Scope) -> int:
    declared = RequestHeaders(scope=scope).get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 20 else 0


async def _read_body(receive: Receive, limit: int) -> list[Message] | None:
    """Return the body's messages, or None as soon as it is larger than `limit`; a declared length may be missing."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > limit:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return messages
