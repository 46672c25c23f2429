"""One person at the counter: compare the code, read the chip with the issuer's nonce, send it on, keep nothing.

The issuer tells a service point that a document was delivered, or why it was refused; the code that makes a wallet
somebody's goes to that wallet alone.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bonafides.core.credential.relying_party import origin_of
from bonafides.core.credential.station_link import StationLink
from bonafides.core.document import DocumentBundle
from bonafides.errors import InputError, PolicyError, VerificationError
from bonafides.kit.http import HttpClient

MAX_ANSWER_BYTES = 16 * 1024
_NUMBER = re.compile(r"[A-Z0-9]{1,22}")
_ACCESS_NUMBER = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True, repr=False)
class Printed:
    """What opens a chip when read from the document: its number, birth date and date of expiry."""

    document_number: str
    birth: date
    expiry: date


@dataclass(frozen=True, slots=True, repr=False)
class AccessNumber:
    """What opens a chip when its six digits are printed on the document (CAN)."""

    digits: str


Password = Printed | AccessNumber


class CardReader(Protocol):
    """A reader with a document on it."""

    def read(self, *, nonce: bytes, password: Password) -> DocumentBundle:
        """Return the files of the chip, which signs the nonce if it can. Raises our errors."""
        ...


class Clerk(Protocol):
    """Whoever serves the person."""

    def confirms(self, link: StationLink) -> bool:
        """Return whether the person's wallet shows the same issuer and digits."""
        ...

    def password(self) -> Password:
        """Return what opens the chip."""
        ...


def serve_person(
    link: StationLink, *, clerk: Clerk, reader: CardReader, http: HttpClient, issuers: Set[str] = frozenset()
) -> None:
    """Read a document for the wallet that shows this link and send it to the wallet's issuer.

    `issuers` are those this service point works for; where none is named the clerk's word counts. Raises PolicyError
    `station_issuer` or `station_code` before anything is read, and what reader and issuer raise. Nothing is kept.
    """
    if issuers and link.issuer_id not in issuers:
        raise PolicyError("This service point does not work for that wallet's issuer.", code="station_issuer")
    if not clerk.confirms(link):
        raise PolicyError(
            "Nothing was read: let the person show the code in their own wallet, and scan that.", code="station_code"
        )
    bundle = reader.read(nonce=link.nonce, password=clerk.password())
    answer = http.post_json(
        origin_of(link.issuer_id) + "/session/document", {"session": link.session, "document": bundle.to_json()}
    )
    if answer != {"delivered": True}:
        # A session that somebody opened for themselves would have its code sent here: nobody is served with that.
        raise VerificationError("This code is not of a wallet at a service point.", code="station_session")


def printed(document_number: str, birth: str, expiry: str) -> Printed:
    """Return what is printed on a document, as a clerk types it. Raises InputError `station_password`."""
    number = re.sub(r"[\s<-]", "", document_number).upper()
    try:
        return Printed(_require(_NUMBER, number), date.fromisoformat(birth.strip()), date.fromisoformat(expiry.strip()))
    except ValueError:
        raise _wrong() from None


def access_number(digits: str) -> AccessNumber:
    """Return the six digits printed on a card. Raises InputError `station_password`."""
    return AccessNumber(_require(_ACCESS_NUMBER, digits.strip()))


def _require(form: re.Pattern[str], text: str) -> str:
    if not form.fullmatch(text):
        raise _wrong()
    return text


def _wrong() -> InputError:
    return InputError(
        "Type the document's number and its dates as YEAR-MONTH-DAY, or the six digits of its access number.",
        code="station_password",
    )
