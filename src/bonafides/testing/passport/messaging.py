"""Secure messaging as the chip does it: take a command out of its wrapping, wrap the answer (ICAO 9303-11, 9.8)."""

from dataclasses import replace
from hmac import compare_digest

from bonafides.core.chip.ciphers import Cipher
from bonafides.core.document.tlv import read_objects
from bonafides.errors import InputError
from bonafides.testing.passport.commands import Apdu, Refused
from bonafides.testing.state import encode_tlv

_MISSING, _WRONG = 0x6987, 0x6988


class ChipMessaging:
    """The keys of one session and its counter, which steps before each command and before each answer."""

    def __init__(self, cipher: Cipher, secret: bytes, counter: int) -> None:
        self.cipher = cipher
        self.encryption_key = cipher.derive(secret, 1)
        self.mac_key = cipher.derive(secret, 2)
        self.counter = counter

    def unwrap(self, apdu: Apdu) -> Apdu:
        """Return the command inside. Raises Refused, after which the chip forgets the session."""
        self.counter += 1
        try:
            objects = [(item.tag, item.value) for item in read_objects(apdu.data)]
        except InputError:
            raise Refused(_WRONG) from None
        if not objects or objects[-1][0] != 0x8E:
            raise Refused(_MISSING)
        covered = b"".join(encode_tlv(tag, value) for tag, value in objects[:-1])
        if not compare_digest(self._mac(self.cipher.pad(apdu.header) + covered), objects[-1][1]):
            raise Refused(_WRONG)
        inside = dict(objects)
        data = b""
        if sealed := inside.get(0x85) or inside.get(0x87, b"")[1:]:
            data = self.cipher.unpad(self.cipher.decrypt(self.encryption_key, sealed, iv=self._iv()))
        le = inside.get(0x97)
        expected = None if le is None else int.from_bytes(le, "big") or 1 << 8 * len(le)
        return replace(apdu, cla=apdu.cla & 0xF0, data=data, expected=expected)

    def wrap(self, data: bytes, status: int, *, odd: bool) -> bytes:
        """Return the protected answer, without the status word that follows it in the clear."""
        self.counter += 1
        body = b""
        if data:
            sealed = self.cipher.encrypt(self.encryption_key, self.cipher.pad(data), iv=self._iv())
            body = encode_tlv(0x85, sealed) if odd else encode_tlv(0x87, b"\x01" + sealed)
        body += encode_tlv(0x99, status.to_bytes(2, "big"))
        return body + encode_tlv(0x8E, self._mac(body))

    def _counter(self) -> bytes:
        return self.counter.to_bytes(self.cipher.block_bytes, "big")

    def _iv(self) -> bytes | None:
        return None if self.cipher is Cipher.TRIPLE_DES else self.cipher.encrypt(self.encryption_key, self._counter())

    def _mac(self, data: bytes) -> bytes:
        message = self._counter() + data
        return self.cipher.mac(self.mac_key, message if self.cipher is Cipher.TRIPLE_DES else self.cipher.pad(message))
