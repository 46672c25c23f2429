"""Reading a document: access, the files that are asked for, and the chip's signature over a nonce."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bonafides.core.chip import bac, pace
from bonafides.core.chip.apdu import EXTENDED, SHORT, Command, Transmit, refused
from bonafides.core.chip.card_access import PaceWay, choose_way, parse_card_access
from bonafides.core.chip.conversation import Conversation
from bonafides.core.chip.data_objects import decode_objects
from bonafides.core.chip.domain import Randomness
from bonafides.core.chip.files import SELECT, find_file, read_file
from bonafides.core.chip.limits import DEFAULT_LIMITS, ChipLimits
from bonafides.core.chip.password import Password
from bonafides.core.document import DocumentBundle
from bonafides.core.document.lds import GROUP_TAGS, group_bytes
from bonafides.core.document.sod import parse_sod
from bonafides.core.document.tlv import read_objects
from bonafides.errors import InputError

APPLICATION = bytes.fromhex("A0000002471001")
"""The travel document application (ICAO 9303-10, 3.3)."""

CARD_ACCESS, ATTRIBUTES, SOD, FIRST_GROUP = 0x011C, 0x2F01, 0x011D, 0x0100
NONCE_BYTES = 8
ALWAYS = frozenset({1, 14, 15})
"""Groups without which nobody can verify a document that has them."""
DEFAULT_GROUPS = frozenset({11, 12, 13})
"""Groups read besides if there: personal number, dates, Viet Nam's fields. Never the portrait unless asked for."""

_INTERNAL_AUTHENTICATE = 0x88
_WRONG_LENGTH = (0x67, 0x6C)
_LENGTHS_TAG = 0x7F66


