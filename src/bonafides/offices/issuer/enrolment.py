"""From a document to a credential: session, document, code, token, and the step of the life cycle that follows.

Between these requests nothing about the person is stored: what was found in the document travels sealed in the
wallet's hands. The first row is written together with the step itself.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from bonafides.core import base64url, cbor
from bonafides.core.credential.epoch import epoch_of
from bonafides.core.document import DocumentBundle, VerifiedDocument, assess, verify_document
from bonafides.errors import ConflictError, InputError, PolicyError
from bonafides.offices.issuer import store
from bonafides.offices.issuer.domain import (
    DISPUTE_DAYS,
    PENDING_DAYS,
    Evidence,
    Person,
    Purpose,
    Relation,
    Step,
    due_after,
    next_step,
    rank,
    reenrolment_needs_officer,
    state_of,
)
from bonafides.offices.issuer.officer import check_in_person
from bonafides.offices.issuer.proofs import Proof, VerifiedProof, verify_proof
from bonafides.offices.issuer.service import Issuer, consume_nonce
from bonafides.offices.issuer.signing import Facts, count_signed, sign_both, values_from_document
from bonafides.offices.issuer.store import Pending
from bonafides.offices.issuer.upkeep import mature

DOCUMENT_NONCE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a document says of the person before us: sealed into codes, tokens and tickets, never stored."""

    session: bytes
    tags: dict[str, tuple[bytes, ...]]
    """Tags of the number, and of one it replaced if the document proves both, under each tag key, newest first."""
    facts: Facts
    evidence: Evidence
    full_name: str | None = None
    """Only where the holder asked for a `name` credential when showing the document."""

    def __repr__(self) -> str:
        """Return a text without anything of the person."""
        return "Applicant(redacted)"

    def encode(self) -> list[cbor.Value]:
        """Return the fields to seal."""
        tags: list[cbor.Value] = [[key_id, *found] for key_id, found in self.tags.items()]
        birth = self.facts.birth.isoformat() if self.facts.birth else ""
        fields: list[cbor.Value] = [self.session, tags, birth, self.facts.country]
        fields += [self.evidence.assurance, self.evidence.in_person]
        return [*fields, self.full_name] if self.full_name else fields

    @classmethod
    def decode(cls, fields: list[cbor.Value]) -> "Applicant":
        """Return the applicant of unsealed fields. Raises InputError."""
        match fields:
            case [bytes(session), list(tags), str(birth), str(country), str(assurance), bool(in_person), *named]:
                by_key = {each[0]: tuple(each[1:]) for each in tags}
                facts = Facts(date.fromisoformat(birth) if birth else None, country)
                full_name = str(named[0]) if named else None
                return cls(session, by_key, facts, Evidence(assurance, in_person), full_name)
        raise InputError("not a value of ours", code="sealed")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The answer while a re-enrolment waits: a sealed ticket and the first day on which to ask again."""

    ticket: str
    due: date


def begin_session(issuer: Issuer) -> dict[str, object]:
    """Return a sealed session and the nonce that an officer or, later, a chip answers to."""
    nonce = secrets.token_bytes(DOCUMENT_NONCE_BYTES)
    lifetime = issuer.settings.limits.session_lifetime_s
    session = _seal(issuer, "session", [secrets.token_bytes(16), nonce], lifetime)
    return {"session": session, "document_nonce": base64url.encode(nonce), "expires_in": lifetime}


def accept_document(
    issuer: Issuer, *, session: object, document: object, statement: str | None, with_name: bool = False
) -> str:
    """Return a pre-authorised code for the person of a genuine document. Raises every error of the document check.

    Only `with_name` the name is read; then it travels in code and token, for a `name` credential and nothing else.
    """
    now = issuer.clock.now()
    match issuer.keys.seal.open("session", session, now=now):
        case [bytes(session_id), bytes(nonce)]:
            pass
        case _:
            raise InputError("not a value of ours", code="sealed")
    bundle = DocumentBundle.from_json(document)
    verified = verify_document(
        bundle=bundle, trust=issuer.trust, at=now, rules=issuer.number_rules, with_name=with_name
    )
    if verified.issuing_state != issuer.settings.country:
        raise PolicyError("this issuer serves another State", code="wrong_state")
    in_person = statement is not None
    if statement is not None:
        check_in_person(issuer, statement, ref=base64url.encode(nonce))
    level = assess(verified, face_bound=False, in_person=in_person).level
    applicant = Applicant(
        session_id,
        _tags(issuer, verified),
        Facts(verified.birth, verified.issuing_state),
        Evidence(str(level), in_person),
        verified.full_name,
    )
    return _seal(issuer, "code", applicant.encode(), issuer.settings.limits.code_lifetime_s)


def exchange_code(issuer: Issuer, code: object) -> dict[str, object]:
    """Return an access token for a pre-authorised code, which works once. Raises ConflictError the second time."""
    now, lifetime = issuer.clock.now(), issuer.settings.limits.token_lifetime_s
    applicant = Applicant.decode(issuer.keys.seal.open("code", code, now=now))
    mark = _mark("code", applicant.session)
    issuer.run(lambda connection: _spend(connection, mark, now, issuer.settings.limits.code_lifetime_s))
    return {
        "access_token": _seal(issuer, "token", applicant.encode(), lifetime),
        "token_type": "Bearer",
        "expires_in": lifetime,
    }


def open_token(issuer: Issuer, token: object) -> Applicant:
    """Return the applicant of an access token. Raises InputError or PolicyError."""
    return Applicant.decode(issuer.keys.seal.open("token", token, now=issuer.clock.now()))


def spend_token(issuer: Issuer, connection: Connection, applicant: Applicant, now: datetime) -> Person | None:
    """Use an access token up and return the person of its document, if there is one, with what was due done."""
    _spend(connection, _mark("token", applicant.session), now, issuer.settings.limits.token_lifetime_s)
    return _find(issuer, connection, applicant, now)


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
        relation = _relation(issuer, connection, applicant, person, verified.handle)
        step = next_step(state=state_of(person, now), purpose=purpose, relation=relation)
        return _take(issuer, connection, step, applicant, person, verified, now)

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
        return Waiting(_seal(issuer, "ticket", applicant.encode(), lifetime), outcome.due)
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
        person = _find(issuer, connection, applicant, now)
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


def _take(
    issuer: Issuer,
    connection: Connection,
    step: Step,
    applicant: Applicant,
    person: Person | None,
    proof: VerifiedProof,
    now: datetime,
) -> Person | Pending:
    """Write what a step changes and return the person, or what now waits."""
    if person is None:
        return _enrol(issuer, connection, applicant, proof, now)
    if step is Step.UPGRADE:
        return _upgrade(connection, applicant, person, proof)
    if step is Step.RESTORE:
        return _restore(connection, applicant, person, proof, now)
    if step is Step.RETURN:
        return _return(issuer, connection, applicant, person, proof, now)
    return _reenrol(issuer, connection, applicant, person, proof, now)


def _enrol(issuer: Issuer, connection: Connection, applicant: Applicant, proof: VerifiedProof, now: datetime) -> Person:
    """First enrolment: settled at once."""
    key = issuer.keys.tags.newest
    person = Person(applicant.tags[key][0], key, proof.handle, applicant.evidence.assurance)
    store.insert_person(connection, person)
    _remember_handle(issuer, connection, person.tag, proof.handle)
    store.put_device(connection, person.tag, proof.device_key, "active")
    store.count(connection, epoch_of(now), "enrolled")
    return person


def _upgrade(connection: Connection, applicant: Applicant, person: Person, proof: VerifiedProof) -> Person:
    """Same handle, same device, perhaps a better document: changes `assurance` only."""
    known = [each.device_key for each in store.devices_of(connection, person.tag) if each.standing == "active"]
    if proof.device_key not in known:
        raise PolicyError("this device is not enrolled: restore, or approve it from another one", code="unknown_device")
    return _with_assurance(connection, person, applicant.evidence)


def _restore(
    connection: Connection, applicant: Applicant, person: Person, proof: VerifiedProof, now: datetime
) -> Person:
    """Kit and document: this device replaces all others, which may contest it for 14 days; a freeze ends."""
    until = due_after(now.date(), DISPUTE_DAYS)
    for each in store.devices_of(connection, person.tag):
        if each.device_key == proof.device_key:
            continue
        if each.standing == "active":
            store.put_device(connection, person.tag, each.device_key, "replaced", until)
        elif each.standing == "waiting":
            store.drop_device(connection, person.tag, each.device_key)
    store.put_device(connection, person.tag, proof.device_key, "active")
    store.count(connection, epoch_of(now), "restored")
    return _with_assurance(connection, _thawed(person, now), applicant.evidence)


def _thawed(person: Person, now: datetime) -> Person:
    """Return the person with a freeze ended this week; its end stays known, for the pause before the next."""
    if person.frozen_until is None or person.frozen_until <= epoch_of(now):
        return person
    return replace(person, frozen_until=epoch_of(now))


def _return(
    issuer: Issuer,
    connection: Connection,
    applicant: Applicant,
    person: Person,
    proof: VerifiedProof,
    now: datetime,
) -> Person:
    """A replaced or erased handle comes back with its own waiting; what came after it is dead for good."""
    used = store.find_used_handle(connection, _handle_macs(issuer, proof.handle))
    if used is None:
        raise PolicyError("no such handle", code="unknown_handle")
    position = person.returnable.index(used.tag_handle_mac)
    store.drop_pending(connection, person.tag)
    back = replace(
        person,
        handle=proof.handle,
        assurance=person.assurance or applicant.evidence.assurance,
        settles=used.settles,
        returnable=person.returnable[:position],
    )
    store.update_person(connection, back)
    return _restore(connection, applicant, back, proof, now)


def _reenrol(
    issuer: Issuer,
    connection: Connection,
    applicant: Applicant,
    person: Person,
    proof: VerifiedProof,
    now: datetime,
) -> Pending:
    """Another handle for a tag already held: waits 14 days, announced to the old wallet, perhaps for an officer."""
    if store.find_pending(connection, person.tag) is not None:
        raise ConflictError("another re-enrolment is waiting", code="reenrolment_waiting")
    needs_officer = reenrolment_needs_officer(person, applicant.evidence, now.date(), issuer.settling)
    waiting = Pending(
        person.tag,
        base64url.encode(secrets.token_bytes(16)),
        proof.handle,
        proof.device_key,
        applicant.evidence.assurance,
        due_after(now.date(), PENDING_DAYS),
        needs_officer=needs_officer,
        waived=False,
    )
    store.insert_pending(connection, waiting)
    # Reserved now, so that nobody else can be given this handle while it waits.
    _remember_handle(issuer, connection, person.tag, proof.handle)
    return waiting


def _with_assurance(connection: Connection, person: Person, evidence: Evidence) -> Person:
    better = rank(evidence.assurance) > rank(person.assurance)
    person = replace(person, assurance=evidence.assurance) if better else person
    store.update_person(connection, person)
    return person


def _find(issuer: Issuer, connection: Connection, applicant: Applicant, now: datetime) -> Person | None:
    """Return the person of a document, moved to the newest tag key or number, with what was due done."""
    every = [tag for found in applicant.tags.values() for tag in found]
    person = store.find_person(connection, every)
    if person is None:
        return None
    newest = issuer.keys.tags.newest
    current = applicant.tags[newest][0]
    if person.tag != current:
        store.move_person(connection, person.tag, current, newest)
        person = replace(person, tag=current, tag_key=newest)
    return mature(issuer, connection, person, now)


def _relation(
    issuer: Issuer, connection: Connection, applicant: Applicant, person: Person | None, handle: bytes
) -> Relation:
    """Return what a proven handle is to the person of the document."""
    if person is not None and person.handle == handle:
        return Relation.CURRENT
    used = store.find_used_handle(connection, _handle_macs(issuer, handle))
    if used is None:
        return Relation.NEW
    tags = applicant.tags.get(used.mac_key, ())
    if used.tag_handle_mac not in [issuer.keys.tags.tag_handle_mac(used.mac_key, tag, handle) for tag in tags]:
        return Relation.FOREIGN
    if person is not None and used.tag_handle_mac in person.returnable:
        return Relation.RETURNABLE
    return Relation.DEAD


def _remember_handle(issuer: Issuer, connection: Connection, tag: bytes, handle: bytes) -> None:
    keys = issuer.keys.tags
    if store.find_used_handle(connection, _handle_macs(issuer, handle)) is None:
        store.insert_used_handle(
            connection,
            handle_mac=keys.handle_mac(keys.newest, handle),
            mac_key=keys.newest,
            tag_handle_mac=keys.tag_handle_mac(keys.newest, tag, handle),
        )


def _handle_macs(issuer: Issuer, handle: bytes) -> dict[str, bytes]:
    return {key_id: issuer.keys.tags.handle_mac(key_id, handle) for key_id in issuer.keys.tags.ids}


def _tags(issuer: Issuer, document: VerifiedDocument) -> dict[str, tuple[bytes, ...]]:
    numbers = [document.personal_number]
    if document.previous_number is not None:
        numbers.append(document.previous_number)
    keys, state = issuer.keys.tags, document.issuing_state
    return {key_id: tuple(keys.tag(key_id, state, number) for number in numbers) for key_id in keys.ids}


def _seal(issuer: Issuer, purpose: str, fields: list[cbor.Value], lifetime_s: int) -> str:
    return issuer.keys.seal.close(purpose, fields, now=issuer.clock.now(), lifetime=timedelta(seconds=lifetime_s))


def _mark(purpose: str, session: bytes) -> str:
    return base64url.encode(sha256(purpose.encode() + session).digest())


def _spend(connection: Connection, mark: str, now: datetime, lifetime_s: int) -> None:
    if store.is_spent(connection, mark):
        raise ConflictError("this was used already; begin again with the document", code="session_spent")
    store.spend(connection, mark, int(now.timestamp()) + lifetime_s)
