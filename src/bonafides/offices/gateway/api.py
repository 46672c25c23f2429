"""The gateway's HTTP surface, as docs/wire.md has it. Handlers read, call one use case and write."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from bonafides.core import base64url
from bonafides.core.credential.presentation import MAX_PRESENTATION_BYTES, Presentation, decode_presentation
from bonafides.errors import InputError
from bonafides.kit.problem import Problem
from bonafides.kit.strict_json import parse_json_object
from bonafides.offices.gateway.domain import Decision, Remedy, is_account_name
from bonafides.offices.gateway.errors import UnknownError
from bonafides.offices.gateway.party import did_document
from bonafides.offices.gateway.remedies import Remedies
from bonafides.offices.gateway.request import REQUEST_MEDIA_TYPE, Device, redirect_uri, wallet_link
from bonafides.offices.gateway.service import CollectedSignin, SignIns
from bonafides.offices.gateway.settings import GatewayLimits

CORS_PATHS = ("/.well-known/did.json", "/request", "/response")
_SIGNIN = re.compile(r"[A-Za-z0-9_-]{22}\Z")


@dataclass(frozen=True)
class Surface:
    """What the routes need."""

    signins: SignIns
    remedies: Remedies
    limits: GatewayLimits
    wallet_url: str
    platform_token_digest: bytes


async def read_json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body; its media type is asked for, so that no foreign page's form is taken."""
    _require_media_type(request, "application/json")
    return parse_json_object(await request.body(), max_bytes=16 * 1024, max_depth=4)


async def read_response_body(request: Request) -> Presentation:
    """Return the one presentation of a direct_post body."""
    _require_media_type(request, "application/x-www-form-urlencoded")
    return read_presentation(await request.body())


def signin_name(signin: str) -> str:
    """Return the name of a sign-in if it has the form of one; no other text reaches the database."""
    if not _SIGNIN.match(signin):
        raise UnknownError("no such sign-in", code="signin_unknown")
    return signin


JsonBody = Annotated[dict[str, Any], Depends(read_json_body)]
ResponseBody = Annotated[Presentation, Depends(read_response_body)]
SigninName = Annotated[str, Depends(signin_name)]


def make_router(surface: Surface) -> APIRouter:
    """Return every route of the gateway."""
    router = APIRouter()
    _add_wallet_routes(router, surface)
    _add_browser_routes(router, surface)
    _add_server_routes(router, surface)
    return router


def _add_wallet_routes(router: APIRouter, surface: Surface) -> None:
    signins, party = surface.signins, surface.signins.party

    @router.get("/.well-known/did.json")
    def show_did() -> Response:
        return JSONResponse(did_document(party), media_type="application/did+json")

    @router.get("/request/{signin}")
    def show_request(signin: SigninName) -> Response:
        return Response(signins.signed_request(signin), media_type=REQUEST_MEDIA_TYPE)

    @router.post("/response/{signin}")
    def answer(signin: SigninName, presentation: ResponseBody) -> Response:
        answered = signins.answer(signin, presentation)
        if answered.device == "same":
            target = redirect_uri(party, signin, answered.code)
            return JSONResponse({"redirect_uri": target, "receipt": answered.receipt})
        return JSONResponse({"code": answered.code, "host": party.id, "receipt": answered.receipt})


