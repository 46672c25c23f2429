"""A second BLS12-381, slow and plain, that shares no line with Bonafides or with the library under it.

Everything is written from the definitions: affine addition, the subgroup by multiplying with r, the pairing as a
Miller loop over the bits of |x| and one big power. It answers whether our module computes what RFC 9380 and the BBS
drafts say, not merely what one library says. Slow is fine; clever is not. Nothing in it is constant-time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256, shake_256

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
X = 0xD201000000010000
"""|x| of the curve family, whose parameter is -X; p, r and the cofactors are polynomials in it."""
COFACTOR_G1 = (X + 1) ** 2 // 3
H_EFF_G1 = X + 1
"""What RFC 9380, 8.8.1 multiplies by to reach the subgroup."""

Expander = Callable[[bytes, bytes, int], bytes]


# ------------------------------------------------------------------------------------------------------------ Fp2


@dataclass(frozen=True, slots=True)
class Fp2:
    """a + b*u with u^2 = -1. G1 lives in it with b = 0, so that one set of curve formulas serves both groups."""

    a: int
    b: int = 0

    def __add__(self, other: "Fp2") -> "Fp2":
        return Fp2((self.a + other.a) % P, (self.b + other.b) % P)

    def __sub__(self, other: "Fp2") -> "Fp2":
        return Fp2((self.a - other.a) % P, (self.b - other.b) % P)

    def __mul__(self, other: "Fp2") -> "Fp2":
        return Fp2((self.a * other.a - self.b * other.b) % P, (self.a * other.b + self.b * other.a) % P)

    def __truediv__(self, other: "Fp2") -> "Fp2":
        norm = pow(other.a * other.a + other.b * other.b, -1, P)
        return self * Fp2(other.a * norm % P, -other.b * norm % P)

    def __pow__(self, exponent: int) -> "Fp2":
        result, base = Fp2(1), self
        while exponent:
            if exponent & 1:
                result *= base
            base, exponent = base * base, exponent >> 1
        return result

    def is_larger(self) -> bool:
        """Whether this is lexicographically larger than its negative: the sign bit of an encoding."""
        return 2 * self.b > P if self.b else 2 * self.a > P


def sqrt_fp(n: int) -> int | None:
    """A square root modulo p = 3 mod 4, or None."""
    root = pow(n, (P + 1) // 4, P)
    return root if (root * root - n) % P == 0 else None


def sqrt_fp2(n: Fp2) -> Fp2 | None:
    """A square root in Fp2 by solving (c + d*u)^2 = a + b*u over the integers modulo p, or None."""
    if n.b == 0:
        root = sqrt_fp(n.a)
        if root is not None:
            return Fp2(root)
        root = sqrt_fp(-n.a % P)  # p = 3 mod 4: one of a and -a is a square, and u^2 = -1
        return None if root is None else Fp2(0, root)
    norm = sqrt_fp((n.a * n.a + n.b * n.b) % P)
    if norm is None:
        return None
    for sign in (norm, -norm):
        c = sqrt_fp((n.a + sign) * pow(2, -1, P) % P)
        if c:
            return Fp2(c, n.b * pow(2 * c, -1, P) % P)
    return None


# --------------------------------------------------------------------------------------------------------- curves


Point = tuple[Fp2, Fp2] | None
"""Affine x and y; None is the identity."""

B_G1, B_G2 = Fp2(4), Fp2(4, 4)

G1: Point = (
    Fp2(0x17F1D3A73197D7942695638C4FA9AC0FC3688C4F9774B905A14E3A3F171BAC586C55E83FF97A1AEFFB3AF00ADB22C6BB),
    Fp2(0x08B3F481E3AAA0F1A09E30ED741D8AE4FCF5E095D5D00AF600DB18CB2C04B3EDD03CC744A2888AE40CAA232946C5E7E1),
)
G2: Point = (
    Fp2(
        0x024AA2B2F08F0A91260805272DC51051C6E47AD4FA403B02B4510B647AE3D1770BAC0326A805BBEFD48056C8C121BDB8,
        0x13E02B6052719F607DACD3A088274F65596BD0D09920B61AB5DA61BBDC7F5049334CF11213945D57E5AC7D055D042B7E,
    ),
    Fp2(
        0x0CE5D527727D6E118CC9CDC6DA2E351AADFD9BAA8CBDD3A76D429A695160D12C923AC9CC3BACA289E193548608B82801,
        0x0606C4A02EA734CC32ACD2B02BC28B99CB3E287E85A763AF267492AB572E99AB3F370D275CEC1DA1AAA9075FF05F79BE,
    ),
)


def on_curve(point: Point, b: Fp2) -> bool:
    """Whether y^2 = x^3 + b, or the identity."""
    return point is None or point[1] * point[1] == point[0] * point[0] * point[0] + b


def slope(p: tuple[Fp2, Fp2], q: tuple[Fp2, Fp2]) -> Fp2:
    """The slope of the line through two points that are not each other's negative; a tangent where they are equal."""
    if p == q:
        return Fp2(3) * p[0] * p[0] / (p[1] + p[1])
    return (q[1] - p[1]) / (q[0] - p[0])


