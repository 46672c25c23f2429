"""Signing a credential blind, and opening what was signed (profile §2, §3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bonafides.core import cbor
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs.blind import core_blind_sign
from bonafides.core.bbs.ciphersuite import SHA256, pseudonym_interface
from bonafides.core.bbs.pseudonym import combined_header, verify_finalize_with_nym
from bonafides.core.bbs.signature import SIGNATURE_BYTES
from bonafides.core.credential import slots
from bonafides.core.credential.commitment import VerifiedCommitment
from bonafides.core.credential.header import Header, decode_header
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.slots import SlotValue
from bonafides.errors import InputError, VerificationError

NYM_LENGTH = 1
SIGNER_NYM_ENTROPY = 0
"""Anything else is refused by every party (profile §1)."""
MAX_ISSUED_BYTES = 2048
_ISSUED = "bonafides/1 issued"
_STORED = "bonafides/1 stored"


@dataclass(frozen=True, slots=True)
class Credential:
    """A signed credential in the holder's hands. `blind` is the secret prover blind of its commitment."""

    header_bytes: bytes
    public_key: bytes
    values: tuple[SlotValue, ...] = field(repr=False)
    signature: bytes = field(repr=False)
    blind: int = field(repr=False)

    @property
    def header(self) -> Header:
        """The decoded header."""
        return decode_header(self.header_bytes)

    def encode(self) -> bytes:
        """Return the credential for the encrypted wallet; it holds secrets."""
        blind = curve.encode_scalar(self.blind)
        return cbor.encode([_STORED, self.header_bytes, self.public_key, list(self.values), self.signature, blind])


def decode_credential(data: bytes) -> Credential:
    """Return the credential as the wallet stored it. Raises InputError."""
    match cbor.decode(data):
        case [mark, bytes(header), bytes(key), list(values), bytes(signature), bytes(blind)] if mark == _STORED:
            checked = slots.check_values(decode_header(header).type, values)
            return Credential(header, key, checked, signature, curve.decode_scalar(blind))
    raise InputError("not a stored credential", code="credential")


def sign_credential(
    *, secret_key: int, public_key: bytes, header: Header, values: Sequence[SlotValue], commitment: VerifiedCommitment
) -> bytes:
    """Return CBOR `["bonafides/1 issued", header, [values], signature]` over a verified commitment.

    Raises InputError for values outside the vocabulary, VerificationError for a header and key that the commitment was
    not made for.
    """
    if (header.encode(), public_key) not in commitment.epochs:
        raise VerificationError("the commitment was made for other headers", code="commitment")
    checked = slots.check_values(header.type, list(values))
    interface = pseudonym_interface(SHA256)
    header_bytes = header.encode()
    signature = core_blind_sign(
        interface,
        secret_key,
        public_key,
        commitment.C,
        interface.bases(len(checked), NYM_LENGTH),
        combined_header(header_bytes, NYM_LENGTH),
        interface.map_messages(slots.messages(header.type, checked)),
    )
    return cbor.encode([_ISSUED, header_bytes, list(checked), signature])


def open_issued(
    *,
    data: bytes,
    secret: HolderSecret,
    blind: int,
    expected_header: bytes,
    expected_key: bytes,
) -> Credential:
    """Return the credential in an issuer's reply if it is signed under exactly this header and key.

    Raises InputError for malformed bytes, VerificationError for another header or a signature that does not hold. The
    caller compares the values with the holder's own document.
    """
    if len(data) > MAX_ISSUED_BYTES:
        raise InputError("an issued credential is shorter", code="issued")
    match cbor.decode(data):
        case [mark, bytes(header), list(values), bytes(signature)] if (
            mark == _ISSUED and len(signature) == SIGNATURE_BYTES
        ):
            pass
        case _:
            raise InputError("not an issued credential", code="issued")
    if header != expected_header:
        raise VerificationError("signed under another header than the published one", code="header")
    kind = decode_header(header).type
    checked = slots.check_values(kind, values)
    verify_finalize_with_nym(
        expected_key,
        signature,
        header,
        slots.messages(kind, checked),
        [],
        [secret.scalar],
        SIGNER_NYM_ENTROPY,
        blind,
    )
    return Credential(header, expected_key, checked, signature, blind)
