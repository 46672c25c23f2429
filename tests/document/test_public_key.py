"""ICAO 9303-12, 4.1.6 and RFC 4055: keys, curves and signature algorithms."""

from typing import Any

import pytest
from asn1crypto import algos, core, keys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from bonafides.core.document.curves import CURVES, Curve
from bonafides.core.document.limits import Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import DIGESTS, SignatureScheme, parse_signature_scheme
from bonafides.testing.state import Signer
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


def explicit(curve: Curve, point: bytes, /, **changes: Any) -> bytes:
    """A key whose curve is spelled out."""
    size = curve.size
    domain: dict[str, Any] = {
        "version": 1,
        "field_id": {"field_type": "prime_field", "parameters": core.Integer(curve.p)},
        "curve": {"a": curve.a.to_bytes(size, "big"), "b": curve.b.to_bytes(size, "big")},
        "base": core.OctetString(curve.base).contents,
        "order": curve.n,
        "cofactor": 1,
    }
    domain = {name: value for name, value in (domain | changes).items() if value is not None}
    domain["base"] = keys.ECPoint(domain["base"])
    parameters = keys.ECDomainParameters(name="specified", value=keys.SpecifiedECDomain(domain))
    return bytes(
        keys.PublicKeyInfo(
            {"algorithm": {"algorithm": "ec", "parameters": parameters}, "public_key": keys.ECPointBitString(point)}
        ).dump()
    )


def uncompressed(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.implementation.name)
def test_curve_constants_are_those_of_the_library(curve: Curve) -> None:
    """FIPS 186-4, D.1.2: base point, coefficients and order agree with an implementation that does not read ours."""
    assert uncompressed(ec.derive_private_key(1, curve.implementation)) == curve.base
    assert (curve.y**2 - (curve.x**3 + curve.a * curve.x + curve.b)) % curve.p == 0
    last = ec.derive_private_key(curve.n - 1, curve.implementation).public_key().public_numbers()
    assert (last.x, last.y) == (curve.x, curve.p - curve.y)
    other = ec.derive_private_key(2, curve.implementation).public_key().public_numbers()
    assert (other.y**2 - (other.x**3 + curve.a * other.x + curve.b)) % curve.p == 0


@pytest.mark.parametrize("digest", sorted(DIGESTS.values()))
@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.implementation.name)
def test_ecdsa_by_name_and_spelled_out(curve: Curve, digest: str) -> None:
    key = ec.generate_private_key(curve.implementation)
    scheme = SignatureScheme("ecdsa", digest)
    signature = key.sign(MESSAGE, ec.ECDSA(_hash(digest)))
    for encoded in (spki(key), explicit(curve, uncompressed(key))):
        public = parse_public_key(encoded)
        public.verify(scheme, signature, MESSAGE)
        with not_genuine("document_signature"):
            public.verify(scheme, signature, MESSAGE + b"!")
        with not_genuine("document_signature"):
            public.verify(scheme, signature + b"\0", MESSAGE)
    assert scheme.is_weak == (digest == "sha1")


@pytest.mark.parametrize(
    "changes",
    [
        {"field_id": {"field_type": "prime_field", "parameters": core.Integer(CURVES[0].p + 2)}},
        {"curve": {"a": (CURVES[0].a - 1).to_bytes(32, "big"), "b": CURVES[0].b.to_bytes(32, "big")}},
        {"curve": {"a": CURVES[0].a.to_bytes(32, "big"), "b": (CURVES[0].b + 1).to_bytes(32, "big")}},
        {"base": uncompressed(ec.derive_private_key(2, CURVES[0].implementation))},
        {"order": CURVES[0].n - 2},
        {"cofactor": 2},
        {"cofactor": None},
    ],
    ids=["p", "a", "b", "base", "order", "cofactor", "no_cofactor"],
)
def test_one_other_parameter_is_another_curve(changes: dict[str, Any]) -> None:
    """CVE-2020-0601: a base point of the forger's choice makes every public key the forger's."""
    point = uncompressed(ec.generate_private_key(CURVES[0].implementation))
    with not_genuine("document_unsupported"):
        parse_public_key(explicit(CURVES[0], point, **changes))


def test_curves_that_are_not_supported() -> None:
    for curve in (ec.SECP256K1(), ec.SECP224R1(), ec.BrainpoolP256R1()):
        key = spki(ec.generate_private_key(curve))
        with not_genuine("document_unsupported"):
            parse_public_key(key)
    with not_genuine("document_unsupported"):
        parse_public_key(spki(ed25519.Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("point", [b"", b"\0", b"\4" + b"\1" * 63, b"\4" + b"\1" * 64, b"\4" + b"\0" * 64])
def test_points_must_be_whole_and_on_the_curve(point: bytes) -> None:
    with malformed("document_key"):
        parse_public_key(explicit(CURVES[0], point))


def test_compressed_points_are_not_icao_ones() -> None:
    compressed = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    )
    with malformed("document_key"):
        parse_public_key(explicit(CURVES[0], compressed))


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
    info = keys.PublicKeyInfo.load(spki(rsa_key))
    wide = SignatureScheme("rsa_pss", "sha256", mgf_digest="sha256", salt_bytes=20)
    signer = Signer(rsa_key, SignatureScheme("rsa_pss", "sha256", mgf_digest="sha256", salt_bytes=32), None, b"")  # type: ignore[arg-type]
    narrow = algos.SignedDigestAlgorithm.load(signer.algorithm.dump())["parameters"]
    body = {"public_key": info["public_key"].parsed}
    free = keys.PublicKeyInfo(body | {"algorithm": keys.PublicKeyAlgorithm({"algorithm": "rsassa_pss"})}).dump()
    bound = keys.PublicKeyInfo(
        body | {"algorithm": keys.PublicKeyAlgorithm({"algorithm": "rsassa_pss", "parameters": narrow})}
    ).dump()
    pkcs1 = rsa_key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    short = rsa_key.sign(MESSAGE, padding.PSS(padding.MGF1(hashes.SHA256()), 20), hashes.SHA256())
    parse_public_key(free).verify(wide, short, MESSAGE)
    parse_public_key(bound).verify(signer.scheme, signer.sign(MESSAGE), MESSAGE)
    with not_genuine("document_signature"):
        parse_public_key(bound).verify(wide, short, MESSAGE)
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
