"""Making the two credentials of an issuance: this epoch and the next, one commitment under both headers."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from bonafides.core import base64url
from bonafides.core.credential.epoch import monday_of
from bonafides.core.credential.issuance import sign_credential
from bonafides.core.credential.slots import Person as Slot
from bonafides.core.credential.slots import SlotValue
from bonafides.core.document import age_flags
from bonafides.offices.issuer import published
from bonafides.offices.issuer.domain import Person
from bonafides.offices.issuer.proofs import VerifiedProof
from bonafides.offices.issuer.service import Issuer
from bonafides.offices.issuer.upkeep import settled_in_epoch


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document says that a credential carries: nothing of it is stored."""

    birth: date | None
    country: str

    def __repr__(self) -> str:
        """Return a text without the birth date."""
        return "Facts(redacted)"


Values = list[tuple[SlotValue, ...]]


def values_from_document(
    issuer: Issuer, connection: Connection, person: Person, facts: Facts, epochs: list[str]
) -> Values:
    """Return the values for each epoch, ages as of its Monday."""
    found: Values = []
    for epoch in epochs:
        ages = age_flags(facts.birth, monday_of(epoch).date())
        settled = settled_in_epoch(issuer, connection, person, epoch)
        found.append((str(person.assurance), settled, *ages.values(), facts.country))
    return found


def values_from_presentation(
    issuer: Issuer, connection: Connection, person: Person, shown: dict[int, SlotValue], epochs: list[str]
) -> Values:
    """Return the values for each epoch at renewal: ages and country as shown, `assurance` and `settled` anew."""
    found: Values = []
    for epoch in epochs:
        settled = settled_in_epoch(issuer, connection, person, epoch)
        ages = [shown[slot] for slot in (Slot.AGE_OVER_13, Slot.AGE_OVER_16, Slot.AGE_OVER_18)]
        found.append((str(person.assurance), settled, *ages, shown[Slot.COUNTRY]))
    return found


def same_in_both(*values: SlotValue) -> Values:
    """Return values that are the same in either epoch: those of a `name` credential."""
    return [values, values]


def sign_both(proof: VerifiedProof, values: Values) -> list[dict[str, str]]:
    """Return the two issued credentials, as the credential endpoint answers them."""
    return [
        {
            "credential": base64url.encode(
                sign_credential(
                    secret_key=each.key.scalar(),
                    public_key=each.key.public,
                    header=each.header,
                    values=of_epoch,
                    commitment=proof.commitment,
                )
            )
        }
        for each, of_epoch in zip(proof.epochs, values, strict=True)
    ]


def count_signed(connection: Connection, proof: VerifiedProof) -> None:
    """Count the two credentials in the epochs they are for."""
    for each in proof.epochs:
        published.count(connection, each.epoch, "signed")
