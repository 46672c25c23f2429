"""Answers that say what went wrong by a stable code and nothing else: RFC 9457 problem+json."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bonafides.errors import Error
from bonafides.kit import telemetry

# What the framework refuses by itself, before our code is asked.
_CODES = {401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 429: "rate_limited"}

telemetry.declare_codes(_CODES.values())
_failed = telemetry.event("web.request.failed", level="error")


class Problem(JSONResponse):
    """A problem+json answer; neither text nor values of an exception enter it."""

    media_type = "application/problem+json"

    def __init__(self, code: str, status: int, headers: Mapping[str, str] | None = None) -> None:
        body = {
            "type": f"urn:bonafides:error:{code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
        }
        super().__init__(body, status_code=status, headers=dict(headers or {}))


def problem_of(error: Error) -> Problem:
    """Return the answer for one of our errors."""
    retry_after = getattr(error, "retry_after_s", None)
    return Problem(error.code, error.http_status, {"Retry-After": str(retry_after)} if retry_after else None)


async def handle_error(request: Request, error: Exception) -> Problem:
    """Answer one of our errors; those that are our own fault are logged."""
    if not isinstance(error, Error):  # registered for Error only
        raise error
    if error.http_status >= 500:
        _failed(route=route_of(request.scope), error=error, status=error.http_status)
    return problem_of(error)


async def handle_invalid_request(_request: Request, _error: Exception) -> Problem:
    """Answer a request that does not fit its model, without repeating any of it."""
    return Problem("input", 400)


async def handle_http_exception(_request: Request, error: Exception) -> Problem:
    """Answer what the framework refused: unknown path, wrong method, unreadable body."""
    if not isinstance(error, HTTPException):  # registered for HTTPException only
        raise error
    status = error.status_code if 400 <= error.status_code <= 599 else 500
    code = _CODES.get(status, "input" if status < 500 else "internal")
    allow = (error.headers or {}).get("Allow")
    return Problem(code, 400 if code == "input" else status, {"Allow": allow} if allow else None)


def log_unexpected(scope: Mapping[str, object], error: Exception) -> None:
    """Write one line with type and place of an exception that nobody caught."""
    _failed(route=route_of(scope), error=error, status=500, code="internal")


def route_of(scope: Mapping[str, object]) -> telemetry.RouteTemplate | None:
    """Return the template of the route that took a request; never its path, which may hold a value."""
    template = getattr(scope.get("route"), "path", None)
    return telemetry.RouteTemplate(template) if isinstance(template, str) else None


HANDLERS = {
    Error: handle_error,
    HTTPException: handle_http_exception,
    RequestValidationError: handle_invalid_request,
}
