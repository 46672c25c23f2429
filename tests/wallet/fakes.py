"""A genuine issuer and a genuine site on this machine, small, and as hostile as a test wants them."""

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bonafides.core import base64url, bbs
from bonafides.core.credential import device
from bonafides.core.credential.binding import action_message, device_message, presentation_header, renewal_header
from bonafides.core.credential.commitment import SessionBinding, verify_commitment
from bonafides.core.credential.context import Context, handle_context
from bonafides.core.credential.epoch import epoch_of, monday_of, shift
from bonafides.core.credential.header import Header
from bonafides.core.credential.issuance import sign_credential
from bonafides.core.credential.presentation import (
    Expectation,
    VerifiedPresentation,
    decode_presentation,
    verify_presentation,
)
from bonafides.core.credential.relying_party import client_id_of, did_of, origin_of
from bonafides.core.credential.slots import TYPES, SlotValue
from bonafides.core.credential.station_link import DELIVERY_TYP
from bonafides.core.document import DocumentBundle, age_flags, parse_mrz, read_full_name
from bonafides.core.document.lds import parse_dg1
from bonafides.errors import Error, InputError, PolicyError
from bonafides.kit.clock import FixedClock
from bonafides.kit.jwe import encrypt_jwe, p256_key_from_jwk
from bonafides.kit.jws import sign_jws
from bonafides.kit.signing_key import new_signing_key, public_jwk
from bonafides.wallet.issuer_client import FORMAT as ISSUED_FORMAT
from bonafides.wallet.issuer_client import GRANT, PROOF_TYPE

Json = dict[str, Any]
PRESENTED = "application/vnd.bonafides.presentation+cbor"


@dataclass
class Reply:
    """An answer that is not simply JSON with status 200."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(code: str, status: int) -> Reply:
    """A refusal as offices tell it."""
    return Reply(json.dumps({"code": code, "status": status}).encode(), status, "application/problem+json")


class Fake(ABC):
    """Takes every request to `handle`, lets `tamper[path]` change the answer, and counts the calls."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.id = ""
        self.calls: list[str] = []
        self.tamper: dict[str, Callable[[Any], Any]] = {}
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "POST"])])

    @property
    def origin(self) -> str:
        return origin_of(self.id)

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(self._answer, request, body)

    def _answer(self, request: Request, body: bytes) -> Response:
        path = request.url.path
        self.calls.append(path)
        try:
            answer = self.handle(path, body, dict(request.headers))
        except Error as error:
            answer = problem(error.code, error.http_status)
        if path in self.tamper:
            answer = self.tamper[path](answer)
        if isinstance(answer, Reply):
            return Response(answer.body, answer.status, dict(answer.headers), answer.media_type)
        return Response(json.dumps(answer), media_type="application/json")

    @abstractmethod
    def handle(self, path: str, body: bytes, headers: Mapping[str, str]) -> Json | Reply:
        """Return what an honest office answers at this path."""


