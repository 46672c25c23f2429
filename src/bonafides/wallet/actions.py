"""Anything else a device asks of the issuer: state, veto, devices, dispute, erasure, freeze (wire.md)."""

from typing import Any

from bonafides.core import base64url
from bonafides.core.credential import device
from bonafides.core.credential.binding import action_message
from bonafides.core.credential.context import handle_context
from bonafides.errors import PolicyError
from bonafides.kit.http import HttpClient
from bonafides.wallet.facts import Document
from bonafides.wallet.issuer_client import IssuerClient
from bonafides.wallet.opened import OpenWallet
from bonafides.wallet.station import StationVisit, prove

ACTIONS = ("status", "veto", "approve_device", "remove_device", "dispute", "erase")
_WITH_DEVICE = ("approve_device", "remove_device")


def act(wallet: OpenWallet, action: str, argument: bytes = b"") -> dict[str, Any]:
    """Sign an action with the device key, send it and return the issuer's answer.

    `argument` is a device key for `approve_device` and `remove_device`, else empty. After `erase` no credential is left
    here either; the secret stays, since with it the person can return. Raises our errors.
    """
    if action not in ACTIONS or bool(argument) != (action in _WITH_DEVICE):
        raise PolicyError("The issuer knows no such action.", code="no_such_action")
    if argument:
        device.check_device_key(argument)
    secret, issuer_id = wallet.secret(), wallet.issuer_id()
    client = IssuerClient(issuer_id, wallet.http, developer=wallet.developer)
    c_nonce = client.nonce()
    handle = secret.pseudonym(handle_context(issuer_id))
    message = action_message(issuer_id=issuer_id, c_nonce=c_nonce, action=action, handle=handle, argument=argument)
    body = {
        "action": action,
        "handle": base64url.encode(handle),
        "device_key": base64url.encode(wallet.state.device_public),
        "c_nonce": c_nonce,
        "device_signature": base64url.encode(device.sign(wallet.state.device_key, message)),
    }
    if argument:
        body["argument"] = base64url.encode(argument)
    answer = client.act(body)
    if action == "erase":
        wallet.state.credentials, wallet.state.names, wallet.state.next_renewal = {}, {}, None
        wallet.save()
    return answer


def freeze(issuer_id: str, document: Document | StationVisit, http: HttpClient, *, developer: bool = False) -> str:
    """Stop all renewals of a person by document alone, no wallet needed; return until when the issuer says."""
    client = IssuerClient(issuer_id, http, developer=developer)
    return client.freeze(prove(client, document))
