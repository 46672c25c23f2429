"""verify_document: ICAO 9303-11, 5.1, and what Bonafides asks beyond it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from bonafides.core.document import DocumentBundle, Finding, Limits, VerifiedDocument, verify_document
from bonafides.core.document.signature import SignatureScheme
from bonafides.testing.state import (
    Algorithm,
    SoftChip,
    SyntheticState,
    build_sod,
    encode_dg1,
    encode_dg11,
    encode_dg12,
    encode_group,
    encode_td1,
)
from bonafides.testing.state.keys import encode_scheme
from tests.document.conftest import BIRTH, NOW, NUMBER
from tests.document.expect import malformed, not_allowed, not_genuine

DAY = timedelta(days=1)
NONCE = bytes.fromhex("0102030405060708")
CHIP = SoftChip.new()


def verify(state: SyntheticState, bundle: DocumentBundle, **changes: Any) -> VerifiedDocument:
    arguments: dict[str, Any] = {"trust": state.trust_store(), "at": NOW, "rules": state.rules()} | changes
    return verify_document(bundle=bundle, **arguments)


@pytest.mark.parametrize("kind", ["td1", "td3"])
@pytest.mark.parametrize("algorithm", ["ecdsa_p256", "ecdsa_p384", "ecdsa_p521", "rsa_pkcs1", "rsa_pss"])
def test_good_document(algorithm: Algorithm, kind: Any) -> None:
    state = SyntheticState("UTO", now=NOW, algorithm=algorithm)
    bundle = state.issue_card(birth=BIRTH, personal_number=NUMBER, kind=kind, expires=date(2030, 1, 2))
    assert verify(state, bundle) == VerifiedDocument(
        issuing_state="UTO",
        kind=kind,
        personal_number=NUMBER,
        previous_number=None,
        birth=BIRTH,
        expiry=date(2030, 1, 2),
        findings=frozenset({Finding.NO_REVOCATION_DATA, Finding.CHIP_CANNOT_PROVE}),
        trust_version=state.trust_store().version,
    )


@pytest.mark.parametrize("code", ["DEU", "VNM", "FRA", "RKS", "UNO"])
def test_good_document_of_real_codes(code: str) -> None:
    state = SyntheticState(code, now=NOW)
    assert verify(state, state.issue_card(birth=BIRTH, kind="td3")).issuing_state == code


def test_repr_shows_nothing_about_the_person(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, personal_number=NUMBER, dg11=True, groups=CHIP.groups)
    bundle = CHIP.answer(bundle, NONCE)
    shown = repr(bundle) + repr(verify(state, bundle, rules=state.rules(dg11=True), nonce=NONCE)) + repr(CHIP)
    for part in (NUMBER, "1990", "ERIKSSON", "date", "=b'", "x61"):
        assert part not in shown


def test_time_needs_a_zone(state: SyntheticState, card: DocumentBundle) -> None:
    with pytest.raises(ValueError, match="time zone"):
        verify(state, card, at=NOW.replace(tzinfo=None))


# --- what the State signed, and only that


def test_another_zone_than_the_signed_one(state: SyntheticState, card: DocumentBundle) -> None:
    other = state.issue_card(birth=BIRTH, personal_number="999999999999")
    with not_genuine("document_hash"):
        verify(state, replace(card, dg1=other.dg1))


def test_another_dg11_than_the_signed_one(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, personal_number=NUMBER, dg11=True)
    with not_genuine("document_hash"):
        verify(state, replace(bundle, dg11=encode_dg11("999999999999")), rules=state.rules(dg11=True))


def test_injected_group(state: SyntheticState, card: DocumentBundle) -> None:
    """A number that the State never signed, in a group that its security object does not list."""
    with not_genuine("document_injected_group"):
        verify(state, replace(card, dg11=encode_dg11("999999999999")), rules=state.rules(dg11=True))
    with not_genuine("document_injected_group"):
        verify(state, replace(card, others={15: CHIP.groups[15]}))


@pytest.mark.parametrize("left_out", [(14,), (15,), (14, 15)])
def test_stripped_group(state: SyntheticState, left_out: tuple[int, ...]) -> None:
    """Whoever leaves these out hides that the chip is a copy."""
    bundle = CHIP.answer(state.issue_card(birth=BIRTH, groups=CHIP.groups), NONCE)
    verify(state, bundle, nonce=NONCE)
    kept = {number: data for number, data in CHIP.groups.items() if number not in left_out}
    with not_genuine("document_groups_missing"):
        verify(state, replace(bundle, others=kept), nonce=NONCE)


def test_other_groups_need_not_be_read(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, groups={12: encode_dg12(date(2026, 1, 1)), 13: encode_group(13, b"y")})
    verify(state, replace(bundle, others={}))


def test_group_in_the_place_of_another(state: SyntheticState, card: DocumentBundle) -> None:
    with malformed("document_file"):
        verify(state, replace(card, others={13: encode_group(15, b"x")}))


def test_sod_of_another_document(state: SyntheticState, card: DocumentBundle) -> None:
    with not_genuine("document_hash"):
        verify(state, replace(card, sod=state.issue_card(birth=date(1980, 1, 1)).sod))


def test_sod_of_another_signer_under_the_same_certificate(state: SyntheticState, card: DocumentBundle) -> None:
    """The certificate is genuine and the key is not its key."""
    forger = replace(SyntheticState("UTO", now=NOW).signer, certificate=state.signer.certificate)
    with not_genuine("document_signature"):
        verify(state, state.issue_card(birth=BIRTH, signer=forger))


# --- who signed it


def test_ca_that_is_not_trusted(card: DocumentBundle) -> None:
    with not_genuine("document_chain"):
        verify(SyntheticState("UTO", now=NOW), card)


def test_document_signed_by_another_state(state: SyntheticState) -> None:
    """Both States are trusted. France issues a card that says it is Utopia's."""
    france = SyntheticState("FRA", now=NOW)
    trust = state.trust_store() | france.trust_store()
    with not_genuine("document_country"):
        verify(state, state.issue_card(birth=BIRTH, signer=france.signer), trust=trust)
    with not_genuine("document_chain"):
        verify(state, state.issue_card(birth=BIRTH, signer=france.new_signer(country="UT")), trust=trust)


