"""The whole of `core.bbs` against an implementation written apart from it, on inputs that no vector lists."""

import random
from contextlib import suppress
from dataclasses import replace

import pytest

from bonafides.core.bbs import SHA256, SHAKE256, Ciphersuite, sign, sk_to_pk
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs.ciphersuite import blind_interface, core_interface, create_generators, pseudonym_interface
from bonafides.errors import InputError, VerificationError
from tests.core.bbs import plain_curve as plain
from tests.core.bbs.holder import SECRET_KEY, Shown, enrol, public_key

EXPAND: dict[bytes, plain.Expander] = {
    b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_": plain.expand_message_xmd,
    b"BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_": plain.expand_message_xof,
}
# As printed in BBS draft-09, 7.2.1 and 7.2.2.
FIXED_POINTS = {
    b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_": bytes.fromhex(
        "a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd225e7c59698588e70d11406d161b4e28c9"
    ),
    b"BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_": bytes.fromhex(
        "8929dfbc7e6642c4ed9cba0856e493f8b9d7d5fcb0c31ef8fdcd34d50648a56c795e106e9eada6e0bda386b414150755"
    ),
}
BOTH = pytest.mark.parametrize("suite", [SHA256, SHAKE256], ids=["sha", "shake"])


def dice(seed: str) -> random.Random:
    """A seeded source: a failure comes back on the next run."""
    return random.Random(seed)


def scalar(source: random.Random) -> int:
    """A scalar; now and then one at an edge, where carries and signs go wrong."""
    edges = [0, 1, 2, plain.R - 1, plain.R - 2, 1 << 128, (1 << 254) - 1, plain.X]
    return source.choice(edges) if source.random() < 0.3 else source.randrange(plain.R)


def test_the_second_opinion_agrees_with_rfc_9380() -> None:
    """The plain curve is itself anchored to the RFC's vectors (J.9.1, K.1), else two errors could agree."""
    dst = b"QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
    expected = {
        b"": 0x052926ADD2207B76CA4FA57A8734416C8DC95E24501772C814278700EED6D1E4E8CF62D9C09DB0FAC349612B759E79A1,
        b"abc": 0x03567BC5EF9C690C2AB2ECDF6A96EF1C139CC0B2F284DCA0A9A7943388A49A3AEE664BA5379A7655D3C68900BE2F6903,
    }
    for message, x in expected.items():
        point = plain.hash_to_g1(message, dst, plain.expand_message_xmd)
        assert point is not None
        assert point[0] == plain.Fp2(x)


def test_the_second_opinion_is_a_curve_of_order_r() -> None:
    assert plain.on_curve(plain.G1, plain.B_G1)
    assert plain.on_curve(plain.G2, plain.B_G2)
    assert plain.mul(plain.G1, plain.R) is None
    assert plain.mul(plain.G2, plain.R) is None
    # r, p and both are the family's polynomials in -X: no digit of them was mistyped.
    assert plain.X**4 - plain.X**2 + 1 == plain.R == curve.ORDER
    assert plain.R * (plain.X + 1) ** 2 // 3 - plain.X == plain.P


def test_points_encode_and_decode_alike() -> None:
    source = dice("points")
    for _ in range(6):
        k = source.randrange(1, plain.R)
        one, two = plain.encode(plain.mul(plain.G1, k)), plain.encode(plain.mul(plain.G2, k), 96)
        assert curve.encode_g1(curve.decode_g1(one)) == one
        assert curve.encode_g2(curve.decode_g2(two)) == two
        assert sk_to_pk(k) == two
        assert plain.decode(one) == plain.mul(plain.G1, k)
        assert plain.decode(two) == plain.mul(plain.G2, k)


