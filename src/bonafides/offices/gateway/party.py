"""The relying party that a gateway speaks for: its id, its origin, its one request-signing key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bonafides.core.credential.context import Context
from bonafides.core.credential.relying_party import client_id_of, did_of, origin_of
from bonafides.errors import ConfigError, InputError
from bonafides.kit.signing_key import jwk_thumbprint, public_jwk, public_key_from_jwk, read_signing_key
from bonafides.offices.gateway.settings import GatewaySettings, checked_id


@dataclass(frozen=True)
class RelyingParty:
    """Who asks. Everything follows from the id; wallets derive it the same way from the signed request."""

    id: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def client_id(self) -> str:
        """The client id under which requests are signed."""
        return client_id_of(self.id)

    @property
    def origin(self) -> str:
        """The one web origin of DID document, requests and responses."""
        return origin_of(self.id)

    @property
    def key_id(self) -> str:
        """The DID URL of the request-signing key."""
        return f"{did_of(self.id)}#{jwk_thumbprint(self.key)}"

    @property
    def context(self) -> Context:
        """The context in which a person's account pseudonym here lives."""
        return Context("account", self.id)

    @property
    def has_secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only: everywhere but on loopback names, which developer mode allows."""
        return self.origin.startswith("https:")


def load_relying_party(settings: GatewaySettings) -> RelyingParty:
    """Return the relying party of the settings; ConfigError if its id or key file is not usable."""
    rp_id = checked_id(settings.relying_party_id, setting="relying_party_id", developer_mode=settings.developer_mode)
    return RelyingParty(rp_id, read_signing_key(settings.signing_key_file))


def load_remedy_keys(settings: GatewaySettings) -> Mapping[str, Ed25519PublicKey]:
    """Return the keys of the redress bodies by key id; ConfigError for anything but public Ed25519 JWKs."""
    try:
        return {kid: public_key_from_jwk(jwk) for kid, jwk in settings.remedy_keys.items()}
    except InputError:
        raise ConfigError("The setting remedy_keys must map key ids to public Ed25519 keys in JWK form.") from None


def did_document(party: RelyingParty) -> dict[str, Any]:
    """Return the did:web document with the request-signing key."""
    did = did_of(party.id)
    method = {
        "id": party.key_id,
        "type": "JsonWebKey2020",
        "controller": did,
        "publicKeyJwk": public_jwk(party.key, kid=party.key_id.partition("#")[2]),
    }
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
        "id": did,
        "verificationMethod": [method],
        "authentication": [party.key_id],
        "assertionMethod": [party.key_id],
    }