def add(p: Point, q: Point) -> Point:
    """p + q, by chord and tangent. Neither curve here has a constant in its formulas, so one function serves both."""
    if p is None:
        return q
    if q is None:
        return p
    if p == neg(q):
        return None
    m = slope(p, q)
    x = m * m - p[0] - q[0]
    return x, m * (p[0] - x) - p[1]


def neg(p: Point) -> Point:
    """-p."""
    return None if p is None else (p[0], Fp2(0) - p[1])


def mul(p: Point, k: int) -> Point:
    """p * k by doubling and adding, for any integer k: not reduced, since p may lie outside the subgroup."""
    if k < 0:
        return mul(neg(p), -k)
    result: Point = None
    for bit in bin(k)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, p)
    return result


def sum_products(points: Sequence[Point], scalars: Sequence[int]) -> Point:
    """sum points[i] * scalars[i]."""
    total: Point = None
    for p, k in zip(points, scalars, strict=True):
        total = add(total, mul(p, k))
    return total


# ------------------------------------------------------------------------------------------------------ encodings


def encode(point: Point, size: int = 48) -> bytes:
    """The compressed form of a point of G1 (48 bytes) or G2 (96 bytes)."""
    if point is None:
        return b"\xc0" + bytes(size - 1)
    x, y = point
    body = (x.a if size == 48 else x.b << 384 | x.a).to_bytes(size, "big")
    return bytes([body[0] | 0x80 | (0x20 if y.is_larger() else 0)]) + body[1:]


def decode(data: bytes, *, any_order: bool = False) -> Point:
    """The point in these 48 or 96 bytes; ValueError unless canonical, not the identity and (by default) of order r."""
    if len(data) not in (48, 96) or data[0] >> 5 not in (0b100, 0b101):
        raise ValueError("not a compressed point other than the identity")
    parts = [int.from_bytes(data[i : i + 48], "big") for i in range(0, len(data), 48)]
    parts[0] &= (1 << 381) - 1
    if max(parts) >= P:
        raise ValueError("a coordinate is not reduced")
    x, b = (Fp2(parts[0]), B_G1) if len(data) == 48 else (Fp2(parts[1], parts[0]), B_G2)
    y = sqrt_fp2(x * x * x + b)
    if y is None or (len(data) == 48 and y.b):
        raise ValueError("not on the curve")
    if y.is_larger() != bool(data[0] & 0x20):
        y = Fp2(0) - y
    if not any_order and mul((x, y), R) is not None:
        raise ValueError("not of order r")
    return x, y


