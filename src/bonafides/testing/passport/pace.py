"""PACE with generic mapping as the chip does it (ICAO 9303-11, 4.4.4 and 9.2)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asn1crypto import core, parser

from bonafides.core.chip.ciphers import Cipher
from bonafides.core.chip.domain import DOMAINS, Domain, EllipticDomain, random_exponent
from bonafides.core.document.tlv import read_objects
from bonafides.errors import InputError, VerificationError
from bonafides.testing.passport.commands import Apdu, Refused
from bonafides.testing.passport.messaging import ChipMessaging
from bonafides.testing.state import encode_tlv

_PROTOCOLS = "0.4.0.127.0.7.2.2.4"


@dataclass(frozen=True, slots=True)
class PaceOffer:
    """One way that a chip offers: number of the domain parameters, and cipher; `mapping` other than None is a claim."""

    parameter: int
    cipher: Cipher = Cipher.AES_128
    mapping: int | None = None

    @property
    def domain(self) -> Domain:
        """The group to compute in."""
        return DOMAINS[self.parameter]

    @property
    def protocol(self) -> bytes:
        """The object identifier's content octets: 1 is DH, 2 is ECDH, both with generic mapping."""
        mapping = self.mapping or (2 if isinstance(self.domain, EllipticDomain) else 1)
        number = list(Cipher).index(self.cipher) + 1
        return bytes(core.ObjectIdentifier(f"{_PROTOCOLS}.{mapping}.{number}").contents)


def encode_card_access(offers: Sequence[PaceOffer]) -> bytes:
    """Return EF.CardAccess: a SET of PACEInfo, and one of chip authentication, which is not for a reader of PACE."""
    infos = [
        encode_tlv(0x06, offer.protocol) + core.Integer(2).dump() + core.Integer(offer.parameter).dump()
        for offer in offers
    ]
    infos.append(core.ObjectIdentifier("0.4.0.127.0.7.2.2.3.2.1").dump() + core.Integer(1).dump())
    return bytes(parser.emit(0, 1, 17, b"".join(sorted(encode_tlv(0x30, info) for info in infos))))


class ChipPace:
    """One run of the protocol, from MSE:Set AT on; each step is taken once and in order."""

    def __init__(self, offers: Sequence[PaceOffer], passwords: Mapping[int, bytes], apdu: Apdu) -> None:
        """Take MSE:Set AT. Raises Refused."""
        objects = _objects(apdu.data)
        chosen = [offer for offer in offers if offer.protocol == objects.get(0x80)]
        if 0x84 in objects:
            chosen = [offer for offer in chosen if bytes([offer.parameter]) == objects[0x84]]
        secret = passwords.get(int.from_bytes(objects.get(0x83, b""), "big"))
        if len(chosen) != 1 or chosen[0].mapping is not None:
            raise Refused(0x6A80)
        if secret is None:
            raise Refused(0x6A88)
        self._offer = chosen[0]
        self._secret = secret
        self._step = 0
        self._generator: Any = None
        self._nonce = b""
        self._shared = b""
        self._public = self._theirs = b""

    def advance(self, apdu: Apdu) -> tuple[bytes, ChipMessaging | None]:
        """Answer the next GENERAL AUTHENTICATE; the last answer comes with the session. Raises Refused."""
        objects = _objects(_objects(apdu.data).get(0x7C, b""))
        chained = bool(apdu.cla & 0x10)
        try:
            if self._step == 3:
                return self._confirm(objects.get(0x85, b""), chained=chained)
            request, take = ((None, self._encrypt_nonce), (0x81, self._map), (0x83, self._agree))[self._step]
            if not chained or list(objects) != ([] if request is None else [request]):
                raise Refused(0x6A80)
            self._step += 1
            tag, answer = take(b"" if request is None else objects[request])
        except (InputError, VerificationError):
            raise Refused(0x6A80) from None
        return encode_tlv(0x7C, encode_tlv(tag, answer)), None

    def _encrypt_nonce(self, _: bytes) -> tuple[int, bytes]:
        cipher = self._offer.cipher
        self._nonce = secrets.token_bytes(32 if cipher.key_bytes > 16 else 16)
        return 0x80, cipher.encrypt(cipher.derive(self._secret, 3), self._nonce)

    def _map(self, data: bytes) -> tuple[int, bytes]:
        domain = self._offer.domain
        theirs, key = domain.decode(data), random_exponent(domain, secrets.token_bytes)
        scaled = domain.power(domain.generator, int.from_bytes(self._nonce, "big"))
        self._generator = domain.combine(scaled, domain.power(theirs, key))
        return 0x82, domain.encode(domain.power(domain.generator, key))

    def _agree(self, data: bytes) -> tuple[int, bytes]:
        domain = self._offer.domain
        theirs, key = domain.decode(data), random_exponent(domain, secrets.token_bytes)
        self._theirs, self._public = data, domain.encode(domain.power(self._generator, key))
        self._shared = domain.shared(domain.power(theirs, key))
        return 0x84, self._public

    def _confirm(self, token: bytes, *, chained: bool) -> tuple[bytes, ChipMessaging]:
        cipher = self._offer.cipher
        if chained or token != self._token(self._public):
            raise Refused(0x6300)
        answer = encode_tlv(0x7C, encode_tlv(0x86, self._token(self._theirs)))
        return answer, ChipMessaging(cipher, self._shared, 0)

    def _token(self, public: bytes) -> bytes:
        """Return the MAC over a public key (4.4.3.4): the other side's, as it was received."""
        tag = 0x86 if isinstance(self._offer.domain, EllipticDomain) else 0x84
        covered = encode_tlv(0x7F49, encode_tlv(0x06, self._offer.protocol) + encode_tlv(tag, public))
        return self._offer.cipher.mac(self._offer.cipher.derive(self._shared, 2), covered)


def _objects(data: bytes) -> dict[int, bytes]:
    try:
        return {item.tag: item.value for item in read_objects(data)}
    except InputError:
        raise Refused(0x6A80) from None
