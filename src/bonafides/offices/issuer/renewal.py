"""Renewal: the same handle, a credential that still counts, an enrolled device — two fresh credentials (profile §3)."""

from sqlalchemy import Connection

from bonafides.core.credential.binding import renewal_header
from bonafides.core.credential.context import handle_context
from bonafides.core.credential.epoch import epoch_of
from bonafides.core.credential.presentation import Expectation, decode_presentation, verify_presentation
from bonafides.core.credential.slots import Person as Slot
from bonafides.errors import PolicyError, VerificationError
from bonafides.offices.issuer import store
from bonafides.offices.issuer.domain import is_frozen
from bonafides.offices.issuer.proofs import Proof, verify_proof
from bonafides.offices.issuer.service import Issuer, consume_nonce, renewable_key
from bonafides.offices.issuer.signing import Values, count_signed, sign_both, values_from_presentation
from bonafides.offices.issuer.upkeep import mature

_ALL_SLOTS = frozenset(int(slot) for slot in Slot)


def renew(issuer: Issuer, proof: Proof) -> list[dict[str, str]]:
    """Return the credentials of this epoch and the next for a handle, keeping none of what was shown.

    The pseudonym presented, the handle committed and the handle stored must be one. Raises VerificationError or
    PolicyError; an unknown handle and an unknown device look alike.
    """
    verified = verify_proof(issuer, proof)
    now = issuer.clock.now()
    presentation = decode_presentation(proof.presentation)
    key = issuer.run(lambda connection: renewable_key(issuer, connection, presentation.header, now))
    expected = Expectation(
        handle_context(issuer.id),
        {presentation.header.encode(): key.public},
        _ALL_SLOTS,
        _ALL_SLOTS,
        renewal_header(issuer_id=issuer.id, c_nonce=proof.c_nonce, commitment=proof.commitment),
    )
    shown = verify_presentation(presentation=presentation, expected=expected)
    if shown.pseudonym != verified.handle:
        raise VerificationError("the credential is another secret's", code="handle_mismatch")

    def work(connection: Connection) -> Values:
        consume_nonce(issuer, connection, verified.c_nonce)
        person = store.find_person_by_handle(connection, verified.handle)
        if person is not None:
            person = mature(issuer, connection, person, now)
        if person is None or person.handle != verified.handle:
            raise unknown_holder()
        known = [each.device_key for each in store.devices_of(connection, person.tag) if each.standing == "active"]
        if verified.device_key not in known:
            raise unknown_holder()
        if is_frozen(person, now):
            raise PolicyError("renewals are frozen", code="frozen")
        store.count(connection, epoch_of(now), "renewed")
        count_signed(connection, verified)
        epochs = [each.epoch for each in verified.epochs]
        return values_from_presentation(issuer, connection, person, dict(shown.disclosed), epochs)

    return sign_both(verified, issuer.run(work))


def unknown_holder() -> PolicyError:
    """Return the one error for an unknown handle and an unknown device."""
    return PolicyError("no such handle with such a device", code="unknown_holder")
