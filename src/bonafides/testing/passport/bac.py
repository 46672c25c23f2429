"""Basic Access Control as the chip does it (ICAO 9303-11, 4.3.1)."""

import secrets
from hmac import compare_digest

from bonafides.core.chip.ciphers import Cipher
from bonafides.testing.passport.commands import Apdu, Refused
from bonafides.testing.passport.messaging import ChipMessaging

_TRIPLE_DES = Cipher.TRIPLE_DES


class ChipBac:
    """The chip's keys, and the challenge it gave last, good for one try."""

    def __init__(self, digest: bytes) -> None:
        self._encryption_key = _TRIPLE_DES.derive(digest[:16], 1)
        self._mac_key = _TRIPLE_DES.derive(digest[:16], 2)
        self._challenge = b""

    def challenge(self) -> bytes:
        """Answer GET CHALLENGE."""
        self._challenge = secrets.token_bytes(8)
        return self._challenge

    def authenticate(self, apdu: Apdu) -> tuple[bytes, ChipMessaging]:
        """Answer EXTERNAL AUTHENTICATE with the chip's own proof; return it with the session. Raises Refused."""
        challenge, self._challenge = self._challenge, b""
        if not challenge:
            raise Refused(0x6985)
        if len(apdu.data) != 40:
            raise Refused(0x6700)
        sealed, mac = apdu.data[:32], apdu.data[32:]
        if not compare_digest(mac, _TRIPLE_DES.mac(self._mac_key, sealed)):
            raise Refused(0x6300)
        opened = _TRIPLE_DES.decrypt(self._encryption_key, sealed)
        theirs, echoed, their_key = opened[:8], opened[8:16], opened[16:]
        if echoed != challenge:
            raise Refused(0x6300)
        key = secrets.token_bytes(16)
        answer = _TRIPLE_DES.encrypt(self._encryption_key, challenge + theirs + key)
        seed = (int.from_bytes(key, "big") ^ int.from_bytes(their_key, "big")).to_bytes(16, "big")
        counter = int.from_bytes(challenge[4:] + theirs[4:], "big")
        return answer + _TRIPLE_DES.mac(self._mac_key, answer), ChipMessaging(_TRIPLE_DES, seed, counter)
