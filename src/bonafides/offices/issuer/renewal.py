"""Renewal: the same handle, a credential that still counts, an enrolled device — two fresh ones of its type (§3)."""

from datetime import datetime

from sqlalchemy import Connection

from bonafides.core.credential.binding import renewal_header
from bonafides.core.credential.context import handle_context
from bonafides.core.credential.epoch import epoch_of
from bonafides.core.credential.presentation import Expectation, decode_presentation, verify_presentation
from bonafides.core.credential.slots import TYPES, Name
from bonafides.errors import PolicyError, VerificationError
from bonafides.offices.issuer import published, store
from bonafides.offices.issuer.domain import Person, is_frozen
from bonafides.offices.issuer.proofs import Proof, VerifiedProof, verify_proof
from bonafides.offices.issuer.service import NAME, Issuer, consume_nonce, renewable_key
from bonafides.offices.issuer.signing import Values, count_signed, same_in_both, sign_both, values_from_presentation
from bonafides.offices.issuer.upkeep import mature


def renew(issuer: Issuer, proof: Proof) -> list[dict[str, str]]:
    """Return the credentials of this epoch and the next for a handle, keeping none of what was shown.

    A credential is renewed as one of its own type: of a `name` credential only the signatures are new.
    The pseudonym presented, the handle committed and the handle stored must be one. Raises VerificationError or
    PolicyError; an unknown handle and an unknown device look alike.
    """
    presentation = decode_presentation(proof.presentation)
    kind = presentation.header.type
    every_slot = frozenset(range(len(TYPES[kind])))
    verified = verify_proof(issuer, proof, kind)
    now = issuer.clock.now()
    key = issuer.run(lambda connection: renewable_key(issuer, connection, presentation.header, now))
    expected = Expectation(
        handle_context(issuer.id),
        {presentation.header.encode(): key.public},
        every_slot,
        every_slot,
        renewal_header(issuer_id=issuer.id, c_nonce=proof.c_nonce, commitment=proof.commitment),
        kind,
    )
    shown = verify_presentation(presentation=presentation, expected=expected)
    if shown.pseudonym != verified.handle:
        raise VerificationError("the credential is another secret's", code="handle_mismatch")

    def work(connection: Connection) -> Values:
        consume_nonce(issuer, connection, verified.c_nonce)
        person = store.find_person_by_handle(connection, verified.handle)
        if person is not None:
            person = mature(issuer, connection, person, now)
        holder = require_holder(connection, person, verified, now)
        count_signed(connection, verified)
        if kind == NAME:
            return same_in_both(shown.disclosed[Name.FULL_NAME])
        published.count(connection, epoch_of(now), "renewed")
        epochs = [each.epoch for each in verified.epochs]
        return values_from_presentation(issuer, connection, holder, dict(shown.disclosed), epochs)

    return sign_both(verified, issuer.run(work))


def require_holder(connection: Connection, person: Person | None, proof: VerifiedProof, now: datetime) -> Person:
    """Return the person whose current handle and active device a proof is from. Raises PolicyError, also if frozen."""
    if person is None or person.handle != proof.handle:
        raise unknown_holder()
    known = [each.device_key for each in store.devices_of(connection, person.tag) if each.standing == "active"]
    if proof.device_key not in known:
        raise unknown_holder()
    if is_frozen(person, now):
        raise PolicyError("renewals are frozen", code="frozen")
    return person


def unknown_holder() -> PolicyError:
    """Return the one error for an unknown handle and an unknown device."""
    return PolicyError("no such handle with such a device", code="unknown_holder")
