"""A signed request: from a link to what was asked, by whom, under which key (OpenID4VP 1.0; profile §4 to §6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bonafides.core.credential.binding import MAX_PAYLOAD_BYTES
from bonafides.core.credential.context import MAX_RATE_SLOT
from bonafides.core.credential.relying_party import did_of, relying_party_id, require_same_origin
from bonafides.errors import InputError, PolicyError, VerificationError
from bonafides.kit.http import HttpClient
from bonafides.kit.jws import read_kid, verify_jws
from bonafides.wallet.answers import only_members, read_object, read_text, read_time
from bonafides.wallet.clock_rule import TOLERANCE
from bonafides.wallet.dcql import FORMAT, Asked, parse_query
from bonafides.wallet.did import fetch_keys

AUDIENCE = "https://self-issued.me/v2"
TYP = "oauth-authz-req+jwt"
MAX_LINK = 4096
MAX_REQUEST_BYTES = 32 * 1024
MAX_LIFETIME = timedelta(minutes=10)
PUBLIC_KINDS = frozenset({"voice", "rate"})
"""Kinds with one public request for everybody: its nonce is fixed, and the time in it is not the time of asking."""
_CODE = "request"
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}\Z")
_FIXED = ("iss", "client_id", "aud", "response_type", "response_mode")
_REQUIRED = frozenset({*_FIXED, "response_uri", "nonce", "iat", "exp", "client_metadata", "dcql_query"})
_ALLOWED = _REQUIRED | {"bonafides_device", "bonafides_payload_max", "bonafides_k"}


@dataclass(frozen=True, slots=True)
class Link:
    """What a link or QR code says: who claims to ask, and where the signed request lies. Nothing is verified yet."""

    client_id: str
    request_uri: str
    relying_party_id: str


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request whose signature holds under a key of the relying party's own DID document."""

    client_id: str
    relying_party_id: str
    response_uri: str = field(repr=False)
    nonce: str = field(repr=False)
    stated: datetime
    expires: datetime
    device: str | None
    asked: tuple[Asked, ...]
    payload_max: int | None
    rate_slots: int | None
    signed: bytes = field(repr=False)
    keys: Mapping[str, Ed25519PublicKey] = field(repr=False)
    key: bytes = field(repr=False)

    @property
    def is_public(self) -> bool:
        """Whether everybody gets this very request: a poll or a rate window."""
        return any(each.kind in PUBLIC_KINDS for each in self.asked)


def read_link(link: str, *, developer: bool = False) -> Link:
    """Return what an `openid4vp://` or https link names. Raises InputError `link`, and what client ids raise."""
    link = link.strip()
    if len(link) > MAX_LINK or not link.isascii() or not link.isprintable():
        raise InputError("This is not a sign-in link.", code="link")
    try:
        parts = urlsplit(link)
        pairs = parse_qsl(parts.query or parts.fragment, keep_blank_values=True, strict_parsing=True, max_num_fields=8)
    except ValueError:
        raise InputError("This is not a sign-in link.", code="link") from None
    allowed = ("openid4vp", "https", "http") if developer else ("openid4vp", "https")
    values = dict(pairs)
    if (
        parts.scheme not in allowed
        or len(values) != len(pairs)
        or (parts.query and parts.fragment)
        or values.keys() - {"request_uri_method"} != {"client_id", "request_uri"}
        or values.get("request_uri_method", "get") != "get"
    ):
        raise InputError("This is not a sign-in link.", code="link")
    rp_id = relying_party_id(values["client_id"], developer=developer)
    return Link(values["client_id"], require_same_origin(values["request_uri"], rp_id), rp_id)


