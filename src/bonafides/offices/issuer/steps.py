"""The steps of the life cycle, each as what it writes: enrol, upgrade, restore, return, re-enrol (profile §3).

Which step follows is not decided here but read from the table in `domain.py`.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bonafides.core import base64url
from bonafides.core.credential.epoch import epoch_of
from bonafides.errors import ConflictError, PolicyError
from bonafides.offices.issuer import published, store
from bonafides.offices.issuer.applicant import Applicant
from bonafides.offices.issuer.domain import (
    DISPUTE_DAYS,
    PENDING_DAYS,
    Evidence,
    Person,
    Relation,
    Step,
    due_after,
    rank,
    reenrolment_needs_officer,
)
from bonafides.offices.issuer.proofs import VerifiedProof
from bonafides.offices.issuer.service import Issuer
from bonafides.offices.issuer.settling import month_of
from bonafides.offices.issuer.store import Pending
from bonafides.offices.issuer.upkeep import mature


def take_step(
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


def find_person(issuer: Issuer, connection: Connection, applicant: Applicant, now: datetime) -> Person | None:
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


def relation_of(
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


def _enrol(issuer: Issuer, connection: Connection, applicant: Applicant, proof: VerifiedProof, now: datetime) -> Person:
    """First enrolment: settled at once."""
    key = issuer.keys.tags.newest
    person = Person(applicant.tags[key][0], key, proof.handle, applicant.evidence.assurance)
    store.insert_person(connection, person)
    _remember_handle(issuer, connection, person.tag, proof.handle)
    store.put_device(connection, person.tag, proof.device_key, "active")
    published.count(connection, epoch_of(now), "enrolled")
    published.count_enrolment(connection, month_of(now.date()), applicant.trust_version)
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
    published.count(connection, epoch_of(now), "restored")
    return _with_assurance(connection, _thawed(person, now), applicant.evidence)


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


def _thawed(person: Person, now: datetime) -> Person:
    """Return the person with a freeze ended this week; its end stays known, for the pause before the next."""
    if person.frozen_until is None or person.frozen_until <= epoch_of(now):
        return person
    return replace(person, frozen_until=epoch_of(now))


def _with_assurance(connection: Connection, person: Person, evidence: Evidence) -> Person:
    better = rank(evidence.assurance) > rank(person.assurance)
    person = replace(person, assurance=evidence.assurance) if better else person
    store.update_person(connection, person)
    return person


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
