"""Data group 13 of the Vietnamese identity card: three fields for a document check, one for who asks for a name."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from asn1crypto import core, parser

from bonafides.core.document import (
    DocumentBundle,
    Finding,
    NumberSource,
    PersonalNumberRule,
    VerifiedDocument,
    parse_mrz,
    read_full_name,
    verify_document,
)
from bonafides.core.document.dg13 import NationalDetails, parse_dg13, parse_dg13_name
from bonafides.core.document.lds import parse_dg1
from bonafides.core.document.personal_number import extract_number
from bonafides.core.document.sod import parse_sod
from bonafides.errors import PolicyError
from bonafides.testing.state import SoftChip, SyntheticState, encode_dg11, encode_dg13, encode_group
from tests.document.conftest import BIRTH, NOW
from tests.document.expect import malformed, not_allowed, not_genuine

NUMBER, NAME = "001090012345", "Nguyễn Văn An"
FIELDS = {1: NUMBER, 2: NAME, 3: "06/08/1990", 4: "Nam", 5: "Việt Nam", 8: "Hà Nội", 11: "01/07/2024", 15: "012345678"}


@pytest.fixture(scope="module")
def vietnam() -> SyntheticState:
    return SyntheticState("VNM", now=NOW)


def field(number: int, *values: core.Asn1Value) -> bytes:
    return bytes(parser.emit(0, 1, 16, b"".join(value.dump() for value in (core.Integer(number), *values))))


def test_fields_by_number() -> None:
    data = encode_dg13(FIELDS, parents=("Nguyễn Văn B", "Trần Thị C"))
    found = parse_dg13(data)
    assert found == NationalDetails(number=NUMBER, birth=BIRTH, issued=date(2024, 7, 1))
    assert parse_dg13_name(data) == NAME
    for hidden in (NUMBER, "1990", "2024"):
        assert hidden not in repr(found)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda listed: listed,
        lambda listed: parser.emit(0, 1, 16, listed),
        lambda listed: parser.emit(0, 1, 17, listed),
        lambda listed: parser.emit(0, 1, 16, core.Integer(1).dump() + parser.emit(0, 1, 17, listed)),
        lambda listed: parser.emit(
            0, 1, 16, core.Integer(0).dump() + core.ObjectIdentifier("1.2.3").dump() + parser.emit(0, 1, 16, listed)
        ),
    ],
)
def test_however_the_list_is_wrapped(wrap: Any) -> None:
    listed = field(1, core.PrintableString(NUMBER)) + field(13, core.UTF8String("B"), core.UTF8String("C"))
    assert parse_dg13(encode_group(13, wrap(listed))).number == NUMBER


def test_what_nobody_asked_for_is_not_decoded() -> None:
    """Ethnicity, religion, family and whatever comes later may be anything at all."""
    good = field(1, core.UTF8String(NUMBER))
    odd = b"".join(field(number, core.OctetString(b"\xff\xfe")) for number in (2, 4, 6, 7, 9, 10, 13, 14, 99))
    assert parse_dg13(encode_group(13, good + odd + field(6) + field(7, core.Null(), core.Integer(1)))).number == NUMBER
    bad_number = parser.emit(0, 0, 12, b"\xff")
    named = field(2, core.UTF8String(NAME)) + bytes(parser.emit(0, 1, 16, core.Integer(1).dump() + bad_number))
    assert parse_dg13_name(encode_group(13, named)) == NAME


@pytest.mark.parametrize("listed", [b"", field(1), field(1, core.UTF8String("")), field(3, core.UTF8String("1990"))])
def test_empty_and_missing_fields(listed: bytes) -> None:
    assert parse_dg13(encode_group(13, listed)) == NationalDetails(None, None, None)
    assert parse_dg13_name(encode_group(13, listed)) is None


@pytest.mark.parametrize(
    "text", ["", "1990", "00/00/1990", "31/02/1990", "1/1/1990", "1990-01-01", "06/08/1990 ", "٠٦/٠٨/١٩٩٠"]
)
def test_dates_of_which_a_part_is_unknown(text: str) -> None:
    assert parse_dg13(encode_dg13({1: NUMBER, 3: text, 11: text})) == NationalDetails(NUMBER, None, None)


@pytest.mark.parametrize(
    "listed",
    [
        field(1, core.UTF8String(NUMBER)) + field(1, core.UTF8String(NUMBER)),
        field(1, core.UTF8String(NUMBER), core.UTF8String(NUMBER)),
        field(1, core.Integer(1090012345)),
        field(1, core.OctetString(NUMBER.encode())),
        bytes(parser.emit(0, 1, 16, core.Integer(1).dump() + parser.emit(0, 0, 12, b"\xff"))),
    ],
)
def test_a_number_that_is_not_one_text(listed: bytes) -> None:
    with malformed("document_dg13"):
        parse_dg13(encode_group(13, listed))


def test_the_card(vietnam: SyntheticState) -> None:
    """Number in full in the group and in the zone's optional data, its last nine digits as the document number."""
    card = vietnam.issue_vietnamese_card(birth=BIRTH, personal_number=NUMBER, full_name=NAME, issued=date(2024, 7, 1))
    mrz = parse_mrz(parse_dg1(card.dg1), reference=NOW.date())
    assert (mrz.kind, mrz.issuing_state, mrz.number, mrz.optional_data[0]) == ("td1", "VNM", NUMBER[-9:], NUMBER)
    found = parse_dg13(card.groups[13])
    assert found == NationalDetails(NUMBER, BIRTH, date(2024, 7, 1))
    rule = PersonalNumberRule(NumberSource.DG13, pattern="[0-9]{12}")
    assert extract_number(rule, mrz=mrz, dg13_number=found.number) == NUMBER
    assert parse_sod(card.sod).security_object.group_hashes.keys() == {1, 2, 3, 13, 14, 15}