# ------------------------------------------------------------------------------------------- hashing, RFC 9380


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380, 5.3.1 with SHA-256, tags longer than 255 bytes by 5.3.3."""
    tag = sha256(b"H2C-OVERSIZE-DST-" + dst).digest() if len(dst) > 255 else dst
    tag += len(tag).to_bytes(1, "big")
    b0 = sha256(b"\0" * 64 + message + length.to_bytes(2, "big") + b"\0" + tag).digest()
    uniform, last = b"", bytes(32)
    for counter in range(1, (length + 31) // 32 + 1):
        mixed = (int.from_bytes(b0, "big") ^ int.from_bytes(last, "big")).to_bytes(32, "big")
        last = sha256(mixed + counter.to_bytes(1, "big") + tag).digest()
        uniform += last
    return uniform[:length]


def expand_message_xof(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380, 5.3.2 with SHAKE-256, tags longer than 255 bytes by 5.3.3 at k = 128."""
    tag = shake_256(b"H2C-OVERSIZE-DST-" + dst).digest(32) if len(dst) > 255 else dst
    whole = message + length.to_bytes(2, "big") + tag + len(tag).to_bytes(1, "big")
    return shake_256(whole).digest(length)


def hash_to_scalar(message: bytes, dst: bytes, expand: Expander) -> int:
    """BBS draft-09, 4.2.3."""
    return int.from_bytes(expand(message, dst, 48), "big") % R


SSWU_A = 0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D
SSWU_B = 0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0
SSWU_Z = 11


def simplified_swu(u: int) -> tuple[int, int]:
    """RFC 9380, 6.6.2: a point of the isogenous curve y^2 = x^3 + A*x + B."""
    t = (SSWU_Z * SSWU_Z * pow(u, 4, P) + SSWU_Z * u * u) % P
    x = -SSWU_B * pow(SSWU_A, -1, P) * (1 + pow(t, -1, P)) % P if t else SSWU_B * pow(SSWU_Z * SSWU_A, -1, P) % P
    y = sqrt_fp((x**3 + SSWU_A * x + SSWU_B) % P)
    if y is None:
        x = SSWU_Z * u * u * x % P
        y = sqrt_fp((x**3 + SSWU_A * x + SSWU_B) % P)
    assert y is not None  # by the choice of Z one of the two candidates is always on the curve
    return x, (y if y % 2 == u % 2 else P - y)


def isogeny(x: int, y: int) -> Point:
    """RFC 9380, E.2: the 11-isogeny to y^2 = x^3 + 4."""
    x_num, x_den, y_num, y_den = (_horner(k, x) for k in (X_NUM, X_DEN, Y_NUM, Y_DEN))
    if x_den == 0 or y_den == 0:
        return None
    return Fp2(x_num * pow(x_den, -1, P) % P), Fp2(y * y_num * pow(y_den, -1, P) % P)


def hash_to_g1(message: bytes, dst: bytes, expand: Expander) -> Point:
    """RFC 9380, 3: hash_to_curve as a random oracle onto G1."""
    uniform = expand(message, dst, 128)
    u = [int.from_bytes(uniform[i : i + 64], "big") % P for i in (0, 64)]
    return mul(add(isogeny(*simplified_swu(u[0])), isogeny(*simplified_swu(u[1]))), H_EFF_G1)


def generators(api_id: bytes, count: int, expand: Expander) -> list[Point]:
    """BBS draft-09, 4.1.1."""
    v = expand(api_id + b"MESSAGE_GENERATOR_SEED", api_id + b"SIG_GENERATOR_SEED_", 48)
    points = []
    for i in range(1, count + 1):
        v = expand(v + i.to_bytes(8, "big"), api_id + b"SIG_GENERATOR_SEED_", 48)
        points.append(hash_to_g1(v, api_id + b"SIG_GENERATOR_DST_", expand))
    return points


def _horner(coefficients: Sequence[int], x: int) -> int:
    total = 0
    for k in reversed(coefficients):
        total = (total * x + k) % P
    return total


# -------------------------------------------------------------------------------------------------------- pairing