def test_signer_that_is_not_valid_any_more(state: SyntheticState) -> None:
    with not_genuine("document_signer_expired"):
        verify(state, state.issue_card(birth=BIRTH, signer=state.new_signer(not_after=NOW - DAY)))


def test_document_signed_by_the_ca_itself(state: SyntheticState) -> None:
    with not_genuine("document_signer_role"):
        verify(state, state.issue_card(birth=BIRTH, signer=state.csca))


@pytest.mark.parametrize(("types", "allowed"), [(("I",), True), (("ID", "I"), True), (("P",), False), ((), False)])
def test_type_of_document(state: SyntheticState, types: tuple[str, ...], allowed: bool) -> None:
    """ICAO 9303-12, 7.1.1.6: a signer for passports does not sign cards."""
    bundle = state.issue_card(birth=BIRTH, signer=state.new_signer(document_types=types))
    if allowed:
        verify(state, bundle)
        return
    with not_genuine("document_type"):
        verify(state, bundle)


@pytest.mark.parametrize(
    ("types", "allowed"), [(("P",), True), (("PD", "PP"), True), (("PD",), False), (("PPX",), False)]
)
def test_type_of_document_of_two_letters(state: SyntheticState, types: tuple[str, ...], allowed: bool) -> None:
    """The Philippines list PO, PD and others; a list with P alone allows every passport."""
    good = state.issue_card(birth=BIRTH, kind="td3", personal_number=NUMBER)
    dg1 = good.dg1.replace(b"P<UTO", b"PPUTO")
    signer = state.new_signer(document_types=types)
    bundle = DocumentBundle(dg1=dg1, sod=build_sod({1: dg1, 2: b"portrait"}, signer))
    if allowed:
        assert verify(state, bundle).personal_number == NUMBER
        return
    with not_genuine("document_type"):
        verify(state, bundle)


# --- still good


def test_expiry_day_is_the_last_good_day(state: SyntheticState) -> None:
    verify(state, state.issue_card(birth=BIRTH, expires=NOW.date()))
    with not_genuine("document_expired"):
        verify(state, state.issue_card(birth=BIRTH, expires=NOW.date() - DAY))


def test_day_of_expiry_is_that_of_utc(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, expires=date(2026, 11, 22))
    evening = datetime(2026, 11, 23, 6, tzinfo=timezone(timedelta(hours=7)))
    verify(state, bundle, at=evening)
    with not_genuine("document_expired"):
        verify(state, bundle, at=evening.astimezone(UTC) + timedelta(hours=2))


# --- the personal number


@pytest.mark.parametrize("kind", ["td1", "td3"])
def test_number_from_dg11(state: SyntheticState, kind: Any) -> None:
    bundle = state.issue_card(birth=BIRTH, personal_number=NUMBER, kind=kind, dg11=True)
    assert verify(state, bundle, rules=state.rules(dg11=True)).personal_number == NUMBER


def test_no_rule_for_the_state_or_kind(state: SyntheticState, card: DocumentBundle) -> None:
    others = {key: rule for key, rule in state.rules().items() if key[1] != "td1"}
    for rules in ({}, others, SyntheticState("FRA", now=NOW).rules()):
        with not_allowed("no_personal_number"):
            verify(state, card, rules=rules)


