"""Every hazard of the curve library: shown to be real in the raw library, and shut in `_curve`.

A hazard that the library one day closes turns its first half red: then our guard may be simplified, not before.
"""

import inspect
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from bonafides.core.bbs import SHA256, SHAKE256, sk_to_pk
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs.blind import commit
from bonafides.core.bbs.keys import decode_public_key
from bonafides.core.bbs.proof import random_scalars
from bonafides.core.bbs.signature import core_sign, decode_signature
from bonafides.errors import InputError, VerificationError
from tests.core.bbs import plain_curve as plain
from tests.core.bbs.holder import SECRET_KEY, enrol

scalars = st.one_of(
    st.sampled_from([0, 1, 2, curve.ORDER - 1, curve.ORDER - 2]),
    st.integers(min_value=0, max_value=curve.ORDER - 1),
)
IDENTITY_G1 = b"\xc0" + bytes(47)
IDENTITY_G2 = b"\xc0" + bytes(95)
SPELLINGS_G1 = {
    "plain": IDENTITY_G1,
    "with a sign": b"\xe0" + bytes(47),
    "with junk at the end": b"\xc0" + bytes(46) + b"\x01",
    "with junk under the flags": b"\xc1" + bytes(47),
    "all ones": b"\xff" * 48,
}
SPELLINGS_G2 = {
    "plain": IDENTITY_G2,
    "with a sign": b"\xe0" + bytes(95),
    "with junk at the end": b"\xc0" + bytes(94) + b"\x01",
    "with junk in the second half": b"\xc0" + bytes(47) + b"\x01" + bytes(47),
    "all ones": b"\xff" * 96,
}


