"""The chip itself: what it answers to each command in which state (ICAO 9303-10, 3.6; 9303-11, 4)."""

from collections.abc import Callable
from dataclasses import dataclass

from bonafides.core.chip import Password
from bonafides.core.document import DocumentBundle
from bonafides.core.document.lds import parse_dg1
from bonafides.core.document.tlv import read_objects
from bonafides.testing.passport.bac import ChipBac
from bonafides.testing.passport.commands import Apdu, Refused, parse_apdu
from bonafides.testing.passport.messaging import ChipMessaging
from bonafides.testing.passport.pace import ChipPace, PaceOffer, encode_card_access
from bonafides.testing.state import encode_com, encode_tlv

_APPLICATION = bytes.fromhex("A0000002471001")
_MASTER_FILE, _ATTRIBUTES, _CARD_ACCESS, _COM, _SOD = b"\x3f\x00", 0x2F01, 0x011C, 0x011E, 0x011D
_OK, _END_OF_FILE = 0x9000, 0x6282
_SHORT = 256


@dataclass(frozen=True, slots=True)
class Traits:
    """How a chip differs from others.

    `answer_bytes` over 256 is announced in EF.ATR/INFO and allows extended lengths. `no_master_file`: SELECT of the
    master file is an unknown command, as on Viet Nam's cards. `application_first`: the application is selected when
    the chip wakes up. `held_back` are groups that it refuses, as fingerprints are.
    """

    bac: bool = True
    pace: tuple[PaceOffer, ...] = ()
    answer_bytes: int = 256
    no_master_file: bool = False
    application_first: bool = False
    held_back: frozenset[int] = frozenset({3, 4})


