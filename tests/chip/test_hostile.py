"""Chips that lie, stall, mirror or never end: only our own errors, and a bounded number of commands."""

from collections.abc import Callable
from random import Random
from secrets import token_bytes
from typing import Any

import pytest

from bonafides.core.chip import DEFAULT_LIMITS, ChipLimits, Password, read_document
from bonafides.core.chip.apdu import Command, Response
from bonafides.core.chip.ciphers import Cipher
from bonafides.core.chip.domain import DOMAINS, EllipticDomain
from bonafides.core.chip.secure_messaging import SecureChannel
from bonafides.core.document import DocumentBundle
from bonafides.errors import Error, InputError, PolicyError, VerificationError
from bonafides.testing.passport import EmulatedPassport, PaceOffer
from bonafides.testing.passport.messaging import ChipMessaging
from bonafides.testing.state import SyntheticState, encode_tlv
from tests.chip.conftest import BIRTH, Open, read
from tests.document.expect import malformed, not_genuine

NONCE = bytes(8)
ACCESS = [(), (PaceOffer(13),), (PaceOffer(0, Cipher.AES_256),)]
REFUSALS = (InputError, VerificationError, PolicyError)


class Spoiler:
    """Stands between reader and chip, and changes the answer number `at`."""

    def __init__(self, passport: EmulatedPassport, at: int, change: Callable[[bytes], bytes]) -> None:
        self.passport, self.at, self.change = passport, at, change
        self.answers: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        """Pass a command on; the answer comes spoilt if it is that one's turn."""
        answer = self.passport.transmit(command)
        if len(self.answers) == self.at:
            answer = self.change(answer)
        self.answers.append(answer)
        return answer


def count_answers(passport: EmulatedPassport) -> int:
    """How many commands a good reading takes."""
    spoiler = Spoiler(passport, -1, bytes)
    read(passport, transmit=spoiler.transmit, nonce=NONCE)
    return len(spoiler.answers)


def flipped(answer: bytes) -> bytes:
    """One bit of the data changed, or of the status where there are no data."""
    at = max(0, len(answer) - 3)
    return answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]


@pytest.mark.parametrize("pace", ACCESS)
@pytest.mark.parametrize(
    "change",
    [
        lambda answer: b"",
        lambda answer: b"\x90",
        lambda answer: answer[:-3],
        lambda answer: answer[:-2] + b"\x90\x01",
        lambda answer: b"\x90\x00",
        lambda answer: b"\x69\x88",
        lambda answer: b"\x6c\x00",
        lambda answer: b"\x61\x10",
        lambda answer: answer + b"\x90\x00",
        lambda answer: b"\xff" * 300 + b"\x90\x00",
        lambda answer: bytes(70000) + b"\x90\x00",
        flipped,
    ],
)
def test_every_answer_spoilt_in_turn(chip: Open, pace: tuple[PaceOffer, ...], change: Callable[[bytes], bytes]) -> None:
    """Never another error than ours, and never another document."""
    good = read(chip(pace=pace)).bundle
    # After access all is as with BAC, and PACE takes its time.
    for at in range(12 if pace else count_answers(chip())):
        passport = chip(pace=pace)
        try:
            found = read(passport, transmit=Spoiler(passport, at, change).transmit, nonce=NONCE).bundle
        except REFUSALS as error:
            assert error.code.startswith(("chip_", "document_"))  # noqa: PT017 - any of several
        else:
            assert (found.sod, found.groups) == (good.sod, good.groups)


@pytest.mark.parametrize("pace", ACCESS)
def test_a_changed_protected_answer_is_not_taken(chip: Open, pace: tuple[PaceOffer, ...]) -> None:
    """From access on each byte counts: nothing but the MAC can notice the change of a status word's object."""
    for at in range(count_answers(chip(pace=pace)) - 6, count_answers(chip(pace=pace))):
        passport = chip(pace=pace)
        with not_genuine("chip_messaging"):
            read(passport, transmit=Spoiler(passport, at, flipped).transmit, nonce=NONCE)


def test_a_replayed_answer_is_not_taken(chip: Open) -> None:
    """Two equal questions have different answers: the counter is in the MAC."""
    passport, kept = chip(), list[bytes]()

    def replay(command: bytes) -> bytes:
        answer = passport.transmit(command)
        if command.startswith(b"\x0c\xa4"):
            kept.append(answer)
            return kept[0]
        return answer

    with not_genuine("chip_messaging"):
        read(passport, transmit=replay)
    assert len(kept) == 2