@pytest.mark.parametrize("kind", ["td1", "td3"])
@pytest.mark.parametrize("dg11", [False, True])
def test_no_number(state: SyntheticState, kind: Any, dg11: bool) -> None:
    bundle = state.issue_card(birth=BIRTH, personal_number="", kind=kind, dg11=dg11)
    with not_allowed("no_personal_number"):
        verify(state, bundle, rules=state.rules(dg11=dg11))


def test_no_falling_back_to_another_place(state: SyntheticState, card: DocumentBundle) -> None:
    """One number per person: a document gives it from the one place of the rule, or not at all."""
    with not_allowed("no_personal_number"):
        verify(state, card, rules=state.rules(dg11=True))
    with not_allowed("no_personal_number"):
        verify(state, state.issue_card(birth=BIRTH, dg11=True))


def test_dg11_that_is_signed_but_was_not_read(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, dg11=True)
    with not_genuine("document_groups_missing"):
        verify(state, replace(bundle, dg11=None), rules=state.rules(dg11=True))


# --- findings


@pytest.mark.parametrize("part", ["groups", "signature", "certificate"])
def test_weak_hash_anywhere_is_found(part: str) -> None:
    state = SyntheticState("UTO", now=NOW)
    weak = SignatureScheme("ecdsa", "sha1")
    if part == "certificate":
        state.csca = state.csca.using(weak)
    signer = state.new_signer()
    if part == "signature":
        signer = signer.using(weak)
    bundle = state.issue_card(birth=BIRTH, signer=signer, digest_name="sha1" if part == "groups" else "sha256")
    assert verify(state, bundle).findings == {"weak_hash", "no_revocation_data", "chip_cannot_prove"}


def test_document_that_outlives_its_signer(state: SyntheticState) -> None:
    """As cards for life do: a finding, since the signer is valid today."""
    found = verify(state, state.issue_card(birth=BIRTH, expires=date(2099, 12, 31))).findings
    assert found == {"no_revocation_data", "outlives_signer", "chip_cannot_prove"}


@pytest.mark.parametrize(
    ("mask", "salt"), [("sha256", 32), ("sha1", 32), ("sha256", 0), ("sha512", 20), ("sha256", 64)]
)
def test_pss_with_its_own_parameters(rsa_state: SyntheticState, mask: str, salt: int) -> None:
    """The parameters in the SOD count, not the usual ones; the certificate may have others."""
    scheme = SignatureScheme("rsa_pss", "sha256", mgf_digest=mask, salt_bytes=salt)
    signer = rsa_state.signer.using(scheme)
    verify(rsa_state, rsa_state.issue_card(birth=BIRTH, signer=signer))


@pytest.mark.parametrize(("mask", "salt"), [("sha256", 31), ("sha512", 32)])
def test_pss_with_other_parameters_than_it_says(rsa_state: SyntheticState, mask: str, salt: int) -> None:
    said = SignatureScheme("rsa_pss", "sha256", mgf_digest=mask, salt_bytes=salt)
    honest = rsa_state.issue_card(birth=BIRTH)
    old, new = (encode_scheme(scheme).dump() for scheme in (rsa_state.signer.scheme, said))
    assert honest.sod.count(old) >= 2
    assert len(old) == len(new)
    head, _, tail = honest.sod.rpartition(old)
    with not_genuine("document_signature"):
        verify(rsa_state, replace(honest, sod=head + new + tail))


@pytest.fixture(scope="module")
def rsa_state() -> SyntheticState:
    return SyntheticState("UTO", now=NOW, algorithm="rsa_pss")


# --- birth dates and limits


@pytest.mark.parametrize(
    ("text", "birth"), [("90<<<<", date(1990, 12, 31)), ("9008<<", date(1990, 8, 31)), ("<<<<<<", None)]
)
def test_unknown_parts_of_the_birth_date(state: SyntheticState, text: str, birth: date | None) -> None:
    zone = encode_td1(
        state="UTO", number="U1", birth=text, sex="X", expires="300101", name="A, B", personal_number=NUMBER
    )
    dg1 = encode_dg1(zone)
    bundle = DocumentBundle(dg1=dg1, sod=build_sod({1: dg1, 2: b"portrait"}, state.signer))
    assert verify(state, bundle).birth == birth


def test_wrong_check_digit_under_a_good_signature(state: SyntheticState, card: DocumentBundle) -> None:
    dg1 = card.dg1.replace(b"F", b"M").replace(b"I<UTOU", b"I<UTOV")
    with malformed("mrz_check_digit"):
        verify(state, DocumentBundle(dg1=dg1, sod=build_sod({1: dg1, 2: b"portrait"}, state.signer)))


def test_groups_are_bounded_together(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, groups={13: encode_group(13, b"x" * 2000)})
    verify(state, bundle)
    with malformed("document_file"):
        verify(state, bundle, limits=Limits(groups_bytes=2000))
    with malformed("document_file"):
        verify(state, bundle, limits=Limits(group_bytes=2000))
