"""The others around a gateway, in memory but over real HTTP: a State's issuer, holders with wallets, a browser."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select

from bonafides.core import base64url, bbs
from bonafides.core.credential.binding import presentation_header
from bonafides.core.credential.commitment import SessionBinding, create_commitment, verify_commitment
from bonafides.core.credential.context import Context
from bonafides.core.credential.epoch import epoch_of, shift
from bonafides.core.credential.header import Header
from bonafides.core.credential.issuance import Credential, open_issued, sign_credential
from bonafides.core.credential.presentation import present
from bonafides.core.credential.relying_party import relying_party_id
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.slots import TYPES, SlotValue
from bonafides.kit.clock import Clock
from bonafides.kit.http import Answer, HttpClient
from bonafides.kit.jws import verify_jws
from bonafides.kit.signing_key import public_key_from_jwk
from bonafides.kit.storage import Database
from bonafides.offices.gateway.schema import metadata

FORM = "application/x-www-form-urlencoded"
VALUES: tuple[SlotValue, ...] = ("chip", True, True, True, True, "UTO")


class FakeIssuer:
    """An issuing State: publishes its keys at `/.well-known/bonafides-issuer`, and signs whatever a test wants."""

    def __init__(self, issuer_id: str, clock: Clock, *, country: str = "UTO", key_id: str = "k1") -> None:
        self.id, self.clock, self.country, self.key_id = issuer_id, clock, country, key_id
        self.secret_key = bbs.key_gen(issuer_id.encode().ljust(32, b"."))
        self.compromised: list[str] = []
        self.down = False
        self.asked = 0
        self.types: tuple[str, ...] = ("person", "name")
        self.extra: dict[str, Any] = {}
        self.app = FastAPI()
        self.app.get("/.well-known/bonafides-issuer")(self._show)

    @property
    def public_key(self) -> bytes:
        return bbs.sk_to_pk(self.secret_key)

    def header(self, epoch: str, kind: str = "person") -> Header:
        return Header(self.id, kind, self.key_id, epoch)

    def document(self) -> dict[str, Any]:
        current = epoch_of(self.clock.now())
        entries = [
            {
                "epoch": epoch,
                "type": kind,
                "header": base64url.encode(self.header(epoch, kind).encode()),
                "key": base64url.encode(self.public_key),
            }
            for epoch in (shift(current, -1), current, shift(current, 1))
            for kind in self.types
        ]
        return {
            "profile": "bonafides/1",
            "issuer_id": self.id,
            "country": self.country,
            "epochs": entries,
            "compromised": self.compromised,
            **self.extra,
        }

    def _show(self) -> Response:
        self.asked += 1
        return JSONResponse({}, status_code=503) if self.down else JSONResponse(self.document())

    def issue(self, secret: HolderSecret, values: tuple[SlotValue, ...], header: Header) -> Credential:
        pair = (header.encode(), self.public_key)
        binding = SessionBinding(self.id, (pair, pair), "nonce", bytes(65))
        data, blind = create_commitment(secret=secret, binding=binding)
        issued = sign_credential(
            secret_key=self.secret_key,
            public_key=self.public_key,
            header=header,
            values=values,
            commitment=verify_commitment(data=data, expected_binding=binding),
        )
        return open_issued(data=issued, secret=secret, blind=blind, expected_header=pair[0], expected_key=pair[1])


@dataclass(frozen=True)
class Signin:
    """A sign-in as its browser holds it."""

    id: str
    wallet_url: str
    cookie: str

    @property
    def request_uri(self) -> str:
        return parse_qs(urlsplit(self.wallet_url).query)["request_uri"][0]


@dataclass
class Holder:
    """A person with a wallet: a secret and the values that an issuer would sign."""

    issuer: FakeIssuer
    http: HttpClient
    values: tuple[SlotValue, ...] = VALUES
    secret: HolderSecret = field(default_factory=HolderSecret.generate)

    def fetch_request(self, signin: Signin) -> tuple[str, dict[str, Any]]:
        """Fetch the request, check it as a wallet does, return its bytes and contents."""
        answer = self.http.get(signin.request_uri).raise_for_problem()
        assert answer.media_type == "application/oauth-authz-req+jwt"
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(signin.request_uri))
        did = self.http.get_json(origin + "/.well-known/did.json")
        keys = {each["id"]: public_key_from_jwk(each["publicKeyJwk"]) for each in did["verificationMethod"]}
        token = answer.body.decode()
        return token, verify_jws(token, keys=keys, expected_typ="oauth-authz-req+jwt")

    def present(
        self,
        signin: Signin,
        *,
        show: Iterable[str] | None = None,
        header: Header | None = None,
        context: Context | None = None,
        issued_by: FakeIssuer | None = None,
    ) -> bytes:
        """Return the presentation that answers a request; by default what is required and nothing else."""
        token, asked = self.fetch_request(signin)
        query = asked["dcql_query"]["credentials"][0]
        required = query.get("claim_sets", [[claim["id"] for claim in query["claims"]]])[-1]
        ph = presentation_header(
            client_id=asked["client_id"],
            nonce=asked["nonce"],
            response_uri=asked["response_uri"],
            signed_request=token.encode(),
            payload=None,
        )
        issuer = issued_by or self.issuer
        header = header or issuer.header(epoch_of(issuer.clock.now()))
        slots = TYPES[header.type]
        return present(
            credential=issuer.issue(self.secret, self.values, header),
            secret=self.secret,
            context=context or Context("account", relying_party_id(asked["client_id"], developer=True)),
            disclose=[slots.index(name) for name in (required if show is None else show)],
            ph=ph,
        )

    def post(self, signin: Signin, presentation: bytes) -> Answer:
        """Post a presentation where the request wants it."""
        return self.post_body(signin, urlencode({"vp_token": json.dumps({"person": [base64url.encode(presentation)]})}))

    def post_body(self, signin: Signin, body: str | bytes, media_type: str = FORM) -> Answer:
        data = body.encode() if isinstance(body, str) else body
        url = signin.request_uri.replace("/request/", "/response/")
        return self.http.send("POST", url, content=data, media_type=media_type)

    def answer(self, signin: Signin, **how: Any) -> dict[str, Any]:
        """Present and post; return what the gateway says to the wallet."""
        return self.post(signin, self.present(signin, **how)).raise_for_problem().json()


@dataclass
class Browser:
    """A browser at one gateway."""

    origin: str
    http: HttpClient

    def begin(self, device: str = "same") -> Signin:
        answer = self.http.send(
            "POST",
            self.origin + "/signin",
            content=json.dumps({"device": device}).encode(),
            media_type="application/json",
        ).raise_for_problem()
        told = answer.json()
        cookie, attributes = answer.headers["set-cookie"].split(";", 1)
        assert "HttpOnly" in attributes
        assert "SameSite=lax" in attributes
        assert f"Path=/signin/{told['signin']}" in attributes
        return Signin(told["signin"], told["wallet_url"], cookie)

    def state(self, signin: Signin) -> str:
        return str(self.http.get_json(self._url(signin), headers={"Cookie": signin.cookie})["state"])

    def collect(self, signin: Signin, told: Mapping[str, str], *, cookie: str | None = None) -> dict[str, Any]:
        """Collect the result with what the wallet was told (or showed)."""
        if "redirect_uri" in told:
            assert told["redirect_uri"].startswith(self.origin + "/")
            codes = parse_qs(urlsplit(told["redirect_uri"]).query)
            body = {"response_code": codes["response_code"][0]}
        else:
            body = {"code": told["code"]}
        cookie = signin.cookie if cookie is None else cookie
        return self.http.post_json(self._url(signin) + "/result", body, headers={"Cookie": cookie} if cookie else {})

    def _url(self, signin: Signin) -> str:
        return f"{self.origin}/signin/{signin.id}"

    def sign_in(self, holder: Holder, device: str = "same", **how: Any) -> dict[str, Any]:
        """Do the whole way and return the result."""
        signin = self.begin(device)
        return self.collect(signin, holder.answer(signin, **how))


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with database.read() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
        }


def at(text: str) -> datetime:
    """Return an instant in UTC."""
    return datetime.fromisoformat(text + "+00:00")
