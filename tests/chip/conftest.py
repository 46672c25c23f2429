"""What the chip tests share: a State, its passports as chips, and a reader."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from secrets import token_bytes
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from bonafides.core.chip import Password, ReadDocument, Transmit, read_document
from bonafides.core.document import DocumentBundle
from bonafides.testing.passport import ActiveKey, EmulatedPassport, Traits, new_active_key
from bonafides.testing.state import SyntheticState, encode_group

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BIRTH = date(1990, 8, 6)
CAN = "123456"
PORTRAIT = encode_group(2, b"portrait")

Open = Callable[..., EmulatedPassport]


@pytest.fixture(scope="session")
def state() -> SyntheticState:
    """The State of ICAO's specimens."""
    return SyntheticState("UTO", now=NOW)


@pytest.fixture(scope="session")
def active_key() -> ActiveKey:
    """A chip's own key on a curve."""
    return new_active_key("ecdsa")


@pytest.fixture(scope="session")
def bundle(state: SyntheticState, active_key: ActiveKey) -> DocumentBundle:
    """A card with data groups 1, 2, 11, 14 and 15."""
    return state.issue_card(birth=BIRTH, dg11=True, groups=active_key.groups)


@pytest.fixture
def chip(bundle: DocumentBundle, active_key: ActiveKey) -> Open:
    """Makes the chip of that card, with these traits."""

    def make(**traits: Any) -> EmulatedPassport:
        return EmulatedPassport.of(bundle, portrait=PORTRAIT, can=CAN, sign=active_key.sign, traits=Traits(**traits))

    return make


def read(passport: EmulatedPassport, *, transmit: Transmit | None = None, **options: Any) -> ReadDocument:
    """Read a chip with the password of its zone, unless told otherwise; `transmit` may stand between."""
    options.setdefault("password", Password.from_zone(passport.zone))
    return read_document(transmit or passport.transmit, randomness=token_bytes, **options)


def assert_signed(key: ActiveKey, nonce: bytes, signature: bytes | None) -> None:
    """This is the key's signature over the nonce: plain ECDSA, or ISO/IEC 9796-2 with SHA-256."""
    assert signature is not None
    public = key.key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        opened = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes(len(signature), "big")
        message, digest, trailer = opened[1:-34], opened[-34:-2], opened[-2:]
        assert (opened[0], trailer) == (0x6A, b"\x34\xcc")
        assert digest == hashlib.sha256(message + nonce).digest()
    else:
        r, s = (int.from_bytes(signature[start : start + 32], "big") for start in (0, 32))
        public.verify(encode_dss_signature(r, s), nonce, ec.ECDSA(hashes.SHA256()))
