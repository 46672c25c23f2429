"""An officer confirms with their passkey that document and person stood before them (WebAuthn Level 3, 7.2).

The passkey signs a challenge over issuer, document nonce and document, after it has verified the officer: nobody can
carry the confirmation to another session or to another document, and a session accepts one document. Signature counters
are not kept: what they would find, an assertion used twice, cannot happen.
"""

from collections.abc import Mapping
from typing import Any

from bonafides.core import base64url
from bonafides.core.credential.binding import officer_challenge
from bonafides.core.credential.relying_party import origin_of
from bonafides.errors import InputError, VerificationError
from bonafides.offices.issuer.settings import OfficerPasskey

MAX_PART_BYTES = 4096
IN_PERSON = "in_person"
_PARTS = frozenset({"clientDataJSON", "authenticatorData", "signature"})
# What browsers send beside them, which nothing here depends on.
_UNUSED = frozenset({"authenticatorAttachment", "clientExtensionResults"})
# What the library raises over a malformed assertion beside its own errors.
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


def check_presence(
    passkeys: Mapping[str, OfficerPasskey], assertion: object, *, issuer_id: str, reference: str
) -> None:
    """Return if one of these officers confirms the person of this session.

    `assertion` is the JSON form of a PublicKeyCredential, `reference` that of `presence_reference`. Raises InputError
    `officer_form` if it is none, VerificationError `officer_presence` if it is no confirmation of this session and
    document by an officer whom the key verified.
    """
    credential = _read(assertion)
    passkey = next((each for each in passkeys.values() if each.credential_id == credential["id"]), None)
    if passkey is None:
        raise _not_confirmed()
    # Late, because few documents are shown to an officer and the library is large.
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = officer_challenge(issuer_id=issuer_id, act=IN_PERSON, reference=reference)
    try:
        verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=passkey.rp_id or issuer_id.partition(":")[0],
            expected_origin=passkey.origin or origin_of(issuer_id),
            credential_public_key=passkey.cose(),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, *_MALFORMED):
        raise _not_confirmed() from None


def _read(assertion: object) -> dict[str, Any]:
    """Return what is verified of an assertion, and nothing else of it: the library takes many spellings of one."""
    match assertion:
        case {"id": str(name), "rawId": raw, "type": "public-key", "response": dict(response), **more} if (
            raw == name and more.keys() <= _UNUSED and _PARTS <= response.keys() <= _PARTS | {"userHandle"}
        ):
            for part in (name, *(response[each] for each in _PARTS)):
                base64url.decode(part, max_bytes=MAX_PART_BYTES)
            return {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": {each: response[each] for each in _PARTS},
            }
    raise InputError("an officer's confirmation is an assertion of a passkey", code="officer_form")


def _not_confirmed() -> VerificationError:
    return VerificationError("no officer confirms the person of this session", code="officer_presence")
