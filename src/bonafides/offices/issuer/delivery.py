"""Codes that go to a wallet, though somebody else showed the document: sessions that a service point answers.

A web page cannot read a chip, and a service point must not become anybody. So the wallet opens the session with a key
of its own, the service point sends the document and learns only that it was delivered, and the code waits, encrypted
to that key, where not even the issuer can read it. Whoever saw the session's QR code can fetch it and open nothing.
"""

import json
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from bonafides.core.credential.station_link import DELIVERY_TYP
from bonafides.errors import ConflictError, InputError
from bonafides.kit.jwe import encrypt_jwe, p256_key_from_jwk, p256_key_from_point
from bonafides.offices.issuer import single_use
from bonafides.offices.issuer.applicant import (
    Applicant,
    Shown,
    begin_session,
    code_for,
    mark_of,
    open_session,
    read_applicant,
    spend,
)
from bonafides.offices.issuer.service import Issuer


def begin_delivered_session(issuer: Issuer, deliver_to: object) -> dict[str, object]:
    """Return a session whose code goes to a key, a JWK on P-256. Raises InputError `p256_key`."""
    key = p256_key_from_jwk(deliver_to)
    point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return begin_session(issuer, deliver_to=point)


def delivers(issuer: Issuer, session: object) -> bool:
    """Return whether the code of a session goes to a key. Raises InputError, PolicyError `expired`."""
    return bool(open_session(issuer, session, at=issuer.clock.now()).deliver_to)


def deliver(issuer: Issuer, *, session: object, shown: Shown) -> None:
    """Check a document and keep its code for the wallet of the session, once. Raises as `accept_document`.

    A document that is refused spends nothing. Raises ConflictError `session_spent` for a second one.
    """
    now, limits = issuer.clock.now(), issuer.settings.limits
    opened = open_session(issuer, session, at=now)
    if not opened.deliver_to:
        raise InputError("not a session of a service point", code="sealed")
    applicant = read_applicant(issuer, opened, shown)
    jwe = encrypt_jwe(_told(issuer, applicant), key=p256_key_from_point(opened.deliver_to), typ=DELIVERY_TYP)
    place, expires = mark_of("delivery", opened.id), int(now.timestamp()) + limits.code_lifetime_s

    def work(connection: Connection) -> None:
        # The mark stays as long as somebody may ask for the code, the code itself only until it is used.
        spend(connection, place, now, limits.session_lifetime_s + limits.code_lifetime_s)
        single_use.insert_delivery(connection, place, jwe, expires)

    issuer.run(work)


def collect(issuer: Issuer, session: object) -> str | None:
    """Return the encrypted code of a session, None while no document came. It can be asked for until it is used.

    Deleting it with the first asking would let whoever photographed the QR code take it away, and an answer that was
    lost would be lost for good. Raises ConflictError `session_spent` once the code is used or over, PolicyError
    `expired` when the session is, and InputError.
    """
    now = issuer.clock.now()
    # A document may come in the session's last second: its code may be fetched for as long as it lives.
    late = now - timedelta(seconds=issuer.settings.limits.code_lifetime_s)
    opened = open_session(issuer, session, at=late)
    if not opened.deliver_to:
        raise InputError("not a session of a service point", code="sealed")
    place = mark_of("delivery", opened.id)
    with issuer.database.read() as connection:
        found = single_use.find_delivery(connection, place, now=int(now.timestamp()))
        if found is None and single_use.is_spent(connection, place):
            raise ConflictError("this was used already; begin again with the document", code="session_spent")
    return found


def _told(issuer: Issuer, applicant: Applicant) -> bytes:
    """Return what the wallet is told: its code, and of whose document, so that it can stop before using it."""
    birth = applicant.facts.birth
    told = {
        "pre-authorized_code": code_for(issuer, applicant),
        "issuing_state": applicant.facts.country,
        "birth": birth.isoformat() if birth else None,
    }
    return json.dumps(told, separators=(",", ":")).encode("ascii")
