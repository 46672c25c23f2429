"""From a shown document to credentials: the step that document, handle and purpose allow, and what is signed for it."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from bonafides.errors import PolicyError
from bonafides.offices.issuer import store
from bonafides.offices.issuer.applicant import Applicant, mark_of, open_token, seal, spend
from bonafides.offices.issuer.domain import Person, Purpose, next_step, state_of
from bonafides.offices.issuer.proofs import Proof, verify_proof
from bonafides.offices.issuer.service import Issuer, consume_nonce
from bonafides.offices.issuer.signing import count_signed, sign_both, values_from_document
from bonafides.offices.issuer.steps import find_person, relation_of, take_step
from bonafides.offices.issuer.store import Pending


@dataclass(frozen=True, slots=True)
class Waiting:
    """The answer while a re-enrolment waits: a sealed ticket and the first day on which to ask again."""

    ticket: str
    due: date


def spend_token(issuer: Issuer, connection: Connection, applicant: Applicant, now: datetime) -> Person | None:
    """Use an access token up and return the person of its document, if there is one, with what was due done."""
    spend(connection, mark_of("token", applicant.session), now, issuer.settings.limits.token_lifetime_s)
    return find_person(issuer, connection, applicant, now)


def issue(issuer: Issuer, *, token: object, purpose: Purpose, proof: Proof) -> list[dict[str, str]] | Waiting:
    """Take the step of the life cycle that document, handle and purpose allow, and return the credentials.

    A re-enrolment returns a ticket instead. The token works for one step. Raises PolicyError with the refusal's code.
    """
    applicant = replace(open_token(issuer, token), full_name=None)  # nor does a ticket of 60 days hold a name
    verified = verify_proof(issuer, proof)
    now = issuer.clock.now()

    def work(connection: Connection) -> Person | Pending:
        consume_nonce(issuer, connection, verified.c_nonce)
        person = spend_token(issuer, connection, applicant, now)
        waiting = None if person is None else store.find_pending(connection, person.tag)
        if waiting is not None and waiting.handle == verified.handle:
            return waiting
        relation = relation_of(issuer, connection, applicant, person, verified.handle)
        step = next_step(state=state_of(person, now), purpose=purpose, relation=relation)
        return take_step(issuer, connection, step, applicant, person, verified, now)

    def both(connection: Connection) -> tuple[Person | Pending, list[tuple[str | bool, ...]]]:
        outcome = work(connection)
        if isinstance(outcome, Pending):
            return outcome, []
        count_signed(connection, verified)
        epochs = [each.epoch for each in verified.epochs]
        return outcome, values_from_document(issuer, connection, outcome, applicant.facts, epochs)

    outcome, values = issuer.run(both)
    if isinstance(outcome, Pending):
        lifetime = issuer.settings.limits.ticket_lifetime_days * 86400
        return Waiting(seal(issuer, "ticket", applicant.encode(), lifetime), outcome.due)
    return sign_both(verified, values)


def collect(issuer: Issuer, *, ticket: object, proof: Proof) -> list[dict[str, str]] | Waiting:
    """Return the credentials of a re-enrolment that took effect, or the ticket again while it waits.

    Raises PolicyError `reenrolment_refused` if it was vetoed for good.
    """
    applicant = Applicant.decode(issuer.keys.seal.open("ticket", ticket, now=issuer.clock.now()))
    verified = verify_proof(issuer, proof)
    now = issuer.clock.now()

    def work(connection: Connection) -> tuple[date | None, list[tuple[str | bool, ...]]]:
        consume_nonce(issuer, connection, verified.c_nonce)
        person = find_person(issuer, connection, applicant, now)
        if person is None:
            raise PolicyError("nobody of this number is enrolled", code="reenrolment_refused")
        waiting = store.find_pending(connection, person.tag)
        if waiting is not None and waiting.handle == verified.handle:
            return waiting.due, []
        active = [each.device_key for each in store.devices_of(connection, person.tag) if each.standing == "active"]
        if person.handle != verified.handle or verified.device_key not in active:
            raise PolicyError("this re-enrolment did not take effect", code="reenrolment_refused")
        count_signed(connection, verified)
        epochs = [each.epoch for each in verified.epochs]
        return None, values_from_document(issuer, connection, person, applicant.facts, epochs)

    due, values = issuer.run(work)
    if due is not None:
        return Waiting(str(ticket), due)
    return sign_both(verified, values)