class FakeIssuer(Fake):
    """Enrols whoever shows a data group 1, signs for real, and keeps what an issuer keeps."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock)
        self.secret_key = bbs.key_gen(b"a test issuer's key, not a secret")
        self.public_key = bbs.sk_to_pk(self.secret_key)
        self.key_id = "k1"
        self.country = "UTO"
        self.compromised: list[str] = []
        self.handles: dict[bytes, bytes] = {}
        self.devices: dict[bytes, set[bytes]] = {}
        self.documents: dict[str, DocumentBundle] = {}
        self.officer_statements: list[dict[str, str]] = []
        self.addressees: dict[str, Any] = {}
        self.deliveries: dict[str, str] = {}
        self.pending = False
        self.settled = True
        self.assurances = ["chip", "chip"]
        self.signs_names = False
        self.named: list[bool] = []
        self.sign_with: int | None = None
        self.change_values: Callable[[list[SlotValue]], list[SlotValue]] = lambda values: values
        self.actions: list[tuple[str, bytes]] = []
        self.presented: list[VerifiedPresentation] = []
        self._nonces: set[str] = set()
        self._count = 0

    def deliver(self, session: str, members: Json, **told: Any) -> None:
        """Take a document from a service point and keep its code for the wallet; `told` is said differently."""
        code, bundle = self._new("code"), DocumentBundle.from_json(members)
        self.documents[code] = bundle
        zone = parse_mrz(parse_dg1(bundle.dg1), reference=self.clock.now().date())
        birth = zone.birth.isoformat() if zone.birth else None
        content = {"pre-authorized_code": code, "issuing_state": zone.issuing_state, "birth": birth} | told
        data = json.dumps(content).encode()
        self.deliveries[session] = encrypt_jwe(data, key=self.addressees[session], typ=DELIVERY_TYP)

    def epochs(self, kind: str = "person") -> list[Header]:
        """This epoch and the next."""
        this = epoch_of(self.clock.now())
        return [Header(self.id, kind, self.key_id, epoch) for epoch in (this, shift(this, 1))]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of credentials it signs."""
        return ("person", "name") if self.signs_names else ("person",)

    def published(self) -> Json:
        this = epoch_of(self.clock.now())
        headers = [
            Header(self.id, kind, self.key_id, shift(this, weeks)) for kind in self.kinds for weeks in (-1, 0, 1)
        ]
        return {
            "profile": "bonafides/1",
            "issuer_id": self.id,
            "country": self.country,
            "epochs": [
                {
                    "epoch": header.epoch,
                    "type": header.type,
                    "header": base64url.encode(header.encode()),
                    "key": base64url.encode(self.public_key),
                }
                for header in headers
            ],
            "compromised": self.compromised,
        }

    def handle(self, path: str, body: bytes, headers: Mapping[str, str]) -> Json | Reply:
        match path:
            case "/.well-known/bonafides-issuer":
                return self.published()
            case "/.well-known/openid-credential-issuer":
                return {
                    "credential_issuer": self.origin,
                    "credential_endpoint": self.origin + "/credential",
                    "nonce_endpoint": self.origin + "/nonce",
                    "deferred_credential_endpoint": self.origin + "/deferred_credential",
                    "credential_configurations_supported": {
                        kind: {"format": ISSUED_FORMAT, "proof_types_supported": {PROOF_TYPE: {}}}
                        for kind in self.kinds
                    },
                }
            case "/.well-known/oauth-authorization-server":
                return {"issuer": self.origin, "token_endpoint": self.origin + "/token"}
            case "/session" if "deliver_to" in json.loads(body):
                session, document_nonce = self._new("session"), base64url.encode(secrets.token_bytes(8))
                self.addressees[session] = p256_key_from_jwk(json.loads(body)["deliver_to"])
                return {"session": session, "document_nonce": document_nonce, "expires_in": 600}
            case "/session":
                return {"session": self._new("session"), "document_nonce": self._new("document"), "expires_in": 600}
            case "/nonce":
                nonce = self._new("nonce")
                self._nonces.add(nonce)
                return {"c_nonce": nonce}
            case "/token":
                fields = dict(parse_qsl(body.decode()))
                assert fields["grant_type"] == GRANT
                return {"access_token": fields["pre-authorized_code"], "token_type": "Bearer", "expires_in": 60}
        return self._handle_json(path, json.loads(body), headers)

    def _handle_json(self, path: str, body: Json, headers: Mapping[str, str]) -> Json | Reply:
        match path:
            case "/session/document":
                code = self._new("code")
                self.documents[code] = DocumentBundle.from_json(body["document"])
                self.named.append(body.get("name", False))
                self.officer_statements += [body["officer"]] if "officer" in body else []
                return {"pre-authorized_code": code, "credential_offer": {}}
            case "/session/collect":
                delivered = self.deliveries.get(body["session"])
                return {"state": "delivered", "jwe": delivered} if delivered else {"state": "waiting"}
            case "/credential":
                (proof,) = body["proofs"][PROOF_TYPE]
                if body["credential_configuration_id"] == "name":
                    return self._name(self._bearer(headers), proof)
                return self._credential(body["purpose"], self._bearer(headers), proof)
            case "/deferred_credential":
                (proof,) = body["proofs"][PROOF_TYPE]
                return self._deferred(body["transaction_id"], proof)
            case "/renewal":
                return self._renewal(body)
            case "/freeze":
                assert self._bearer(headers) in self.documents
                return {"frozen_until": shift(epoch_of(self.clock.now()), 2)}
            case "/action":
                return self._act(body)
        return problem("not_found", 404)

    def _credential(self, purpose: str, token: str, proof: Json) -> Json | Reply:
        bundle = self.documents[token]
        tag, (handle, commitment) = bundle.dg1, self._verify(proof)
        stored = self.handles.get(tag)
        if purpose == "restore" and stored != handle:
            raise PolicyError("another handle", code="unknown_handle")
        if purpose == "enrol" and stored not in (None, handle):
            raise PolicyError("another handle", code="already_enrolled")
        if purpose == "replace" and stored is not None:
            self.pending = True
            body = {"transaction_id": token, "interval": 3600, "due": "2026-12-07"}
            return Reply(json.dumps(body).encode(), 202)
        device_key = base64url.decode(proof["device_key"], max_bytes=65)
        self.handles[tag] = handle
        if purpose == "restore":
            self.devices[handle] = set()
        self.devices.setdefault(handle, set()).add(device_key)
        return self._sign(commitment, self._values(bundle))

    def _name(self, token: str, proof: Json) -> Json:
        bundle = self.documents[token]
        assert self.named[-1]
        handle, commitment = self._verify(proof, kind="name")
        if self.handles.get(bundle.dg1) != handle:
            raise PolicyError("another handle", code="unknown_holder")
        name = read_full_name(bundle.dg11)
        return self._sign(commitment, [[name], [name]], "name")

    def _deferred(self, token: str, proof: Json) -> Json | Reply:
        handle, commitment = self._verify(proof)
        if self.pending:
            return Reply(json.dumps({"transaction_id": token, "interval": 3600, "due": 1796601600}).encode(), 202)
        self.handles[self.documents[token].dg1] = handle
        self.devices[handle] = {base64url.decode(proof["device_key"], max_bytes=65)}
        self.settled = False
        return self._sign(commitment, self._values(self.documents[token]))

    def _renewal(self, proof: Json) -> Json:
        presentation = base64url.decode(proof["presentation"], max_bytes=4096)
        decoded = decode_presentation(presentation)
        kind = decoded.header.type
        handle, commitment = self._verify(proof, presentation, kind)
        all_slots = frozenset(range(len(TYPES[kind])))
        ph = renewal_header(
            issuer_id=self.id,
            c_nonce=proof["c_nonce"],
            commitment=base64url.decode(proof["commitment"], max_bytes=192),
        )
        keys = {decoded.header_bytes: self.public_key}
        expected = Expectation(handle_context(self.id), keys, all_slots, all_slots, ph, kind)
        shown = verify_presentation(presentation=decoded, expected=expected)
        if monday_of(shown.header.epoch) > self.clock.now():
            raise PolicyError("not begun", code="not_renewable")
        assert shown.pseudonym == handle
        assert base64url.decode(proof["device_key"], max_bytes=65) in self.devices[handle]
        self.presented.append(shown)
        values = [shown.disclosed[i] for i in sorted(all_slots)]
        return self._sign(commitment, [list(values), list(values)], kind)

    def _values(self, bundle: DocumentBundle) -> list[list[SlotValue]]:
        zone = parse_mrz(parse_dg1(bundle.dg1), reference=self.clock.now().date())
        found: list[list[SlotValue]] = []
        for header, assurance in zip(self.epochs(), self.assurances, strict=True):
            ages = age_flags(zone.birth, monday_of(header.epoch).date())
            found.append([assurance, self.settled, *ages.values(), zone.issuing_state])
        return found

    def _verify(self, proof: Json, presentation: bytes = b"", kind: str = "person") -> tuple[bytes, Any]:
        self._nonces.remove(proof["c_nonce"])
        commitment = base64url.decode(proof["commitment"], max_bytes=192)
        device_key = base64url.decode(proof["device_key"], max_bytes=65)
        message = device_message(
            issuer_id=self.id, c_nonce=proof["c_nonce"], commitment=commitment, presentation=presentation
        )
        signature = base64url.decode(proof["device_signature"], max_bytes=64)
        device.verify(device_key=device_key, signature=signature, message=message)
        first, second = ((header.encode(), self.public_key) for header in self.epochs(kind))
        binding = SessionBinding(self.id, (first, second), proof["c_nonce"], device_key)
        verified = verify_commitment(data=commitment, expected_binding=binding)
        return verified.handle, verified

    def _sign(self, commitment: Any, values: list[list[SlotValue]], kind: str = "person") -> Json:
        issued = [
            sign_credential(
                secret_key=self.sign_with or self.secret_key,
                public_key=self.public_key,
                header=header,
                values=self.change_values(of_epoch),
                commitment=commitment,
            )
            for header, of_epoch in zip(self.epochs(kind), values, strict=True)
        ]
        return {"credentials": [{"credential": base64url.encode(each)} for each in issued]}

    def _act(self, body: Json) -> Json:
        handle = base64url.decode(body["handle"], max_bytes=48)
        key = base64url.decode(body["device_key"], max_bytes=65)
        argument = base64url.decode(body.get("argument", ""), max_bytes=65)
        self._nonces.remove(body["c_nonce"])
        message = action_message(
            issuer_id=self.id, c_nonce=body["c_nonce"], action=body["action"], handle=handle, argument=argument
        )
        signature = base64url.decode(body["device_signature"], max_bytes=64)
        device.verify(device_key=key, signature=signature, message=message)
        if key not in self.devices[handle]:
            raise PolicyError("no such device", code="unknown_device")
        self.actions.append((body["action"], argument))
        return {"assurance": "chip", "pending": None, "devices": len(self.devices[handle])}

    def _bearer(self, headers: Mapping[str, str]) -> str:
        return headers["authorization"].removeprefix("Bearer ")

    def _new(self, name: str) -> str:
        self._count += 1
        return f"{name}-{self._count}"