@pytest.mark.parametrize("cipher", Cipher)
def test_a_broken_channel_stays_broken(cipher: Cipher) -> None:
    channel = SecureChannel.derive(cipher, b"secret", counter=0)
    chip = ChipMessaging(cipher, b"secret", 1)
    channel.protect(Command(0xB0, 0, 0, expected=4))
    good = chip.wrap(b"data", 0x9000, odd=False)
    with not_genuine("chip_messaging"):
        channel.open(Response(good[:-1] + b"\0", 0x9000))
    with not_genuine("chip_messaging"):
        channel.protect(Command(0xB0, 0, 0, expected=4))


@pytest.mark.parametrize("lead", [b"\x8d\x08", b"\x8e\x07"])
def test_the_mac_has_its_place(lead: bytes) -> None:
    channel, chip = pair(Cipher.AES_128)
    body = encode_tlv(0x99, b"\x90\0")
    with not_genuine("chip_messaging"):
        channel.open(Response(body + lead + chip._mac(body), 0x9000))


@pytest.mark.parametrize("form", ["both", "other padding"])
def test_data_have_one_place_and_one_padding(form: str) -> None:
    """Well encrypted, but in two objects, or with an indicator that says something else."""
    cipher = Cipher.TRIPLE_DES
    channel, chip = pair(cipher)
    sealed = cipher.encrypt(chip.encryption_key, cipher.pad(b"data"))
    body = encode_tlv(0x87, (b"\x02" if form == "other padding" else b"\x01") + sealed) + encode_tlv(0x99, b"\x90\0")
    body = (encode_tlv(0x85, sealed) if form == "both" else b"") + body
    with malformed("chip_response"):
        channel.open(Response(body + encode_tlv(0x8E, chip._mac(body)), 0x9000))


def test_a_plain_refusal_ends_the_conversation() -> None:
    channel, _ = pair(Cipher.AES_128)
    with pytest.raises(VerificationError, match=r"broke off .* \(status 6988\)"):
        channel.open(Response(b"", 0x6988))


def pair(cipher: Cipher) -> tuple[SecureChannel, ChipMessaging]:
    """Both ends of a channel, a command on its way and its answer to be made."""
    channel = SecureChannel.derive(cipher, b"secret", counter=0)
    channel.protect(Command(0xB0, 0, 0, expected=4))
    return channel, ChipMessaging(cipher, b"secret", 2)


@pytest.mark.parametrize("cipher", Cipher)
@pytest.mark.parametrize("odd", [False, True])
def test_the_status_that_counts_is_the_protected_one(cipher: Cipher, odd: bool) -> None:
    channel = SecureChannel.derive(cipher, b"secret", counter=0)
    chip = ChipMessaging(cipher, b"secret", 1)
    channel.protect(Command(0xB0, 0, 0, expected=4))
    assert channel.open(Response(chip.wrap(b"data", 0x6282, odd=odd), 0x9000)) == Response(b"data", 0x6282)


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        encode_tlv(0x99, b"\x90"),
        encode_tlv(0x87, b"\x01" + bytes(16)),
        encode_tlv(0x87, b"\x02" + bytes(16)) + encode_tlv(0x99, b"\x90\0"),
        encode_tlv(0x87, b"\x01" + bytes(15)) + encode_tlv(0x99, b"\x90\0"),
        encode_tlv(0x87, b"\x01") + encode_tlv(0x99, b"\x90\0"),
        encode_tlv(0x87, b"") + encode_tlv(0x99, b"\x90\0"),
        encode_tlv(0x87, b"\x01" + bytes(16)) + encode_tlv(0x99, b"\x90\0"),
        encode_tlv(0x85, bytes(16)) + encode_tlv(0x87, b"\x01" + bytes(16)) + encode_tlv(0x99, b"\x90\0"),
        encode_tlv(0x81, b"plain") + encode_tlv(0x99, b"\x90\0"),
        encode_tlv(0x99, b"\x90\0") + encode_tlv(0x99, b"\x90\0"),
        b"\x87\x84\xff\xff\xff\xff",
        b"\x87\x80",
    ],
)
@pytest.mark.parametrize("cipher", [Cipher.TRIPLE_DES, Cipher.AES_256])
def test_authentic_nonsense(cipher: Cipher, inside: bytes) -> None:
    """A chip that holds the keys may still answer anything."""
    channel = SecureChannel.derive(cipher, b"secret", counter=0)
    chip = ChipMessaging(cipher, b"secret", 2)
    channel.protect(Command(0xB0, 0, 0, expected=4))
    with malformed("chip_response"):
        channel.open(Response(inside + encode_tlv(0x8E, chip._mac(inside)), 0x9000))