def fetch_request(link: Link, http: HttpClient, *, now: datetime) -> SignedRequest:
    """Return the request behind a link once its signature, addresses and times are verified.

    Raises InputError, VerificationError, PolicyError `request_expired`, DependencyError.
    """
    answer = http.get(link.request_uri).raise_for_problem()
    if answer.media_type != f"application/{TYP}" or len(answer.body) > MAX_REQUEST_BYTES or not answer.body.isascii():
        raise InputError("what the link leads to is not a signed request", code=_CODE)
    token = answer.body.decode("ascii")
    kid = read_kid(token, expected_typ=TYP, max_bytes=MAX_REQUEST_BYTES)
    if not kid.startswith(did_of(link.relying_party_id) + "#"):
        raise VerificationError("The request is signed by somebody else than it says.", code="unknown_key")
    keys = fetch_keys(link.relying_party_id, http)
    claims = verify_jws(token, keys=keys, expected_typ=TYP, max_bytes=MAX_REQUEST_BYTES)
    request = read_claims(claims, link=link, signed=answer.body, keys=keys, key=keys[kid].public_bytes_raw())
    check_times(request, now=now)
    return request


def read_claims(
    claims: Mapping[str, Any], *, link: Link, signed: bytes, keys: Mapping[str, Ed25519PublicKey], key: bytes
) -> SignedRequest:
    """Return the request in verified claims. Raises InputError `request` or `dcql`, and `origin` for its addresses."""
    if not claims.keys() >= _REQUIRED:
        raise InputError("the request lacks a member", code=_CODE)
    only_members(claims, _ALLOWED, code=_CODE)
    expected = (link.client_id, link.client_id, AUDIENCE, "vp_token", "direct_post")
    if tuple(claims[name] for name in _FIXED) != expected:
        raise InputError("the request is for another, or of another kind", code=_CODE)
    formats = read_object(read_object(claims, "client_metadata", code=_CODE), "vp_formats_supported", code=_CODE)
    nonce = read_text(claims, "nonce", longest=22, code=_CODE)
    if not _NONCE.match(nonce) or FORMAT not in formats:
        raise InputError("the request has no nonce of 128 bits, or does not know our format", code=_CODE)
    asked = parse_query(read_object(claims, "dcql_query", code=_CODE))
    device, payload_max, slots = _extras(claims, asked)
    return SignedRequest(
        client_id=link.client_id,
        relying_party_id=link.relying_party_id,
        response_uri=require_same_origin(read_text(claims, "response_uri", code=_CODE), link.relying_party_id),
        nonce=nonce,
        stated=datetime.fromtimestamp(read_time(claims, "iat", code=_CODE), UTC),
        expires=datetime.fromtimestamp(read_time(claims, "exp", code=_CODE), UTC),
        device=device,
        asked=asked,
        payload_max=payload_max,
        rate_slots=slots,
        signed=signed,
        keys=keys,
        key=key,
    )


def check_times(request: SignedRequest, *, now: datetime) -> None:
    """Raise PolicyError `request_expired` if a request is over by the wallet's clock, InputError for absurd times."""
    lasts = request.expires - request.stated
    if lasts <= timedelta() or (lasts > MAX_LIFETIME and not request.is_public):
        raise InputError("a request that lasts too long, or not at all", code=_CODE)
    if now > request.expires + TOLERANCE:
        raise PolicyError(
            "This request is over, or your clock is ahead: begin the sign-in anew.", code="request_expired"
        )
    if request.is_public and request.stated > now + TOLERANCE:
        raise PolicyError("This request is from the future: set your clock.", code="clock_skew")


def _extras(claims: Mapping[str, Any], asked: tuple[Asked, ...]) -> tuple[str | None, int | None, int | None]:
    """Return device, payload limit and number of rate slots, each present exactly where it belongs."""
    kinds = {each.kind for each in asked}
    device, payload_max, slots = (claims.get("bonafides_" + name) for name in ("device", "payload_max", "k"))
    wrong = InputError("device, payload limit and slots do not fit what is asked for", code=_CODE)
    if device not in ("same", "other") and not (device is None and kinds & PUBLIC_KINDS):
        raise wrong
    if (payload_max is not None) != bool(kinds & PUBLIC_KINDS) or (slots is not None) != ("rate" in kinds):
        raise wrong
    if payload_max is not None and not 0 < read_time(claims, "bonafides_payload_max", code=_CODE) <= MAX_PAYLOAD_BYTES:
        raise wrong
    if slots is not None:
        count = read_time(claims, "bonafides_k", code=_CODE)
        if count % 3 or not 3 <= count <= MAX_RATE_SLOT:
            raise wrong
    return device, payload_max, slots
