"""What a chip answers to a reader, as targets: whole conversations, replayed to a reader of fixed randomness."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache

from bonafides.core import cbor
from bonafides.core.chip import Password, ReadDocument, Transmit, read_document
from bonafides.core.chip.card_access import choose_way, parse_card_access
from bonafides.core.chip.data_objects import announced_size, decode_objects
from bonafides.core.document import DocumentBundle
from bonafides.testing.passport import EmulatedPassport, PaceOffer, Traits
from bonafides.testing.passport.pace import encode_card_access
from bonafides.testing.state import SyntheticState
from bonafides.testing.state.chip import SoftChip
from tests.fuzz.targets import Target, octet_list, require

NONCE = bytes(8)
_BAC, _PACE = Traits(), Traits(pace=(PaceOffer(8), PaceOffer(12)), answer_bytes=1000)


@cache
def _passport(traits: Traits) -> tuple[EmulatedPassport, DocumentBundle]:
    """A passport, and what is to be read from it."""
    key = SoftChip.new()
    state = SyntheticState("UTO", now=datetime(2026, 11, 23, tzinfo=UTC))
    bundle = state.issue_card(birth=date(1990, 8, 6), groups=key.groups)
    return EmulatedPassport.of(bundle, sign=key.sign, traits=traits), bundle


def _read(traits: Traits, transmit: Transmit) -> ReadDocument:
    """Read it; the reader's randomness is always the same, so that a recorded conversation can be replayed."""
    password = Password.from_zone(_passport(traits)[0].zone)
    return read_document(transmit, password=password, randomness=lambda size: b"\x5a" * size, nonce=NONCE)


@cache
def _recorded(traits: Traits) -> bytes:
    """All answers of one good conversation, as one CBOR array."""
    passport, _ = _passport(traits)
    answers: list[cbor.Value] = []

    def transmit(command: bytes) -> bytes:
        answers.append(passport.transmit(command))
        return bytes(octet_list(answers[-1:])[0])

    _read(traits, transmit)
    return cbor.encode(answers)


def _replay(traits: Traits) -> Callable[[bytes], None]:
    """A call that answers a reader with these bytes; only the good conversation may end in a document."""
    _, bundle = _passport(traits)

    def attempt(data: bytes) -> None:
        answers = iter(octet_list(cbor.decode(data)))
        found = _read(traits, lambda _: next(answers, b"\x6f\x00")).bundle
        require((found.sod, found.groups) == (bundle.sod, bundle.groups), "another document than the chip has")

    return attempt


def _card_access(data: bytes) -> None:
    choose_way(parse_card_access(data))


def _data_objects(data: bytes) -> None:
    require(announced_size(data) >= 2, "a file of less than a tag and a length")
    decode_objects(data)


def chip_targets() -> list[Target]:
    """The targets of chips."""
    return [
        Target("chip.bac", (_recorded(_BAC),), _replay(_BAC), "arguments", dear=True),
        Target("chip.pace", (_recorded(_PACE),), _replay(_PACE), "arguments", dear=True),
        Target("chip.card_access", (encode_card_access(_PACE.pace), encode_card_access(())), _card_access),
        Target("chip.data_objects", (b"\x60\x03abc", b"\x87\x81\x02ab\x99\x02\x90\x00"), _data_objects),
    ]
