"""A chip document in somebody's hands, read anew by the real reader each time it is shown."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bonafides.core import base64url
from bonafides.core.chip import Password, read_document
from bonafides.core.document import DocumentBundle
from bonafides.core.document.active import NONCE_BYTES
from bonafides.testing.passport.card import EmulatedPassport
from bonafides.wallet.facts import DocumentFacts, StoredDocument


@dataclass(frozen=True, slots=True, repr=False)
class PassportInHand:
    """A wallet's `Document`, and a service point's reader with it, whose chip is opened, read and asked to sign."""

    passport: EmulatedPassport

    def read(self, *, nonce: bytes | None, password: object = None) -> DocumentBundle:  # noqa: ARG002
        """Return the files of the chip, which signs the nonce; it is opened by what its own zone says."""
        self.passport.reset()
        own = Password.from_zone(self.passport.zone)
        return read_document(self.passport.transmit, password=own, randomness=secrets.token_bytes, nonce=nonce).bundle

    def facts(self, today: date) -> DocumentFacts:
        """Return what the document says."""
        return StoredDocument(self.read(nonce=None).to_json()).facts(today)

    def full_name(self) -> str:
        """Return the holder's name with its diacritics."""
        return StoredDocument(self.read(nonce=None).to_json()).full_name()

    def bundle(self, document_nonce: str) -> Mapping[str, Any]:
        """Return what was read, with the chip's answer to the nonce if it can give one."""
        return self.read(nonce=base64url.decode(document_nonce, max_bytes=NONCE_BYTES)).to_json()

    def officer_statement(self, reference: str) -> None:
        """Return None: nobody else is there."""
