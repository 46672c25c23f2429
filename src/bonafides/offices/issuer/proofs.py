"""What a wallet sends to be signed: commitment proof, nonce, device key and signature — read and verified."""

from collections.abc import Mapping
from dataclasses import dataclass

from bonafides.core import base64url
from bonafides.core.credential import device
from bonafides.core.credential.binding import device_message
from bonafides.core.credential.commitment import (
    COMMITMENT_BYTES,
    SessionBinding,
    VerifiedCommitment,
    verify_commitment,
)
from bonafides.core.credential.presentation import MAX_PRESENTATION_BYTES
from bonafides.errors import InputError
from bonafides.offices.issuer.service import PERSON, Issuer, PublishedEpoch, attempt_nonce, issuing_epochs

NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Proof:
    """The four parts of a proof, decoded; `presentation` is empty but in a renewal."""

    commitment: bytes
    c_nonce: str
    device_key: bytes
    device_signature: bytes
    presentation: bytes = b""


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """A commitment that this very device made for this nonce and these two epochs."""

    commitment: VerifiedCommitment
    epochs: tuple[PublishedEpoch, PublishedEpoch]
    device_key: bytes
    c_nonce: str

    @property
    def handle(self) -> bytes:
        """The handle of the committed secret."""
        return self.commitment.handle


def decode_proof(data: Mapping[str, object], *, with_presentation: bool = False) -> Proof:
    """Return the parts of a proof object, lengths checked. Raises InputError."""
    wanted = {"commitment", "c_nonce", "device_key", "device_signature"}
    wanted |= {"presentation"} if with_presentation else set()
    if set(data) != wanted:
        raise InputError("a proof has exactly its four parts", code="proof_form")
    c_nonce = check_nonce(data["c_nonce"])
    commitment = base64url.decode(data["commitment"], max_bytes=COMMITMENT_BYTES)
    key = device.check_device_key(base64url.decode(data["device_key"], max_bytes=device.DEVICE_KEY_BYTES))
    signature = base64url.decode(data["device_signature"], max_bytes=device.DEVICE_SIGNATURE_BYTES)
    presentation = b""
    if with_presentation:
        presentation = base64url.decode(data["presentation"], max_bytes=MAX_PRESENTATION_BYTES)
    return Proof(commitment, c_nonce, key, signature, presentation)


def check_nonce(value: object) -> str:
    """Return the text if it has the form of a nonce of ours. Raises InputError."""
    if isinstance(value, str) and len(base64url.decode(value, max_bytes=NONCE_BYTES)) == NONCE_BYTES:
        return value
    raise InputError("a nonce has 128 bits", code="nonce_form")


def verify_proof(issuer: Issuer, proof: Proof, kind: str = PERSON) -> VerifiedProof:
    """Return what a proof proves; the nonce is tried, not yet used up.

    The commitment is for the two headers of one credential type, and is signed under no other. Raises ConflictError for
    a bad nonce, InputError or VerificationError for the rest.
    """
    attempt_nonce(issuer, proof.c_nonce)
    signed = device_message(
        issuer_id=issuer.id, c_nonce=proof.c_nonce, commitment=proof.commitment, presentation=proof.presentation
    )
    device.verify(device_key=proof.device_key, signature=proof.device_signature, message=signed)
    epochs = issuing_epochs(issuer, kind)
    first, second = ((each.header.encode(), each.key.public) for each in epochs)
    binding = SessionBinding(issuer.id, (first, second), proof.c_nonce, proof.device_key)
    verified = verify_commitment(data=proof.commitment, expected_binding=binding)
    return VerifiedProof(verified, epochs, proof.device_key, proof.c_nonce)