Fp12 = list[int]
"""Coefficients of 1, w … w^11 with w^12 = 2*w^6 - 2; then u = w^6 - 1, since (w^6 - 1)^2 = -1."""

ONE: Fp12 = [1] + [0] * 11


def multiply_fp12(f: Fp12, g: Fp12) -> Fp12:
    """f * g, schoolbook, then w^12 folded back."""
    wide = [0] * 23
    for i, c in enumerate(f):
        if c:
            for j, d in enumerate(g):
                wide[i + j] += c * d
    for i in range(22, 11, -1):
        wide[i - 6] += 2 * wide[i]
        wide[i - 12] -= 2 * wide[i]
    return [c % P for c in wide[:12]]


def power_fp12(f: Fp12, exponent: int) -> Fp12:
    """f to this power."""
    result = ONE
    for bit in bin(exponent)[2:]:
        result = multiply_fp12(result, result)
        if bit == "1":
            result = multiply_fp12(result, f)
    return result


def line(p: tuple[Fp2, Fp2], t: tuple[Fp2, Fp2], q: tuple[Fp2, Fp2]) -> Fp12:
    """The line through t and q of the twist, taken at p of G1, times w^3.

    (x, y) of the twist stands for (x / w^2, y / w^3), so a slope m stands for m / w. Factors in Fp4, such as that w^3
    and the vertical lines, vanish in the last power.
    """
    m = slope(t, q)
    constant = m * t[0] - t[1]
    linear = Fp2(0) - m * p[0]
    out = [0] * 12
    for shift, value in ((0, constant), (2, linear), (3, p[1])):
        out[shift] += value.a - value.b  # a + b*u = (a - b) + b*w^6
        out[shift + 6] += value.b
    return [c % P for c in out]


def miller_loop(p: Point, q: Point) -> Fp12:
    """The ate pairing of p in G1 and q in G2 before the last power, for |x|: its inverse, which no verdict notices."""
    if p is None or q is None:
        return ONE
    f, t = ONE, q
    for bit in bin(X)[3:]:
        f = multiply_fp12(multiply_fp12(f, f), line(p, t, t))
        doubled = add(t, t)
        assert doubled is not None
        t = doubled
        if bit == "1":
            f = multiply_fp12(f, line(p, t, q))
            added = add(t, q)
            assert added is not None
            t = added
    return f


