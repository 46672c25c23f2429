"""What an officer decides about matters that wait for a person, each as a signed statement.

An officer sees a reference and a document in somebody's hand; there is nothing here that leads from a reference to a
person, or from a person to anything but their own tag.
"""

import re
import secrets
from dataclasses import replace

from sqlalchemy import Connection

from bonafides.core import base64url
from bonafides.core.credential.epoch import epoch_of, shift
from bonafides.errors import ConflictError, InputError, PolicyError
from bonafides.kit.jws import verify_jws
from bonafides.kit.signing_key import public_key_from_jwk
from bonafides.offices.issuer import store
from bonafides.offices.issuer.domain import FREEZE_EPOCHS
from bonafides.offices.issuer.service import Issuer

TYP = "bonafides-officer+jwt"
_MATTERS = ("approve", "approve_waived", "refuse")
_REF = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def new_reference() -> str:
    """Return the random name of a matter."""
    return base64url.encode(secrets.token_bytes(16))


def decide(issuer: Issuer, statement: str) -> str:
    """Carry out an officer's decision on a pending matter and return its outcome.

    `approve` lets a re-enrolment take effect when its days are over, `approve_waived` without doubling the waiting,
    `refuse` ends it. Of a disputed restore, `approve` upholds the dispute: devices gone, frozen, come in person.
    """
    act, ref = _read(issuer, statement)
    if act not in _MATTERS:
        raise PolicyError("a statement about something else", code="officer_statement")

    def work(connection: Connection) -> str:
        waiting = store.find_pending_by_ref(connection, ref)
        if waiting is not None:
            if act == "refuse":
                store.drop_pending(connection, waiting.tag)
                return "refused"
            waived = act == "approve_waived"
            store.decide_pending(connection, waiting.tag, needs_officer=False, waived=waived)
            return "approved"
        dispute = store.find_dispute(connection, ref=ref)
        if dispute is None:
            raise ConflictError("no matter of this reference is pending", code="nothing_pending")
        store.drop_dispute(connection, dispute.tag)
        if act == "refuse":
            return "refused"
        _uphold(issuer, connection, dispute.tag)
        return "upheld"

    return issuer.run(work)


def _uphold(issuer: Issuer, connection: Connection, tag: bytes) -> None:
    person = store.find_person(connection, [tag])
    if person is not None:
        until = shift(epoch_of(issuer.clock.now()), FREEZE_EPOCHS)
        store.update_person(connection, replace(person, frozen_until=until))
        store.drop_devices(connection, tag)


def _read(issuer: Issuer, statement: str) -> tuple[str, str]:
    """Return act and reference of a genuine statement in its time."""
    keys = {kid: public_key_from_jwk(jwk) for kid, jwk in issuer.settings.officer_keys.items()}
    claims = verify_jws(statement, keys=keys, expected_typ=TYP, max_bytes=issuer.settings.limits.max_jws_bytes)
    act, ref, audience, until = (claims.get(name) for name in ("act", "ref", "aud", "exp"))
    if not isinstance(act, str) or not isinstance(ref, str) or not isinstance(until, int) or not _REF.match(ref):
        raise InputError("not an officer's statement", code="officer_statement")
    # Compared as numbers: not every number that can be signed is a date.
    if audience != issuer.id or until <= issuer.clock.now().timestamp():
        raise PolicyError("a statement for another issuer, or of another time", code="officer_statement")
    return act, ref
