"""The full name in data group 11 (ICAO 9303-10, 4.7.11): read when asked for, and at no other time."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from bonafides.core.document import VerifiedDocument, read_full_name, verify_document
from bonafides.core.document.dg11 import parse_dg11, parse_dg11_name
from bonafides.errors import InputError, PolicyError
from bonafides.testing.state import SyntheticState, encode_dg11, encode_group, encode_tlv
from tests.document.conftest import BIRTH, NOW, NUMBER
from tests.document.expect import not_genuine

WRITTEN, NAME = "Nguyễn<<Văn An", "Nguyễn Văn An"


def verify(state: SyntheticState, *, dg11: bool = False, with_name: bool = True, **card: Any) -> VerifiedDocument:
    bundle = state.issue_card(birth=BIRTH, personal_number=NUMBER, dg11=dg11, **card)
    return verify_document(
        bundle=bundle, trust=state.trust_store(), at=NOW, rules=state.rules(dg11=dg11), with_name=with_name
    )


@pytest.mark.parametrize("dg11", [False, True])
@pytest.mark.parametrize("kind", ["td1", "td3"])
def test_the_name_is_read_when_asked_for(state: SyntheticState, dg11: bool, kind: Any) -> None:
    verified = verify(state, dg11=dg11, kind=kind, full_name=WRITTEN)
    assert (verified.full_name, verified.personal_number) == (NAME, NUMBER)
    assert "Nguy" not in repr(verified)


def test_the_name_is_not_read_unasked(state: SyntheticState) -> None:
    assert verify(state, dg11=True, with_name=False, full_name=WRITTEN).full_name is None
    # Not even one that nobody could decode.
    broken = encode_group(11, encode_tlv(0x5F0E, b"\xff") + encode_tlv(0x5F10, NUMBER.encode()))
    bundle = state.issue_card(birth=BIRTH, groups={11: broken})
    given: dict[str, Any] = {"trust": state.trust_store(), "at": NOW, "rules": state.rules(dg11=True)}
    assert verify_document(bundle=bundle, **given).personal_number == NUMBER
    with pytest.raises(InputError) as caught:
        verify_document(bundle=bundle, with_name=True, **given)
    assert caught.value.code == "document_dg11"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (WRITTEN, NAME),
        (unicodedata.normalize("NFD", WRITTEN), NAME),
        ("ĐẶNG<<THỊ<BÍCH<HẢI<<<<", "ĐẶNG THỊ BÍCH HẢI"),
        ("O'CONNOR-ŠIMIĆ<<ENYA", "O'CONNOR-ŠIMIĆ ENYA"),
        ("Suharto", "Suharto"),
        ("Suharto<<", "Suharto"),
        ("王<<小明", "王 小明"),
    ],
)
def test_spelling(written: str, name: str) -> None:
    assert read_full_name(encode_dg11("", written)) == name


@pytest.mark.parametrize("written", ["", "<<", "  ", "12345", "A\nB", "A\u2028B", "A\u200bB", "\ufeffAn", "A" * 201])
def test_what_no_slot_can_hold_is_no_name(written: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_full_name(encode_dg11(NUMBER, written))
    assert caught.value.code == "no_signed_name"


@pytest.mark.parametrize("card", [{}, {"dg11": True}, {"full_name": ""}])
def test_a_document_without_a_signed_name(state: SyntheticState, card: dict[str, Any]) -> None:
    """The zone has a name, and it is not taken."""
    with pytest.raises(PolicyError) as caught:
        verify(state, **card)
    assert caught.value.code == "no_signed_name"


def test_a_name_that_is_signed_must_be_read(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, full_name=WRITTEN)
    given: dict[str, Any] = {"trust": state.trust_store(), "at": NOW, "rules": state.rules(), "with_name": True}
    with not_genuine("document_groups_missing"):
        verify_document(bundle=replace(bundle, dg11=None), **given)
    with not_genuine("document_hash"):
        verify_document(bundle=replace(bundle, dg11=encode_dg11("", "Trần<<Văn An")), **given)
    with not_genuine("document_injected_group"):
        verify_document(bundle=replace(state.issue_card(birth=BIRTH), dg11=encode_dg11("", WRITTEN)), **given)


def test_number_and_name_are_read_one_without_the_other() -> None:
    both = encode_dg11(NUMBER, WRITTEN)
    assert (parse_dg11(both), parse_dg11_name(both)) == (NUMBER, "Nguyễn<<Văn<An")
    assert parse_dg11(encode_dg11("", WRITTEN)) is None
    assert parse_dg11_name(encode_dg11(NUMBER)) is None
    assert parse_dg11(encode_group(11, encode_tlv(0x5F0E, b"\xff"))) is None
    assert parse_dg11_name(encode_group(11, encode_tlv(0x5F10, b"\xff"))) is None


def test_two_names_are_none() -> None:
    name = encode_tlv(0x5F0E, b"An")
    with pytest.raises(InputError) as caught:
        read_full_name(encode_group(11, name + name))
    assert caught.value.code == "document_dg11"
