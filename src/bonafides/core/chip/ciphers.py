"""The symmetric half of all access protocols: key derivation, encryption, MAC (ICAO 9303-11, 9.7 and 9.8).

Chip and reader compute the same here.
"""

import hashlib
from enum import Enum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Machine
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from bonafides.errors import InputError

MAC_BYTES = 8


class Cipher(Enum):
    """A block cipher with its MAC: two-key 3DES with the Retail MAC, or AES with CMAC."""

    TRIPLE_DES = ("3DES", 16, 8, "sha1")
    AES_128 = ("AES-128", 16, 16, "sha1")
    AES_192 = ("AES-192", 24, 16, "sha256")
    AES_256 = ("AES-256", 32, 16, "sha256")

    def __init__(self, label: str, key_bytes: int, block_bytes: int, digest: str) -> None:
        self.label = label
        self.key_bytes = key_bytes
        self.block_bytes = block_bytes
        self.digest = digest

    @property
    def nonce_bytes(self) -> int:
        """Bytes of PACE's nonce: whole blocks, not shorter than the key (ICAO 9303-11, 4.4.3.3)."""
        return -(-self.key_bytes // self.block_bytes) * self.block_bytes

    def derive(self, secret: bytes, counter: int) -> bytes:
        """Return the key number `counter` of a shared secret (9.7.1): 1 encrypts, 2 authenticates, 3 a password's.

        The parity bits of DES keys are left as they come: no cipher looks at them.
        """
        return hashlib.new(self.digest, secret + counter.to_bytes(4, "big")).digest()[: self.key_bytes]

    def encrypt(self, key: bytes, data: bytes, *, iv: bytes | None = None) -> bytes:
        """Return whole blocks encrypted in CBC mode; the initialisation vector is zero unless given."""
        machine = Machine(self._algorithm(key), modes.CBC(iv or bytes(self.block_bytes))).encryptor()
        return machine.update(data) + machine.finalize()

    def decrypt(self, key: bytes, data: bytes, *, iv: bytes | None = None) -> bytes:
        """Return whole blocks decrypted in CBC mode. Raises InputError for anything but whole blocks."""
        if len(data) % self.block_bytes:
            raise InputError("the chip's answer is not whole cipher blocks", code="chip_response")
        machine = Machine(self._algorithm(key), modes.CBC(iv or bytes(self.block_bytes))).decryptor()
        return machine.update(data) + machine.finalize()

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return eight bytes: CMAC cut in half, or the Retail MAC over padded data (ISO/IEC 9797-1, algorithm 3)."""
        if self is not Cipher.TRIPLE_DES:
            authenticator = CMAC(algorithms.AES(key))
            authenticator.update(data)
            return authenticator.finalize()[:MAC_BYTES]
        padded = self.pad(data)
        single = Machine(TripleDES(key[:8] * 3), modes.CBC(bytes(8))).encryptor()  # DES, as this class has it
        return self.encrypt(key, padded[-8:], iv=single.update(padded[:-8])[-8:])

    def pad(self, data: bytes) -> bytes:
        """Return data filled to whole blocks: 80, then zeros (ISO/IEC 9797-1, padding method 2)."""
        return data + b"\x80" + bytes(-(len(data) + 1) % self.block_bytes)

    def unpad(self, data: bytes) -> bytes:
        """Return data without its padding. Raises InputError."""
        stripped = data.rstrip(b"\0")
        if not stripped.endswith(b"\x80"):
            raise InputError("the chip's answer is not padded as it should be", code="chip_response")
        return stripped[:-1]

    def _algorithm(self, key: bytes) -> TripleDES | algorithms.AES:
        return TripleDES(key + key[:8]) if self is Cipher.TRIPLE_DES else algorithms.AES(key)