def scripted(
    passport: EmulatedPassport, changes: dict[bytes, Callable[[bytes, bytes], bytes]]
) -> Callable[[bytes], bytes]:
    """A transmit that lets these functions make the answer to commands that begin so."""

    def transmit(command: bytes) -> bytes:
        answer = passport.transmit(command)
        for start, change in changes.items():
            if command.startswith(start):
                return change(command, answer)
        return answer

    return transmit


def own_key(domain: Any) -> bytes:
    """A chip's public key that is honest."""
    return bytes(domain.encode(domain.generator))


@pytest.mark.parametrize("number", [0, 13])
@pytest.mark.parametrize("step", [0x81, 0x83])
def test_a_mirror_gets_no_token(chip: Open, number: int, step: int) -> None:
    """A chip that sends the reader's own key back would need to know no password."""

    def mirror(command: bytes, answer: bytes) -> bytes:
        data = command[7:-2] if command[4] == 0 else command[5:-1]
        at = 3 if data[1] == 0x81 else 2
        if data[at : at + 1] != bytes([step]):
            return answer
        return data[:at] + bytes([step + 1]) + data[at + 1 :] + b"\x90\0"

    passport = chip(pace=(PaceOffer(number),))
    with not_genuine("chip_access"):
        read(passport, transmit=scripted(passport, {b"\x10\x86": mirror}))


def unreduced_key(domain: Any) -> bytes:
    """A point of the curve with the prime added to its x coordinate: a second spelling."""
    point, prime = domain.generator, domain.curve.curve.p()
    while point.x() + prime >= 1 << 256:
        point = domain.combine(point, domain.generator)
    return b"\x04" + int(point.x() + prime).to_bytes(32, "big") + int(point.y()).to_bytes(32, "big")


def with_key(key: bytes, tag: int) -> Callable[[bytes, bytes], bytes]:
    """Answers one step of PACE with this public key."""

    def change(_: bytes, answer: bytes) -> bytes:
        at = 3 if answer[1] == 0x81 else 2
        if answer[at] == tag:
            return encode_tlv(0x7C, encode_tlv(tag, key)) + b"\x90\0"
        return answer

    return change


@pytest.mark.parametrize("tag", [0x82, 0x84])
@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"\x00",
        b"\x04" + bytes(64),
        b"\x04" + b"\xff" * 64,
        b"\x02" + own_key(DOMAINS[13])[1:33],
        b"\x06" + own_key(DOMAINS[13])[1:],
        unreduced_key(DOMAINS[13]),
        own_key(DOMAINS[12]),
        own_key(DOMAINS[13])[:-1],
        own_key(DOMAINS[13]) + b"\0",
    ],
)
def test_points_that_are_not_on_the_curve(chip: Open, key: bytes, tag: int) -> None:
    passport = chip(pace=(PaceOffer(13),))
    with malformed("chip_key"):
        read(passport, transmit=scripted(passport, {b"\x10\x86": with_key(key, tag)}))


@pytest.mark.parametrize("tag", [0x82, 0x84])
@pytest.mark.parametrize("element", [0, 1, 2, -1, 3])
def test_integers_that_are_not_in_the_subgroup(chip: Open, element: int, tag: int) -> None:
    prime = DOMAINS[0].decode.__self__.prime  # type: ignore[attr-defined]
    key = (element % prime).to_bytes(128, "big")
    passport = chip(pace=(PaceOffer(0),))
    with malformed("chip_key"):
        read(passport, transmit=scripted(passport, {b"\x10\x86": with_key(key, tag)}))


