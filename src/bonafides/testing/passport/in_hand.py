"""A chip document in somebody's hands, read anew by the real reader each time it is shown."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bonafides.core import base64url
from bonafides.core.chip import Password, read_document
from bonafides.core.document.active import NONCE_BYTES
from bonafides.testing.passport.card import EmulatedPassport
from bonafides.wallet.facts import DocumentFacts, StoredDocument


@dataclass(frozen=True, slots=True, repr=False)
class PassportInHand:
    """A wallet's `Document` whose chip is opened, read and asked to sign as a chip on a reader is."""

    passport: EmulatedPassport

    def facts(self, today: date) -> DocumentFacts:
        """Return what the document says."""
        return self._read(None).facts(today)

    def full_name(self) -> str:
        """Return the holder's name with its diacritics."""
        return self._read(None).full_name()

    def bundle(self, document_nonce: str) -> Mapping[str, Any]:
        """Return what was read, with the chip's answer to the nonce if it can give one."""
        return self._read(base64url.decode(document_nonce, max_bytes=NONCE_BYTES)).members

    def officer_statement(self, reference: str) -> None:
        """Return None: nobody else is there."""

    def _read(self, nonce: bytes | None) -> StoredDocument:
        self.passport.reset()
        password = Password.from_zone(self.passport.zone)
        read = read_document(self.passport.transmit, password=password, randomness=secrets.token_bytes, nonce=nonce)
        return StoredDocument(read.bundle.to_json())
