"""What the holder's own document says, so that an issuer cannot write anything else into a credential (profile §2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from bonafides.core.credential.epoch import monday_of
from bonafides.core.credential.slots import ASSURANCES, Person, SlotValue
from bonafides.core.document import DocumentBundle, age_flags, parse_mrz, read_full_name
from bonafides.core.document.lds import parse_dg1
from bonafides.errors import InputError, PolicyError, VerificationError


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """Issuing State and birth date of the holder's document; no year of birth, no age flags."""

    issuing_state: str
    birth: date | None = field(repr=False)


class Document(Protocol):
    """A document in the holder's hands."""

    def facts(self, today: date) -> DocumentFacts:
        """Return what the document says; `today` decides the century of a birth date."""
        ...

    def full_name(self) -> str:
        """Return the holder's name with its diacritics. Raises PolicyError `no_signed_name` if the chip has none."""
        ...

    def bundle(self, document_nonce: str) -> Mapping[str, Any]:
        """Return what the issuer is sent; a chip that can signs the nonce."""
        ...

    def officer_statement(self, reference: str) -> Mapping[str, Any] | None:
        """Return what the passkey of an officer who saw document and person signed over the reference, if any."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class StoredDocument:
    """A document bundle that was read before, `{"sod": …, "dg1": …}` in base64url: no chip is at hand."""

    members: Mapping[str, Any]

    def __repr__(self) -> str:
        """Return a text without the document."""
        return "StoredDocument(redacted)"

    def facts(self, today: date) -> DocumentFacts:
        """Return issuing State and birth date from the machine readable zone. Raises InputError."""
        zone = parse_mrz(parse_dg1(DocumentBundle.from_json(dict(self.members)).dg1), reference=today)
        return DocumentFacts(zone.issuing_state, zone.birth)

    def full_name(self) -> str:
        """Return the name in data group 11; never the one in the zone. Raises PolicyError, InputError."""
        return read_full_name(DocumentBundle.from_json(dict(self.members)).dg11)

    def bundle(self, document_nonce: str) -> Mapping[str, Any]:  # noqa: ARG002 - a stored bundle signs nothing
        """Return the bundle as it is."""
        return self.members

    def officer_statement(self, reference: str) -> Mapping[str, Any] | None:  # noqa: ARG002 - nobody was there
        """Return None."""
        return None


def check_country(country: str, facts: DocumentFacts) -> None:
    """Return if an issuer serves the State of the document. Raises PolicyError `issuer_country`."""
    if country != facts.issuing_state:
        raise PolicyError("This issuer serves another State than your document's.", code="issuer_country")


def expected_ages(facts: DocumentFacts, epoch: str) -> tuple[bool, ...]:
    """Return age_over_13, _16, _18 at 00:00 UTC of the epoch's Monday; an unknown year of birth raises none."""
    return tuple(age_flags(facts.birth, monday_of(epoch).date()).values())


def check_issued_values(
    values: tuple[SlotValue, ...], *, epoch: str, facts: DocumentFacts, shown: tuple[SlotValue, ...] | None
) -> None:
    """Return if an issued credential says what it must; else VerificationError `issuer_values`.

    `shown` are the values of the credential a renewal presented: ages do not rise until the document is read again.
    """
    ages = shown[Person.AGE_OVER_13 : Person.COUNTRY] if shown else expected_ages(facts, epoch)
    good = (
        values[Person.AGE_OVER_13 : Person.COUNTRY] == ages
        and values[Person.COUNTRY] == facts.issuing_state
        and values[Person.ASSURANCE] in ASSURANCES
        and isinstance(values[Person.SETTLED], bool)
    )
    if not good:
        raise wrong_values()


def wrong_values() -> VerificationError:
    """Return the error for an issuer that signed something else than it must."""
    return VerificationError(
        "The issuer signed something else than your document says: the credentials were thrown away.",
        code="issuer_values",
    )


def ages_may_rise(values: tuple[SlotValue, ...], *, epoch: str, facts: DocumentFacts) -> bool:
    """Return whether reading the document again would raise an age flag."""
    return values[Person.AGE_OVER_13 : Person.COUNTRY] != expected_ages(facts, epoch)


def encode_facts(facts: DocumentFacts) -> dict[str, str | None]:
    """Return the facts for the encrypted wallet."""
    return {"issuing_state": facts.issuing_state, "birth": facts.birth.isoformat() if facts.birth else None}


def decode_facts(data: Mapping[str, Any]) -> DocumentFacts:
    """Return the facts as the wallet stored them. Raises InputError."""
    birth = data.get("birth")
    try:
        return DocumentFacts(str(data["issuing_state"]), None if birth is None else date.fromisoformat(birth))
    except (KeyError, ValueError, TypeError):
        raise InputError("the wallet's content is not of this version", code="wallet_version") from None
