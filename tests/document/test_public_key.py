"""ICAO 9303-12, 4.1.6 and RFC 4055: keys, curves and signature algorithms."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import ecdsa
import pytest
from asn1crypto import algos, core, keys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from bonafides.core.document.curve_table import CURVES, Curve
from bonafides.core.document.limits import Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.rare_curves import parse_rare_point
from bonafides.core.document.signature import DIGESTS, SignatureScheme, parse_signature_scheme
from bonafides.testing.state import KeyPair, ecdsa_kind, new_key, pss_kind
from bonafides.testing.state.keys import encode_point
from tests.document.expect import malformed, not_genuine

MESSAGE = b"what the State says"


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def spki(key: Any) -> bytes:
    data: bytes = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return data


def uncompressed(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def wide(curve: Curve) -> Limits:
    """Limits that let a small curve through, as for a chip's own key."""
    return Limits(curve_min_bits=curve.bits)


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_curve_constants_are_those_of_two_libraries(curve: Curve) -> None:
    """Coefficients, base point and order agree with implementations that do not read ours."""
    other = next(each for each in ecdsa.curves.curves if ".".join(map(str, each.oid)) == curve.oid)
    assert curve.name.lower() == (other.openssl_name or "").replace("prime", "secp").replace("v1", "r1").lower()
    field, base = other.curve, other.generator
    assert (curve.p, curve.a, curve.b, 1) == (field.p(), field.a() % field.p(), field.b(), field.cofactor())
    assert (curve.x, curve.y, curve.n) == (base.x(), base.y(), other.order)
    if curve.implementation is not None:
        assert curve.implementation.name == curve.name
        assert uncompressed(ec.derive_private_key(1, curve.implementation)) == curve.base
        last = ec.derive_private_key(curve.n - 1, curve.implementation).public_key().public_numbers()
        assert (last.x, last.y) == (curve.x, curve.p - curve.y)


@pytest.mark.parametrize("digest", sorted(DIGESTS.values()))
@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_ecdsa_by_name_and_spelled_out(curve: Curve, digest: str) -> None:
    key = new_key(ecdsa_kind(curve.name, digest))
    scheme, signature = key.kind.scheme, key.sign(MESSAGE)
    point = bytes(keys.PublicKeyInfo.load(key.spki)["public_key"])
    for explicit in (False, True):
        public = parse_public_key(encode_point(curve, point, explicit=explicit), limits=wide(curve))
        assert public.bits == curve.bits
        public.verify(scheme, signature, MESSAGE)
        with not_genuine("document_signature"):
            public.verify(scheme, signature, MESSAGE + b"!")
        for wrong in (
            signature + b"\0",
            signature[:-1],
            b"",
            b"\x30\x06\x02\x01\0\x02\x01\0",
            b"\x30\x80" + signature[2:] + b"\0\0",
        ):
            with not_genuine("document_signature"):
                public.verify(scheme, wrong, MESSAGE)
        with not_genuine("document_signature"):
            public.verify(SignatureScheme("rsa_pkcs1", digest), signature, MESSAGE)
    assert scheme.is_weak == (digest == "sha1")


NAMED = {curve.name: curve for curve in CURVES}
P256, P224 = NAMED["secp256r1"], NAMED["brainpoolP224r1"]


def twice(curve: Curve) -> bytes:
    """Another point of the same order, which a forger could know the logarithm for."""
    other = next(each for each in ecdsa.curves.curves if ".".join(map(str, each.oid)) == curve.oid)
    return bytes((other.generator * 2).to_bytes("uncompressed"))


@pytest.mark.parametrize("curve", [P256, P224, NAMED["brainpoolP512r1"]], ids=lambda curve: curve.name)
@pytest.mark.parametrize(
    "change",
    [
        lambda c: {"field_id": {"field_type": "prime_field", "parameters": core.Integer(c.p + 2)}},
        lambda c: {"curve": {"a": (c.a - 1).to_bytes(c.size, "big"), "b": c.b.to_bytes(c.size, "big")}},
        lambda c: {"curve": {"a": c.a.to_bytes(c.size, "big"), "b": (c.b + 1).to_bytes(c.size, "big")}},
        lambda c: {"base": twice(c)},
        lambda c: {"base": bytes([5 - c.compressed_base[0]]) + c.compressed_base[1:]},
        lambda c: {"base": c.base + b"\0"},
        lambda c: {"order": c.n - 2},
        lambda c: {"cofactor": 2},
        lambda c: {"cofactor": None},
    ],
    ids=["p", "a", "b", "base", "negative_base", "long_base", "order", "cofactor", "no_cofactor"],
)
def test_one_other_parameter_is_another_curve(curve: Curve, change: Callable[[Curve], dict[str, Any]]) -> None:
    """CVE-2020-0601: a base point of the forger's choice makes every public key the forger's."""
    parse_public_key(encode_point(curve, curve.base, explicit=True))
    with not_genuine("document_unsupported"):
        parse_public_key(encode_point(curve, curve.base, explicit=True, **change(curve)))


