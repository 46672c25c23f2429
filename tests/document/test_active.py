"""Active authentication, ICAO 9303-11, 6.1: every way a chip answers, and every way to fake an answer."""

from dataclasses import replace
from typing import Any

import pytest

from bonafides.core.document import Finding, verify_document
from bonafides.core.document.active import VerifiedChip, verify_active_authentication
from bonafides.testing.state import SoftChip, SyntheticState, ecdsa_kind, encode_dg14, rsa_kind
from tests.document.conftest import BIRTH, NOW
from tests.document.expect import not_genuine

NONCE = bytes.fromhex("F173589974BF40C6")
GOOD = VerifiedChip(frozenset())
WEAK = VerifiedChip(frozenset({Finding.WEAK_CHIP_KEY}))


def check(chip: SoftChip, nonce: bytes = NONCE, **given: Any) -> VerifiedChip:
    """Verify what a chip answers, or what is given instead."""
    groups = chip.groups
    parts: dict[str, Any] = {"dg15": groups[15], "dg14": groups.get(14), "nonce": nonce, "signature": chip.sign(NONCE)}
    return verify_active_authentication(**(parts | given))


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (rsa_kind("sha256"), GOOD),
        (rsa_kind("sha512", bits=3072, exponent=3), GOOD),
        (rsa_kind("sha224"), GOOD),
        (rsa_kind("sha384"), GOOD),
        (rsa_kind("sha1"), WEAK),
        (rsa_kind("sha256", bits=1024), WEAK),
        (rsa_kind("sha256", bits=1792), WEAK),
        (ecdsa_kind("secp256r1", "sha256"), GOOD),
        (ecdsa_kind("secp521r1", "sha512"), GOOD),
        (ecdsa_kind("brainpoolP256r1", "sha224", explicit=True), GOOD),
        (ecdsa_kind("brainpoolP320r1", "sha256"), GOOD),
        (ecdsa_kind("brainpoolP384r1", "sha384", explicit=True), GOOD),
        (ecdsa_kind("brainpoolP224r1", "sha1"), WEAK),
        (ecdsa_kind("brainpoolP192r1", "sha1", explicit=True), WEAK),
    ],
    ids=str,
)
@pytest.mark.parametrize("way", ["plain", "der", "silent"])
def test_every_kind_of_chip(kind: Any, found: VerifiedChip, way: str) -> None:
    if not kind.curve and way != "plain":
        return
    chip = SoftChip.new(kind, der=way == "der", silent=way == "silent")
    assert check(chip) == found
    with not_genuine("document_chip"):
        check(chip, NONCE[::-1])


@pytest.fixture(params=["rsa_pkcs1", "ecdsa_p256"])
def chip(request: pytest.FixtureRequest) -> SoftChip:
    return SoftChip.new(request.param)


def test_another_chip_than_the_signed_one(chip: SoftChip) -> None:
    with not_genuine("document_chip"):
        check(chip, dg15=SoftChip.new(chip.pair.kind).groups[15])


@pytest.mark.parametrize("position", [0, 1, 31, 32, 63, -1])
def test_a_changed_signature(chip: SoftChip, position: int) -> None:
    forged = bytearray(chip.sign(NONCE))
    forged[position] ^= 1
    with not_genuine("document_chip"):
        check(chip, signature=bytes(forged))


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\xff" * 64, b"\x30\x00", b"\0" * 256, b"\0" * 4096])
def test_what_is_no_signature(chip: SoftChip, signature: bytes) -> None:
    with not_genuine("document_chip"):
        check(chip, signature=signature)


def test_the_hash_that_data_group_14_names_is_the_hash() -> None:
    chip = SoftChip.new(ecdsa_kind("secp256r1", "sha256"))
    check(chip)
    with not_genuine("document_chip"):
        check(chip, dg14=encode_dg14(ecdsa_hash="sha1"))


def test_a_hash_longer_than_the_curve_is_not_guessed() -> None:
    """ICAO 9303-11, 6.1.2.3: the hash is not longer than the key; a chip that wants it otherwise has to say so."""
    with not_genuine("document_chip"):
        check(SoftChip.new(ecdsa_kind("secp256r1", "sha512"), silent=True))
    check(SoftChip.new(ecdsa_kind("secp256r1", "sha512")))


def test_key_below_any_use() -> None:
    with not_genuine("document_unsupported"):
        check(SoftChip.new(rsa_kind("sha256", bits=1024)), dg15=small_key())


def small_key() -> bytes:
    """Data group 15 with an RSA key of 768 bits."""
    from asn1crypto import keys

    from bonafides.testing.state import encode_dg15

    public = keys.RSAPublicKey({"modulus": (1 << 768) - 1, "public_exponent": 65537})
    return encode_dg15(keys.PublicKeyInfo.wrap(public, "rsa").dump())


def test_nonce_is_of_eight_bytes(chip: SoftChip) -> None:
    for nonce in (b"", NONCE[:7], NONCE + b"\0"):
        with pytest.raises(ValueError, match="eight"):
            check(chip, nonce)


# --- in a document


def test_a_document_whose_chip_answers(state: SyntheticState, chip: SoftChip) -> None:
    bundle = chip.answer(state.issue_card(birth=BIRTH, groups=chip.groups), NONCE)
    given: dict[str, Any] = {"trust": state.trust_store(), "at": NOW, "rules": state.rules()}
    found = verify_document(bundle=bundle, nonce=NONCE, **given)
    assert found.cloning_excluded
    assert found.findings == {Finding.NO_REVOCATION_DATA}
    for nonce in (bytes(8), NONCE[::-1]):
        with not_genuine("document_chip"):
            verify_document(bundle=bundle, nonce=nonce, **given)
    with not_genuine("document_chip_missing"):
        verify_document(bundle=bundle, nonce=None, **given)
    with not_genuine("document_chip_missing"):
        verify_document(bundle=replace(bundle, active_authentication=None), nonce=NONCE, **given)


def test_a_signature_of_a_chip_without_a_key(state: SyntheticState) -> None:
    bundle = replace(state.issue_card(birth=BIRTH), active_authentication=bytes(64))
    with not_genuine("document_chip"):
        verify_document(bundle=bundle, nonce=NONCE, trust=state.trust_store(), at=NOW, rules=state.rules())


@pytest.mark.parametrize(
    ("groups", "finding"),
    [
        ({}, Finding.CHIP_CANNOT_PROVE),
        ({14: encode_dg14()}, Finding.CHIP_CANNOT_PROVE),
        ({14: encode_dg14(ecdsa_hash="sha256")}, Finding.CHIP_CANNOT_PROVE),
        ({14: encode_dg14(chip_key=b"\x30\x00")}, Finding.CHIP_AUTHENTICATION_ONLY),
    ],
)
def test_a_chip_that_cannot_show_it_to_others(
    state: SyntheticState, groups: dict[int, bytes], finding: Finding
) -> None:
    bundle = state.issue_card(birth=BIRTH, groups=groups)
    found = verify_document(bundle=bundle, nonce=NONCE, trust=state.trust_store(), at=NOW, rules=state.rules())
    assert not found.cloning_excluded
    assert finding in found.findings
