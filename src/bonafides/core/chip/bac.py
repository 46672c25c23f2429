"""Basic Access Control, the reader's side (ICAO 9303-11, 4.3)."""

from hmac import compare_digest

from bonafides.core.chip.apdu import Command, refused
from bonafides.core.chip.ciphers import MAC_BYTES, Cipher
from bonafides.core.chip.conversation import Conversation
from bonafides.core.chip.domain import Randomness
from bonafides.core.chip.password import Password, wrong_password
from bonafides.core.chip.secure_messaging import SecureChannel
from bonafides.errors import PolicyError, VerificationError

_GET_CHALLENGE, _EXTERNAL_AUTHENTICATE = 0x84, 0x82
_NONCE_BYTES, _KEY_BYTES = 8, 16
_ANSWER_BYTES = 2 * _NONCE_BYTES + _KEY_BYTES + MAC_BYTES
_CIPHER = Cipher.TRIPLE_DES


def gain_access(conversation: Conversation, password: Password, *, randomness: Randomness) -> SecureChannel:
    """Prove to the chip that its machine readable zone was seen, and return the protected channel.

    The travel document application must be selected. Raises PolicyError for a card access number, which BAC does not
    know, VerificationError `chip_password` if the chip knows another zone, InputError for a malformed answer.
    """
    if password.is_can:
        raise PolicyError(
            "This chip does not take a card access number: give document number, birth date and expiry.",
            code="chip_can",
        )
    # 9.7.2: both keys derive from the first half of the digest.
    encryption_key, mac_key = (_CIPHER.derive(password.secret[:16], number) for number in (1, 2))
    challenge = conversation.send(Command(_GET_CHALLENGE, 0, 0, expected=_NONCE_BYTES))
    if not challenge.ok or len(challenge.data) != _NONCE_BYTES:
        raise refused(challenge, "to give a challenge for Basic Access Control")
    nonce, key = randomness(_NONCE_BYTES), randomness(_KEY_BYTES)
    sealed = _CIPHER.encrypt(encryption_key, nonce + challenge.data + key)
    proof = sealed + _CIPHER.mac(mac_key, sealed)
    answer = conversation.send(Command(_EXTERNAL_AUTHENTICATE, 0, 0, proof, expected=_ANSWER_BYTES))
    if not answer.ok:
        raise wrong_password(answer)
    if len(answer.data) != _ANSWER_BYTES:
        raise refused(answer, "to prove its key")
    sealed, mac = answer.data[:-MAC_BYTES], answer.data[-MAC_BYTES:]
    if not compare_digest(mac, _CIPHER.mac(mac_key, sealed)):
        raise _not_the_chip()
    opened = _CIPHER.decrypt(encryption_key, sealed)
    if opened[:16] != challenge.data + nonce:
        raise _not_the_chip()
    seed = bytes(ours ^ theirs for ours, theirs in zip(key, opened[16:], strict=True))
    counter = int.from_bytes(challenge.data[4:] + nonce[4:], "big")
    return SecureChannel.derive(_CIPHER, seed, counter=counter)


def _not_the_chip() -> VerificationError:
    return VerificationError("the chip does not prove that it knows its own key", code="chip_access")
