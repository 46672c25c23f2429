"""Profile §3: device keys are P-256 points in 65 bytes, signatures r || s in 64."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from bonafides.core.credential import device
from bonafides.errors import InputError, VerificationError

# One fixed key: the cases below are named by their bytes, which must be the same in every worker of a parallel run.
KEY = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())
PUBLIC = device.public_bytes(KEY)
MESSAGE = b"what a device signs"
SIGNATURE = device.sign(KEY, MESSAGE)


def refuse(*, key: bytes = PUBLIC, signature: bytes = SIGNATURE, message: bytes = MESSAGE, malformed: bool) -> str:
    """Fail unless this is refused, as malformed or as false; return the code."""
    with pytest.raises(InputError if malformed else VerificationError) as caught:
        device.verify(device_key=key, signature=signature, message=message)
    return caught.value.code


def test_a_signature_holds_for_its_key_and_message() -> None:
    device.verify(device_key=PUBLIC, signature=SIGNATURE, message=MESSAGE)
    assert (len(PUBLIC), PUBLIC[0], len(SIGNATURE)) == (65, 4, 64)
    assert device.check_device_key(PUBLIC) == PUBLIC
    refuse(message=MESSAGE + b"\0", malformed=False)
    refuse(message=b"", malformed=False)
    refuse(signature=device.sign(KEY, b"another"), malformed=False)
    refuse(key=device.public_bytes(ec.generate_private_key(ec.SECP256R1())), malformed=False)


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_short_numbers_are_padded(message: bytes) -> None:
    """One signature in 128 has an r or s that begins with a zero byte."""
    device.verify(device_key=PUBLIC, signature=device.sign(KEY, message), message=message)


@settings(max_examples=80)
@given(st.integers(0, 64 * 8 - 1))
def test_any_flipped_bit_of_a_signature_is_refused(bit: int) -> None:
    data = bytearray(SIGNATURE)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises((InputError, VerificationError)):
        device.verify(device_key=PUBLIC, signature=bytes(data), message=MESSAGE)


@settings(max_examples=80)
@given(st.integers(0, 65 * 8 - 1))
def test_any_flipped_bit_of_a_key_is_refused(bit: int) -> None:
    data = bytearray(PUBLIC)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InputError):
        device.check_device_key(bytes(data))


@pytest.mark.parametrize("length", [0, 1, 33, 63, 65, 72, 128])
def test_a_signature_has_64_bytes(length: int) -> None:
    assert refuse(signature=(SIGNATURE * 3)[:length], malformed=True) == "device_signature"


@pytest.mark.parametrize("number", [0, device._ORDER, device._ORDER + 1, 2**256 - 1])
def test_numbers_are_in_range(number: int) -> None:
    octets = number.to_bytes(32, "big")
    refuse(signature=octets + SIGNATURE[32:], malformed=True)
    refuse(signature=SIGNATURE[:32] + octets, malformed=True)


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"\0",
        PUBLIC[:-1],
        PUBLIC + b"\0",
        PUBLIC[1:],
        bytes([2 + (PUBLIC[-1] & 1)]) + PUBLIC[1:33],
        bytes([6 + (PUBLIC[-1] & 1)]) + PUBLIC[1:],
        b"\x05" + PUBLIC[1:],
        b"\x04" + bytes(64),
        b"\x04" + b"\xff" * 64,
        bytes(65),
        PUBLIC[:33] + bytes(32),
    ],
)
def test_a_key_has_one_spelling(key: bytes) -> None:
    assert refuse(key=key, malformed=True) == "device_key"
    with pytest.raises(InputError):
        device.check_device_key(key)


@pytest.mark.parametrize("curve", [ec.SECP256K1(), ec.BrainpoolP256R1()])
def test_a_point_of_another_curve_is_no_key(curve: ec.EllipticCurve) -> None:
    foreign = ec.generate_private_key(curve)
    refuse(key=device.public_bytes(foreign), signature=SIGNATURE, malformed=True)


def test_a_key_of_another_curve_does_not_sign() -> None:
    """Its signature would have another length."""
    long = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises((ValueError, OverflowError)):
        device.sign(long, MESSAGE)