def test_the_name_is_that_of_the_group(vietnam: SyntheticState) -> None:
    card = vietnam.issue_vietnamese_card(birth=BIRTH, full_name=NAME)
    assert read_full_name(None, dg13=card.groups[13]) == NAME
    with pytest.raises(PolicyError):
        read_full_name(None)
    with pytest.raises(PolicyError):
        read_full_name(None, dg13=encode_dg13({1: NUMBER}))
    assert read_full_name(encode_dg11("", "Trần<<Văn B"), dg13=card.groups[13]) == "Trần Văn B"
    assert read_full_name(encode_dg11(NUMBER), dg13=card.groups[13]) == NAME


# --- the whole check


RULES = {("VNM", "td1"): PersonalNumberRule(NumberSource.DG13, pattern="[0-9]{12}")}


def verify(state: SyntheticState, card: DocumentBundle, **options: Any) -> VerifiedDocument:
    assert state.chip is not None
    answered = SoftChip(state.chip).answer(card, bytes(8))
    given: dict[str, Any] = {"trust": state.trust_store(), "at": NOW, "rules": RULES, "nonce": bytes(8)}
    return verify_document(bundle=answered, **given | options)


def test_the_whole_card(vietnam: SyntheticState) -> None:
    card = vietnam.issue_vietnamese_card(birth=BIRTH, personal_number=NUMBER, full_name=NAME)
    found = verify(vietnam, card, with_name=True)
    assert (found.personal_number, found.full_name, found.birth) == (NUMBER, NAME, BIRTH)
    assert found.findings == {Finding.NO_REVOCATION_DATA}
    assert verify(vietnam, card).full_name is None


def test_the_day_of_issue_is_held_against_the_signers_key(vietnam: SyntheticState) -> None:
    period = (NOW - timedelta(days=90), NOW - timedelta(days=30))
    signer = vietnam.new_signer(usage_period=period)
    good = vietnam.issue_vietnamese_card(birth=BIRTH, issued=date(2026, 10, 1), signer=signer)
    assert Finding.USAGE_PERIOD_UNCHECKED not in verify(vietnam, good).findings
    late = vietnam.issue_vietnamese_card(birth=BIRTH, issued=date(2026, 11, 20), signer=signer)
    with not_genuine("document_usage_period"):
        verify(vietnam, late)


def test_a_card_without_its_list(vietnam: SyntheticState) -> None:
    card = vietnam.issue_vietnamese_card(birth=BIRTH)
    others = {number: data for number, data in card.others.items() if number != 13}
    with not_genuine("document_groups_missing"):
        verify(vietnam, replace(card, others=others))


def test_the_list_of_another_state_is_another_list() -> None:
    """What France puts into data group 13 is France's: nothing of it is read as if it were Vietnam's."""
    france = SyntheticState("FRA", now=NOW)
    for group in (encode_dg13({1: NUMBER, 2: NAME, 11: "01/07/2024"}), encode_group(13, b"\xff")):
        card = france.issue_card(birth=BIRTH, groups={13: group})
        given: dict[str, Any] = {"bundle": card, "trust": france.trust_store(), "at": NOW}
        verify_document(rules=france.rules(), **given)
        with not_allowed("no_personal_number"):
            rule = PersonalNumberRule(NumberSource.DG13)
            verify_document(rules={("FRA", "td1"): rule}, **given)
        with not_allowed("no_signed_name"):
            verify_document(rules=france.rules(), with_name=True, **given)
