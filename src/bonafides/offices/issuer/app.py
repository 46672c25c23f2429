"""The issuer as one application: opens what it needs, keeps it up by the clock, closes what it opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

from bonafides.core.document import DEFAULT_LIMITS, FaceCheck
from bonafides.errors import ConfigError
from bonafides.kit.clock import Clock
from bonafides.kit.ratelimit import Rate
from bonafides.kit.roworder import rewrite_all
from bonafides.kit.storage import open_database
from bonafides.kit.upkeep import Job, Upkeep
from bonafides.kit.web import create_api
from bonafides.offices.issuer.api import CORS_PATHS, create_router
from bonafides.offices.issuer.keys import load_keys
from bonafides.offices.issuer.service import Issuer
from bonafides.offices.issuer.settings import IssuerSettings
from bonafides.offices.issuer.trust_folder import load_trust
from bonafides.offices.issuer.upkeep import sweep


def open_issuer(settings: IssuerSettings, *, clock: Clock, face_check: FaceCheck | None = None) -> Issuer:
    """Return the issuer of these settings, schema up to date. Raises ConfigError in a sentence that says what to do."""
    settings.check()
    keys, trust = load_keys(settings.key_folder), load_trust(settings.trust_folder)
    rules = {(settings.country, kind): rule for kind, rule in settings.personal_number_rules.items()}
    if not rules:
        raise ConfigError(
            f"No rule says where {settings.country} signs its personal number: set personal_number_rules."
        )
    database = open_database(settings.database_url, migrations="bonafides.offices.issuer")
    return Issuer(settings, database, keys, clock, trust, rules, face_check)


def create_app(
    settings: IssuerSettings, *, clock: Clock, pause_s: float = 1.0, face_check: FaceCheck | None = None
) -> FastAPI:
    """Return the issuer's ASGI application; its upkeep looks at the clock every `pause_s`. Raises ConfigError.

    `face_check` is the operator's; without one a picture that a wallet sends is refused, never ignored.
    """
    clock.now()  # a clock that cannot be read is told now, not by every request
    issuer = open_issuer(settings, clock=clock, face_check=face_check)
    largest = settings.limits.max_document_bytes
    if face_check is not None:
        largest += DEFAULT_LIMITS.portrait_bytes + settings.limits.max_capture_bytes
    limits, upkeep = settings.limits, Upkeep("issuer", _jobs(issuer), clock=clock, pause_s=pause_s)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        upkeep.start()
        try:
            yield
        finally:
            upkeep.stop()
            issuer.database.close()

    app = create_api(
        "Bonafides issuer",
        limits=limits,
        body_limits={"/session/document": largest * 4 // 3 + 8192},
        cors_paths=CORS_PATHS,
        # For all callers together, so that no address is needed; by the machine's clock, since it is about load.
        rates={
            # The comparison code of a session has six digits: who wants a session with given ones must not get many.
            "/session": Rate(per_second=20, burst=400),
            "/session/document": Rate(per_second=50, burst=200),
            "/session/collect": Rate(per_second=200, burst=1000),
            "/nonce": Rate(per_second=200, burst=1000),
        },
        lifespan=lifespan,
    )
    app.include_router(create_router(issuer))
    app.state.issuer = issuer
    return app


def _jobs(issuer: Issuer) -> list[Job]:
    limits = issuer.settings.limits
    return [
        Job(lambda _now: sweep(issuer), timedelta(seconds=limits.sweep_every_s)),
        # Also at the start: an office that is restarted each evening must not keep its order of events for ever.
        Job(lambda _now: rewrite_all(issuer.database), timedelta(seconds=limits.rewrite_every_s)),
    ]
