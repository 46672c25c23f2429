"""Protected commands and responses, the reader's side (ICAO 9303-11, 9.8)."""

from hmac import compare_digest
from typing import Final

from bonafides.core.chip.apdu import EXTENDED, SHORT, Command, Response
from bonafides.core.chip.ciphers import MAC_BYTES, Cipher
from bonafides.core.chip.data_objects import decode_objects, encode_object
from bonafides.errors import InputError, VerificationError

_ENCRYPTED, _ENCRYPTED_ODD, _EXPECTED, _STATUS, _MAC = 0x87, 0x85, 0x97, 0x99, 0x8E
_MAC_OBJECT_BYTES: Final = 2 + MAC_BYTES


class SecureChannel:
    """The protected conversation from access on. Each command and each response counts; a failure ends it for good."""

    def __init__(self, cipher: Cipher, *, encryption_key: bytes, mac_key: bytes, counter: int) -> None:
        self._cipher = cipher
        self._encryption_key = encryption_key
        self._mac_key = mac_key
        self._counter = counter
        self._broken = False

    @classmethod
    def derive(cls, cipher: Cipher, secret: bytes, *, counter: int) -> "SecureChannel":
        """Return the channel whose keys a shared secret gives (9.7.1)."""
        return cls(cipher, encryption_key=cipher.derive(secret, 1), mac_key=cipher.derive(secret, 2), counter=counter)

    def protect(self, command: Command) -> Command:
        """Return the command encrypted and authenticated (9.8.4). Raises VerificationError on a broken channel."""
        if self._broken:
            raise _broken("the protected conversation with the chip has ended")
        self._counter += 1
        header = Command(command.instruction, command.p1, command.p2, chained=command.chained, protected=True)
        body = b""
        if command.data:
            sealed = self._cipher.encrypt(self._encryption_key, self._cipher.pad(command.data), iv=self._iv())
            # An odd instruction takes data objects, which need no padding indicator (ISO/IEC 7816-4, 10.2).
            odd = command.instruction & 1
            body += encode_object(_ENCRYPTED_ODD, sealed) if odd else encode_object(_ENCRYPTED, b"\x01" + sealed)
        if command.expected is not None:
            size = 2 if command.extended else 1
            body += encode_object(_EXPECTED, (command.expected % (1 << 8 * size)).to_bytes(size, "big"))
        mac = self._mac(self._cipher.pad(header.header) + body)
        data = body + encode_object(_MAC, mac)
        return Command(
            command.instruction,
            command.p1,
            command.p2,
            data,
            expected=EXTENDED if command.extended else SHORT,
            chained=command.chained,
            protected=True,
        )

    def open(self, response: Response) -> Response:
        """Return what a protected response says, its MAC verified first (9.8.5).

        Raises VerificationError if it is not the chip's answer to the last command, InputError if it is malformed;
        either ends the conversation.
        """
        try:
            return self._open(response)
        except (InputError, VerificationError):
            self._broken = True
            raise

    def _open(self, response: Response) -> Response:
        self._counter += 1
        if not response.data:
            # A plain status word proves nothing, not even a refusal; and the chip has forgotten the keys (9.8.8).
            raise _broken(f"the chip broke off the protected conversation (status {response.status:04X})")
        body, tail = response.data[:-_MAC_OBJECT_BYTES], response.data[-_MAC_OBJECT_BYTES:]
        if not tail.startswith(bytes([_MAC, MAC_BYTES])) or not compare_digest(tail[2:], self._mac(body)):
            raise _broken("an answer in the protected conversation is not from this chip, or not to this question")
        objects = decode_objects(body)
        if not objects.keys() <= {_ENCRYPTED, _ENCRYPTED_ODD, _STATUS} or len(objects.get(_STATUS, b"")) != 2:
            raise InputError("a protected answer of the chip has other parts than it should", code="chip_response")
        return Response(self._decrypt(objects), int.from_bytes(objects[_STATUS], "big"))

    def _decrypt(self, objects: dict[int, bytes]) -> bytes:
        """Return the plain data of a response, if it has any."""
        sealed = objects.get(_ENCRYPTED_ODD)
        if (marked := objects.get(_ENCRYPTED)) is not None:
            if sealed is not None or not marked.startswith(b"\x01"):
                raise InputError("a protected answer of the chip is padded otherwise", code="chip_response")
            sealed = marked[1:]
        if sealed is None:
            return b""
        return self._cipher.unpad(self._cipher.decrypt(self._encryption_key, sealed, iv=self._iv()))

    def _iv(self) -> bytes:
        """Zero for 3DES, the encrypted counter for AES (9.8.6.1)."""
        if self._cipher is Cipher.TRIPLE_DES:
            return bytes(self._cipher.block_bytes)
        return self._cipher.encrypt(self._encryption_key, self._sequence())

    def _mac(self, data: bytes) -> bytes:
        """Return the MAC over the counter and these bytes (9.8.6.2); the Retail MAC pads by itself."""
        data = self._sequence() + data
        return self._cipher.mac(self._mac_key, data if self._cipher is Cipher.TRIPLE_DES else self._cipher.pad(data))

    def _sequence(self) -> bytes:
        """The send sequence counter, a block long."""
        return (self._counter % (1 << 8 * self._cipher.block_bytes)).to_bytes(self._cipher.block_bytes, "big")


def _broken(message: str) -> VerificationError:
    return VerificationError(message, code="chip_messaging")
