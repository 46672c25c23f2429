"""The fixed inputs of the profile's own vectors: keys and secrets that are worth nothing, randomness that is known."""

from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.core import bbs
from bonafides.core.bbs import SHA256
from bonafides.core.bbs._curve import ORDER
from bonafides.core.bbs.ciphersuite import pseudonym_interface
from bonafides.core.credential import device
from bonafides.core.credential.commitment import SessionBinding, create_commitment, verify_commitment
from bonafides.core.credential.header import Header
from bonafides.core.credential.issuance import Credential, open_issued, sign_credential
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.slots import SlotValue
from tests.core.bbs.vectors import MOCK_SEED, mocked

Json = dict[str, Any]

INTERFACE = pseudonym_interface(SHA256)
COMMIT_MOCK_DST = INTERFACE.api_id + b"BONAFIDES_COMMIT_V1_MOCK_RANDOM_SCALARS_DST_"
PROOF_MOCK_DST = INTERFACE.api_id + b"BONAFIDES_PROOF_V1_MOCK_RANDOM_SCALARS_DST_"


def scalar(label: str) -> int:
    """A scalar that everybody can compute: SHA-256 of a label modulo r."""
    return int.from_bytes(sha256(b"bonafides/1 vectors: " + label.encode()).digest(), "big") % ORDER


ISSUER = "id.uto.example"
OTHER_ISSUER = "id.other.example"
FORUM = "forum.example"
KEY_MATERIAL = b"bonafides/1 vectors: key of an issuer that does not exist"
SECRET_KEY = bbs.key_gen(KEY_MATERIAL)
PUBLIC_KEY = bbs.sk_to_pk(SECRET_KEY)
NEXT_SECRET_KEY = bbs.key_gen(KEY_MATERIAL, b"next")
NEXT_KEY = bbs.sk_to_pk(NEXT_SECRET_KEY)
HEADER = Header(ISSUER, "person", "k1", "2026-W48")
NEXT_HEADER = Header(ISSUER, "person", "k2", "2026-W49")
NAME_HEADER = Header(ISSUER, "name", "k1", "2026-W48")
NEXT_NAME_HEADER = Header(ISSUER, "name", "k2", "2026-W49")
EPOCHS = {
    "person": ((HEADER.encode(), PUBLIC_KEY), (NEXT_HEADER.encode(), NEXT_KEY)),
    "name": ((NAME_HEADER.encode(), PUBLIC_KEY), (NEXT_NAME_HEADER.encode(), NEXT_KEY)),
}
VALUES: tuple[SlotValue, ...] = ("chip_genuine", True, True, True, False, "UTO")
NAME_VALUES: tuple[SlotValue, ...] = ("Nguyễn Thị Ánh",)
SECRET = HolderSecret(scalar("holder secret"))
OTHER_SECRET = HolderSecret(scalar("another holder's secret"))
NONCE = "kV9sXn0oS1y2ZHQ4bW5rZQ"
OTHER_NONCE = "b3RoZXIgbm9uY2Ugb2YgMTY"
DEVICE = ec.derive_private_key(scalar("device") % 2**248 + 1, ec.SECP256R1())
DEVICE_KEY = device.public_bytes(DEVICE)
OTHER_DEVICE_KEY = device.public_bytes(ec.derive_private_key(scalar("other device") % 2**248 + 1, ec.SECP256R1()))

ORDER_THREE = bytes([0x80]) + bytes(47)
"""The point (0, 2), of order three: on the curve, outside the group."""
IDENTITIES = (bytes([0xC0]) + bytes(47), bytes([0xE0]) + bytes(47), bytes([0xC0]) + bytes(46) + b"\1")
"""The identity and two malformed spellings of it that some libraries take."""


def binding(kind: str = "person") -> SessionBinding:
    """The session of every commitment here: for a `person` credential unless said."""
    return SessionBinding(ISSUER, EPOCHS[kind], NONCE, DEVICE_KEY)


@cache
def commitment(secret: HolderSecret = SECRET, kind: str = "person") -> tuple[bytes, int]:
    """The commitment proof of a secret with mocked randomness, and the secret prover blind."""
    return create_commitment(secret=secret, binding=binding(kind), randomness=mocked(SHA256, COMMIT_MOCK_DST))


@cache
def issue(header: Header = HEADER, values: tuple[SlotValue, ...] = VALUES, secret: HolderSecret = SECRET) -> bytes:
    """The issuer's reply over the commitment for headers of this type, under the key of the header's epoch."""
    verified = verify_commitment(data=commitment(secret, header.type)[0], expected_binding=binding(header.type))
    secret_key = {"k1": SECRET_KEY, "k2": NEXT_SECRET_KEY}[header.key_id]
    return sign_credential(
        secret_key=secret_key,
        public_key=bbs.sk_to_pk(secret_key),
        header=header,
        values=values,
        commitment=verified,
    )


@cache
def credential(header: Header = HEADER, values: tuple[SlotValue, ...] = VALUES) -> Credential:
    """The credential opened from that reply."""
    return open_issued(
        data=issue(header, values),
        secret=SECRET,
        blind=commitment()[1],
        expected_header=header.encode(),
        expected_key=PUBLIC_KEY,
    )


def mock(dst: bytes, count: int) -> Json:
    """How mocked randomness was made and what came out."""
    scalars = mocked(SHA256, dst)(count)
    return {"seed": MOCK_SEED.hex(), "dst": dst.decode(), "scalars": [hex_scalar(s) for s in scalars]}


def hex_scalar(value: int) -> str:
    """A scalar as 64 hexadecimal digits."""
    return value.to_bytes(32, "big").hex()


def replaced(data: bytes, at: int, octets: bytes) -> bytes:
    """The bytes with some of them overwritten."""
    return data[:at] + octets + data[at + len(octets) :]


def refused(why: str, error: str, **fields: object) -> Json:
    """One negative case: what must be refused, why, and with which code."""
    shown = {key: value.hex() if isinstance(value, bytes) else value for key, value in fields.items()}
    return {"why": why, **shown, "error": error}