class EmulatedPassport:
    """A chip with a document in it. `transmit` takes a command and returns the answer; `reset` wakes it up anew."""

    def __init__(
        self,
        files: dict[int, bytes],
        *,
        zone: str,
        can: str | None = None,
        sign: Callable[[bytes], bytes] | None = None,
        traits: Traits = Traits(),
    ) -> None:
        """Take the application's files by identifier, and what opens them."""
        self.zone = zone
        self.traits = traits
        self._files = files
        self._sign = sign
        self._passwords = {1: Password.from_zone(zone).secret}
        if can is not None:
            self._passwords[2] = Password.from_can(can).secret
        self._public = {_CARD_ACCESS: encode_card_access(traits.pace)} if traits.pace else {}
        if traits.answer_bytes > _SHORT:
            size = encode_tlv(0x02, traits.answer_bytes.to_bytes(2, "big"))
            self._public[_ATTRIBUTES] = encode_tlv(0x43, b"\x80") + encode_tlv(0x7F66, size + size)
        self.reset()

    @classmethod
    def of(
        cls,
        bundle: DocumentBundle,
        *,
        portrait: bytes | None = None,
        can: str | None = None,
        sign: Callable[[bytes], bytes] | None = None,
        traits: Traits = Traits(),
    ) -> "EmulatedPassport":
        """Return the chip from which this document could have been read; `portrait` is data group 2."""
        groups = bundle.groups | ({} if portrait is None else {2: portrait})
        files = {0x0100 + number: data for number, data in groups.items()}
        files |= {_SOD: bundle.sod, _COM: encode_com(groups)}
        return cls(files, zone=parse_dg1(bundle.dg1), can=can, sign=sign, traits=traits)

    def reset(self) -> None:
        """Forget everything that was agreed."""
        self._in_application = self.traits.application_first
        self._session: ChipMessaging | None = None
        self._bac = ChipBac(self._passwords[1])
        self._pace: ChipPace | None = None
        self._selected: bytes | None = None
        self._rest = b""

    def transmit(self, raw: bytes) -> bytes:
        """Answer one command."""
        room = _SHORT
        try:
            apdu = parse_apdu(raw)
            room = self.traits.answer_bytes if apdu.extended else _SHORT
            if apdu.extended and self.traits.answer_bytes <= _SHORT:
                raise Refused(0x6700)
            if apdu.ins == 0xC0:
                data, status = self._rest, _OK
            else:
                data, status = self._protected(apdu) if apdu.protected else self._plain(apdu)
        except Refused as refusal:
            data, status = b"", refusal.status
        return self._fitting(data, status, room)

    def _fitting(self, data: bytes, status: int, room: int) -> bytes:
        """Return as much as fits; the rest waits for GET RESPONSE."""
        now, self._rest = data[:room], data[room:]
        if self._rest:
            status = 0x6100 | min(len(self._rest), 255)
        return now + status.to_bytes(2, "big")

    def _plain(self, apdu: Apdu) -> tuple[bytes, int]:
        """Answer a command in the clear, which ends any session."""
        self._session = None
        return self._answer(apdu)

    def _protected(self, apdu: Apdu) -> tuple[bytes, int]:
        """Answer inside the session; what is wrong with the wrapping ends it, without protection (9.8.8)."""
        session = self._session
        if session is None:
            raise Refused(0x6988)
        try:
            inner = session.unwrap(apdu)
        except Refused:
            self._session = None
            raise
        try:
            data, status = self._answer(inner)
        except Refused as refusal:
            data, status = b"", refusal.status
        return session.wrap(data, status, odd=bool(inner.ins & 1)), status

    def _answer(self, apdu: Apdu) -> tuple[bytes, int]:
        """Carry out one command."""
        answers: dict[int, Callable[[Apdu], tuple[bytes, int]]] = {
            0xA4: self._select, 0xB0: self._read, 0xB1: self._read_far, 0x84: self._challenge,
            0x82: self._authenticate, 0x22: self._begin_pace, 0x86: self._continue_pace, 0x88: self._sign_nonce,
        }  # fmt: skip
        if apdu.ins not in answers:
            raise Refused(0x6D00)
        return answers[apdu.ins](apdu)

    def _select(self, apdu: Apdu) -> tuple[bytes, int]:
        self._selected = None
        if apdu.p1 == 0x04:
            if apdu.data != _APPLICATION:
                raise Refused(0x6A82)
            self._in_application = True
        elif apdu.p1 == 0x00:
            if self.traits.no_master_file:
                raise Refused(0x6D00)
            if apdu.data != _MASTER_FILE:
                raise Refused(0x6A82)
            self._in_application = False
        else:
            self._selected = self._find(int.from_bytes(apdu.data, "big"))
        return b"", _OK

    def _find(self, file_id: int) -> bytes:
        """Return a file that may be read now."""
        files = self._files if self._in_application else self._public
        if self._in_application and self._session is None:
            raise Refused(0x6982)
        if file_id - 0x0100 in self.traits.held_back:
            raise Refused(0x6982)
        if file_id not in files:
            raise Refused(0x6A82)
        return files[file_id]

    def _read(self, apdu: Apdu) -> tuple[bytes, int]:
        return self._piece(apdu.p1 << 8 | apdu.p2, apdu.expected or 0)

    def _read_far(self, apdu: Apdu) -> tuple[bytes, int]:
        objects = {item.tag: item.value for item in read_objects(apdu.data)}
        wanted = apdu.expected or 0
        around = len(encode_tlv(0x53, bytes(wanted))) - wanted
        data, status = self._piece(int.from_bytes(objects.get(0x54, b""), "big"), wanted - around)
        return encode_tlv(0x53, data), status

    def _piece(self, offset: int, wanted: int) -> tuple[bytes, int]:
        if self._selected is None:
            raise Refused(0x6986)
        if offset >= len(self._selected):
            raise Refused(0x6B00)
        data = self._selected[offset : offset + wanted]
        return data, _OK if len(data) == wanted else _END_OF_FILE

    def _challenge(self, _: Apdu) -> tuple[bytes, int]:
        if not self.traits.bac or not self._in_application:
            raise Refused(0x6985)
        return self._bac.challenge(), _OK

    def _authenticate(self, apdu: Apdu) -> tuple[bytes, int]:
        answer, self._session = self._bac.authenticate(apdu)
        return answer, _OK

    def _begin_pace(self, apdu: Apdu) -> tuple[bytes, int]:
        if (apdu.p1, apdu.p2) != (0xC1, 0xA4) or not self.traits.pace:
            raise Refused(0x6A86)
        self._pace = ChipPace(self.traits.pace, self._passwords, apdu)
        return b"", _OK

    def _continue_pace(self, apdu: Apdu) -> tuple[bytes, int]:
        run, self._pace = self._pace, None
        if run is None:
            raise Refused(0x6985)
        answer, session = run.advance(apdu)
        if session is None:
            self._pace = run
        else:
            self._session = session
        return answer, _OK

    def _sign_nonce(self, apdu: Apdu) -> tuple[bytes, int]:
        if self._sign is None or self._session is None or len(apdu.data) != 8:
            raise Refused(0x6985)
        return self._sign(apdu.data), _OK
