"""The did:web document of a relying party: which Ed25519 keys may sign its requests."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bonafides.core.credential.relying_party import did_of, origin_of
from bonafides.errors import InputError, VerificationError
from bonafides.kit.http import HttpClient
from bonafides.kit.signing_key import public_key_from_jwk
from bonafides.wallet.answers import read_list, read_text

MAX_METHODS = 16


def fetch_keys(rp_id: str, http: HttpClient) -> dict[str, Ed25519PublicKey]:
    """Return key id -> key of the relying party's own DID document. Raises our errors."""
    return read_keys(http.get_json(origin_of(rp_id) + "/.well-known/did.json"), did=did_of(rp_id))


def read_keys(document: Mapping[str, Any], *, did: str) -> dict[str, Ed25519PublicKey]:
    """Return the Ed25519 keys of a DID document; methods of other kinds are passed over.

    Raises VerificationError `did_document` if it is the document of another, InputError if it is none.
    """
    if document.get("id") != did:
        raise VerificationError("The site shows the key document of another.", code="did_document")
    keys: dict[str, Ed25519PublicKey] = {}
    for method in read_list(document, "verificationMethod", longest=MAX_METHODS, code="did_document"):
        method = method if isinstance(method, dict) else {}
        name = read_text(method, "id", longest=512, code="did_document")
        if not name.startswith(did + "#") or method.get("controller", did) != did:
            raise VerificationError("The site's key document holds a key of another.", code="did_document")
        try:
            key = public_key_from_jwk(method["publicKeyJwk"] if isinstance(method.get("publicKeyJwk"), dict) else {})
        except InputError:
            continue
        if name in keys:
            raise InputError("two keys of one name in a key document", code="did_document")
        keys[name] = key
    return keys
