"""Commands as bytes: ISO/IEC 7816-4, 5.1; the emulated chip takes apart what the reader puts together."""

import pytest

from bonafides.core.chip.apdu import Command, Response, decode_response, is_long
from bonafides.core.chip.ciphers import Cipher
from bonafides.core.chip.conversation import Conversation
from bonafides.core.chip.data_objects import announced_size, decode_objects, encode_object
from bonafides.core.chip.limits import ChipLimits
from bonafides.testing.passport.commands import parse_apdu
from tests.document.expect import malformed


@pytest.mark.parametrize(
    ("data", "expected", "wire"),
    [
        (b"", None, "00a40c02"),
        (b"", 1, "00a40c0201"),
        (b"", 256, "00a40c0200"),
        (b"", 257, "00a40c02000101"),
        (b"", 65536, "00a40c02000000"),
        (b"ab", None, "00a40c02026162"),
        (b"ab", 256, "00a40c0202616200"),
        (b"ab", 300, "00a40c020000026162012c"),
        (bytes(255), 256, "00a40c02ff" + "00" * 255 + "00"),
        (bytes(256), None, "00a40c02000100" + "00" * 256),
        (bytes(256), 65536, "00a40c02000100" + "00" * 256 + "0000"),
    ],
)
def test_the_six_cases(data: bytes, expected: int | None, wire: str) -> None:
    raw = Command(0xA4, 0x0C, 0x02, data, expected).encode()
    assert raw.hex() == wire
    apdu = parse_apdu(raw)
    assert is_long(raw) == apdu.extended
    assert (apdu.header, apdu.data, apdu.expected) == (bytes.fromhex("00a40c02"), data, expected)


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_an_answer_has_a_status(raw: bytes) -> None:
    with malformed("chip_response"):
        decode_response(raw)


def test_answers_in_pieces_are_put_together() -> None:
    pieces = {b"\0\xb0": b"ab\x61\x02", b"\0\xc0": b"cd\x90\0"}
    sent: list[bytes] = []

    def transmit(command: bytes) -> bytes:
        sent.append(command)
        return pieces[command[:2]]

    assert Conversation(transmit, limits=ChipLimits()).send(Command(0xB0, 0, 0, expected=4)) == Response(
        b"abcd", 0x9000
    )
    assert sent == [b"\0\xb0\0\0\x04", b"\0\xc0\0\0\x02"]


def test_the_length_that_the_chip_names_is_asked_for_once() -> None:
    sent: list[bytes] = []

    def transmit(command: bytes) -> bytes:
        sent.append(command)
        return b"\x6c\x05"

    assert Conversation(transmit, limits=ChipLimits()).send(Command(0xB0, 0, 0, expected=4)).status == 0x6C05
    assert sent == [b"\0\xb0\0\0\x04", b"\0\xb0\0\0\x05"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"x\x61\x01", "chip_endless"),
        (b"\x61\x01", "chip_endless"),
        (bytes(101) + b"\x90\0", "chip_response"),
        (bytes(60) + b"\x61\x01", "chip_response"),
    ],
)
def test_answers_are_bounded(answer: bytes, code: str) -> None:
    conversation = Conversation(lambda _: answer, limits=ChipLimits(response_bytes=100, commands=10))
    with malformed(code):
        conversation.send(Command(0xB0, 0, 0, expected=4))


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_data_objects_come_back(size: int) -> None:
    data = encode_object(0x7F49, bytes(size)) + encode_object(0x86, b"x")
    assert decode_objects(data) == {0x7F49: bytes(size), 0x86: b"x"}
    assert announced_size(data[:7]) == len(data) - 3


@pytest.mark.parametrize("data", [b"\x86", b"\x86\x01", b"\x86\x80\0\0", b"\x86\x00\x86\x00", b"\x1f"])
def test_data_objects_that_are_none(data: bytes) -> None:
    with malformed("chip_response"):
        decode_objects(data)


@pytest.mark.parametrize("cipher", Cipher)
@pytest.mark.parametrize("data", [b"", b"\0" * 16, b"\x01" * 16, b"\x80" * 15 + b"\x01"])
def test_padding_that_is_none(cipher: Cipher, data: bytes) -> None:
    with malformed("chip_response"):
        cipher.unpad(data)


@pytest.mark.parametrize("cipher", Cipher)
@pytest.mark.parametrize("size", range(34))
def test_padding_comes_off_again(cipher: Cipher, size: int) -> None:
    padded = cipher.pad(b"\x80" * size)
    assert len(padded) % cipher.block_bytes == 0
    assert cipher.unpad(padded) == b"\x80" * size


@pytest.mark.parametrize("cipher", Cipher)
def test_only_whole_blocks_are_decrypted(cipher: Cipher) -> None:
    with malformed("chip_response"):
        cipher.decrypt(bytes(range(cipher.key_bytes)), bytes(cipher.block_bytes + 1))