def test_neutral_elements_are_refused() -> None:
    """Whoever can force the shared secret to be the neutral element knows it."""
    for number in (0, 13):
        domain = DOMAINS[number]
        minus = domain.power(domain.generator, domain.order - 1)
        with not_genuine("chip_key"):
            domain.combine(domain.generator, minus)
        with not_genuine("chip_key"):
            domain.power(domain.generator, domain.order)
    assert isinstance(DOMAINS[13], EllipticDomain)


def test_a_chip_without_the_password_gets_no_further(chip: Open) -> None:
    """PACE: the last step is answered 9000 with a token of somebody's own."""

    def forge(_: bytes, answer: bytes) -> bytes:
        assert answer
        return encode_tlv(0x7C, encode_tlv(0x86, bytes(8))) + b"\x90\0"

    passport = chip(pace=(PaceOffer(13),))
    with not_genuine("chip_access"):
        read(passport, transmit=scripted(passport, {b"\x00\x86": forge}))


@pytest.mark.parametrize("forged", [bytes(40), bytes(32) + b"\xff" * 8])
def test_bac_without_the_zone_gets_no_further(chip: Open, forged: bytes) -> None:
    passport = chip()
    with not_genuine("chip_access"):
        read(passport, transmit=scripted(passport, {b"\x00\x82": lambda *_: forged + b"\x90\0"}))


@pytest.mark.parametrize("at", [25, 31, 32, 39])
def test_a_changed_proof_of_bac_is_not_taken(chip: Open, at: int) -> None:
    """The last block is the chip's key, which nothing else in the proof could show to be changed."""

    def spoil(_: bytes, answer: bytes) -> bytes:
        return answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]

    passport = chip()
    with not_genuine("chip_access"):
        read(passport, transmit=scripted(passport, {b"\x00\x82": spoil}))


@pytest.mark.parametrize("blocks", [2, 6])
def test_an_authentic_proof_of_another_length(chip: Open, blocks: int) -> None:
    """A chip that knows its own zone, and answers with more or less than a proof."""
    passport, cipher = chip(), Cipher.TRIPLE_DES
    mac_key = cipher.derive(Password.from_zone(passport.zone).secret[:16], 2)
    forged = bytes(8 * blocks)
    with malformed("chip_status"):
        proof = forged + cipher.mac(mac_key, forged) + b"\x90\x00"
        read(passport, transmit=scripted(passport, {b"\x00\x82": lambda *_: proof}))


def test_a_challenge_with_a_warning(chip: Open) -> None:
    passport = chip()
    with malformed("chip_status"):
        read(passport, transmit=scripted(passport, {b"\x00\x84": lambda *_: bytes(8) + b"\x62\x82"}))


@pytest.mark.parametrize("size", [0, 8, 32])
def test_a_nonce_of_another_length(chip: Open, size: int) -> None:
    passport = chip(pace=(PaceOffer(13),))
    answer = encode_tlv(0x7C, encode_tlv(0x80, bytes(size))) + b"\x90\x00"
    with pytest.raises(InputError, match="the chip's nonce has another length"):
        read(passport, transmit=scripted(passport, {b"\x10\x86\x00\x00\x02": lambda *_: answer}))


def test_a_way_that_is_refused_after_all(chip: Open) -> None:
    passport = chip(pace=(PaceOffer(13),))
    with pytest.raises(InputError, match="this way of PACE"):
        read(passport, transmit=scripted(passport, {b"\x00\x22": lambda *_: b"\x6a\x80"}))


def test_a_warning_how_many_tries_are_left(chip: Open, bundle: DocumentBundle) -> None:
    passport = chip(pace=(PaceOffer(13),))
    found = read(passport, transmit=scripted(passport, {b"\x00\x22": lambda *_: b"\x63\xc2"}))
    assert found.bundle == bundle


