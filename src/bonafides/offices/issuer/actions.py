"""What a device asks for its holder (status, veto, devices, dispute, erasure), and the freeze by document (§3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from bonafides.core import base64url
from bonafides.core.credential import device
from bonafides.core.credential.binding import action_message
from bonafides.core.credential.commitment import HANDLE_BYTES
from bonafides.core.credential.epoch import epoch_of
from bonafides.errors import ConflictError, InputError, PolicyError
from bonafides.offices.issuer import published, store
from bonafides.offices.issuer.applicant import open_token
from bonafides.offices.issuer.domain import (
    DEVICE_WAIT_DAYS,
    MAX_DEVICES,
    Person,
    due_after,
    freeze_until,
    is_frozen,
    recent_reenrolments,
)
from bonafides.offices.issuer.enrolment import spend_token
from bonafides.offices.issuer.officer import new_reference
from bonafides.offices.issuer.proofs import check_nonce
from bonafides.offices.issuer.renewal import unknown_holder
from bonafides.offices.issuer.service import Issuer, attempt_nonce, consume_nonce
from bonafides.offices.issuer.settling import month_of
from bonafides.offices.issuer.upkeep import mature, settled_on

NAME_BYTES = 6


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded action with its device signature."""

    action: str
    handle: bytes
    device_key: bytes
    c_nonce: str
    signature: bytes
    argument: bytes


@dataclass(frozen=True, slots=True)
class _Call:
    """Everything an action needs."""

    issuer: Issuer
    connection: Connection
    person: Person
    request: Request
    now: datetime


def decode_request(data: Mapping[str, object]) -> Request:
    """Return the parts of an action, lengths checked. Raises InputError."""
    if (
        not {"action", "handle", "device_key", "c_nonce", "device_signature"}
        <= set(data)
        <= {
            "action",
            "handle",
            "device_key",
            "c_nonce",
            "device_signature",
            "argument",
        }
    ):
        raise InputError("an action has exactly its parts", code="action_form")
    action, handle = data["action"], base64url.decode(data["handle"], max_bytes=HANDLE_BYTES)
    if not isinstance(action, str) or action not in _ACTIONS or len(handle) != HANDLE_BYTES:
        raise InputError("no such action", code="action_form")
    return Request(
        action,
        handle,
        device.check_device_key(base64url.decode(data["device_key"], max_bytes=device.DEVICE_KEY_BYTES)),
        check_nonce(data["c_nonce"]),
        base64url.decode(data["device_signature"], max_bytes=device.DEVICE_SIGNATURE_BYTES),
        base64url.decode(data.get("argument", ""), max_bytes=device.DEVICE_KEY_BYTES),
    )


def act(issuer: Issuer, request: Request) -> dict[str, object]:
    """Do what an enrolled device asks and return what there is to tell. Unknown handle and device look alike."""
    attempt_nonce(issuer, request.c_nonce)
    signed = action_message(
        issuer_id=issuer.id,
        c_nonce=request.c_nonce,
        action=request.action,
        handle=request.handle,
        argument=request.argument,
    )
    device.verify(device_key=request.device_key, signature=request.signature, message=signed)
    now = issuer.clock.now()

    def work(connection: Connection) -> dict[str, object]:
        consume_nonce(issuer, connection, request.c_nonce)
        person = store.find_person_by_handle(connection, request.handle)
        if person is not None:
            person = mature(issuer, connection, person, now)
        if person is None or person.handle != request.handle:
            raise unknown_holder()
        standing = {each.device_key: each.standing for each in store.devices_of(connection, person.tag)}
        wanted, action = _ACTIONS[request.action]
        if standing.get(request.device_key) != wanted:
            raise unknown_holder()
        return action(_Call(issuer, connection, person, request, now))

    return issuer.run(work)


def freeze(issuer: Issuer, token: object) -> dict[str, object]:
    """Stop renewals at once for the person of a document. Raises PolicyError if that needs an officer."""
    applicant = open_token(issuer, token)
    now = issuer.clock.now()

    def work(connection: Connection) -> dict[str, object]:
        person = spend_token(issuer, connection, applicant, now)
        if person is None or person.handle is None:
            raise PolicyError("nobody of this number is enrolled", code="not_enrolled")
        if is_frozen(person, now):
            return {"frozen_until": person.frozen_until}
        frozen = replace(person, frozen_until=freeze_until(person=person, evidence=applicant.evidence, now=now))
        store.update_person(connection, frozen)
        published.count(connection, epoch_of(now), "frozen")
        return {"frozen_until": frozen.frozen_until}

    return issuer.run(work)


