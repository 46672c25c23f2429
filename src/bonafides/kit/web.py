"""Make the FastAPI application of an office: problem+json, limits and headers are the same everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.types import Lifespan

from bonafides.kit.clock import Clock, SystemClock
from bonafides.kit.middleware import BodyGate, CatchAll, Headers, RateLimit
from bonafides.kit.problem import HANDLERS
from bonafides.kit.ratelimit import Rate, RateLimiter
from bonafides.kit.settings import Limits


def create_api(
    title: str,
    *,
    limits: Limits | None = None,
    body_limits: Mapping[str, int] | None = None,
    cors_paths: Sequence[str] = (),
    rates: Mapping[str, Rate] | None = None,
    clock: Clock | None = None,
    docs: bool = False,
    lifespan: Lifespan[Any] | None = None,
) -> FastAPI:
    """Return an application that answers every failure with problem+json and never with an exception's text.

    `body_limits`: path prefix to bytes, where `limits.max_body_bytes` does not fit. `cors_paths`: path prefixes that
    pages of any origin may use, without credentials (browser wallets). `rates`: path prefix to rate, for all callers
    together. `docs`: serve /openapi.json and the pages that load from third parties; for developers only.
    """
    limits = limits or Limits()
    app = FastAPI(
        title=title,
        docs_url="/docs" if docs else None,
        redoc_url=None,
        openapi_url="/openapi.json" if docs else None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    # The last one added is the outermost: even a refusal for size carries the headers, and is refused before parsing.
    app.add_middleware(
        BodyGate,
        limit=limits.max_body_bytes,
        by_prefix=dict(body_limits or {}),
        max_json_depth=limits.max_json_depth,
    )
    if rates:
        app.add_middleware(RateLimit, limiter=RateLimiter(rates, clock or SystemClock()))
    app.add_middleware(CatchAll)
    app.add_middleware(Headers, cors_paths=tuple(cors_paths))
    return app
