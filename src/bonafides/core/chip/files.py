"""Finding a file of the chip and reading it in pieces (ICAO 9303-10, 3.6; ISO/IEC 7816-4, 11.2)."""

from collections.abc import Callable

from bonafides.core.chip.apdu import END_OF_FILE, OK, SHORT, Command, Response, refused
from bonafides.core.chip.conversation import Conversation
from bonafides.core.chip.data_objects import announced_size, decode_objects, encode_object
from bonafides.errors import InputError

SELECT, READ, READ_FAR = 0xA4, 0xB0, 0xB1
_START_BYTES = 6  # enough for any tag and length
_FAR = 0x8000
_PIECE = 216  # of a short answer, what protection, padding and a data object around it leave
_AROUND = 64  # the same for a long answer, with much room


def find_file(conversation: Conversation, file_id: int) -> Response:
    """Select an elementary file; return the chip's answer."""
    return conversation.send(Command(SELECT, 0x02, 0x0C, file_id.to_bytes(2, "big")))


def read_file(
    conversation: Conversation, *, max_bytes: int, progress: Callable[[int, int], None] = lambda *_: None
) -> bytes:
    """Return the selected file, as long as its first bytes say. Raises InputError.

    `progress` is told how many of how many bytes are there.
    """
    data = _read_at(conversation, 0, _START_BYTES)
    total = announced_size(data)
    if total > max_bytes:
        raise InputError(f"a file of the chip says that it is longer than {max_bytes} bytes", code="chip_file_size")
    piece = _PIECE if conversation.block_bytes <= SHORT else conversation.block_bytes - _AROUND
    while len(data) < total:
        progress(len(data), total)
        data += _read_at(conversation, len(data), min(piece, total - len(data)))
    progress(total, total)
    return data[:total]


def _read_at(conversation: Conversation, offset: int, wanted: int) -> bytes:
    """Return some bytes of the file, at least one and not more than wanted."""
    if offset < _FAR:
        response = conversation.send(Command(READ, offset >> 8, offset & 0xFF, expected=wanted))
        data = response.data
    else:
        # The offset fits no more into the header: it travels as a data object, and so does the answer.
        place = encode_object(0x54, offset.to_bytes(3 if offset > 0xFFFF else 2, "big"))
        expected = len(encode_object(0x53, bytes(wanted)))
        response = conversation.send(Command(READ_FAR, 0, 0, place, expected=expected))
        data = decode_objects(response.data).get(0x53, b"")
    if response.status not in (OK, END_OF_FILE):
        raise refused(response, "to read a file")
    if not 0 < len(data) <= wanted:
        raise InputError("the chip gives nothing of a file, or more than was asked for", code="chip_file")
    return data
