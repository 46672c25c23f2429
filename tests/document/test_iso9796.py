"""ISO/IEC 9796-2, scheme 1: ICAO 9303-11, Appendix F, a vector of Bouncy Castle's, and forgeries."""

from collections.abc import Callable
from hashlib import new

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bonafides.core.document.iso9796 import HASH_IDENTIFIERS, check_representative, verify_recovery
from tests.document.expect import not_genuine

NONCE = bytes.fromhex("F173589974BF40C6")
# ICAO 9303-11, Appendix F: F = 6A ‖ M1 ‖ H ‖ BC.
F = bytes.fromhex(
    "6A9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C"
    "98599F40B79F377B5F3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD"
    "4E7292E2DCDA3024B47DA8C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127BC"
)


def test_worked_example_of_appendix_f() -> None:
    assert check_representative(F, message=NONCE) == "sha1"


@pytest.mark.parametrize("position", range(len(F)))
def test_every_byte_of_the_example_counts(position: int) -> None:
    with not_genuine("document_chip"):
        check_representative(F[:position] + bytes([F[position] ^ 1]) + F[position + 1 :], message=NONCE)


# bc-java, org.bouncycastle.crypto.test.ISO9796Test (MIT): scheme 1, 1024 bits, SHA-1 without identifier.
MODULUS = int(
    "CDCBDABBF93BE8E8294E32B055256BBD0397735189BF75816341BB0D488D05D627991221DF7D59835C76A4BB4808ADEEB779E7794504E956"
    "ADC2A661B46904CDC71337DD29DDDD454124EF79CFDD7BC2C21952573CEFBA485CC38C6BD2428809B5A31A898A6B5648CAA4ED678D9743B5"
    "89134B7187478996300EDBA16271A861",
    16,
)
SIGNATURE = bytes.fromhex(
    "482E20D1EDDED34359C38F5E7C01203F9D6B2641CDCA5C404D49ADAEDE034C7481D781D043722587761C90468DE69C6585A1E8B9C322F90E"
    "1B580EEDAB3F6007D0C366CF92B4DB8B41C8314929DCE2BE889C0129123484D2FD3D12763D2EBFD12AC8E51D7061AFCA1A53DEDEC7B9A617"
    "472A78C952CCC72467AE008E5F132994"
)


def test_vector_of_another_implementation() -> None:
    key = rsa.RSAPublicNumbers(65537, MODULUS).public_key()
    assert verify_recovery(key, message=bytes(8), signature=SIGNATURE) == "sha1"
    with not_genuine("document_chip"):
        verify_recovery(key, message=bytes(7) + b"\x01", signature=SIGNATURE)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)


def representative(size: int, *, name: str = "sha256", trailer: bytes = b"\x34\xcc", message: bytes = NONCE) -> bytes:
    """What a chip would sign."""
    room = size - 1 - new(name).digest_size - len(trailer)
    own = bytes(range(7, 7 + room))
    return b"\x6a" + own + new(name, own + message).digest() + trailer


def root(key: rsa.RSAPrivateKey, opened: bytes) -> int:
    numbers = key.private_numbers()
    return pow(int.from_bytes(opened, "big"), numbers.d, numbers.public_numbers.n)


def refuses(key: rsa.RSAPrivateKey, value: int, size: int | None = None) -> None:
    with not_genuine("document_chip"):
        verify_recovery(key.public_key(), message=NONCE, signature=value.to_bytes(size or 128, "big"))


@pytest.mark.parametrize("identifier", HASH_IDENTIFIERS)
def test_every_hash(key: rsa.RSAPrivateKey, identifier: int) -> None:
    name = HASH_IDENTIFIERS[identifier]
    opened = representative(128, name=name, trailer=bytes([identifier, 0xCC]))
    signature = root(key, opened).to_bytes(128, "big")
    assert verify_recovery(key.public_key(), message=NONCE, signature=signature) == name


def test_either_root(key: rsa.RSAPrivateKey) -> None:
    """ISO/IEC 9796-2: the signer gives the smaller of s and n - s."""
    value, modulus = root(key, representative(128)), key.public_key().public_numbers().n
    for each in (value, modulus - value):
        signature = each.to_bytes(128, "big")
        assert verify_recovery(key.public_key(), message=NONCE, signature=signature) == "sha256"


@pytest.mark.parametrize(
    "forge",
    [
        lambda f: b"\x4a" + f[1:],  # all of the message would be inside
        lambda f: b"\x6b" + f[1:],  # padding would follow
        lambda f: f[:-2] + b"\x37\xcc",  # a hash that nobody has
        lambda f: f[:-2] + b"\x33\xcc",  # another hash than was used
        lambda f: f[:-2] + b"\x34\xbc",  # SHA-1, implicitly
        lambda f: f[:-2] + b"\x34\xdc",
        lambda f: representative(128, message=NONCE[::-1]),
    ],
)
def test_other_representatives(key: rsa.RSAPrivateKey, forge: Callable[[bytes], bytes]) -> None:
    refuses(key, root(key, forge(representative(128))))


def test_one_signature_has_one_spelling(key: rsa.RSAPrivateKey) -> None:
    value, modulus = root(key, representative(128)), key.public_key().public_numbers().n
    refuses(key, value + modulus, 129)
    refuses(key, value, 129)
    refuses(key, modulus, 128)
    refuses(key, 0)
    with not_genuine("document_chip"):
        verify_recovery(key.public_key(), message=NONCE, signature=b"")
    for again in range(1, 8):
        if (value + again * modulus).bit_length() <= 1024:
            refuses(key, value + again * modulus)


def test_a_representative_too_short_for_its_hash() -> None:
    for size in range(3, 36):
        with not_genuine("document_chip"):
            check_representative(b"\x6a" + bytes(size - 3) + b"\x34\xcc", message=NONCE)
    exact = b"\x6a" + new("sha256", NONCE).digest() + b"\x34\xcc"
    with not_genuine("document_chip"):
        check_representative(exact, message=NONCE)
