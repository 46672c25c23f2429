"""Password Authenticated Connection Establishment with generic mapping, the reader's side (ICAO 9303-11, 4.4)."""

from hmac import compare_digest
from typing import Any

from asn1crypto import core

from bonafides.core.chip.apdu import EXTENDED, SHORT, Command, refused
from bonafides.core.chip.card_access import PaceWay
from bonafides.core.chip.conversation import Conversation
from bonafides.core.chip.data_objects import decode_objects, encode_object
from bonafides.core.chip.domain import Domain, Randomness, random_exponent
from bonafides.core.chip.password import Password, wrong_password
from bonafides.core.chip.secure_messaging import SecureChannel
from bonafides.errors import InputError, VerificationError

_SET_AUTHENTICATION, _GENERAL_AUTHENTICATE = 0x22, 0x86
_DYNAMIC = 0x7C
_PASSWORD_KEY = 3
_RETRIES = 0x63C0


def gain_access(
    conversation: Conversation, way: PaceWay, password: Password, *, randomness: Randomness
) -> SecureChannel:
    """Agree on keys with a chip that knows the same password, and return the protected channel.

    Raises VerificationError `chip_password` if the chip knows another one, `chip_access` if it does not prove that it
    knows this one; InputError for malformed answers and keys.
    """
    domain, cipher = way.domain, way.cipher
    _select(conversation, way, password)
    sealed = _step(conversation, b"", 0x80)
    if len(sealed) != cipher.nonce_bytes:
        raise InputError("the chip's nonce has another length", code="chip_response")
    nonce = cipher.decrypt(cipher.derive(password.secret, _PASSWORD_KEY), sealed)
    generator = _map(conversation, domain, int.from_bytes(nonce, "big"), randomness)
    key, public, theirs = _exchange(conversation, domain, generator, randomness, 0x83)
    channel_secret = domain.shared(domain.power(theirs, key))
    mac_key = cipher.derive(channel_secret, 2)
    token = cipher.mac(mac_key, public_key_object(way, domain.encode(theirs)))
    answer = _step(conversation, encode_object(0x85, token), 0x86, last=True)
    if not compare_digest(answer, cipher.mac(mac_key, public_key_object(way, public))):
        raise VerificationError("the chip does not prove that it knows the password", code="chip_access")
    return SecureChannel.derive(cipher, channel_secret, counter=0)


def public_key_object(way: PaceWay, public: bytes) -> bytes:
    """Return what a token authenticates: the protocol and an ephemeral public key (4.4.3.4, 9.4)."""
    return encode_object(0x7F49, encode_object(0x06, oid(way.protocol)) + encode_object(way.domain.object_tag, public))


def oid(dotted: str) -> bytes:
    """Return the content octets of an object identifier."""
    return bytes(core.ObjectIdentifier(dotted).contents)


def _select(conversation: Conversation, way: PaceWay, password: Password) -> None:
    """Tell the chip which way and which password (4.4.4.1)."""
    data = encode_object(0x80, oid(way.protocol)) + encode_object(0x83, b"\x02" if password.is_can else b"\x01")
    if way.ambiguous:
        data += encode_object(0x84, bytes([way.parameter]))
    response = conversation.send(Command(_SET_AUTHENTICATION, 0xC1, 0xA4, data))
    # A warning how many tries are left is no refusal.
    if not response.ok and response.status & 0xFFF0 != _RETRIES:
        raise refused(response, "this way of PACE, or this kind of password")


def _map(conversation: Conversation, domain: Domain, nonce: int, randomness: Randomness) -> Any:
    """Return a generator that only who knows the nonce can compute with (4.4.3.3.1)."""
    key, _, theirs = _exchange(conversation, domain, domain.generator, randomness, 0x81)
    return domain.combine(domain.power(domain.generator, nonce), domain.power(theirs, key))


def _exchange(
    conversation: Conversation, domain: Domain, generator: Any, randomness: Randomness, tag: int
) -> tuple[int, bytes, Any]:
    """Exchange fresh public keys; return our private key, our public key and the chip's."""
    key = random_exponent(domain, randomness)
    public = domain.encode(domain.power(generator, key))
    answer = _step(conversation, encode_object(tag, public), tag + 1)
    theirs = domain.decode(answer)
    if domain.encode(theirs) == public:
        raise VerificationError("the chip only mirrors what it is sent", code="chip_access")  # 4.4.1, step 3 d
    return key, public, theirs


def _step(conversation: Conversation, data: bytes, tag: int, *, last: bool = False) -> bytes:
    """Return what the chip answers under this tag to one step of PACE (4.4.4.2)."""
    data = encode_object(_DYNAMIC, data)
    # A key of 2048 bits fits into no short command, and such a chip answers at length too.
    expected = SHORT if len(data) < SHORT else EXTENDED
    command = Command(_GENERAL_AUTHENTICATE, 0, 0, data, expected=expected, chained=not last)
    response = conversation.send(command)
    if not response.ok:
        raise wrong_password(response) if last else refused(response, "a step of PACE")
    value = decode_objects(decode_objects(response.data).get(_DYNAMIC, b"")).get(tag)
    if value is None:
        raise InputError("the chip's answer to a step of PACE lacks its part", code="chip_response")
    return value