def small_torsion() -> plain.Point:
    """A point of order 3 on the curve of G1: any point outside the subgroup times r * h / 3."""
    for n in range(1, 50):
        y = plain.sqrt_fp(n**3 + 4)
        if y is None:
            continue
        point = plain.mul((plain.Fp2(n), plain.Fp2(y)), plain.R * plain.COFACTOR_G1 // 3)
        if point is not None:
            return point
    raise AssertionError("no point has a part of order 3")


def outside_the_subgroup(size: int) -> bytes:
    """A point on the curve but not of order r, of no special order."""
    for n in range(1, 50):
        body = n.to_bytes(size, "big")
        data = bytes([body[0] | 0x80]) + body[1:]
        try:
            point = plain.decode(data, any_order=True)
        except ValueError:
            continue
        assert plain.mul(point, plain.R) is not None
        return data
    raise AssertionError("no small x is on the curve")


# ---------------------------------------------------------------------------------------------- encodings of points


@pytest.mark.parametrize("data", SPELLINGS_G1.values(), ids=SPELLINGS_G1)
def test_no_spelling_of_the_identity_of_g1_is_decoded(data: bytes) -> None:
    with pytest.raises(InputError):
        curve.decode_g1(data)


@pytest.mark.parametrize("data", SPELLINGS_G2.values(), ids=SPELLINGS_G2)
def test_no_spelling_of_the_identity_of_g2_is_decoded(data: bytes) -> None:
    with pytest.raises(InputError):
        curve.decode_g2(data)
    with pytest.raises(InputError):
        decode_public_key(data)


def test_the_raw_library_takes_three_spellings_of_the_identity() -> None:
    """Without our guard each of these is the identity, the raw material of the universal forgery."""
    for name in ("plain", "with a sign", "with junk at the end"):
        assert G1Point.from_compressed_bytes(SPELLINGS_G1[name]) == G1Point.identity()
        assert G2Point.from_compressed_bytes(SPELLINGS_G2[name]) == G2Point.identity()


def test_comparing_the_bytes_does_not_replace_the_identity_check() -> None:
    """The canonical identity encodes to itself: of the decoder's two checks neither covers the other."""
    assert G1Point.from_compressed_bytes(IDENTITY_G1).to_compressed_bytes() == IDENTITY_G1
    assert G2Point.from_compressed_bytes(IDENTITY_G2).to_compressed_bytes() == IDENTITY_G2


def test_the_decoder_compares_what_it_read_with_what_it_would_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's library has no second spelling but those of the identity; one that brings back another is caught."""

    class Lenient:
        """Ignores the last bit."""

        def __init__(self, inner: Callable[[bytes], object]) -> None:
            self._inner = inner

        def from_compressed_bytes(self, data: bytes) -> object:
            return self._inner(data[:-1] + bytes([data[-1] ^ 1]))

    one, two = plain.encode(plain.G1), plain.encode(plain.G2, 96)
    monkeypatch.setattr(curve, "G1", Lenient(G1Point.from_compressed_bytes))
    monkeypatch.setattr(curve, "G2", Lenient(G2Point.from_compressed_bytes))
    for decode, data in ((curve.decode_g1, one), (curve.decode_g2, two)):
        with pytest.raises(InputError, match="second spelling"):
            decode(data[:-1] + bytes([data[-1] ^ 1]))


def test_coordinates_are_reduced() -> None:
    """x + p names the same point a second time: one pseudonym under two byte strings would be two accounts."""
    tried = 0
    point = plain.G1
    for _ in range(30):
        point = plain.add(point, plain.G1)
        assert point is not None
        again = point[0].a + plain.P
        if again < 1 << 381:
            tried += 1
            data = again.to_bytes(48, "big")
            with pytest.raises(InputError):
                curve.decode_g1(bytes([data[0] | plain.encode(point)[0] & 0xE0]) + data[1:])
    assert tried


@pytest.mark.parametrize("half", [0, 1])
def test_coordinates_of_g2_are_reduced(half: int) -> None:
    tried = 0
    point = plain.G2
    for _ in range(40):
        point = plain.add(point, plain.G2)
        assert point is not None
        parts = [point[0].b, point[0].a]
        parts[half] += plain.P
        if parts[half] < 1 << 381:
            tried += 1
            data = b"".join(x.to_bytes(48, "big") for x in parts)
            with pytest.raises(InputError):
                curve.decode_g2(bytes([data[0] | plain.encode(point, 96)[0] & 0xE0]) + data[1:])
    assert tried


def test_flag_bits_under_the_second_half_of_g2_are_refused() -> None:
    good = sk_to_pk(5)
    for bit in (0x80, 0x40, 0x20):
        with pytest.raises(InputError):
            curve.decode_g2(good[:48] + bytes([good[48] ^ bit]) + good[49:])


def test_the_uncompressed_form_is_refused() -> None:
    """Neither without the compression bit nor at the uncompressed length."""
    good, good_key = plain.encode(plain.G1), plain.encode(plain.G2, 96)
    assert plain.G1 is not None
    whole = plain.G1[0].a.to_bytes(48, "big") + plain.G1[1].a.to_bytes(48, "big")
    for data in (bytes([good[0] & 0x7F]) + good[1:], whole, b"\x40" + bytes(47), b"\x40" + bytes(95)):
        with pytest.raises(InputError):
            curve.decode_g1(data)
    for data in (bytes([good_key[0] & 0x7F]) + good_key[1:], good_key + good_key, b"\x40" + bytes(95)):
        with pytest.raises(InputError):
            curve.decode_g2(data)


@pytest.mark.parametrize("length", [0, 1, 47, 49, 95, 97, 144])
def test_points_have_one_length(length: int) -> None:
    data = (plain.encode(plain.G1) * 4)[:length]
    with pytest.raises(InputError):
        curve.decode_g1(data)
    with pytest.raises(InputError):
        curve.decode_g2((plain.encode(plain.G2, 96) * 2)[:length])


def test_points_of_small_order_are_refused() -> None:
    """Order 3, both signs; and the raw decoders that must stay out of this code base take them."""
    torsion = small_torsion()
    assert torsion is not None
    assert plain.mul(torsion, 3) is None
    assert torsion[0] == plain.Fp2(0)  # on this curve the points of order 3 are (0, 2) and (0, -2)
    for point in (torsion, plain.neg(torsion)):
        data = plain.encode(point)
        assert not G1Point.from_compressed_bytes_unchecked(data).is_in_subgroup()
        with pytest.raises(InputError):
            curve.decode_g1(data)
        # The sum with a good point is of large order and just as wrong.
        with pytest.raises(InputError):
            curve.decode_g1(plain.encode(plain.add(plain.G1, point)))


def test_points_outside_the_subgroup_are_refused() -> None:
    one, two = outside_the_subgroup(48), outside_the_subgroup(96)
    assert G1Point.from_compressed_bytes_unchecked(one) != G1Point.identity()
    assert G2Point.from_compressed_bytes_unchecked(two) != G2Point.identity()
    with pytest.raises(InputError):
        curve.decode_g1(one)
    with pytest.raises(InputError):
        curve.decode_g2(two)
    with pytest.raises(InputError):
        decode_public_key(two)


def test_no_unchecked_decoder_is_named_in_the_module() -> None:
    """`*_unchecked` decoders take points of any order; only the multiplication of that name may be used."""
    source = inspect.getsource(curve)
    assert "bytes_unchecked" not in source
    assert "mod_order" not in source


@given(st.binary(min_size=48, max_size=48), st.sampled_from([0x80, 0xA0, 0xC0, 0xE0, 0x00]))
@settings(max_examples=60, deadline=None)
def test_what_is_decoded_encodes_to_itself(data: bytes, flags: int) -> None:
    data = bytes([flags | data[0] & 0x1F]) + data[1:]
    try:
        point = curve.decode_g1(data)
    except InputError:
        return
    assert curve.encode_g1(point) == data


# --------------------------------------------------------------------------------------------------------- scalars


@pytest.mark.parametrize("value", [plain.R, plain.R + 1, 2 * plain.R, (1 << 256) - 1])
def test_scalars_are_below_the_order(value: int) -> None:
    with pytest.raises(InputError):
        curve.decode_scalar(value.to_bytes(32, "big"))
    with pytest.raises(ValueError, match="range"):
        curve.encode_scalar(value)


def test_the_largest_scalar_and_zero_are_scalars() -> None:
    for value in (0, 1, plain.R - 1):
        assert curve.decode_scalar(curve.encode_scalar(value)) == value
    with pytest.raises(ValueError, match="range"):
        curve.encode_scalar(-1)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_scalars_have_one_length(length: int) -> None:
    with pytest.raises(InputError):
        curve.decode_scalar(bytes(length))


@pytest.mark.parametrize("value", [0, plain.R, -plain.R])
def test_zero_has_no_inverse(value: int) -> None:
    with pytest.raises(ValueError, match="inverse"):
        curve.invert(value)


@given(st.integers(min_value=1, max_value=curve.ORDER - 1))
@settings(max_examples=30, deadline=None)
def test_an_inverse_inverts(value: int) -> None:
    assert curve.invert(value) * value % curve.ORDER == 1


# ------------------------------------------------------------------------------------------------------------ sums


def test_the_raw_sum_drops_what_does_not_pair_up() -> None:
    """The hazard: two points with one scalar give a sum, of the first alone; no points give the identity."""
    g = G1Point()
    assert G1Point.multiexp_unchecked([g, g + g], [Scalar(2)]) == g + g
    assert G1Point.multiexp_unchecked([g], [Scalar(2), Scalar(9)]) == g + g
    assert G1Point.multiexp_unchecked([], []) == G1Point.identity()


@pytest.mark.parametrize(("points", "factors"), [(0, 0), (0, 1), (1, 0), (2, 1), (1, 2), (3, 5)])
@pytest.mark.parametrize("add_up", [curve.g1_sum_products, curve.g1_sum_secret_products], ids=["public", "secret"])
def test_unequal_and_empty_sums_are_refused(points: int, factors: int, add_up: object) -> None:
    assert callable(add_up)
    with pytest.raises(ValueError, match="pair up"):
        add_up([curve.G1()] * points, [1] * factors)


def test_a_scalar_out_of_range_never_reaches_a_point() -> None:
    for value in (-1, curve.ORDER, 1 << 300):
        with pytest.raises((ValueError, OverflowError)):
            curve.g1_sum_products([curve.G1()], [value])


@given(st.lists(st.tuples(scalars, scalars), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_the_secret_sum_is_the_public_sum(pairs: list[tuple[int, int]]) -> None:
    points = [curve.G1() * Scalar(k) for k, _ in pairs]
    factors = [s for _, s in pairs]
    assert curve.g1_sum_secret_products(points, factors) == curve.g1_sum_products(points, factors)


# -------------------------------------------------------------------------------------------------------- pairings


def test_the_raw_pairing_calls_nothing_and_the_identity_one() -> None:
    """The hazard behind the forgery: no pairing at all, or pairings of the identity, multiply to one."""
    assert GT.pairing_check([], [])
    nothing, key = G1Point.identity(), G2Point()
    assert GT.pairing_check([nothing, nothing], [key, -key])
    assert GT.pairing_check([G1Point(), nothing], [G2Point.identity(), -key])


def test_no_pairing_with_an_identity_holds() -> None:
    g, nothing, key, no_key = curve.G1(), curve.G1.identity(), curve.G2(), curve.G2.identity()
    assert curve.pairing_product_is_one(g, key, g)
    for left, middle, right in [
        (nothing, key, nothing),
        (nothing, key, g),
        (g, key, nothing),
        (g, no_key, nothing),
        (g, no_key, g),
        (nothing, no_key, nothing),
    ]:
        assert not curve.pairing_product_is_one(left, middle, right)


def test_an_identity_that_was_computed_is_noticed() -> None:
    g = curve.G1()
    for nothing in (
        curve.G1.identity(),
        g - g,
        curve.g1_sum_products([g], [0]),
        curve.g1_sum_products([g, g], [1, plain.R - 1]),
    ):
        assert curve.g1_is_identity(nothing)
        with pytest.raises(VerificationError):
            curve.require_not_identity(g, nothing)
        assert not curve.pairing_product_is_one(nothing, curve.G2(), nothing)
    curve.require_not_identity(g)


# --------------------------------------------------------------------------------- secrets are split before a point


class Recorder:
    """Stands between `_curve` and its source of randomness, and counts."""

    def __init__(self) -> None:
        self.drawn: list[int] = []
        self._draw = curve.random_scalar

    def __call__(self) -> int:
        self.drawn.append(self._draw())
        return self.drawn[-1]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Record every scalar that `_curve` draws."""
    found = Recorder()
    monkeypatch.setattr(curve, "random_scalar", found)
    return found


class Multiplications:
    """Records the scalars that reach the library."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self._make = curve._scalar

    def __call__(self, value: int) -> Scalar:
        self.seen.append(value)
        return self._make(value)


@pytest.fixture
def multiplications(monkeypatch: pytest.MonkeyPatch) -> Multiplications:
    """Record every scalar with which the library multiplies."""
    found = Multiplications()
    monkeypatch.setattr(curve, "_scalar", found)
    return found


def test_a_secret_sum_draws_once_for_each_secret(recorder: Recorder, multiplications: Multiplications) -> None:
    """No secret reaches the library, which multiplies in a time that tells the length of its factor."""
    secrets = [3, 1 << 64, curve.ORDER - 1]
    for _ in range(2):
        curve.g1_sum_secret_products([curve.G1()] * 3, secrets)
    assert (len(recorder.drawn), len(set(recorder.drawn))) == (6, 6)
    assert (len(multiplications.seen), len(set(multiplications.seen))) == (12, 12)
    assert not set(secrets) & set(multiplications.seen)
    # Both halves are full-size; small ones would give the length of the secret away again.
    assert min(multiplications.seen).bit_length() > 180
    for i, secret in enumerate(secrets):
        assert (multiplications.seen[i] + multiplications.seen[i + 3] - secret) % curve.ORDER == 0


def test_a_public_sum_draws_nothing(recorder: Recorder, multiplications: Multiplications) -> None:
    curve.g1_sum_products([curve.G1()], [77])
    assert not recorder.drawn
    assert multiplications.seen == [77]


def test_a_public_key_is_made_of_halves(recorder: Recorder, multiplications: Multiplications) -> None:
    sk_to_pk(SECRET_KEY)
    sk_to_pk(SECRET_KEY)
    assert len(set(recorder.drawn)) == 2
    assert SECRET_KEY not in multiplications.seen
    assert len(set(multiplications.seen)) == 4


def test_an_inversion_is_blinded(recorder: Recorder) -> None:
    assert curve.invert(5) == curve.invert(5)
    assert len(set(recorder.drawn)) == 2


def test_signing_multiplies_with_no_secret(recorder: Recorder, multiplications: Multiplications) -> None:
    """Neither SK, nor SK + e, nor its inverse meets the point."""
    e = 12345
    made = core_sign(SECRET_KEY, curve.G1(), e)
    inverse = pow(SECRET_KEY + e, -1, plain.R)
    assert curve.g1_sum_products([curve.G1()], [inverse]) == made.A
    assert len(recorder.drawn) == 2  # one for the inversion, one for the product
    multiplied = set(multiplications.seen) - {inverse}  # once, in the line above that checks the result
    assert not multiplied & {SECRET_KEY, SECRET_KEY + e}
    assert multiplications.seen.count(inverse) == 1


def test_a_wallet_multiplies_with_no_secret(recorder: Recorder, multiplications: Multiplications) -> None:
    """From commitment to presentation neither nym secret, blind, mask nor signature scalar meets a point whole."""
    nym = 0xABCDEF
    masks: list[int] = []

    def noted(count: int) -> list[int]:
        masks.extend(random_scalars(count))
        return masks[-count:]

    holder = enrol([nym])
    commit([b"message"], randomness=noted)
    holder.show([0], randomness=noted)
    e = decode_signature(holder.signature).e
    secret = {nym, holder.blind, e, -e % plain.R, *masks, *(m * n % plain.R for m, n in pairwise(masks))}
    assert not secret & set(multiplications.seen)
    assert len(set(recorder.drawn)) == len(recorder.drawn) > 40


def test_randomness_is_a_scalar_and_never_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system's source says at its edges."""
    for answer, scalar, coefficient in [("low", 1, 1), ("high", plain.R - 1, (1 << 128) - 1)]:
        monkeypatch.setattr(
            "bonafides.core.bbs._curve.secrets.randbelow", lambda n, answer=answer: 0 if answer == "low" else n - 1
        )
        assert curve.random_scalar() == scalar
        assert curve.random_coefficient() == coefficient


# ---------------------------------------------------------------------------------------------------------- hashing


def test_no_input_maps_to_the_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can find such an input; if one is ever met, OP must not be a point where all pseudonyms are equal."""
    monkeypatch.setattr(curve, "G1", _Nothing)
    for suite in (SHA256, SHAKE256):
        with pytest.raises(InputError):
            suite.hash_to_curve_g1(b"", b"dst")


class _Nothing:
    @staticmethod
    def hash_to_curve(message: bytes, dst: bytes) -> G1Point:
        return G1Point.identity()

    @staticmethod
    def map_from_fp_be(data: bytes) -> G1Point:
        return G1Point.identity()


def test_uniform_bytes_have_one_length() -> None:
    for length in (0, 127, 129):
        with pytest.raises(ValueError, match="128"):
            curve.map_uniform_to_g1(bytes(length))
