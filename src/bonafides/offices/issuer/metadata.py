"""What the issuer says of itself: OpenID4VCI metadata, and the headers and keys of the epochs."""

from bonafides.core import base64url
from bonafides.core.credential.relying_party import origin_of
from bonafides.offices.issuer import published
from bonafides.offices.issuer.service import KINDS, NAME, PERSON, Issuer, published_epochs

FORMAT = "application/vnd.bonafides.credential+cbor"
CONFIGURATIONS = {"bonafides_person": PERSON, "bonafides_name": NAME}
"""Configuration id -> credential type."""
PROOF_TYPE = "bonafides_commitment"
PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


def credential_issuer(issuer: Issuer) -> dict[str, object]:
    """Return the credential issuer metadata (OpenID4VCI 1.0, 12.2)."""
    origin = origin_of(issuer.id)
    return {
        "credential_issuer": origin,
        "credential_endpoint": f"{origin}/credential",
        "nonce_endpoint": f"{origin}/nonce",
        "deferred_credential_endpoint": f"{origin}/deferred_credential",
        "credential_configurations_supported": {
            name: {
                "format": FORMAT,
                "type": kind,
                "credential_signing_alg_values_supported": ["BBS-NYM-SHA256"],
                "proof_types_supported": {PROOF_TYPE: {"proof_signing_alg_values_supported": ["ES256"]}},
            }
            for name, kind in CONFIGURATIONS.items()
        },
    }


def authorization_server(issuer: Issuer) -> dict[str, object]:
    """Return the authorization server metadata (RFC 8414), with the one grant there is."""
    origin = origin_of(issuer.id)
    return {
        "issuer": origin,
        "token_endpoint": f"{origin}/token",
        "response_types_supported": [],
        "grant_types_supported": [PRE_AUTHORIZED],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def bonafides_issuer(issuer: Issuer) -> dict[str, object]:
    """Return headers and keys of the last, this and the next epoch: the same for everyone who asks."""
    now = issuer.clock.now()
    epochs, compromised = issuer.run(
        lambda connection: (
            [each for kind in KINDS for each in published_epochs(issuer, connection, now, kind)],
            published.compromised_keys(connection),
        )
    )
    return {
        "profile": "bonafides/1",
        "issuer_id": issuer.id,
        "country": issuer.settings.country,
        "trust": issuer.trust.version,
        "epochs": [
            {
                "epoch": each.epoch,
                "type": each.header.type,
                "header": base64url.encode(each.header.encode()),
                "key": base64url.encode(each.key.public),
            }
            for each in epochs
        ],
        "compromised": compromised,
    }


def credential_offer(issuer: Issuer, code: str, kind: str = PERSON) -> dict[str, object]:
    """Return the offer that hands a pre-authorised code to a wallet (OpenID4VCI 1.0, 4.1.1)."""
    return {
        "credential_issuer": origin_of(issuer.id),
        "credential_configuration_ids": [name for name, each in CONFIGURATIONS.items() if each == kind],
        "grants": {PRE_AUTHORIZED: {"pre-authorized_code": code}},
    }
