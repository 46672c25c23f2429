"""One issuer and one holder in a few lines, for the tests of the profile."""

from dataclasses import dataclass, field

from bonafides.core import bbs
from bonafides.core.credential.commitment import SessionBinding, create_commitment, verify_commitment
from bonafides.core.credential.context import Context
from bonafides.core.credential.header import Header
from bonafides.core.credential.issuance import Credential, open_issued, sign_credential
from bonafides.core.credential.presentation import Expectation
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.slots import SlotValue

ISSUER = "id.uto.example"
SECRET_KEY = bbs.key_gen(b"a test issuer's key, not a secret")
PUBLIC_KEY = bbs.sk_to_pk(SECRET_KEY)
DEVICE_KEY = b"\x04" + bytes(64)
HEADERS = (Header(ISSUER, "person", "k1", "2026-W48"), Header(ISSUER, "person", "k1", "2026-W49"))
VALUES: tuple[SlotValue, ...] = ("chip", True, True, True, True, "UTO")


def binding(c_nonce: str = "nonce", issuer_id: str = ISSUER, device_key: bytes = DEVICE_KEY) -> SessionBinding:
    """A session at the test issuer."""
    first, second = ((header.encode(), PUBLIC_KEY) for header in HEADERS)
    return SessionBinding(issuer_id, (first, second), c_nonce, device_key)


@dataclass
class Holder:
    """A person with a secret and a credential for the first epoch."""

    secret: HolderSecret = field(default_factory=HolderSecret.generate)
    values: tuple[SlotValue, ...] = VALUES

    def enrol(self, header: Header = HEADERS[0]) -> Credential:
        """Commit, have it signed, open it."""
        data, blind = create_commitment(secret=self.secret, binding=binding())
        verified = verify_commitment(data=data, expected_binding=binding())
        issued = sign_credential(
            secret_key=SECRET_KEY, public_key=PUBLIC_KEY, header=header, values=self.values, commitment=verified
        )
        return open_issued(
            data=issued, secret=self.secret, blind=blind, expected_header=header.encode(), expected_key=PUBLIC_KEY
        )


def expectation(
    context: Context,
    ph: bytes = b"ph",
    required: frozenset[int] = frozenset({1}),
    requested: frozenset[int] | None = None,
) -> Expectation:
    """What a verifier of the first epoch asks for."""
    keys = {HEADERS[0].encode(): PUBLIC_KEY}
    return Expectation(context, keys, required, required if requested is None else requested, ph)
