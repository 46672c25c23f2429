"""The issuer over HTTP: docs/wire.md, endpoint by endpoint. Handlers decode, call one use case, encode."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Form, Header, Response

from bonafides.core import base64url
from bonafides.errors import InputError
from bonafides.offices.issuer import actions, applicant, delivery, enrolment, metadata, names, officer, renewal
from bonafides.offices.issuer.applicant import Shown
from bonafides.offices.issuer.domain import Purpose
from bonafides.offices.issuer.proofs import Proof, decode_proof
from bonafides.offices.issuer.service import NAME, PERSON, Issuer, new_nonce, refusing

CORS_PATHS = (
    "/.well-known/",
    "/session",
    "/token",
    "/nonce",
    "/credential",
    "/deferred_credential",
    "/renewal",
    "/freeze",
    "/action",
)
Json = Annotated[dict[str, Any], Body()]


def create_router(issuer: Issuer) -> APIRouter:
    """Return the routes of one issuer."""
    router = APIRouter()

    @router.get("/.well-known/openid-credential-issuer")
    def credential_issuer() -> dict[str, object]:
        return metadata.credential_issuer(issuer)

    @router.get("/.well-known/oauth-authorization-server")
    def authorization_server() -> dict[str, object]:
        return metadata.authorization_server(issuer)

    @router.get("/.well-known/bonafides-issuer")
    def bonafides_issuer() -> dict[str, object]:
        return metadata.bonafides_issuer(issuer)

    @router.post("/nonce")
    def nonce() -> dict[str, object]:
        return {"c_nonce": new_nonce(issuer)}

    @router.post("/session")
    def session(body: Json) -> dict[str, object]:
        if not body.keys() <= {"deliver_to"}:
            raise InputError("a session has no member but deliver_to", code="session_form")
        if "deliver_to" in body:
            return delivery.begin_delivered_session(issuer, body["deliver_to"])
        return applicant.begin_session(issuer)

    @router.post("/session/document")
    def document(body: Json) -> dict[str, object]:
        opened, shown = body.get("session"), _shown(issuer, body)
        if refusing(issuer, lambda: delivery.delivers(issuer, opened)):
            if shown.with_name:
                raise InputError("a name is asked for by the wallet, not by a service point", code="name_form")
            refusing(issuer, lambda: delivery.deliver(issuer, session=opened, shown=shown))
            return {"delivered": True}
        code = refusing(issuer, lambda: applicant.accept_document(issuer, session=opened, shown=shown))
        offer = metadata.credential_offer(issuer, code, NAME if shown.with_name else PERSON)
        return {"pre-authorized_code": code, "credential_offer": offer}

    @router.post("/session/collect")
    def collect(body: Json, response: Response) -> dict[str, object]:
        jwe = delivery.collect(issuer, body.get("session"))
        if jwe is None:
            response.status_code = 202
            return {"state": "waiting"}
        return {"state": "delivered", "jwe": jwe}

    @router.post("/token")
    def token(
        grant_type: Annotated[str, Form()], code: Annotated[str, Form(alias="pre-authorized_code")]
    ) -> dict[str, object]:
        if grant_type != metadata.PRE_AUTHORIZED:
            raise InputError("the one grant is the pre-authorised code", code="unsupported_grant_type")
        return applicant.exchange_code(issuer, code)

    @router.post("/credential")
    def credential(body: Json, response: Response, authorization: Annotated[str, Header()] = "") -> dict[str, object]:
        kind = _kind(body.get("credential_configuration_id"))
        if kind == NAME:
            asked = _proof(body)
            issued = refusing(issuer, lambda: names.issue_name(issuer, token=_bearer(authorization), proof=asked))
            return _answer(response, issued)
        purpose, proof = _purpose(body.get("purpose")), _proof(body)
        return _answer(
            response,
            refusing(
                issuer, lambda: enrolment.issue(issuer, token=_bearer(authorization), purpose=purpose, proof=proof)
            ),
        )

    @router.post("/deferred_credential")
    def deferred(body: Json, response: Response) -> dict[str, object]:
        proof = _proof(body)
        return _answer(
            response,
            refusing(issuer, lambda: enrolment.collect(issuer, ticket=body.get("transaction_id"), proof=proof)),
        )

    @router.post("/renewal")
    def renew(body: Json) -> dict[str, object]:
        proof = decode_proof(body, with_presentation=True)
        return {"credentials": refusing(issuer, lambda: renewal.renew(issuer, proof))}

    @router.post("/freeze")
    def freeze(authorization: Annotated[str, Header()] = "") -> dict[str, object]:
        return refusing(issuer, lambda: actions.freeze(issuer, _bearer(authorization)))

    @router.post("/action")
    def action(body: Json) -> dict[str, object]:
        request = actions.decode_request(body)
        return refusing(issuer, lambda: actions.act(issuer, request))

    @router.post("/officer")
    def decide(body: Json) -> dict[str, object]:
        statement = body.get("statement")
        if not isinstance(statement, str):
            raise InputError("a statement is a text", code="officer_statement")
        return {"outcome": refusing(issuer, lambda: officer.decide(issuer, statement))}

    return router


def _answer(response: Response, outcome: list[dict[str, str]] | enrolment.Waiting) -> dict[str, object]:
    """Return credentials, or 202 with the ticket of what waits (OpenID4VCI 1.0, 9)."""
    if isinstance(outcome, enrolment.Waiting):
        response.status_code = 202
        return {"transaction_id": outcome.ticket, "interval": 86400, "due": outcome.due.isoformat()}
    return {"credentials": outcome}


def _proof(body: dict[str, Any]) -> Proof:
    """Return the one proof of a credential request."""
    match body.get("proofs"):
        case {metadata.PROOF_TYPE: [dict(data)], **others} if not others:
            return decode_proof(data)
    raise InputError("one proof of type bonafides_commitment", code="proof_form")


def _shown(issuer: Issuer, body: dict[str, Any]) -> Shown:
    """Return what goes with a session, in the form that each member has."""
    with_name, capture = body.get("name", False), body.get("capture")
    if not isinstance(with_name, bool):
        raise InputError("a name is asked for with true", code="name_form")
    if capture is not None:
        capture = base64url.decode(capture, max_bytes=issuer.settings.limits.max_capture_bytes)
    return Shown(body.get("document"), body.get("officer"), capture, with_name)


def _kind(value: object) -> str:
    kind = metadata.CONFIGURATIONS.get(value) if isinstance(value, str) else None
    if kind is None:
        raise InputError("no such credential", code="unknown_credential_configuration")
    return kind


def _purpose(value: object) -> Purpose:
    try:
        return Purpose(value)
    except ValueError:
        raise InputError("a purpose is enrol, restore or replace", code="purpose") from None


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise InputError("an access token is needed", code="invalid_token")
    return token
