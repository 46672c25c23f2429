"""ICAO 9303-12, 7: certificates, the made ones and the real ones."""

from pathlib import Path

import pytest
from asn1crypto import cms, core, pem, x509

from bonafides.core.document.certificate import DOCUMENT_TYPES, Certificate, UsagePeriod, parse_certificate
from bonafides.core.document.countries import ALPHA2
from bonafides.core.document.limits import Limits
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.core.document.signer import verify_signer
from bonafides.core.document.trust import TrustStore
from bonafides.errors import InputError
from bonafides.testing.state import SyntheticState, encode_tlv
from tests.document.conftest import NOW
from tests.document.expect import malformed, not_genuine

# Sets of the mock data that lack one of the two certificates; all others are whole chains.
MOCK_INCOMPLETE = {
    "sha1_rsa_65537_2048", "sha256_rsa_3_2048", "sha256_rsa_65537_2048", "sha256_rsa_65537_3072",
    "sha256_rsapss_32_3_2048", "sha384_rsapss_48_65537_2048", "sha384_rsapss_48_65537_4096", "sha512_rsa_65537_2048",
    "sha512_rsapss_64_65537_2048",
}  # fmt: skip


class _Certificates(core.SetOf):  # type: ignore[misc]
    _child_spec = x509.Certificate


class _MasterList(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("certificates", _Certificates)]


def master_list(path: Path) -> list[bytes]:
    signed = cms.ContentInfo.load(path.read_bytes())["content"]
    listed = _MasterList.load(bytes(signed["encap_content_info"]["content"]))
    return [certificate.dump() for certificate in listed["certificates"]]


def mock_pair(folder: Path) -> tuple[bytes, bytes]:
    csca, signer = (pem.unarmor((folder / f"mock_{name}.pem").read_bytes())[2] for name in ("csca", "dsc"))
    return csca, signer


def verify_mock(folder: Path) -> None:
    csca, signer = mock_pair(folder)
    trust = TrustStore.from_certificates([csca], provenance="mock certificates of selfxyz/self")
    verify_signer(
        parse_certificate(signer), trust=trust, issuing_state="FRA", document_code="P", issued_on=None, at=NOW
    )


def test_mock_chains(shared: Path) -> None:
    """Every chain that is whole verifies: RSA, PSS, NIST and Brainpool curves, spelled out, SHA-1 to SHA-512."""
    folders = {path.parent for path in (shared / "mock_certificates").glob("*/*.pem")}
    whole = {folder for folder in folders if len(list(folder.glob("*.pem"))) == 2}
    assert {folder.name for folder in folders - whole} == MOCK_INCOMPLETE
    for folder in whole:
        verify_mock(folder)
    assert len(whole) == 32


def test_mock_signatures_are_really_checked(shared: Path) -> None:
    """A key of another chain with the same names verifies nothing."""
    first, second = (shared / "mock_certificates" / name for name in ("sha256_rsa_65537_4096", "sha256_rsa_3_4096"))
    csca, _ = mock_pair(first)
    _, signer = mock_pair(second)
    parsed, issuer = parse_certificate(signer), parse_certificate(csca)
    with not_genuine("document_signature"):
        parse_public_key(issuer.spki).verify(
            parse_signature_scheme(parsed.signature_algorithm), parsed.signature, parsed.tbs
        )


@pytest.mark.parametrize(("name", "count"), [("DE_ML_2026-05-28-08-28-45.ml", 588), ("NL_ML_2026-07-22.ml", 411)])
def test_every_certificate_of_the_national_master_lists(shared: Path, name: str, count: int) -> None:
    """Certificates that general loaders refuse parse here, and no key or signature algorithm is unsupported."""
    certificates = [parse_certificate(der) for der in master_list(shared / "masterlists" / name)]
    assert len(certificates) == count
    for certificate in certificates:
        parse_public_key(certificate.spki)
        parse_signature_scheme(certificate.signature_algorithm)
    assert {certificate.country for certificate in certificates} <= set(ALPHA2.values())


@pytest.mark.parametrize("name", ["DE_ROOT_CA_CSCA07.cer", "NL_ROOT_CA.cer"])
def test_roots_of_the_master_lists_parse(shared: Path, name: str) -> None:
    certificate = parse_certificate((shared / "masterlists" / name).read_bytes())
    assert certificate.country == name[:2]
    assert certificate.is_ca


def test_what_a_certificate_says(state: SyntheticState) -> None:
    signer = state.new_signer(document_types=("P", "ID"), extended_key_usage="2.23.136.1.1.3", is_ca=False)
    certificate = parse_certificate(signer.certificate)
    anchor = parse_certificate(state.csca.certificate)
    assert certificate.country == anchor.country == "UT"
    assert certificate.document_types == frozenset({"P", "ID"})
    assert certificate.extended_key_usage == {"2.23.136.1.1.3"}
    assert (certificate.is_ca, anchor.is_ca) == (False, True)
    assert certificate.key_usage == frozenset({"digital_signature"})
    assert anchor.key_usage == frozenset({"key_cert_sign", "crl_sign"})
    assert certificate.issuer == anchor.subject == anchor.issuer
    assert certificate.authority_key_id == anchor.subject_key_id is not None
    assert (certificate.not_before, certificate.not_after) == (signer.profile.not_before, signer.profile.not_after)
    assert not certificate.has_unknown_critical
    assert parse_certificate(state.new_signer(critical_extension="1.2.3").certificate).has_unknown_critical