def pairing_product_is_one(pairs: Sequence[tuple[Point, Point]]) -> bool:
    """Whether the product of e(p, q) over these pairs is one. Identities count as one here: no guard, on purpose.

    The last power is (p^12 - 1) / r = (p^6 - 1) (p^6 + 1) / r, and g^(p^6 - 1) = 1 says that g lies in Fp6, that is,
    has no odd powers of w.
    """
    f = ONE
    for p, q in pairs:
        f = multiply_fp12(f, miller_loop(p, q))
    return not any(power_fp12(f, (P**6 + 1) // R)[1::2])


# ------------------------------------------------------ constants of the 11-isogeny, lowest power first (RFC 9380, E.2)


def _constants(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


X_NUM = _constants(
    """
    11a05f2b1e833340b809101dd99815856b303e88a2d7005ff2627b56cdb4e2c85610c2d5f2e62d6eaeac1662734649b7
    17294ed3e943ab2f0588bab22147a81c7c17e75b2f6a8417f565e33c70d1e86b4838f2a6f318c356e834eef1b3cb83bb
    d54005db97678ec1d1048c5d10a9a1bce032473295983e56878e501ec68e25c958c3e3d2a09729fe0179f9dac9edcb0
    1778e7166fcc6db74e0609d307e55412d7f5e4656a8dbf25f1b33289f1b330835336e25ce3107193c5b388641d9b6861
    e99726a3199f4436642b4b3e4118e5499db995a1257fb3f086eeb65982fac18985a286f301e77c451154ce9ac8895d9
    1630c3250d7313ff01d1201bf7a74ab5db3cb17dd952799b9ed3ab9097e68f90a0870d2dcae73d19cd13c1c66f652983
    d6ed6553fe44d296a3726c38ae652bfb11586264f0f8ce19008e218f9c86b2a8da25128c1052ecaddd7f225a139ed84
    17b81e7701abdbe2e8743884d1117e53356de5ab275b4db1a682c62ef0f2753339b7c8f8c8f475af9ccb5618e3f0c88e
    80d3cf1f9a78fc47b90b33563be990dc43b756ce79f5574a2c596c928c5d1de4fa295f296b74e956d71986a8497e317
    169b1f8e1bcfa7c42e0c37515d138f22dd2ecb803a0c5c99676314baf4bb1b7fa3190b2edc0327797f241067be390c9e
    10321da079ce07e272d8ec09d2565b0dfa7dccdde6787f96d50af36003b14866f69b771f8c285decca67df3f1605fb7b
    6e08c248e260e70bd1e962381edee3d31d79d7e22c837bc23c0bf1bc24c6b68c24b1b80b64d391fa9c8ba2e8ba2d229
    """
)
X_DEN = _constants(
    """
    8ca8d548cff19ae18b2e62f4bd3fa6f01d5ef4ba35b48ba9c9588617fc8ac62b558d681be343df8993cf9fa40d21b1c
    12561a5deb559c4348b4711298e536367041e8ca0cf0800c0126c2588c48bf5713daa8846cb026e9e5c8276ec82b3bff
    b2962fe57a3225e8137e629bff2991f6f89416f5a718cd1fca64e00b11aceacd6a3d0967c94fedcfcc239ba5cb83e19
    3425581a58ae2fec83aafef7c40eb545b08243f16b1655154cca8abc28d6fd04976d5243eecf5c4130de8938dc62cd8
    13a8e162022914a80a6f1d5f43e7a07dffdfc759a12062bb8d6b44e833b306da9bd29ba81f35781d539d395b3532a21e
    e7355f8e4e667b955390f7f0506c6e9395735e9ce9cad4d0a43bcef24b8982f7400d24bc4228f11c02df9a29f6304a5
    772caacf16936190f3e0c63e0596721570f5799af53a1894e2e073062aede9cea73b3538f0de06cec2574496ee84a3a
    14a7ac2a9d64a8b230b3f5b074cf01996e7f63c21bca68a81996e1cdf9822c580fa5b9489d11e2d311f7d99bbdcc5a5e
    a10ecf6ada54f825e920b3dafc7a3cce07f8d1d7161366b74100da67f39883503826692abba43704776ec3a79a1d641
    95fc13ab9e92ad4476d6e3eb3a56680f682b4ee96f7d03776df533978f31c1593174e4b4b7865002d6384d168ecdd0a
    1
    """
)
Y_NUM = _constants(
    """
    90d97c81ba24ee0259d1f094980dcfa11ad138e48a869522b52af6c956543d3cd0c7aee9b3ba3c2be9845719707bb33
    134996a104ee5811d51036d776fb46831223e96c254f383d0f906343eb67ad34d6c56711962fa8bfe097e75a2e41c696
    cc786baa966e66f4a384c86a3b49942552e2d658a31ce2c344be4b91400da7d26d521628b00523b8dfe240c72de1f6
    1f86376e8981c217898751ad8746757d42aa7b90eeb791c09e4a3ec03251cf9de405aba9ec61deca6355c77b0e5f4cb
    8cc03fdefe0ff135caf4fe2a21529c4195536fbe3ce50b879833fd221351adc2ee7f8dc099040a841b6daecf2e8fedb
    16603fca40634b6a2211e11db8f0a6a074a7d0d4afadb7bd76505c3d3ad5544e203f6326c95a807299b23ab13633a5f0
    4ab0b9bcfac1bbcb2c977d027796b3ce75bb8ca2be184cb5231413c4d634f3747a87ac2460f415ec961f8855fe9d6f2
    987c8d5333ab86fde9926bd2ca6c674170a05bfe3bdd81ffd038da6c26c842642f64550fedfe935a15e4ca31870fb29
    9fc4018bd96684be88c9e221e4da1bb8f3abd16679dc26c1e8b6e6a1f20cabe69d65201c78607a360370e577bdba587
    e1bba7a1186bdb5223abde7ada14a23c42a0ca7915af6fe06985e7ed1e4d43b9b3f7055dd4eba6f2bafaaebca731c30
    19713e47937cd1be0dfd0b8f1d43fb93cd2fcbcb6caf493fd1183e416389e61031bf3a5cce3fbafce813711ad011c132
    18b46a908f36f6deb918c143fed2edcc523559b8aaf0c2462e6bfe7f911f643249d9cdf41b44d606ce07c8a4d0074d8e
    b182cac101b9399d155096004f53f447aa7b12a3426b08ec02710e807b4633f06c851c1919211f20d4c04f00b971ef8
    245a394ad1eca9b72fc00ae7be315dc757b3b080d4c158013e6632d3c40659cc6cf90ad1c232a6442d9d3f5db980133
    5c129645e44cf1102a159f748c4a3fc5e673d81d7e86568d9ab0f5d396a7ce46ba1049b6579afb7866b1e715475224b
    15e6be4e990f03ce4ea50b3b42df2eb5cb181d8f84965a3957add4fa95af01b2b665027efec01c7704b456be69c8b604
    """
)
Y_DEN = _constants(
    """
    16112c4c3a9c98b252181140fad0eae9601a6de578980be6eec3232b5be72e7a07f3688ef60c206d01479253b03663c1
    1962d75c2381201e1a0cbd6c43c348b885c84ff731c4d59ca4a10356f453e01f78a4260763529e3532f6102c2e49a03d
    58df3306640da276faaae7d6e8eb15778c4855551ae7f310c35a5dd279cd2eca6757cd636f96f891e2538b53dbf67f2
    16b7d288798e5395f20d23bf89edb4d1d115c5dbddbcd30e123da489e726af41727364f2c28297ada8d26d98445f5416
    be0e079545f43e4b00cc912f8228ddcc6d19c9f0f69bbb0542eda0fc9dec916a20b15dc0fd2ededda39142311a5001d
    8d9e5297186db2d9fb266eaac783182b70152c65550d881c5ecd87b6f0f5a6449f38db9dfa9cce202c6477faaf9b7ac
    166007c08a99db2fc3ba8734ace9824b5eecfdfa8d0cf8ef5dd365bc400a0051d5fa9c01a58b1fb93d1a1399126a775c
    16a3ef08be3ea7ea03bcddfabba6ff6ee5a4375efa1f4fd7feb34fd206357132b920f5b00801dee460ee415a15812ed9
    1866c8ed336c61231a1be54fd1d74cc4f9fb0ce4c6af5920abc5750c4bf39b4852cfe2f7bb9248836b233d9d55535d4a
    167a55cda70a6e1cea820597d94a84903216f763e13d87bb5308592e7ea7d4fbc7385ea3d529b35e346ef48bb8913f55
    4d2f259eea405bd48f010a01ad2911d9c6dd039bb61a6290e591b36e636a5c871a5c29f4f83060400f8b49cba8f6aa8
    accbb67481d033ff5852c1e48c50c477f94ff8aefce42d28c0f9a88cea7913516f968986f7ebbea9684b529e2561092
    ad6b9514c767fe3c3613144b45f1496543346d98adf02267d5ceef9a00d9b8693000763e3b90ac11e99b138573345cc
    2660400eb2e4f3b628bdd0d53cd76f2bf565b94e72927c1cb748df27942480e420517bd8714cc80d1fadc1326ed06f7
    e0fa1d816ddc03e6b24255e0d7819c171c40f65e273b853324efcd6356caa205ca2f570f13497804415473a1d634b8f
    1
    """
)