def test_decoders_give_the_same_verdict_on_random_x() -> None:
    """Of random x about half lie on the curve and none in the subgroup; both implementations refuse them all."""
    source = dice("x")
    on_curve = 0
    for size in (48, 96):
        for _ in range(8):
            flags = source.choice([0x80, 0xA0])
            x = b"".join(source.randrange(plain.P).to_bytes(48, "big") for _ in range(size // 48))
            data = bytes([x[0] | flags]) + x[1:]
            with suppress(ValueError):
                plain.decode(data, any_order=True)
                on_curve += 1
            with pytest.raises(ValueError, match=r"order|curve"):
                plain.decode(data)
            with pytest.raises(InputError):
                (curve.decode_g1 if size == 48 else curve.decode_g2)(data)
    assert on_curve  # else nothing above was a question of the subgroup


def test_sums_of_products_agree() -> None:
    source = dice("sums")
    for count in (1, 2, 5):
        points = [plain.mul(plain.G1, source.randrange(1, plain.R)) for _ in range(count)]
        factors = [scalar(source) for _ in range(count)]
        expected = plain.encode(plain.sum_products(points, factors))
        ours = [curve.decode_g1(plain.encode(p)) for p in points]
        assert curve.encode_g1(curve.g1_sum_products(ours, factors)) == expected
        assert curve.encode_g1(curve.g1_sum_secret_products(ours, factors)) == expected


def test_additions_agree() -> None:
    source = dice("additions")
    p, q = (plain.mul(plain.G1, source.randrange(1, plain.R)) for _ in range(2))
    ours_p, ours_q = curve.decode_g1(plain.encode(p)), curve.decode_g1(plain.encode(q))
    assert curve.encode_g1(curve.g1_add(ours_p, ours_q)) == plain.encode(plain.add(p, q))
    assert curve.encode_g1(curve.g1_add(ours_p, ours_p)) == plain.encode(plain.add(p, p))
    assert curve.encode_g1(curve.g1_sub(ours_p, ours_q)) == plain.encode(plain.add(p, plain.neg(q)))
    assert curve.g1_is_identity(curve.g1_sub(ours_p, ours_p))


def test_inverses_agree() -> None:
    source = dice("inverses")
    for value in [1, 2, plain.R - 1, *(source.randrange(1, plain.R) for _ in range(20))]:
        assert curve.invert(value) == pow(value, plain.R - 2, plain.R)


@BOTH
def test_expanders_and_scalars_agree(suite: Ciphersuite) -> None:
    source, expand = dice("expand"), EXPAND[suite.id]
    for tag_length in (0, 1, 43, 255, 256, 300):
        for length in (1, 32, 33, 48, 128, 255):
            message, tag = source.randbytes(source.randrange(200)), source.randbytes(tag_length)
            assert suite.expand_message(message, tag, length) == expand(message, tag, length)
        assert suite.hash_to_scalar(message, tag) == plain.hash_to_scalar(message, tag, expand)


@BOTH
def test_hash_to_curve_agrees(suite: Ciphersuite) -> None:
    source = dice("hash")
    for tag_length in (1, 40, 255, 256):
        message, tag = source.randbytes(source.randrange(100)), source.randbytes(tag_length)
        ours = curve.encode_g1(suite.hash_to_curve_g1(message, tag))
        assert ours == plain.encode(plain.hash_to_g1(message, tag, EXPAND[suite.id]))


@BOTH
def test_fixed_points_are_what_the_draft_derives(suite: Ciphersuite) -> None:
    """BBS draft-09, 7.2: P1 is the first generator under its own seeds, so nobody chose it."""
    expand, api_id = EXPAND[suite.id], suite.id + b"H2G_HM2S_"
    v = expand(api_id + b"BP_MESSAGE_GENERATOR_SEED", api_id + b"SIG_GENERATOR_SEED_", 48)
    v = expand(v + (1).to_bytes(8, "big"), api_id + b"SIG_GENERATOR_SEED_", 48)
    point = plain.hash_to_g1(v, api_id + b"SIG_GENERATOR_DST_", expand)
    assert curve.encode_g1(suite.p1) == plain.encode(point)


@BOTH
def test_generators_agree(suite: Ciphersuite) -> None:
    """More of them than any vector lists."""
    for interface in (core_interface(suite), blind_interface(suite), pseudonym_interface(suite)):
        for prefix in (b"", b"BLIND_"):
            count = 14 if interface.api_id.endswith(b"PSEUDONYM_") else 3
            ours = create_generators(suite, prefix + interface.api_id, count)
            expected = plain.generators(prefix + interface.api_id, count, EXPAND[suite.id])
            assert [curve.encode_g1(p) for p in ours] == [plain.encode(p) for p in expected]


def test_pairing_verdicts_agree() -> None:
    source = dice("pairing")
    secret, k = source.randrange(1, plain.R), source.randrange(1, plain.R)
    key, left = plain.mul(plain.G2, secret), plain.mul(plain.G1, k)
    good, bad = plain.mul(left, secret), plain.mul(left, secret + 1)
    for right, verdict in ((good, True), (bad, False)):
        assert plain.pairing_product_is_one([(left, key), (right, plain.neg(plain.G2))]) is verdict
        ours = [curve.decode_g1(plain.encode(p)) for p in (left, right)]
        assert curve.pairing_product_is_one(ours[0], curve.decode_g2(plain.encode(key, 96)), ours[1]) is verdict


@BOTH
def test_a_plain_signature_is_what_the_draft_computes(suite: Ciphersuite) -> None:
    """BBS draft-09, 3.6.1, byte for byte: domain, e, B and the division by SK + e."""
    expand, api_id = EXPAND[suite.id], suite.id + b"H2G_HM2S_"
    header, messages = b"a header", [b"", b"one", b"one"]
    gens = plain.generators(api_id, 4, expand)
    encoded = b"".join(plain.encode(p) for p in gens)
    octets = public_key() + (3).to_bytes(8, "big") + encoded + api_id + len(header).to_bytes(8, "big") + header
    domain = plain.hash_to_scalar(octets, api_id + b"H2S_", expand)
    scalars = [plain.hash_to_scalar(m, api_id + b"MAP_MSG_TO_SCALAR_AS_HASH_", expand) for m in messages]
    e_octets = b"".join(s.to_bytes(32, "big") for s in (SECRET_KEY, *scalars, domain))
    e = plain.hash_to_scalar(e_octets, api_id + b"H2S_", expand)
    B = plain.sum_products([plain.decode(FIXED_POINTS[suite.id]), *gens], [1, domain, *scalars])
    A = plain.mul(B, pow(SECRET_KEY + e, -1, plain.R))
    assert sign(SECRET_KEY, public_key(), header, messages, suite=suite) == plain.encode(A) + e.to_bytes(32, "big")


def plain_nym_verify(shown: Shown) -> bool:
    """ProofVerifyWithNym from the drafts' text alone, on the plain curve. True, False, or ValueError for bad bytes."""
    expand, suite_id = EXPAND[shown.suite.id], shown.suite.id
    api_id = suite_id + b"H2G_HM2S_PSEUDONYM_"
    N, L, disclosed = shown.nym_length, shown.signer_count, len(shown.indexes) + len(shown.committed_indexes)
    U = (len(shown.proof) - 144) // 32 - 4
    M = U + disclosed - L - 1
    if len(shown.proof) != 144 + 32 * (4 + U) or N < 1 or M < N:
        return False

    Abar, Bbar, D = (plain.decode(shown.proof[i : i + 48]) for i in (0, 48, 96))
    scalars = [int.from_bytes(shown.proof[i : i + 32], "big") for i in range(144, len(shown.proof), 32)]
    W, nym = plain.decode(shown.public_key), plain.decode(shown.pseudonym)
    if max(scalars) >= plain.R:
        return False
    e_hat, r1_hat, r3_hat, *m_hat, c = scalars

    own = plain.generators(api_id, L + 1, expand)
    blind = plain.generators(b"BLIND_" + api_id, M + 1, expand)
    Q_1, H = own[0], own[1:] + blind  # the prover blind's Q_2 and J_1 … J_M are ordinary message points
    header = shown.header + N.to_bytes(8, "big")
    encoded = b"".join(plain.encode(p) for p in own + blind)
    domain = plain.hash_to_scalar(
        shown.public_key + (L + 1 + M).to_bytes(8, "big") + encoded + api_id + len(header).to_bytes(8, "big") + header,
        api_id + b"H2S_",
        expand,
    )
    known = {
        i: plain.hash_to_scalar(m, api_id + b"MAP_MSG_TO_SCALAR_AS_HASH_", expand)
        for i, m in zip(
            [*shown.indexes, *(j + L + 1 for j in shown.committed_indexes)],
            [*shown.messages, *shown.committed],
            strict=True,
        )
    }
    hidden = [i for i in range(L + 1 + M) if i not in known]

    P_1 = plain.decode(FIXED_POINTS[suite_id])
    T1 = plain.sum_products([Bbar, Abar, D], [c, e_hat, r1_hat])
    Bv = plain.sum_products([P_1, Q_1, *(H[i] for i in known)], [1, domain, *known.values()])
    T2 = plain.sum_products([Bv, D, *(H[i] for i in hidden)], [c, r3_hat, *m_hat])
    OP = plain.hash_to_g1(shown.context_id, api_id, expand)
    z = plain.hash_to_scalar(shown.context_id, api_id + b"VECT_NYM_SECRETS", expand)
    nym_hat = sum(m * pow(z, i, plain.R) for i, m in enumerate(m_hat[-N:])) % plain.R
    Uv = plain.add(plain.mul(OP, nym_hat), plain.neg(plain.mul(nym, c)))
    if Uv is None:
        return False

    octets = disclosed.to_bytes(8, "big")
    for i, m in known.items():
        octets += i.to_bytes(8, "big") + m.to_bytes(32, "big")
    for point in (Abar, Bbar, D, T1, T2, nym, Uv):
        octets += plain.encode(point)
    octets += domain.to_bytes(32, "big")
    octets += len(shown.ph).to_bytes(8, "big") + shown.ph
    octets += len(shown.context_id).to_bytes(8, "big") + shown.context_id
    if plain.hash_to_scalar(octets, api_id + b"H2S_", expand) != c:
        return False
    return plain.pairing_product_is_one([(Abar, W), (Bbar, plain.neg(plain.G2))])


@pytest.mark.parametrize(("suite", "nyms"), [(SHA256, 1), (SHAKE256, 3)], ids=["sha", "shake"])
def test_a_whole_proof_convinces_the_second_opinion(suite: Ciphersuite, nyms: int) -> None:
    source = dice("proof")
    holder = enrol(
        [source.randrange(plain.R) for _ in range(nyms)],
        entropy=source.randrange(plain.R),
        messages=[source.randbytes(9) for _ in range(3)],
        committed=[b"hidden", b"shown"],
        header=source.randbytes(30),
        suite=suite,
    )
    shown = holder.show([0, 2], [1], ph=source.randbytes(20), context_id=source.randbytes(11))
    shown.verify()
    assert plain_nym_verify(shown)
    flipped = shown.proof[:-1] + bytes([shown.proof[-1] ^ 1])
    assert not plain_nym_verify(shown.changed(proof=flipped))


def test_a_proof_under_another_key_convinces_neither() -> None:
    """A holder can make the challenge fit any key; only the pairing tells, in both implementations."""
    other = plain.encode(plain.mul(plain.G2, SECRET_KEY + 1), 96)
    forged = replace(enrol(), public_key=other).show()
    forged.claim()
    assert not plain_nym_verify(forged)
    with pytest.raises(VerificationError):
        forged.verify()
