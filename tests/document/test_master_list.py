"""Master lists, made ones and real ones: ICAO 9303-12, 9."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bonafides.core.document.certificate import Certificate, parse_certificate
from bonafides.core.document.limits import Limits
from bonafides.core.document.master_list import parse_master_list, verify_master_list
from bonafides.core.document.sod import parse_sod
from bonafides.testing.state import (
    Signer,
    SyntheticState,
    encode_tlv,
    mint_certificate,
    mint_link,
    new_csca,
    new_list_signer,
    sign_master_list,
)
from tests.document.conftest import NOW
from tests.document.expect import malformed, not_genuine

DAY = timedelta(days=1)
LISTED = [new_csca(code, now=NOW).certificate for code in ("UTO", "FRA", "DEU")]


@pytest.fixture(scope="module")
def publisher() -> Signer:
    """The CA of the State that publishes the list."""
    return new_csca("DEU", now=NOW)


def verify(data: bytes, root: Signer, **changes: Any) -> None:
    listed = parse_master_list(data)
    verify_master_list(listed, root=parse_certificate(root.certificate), **({"at": NOW} | changes))


def made(publisher: Signer, **changes: Any) -> bytes:
    return sign_master_list(LISTED, new_list_signer(publisher, now=NOW), **changes)


def test_good_list(publisher: Signer) -> None:
    data = made(publisher, embedded=[publisher.certificate])
    verify(data, publisher)
    listed = parse_master_list(data)
    assert sorted(each.der for each in listed.certificates) == sorted(LISTED)
    assert listed.countries == {"UT", "FR", "DE"}
    assert listed.unreadable == ()
    assert [each.der for each in listed.signed.others] == [publisher.certificate]


def test_embedded_root_is_no_trust(publisher: Signer) -> None:
    """Anybody can make a list with a root of their own inside; what counts is the one the operator confirmed."""
    forger = new_csca("DEU", now=NOW)
    with not_genuine("document_chain"):
        verify(made(forger, embedded=[forger.certificate]), publisher)


def test_root_of_another_state(publisher: Signer) -> None:
    signer = new_list_signer(publisher, now=NOW, country="FR")
    with not_genuine("document_country"):
        verify(sign_master_list(LISTED, signer), publisher)


def test_root_of_the_same_key_and_another_name(publisher: Signer) -> None:
    other = new_csca("DEU", now=NOW, common_name="other")
    renamed = mint_certificate(other.profile, publisher.spki, issuer=publisher)
    listed = parse_master_list(made(publisher))
    with not_genuine("document_chain"):
        verify_master_list(listed, root=parse_certificate(renamed), at=NOW)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"not_after": NOW - DAY}, "document_signer_expired"),
        ({"not_before": NOW + DAY}, "document_signer_expired"),
        ({"extended_key_usage": None}, "document_signer_role"),
        ({"extended_key_usage": "2.23.136.1.1.4"}, "document_signer_role"),
        ({"is_ca": True}, "document_signer_role"),
        ({"key_usage": frozenset({"crl_sign"})}, "document_signer_role"),
        ({"critical_extension": "1.2.3.4"}, "document_signer_role"),
    ],
)
def test_list_signer(publisher: Signer, changes: dict[str, Any], code: str) -> None:
    with not_genuine(code):
        verify(sign_master_list(LISTED, new_list_signer(publisher, now=NOW, **changes)), publisher)


@pytest.mark.parametrize(
    "changes",
    [{"is_ca": False}, {"key_usage": frozenset({"crl_sign"})}, {"not_after": NOW - 40 * DAY}],
    ids=["no_ca", "usage", "expired_before"],
)
def test_root_must_be_a_ca(changes: dict[str, Any]) -> None:
    root = new_csca("DEU", now=NOW, **changes)
    with not_genuine("document_chain"):
        verify(made(root), root)


def test_a_changed_list(publisher: Signer) -> None:
    data = made(publisher)
    start = data.index(b"FRA CSCA")
    with not_genuine("document_signature"):
        verify(data[:start] + b"FRB" + data[start + 3 :], publisher)


def test_document_is_no_list_and_list_no_document(state: SyntheticState, publisher: Signer) -> None:
    """Both are signed under one CA, and neither may pass for the other."""
    with malformed("document_master_list_content"):
        parse_master_list(made(publisher, content_type="2.23.136.1.1.1"))
    with malformed("document_sod_content"):
        parse_sod(encode_tlv(0x77, made(publisher)))
    with not_genuine("document_signer_role"):
        verify(sign_master_list(LISTED, state.signer), state.csca)


def test_a_certificate_that_does_not_load_spoils_no_other(publisher: Signer) -> None:
    nobody = new_csca("UTO", now=NOW, country="UT")
    nameless = mint_certificate(nobody.profile, nobody.spki, issuer=nobody).replace(b"\x55\x04\x06", b"\x55\x04\x08")
    signer = new_list_signer(publisher, now=NOW)
    listed = parse_master_list(sign_master_list([*LISTED, b"\x30\x03\x02\x01\x05", nameless], signer))
    assert len(listed.certificates) == len(LISTED)
    assert sorted(each.code for each in listed.unreadable) == ["document_certificate", "document_country"]
    assert all(each.reason and len(each.fingerprint) == 64 for each in listed.unreadable)


def test_a_certificate_listed_twice_is_one(publisher: Signer) -> None:
    listed = parse_master_list(sign_master_list(LISTED * 2, new_list_signer(publisher, now=NOW)))
    assert len(listed.certificates) == len(LISTED)


def test_malformed_lists(publisher: Signer) -> None:
    data = made(publisher)
    for odd in (b"", b"\x30\x00", data[:-1], data + b"\0", LISTED[0], made(publisher, version=1)):
        with malformed("document_master_list"):
            parse_master_list(odd)
    for limits in (Limits(master_list_bytes=100), Limits(master_list_certificates=2)):
        with malformed("document_master_list"):
            parse_master_list(data, limits=limits)
    with malformed("document_master_list_signers"):
        parse_master_list(made(publisher, embedded=LISTED * 2), limits=Limits(certificates=3))


def test_link_certificate_as_root(publisher: Signer) -> None:
    """Germany ships its root as it is; elsewhere the operator may have confirmed the link."""
    old = new_csca("DEU", now=NOW)
    verify_master_list(parse_master_list(made(publisher)), root=parse_certificate(mint_link(old, publisher)), at=NOW)


# --- the real ones


def real(shared: Path, name: str) -> tuple[bytes, Certificate]:
    folder = shared / "masterlists"
    root = {"DE": "DE_ROOT_CA_CSCA07.cer", "NL": "NL_ROOT_CA.cer"}[name]
    return next(folder.glob(f"{name}_ML_*.ml")).read_bytes(), parse_certificate((folder / root).read_bytes())


@pytest.mark.parametrize(("name", "certificates", "states"), [("DE", 588, 112), ("NL", 411, 129)])
def test_every_certificate_of_the_published_lists_loads(
    shared: Path, name: str, certificates: int, states: int
) -> None:
    listed = parse_master_list(real(shared, name)[0])
    assert (len(listed.certificates), len(listed.countries)) == (certificates, states)
    assert listed.unreadable == ()


def test_dutch_list_verifies(shared: Path) -> None:
    data, root = real(shared, "NL")
    verify_master_list(parse_master_list(data), root=root, at=NOW)
    with not_genuine("document_country"):
        verify_master_list(parse_master_list(data), root=real(shared, "DE")[1], at=NOW)


def test_german_list_verifies(shared: Path) -> None:
    """On Brainpool curves, all parameters spelled out."""
    data, root = real(shared, "DE")
    verify_master_list(parse_master_list(data), root=root, at=NOW)
    spoilt = data.replace(b"Commission", b"Commissiom", 1)
    with not_genuine("document_signature"):
        verify_master_list(parse_master_list(spoilt), root=root, at=NOW)