def test_parameters_that_say_the_same_otherwise() -> None:
    """A seed tells how the curve was found, and a base point may be compressed."""
    size = P256.size
    seeded = {"a": P256.a.to_bytes(size, "big"), "b": P256.b.to_bytes(size, "big"), "seed": b"\1" * 20}
    for change in ({"curve": seeded}, {"base": P256.compressed_base}, {"version": 2}):
        parse_public_key(encode_point(P256, P256.base, explicit=True, **change))


def test_curves_that_are_not_supported() -> None:
    with not_genuine("document_unsupported"):
        parse_public_key(spki(ec.generate_private_key(ec.SECP256K1())))
    with not_genuine("document_unsupported"):
        parse_public_key(spki(ed25519.Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("name", ["secp192r1", "brainpoolP192r1"])
def test_small_curves_are_refused_unless_the_caller_allows_them(name: str) -> None:
    key = encode_point(NAMED[name], NAMED[name].base, explicit=True)
    with not_genuine("document_unsupported"):
        parse_public_key(key)
    assert parse_public_key(key, limits=Limits(curve_min_bits=192)).bits == 192


@pytest.mark.parametrize("curve", [P256, P224], ids=lambda curve: curve.name)
def test_points_must_be_whole_and_on_the_curve(curve: Curve) -> None:
    size = curve.size
    for point in (b"", b"\0", b"\4" + b"\1" * (2 * size - 1), b"\4" + b"\1" * 2 * size, b"\4" + b"\0" * 2 * size):
        with malformed("document_key"):
            parse_public_key(encode_point(curve, point, explicit=True))


@pytest.mark.parametrize("curve", [P256, P224], ids=lambda curve: curve.name)
def test_compressed_points_are_not_icao_ones(curve: Curve) -> None:
    with malformed("document_key"):
        parse_public_key(encode_point(curve, curve.compressed_base, explicit=True))


@pytest.mark.parametrize("digest", sorted(DIGESTS.values()))
def test_rsa_pkcs1(rsa_key: rsa.RSAPrivateKey, digest: str) -> None:
    signature = rsa_key.sign(MESSAGE, padding.PKCS1v15(), _hash(digest))
    public = parse_public_key(spki(rsa_key))
    public.verify(SignatureScheme("rsa_pkcs1", digest), signature, MESSAGE)
    other = "sha512" if digest != "sha512" else "sha256"
    with not_genuine("document_signature"):
        public.verify(SignatureScheme("rsa_pkcs1", other), signature, MESSAGE)
    with not_genuine("document_signature"):
        public.verify(SignatureScheme("ecdsa", digest), signature, MESSAGE)


@pytest.mark.parametrize(
    ("digest", "mask", "salt"), [("sha256", "sha256", 32), ("sha512", "sha256", 0), ("sha256", "sha1", 20)]
)
def test_rsa_pss_parameters_are_honoured(rsa_key: rsa.RSAPrivateKey, digest: str, mask: str, salt: int) -> None:
    scheme = SignatureScheme("rsa_pss", digest, mgf_digest=mask, salt_bytes=salt)
    signature = rsa_key.sign(MESSAGE, padding.PSS(padding.MGF1(_hash(mask)), salt), _hash(digest))
    public = parse_public_key(spki(rsa_key))
    public.verify(scheme, signature, MESSAGE)
    for other in (
        SignatureScheme("rsa_pss", digest, mgf_digest="sha384", salt_bytes=salt),
        SignatureScheme("rsa_pss", digest, mgf_digest=mask, salt_bytes=salt + 1),
        SignatureScheme("rsa_pss", "sha384", mgf_digest=mask, salt_bytes=salt),
        SignatureScheme("rsa_pkcs1", digest),
    ):
        with not_genuine("document_signature"):
            public.verify(other, signature, MESSAGE)


def test_pss_keys_sign_pss_only_and_as_they_say(rsa_key: rsa.RSAPrivateKey) -> None:
    """RFC 4055, 1.2 and 3.3."""
    shorter = SignatureScheme("rsa_pss", "sha256", mgf_digest="sha256", salt_bytes=20)
    narrow = KeyPair(pss_kind("sha256", pss_key="bound"), rsa_key)
    free, bound = KeyPair(pss_kind("sha256", pss_key="free"), rsa_key).spki, narrow.spki
    pkcs1 = rsa_key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    short = rsa_key.sign(MESSAGE, padding.PSS(padding.MGF1(hashes.SHA256()), 20), hashes.SHA256())
    parse_public_key(free).verify(shorter, short, MESSAGE)
    parse_public_key(bound).verify(narrow.kind.scheme, narrow.sign(MESSAGE), MESSAGE)
    with not_genuine("document_signature"):
        parse_public_key(bound).verify(shorter, short, MESSAGE)
    for key in (free, bound):
        public = parse_public_key(key)
        with not_genuine("document_signature"):
            public.verify(SignatureScheme("rsa_pkcs1", "sha256"), pkcs1, MESSAGE)


@pytest.mark.parametrize(
    ("bits", "exponent"), [(1024, 65537), (2047, 65537), (8193, 65537), (2048, 1), (2048, 2), (2048, 2**65 + 1)]
)
def test_rsa_keys_too_weak_or_too_heavy(bits: int, exponent: int) -> None:
    key = keys.RSAPublicKey({"modulus": 2**bits - 1, "public_exponent": exponent})
    info = keys.PublicKeyInfo({"algorithm": {"algorithm": "rsa"}, "public_key": key})
    with not_genuine("document_unsupported"):
        parse_public_key(info.dump())


def test_rsa_limits_are_the_callers(rsa_key: rsa.RSAPrivateKey) -> None:
    with not_genuine("document_unsupported"):
        parse_public_key(spki(rsa_key), limits=Limits(rsa_min_bits=3072))


def test_scheme_of_a_bare_key_algorithm_takes_the_digest_of_the_signer() -> None:
    """RFC 5652, 5.3: only CMS has a digest algorithm beside it; a certificate has not."""
    for oid, kind in (("1.2.840.113549.1.1.1", "rsa_pkcs1"), ("1.2.840.10045.2.1", "ecdsa")):
        identifier = algos.AlgorithmIdentifier({"algorithm": oid}).dump()
        assert parse_signature_scheme(identifier, digest="sha384") == SignatureScheme(kind, "sha384")  # type: ignore[arg-type]
        with not_genuine("document_unsupported"):
            parse_signature_scheme(identifier)


def test_scheme_of_pss() -> None:
    def pss(**parameters: Any) -> bytes:
        return bytes(algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters}).dump())

    default = SignatureScheme("rsa_pss", "sha1", mgf_digest="sha1", salt_bytes=20)
    empty = bytes.fromhex("300d06092a864886f70d01010a3000")
    assert parse_signature_scheme(empty) == default
    assert default.is_weak
    mixed = pss(
        hash_algorithm={"algorithm": "sha512"},
        mask_gen_algorithm={"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
        salt_length=64,
    )
    assert parse_signature_scheme(mixed) == SignatureScheme("rsa_pss", "sha512", mgf_digest="sha256", salt_bytes=64)
    with not_genuine("document_unsupported"):
        parse_signature_scheme(pss(salt_length=1000))
    with not_genuine("document_unsupported"):
        parse_signature_scheme(pss(salt_length=-1))
    with not_genuine("document_unsupported"):
        parse_signature_scheme(pss(trailer_field=2))
    with not_genuine("document_unsupported"):
        parse_signature_scheme(pss(hash_algorithm={"algorithm": "md5"}))
    absent = algos.AlgorithmIdentifier({"algorithm": "1.2.840.113549.1.1.10"}).dump()
    with malformed("document_algorithm"):
        parse_signature_scheme(absent)


@pytest.mark.parametrize("oid", ["1.2.840.113549.1.1.4", "1.3.101.112", "2.16.840.1.101.3.4.3.10", "1.2.3"])
def test_schemes_that_are_not_supported(oid: str) -> None:
    identifier = algos.AlgorithmIdentifier({"algorithm": oid}).dump()
    with not_genuine("document_unsupported"):
        parse_signature_scheme(identifier, digest="sha256")


def _hash(name: str) -> hashes.HashAlgorithm:
    algorithm: hashes.HashAlgorithm = getattr(hashes, name.upper())()
    return algorithm


def test_a_signature_that_cancels_out_is_none() -> None:
    """Who has the key can choose r and s so that the sum of both points is no point: h·G + r·Q with s = 1."""
    curve = next(each for each in CURVES if each.name == "brainpoolP320r1")
    message, secret = b"message", 7
    hashed = int.from_bytes(sha256(message).digest(), "big")
    point = ecdsa.SigningKey.from_secret_exponent(secret, curve=ecdsa.BRAINPOOLP320r1).verifying_key.to_string(
        "uncompressed"
    )
    signature = encode_dss_signature(-hashed * pow(secret, -1, curve.n) % curve.n, 1)
    with pytest.raises(InvalidSignature):
        parse_rare_point(curve, point).verify(signature, message, "sha256")
