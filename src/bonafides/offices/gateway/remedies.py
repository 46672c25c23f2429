"""Remedy messages: who may send them, how they read, and that each counts once."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from bonafides.core import base64url, cbor
from bonafides.errors import ConflictError, Error, InputError, PolicyError, VerificationError
from bonafides.kit import telemetry
from bonafides.kit.clock import Clock
from bonafides.kit.jws import verify_jws
from bonafides.kit.storage import Database
from bonafides.offices.gateway import store
from bonafides.offices.gateway.domain import Act, Order, RemedyKind, apply_order, is_account_name
from bonafides.offices.gateway.errors import UnknownError

TYP = "bonafides-remedy+jwt"
MAX_MESSAGE_BYTES = 4096
_NAME = re.compile(r"[!-~]{1,128}\Z")
_ISSUER = re.compile(r"[!-~]{1,255}\Z")
_CASE = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_KEYS = {"iss", "aud", "jti", "iat", "sub", "case", "act"}
_OPTIONAL = {"kind", "starts", "ends"}

_refused = telemetry.event("gateway.remedy.refused", level="warning")


class Remedies:
    """The remedies of one relying party."""

    def __init__(
        self,
        *,
        audience: str,
        keys: Mapping[str, Ed25519PublicKey],
        database: Database,
        clock: Clock,
        skew: timedelta,
    ) -> None:
        self._audience = audience
        self._keys = keys
        self._database = database
        self._clock = clock
        self._skew = skew

    def receive(self, token: str) -> bool:
        """Apply a remedy message; True if it is new, False if the very same one was here before.

        InputError, VerificationError, PolicyError, ConflictError or UnknownError, each logged by its code.
        """
        try:
            message = verify_jws(token, keys=self._keys, expected_typ=TYP, max_bytes=MAX_MESSAGE_BYTES)
            order = read_order(message, expected_audience=self._audience)
            now = self._clock.now()
            if message["iat"] > (now + self._skew).timestamp():
                raise PolicyError("a message from the future", code="remedy_not_yet")
            return self._database.run(lambda connection: _apply(connection, message, order, token, now))
        except Error as error:
            _refused(code=error.code)
            raise


def read_order(message: Mapping[str, Any], *, expected_audience: str) -> Order:
    """Return what a genuine message asks for.

    Raises VerificationError if it is for another platform, InputError if it is not a remedy message.
    """
    if message.get("aud") != expected_audience:
        raise VerificationError("for another relying party", code="remedy_audience")
    if not _KEYS <= message.keys() <= _KEYS | _OPTIONAL or not _are_texts_well_formed(message):
        raise _malformed()
    iat = message["iat"]
    if isinstance(iat, bool) or not isinstance(iat, int) or iat < 0:
        raise _malformed()
    try:
        act = Act(message["act"])
        kind = RemedyKind(message["kind"]) if "kind" in message else None
    except ValueError:
        raise _malformed() from None
    order = Order(act, message["case"], kind, _read_date(message, "starts"), _read_date(message, "ends"))
    if act is not Act.LIFT and None in (order.kind, order.starts, order.ends):
        raise _malformed()
    return order


def _are_texts_well_formed(message: Mapping[str, Any]) -> bool:
    forms = {"iss": _ISSUER, "jti": _NAME, "case": _CASE}
    texts = all(isinstance(message[name], str) for name in (*forms, "sub", "act"))
    return texts and all(form.match(message[name]) for name, form in forms.items()) and is_account_name(message["sub"])


def _read_date(message: Mapping[str, Any], name: str) -> date | None:
    if name not in message:
        return None
    text = message[name]
    try:
        if isinstance(text, str) and _DATE.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _malformed()


def _apply(connection: Connection, message: Mapping[str, Any], order: Order, token: str, now: datetime) -> bool:
    issuer, sub = message["iss"], message["sub"]
    name = base64url.encode(sha256(cbor.encode(["bonafides/1 remedy message", issuer, message["jti"]])).digest())
    digest = sha256(token.encode()).digest()
    before = store.find_message(connection, name)
    if before is not None:
        if before != digest:
            raise ConflictError("another message with this jti was here before", code="remedy_conflict")
        return False
    # Nobody is bound who is not here yet: a list of names to refuse in advance would be another thing.
    if store.find_epoch_seen(connection, sub) is None:
        raise UnknownError("no such account", code="account_unknown")
    remedy = apply_order(order=order, existing=store.find_remedy(connection, sub, issuer, order.case), now=now)
    store.put_remedy(connection, sub, issuer, remedy)
    store.record_message(connection, name, digest=digest, expires=remedy.ends)
    return True


def _malformed() -> InputError:
    return InputError("not a remedy message", code="remedy_message")