def _status(call: _Call) -> dict[str, object]:
    """Tell the holder all that the issuer has of them, and what is pending."""
    person, today = call.person, call.now.date()
    waiting = store.find_pending(call.connection, person.tag)
    devices = store.devices_of(call.connection, person.tag)
    return {
        "assurance": person.assurance,
        "settled": settled_on(call.issuer, call.connection, person, today),
        "settles": person.settles,
        "reenrolments": recent_reenrolments(person, today, call.issuer.settling),
        "frozen_until": person.frozen_until if is_frozen(person, call.now) else None,
        "reenrolment": None
        if waiting is None
        else {"due": waiting.due.isoformat(), "with_officer": waiting.needs_officer},
        "devices": [
            {
                "device": device_name(each.device_key),
                "standing": each.standing,
                "due": each.due.isoformat() if each.due else None,
            }
            for each in devices
        ],
    }


def _veto(call: _Call) -> dict[str, object]:
    """Send a pending re-enrolment to an officer."""
    waiting = store.find_pending(call.connection, call.person.tag)
    if waiting is None:
        raise ConflictError("no re-enrolment is waiting", code="nothing_pending")
    store.decide_pending(call.connection, call.person.tag, needs_officer=True, waived=waiting.waived)
    return {"reenrolment": {"due": waiting.due.isoformat(), "with_officer": True}}


def _approve_device(call: _Call) -> dict[str, object]:
    """Let another device in; it counts after seven days in which every device sees it."""
    key = device.check_device_key(call.request.argument)
    devices = store.devices_of(call.connection, call.person.tag)
    known = {each.device_key: each for each in devices if each.standing != "replaced"}
    if key in known:
        raise ConflictError("this device is known already", code="device_known")
    if len(known) >= MAX_DEVICES:
        raise PolicyError("three devices are the most: remove one first", code="too_many_devices")
    due = due_after(call.now.date(), DEVICE_WAIT_DAYS)
    store.put_device(call.connection, call.person.tag, key, "waiting", due)
    return {"device": device_name(key), "due": due.isoformat()}


def _remove_device(call: _Call) -> dict[str, object]:
    """Take a device off, but never the last active one: that would leave only the kit."""
    # By key, or by the short name that all devices see: who lost a device no longer has its key.
    known = {
        each.device_key: each.standing
        for each in store.devices_of(call.connection, call.person.tag)
        if each.standing != "replaced"
    }
    named = call.request.argument
    key = next((k for k in known if named in (k, base64url.decode(device_name(k), max_bytes=NAME_BYTES))), None)
    if key is None:
        raise ConflictError("no such device", code="nothing_pending")
    if [k for k, standing in known.items() if standing == "active"] == [key]:
        raise PolicyError("the last device is removed by restoring or erasing", code="last_device")
    store.drop_device(call.connection, call.person.tag, key)
    return {"device": device_name(key)}


def _dispute(call: _Call) -> dict[str, object]:
    """A device that a restore replaced sends the matter to an officer; it can do nothing else."""
    store.insert_dispute(call.connection, call.person.tag, new_reference())
    return {"with_officer": True}


def _erase(call: _Call) -> dict[str, object]:
    """Forget handle, devices and assurance at once; the bare tag, month and count stay three years."""
    issuer, connection, person, now = call.issuer, call.connection, call.person, call.now
    macs = {key_id: issuer.keys.tags.handle_mac(key_id, call.request.handle) for key_id in issuer.keys.tags.ids}
    used = store.find_used_handle(connection, macs)
    last = () if used is None else (used.tag_handle_mac,)
    if used is not None:
        store.set_handle_settles(connection, used.tag_handle_mac, person.settles)
    bare = replace(
        person,
        handle=None,
        assurance=None,
        frozen_until=None,
        reenrolled=month_of(now.date()),
        reenrolments=recent_reenrolments(person, now.date(), issuer.settling) + 1,
        returnable=last,
    )
    store.update_person(connection, bare)
    store.drop_devices(connection, person.tag)
    store.drop_pending(connection, person.tag)
    store.drop_dispute(connection, person.tag)
    published.count(connection, epoch_of(now), "erased")
    return {"erased": True}


def device_name(key: bytes) -> str:
    """Return the short name under which all devices see one: six bytes of its hash, eight characters."""
    return base64url.encode(sha256(key).digest()[:NAME_BYTES])


_ACTIONS: dict[str, tuple[str, Callable[[_Call], dict[str, object]]]] = {
    "status": ("active", _status),
    "veto": ("active", _veto),
    "approve_device": ("active", _approve_device),
    "remove_device": ("active", _remove_device),
    "dispute": ("replaced", _dispute),
    "erase": ("active", _erase),
}
"""Action -> the standing a device needs for it, and what it does."""