def test_names_compare_by_meaning(state: SyntheticState) -> None:
    """RFC 5280, 7.1: string type, case and spacing make no difference; anything else does."""
    plain, other_type, spaced, different = (
        parse_certificate(state.new_signer(common_name=name).certificate).subject
        for name in ("Signer One", "signer one", "Signer   ONE ", "Signer Two")
    )
    assert plain == other_type == spaced != different


def test_signed_and_stated_algorithm_must_agree(state: SyntheticState) -> None:
    """RFC 5280, 4.1.1.2."""
    certificate = x509.Certificate.load(state.signer.certificate)
    certificate["signature_algorithm"] = {"algorithm": "sha512_ecdsa"}
    with malformed("document_certificate"):
        parse_certificate(certificate.dump())


def test_a_repeated_extension_is_malformed(state: SyntheticState) -> None:
    """RFC 5280, 4.2: a second basicConstraints would be for whoever reads the other one."""
    certificate = x509.Certificate.load(state.csca.certificate)
    extensions = certificate["tbs_certificate"]["extensions"]
    extensions.append(extensions[2])
    with malformed("document_certificate"):
        parse_certificate(certificate.dump(force=True))


@pytest.mark.parametrize("value", [b"\x30" * 7000, b"\x06\x82\x10\x00\x2a" + b"\x81" * 4095])
def test_what_an_extension_hides_is_scanned_too(state: SyntheticState, value: bytes) -> None:
    certificate = x509.Certificate.load(state.signer.certificate)
    odd = {"extn_id": DOCUMENT_TYPES, "critical": False, "extn_value": core.ParsableOctetString(value)}
    certificate["tbs_certificate"]["extensions"].append(odd)
    with pytest.raises(InputError, match="an extension"):
        parse_certificate(certificate.dump())


def test_signature_of_broken_bits_and_additional_members(state: SyntheticState) -> None:
    certificate = x509.Certificate.load(state.signer.certificate)
    signature = certificate["signature_value"].dump()
    ragged = signature[:2] + b"\1" + signature[3:]
    for tail in (ragged, signature + b"\5\0"):
        with malformed("document_certificate"):
            parse_certificate(encode_tlv(0x30, certificate.contents.replace(signature, tail)))


def test_bytes_after_the_end_and_too_many_bytes(state: SyntheticState) -> None:
    for data in (state.csca.certificate + b"\0", state.csca.certificate[:-1], b"", b"\x30\x00"):
        with malformed("document_certificate"):
            parse_certificate(data)
    with pytest.raises(InputError, match="longer than 100 bytes"):
        parse_certificate(state.csca.certificate, limits=Limits(certificate_bytes=100))


def test_the_bytes_are_kept(state: SyntheticState) -> None:
    certificate: Certificate = parse_certificate(state.signer.certificate)
    assert certificate.der == state.signer.certificate
    assert certificate.tbs in certificate.der
    assert certificate.spki in certificate.tbs
    assert "country='UT'" in repr(certificate)


def test_what_it_says_of_its_key_and_name(state: SyntheticState) -> None:
    start, end = NOW.replace(microsecond=0), NOW.replace(year=2027)
    for period in ((start, end), (None, end), (start, None)):
        read = parse_certificate(state.new_signer(usage_period=period, issuer_state="uto").certificate)
        assert read.usage_period == UsagePeriod(*period)
        assert (read.issuer_states, read.is_name_change) == (frozenset({"UTO"}), False)
    assert parse_certificate(state.signer.certificate).usage_period is None
    assert parse_certificate(state.new_signer(is_name_change=True).certificate).is_name_change


def test_real_certificates_say_when_their_keys_are_used(shared: Path) -> None:
    """Most do; of those, some leave one end open."""
    listed = master_list(next((shared / "masterlists").glob("DE_ML_*.ml")))
    certificates = [parse_certificate(der) for der in listed]
    periods = [each.usage_period for each in certificates if each.usage_period is not None]
    assert len(periods) == 470
    assert sum(period.not_before is None for period in periods) == 16
    assert sum(period.not_after is None for period in periods) == 7
    assert sum(each.is_name_change for each in certificates) == 72


def test_an_extension_has_few_elements(state: SyntheticState) -> None:
    """It is hidden in an octet string from the scan of the file: without a bound of its own it would cost long."""
    parse_certificate(state.new_signer(document_types=("P",) * 90).certificate)
    with malformed("document_certificate"):
        parse_certificate(state.new_signer(document_types=("P",) * 100).certificate)