def _add_browser_routes(router: APIRouter, surface: Surface) -> None:
    signins, party = surface.signins, surface.signins.party
    cookie_name = "__Secure-signin" if party.has_secure_cookies else "signin"

    @router.post("/signin")
    def begin(body: JsonBody) -> Response:
        begun = signins.begin(_read_device(body))
        link = wallet_link(party, begun.signin, surface.wallet_url)
        lifetime = surface.limits.nonce_lifetime_s
        response = JSONResponse({"signin": begun.signin, "wallet_url": link, "expires_in": lifetime})
        response.set_cookie(
            cookie_name,
            begun.cookie,
            max_age=lifetime + surface.limits.result_lifetime_s,
            # Sent to this one sign-in only: two at a time do not overwrite each other, and none knows of another.
            path=f"/signin/{begun.signin}",
            secure=party.has_secure_cookies,
            httponly=True,
            samesite="lax",
        )
        return response

    @router.get("/signin/{signin}")
    def show_state(signin: SigninName, request: Request) -> Response:
        return JSONResponse({"state": signins.state(signin, cookie=request.cookies.get(cookie_name, ""))})

    @router.post("/signin/{signin}/result")
    def collect(signin: SigninName, request: Request, body: JsonBody) -> Response:
        device, code = _read_code(body)
        cookie = request.cookies.get(cookie_name, "")
        return JSONResponse(result_of(signins.collect(signin, cookie=cookie, device=device, code=code)))


def _add_server_routes(router: APIRouter, surface: Surface) -> None:
    @router.get("/accounts/{sub}")
    def show_account(sub: str, request: Request) -> Response:
        if not _is_platform(request, surface.platform_token_digest):
            return Problem("unauthorized", 401, {"WWW-Authenticate": "Bearer"})
        if not is_account_name(sub):
            raise UnknownError("no such account", code="account_unknown")
        return JSONResponse(access_of(sub, surface.signins.account(sub)))

    @router.post("/remedies")
    def receive_remedy(body: JsonBody) -> Response:
        match body:
            case {"token": str(token)} if len(body) == 1 and token.isascii():
                return JSONResponse({}, status_code=201 if surface.remedies.receive(token) else 200)
        raise InputError("not a remedy message", code="remedy_message")


def read_presentation(body: bytes) -> Presentation:
    """Return the presentation in `vp_token={"person": ["…"]}`, undone from the outside in. Raises InputError."""
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=1
        )
    except ValueError:
        fields = []
    if len(fields) != 1 or fields[0][0] != "vp_token":
        raise InputError("not a direct_post response", code="response")
    match parse_json_object(fields[0][1].encode(), max_bytes=len(body), max_depth=2):
        case {"person": [str(encoded)], **others} if not others:
            return decode_presentation(base64url.decode(encoded, max_bytes=MAX_PRESENTATION_BYTES))
    raise InputError("not exactly one presentation", code="response")


def access_of(sub: str, decision: Decision) -> dict[str, Any]:
    """Return what the platform is told about an account."""
    told: dict[str, Any] = {"sub": sub, "access": decision.access.value, "reason": decision.reason}
    if decision.until is not None:
        told["until"] = decision.until.isoformat()
    return told | {"remedies": [_remedy_of(each) for each in decision.remedies]}


def result_of(collected: CollectedSignin) -> dict[str, Any]:
    """Return the RESULT of a sign-in (docs/wire.md); `settled` is told as access only."""
    return {**access_of(collected.sub, collected.decision), **collected.shown}


def _remedy_of(remedy: Remedy) -> dict[str, str]:
    # The case tells the platform, which carried out its decision on the item, whose replies a reply limit is about.
    return {"case": remedy.case, "kind": remedy.kind.value, "until": remedy.ends.isoformat()}


def _require_media_type(request: Request, expected: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != expected:
        raise InputError("another media type")


def _read_device(body: Mapping[str, Any]) -> Device:
    match body:
        case {"device": "same", **others} if not others:
            return "same"
        case {"device": "other", **others} if not others:
            return "other"
    raise InputError("the device is same or other")


def _read_code(body: Mapping[str, Any]) -> tuple[Literal["same", "other"], str]:
    match body:
        case {"response_code": str(code), **others} if not others:
            return "same", code
        case {"code": str(code), **others} if not others:
            return "other", code
    raise InputError("one code, of the one kind or the other")


def _is_platform(request: Request, expected_digest: bytes) -> bool:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(sha256(token.encode()).digest(), expected_digest)
