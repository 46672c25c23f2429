"""What a wallet is asked, signed: the OpenID4VP request, the link that leads to it, and the receipt that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from bonafides.core.credential.binding import presentation_header
from bonafides.kit.jws import sign_jws
from bonafides.offices.gateway.domain import Asked, slot_names
from bonafides.offices.gateway.party import RelyingParty

Device = Literal["same", "other"]

FORMAT = "application/vnd.bonafides.presentation+cbor"
REQUEST_TYP = "oauth-authz-req+jwt"
REQUEST_MEDIA_TYPE = "application/oauth-authz-req+jwt"
RECEIPT_TYP = "bonafides-receipt+jwt"
AUDIENCE = "https://self-issued.me/v2"


@dataclass(frozen=True, slots=True)
class RequestTerms:
    """What distinguishes one sign-in request: its names, its moment, what it asks for."""

    signin: str
    nonce: str
    device: Device
    asked: Asked
    issuers: Sequence[str]
    issued_at: int
    lifetime_s: int


def request_uri(party: RelyingParty, signin: str) -> str:
    """Return where the wallet fetches the request."""
    return f"{party.origin}/request/{signin}"


def response_uri(party: RelyingParty, signin: str) -> str:
    """Return where the wallet posts the presentation; at the origin of the request and the DID document."""
    return f"{party.origin}/response/{signin}"


def redirect_uri(party: RelyingParty, signin: str, response_code: str) -> str:
    """Return where the wallet sends the browser of the same device; only the browser that began can use it."""
    return f"{party.origin}/signin/{signin}?{urlencode({'response_code': response_code})}"


def wallet_link(party: RelyingParty, signin: str, wallet_url: str) -> str:
    """Return the link, or QR code, that opens a wallet with this request."""
    query = urlencode({"client_id": party.client_id, "request_uri": request_uri(party, signin)})
    return f"{wallet_url}{'' if wallet_url.endswith(('?', '#')) else '?'}{query}"


def request_contents(party: RelyingParty, terms: RequestTerms) -> dict[str, Any]:
    """Return the contents of the request (docs/wire.md; OpenID4VP 1.0, 5 and 6)."""
    required = slot_names(terms.asked.required)
    everything = [*required, *slot_names(terms.asked.requested - terms.asked.required)]
    credential: dict[str, Any] = {
        "id": "person",
        "format": FORMAT,
        "require_cryptographic_holder_binding": True,
        "meta": {"type": "person", "kind": "account", "detail": "", "issuers": list(terms.issuers)},
        "claims": [{"id": name, "path": [name]} for name in everything],
    }
    if everything != required:
        credential["claim_sets"] = [everything, required]
    return {
        "iss": party.client_id,
        "aud": AUDIENCE,
        "client_id": party.client_id,
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": response_uri(party, terms.signin),
        "nonce": terms.nonce,
        "iat": terms.issued_at,
        "exp": terms.issued_at + terms.lifetime_s,
        "client_metadata": {"vp_formats_supported": {FORMAT: {}}},
        "dcql_query": {"credentials": [credential]},
        "bonafides_device": terms.device,
    }


def sign_request(party: RelyingParty, terms: RequestTerms) -> str:
    """Return the request as compact JWS: keep these very bytes, the proof is bound to their hash."""
    return sign_jws(request_contents(party, terms), key=party.key, kid=party.key_id, typ=REQUEST_TYP)


def expected_header(party: RelyingParty, *, signin: str, nonce: str, signed_request: str) -> bytes:
    """Return the `ph` of the presentation that answers this request (profile §5)."""
    return presentation_header(
        client_id=party.client_id,
        nonce=nonce,
        response_uri=response_uri(party, signin),
        signed_request=signed_request.encode("ascii"),
        payload=None,
    )


def sign_receipt(party: RelyingParty, *, epoch: str, asked: Asked, shown: frozenset[int]) -> str:
    """Return the receipt of a consent. It names nobody; the wallet keeps it, we do not."""
    contents = {
        "iss": party.client_id,
        "epoch": epoch,
        "kind": "account",
        "asked": slot_names(asked.requested),
        "shown": slot_names(shown),
    }
    return sign_jws(contents, key=party.key, kid=party.key_id, typ=RECEIPT_TYP)