@dataclass(frozen=True, slots=True)
class Step:
    """How far a reading is: at access, a file or the chip's signature, and how many of how many bytes."""

    what: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Access:
    """How the chip was opened: the protocol, and what was computed with."""

    protocol: str
    details: str
    by_can: bool


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What was read; nothing about it is verified. `left_out` are groups asked for that the chip kept back."""

    bundle: DocumentBundle
    access: Access
    left_out: frozenset[int]


def read_document(
    transmit: Transmit,
    *,
    password: Password,
    randomness: Randomness,
    nonce: bytes | None = None,
    groups: Iterable[int] = DEFAULT_GROUPS,
    progress: Callable[[Step], None] = lambda _: None,
    limits: ChipLimits = DEFAULT_LIMITS,
) -> ReadDocument:
    """Open a chip by PACE, or by BAC where it has no PACE, and read EF.SOD and its groups (ICAO 9303-11, 4).

    Data groups 1, 14 and 15 are always read; `groups` names further ones, which need not be there. If data group 15 is
    there, the chip signs `nonce`, eight bytes from the issuer. `progress` is told each step. Raises InputError,
    VerificationError, PolicyError, and what `transmit` raises.
    """
    wanted = ALWAYS | frozenset(groups)
    if not wanted <= GROUP_TAGS.keys():
        raise InputError("data groups have the numbers 1 to 16", code="chip_groups")
    if nonce is not None and len(nonce) != NONCE_BYTES:
        raise InputError("a chip signs a nonce of eight bytes", code="chip_nonce")
    conversation = Conversation(transmit, limits=limits)
    progress(Step("access"))
    access = _gain_access(conversation, password, randomness)
    files, left_out = _read_files(conversation, wanted, progress)
    signature = None
    if nonce is not None and 15 in files:
        progress(Step("signature"))
        signature = _sign(conversation, nonce)
    sod, dg1, dg11 = files.pop(0), files.pop(1), files.pop(11, None)
    bundle = DocumentBundle(dg1=dg1, sod=sod, dg11=dg11, others=files, active_authentication=signature)
    return ReadDocument(bundle, access, left_out)


def _gain_access(conversation: Conversation, password: Password, randomness: Randomness) -> Access:
    """Open the chip, and leave its application selected and the conversation protected."""
    way = _offered_way(conversation)
    conversation.block_bytes = _block_bytes(conversation)
    if way is not None:
        conversation.channel = pace.gain_access(conversation, way, password, randomness=randomness)
        _select_application(conversation)
        return Access("PACE", f"{way.domain.name}, {way.cipher.label}", password.is_can)
    _select_application(conversation)
    conversation.channel = bac.gain_access(conversation, password, randomness=randomness)
    return Access("BAC", "3DES", False)


def _offered_way(conversation: Conversation) -> PaceWay | None:
    """Return the best way of PACE, None if the chip offers none that this reader goes.

    EF.CardAccess lies in the master file, which is selected when a chip wakes up. Some have to be told so; on others
    (Viet Nam's cards) there is no such command, which is no harm.
    """
    data = _read_public(conversation, CARD_ACCESS)
    if data is None:
        conversation.send(Command(SELECT, 0x00, 0x0C, b"\x3f\x00"))
        data = _read_public(conversation, CARD_ACCESS)
    return None if data is None else choose_way(parse_card_access(data, limits=conversation.limits))


def _read_public(conversation: Conversation, file_id: int) -> bytes | None:
    """Return a file that needs no access, None if the chip has none."""
    if not find_file(conversation, file_id).ok:
        return None
    return read_file(conversation, max_bytes=conversation.limits.card_access_bytes)


def _block_bytes(conversation: Conversation) -> int:
    """Return how much the chip says in EF.ATR/INFO that it can answer at once (ICAO 9303-10, 3.11.1); 256 if nothing.

    Only chips that say so are asked for more: others may end the conversation over it.
    """
    if not find_file(conversation, ATTRIBUTES).ok:
        return SHORT
    response = conversation.send(Command(0xB0, 0, 0, expected=SHORT))
    try:
        # Two integers: how long a command may be, and how long an answer.
        lengths = list(read_objects(decode_objects(response.data).get(_LENGTHS_TAG, b"")))
    except InputError:
        return SHORT
    said = int.from_bytes(lengths[1].value, "big") if len(lengths) == 2 else 0
    return max(SHORT, min(said, conversation.limits.block_bytes))


def _select_application(conversation: Conversation) -> None:
    response = conversation.send(Command(SELECT, 0x04, 0x0C, APPLICATION))
    if not response.ok:
        raise refused(response, "to open its travel document application: is this a passport or identity card?")


def _read_files(
    conversation: Conversation, wanted: frozenset[int], progress: Callable[[Step], None]
) -> tuple[dict[int, bytes], frozenset[int]]:
    """Return number -> file, EF.SOD under 0, and the groups that the chip kept back."""
    limits = conversation.limits.files
    files = {0: _read(conversation, "EF.SOD", SOD, limits.sod_bytes, progress)}
    listed = parse_sod(files[0], limits=limits).security_object.group_hashes.keys()
    left_out = set()
    for number in sorted(wanted & listed):
        if number not in ALWAYS and not find_file(conversation, FIRST_GROUP + number).ok:
            left_out.add(number)
            continue
        files[number] = _read(conversation, f"DG{number}", FIRST_GROUP + number, group_bytes(number, limits), progress)
    return files, frozenset(left_out)


def _read(
    conversation: Conversation, name: str, file_id: int, max_bytes: int, progress: Callable[[Step], None]
) -> bytes:
    """Return one file that must be there."""
    response = find_file(conversation, file_id)
    if not response.ok:
        raise refused(response, f"to open {name}")
    return read_file(conversation, max_bytes=max_bytes, progress=lambda done, total: progress(Step(name, done, total)))


def _sign(conversation: Conversation, nonce: bytes) -> bytes:
    """Return the chip's signature over a nonce (ICAO 9303-11, 6.1.3)."""
    expected = SHORT if conversation.block_bytes <= SHORT else EXTENDED
    response = conversation.send(Command(_INTERNAL_AUTHENTICATE, 0, 0, nonce, expected))
    if response.status >> 8 in _WRONG_LENGTH and expected == SHORT:
        response = conversation.send(Command(_INTERNAL_AUTHENTICATE, 0, 0, nonce, EXTENDED))
    if not response.ok:
        raise refused(response, "to sign the nonce")
    if not 0 < len(response.data) <= conversation.limits.files.chip_signature_bytes:
        raise InputError("the chip's signature is empty, or too long", code="chip_response")
    return response.data
