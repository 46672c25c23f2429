"""What the chip tests share: a State, its passports as chips, and a reader."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from secrets import token_bytes
from typing import Any

import pytest

from bonafides.core.chip import Password, ReadDocument, Transmit, read_document
from bonafides.core.document import DocumentBundle
from bonafides.core.document.active import verify_active_authentication
from bonafides.testing.passport import EmulatedPassport, Traits
from bonafides.testing.state import SyntheticState, encode_group
from bonafides.testing.state.chip import SoftChip

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
def active_key() -> SoftChip:
    """A chip's own key on a curve."""
    return SoftChip.new()


@pytest.fixture(scope="session")
def bundle(state: SyntheticState, active_key: SoftChip) -> DocumentBundle:
    """A card with data groups 1, 2, 11, 14 and 15."""
    return state.issue_card(birth=BIRTH, dg11=True, groups=active_key.groups)


@pytest.fixture
def chip(bundle: DocumentBundle, active_key: SoftChip) -> Open:
    """Makes the chip of that card, with these traits."""

    def make(**traits: Any) -> EmulatedPassport:
        return EmulatedPassport.of(bundle, portrait=PORTRAIT, can=CAN, sign=active_key.sign, traits=Traits(**traits))

    return make


def read(passport: EmulatedPassport, *, transmit: Transmit | None = None, **options: Any) -> ReadDocument:
    """Read a chip with the password of its zone, unless told otherwise; `transmit` may stand between."""
    options.setdefault("password", Password.from_zone(passport.zone))
    return read_document(transmit or passport.transmit, randomness=token_bytes, **options)


def assert_signed(found: DocumentBundle, nonce: bytes) -> None:
    """The chip signed this nonce."""
    assert found.active_authentication is not None
    verify_active_authentication(
        dg15=found.groups[15], dg14=found.groups.get(14), nonce=nonce, signature=found.active_authentication
    )
