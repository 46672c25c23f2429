"""A passkey in software that makes genuine assertions: for tests of whoever verifies them (WebAuthn Level 3, 6.3.3)."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.core import base64url, cbor
from bonafides.core.credential.binding import officer_challenge
from bonafides.core.credential.relying_party import origin_of

USER_PRESENT, USER_VERIFIED = 0x01, 0x04


@dataclass
class SoftPasskey:
    """A credential on P-256 that signs whatever it is asked, as an authenticator does after it has seen its owner."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: str = field(default_factory=lambda: base64url.encode(secrets.token_bytes(16)))

    @property
    def public_key(self) -> str:
        """The COSE key, base64url: EC2, ES256, P-256, x, y (RFC 9053, 7.1.1)."""
        point = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
        return base64url.encode(cbor.encode({1: 2, 3: -7, -1: 1, -2: x, -3: y}))

    @property
    def settings(self) -> dict[str, str]:
        """The passkey as an issuer's settings name it."""
        return {"credential_id": self.credential_id, "public_key": self.public_key}

    def sign(
        self,
        challenge: bytes,
        *,
        origin: str,
        rp_id: str,
        flags: int = USER_PRESENT | USER_VERIFIED,
        ceremony: str = "webauthn.get",
    ) -> dict[str, Any]:
        """Return the assertion over a challenge, in the JSON form of a PublicKeyCredential."""
        client = {"type": ceremony, "challenge": base64url.encode(challenge), "origin": origin, "crossOrigin": False}
        client_data = json.dumps(client).encode()
        authenticator_data = sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)
        signature = self.key.sign(authenticator_data + sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": self.credential_id,
            "rawId": self.credential_id,
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url.encode(client_data),
                "authenticatorData": base64url.encode(authenticator_data),
                "signature": base64url.encode(signature),
            },
        }

    def confirm(self, issuer_id: str, reference: str) -> dict[str, Any]:
        """Return an officer's confirmation that the person of this session stood before them."""
        challenge = officer_challenge(issuer_id=issuer_id, act="in_person", reference=reference)
        return self.sign(challenge, origin=origin_of(issuer_id), rp_id=issuer_id.partition(":")[0])
