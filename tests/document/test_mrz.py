"""ICAO 9303-3, 9303-4 and 9303-5: machine readable zones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonafides.core.document.mrz import Mrz, parse_mrz
from bonafides.core.document.mrz_fields import check_digit
from bonafides.errors import InputError
from bonafides.testing.state import encode_td1, encode_td2, encode_td3
from tests.document.expect import malformed

TODAY = date(2026, 11, 23)
# ICAO 9303-4, appendix B, and 9303-5, appendix B.
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<" + "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<" + "7408122F1204159UTO<<<<<<<<<<<6" + "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
# ICAO 9303-6, appendix B.
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<" + "D231458907UTO7408122F1204159<<<<<<<6"
# ICAO 9303-5, 4.2.2, note j: a document number of twelve characters.
TD1_LONG = "I<UTOD23145890<7349<<<<<<<<<<<" + "3407127M9507122UTO<<<<<<<<<<<2" + "STEVENSON<<PETER<JOHN<<<<<<<<<"


FIELDS = {"state": "UTO", "number": "D23145890", "birth": "740812", "sex": "F", "expires": "320415", "name": "A, B"}


def parse(text: str, reference: date = TODAY) -> Mrz:
    return parse_mrz(text, reference=reference)


def card(**changes: str) -> str:
    return encode_td1(**(FIELDS | changes))


def test_icao_9303_4_specimen_passport() -> None:
    assert parse(TD3) == Mrz(
        kind="td3",
        document_code="P",
        issuing_state="UTO",
        number="L898902C3",
        surname="ERIKSSON",
        given_names="ANNA MARIA",
        nationality="UTO",
        birth=date(1974, 8, 12),
        sex="F",
        expiry=date(2012, 4, 15),
        optional_data=("ZE184226B",),
    )


def test_icao_9303_5_specimen_card() -> None:
    mrz = parse(TD1)
    assert (mrz.kind, mrz.document_code, mrz.issuing_state, mrz.number) == ("td1", "I", "UTO", "D23145890")
    assert (mrz.surname, mrz.given_names, mrz.birth) == ("ERIKSSON", "ANNA MARIA", date(1974, 8, 12))
    assert mrz.optional_data == ("", "")


def test_icao_9303_6_specimen_card() -> None:
    mrz = parse(TD2)
    assert (mrz.kind, mrz.document_code, mrz.issuing_state, mrz.number) == ("td2", "I", "UTO", "D23145890")
    assert (mrz.surname, mrz.given_names, mrz.birth) == ("ERIKSSON", "ANNA MARIA", date(1974, 8, 12))
    assert (mrz.nationality, mrz.sex, mrz.expiry) == ("UTO", "F", date(2012, 4, 15))
    assert mrz.optional_data == ("",)


def test_icao_9303_6_long_document_number() -> None:
    """9303-6, 4.2.2, note j, as on the smaller card."""
    good = encode_td2(**FIELDS | {"number": "D23145890734"})
    assert parse(good).number == "D23145890734"
    for rest in ("<" * 7, "7<<<<<<", "7348<<<"):
        with malformed("mrz_check_digit"):
            parse(good[:64] + rest + good[71:])


@pytest.mark.parametrize(
    "issuer", ["UTO", "UNO", "UNA", "UNK", "EUE", "XOM", "XXA", "XXB", "XXC", "XXX", "RKS", "XPO", "XBA", "GBD"]
)
def test_issuers_that_are_no_states(issuer: str) -> None:
    """ICAO 9303-3, 5, parts B to D."""
    for encode in (encode_td1, encode_td2, encode_td3):
        mrz = parse(encode(**FIELDS | {"state": issuer}))
        assert (mrz.issuing_state, mrz.nationality) == (issuer, issuer)


def test_icao_9303_5_long_document_number() -> None:
    mrz = parse(TD1_LONG)
    assert mrz.number == "D23145890734"
    assert mrz.optional_data == ("", "")
    assert parse(card(number="D23145890734", personal_number="A1234")).optional_data == ("A1234", "")


def test_long_document_number_needs_its_check_digit() -> None:
    good = card(number="D23145890734")
    for rest in ("<" * 15, "7" + "<" * 14, "7348" + "<" * 11):
        with malformed("mrz_check_digit"):
            parse(good[:15] + rest + good[30:])


def test_repr_names_nobody() -> None:
    text = repr(parse(TD3))
    for part in ("ERIKSSON", "ANNA", "L898902C3", "1974", "2012", "ZE184226B"):
        assert part not in text


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        (TD3, [44 + i for i in range(43) if i not in (10, 11, 12, 20)]),  # nationality and sex have no check digit
        (TD1, [*range(5, 30), *range(30, 37), *range(38, 45), *range(48, 59)]),
        (TD2, [36 + i for i in range(35) if i not in (10, 11, 12, 20)]),
    ],
)
def test_every_checked_character_counts(text: str, positions: list[int]) -> None:
    """A changed character under a check digit is noticed (9303-3, 4.9)."""
    for position in positions:
        old = text[position]
        new = "1" if old in "0<" else "0"
        with pytest.raises(InputError):
            parse(text[:position] + new + text[position + 1 :])


@pytest.mark.parametrize("position", [44 + 9, 44 + 19, 44 + 27, 44 + 42, 44 + 43])
def test_each_check_digit_of_a_passport_is_checked_by_itself(position: int) -> None:
    """The composite is made right again, so that the one check digit alone is wrong."""
    wrong = str((int(TD3[position]) + 1) % 10)
    text = TD3[:position] + wrong + TD3[position + 1 :]
    line2 = text[44:]
    if position != 44 + 43:
        text = text[:87] + check_digit(line2[:10] + line2[13:20] + line2[21:43])
    with malformed("mrz_check_digit"):
        parse(text)


@pytest.mark.parametrize("position", [36 + 9, 36 + 19, 36 + 27, 36 + 35])
def test_each_check_digit_of_a_td2_is_checked_by_itself(position: int) -> None:
    wrong = str((int(TD2[position]) + 1) % 10)
    text = TD2[:position] + wrong + TD2[position + 1 :]
    line2 = text[36:]
    if position != 71:
        text = text[:71] + check_digit(line2[:10] + line2[13:20] + line2[21:35])
    with malformed("mrz_check_digit"):
        parse(text)


@pytest.mark.parametrize("position", [14, 36, 44, 59])
def test_each_check_digit_of_a_card_is_checked_by_itself(position: int) -> None:
    wrong = str((int(TD1[position]) + 1) % 10)
    text = TD1[:position] + wrong + TD1[position + 1 :]
    if position != 59:
        composite = check_digit(text[5:30] + text[30:37] + text[38:45] + text[48:59])
        text = text[:59] + composite + text[60:]
    with malformed("mrz_check_digit"):
        parse(text)


def test_empty_personal_number_may_have_a_filler_for_check_digit() -> None:
    text = encode_td3(state="UTO", number="L898902C3", birth="740812", sex="F", expires="320415", name="A, B")
    for filler in "0<":
        line2 = text[44:86] + filler
        line2 += check_digit(line2[:10] + line2[13:20] + line2[21:43])
        assert parse(text[:44] + line2).optional_data == ("",)
    line2 = text[44:86] + "1"
    with pytest.raises(InputError):
        parse(text[:44] + line2 + check_digit(line2[:10] + line2[13:20] + line2[21:43]))


def test_germany_writes_one_letter() -> None:
    mrz = parse(card(state="DEU"))
    assert (mrz.issuing_state, mrz.nationality) == ("DEU", "DEU")
    assert "D<<" in card(state="DEU")


@pytest.mark.parametrize(
    ("text", "reference", "birth"),
    [
        ("261123", date(2026, 11, 23), date(2026, 11, 23)),
        ("261124", date(2026, 11, 23), date(1926, 11, 24)),
        ("000229", date(2026, 11, 23), date(2000, 2, 29)),
        ("99<<<<", date(2026, 11, 23), date(1999, 12, 31)),
        ("990000", date(2026, 11, 23), date(1999, 12, 31)),
        ("9902<<", date(2026, 11, 23), date(1999, 2, 28)),
        ("0002<<", date(2026, 11, 23), date(2000, 2, 29)),
        ("26<<<<", date(2026, 6, 1), date(2026, 6, 1)),
        ("2612<<", date(2026, 6, 1), date(1926, 12, 31)),
        ("<<<<<<", date(2026, 6, 1), None),
    ],
)
def test_birth_date_is_the_latest_that_fits_in_the_past(text: str, reference: date, birth: date | None) -> None:
    assert parse(card(birth=text), reference).birth == birth


@pytest.mark.parametrize("text", ["741332", "740230", "7408<1", "7<0812", "AB0812"])
def test_birth_date_that_is_none(text: str) -> None:
    with malformed("mrz_date"):
        parse(card(birth=text))


@pytest.mark.parametrize("text", ["<<<<<<", "3213<<", "320230", "3204<<"])
def test_expiry_must_be_a_day(text: str) -> None:
    with malformed("mrz_date"):
        parse(card(expires=text))


def test_expiry_of_a_card_for_life() -> None:
    assert parse(card(expires="991231")).expiry == date(2099, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TD1[:-1],
        TD3 + "<",
        TD3.lower(),
        TD1[:40] + "\n" + TD1[41:],
        TD3[:-1] + "\n",
        "V" + TD3[1:],  # a visa (ICAO 9303-7)
        "P" + TD1[1:],
        "I<123" + TD1[5:],
        TD1[:45] + "<<<" + TD1[48:],
        TD1[:37] + "Q" + TD1[38:],
        "P" + TD2[1:],
        "V" + TD2[1:],  # a visa (ICAO 9303-7)
        "١" * 90,
    ],
)
def test_what_is_no_zone_of_a_passport_or_card(text: str) -> None:
    with malformed("mrz_format"):
        parse(text)


@pytest.mark.parametrize(
    ("field", "surname", "given"),
    [
        ("NGUYỄN, THỊ ĐÀO", "NGUYEN", "THI DAO"),
        ("ERIKSSON", "ERIKSSON", ""),
        ("VAN DER MUELLEN, LILLY", "VAN DER MUELLEN", "LILLY"),
    ],
)
def test_names(field: str, surname: str, given: str) -> None:
    mrz = parse(card(name=field))
    assert (mrz.surname, mrz.given_names) == (surname, given)


@given(
    number=st.text("ABC0123456789", min_size=1, max_size=9),
    personal=st.text("XYZ0123456789", max_size=7),
    birth=st.dates(date(1927, 1, 1), TODAY),
    expires=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    sex=st.sampled_from("MFX"),
)
def test_round_trip(number: str, personal: str, birth: date, expires: date, sex: str) -> None:
    for encode in (encode_td1, encode_td2, encode_td3):
        mrz = parse(
            encode(
                state="VNM", number=number, birth=f"{birth:%y%m%d}", sex=sex, expires=f"{expires:%y%m%d}",
                name="NGUYEN, VAN A", personal_number=personal,
            )
        )  # fmt: skip
        assert (mrz.number, mrz.optional_data[0], mrz.birth, mrz.expiry, mrz.sex) == (
            number, personal, birth, expires, sex
        )  # fmt: skip
