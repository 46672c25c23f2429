"""The synthetic State itself: what it promises to those who test with it."""

from datetime import date
from itertools import islice

import pytest
from cryptography import x509

from bonafides.core.document import parse_mrz, verify_document
from bonafides.core.document.lds import parse_dg1
from bonafides.core.document.mrz import Kind
from bonafides.testing.state import SyntheticState, encode_td1, encode_td3
from tests.document.conftest import BIRTH, NOW


def test_numbers_repeat_for_a_seed_and_differ_otherwise() -> None:
    def row(code: str, seed: int) -> list[str]:
        state = SyntheticState(code, now=NOW, seed=seed)
        return list(islice(iter(state.next_number, None), 3))

    assert row("UTO", 1) == row("UTO", 1)
    assert len({*row("UTO", 1), *row("UTO", 2), *row("FRA", 1)}) == 9
    assert all(len(number) == 12 and number.isdecimal() for number in row("UTO", 1))


def test_zone_of_a_card() -> None:
    state = SyntheticState("VNM", now=NOW)
    bundle = state.issue_card(
        birth=BIRTH, name="NGUYỄN, VĂN ĐỨC", sex="M", number="099012345", personal_number="001099012345"
    )
    mrz = parse_mrz(parse_dg1(bundle.dg1), reference=NOW.date())
    assert (mrz.surname, mrz.given_names, mrz.sex, mrz.number) == ("NGUYEN", "VAN DUC", "M", "099012345")
    assert (mrz.birth, mrz.optional_data[0]) == (BIRTH, "001099012345")


def test_its_certificates_are_certificates_elsewhere_too(state: SyntheticState) -> None:
    """An independent implementation reads them and verifies the signature."""
    authority = x509.load_der_x509_certificate(state.csca.certificate)
    signer = x509.load_der_x509_certificate(state.signer.certificate)
    authority.verify_directly_issued_by(authority)
    signer.verify_directly_issued_by(authority)


def test_what_does_not_fit_is_not_cut() -> None:
    fields = {"state": "UTO", "birth": "900806", "sex": "F", "expires": "300101", "name": "A, B"}
    for encode, room in ((encode_td1, 15), (encode_td3, 14)):
        encode(number="U1", personal_number="1" * room, **fields)
        with pytest.raises(ValueError, match="does not fit"):
            encode(number="U1", personal_number="1" * (room + 1), **fields)


def test_two_documents_of_one_person_have_one_number() -> None:
    state = SyntheticState("UTO", now=NOW)
    first, second = (state.issue_card(birth=date(1990, 1, 1), personal_number="001090012345") for _ in range(2))
    assert first.dg1 != second.dg1


@pytest.mark.parametrize("kind", ["td1", "td2", "td3"])
@pytest.mark.parametrize("dg11", [False, True])
def test_documents_of_every_kind_verify(state: SyntheticState, kind: Kind, dg11: bool) -> None:
    bundle = state.issue_card(birth=BIRTH, kind=kind, dg11=dg11)
    rules = state.rules(dg11=dg11)
    verified = verify_document(bundle=bundle, trust=state.trust_store(), at=NOW, rules=rules)
    assert (verified.kind, len(verified.personal_number)) == (kind, 7 if kind == "td2" and not dg11 else 12)
