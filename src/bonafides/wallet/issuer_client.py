"""The issuer as the wallet reaches it: OpenID4VCI 1.0 with the profile's own format and proof type (wire.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from bonafides.core import base64url
from bonafides.core.credential.binding import presence_reference
from bonafides.core.credential.issuance import MAX_ISSUED_BYTES
from bonafides.core.credential.relying_party import check_id, origin_of, require_same_origin
from bonafides.core.document import DocumentBundle
from bonafides.errors import InputError, VerificationError
from bonafides.kit.http import HttpClient
from bonafides.wallet.answers import read_list, read_object, read_text, read_time
from bonafides.wallet.facts import Document
from bonafides.wallet.pins import Published, read_published
from bonafides.wallet.state import Pending

FORMAT = "application/vnd.bonafides.credential+cbor"
PROOF_TYPE = "bonafides_commitment"
GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
MAX_NONCE = 512
_ENDPOINTS = ("credential_endpoint", "nonce_endpoint", "deferred_credential_endpoint")


@dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """What an issuance or renewal sends: commitment proof, nonce, device key and signature, presentation."""

    commitment: bytes
    c_nonce: str
    device_key: bytes
    device_signature: bytes
    presentation: bytes | None = None

    def as_json(self) -> dict[str, str]:
        """Return the proof as it travels."""
        parts = {
            "commitment": base64url.encode(self.commitment),
            "c_nonce": self.c_nonce,
            "device_key": base64url.encode(self.device_key),
            "device_signature": base64url.encode(self.device_signature),
        }
        return parts | ({"presentation": base64url.encode(self.presentation)} if self.presentation is not None else {})


@dataclass(frozen=True, slots=True)
class Metadata:
    """The endpoints an issuer names, all at its own origin, and the id of its configuration for a type."""

    endpoints: Mapping[str, str]
    configurations: Mapping[str, Any] = field(repr=False)

    def configuration_id(self, kind: str) -> str:
        """Return the id of the configuration for a credential type. Raises InputError."""
        fitting = [name for name, each in self.configurations.items() if _is_ours(each)]
        for name in fitting:
            if name == kind or self.configurations[name].get("type") == kind:
                return name
        raise InputError("the issuer offers no credential of this type", code="unexpected_answer")


@dataclass(frozen=True, slots=True)
class Begun:
    """A session at the issuer: sealed, what a chip answers to, and for how many seconds it works."""

    session: str = field(repr=False)
    document_nonce: str = field(repr=False)
    expires_in: int


class IssuerClient:
    """One issuer, by its id. Every address is at its origin; every answer is bounded and read strictly."""

    def __init__(self, issuer_id: str, http: HttpClient, *, developer: bool = False) -> None:
        self.issuer_id = check_id(issuer_id, developer=developer)
        self._http = http
        self._origin = origin_of(issuer_id)
        self._metadata: Metadata | None = None

    def published(self) -> Published:
        """Return what the issuer publishes about itself. Raises InputError or VerificationError."""
        answer = self._http.get_json(self._origin + "/.well-known/bonafides-issuer")
        return read_published(answer, issuer_id=self.issuer_id)

    def metadata(self) -> Metadata:
        """Return the endpoints, asked for once. Raises InputError, VerificationError for another issuer's."""
        if self._metadata is None:
            issuer = self._http.get_json(self._origin + "/.well-known/openid-credential-issuer")
            server = self._http.get_json(self._origin + "/.well-known/oauth-authorization-server")
            if issuer.get("credential_issuer") != self._origin or server.get("issuer") != self._origin:
                raise VerificationError("The metadata is of another issuer.", code="issuer_metadata")
            urls = {name: read_text(issuer, name) for name in _ENDPOINTS}
            urls["token_endpoint"] = read_text(server, "token_endpoint")
            endpoints = {name: require_same_origin(url, self.issuer_id) for name, url in urls.items()}
            self._metadata = Metadata(endpoints, read_object(issuer, "credential_configurations_supported"))
        return self._metadata

    def prove_document(self, document: Document, *, with_name: bool = False) -> str:
        """Show a document and return the access token for what follows; `with_name` lets the issuer read the name.

        Raises our errors.
        """
        begun = self.begin_session()
        nonce = begun.document_nonce
        files = dict(document.bundle(nonce))
        body: dict[str, Any] = {"session": begun.session, "document": files}
        reference = presence_reference(document_nonce=nonce, sod=DocumentBundle.from_json(files).sod)
        if (statement := document.officer_statement(reference)) is not None:
            body["officer"] = dict(statement)
        if with_name:
            body["name"] = True
        offered = self._http.post_json(self._origin + "/session/document", body)
        return self.exchange(read_text(offered, "pre-authorized_code"))

    def begin_session(self, *, deliver_to: Mapping[str, str] | None = None) -> Begun:
        """Open a session; with `deliver_to`, a JWK, its code can be fetched by `collect_delivery` and opened by it."""
        body = {} if deliver_to is None else {"deliver_to": dict(deliver_to)}
        begun = self._http.post_json(self._origin + "/session", body)
        session, nonce = read_text(begun, "session"), read_text(begun, "document_nonce", longest=MAX_NONCE)
        return Begun(session, nonce, read_time(begun, "expires_in"))

    def collect_delivery(self, session: str) -> str | None:
        """Return what was delivered to a session, encrypted; None while nothing was. Raises our errors."""
        answer = self._http.post_json(self._origin + "/session/collect", {"session": session})
        return read_text(answer, "jwe") if "jwe" in answer else None

    def exchange(self, code: str) -> str:
        """Return the access token for a pre-authorised code."""
        endpoint = self.metadata().endpoints["token_endpoint"]
        token = self._http.post_form(endpoint, {"grant_type": GRANT, "pre-authorized_code": code})
        if read_text(token, "token_type").lower() != "bearer":
            raise InputError("the issuer gives no bearer token", code="unexpected_answer")
        return read_text(token, "access_token")

    def nonce(self) -> str:
        """Return a fresh nonce for a proof."""
        answer = self._http.post_json(self.metadata().endpoints["nonce_endpoint"], {})
        return read_text(answer, "c_nonce", longest=MAX_NONCE)

    def credential(self, *, token: str, purpose: str, proof: Proof) -> tuple[bytes, bytes] | Pending:
        """Ask for the credentials of this epoch and the next; Pending where a re-enrolment waits."""
        metadata = self.metadata()
        body = {
            "credential_configuration_id": metadata.configuration_id("person"),
            "purpose": purpose,
            "proofs": {PROOF_TYPE: [proof.as_json()]},
        }
        url = metadata.endpoints["credential_endpoint"]
        return _issued(self._http.post_json(url, body, headers={"Authorization": f"Bearer {token}"}))

    def name_credential(self, *, token: str, proof: Proof) -> tuple[bytes, bytes] | Pending:
        """Ask for the `name` credentials of this epoch and the next."""
        metadata = self.metadata()
        body = {
            "credential_configuration_id": metadata.configuration_id("name"),
            "proofs": {PROOF_TYPE: [proof.as_json()]},
        }
        url = metadata.endpoints["credential_endpoint"]
        return _issued(self._http.post_json(url, body, headers={"Authorization": f"Bearer {token}"}))

    def deferred(self, *, transaction_id: str, proof: Proof) -> tuple[bytes, bytes] | Pending:
        """Ask for the credentials of a re-enrolment that waited."""
        body = {"transaction_id": transaction_id, "proofs": {PROOF_TYPE: [proof.as_json()]}}
        return _issued(self._http.post_json(self.metadata().endpoints["deferred_credential_endpoint"], body))

    def renew(self, proof: Proof) -> tuple[bytes, bytes] | Pending:
        """Ask for the credentials of this epoch and the next against the latest one."""
        return _issued(self._http.post_json(self._origin + "/renewal", proof.as_json()))

    def freeze(self, token: str) -> str:
        """Stop renewals and return until when, an epoch or a day as the issuer says it."""
        answer = self._http.post_json(self._origin + "/freeze", {}, headers={"Authorization": f"Bearer {token}"})
        return read_text(answer, "frozen_until", longest=32)

    def act(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a signed action and return its answer."""
        return self._http.post_json(self._origin + "/action", body)


def _is_ours(configuration: object) -> bool:
    """Return whether a configuration is of our format with our proof type."""
    if not isinstance(configuration, dict) or configuration.get("format") != FORMAT:
        return False
    proofs = configuration.get("proof_types_supported")
    return isinstance(proofs, dict) and PROOF_TYPE in proofs


def _issued(answer: Mapping[str, Any]) -> tuple[bytes, bytes] | Pending:
    """Return the two issued credentials, undecoded, or what waits. Raises InputError, VerificationError."""
    if "transaction_id" in answer and "credentials" not in answer:
        return Pending(read_text(answer, "transaction_id"), _due(answer))
    entries = read_list(answer, "credentials", longest=2)
    found = [each.get("credential") if isinstance(each, dict) else None for each in entries]
    if len(found) != 2:
        raise VerificationError("The issuer sent one credential of two.", code="issuer_incomplete")
    this, following = (base64url.decode(each, max_bytes=MAX_ISSUED_BYTES) for each in found)
    return this, following


def _due(answer: Mapping[str, Any]) -> date | None:
    """Return the day on which something is due: a date, or seconds since 1970."""
    if isinstance(answer.get("due"), str):
        try:
            return date.fromisoformat(read_text(answer, "due", longest=10))
        except ValueError:
            raise InputError("the member due is not a date", code="unexpected_answer") from None
    return datetime.fromtimestamp(read_time(answer, "due"), UTC).date() if "due" in answer else None
