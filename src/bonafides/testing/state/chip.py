"""A chip that shows that it is no copy, and a document with it in somebody's hands (ICAO 9303-11, 6.1)."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from bonafides.core import base64url
from bonafides.core.document import DocumentBundle
from bonafides.core.document.active import NONCE_BYTES
from bonafides.core.document.curve_table import CURVES
from bonafides.core.document.iso9796 import HASH_IDENTIFIERS
from bonafides.core.document.signature import digest
from bonafides.testing.state.groups import encode_dg14, encode_dg15
from bonafides.testing.state.keys import Algorithm, KeyKind, KeyPair, new_key
from bonafides.wallet.facts import DocumentFacts, StoredDocument


@dataclass(frozen=True, slots=True)
class SoftChip:
    """A key pair of active authentication and the way it signs.

    ECDSA is r ‖ s, or DER with `der`; the hash stands in data group 14 unless the chip is `silent` about it.
    """

    pair: KeyPair = field(repr=False)
    der: bool = False
    silent: bool = False

    @classmethod
    def new(cls, kind: KeyKind | Algorithm = "ecdsa_p256", *, der: bool = False, silent: bool = False) -> "SoftChip":
        """Return a chip with a key of its own."""
        return cls(new_key(kind), der, silent)

    @property
    def groups(self) -> dict[int, bytes]:
        """Data groups 15 and, for ECDSA, 14: what a State signs into the document."""
        groups = {15: encode_dg15(self.pair.spki)}
        if not self.silent and not isinstance(self.pair.private, rsa.RSAPrivateKey):
            groups[14] = encode_dg14(ecdsa_hash=self.pair.kind.scheme.digest)
        return groups

    def sign(self, nonce: bytes) -> bytes:
        """Return the chip's answer to INTERNAL AUTHENTICATE."""
        if isinstance(self.pair.private, rsa.RSAPrivateKey):
            return _sign_with_recovery(self.pair.private, self.pair.kind.scheme.digest, nonce)
        signature = self.pair.sign(nonce)
        if self.der:
            return signature
        size = next(curve.size for curve in CURVES if curve.name == self.pair.kind.curve)
        return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(signature))

    def answer(self, bundle: DocumentBundle, nonce: bytes) -> DocumentBundle:
        """Return what was read with the chip's answer to this nonce."""
        return replace(bundle, active_authentication=self.sign(nonce))


@dataclass(frozen=True, slots=True, repr=False)
class ChipDocument:
    """A wallet's document whose chip is at hand; `officer`, if one is there, confirms the person for a reference."""

    read: DocumentBundle
    chip: SoftChip
    officer: Callable[[str], Mapping[str, Any]] | None = None

    def facts(self, today: date) -> DocumentFacts:
        """Return what the document says."""
        return StoredDocument(self.read.to_json()).facts(today)

    def full_name(self) -> str:
        """Return the holder's name."""
        return StoredDocument(self.read.to_json()).full_name()

    def bundle(self, document_nonce: str) -> Mapping[str, Any]:
        """Return what was read, and what the chip signed."""
        return self.chip.answer(self.read, base64url.decode(document_nonce, max_bytes=NONCE_BYTES)).to_json()

    def officer_statement(self, reference: str) -> Mapping[str, Any] | None:
        """Return the officer's confirmation, if one is there."""
        return None if self.officer is None else self.officer(reference)


def _sign_with_recovery(private: rsa.RSAPrivateKey, name: str, nonce: bytes) -> bytes:
    """Return a signature from which most of what is signed comes out again: ISO/IEC 9796-2, scheme 1."""
    identifier = next(number for number, hashed in HASH_IDENTIFIERS.items() if hashed == name)
    trailer = b"\xbc" if name == "sha1" else bytes([identifier, 0xCC])
    size = private.key_size // 8
    own = secrets.token_bytes(size - 1 - len(digest(name, b"")) - len(trailer))
    opened = b"\x6a" + own + digest(name, own + nonce) + trailer
    numbers = private.private_numbers()
    root = pow(int.from_bytes(opened, "big"), numbers.d, numbers.public_numbers.n)
    return root.to_bytes(size, "big")
