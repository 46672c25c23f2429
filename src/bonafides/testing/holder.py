"""A holder in one call: the core's own functions over HTTP, without a vault, consent or any of a wallet's refusals.

For tests and simulations of issuers and gateways. People use `bonafides.wallet`.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.core import base64url
from bonafides.core.credential import device
from bonafides.core.credential.binding import (
    action_message,
    device_message,
    presence_reference,
    presentation_header,
    renewal_header,
)
from bonafides.core.credential.commitment import SessionBinding, create_commitment
from bonafides.core.credential.context import Context, handle_context
from bonafides.core.credential.issuance import Credential, open_issued
from bonafides.core.credential.presentation import present
from bonafides.core.credential.relying_party import relying_party_id
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.slots import TYPES
from bonafides.core.credential.station_link import DELIVERY_TYP
from bonafides.core.document import DocumentBundle
from bonafides.core.document.active import NONCE_BYTES
from bonafides.kit.http import HttpClient
from bonafides.kit.jwe import decrypt_jwe, p256_jwk
from bonafides.testing.state import SoftChip

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


def new_device() -> ec.EllipticCurvePrivateKey:
    """A fresh device key."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Holder:
    """One person with a document, a secret, a device and credentials by epoch."""

    http: HttpClient
    origin: str
    issuer_id: str
    document: DocumentBundle
    secret: HolderSecret = field(default_factory=HolderSecret.generate)
    device: ec.EllipticCurvePrivateKey = field(default_factory=new_device)
    credentials: dict[str, Credential] = field(default_factory=dict)
    names: dict[str, Credential] = field(default_factory=dict)
    ticket: str = ""
    chip: SoftChip | None = None
    """The document's chip, where it has a key."""
    at_station: bool = False
    """Whether the document is shown at a service point, which this object then is too."""

    @property
    def handle(self) -> bytes:
        """The handle at the issuer."""
        return self.secret.pseudonym(handle_context(self.issuer_id))

    def post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """POST JSON and return the answer, or raise what the problem says."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.post_json(self.origin + path, body, headers=headers)

    def token(self, officer: Any = None, *, name: bool = False) -> str:
        """Show the document and return an access token; `officer` confirms this document, `name` asks for a name."""
        key = new_device()
        asked = {"deliver_to": p256_jwk(key.public_key())} if self.at_station else {}
        session = self.post("/session", asked)
        read, nonce = self.document, session["document_nonce"]
        if self.chip is not None:
            read = self.chip.answer(read, base64url.decode(nonce, max_bytes=NONCE_BYTES))
        body: dict[str, Any] = {"session": session["session"], "document": read.to_json()}
        if officer is not None:
            body["officer"] = officer(presence_reference(document_nonce=nonce, sod=read.sod))
        if name:
            body["name"] = True
        shown = self.post("/session/document", body)
        if self.at_station:
            delivered = self.post("/session/collect", {"session": session["session"]})["jwe"]
            shown = json.loads(decrypt_jwe(delivered, key=key, expected_typ=DELIVERY_TYP))
        code = shown["pre-authorized_code"]
        form = {"grant_type": GRANT, "pre-authorized_code": code}
        return str(self.http.post_form(self.origin + "/token", form)["access_token"])

    def nonce(self) -> str:
        """A fresh nonce of the issuer's."""
        return str(self.post("/nonce", {})["c_nonce"])

    def epochs(self) -> list[dict[str, Any]]:
        """This epoch and the next, as published for `person` credentials."""
        return self._published("person")

    def name_epochs(self) -> list[dict[str, Any]]:
        """The same for `name` credentials."""
        return self._published("name")

    def proof(self, *, renewing: Credential | None = None, kind: str = "person") -> tuple[dict[str, str], int]:
        """A proof object and the secret prover blind behind it."""
        c_nonce = self.nonce()
        pairs = [
            (base64url.decode(e["header"], max_bytes=512), base64url.decode(e["key"], max_bytes=96))
            for e in self._epochs(kind)
        ]
        key = device.public_bytes(self.device)
        binding = SessionBinding(self.issuer_id, (pairs[0], pairs[1]), c_nonce, key)
        commitment, blind = create_commitment(secret=self.secret, binding=binding)
        presentation = b""
        if renewing is not None:
            presentation = present(
                credential=renewing,
                secret=self.secret,
                context=handle_context(self.issuer_id),
                disclose=range(len(renewing.values)),
                ph=renewal_header(issuer_id=self.issuer_id, c_nonce=c_nonce, commitment=commitment),
            )
        signature = device.sign(
            self.device,
            device_message(issuer_id=self.issuer_id, c_nonce=c_nonce, commitment=commitment, presentation=presentation),
        )
        proof = {
            "commitment": base64url.encode(commitment),
            "c_nonce": c_nonce,
            "device_key": base64url.encode(key),
            "device_signature": base64url.encode(signature),
        }
        if renewing is not None:
            proof["presentation"] = base64url.encode(presentation)
        return proof, blind

    def enrol(self, purpose: str = "enrol", officer: Any = None, token: str | None = None) -> dict[str, Any]:
        """Show the document, commit, and keep the credentials; a re-enrolment keeps its ticket."""
        token = self.token(officer) if token is None else token
        proof, blind = self.proof()
        body = {
            "credential_configuration_id": "bonafides_person",
            "purpose": purpose,
            "proofs": {"bonafides_commitment": [proof]},
        }
        return self._keep(self.post("/credential", body, token), blind)

    def enrol_name(self, token: str | None = None) -> dict[str, Any]:
        """Show the document, ask for the name, and keep the `name` credentials."""
        token = self.token(name=True) if token is None else token
        proof, blind = self.proof(kind="name")
        body = {"credential_configuration_id": "bonafides_name", "proofs": {"bonafides_commitment": [proof]}}
        return self._keep(self.post("/credential", body, token), blind, kind="name")

    def renew_name(self, credential: Credential | None = None) -> None:
        """Renew with the latest `name` credential that has begun, or a given one."""
        current = self.epochs()[0]["epoch"]
        latest = credential or self.names[max(epoch for epoch in self.names if epoch <= current)]
        proof, blind = self.proof(renewing=latest, kind="name")
        self._keep(self.post("/renewal", proof), blind, kind="name")

    def collect(self) -> dict[str, Any]:
        """Ask for the credentials of a re-enrolment."""
        proof, blind = self.proof()
        body = {"transaction_id": self.ticket, "proofs": {"bonafides_commitment": [proof]}}
        return self._keep(self.post("/deferred_credential", body), blind)

    def renew(self, credential: Credential | None = None) -> None:
        """Renew with the latest credential whose epoch is the issuer's current one, or a given one."""
        proof, blind = self.proof(renewing=credential or self.latest())
        self._keep(self.post("/renewal", proof), blind)

    def latest(self) -> Credential:
        """The credential with the latest epoch that has begun, by the issuer's published epochs."""
        current = self.epochs()[0]["epoch"]
        return self.credentials[max(epoch for epoch in self.credentials if epoch <= current)]

    def act(self, action: str, argument: bytes = b"", handle: bytes | None = None) -> dict[str, Any]:
        """Ask for an action with the device's signature."""
        c_nonce, handle = self.nonce(), self.handle if handle is None else handle
        signed = action_message(
            issuer_id=self.issuer_id, c_nonce=c_nonce, action=action, handle=handle, argument=argument
        )
        return self.post(
            "/action",
            {
                "action": action,
                "handle": base64url.encode(handle),
                "device_key": base64url.encode(device.public_bytes(self.device)),
                "c_nonce": c_nonce,
                "device_signature": base64url.encode(device.sign(self.device, signed)),
                "argument": base64url.encode(argument),
            },
        )

    def freeze(self, officer: Any = None) -> str:
        """Freeze renewals with the document."""
        return str(self.post("/freeze", {}, self.token(officer))["frozen_until"])

    def sign_in(self, gateway: str) -> dict[str, Any]:
        """Sign in at a gateway on the same device, showing what it requires, and return the platform's result."""
        begun = self.http.send("POST", f"{gateway}/signin", content=b'{"device":"same"}', media_type="application/json")
        begun.raise_for_problem()
        cookie = begun.headers["set-cookie"].partition(";")[0]
        signin = begun.json()["signin"]
        signed = self.http.get(f"{gateway}/request/{signin}").raise_for_problem().body
        claims = json.loads(base64url.decode(signed.decode().split(".")[1], max_bytes=65536))
        answer = self.http.post_form(
            claims["response_uri"], {"vp_token": json.dumps({"person": [self.shown(signed, claims)]})}
        )
        response_code = parse_qs(urlsplit(answer["redirect_uri"]).query)["response_code"][0]
        return self.http.post_json(
            f"{gateway}/signin/{signin}/result", {"response_code": response_code}, headers={"Cookie": cookie}
        )

    def shown(self, signed: bytes, claims: dict[str, Any]) -> str:
        """The presentation that a signed request asks for, with the required slots only, as it travels."""
        query = claims["dcql_query"]["credentials"][0]
        required = query.get("claim_sets", [[claim["id"] for claim in query["claims"]]])[-1]
        ph = presentation_header(
            client_id=claims["client_id"],
            nonce=claims["nonce"],
            response_uri=claims["response_uri"],
            signed_request=signed,
            payload=None,
        )
        rp_id = relying_party_id(claims["client_id"], developer=True)
        data = present(
            credential=self.latest(),
            secret=self.secret,
            context=Context(query["meta"]["kind"], rp_id, query["meta"]["detail"]),
            disclose=[TYPES["person"].index(name) for name in required],
            ph=ph,
        )
        return base64url.encode(data)

    def _epochs(self, kind: str) -> list[dict[str, Any]]:
        return self.name_epochs() if kind == "name" else self.epochs()

    def _published(self, kind: str) -> list[dict[str, Any]]:
        listed = self.http.get_json(self.origin + "/.well-known/bonafides-issuer")["epochs"]
        return [each for each in listed if each["type"] == kind][-2:]

    def _keep(self, answer: dict[str, Any], blind: int, *, kind: str = "person") -> dict[str, Any]:
        if "transaction_id" in answer:
            self.ticket = answer["transaction_id"]
            return answer
        for published, issued in zip(self._epochs(kind), answer["credentials"], strict=True):
            credential = open_issued(
                data=base64url.decode(issued["credential"], max_bytes=4096),
                secret=self.secret,
                blind=blind,
                expected_header=base64url.decode(published["header"], max_bytes=512),
                expected_key=base64url.decode(published["key"], max_bytes=96),
            )
            (self.names if kind == "name" else self.credentials)[published["epoch"]] = credential
        return answer
