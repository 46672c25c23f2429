"""Showing a credential to a relying party: inspect what is asked, then answer it, once the holder agrees."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bonafides.core import base64url
from bonafides.core.credential.binding import presentation_header
from bonafides.core.credential.epoch import epoch_of
from bonafides.core.credential.issuance import Credential
from bonafides.core.credential.presentation import present
from bonafides.core.credential.relying_party import require_same_origin
from bonafides.core.credential.slots import TYPES, SlotValue
from bonafides.errors import Error, InputError, PolicyError, VerificationError
from bonafides.kit.jws import verify_jws
from bonafides.wallet.answers import read_text
from bonafides.wallet.clock_rule import epoch_to_present
from bonafides.wallet.consent import RequestedPresentation, check_asking, check_payload, context_of
from bonafides.wallet.dcql import Asked
from bonafides.wallet.opened import OpenWallet
from bonafides.wallet.rate import take_slot
from bonafides.wallet.requests import SignedRequest, check_times, fetch_request, read_link
from bonafides.wallet.state import UsedSlot

RECEIPT_TYP = "bonafides-receipt+jwt"
MAX_RECEIPT_BYTES = 4096
_ALL_SLOTS = tuple(slot for slots in TYPES.values() for slot in slots)
_DIGITS = re.compile(r"[0-9]{6}\Z")


@dataclass(frozen=True, slots=True)
class Answered:
    """What the relying party said: where to go on this device, or which code to type at which host on the other.

    `receipt_kept` is false where the site gave none, or one that does not say what was shown.
    """

    relying_party_id: str
    shown: tuple[str, ...]
    redirect_uri: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    host: str | None = None
    receipt_kept: bool = False


def inspect(wallet: OpenWallet, link: str, *, payload: bytes | None = None) -> RequestedPresentation:
    """Fetch and verify what a link asks, and return what the holder must know. Nothing is shown to anybody yet.

    `payload` is what the holder wants to say in a `voice` or `rate` request. Raises our errors.
    """
    issuer_id, state = wallet.issuer_id(), wallet.state
    request = fetch_request(read_link(link, developer=wallet.developer), wallet.http, now=wallet.now())
    check_pinned_key(wallet, request)
    check_asking(request, issuer_id=issuer_id, now=wallet.now())
    types = {asked.type for asked in request.asked}
    if "name" in types and not state.names:
        raise _nothing_valid()  # to the site, refusal and absence look alike: nothing is sent
    check_payload(request, payload)
    required = {slot for asked in request.asked for slot in asked.required}
    required |= {"settled"} if "person" in types else set()
    requested = {slot for asked in request.asked for slot in asked.requested}
    values: dict[str, SlotValue] = {}
    for kind in sorted(types):
        held = _held(wallet, kind)
        values |= dict(zip(TYPES[kind], held[max(held)].values, strict=True)) if held else {}
    return RequestedPresentation(
        request=request,
        relying_party_id=request.relying_party_id,
        kinds=tuple(asked.kind for asked in request.asked),
        required=tuple(slot for slot in _ALL_SLOTS if slot in required),
        optional=tuple(slot for slot in _ALL_SLOTS if slot in requested - required),
        first_time=request.relying_party_id not in state.known,
        device=request.device,
        payload=payload,
        values=values,
    )


def answer(wallet: OpenWallet, asked: RequestedPresentation, *, share: frozenset[str] = frozenset()) -> Answered:
    """Show what is required, and of what is optional only what `share` names; return what the site says to that.

    Never renews: raises PolicyError `no_valid_credential` if there is nothing valid to show.
    """
    request = asked.request
    if not share <= set(asked.optional):
        raise PolicyError("Only what was asked for can be shared.", code="not_asked")
    check_times(request, now=wallet.now())
    check_pinned_key(wallet, request)
    epoch = _epoch(wallet, request)
    credentials = {each.type: _credential(wallet, each.type, epoch) for each in request.asked}
    used = _take_slot(wallet, asked)
    wallet.state.relying_party_pins[request.relying_party_id] = request.key
    wallet.save()
    token = {
        each.id: [_present(wallet, request, each, credentials[each.type], share, used, asked.payload)]
        for each in request.asked
    }
    fields = {"vp_token": json.dumps(token, separators=(",", ":"))}
    if asked.payload is not None:
        fields["payload"] = base64url.encode(asked.payload)
    said = wallet.http.post_form(request.response_uri, fields)
    # From here on the site has the presentation, whatever its answer is worth.
    wallet.state.known[request.relying_party_id] = epoch
    if used is not None:
        used.answered = True
    wallet.save()
    shown = tuple(slot for slot in _ALL_SLOTS if slot in set(asked.required) | share)
    result = _read_answer(request, said, shown, epoch=epoch)
    if result.receipt_kept:
        wallet.state.keep_receipt(said["receipt"])
        wallet.save()
    return result


def check_pinned_key(wallet: OpenWallet, request: SignedRequest) -> None:
    """Raise VerificationError `relying_party_key_changed` for another key than the one seen first."""
    if wallet.state.relying_party_pins.get(request.relying_party_id, request.key) != request.key:
        raise VerificationError(
            "The site signs with another key than before: it may have been taken over. Ask it by another way; only "
            "then let the wallet forget the old key.",
            code="relying_party_key_changed",
        )


def _held(wallet: OpenWallet, kind: str) -> Mapping[str, Credential]:
    """Return the credentials of a type by epoch."""
    return wallet.state.names if kind == "name" else wallet.state.credentials


def _epoch(wallet: OpenWallet, request: SignedRequest) -> str:
    """Return the epoch that the clock rule gives."""
    now = wallet.now()
    return epoch_of(now) if request.is_public else epoch_to_present(own=now, stated=request.stated)


def _credential(wallet: OpenWallet, kind: str, epoch: str) -> Credential:
    """Return the credential of a type for an epoch. Raises PolicyError `no_valid_credential`."""
    credential = _held(wallet, kind).get(epoch)
    if credential is None:
        raise _nothing_valid()
    return credential


def _nothing_valid() -> PolicyError:
    return PolicyError("There is no valid credential for this: renew first.", code="no_valid_credential")


def _take_slot(wallet: OpenWallet, asked: RequestedPresentation) -> UsedSlot | None:
    """Return the slot to spend on a `rate` request, None for every other kind."""
    request = asked.request
    if request.rate_slots is None or asked.payload is None:
        return None
    start, end = tuple(request.asked[0].detail)
    return take_slot(
        wallet.state,
        relying_party_id=request.relying_party_id,
        start=str(start),
        end=str(end),
        k=request.rate_slots,
        payload=asked.payload,
        today=wallet.now().date(),
    )


def _present(
    wallet: OpenWallet,
    request: SignedRequest,
    asked: Asked,
    credential: Credential,
    share: frozenset[str],
    used: UsedSlot | None,
    payload: bytes | None,
) -> str:
    """Return one presentation as it travels in the vp_token."""
    names = TYPES[asked.type]
    chosen = (asked.required | {"settled"} | share) & set(asked.requested)
    data = present(
        credential=credential,
        secret=wallet.secret(),
        context=context_of(asked, request.relying_party_id, slot=used.slot if used else 0),
        disclose=[names.index(slot) for slot in chosen],
        ph=presentation_header(
            client_id=request.client_id,
            nonce=request.nonce,
            response_uri=request.response_uri,
            signed_request=request.signed,
            payload=payload,
        ),
    )
    return base64url.encode(data)


def _read_answer(request: SignedRequest, said: Mapping[str, Any], shown: tuple[str, ...], *, epoch: str) -> Answered:
    """Return what the site said, if it leads nowhere else than to itself. Raises InputError."""
    redirect_uri = code = host = None
    if request.device == "same":
        redirect_uri = require_same_origin(read_text(said, "redirect_uri", longest=2048), request.relying_party_id)
    elif request.device == "other":
        code, host = read_text(said, "code", longest=6), read_text(said, "host", longest=300)
        if not _DIGITS.match(code) or host != request.relying_party_id:
            raise InputError("The site gave a code for another host: do not type it anywhere.", code="response_host")
    return Answered(
        relying_party_id=request.relying_party_id,
        shown=shown,
        redirect_uri=redirect_uri,
        code=code,
        host=host,
        receipt_kept=_is_receipt(request, said.get("receipt"), shown, epoch),
    )


def _is_receipt(request: SignedRequest, receipt: object, shown: tuple[str, ...], epoch: str) -> bool:
    """Return whether a receipt is signed by this site and says what was shown; a bad one is only not kept."""
    if not isinstance(receipt, str):
        return False
    try:
        claims = verify_jws(receipt, keys=request.keys, expected_typ=RECEIPT_TYP, max_bytes=MAX_RECEIPT_BYTES)
    except Error:
        return False
    said = claims.get("shown")
    return (
        claims.get("epoch") == epoch
        and claims.get("kind") in {asked.kind for asked in request.asked}
        and isinstance(said, list)
        and all(isinstance(slot, str) for slot in said)
        and set(said) == set(shown)
    )
