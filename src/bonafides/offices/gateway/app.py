"""Put the gateway together: settings in, application out; everything unusable is said here, before anybody asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import FastAPI

from bonafides.kit.clock import Clock, FileClock, SystemClock
from bonafides.kit.http import HttpClient
from bonafides.kit.ratelimit import Rate
from bonafides.kit.roworder import rewrite_all
from bonafides.kit.storage import Database, open_database
from bonafides.kit.upkeep import Job, Upkeep
from bonafides.kit.web import create_api
from bonafides.offices.gateway.api import CORS_PATHS, Surface, make_router
from bonafides.offices.gateway.domain import asked_slots
from bonafides.offices.gateway.issuers import Issuers
from bonafides.offices.gateway.party import load_relying_party, load_remedy_keys
from bonafides.offices.gateway.remedies import Remedies
from bonafides.offices.gateway.service import SignIns
from bonafides.offices.gateway.settings import (
    GatewayLimits,
    GatewaySettings,
    checked_issuers,
    checked_token_digest,
)

PACKAGE = "bonafides.offices.gateway"


@dataclass(frozen=True)
class Gateway:
    """A gateway that is open: its use cases, and what has to be closed."""

    signins: SignIns
    remedies: Remedies
    issuers: Issuers
    database: Database
    http: HttpClient

    def close(self) -> None:
        """Close every connection."""
        self.http.close()
        self.database.close()


def open_gateway(settings: GatewaySettings, *, clock: Clock, http: HttpClient | None = None) -> Gateway:
    """Return the gateway of these settings, schema up to date; ConfigError in one sentence if anything is not usable.

    `http` fetches issuer metadata; it is closed with the gateway.
    """
    party, limits = load_relying_party(settings), settings.limits
    asked, issuer_ids = asked_slots(settings.required, settings.optional), checked_issuers(settings)
    remedy_keys = load_remedy_keys(settings)
    database = open_database(settings.database_url, migrations=PACKAGE)
    http = http or HttpClient(
        developer_mode=settings.developer_mode,
        timeout_s=limits.http_timeout_s,
        max_answer_bytes=limits.max_answer_bytes,
    )
    issuers = Issuers(
        ids=issuer_ids,
        database=database,
        fetch=http.get_json,
        clock=clock,
        refetch_after=timedelta(seconds=limits.issuer_refetch_s),
    )
    signins = SignIns(party=party, asked=asked, issuers=issuers, database=database, clock=clock, limits=limits)
    skew = timedelta(seconds=limits.clock_skew_s)
    remedies = Remedies(audience=party.id, keys=remedy_keys, database=database, clock=clock, skew=skew)
    return Gateway(signins, remedies, issuers, database, http)


def create_app(
    settings: GatewaySettings, *, clock: Clock | None = None, http: HttpClient | None = None, pause_s: float = 1.0
) -> FastAPI:
    """Return the gateway's application; ConfigError in one sentence if key, database or a setting is not usable.

    Without `clock` the one of the settings or the machine counts; `pause_s` is how often the upkeep looks at it. The
    database is opened here and closed when the application ends. `app.state.gateway` is the open `Gateway`.
    """
    limits, token_digest = settings.limits, checked_token_digest(settings)
    clock = clock or _clock_of(settings)
    gateway = open_gateway(settings, clock=clock, http=http)
    upkeep = Upkeep("gateway", _jobs(limits, gateway), clock=clock, pause_s=pause_s)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        upkeep.start()
        try:
            yield
        finally:
            upkeep.stop()
            gateway.close()

    app = create_api(
        "Bonafides gateway",
        limits=limits,
        body_limits=_body_limits(limits),
        cors_paths=CORS_PATHS,
        # By the machine's clock: it is about load, not rules.
        rates=_rates(limits),
        lifespan=lifespan,
    )
    app.include_router(
        make_router(Surface(gateway.signins, gateway.remedies, limits, settings.wallet_url, token_digest))
    )
    app.state.gateway = gateway
    return app


def _clock_of(settings: GatewaySettings) -> Clock:
    if settings.clock_file is None:
        return SystemClock()
    clock = FileClock(settings.clock_file, developer_mode=settings.developer_mode)
    clock.now()  # a missing file is told at the start, not by the upkeep later
    return clock


def _jobs(limits: GatewayLimits, gateway: Gateway) -> list[Job]:
    return [
        Job(gateway.signins.purge, timedelta(seconds=limits.purge_every_s)),
        Job(lambda _now: rewrite_all(gateway.database), timedelta(seconds=limits.rewrite_every_s)),
        Job(gateway.issuers.refresh_all, timedelta(seconds=limits.issuer_refresh_s)),
    ]


def _body_limits(limits: GatewayLimits) -> dict[str, int]:
    return {
        "/response": limits.max_response_bytes,
        "/remedies": limits.max_response_bytes,
        "/signin": limits.max_small_body_bytes,
        "/request": limits.max_small_body_bytes,
        "/accounts": limits.max_small_body_bytes,
    }


def _rates(limits: GatewayLimits) -> dict[str, Rate]:
    def rate(per_second: int) -> Rate:
        return Rate(burst=2 * per_second, per_second=per_second)

    return {
        "/signin": rate(limits.polls_per_s),
        "/request": rate(limits.requests_per_s),
        "/response": rate(limits.responses_per_s),
        "/remedies": rate(limits.responses_per_s),
        "/accounts": rate(limits.polls_per_s),
    }
