"""The worked examples of ICAO 9303-11, command by command."""

import pytest

from bonafides.core.chip import DEFAULT_LIMITS, Password, bac, pace
from bonafides.core.chip.apdu import Command
from bonafides.core.chip.card_access import PaceInfo, PaceWay, choose_way, parse_card_access
from bonafides.core.chip.ciphers import Cipher
from bonafides.core.chip.conversation import Conversation
from bonafides.core.chip.domain import DOMAINS, Domain
from bonafides.core.chip.secure_messaging import SecureChannel
from tests.chip.examples import (
    BAC_EXCHANGES,
    BAC_KEY,
    BAC_NONCE,
    G1_EXCHANGES,
    G2_EXCHANGES,
    MESSAGES,
    PACE_G1,
    PACE_G2,
    ScriptedChip,
    given,
    unhex,
)

PACE_PASSWORD = Password.from_fields(number="T22000129", birth="640812", expiry="101031")


def random_for(domain: Domain, key: bytes) -> bytes:
    """The random bytes of which this private key is made."""
    return (int.from_bytes(key, "big") - 1).to_bytes((domain.order.bit_length() + 7) // 8 + 8, "big")


def test_appendix_d_access_and_messages() -> None:
    """D.1 to D.4: keys of the zone, mutual authentication, three protected commands."""
    chip = ScriptedChip(BAC_EXCHANGES + MESSAGES)
    conversation = Conversation(chip.transmit, limits=DEFAULT_LIMITS)
    password = Password.from_fields(number="L898902C<", birth="690806", expiry="940623")
    conversation.channel = bac.gain_access(conversation, password, randomness=given([BAC_NONCE, BAC_KEY]))
    assert conversation.send(Command(0xA4, 0x02, 0x0C, unhex("011E"))).ok
    assert conversation.send(Command(0xB0, 0, 0, expected=4)).data == unhex("60145F01")
    assert conversation.send(Command(0xB0, 0, 4, expected=18)).data == unhex("04303130365F36063034303030305C026175")
    assert chip.seen == 5


def test_appendix_d_keys() -> None:
    """D.1: Kseed, KEnc and KMAC, but for the parity bits, which no cipher reads."""
    seed = unhex("239AB9CB282DAF66231DC5A4DF6BFBAE")
    assert Password.from_fields(number="L898902C", birth="690806", expiry="940623").secret[:16] == seed
    for counter, key in ((1, "AB94FDECF2674FDFB9B391F85D7F76F2"), (2, "7962D9ECE03D1ACD4C76089DCE131543")):
        assert [each | 1 for each in Cipher.TRIPLE_DES.derive(seed, counter)] == [each | 1 for each in unhex(key)]


def test_appendix_d_long_numbers() -> None:
    """D.1: a card's number of more than nine characters, in fields and in the zone."""
    zone = "I<UTOD23145890<7349<<<<<<<<<<<" + "3407127M9507122UTO<<<<<<<<<<<2" + "STEVENSON<<PETER<JOHN<<<<<<<<<"
    fields = Password.from_fields(number="D23145890734", birth="340712", expiry="950712")
    assert Password.from_zone(zone) == fields


def test_appendix_g1() -> None:
    """PACE with generic mapping on brainpoolP256r1 and AES-128."""
    infos = parse_card_access(PACE_G1["card_access"])
    assert infos == (PaceInfo("0.4.0.127.0.7.2.2.4.2.2", 13),)
    way = choose_way(infos)
    assert way is not None
    assert PACE_PASSWORD.secret == unhex("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD")
    chip = ScriptedChip([*G1_EXCHANGES])
    randomness = given([random_for(way.domain, PACE_G1[name]) for name in ("map_key", "key")])
    conversation = Conversation(chip.transmit, limits=DEFAULT_LIMITS)
    channel = pace.gain_access(conversation, way, PACE_PASSWORD, randomness=randomness)
    assert chip.seen == 5
    assert_keys(channel, PACE_G1)


def test_appendix_g2() -> None:
    """PACE with generic mapping in the 1024-bit group and AES-128."""
    way = PaceWay("0.4.0.127.0.7.2.2.4.1.2", Cipher.AES_128, 0, ambiguous=False)
    chip = ScriptedChip([*G2_EXCHANGES])
    randomness = given([random_for(way.domain, PACE_G2[name]) for name in ("map_key", "key")])
    conversation = Conversation(chip.transmit, limits=DEFAULT_LIMITS)
    channel = pace.gain_access(conversation, way, PACE_PASSWORD, randomness=randomness)
    assert chip.seen == 5
    assert_keys(channel, PACE_G2)


def assert_keys(channel: SecureChannel, example: dict[str, bytes]) -> None:
    """The channel is the one of these keys, its counter at zero."""
    same = SecureChannel(
        Cipher.AES_128, encryption_key=example["encryption_key"], mac_key=example["mac_key"], counter=0
    )
    command = Command(0xA4, 0x04, 0x0C, b"application")
    assert channel.protect(command) == same.protect(command)


@pytest.mark.parametrize("number", DOMAINS)
def test_domain_parameters_are_groups(number: int) -> None:
    """9.5.1: the generator has the order that is said, and the order is a prime that Fermat does not doubt."""
    domain = DOMAINS[number]
    assert pow(3, domain.order - 1, domain.order) == 1
    assert domain.power(domain.generator, domain.order + 1) == domain.generator


def test_no_secret_is_shown() -> None:
    shown = (
        repr(PACE_PASSWORD)
        + repr(Command(0, 0, 0, b"secret"))
        + repr(SecureChannel.derive(Cipher.AES_128, b"secret", counter=0))
    )
    assert "secret" not in shown.replace("SecureChannel", "")
    assert "7e2d" not in shown.lower()
