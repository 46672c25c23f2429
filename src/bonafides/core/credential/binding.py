"""What presentations and device signatures are bound to, each as one CBOR structure (profile §3, §5)."""

from hashlib import sha256

from bonafides.core import base64url, cbor
from bonafides.errors import InputError

MAX_PAYLOAD_BYTES = 64 * 1024


def presentation_header(
    *, client_id: str, nonce: str, response_uri: str, signed_request: bytes, payload: bytes | None
) -> bytes:
    """Return the `ph` of a presentation to a relying party.

    CBOR `["bonafides/1 ph", client id, nonce, response_uri, SHA-256(signed request), payload or null]`.
    """
    if payload is not None and len(payload) > MAX_PAYLOAD_BYTES:
        raise InputError("a payload has 64 KiB at most", code="too_long")
    require_ascii(client_id, nonce, response_uri)
    digest = sha256(signed_request).digest()
    return cbor.encode(["bonafides/1 ph", client_id, nonce, response_uri, digest, payload])


def renewal_header(*, issuer_id: str, c_nonce: str, commitment: bytes) -> bytes:
    """Return the `ph` of a renewal: CBOR `["bonafides/1 renew", issuer id, c_nonce, SHA-256(commitment proof)]`."""
    require_ascii(issuer_id, c_nonce)
    return cbor.encode(["bonafides/1 renew", issuer_id, c_nonce, sha256(commitment).digest()])


def device_message(*, issuer_id: str, c_nonce: str, commitment: bytes, presentation: bytes = b"") -> bytes:
    """Return what a device signs to enrol or renew.

    CBOR `["bonafides/1 device", issuer id, c_nonce, SHA-256(commitment proof || presentation)]`; at enrolment, where
    there is nothing to present yet, the presentation is empty.
    """
    require_ascii(issuer_id, c_nonce)
    digest = sha256(commitment + presentation).digest()
    return cbor.encode(["bonafides/1 device", issuer_id, c_nonce, digest])


def action_message(*, issuer_id: str, c_nonce: str, action: str, handle: bytes, argument: bytes = b"") -> bytes:
    """Return what a device signs for anything else it asks of the issuer.

    CBOR `["bonafides/1 action", issuer id, c_nonce, action, handle, argument]`. The mark differs from that of
    `device_message`, so that neither can stand in for the other.
    """
    require_ascii(issuer_id, c_nonce, action)
    return cbor.encode(["bonafides/1 action", issuer_id, c_nonce, action, handle, argument])


def presence_reference(*, document_nonce: str, sod: bytes) -> str:
    """Return what an officer confirms: the session, and the one document in it by the hash of its EF.SOD.

    Without the document somebody could show their own and then send the copied files of another.
    """
    return f"{document_nonce}.{base64url.encode(sha256(sod).digest())}"


def officer_challenge(*, issuer_id: str, act: str, reference: str) -> bytes:
    """Return what an officer's passkey signs to confirm a person: 32 bytes.

    SHA-256(CBOR `["bonafides/1 officer", issuer id, act, reference]`), the reference of `presence_reference`.
    """
    require_ascii(issuer_id, act, reference)
    return sha256(cbor.encode(["bonafides/1 officer", issuer_id, act, reference])).digest()


def require_ascii(*texts: str) -> None:
    """Raise InputError unless all texts are ASCII (profile §1)."""
    if not all(text.isascii() for text in texts):
        raise InputError("texts of the profile are ASCII", code="text")