class FakeSite(Fake):
    """A relying party that signs requests, verifies presentations and answers as a gateway does."""

    def __init__(self, clock: FixedClock, issuer: FakeIssuer) -> None:
        super().__init__(clock)
        self.issuer = issuer
        self.key = new_signing_key()
        self.kid = ""
        self.typ = "oauth-authz-req+jwt"
        self.device: str | None = "same"
        self.kind = "account"
        self.detail: Any = ""
        self.requested = ["settled", "assurance", "age_over_18"]
        self.required = ["settled"]
        self.change_claims: Callable[[Json], Json] = lambda claims: claims
        self.change_query: Callable[[Json], Json] = lambda query: query
        self.answer_codes = ("123456",)
        self.signed = b""
        self.seen: list[VerifiedPresentation] = []
        self.payloads: list[bytes | None] = []
        self.extra: Json = {}

    @property
    def client_id(self) -> str:
        return client_id_of(self.id)

    @property
    def link(self) -> str:
        return "openid4vp://?" + urlencode({"client_id": self.client_id, "request_uri": self.origin + "/request/1"})

    def claims(self) -> Json:
        now = int(self.clock.now().timestamp())
        entry: Json = {
            "id": "person",
            "format": PRESENTED,
            "require_cryptographic_holder_binding": True,
            "meta": {"type": "person", "kind": self.kind, "detail": self.detail, "issuers": [self.issuer.id]},
            "claims": [{"id": name, "path": [name]} for name in self.requested],
            "claim_sets": [self.requested, self.required],
        }
        claims: Json = {
            "iss": self.client_id,
            "aud": "https://self-issued.me/v2",
            "client_id": self.client_id,
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "response_uri": self.origin + "/response/1",
            "nonce": "A" * 22,
            "iat": now,
            "exp": now + 300,
            "client_metadata": {"vp_formats_supported": {PRESENTED: {}}},
            "dcql_query": self.change_query({"credentials": [entry]}),
            **self.extra,
        }
        if self.device is not None:
            claims["bonafides_device"] = self.device
        return self.change_claims(claims)

    def handle(self, path: str, body: bytes, headers: Mapping[str, str]) -> Json | Reply:
        if path == "/.well-known/did.json":
            did = did_of(self.id)
            method = {
                "id": did + "#key-1",
                "type": "JsonWebKey2020",
                "controller": did,
                "publicKeyJwk": public_jwk(self.key),
            }
            return {"id": did, "verificationMethod": [method], "assertionMethod": [did + "#key-1"]}
        if path == "/request/1":
            kid = self.kid or did_of(self.id) + "#key-1"
            self.signed = sign_jws(self.claims(), key=self.key, kid=kid, typ=self.typ).encode()
            return Reply(self.signed, media_type="application/oauth-authz-req+jwt")
        if path == "/response/1":
            return self._respond(dict(parse_qsl(body.decode())))
        return problem("not_found", 404)

    def _respond(self, fields: Mapping[str, str]) -> Json:
        payload = base64url.decode(fields["payload"], max_bytes=65536) if "payload" in fields else None
        claims = self.claims()
        queries = {each["id"]: each for each in claims["dcql_query"]["credentials"]}
        token = json.loads(fields["vp_token"])
        if token.keys() != queries.keys():
            raise InputError("not what was asked", code="response")
        for name, (encoded,) in token.items():
            self.seen.append(self._verify(queries[name], base64url.decode(encoded, max_bytes=4096), payload))
        self.payloads.append(payload)
        shown = [TYPES[self.seen[-1].header.type][index] for index in sorted(self.seen[-1].disclosed)]
        said: Json = {"receipt": self.receipt(shown)}
        if self.device == "same":
            said["redirect_uri"] = self.origin + "/signin/1?response_code=abc"
        elif self.device == "other":
            said |= {"code": self.answer_codes[0], "host": self.id}
        return said

    def receipt(self, shown: list[str]) -> str:
        claims = {
            "iss": self.client_id,
            "epoch": self.seen[-1].header.epoch,
            "kind": self.kind,
            "asked": self.requested,
            "shown": shown,
        }
        return sign_jws(claims, key=self.key, kid=did_of(self.id) + "#key-1", typ="bonafides-receipt+jwt")

    def _verify(self, query: Json, data: bytes, payload: bytes | None) -> VerifiedPresentation:
        decoded = decode_presentation(data)
        ph = presentation_header(
            client_id=self.client_id,
            nonce="A" * 22,
            response_uri=self.origin + "/response/1",
            signed_request=self.signed,
            payload=payload,
        )
        kind = query["meta"]["kind"]
        detail = decoded.detail if kind == "rate" else query["meta"]["detail"]
        slots = TYPES[query["meta"]["type"]]
        indexes = [slots.index(claim["path"][0]) for claim in query["claims"]]
        required = [slots.index(name) for name in query["claim_sets"][-1]]
        expected = Expectation(
            Context(kind, self.id, tuple(detail) if isinstance(detail, list) else detail),
            {header.encode(): self.issuer.public_key for header in self.issuer.epochs(query["meta"]["type"])},
            frozenset(required),
            frozenset(indexes),
            ph,
            query["meta"]["type"],
        )
        return verify_presentation(presentation=decoded, expected=expected)


def today(clock: FixedClock) -> date:
    """The day it is."""
    return clock.now().date()