def test_bac_proof_of_another_run(chip: Open) -> None:
    """An old proof with a good MAC: the nonces inside are not these."""
    passport, kept = chip(), list[bytes]()

    def replay(_: bytes, answer: bytes) -> bytes:
        kept.append(answer)
        return kept[0]

    transmit = scripted(passport, {b"\x00\x82": replay})
    read(passport, transmit=transmit, groups=())
    passport.reset()
    with not_genuine("chip_access"):
        read(passport, transmit=transmit, groups=())


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"\x77\x83\xff\xff\xff", "chip_file_size"),
        (b"\x77\x82\xff\xff", "chip_file_size"),
        (b"\x77\x84\xff\xff\xff\xff", "chip_file_size"),
        (b"\x77\x84\x00\x00\x00\x01", "chip_status"),
        (b"\x77\x85\x00\x00\x00\x00", "chip_response"),
        (b"\x77\x80", "chip_response"),
        (b"\x77\xff", "chip_response"),
        (b"\x77", "chip_response"),
        (b"\x7f", "chip_response"),
        (b"\x77\x00", "document_sod"),
        (b"\x77\x03abc", "document_sod"),
        (b"\x78\x03abc", "document_file"),
        (b"\x77\x10abc", "chip_status"),
    ],
)
def test_files_that_lie_about_their_size(bundle: DocumentBundle, start: bytes, code: str) -> None:
    passport = EmulatedPassport.of(bundle)
    passport._files[0x011D] = start
    with malformed(code):
        read(passport)


def test_a_file_that_never_ends(bundle: DocumentBundle) -> None:
    """Single bytes for ever: the reader stops after its number of commands."""
    passport = EmulatedPassport.of(bundle)
    piece = passport._piece

    def slow(offset: int, wanted: int) -> tuple[bytes, int]:
        return piece(offset, min(wanted, 1) if offset else wanted)

    passport._piece = slow  # type: ignore[method-assign]
    with malformed("chip_endless"):
        read(passport, limits=ChipLimits(commands=200))


def test_a_chip_that_gives_more_than_asked(bundle: DocumentBundle) -> None:
    passport = EmulatedPassport.of(bundle)
    piece = passport._piece
    passport._piece = lambda offset, wanted: piece(offset, wanted + 1)  # type: ignore[method-assign]
    with malformed("chip_file"):
        read(passport)


def test_a_chip_that_gives_nothing(bundle: DocumentBundle) -> None:
    passport = EmulatedPassport.of(bundle)
    passport._piece = lambda *_: (b"", 0x9000)  # type: ignore[method-assign]
    with malformed("chip_file"):
        read(passport)


@pytest.mark.parametrize(
    "answer", [b"\x61\x00", b"x\x61\x10", bytes(256) + b"\x61\x00", b"\x6c\x10", b"\x63\xc1", b"\x90\x00", b"\x00"]
)
def test_the_same_answer_for_ever(answer: bytes) -> None:
    count = 0

    def transmit(_: bytes) -> bytes:
        nonlocal count
        count += 1
        return answer

    password = Password.from_can("123456")
    with pytest.raises(REFUSALS):
        read_document(transmit, password=password, randomness=token_bytes)
    assert count <= DEFAULT_LIMITS.commands


def test_random_answers() -> None:
    random = Random(11)
    for _ in range(300):
        status = random.choice([b"\x90\0", b"\x90\0", b"\x90\0", b"\x62\x82", b"\x61\x20", b"\x6c\x04"])

        def transmit(_: bytes, status: bytes = status) -> bytes:
            return random.randbytes(random.choice([0, 1, 6, 8, 40, 216])) + status

        with pytest.raises(REFUSALS) as caught:
            read_document(transmit, password=Password.from_can("123456"), randomness=token_bytes)
        assert caught.value.code.startswith(("chip_", "document_"))


def test_errors_of_the_reader_pass_through(chip: Open) -> None:
    def transmit(_: bytes) -> bytes:
        raise Error(code="card_taken")

    with pytest.raises(Error, match="card_taken"):
        read(chip(), transmit=transmit)


def test_errors_tell_nothing_of_the_document(chip: Open, state: SyntheticState) -> None:
    """Neither password, nonce nor file is in any error, spoilt where it may be."""
    number = "U" + state.issue_card(birth=BIRTH).dg1.decode("latin-1")[11:19]
    passport = chip(pace=(PaceOffer(13),))
    secret = [passport.zone, passport.zone[5:14], number, "123456", Password.from_zone(passport.zone).secret.hex()]
    for at in range(14):
        passport.reset()
        try:
            read(passport, transmit=Spoiler(passport, at, lambda _: b"\x69\x88").transmit, nonce=NONCE)
        except REFUSALS as error:
            assert not any(each in str(error) for each in secret)  # noqa: PT017 - any of several, or none
