"""Profile §2: epochs, the header that is the same for all, and the slots' vocabulary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonafides.core import cbor
from bonafides.core.credential import slots
from bonafides.core.credential.commitment import verify_commitment
from bonafides.core.credential.epoch import CHANGEOVER, accepted_epochs, epoch_of, monday_of, shift, weeks_between
from bonafides.core.credential.header import Header, decode_header
from bonafides.core.credential.issuance import decode_credential, open_issued, sign_credential
from bonafides.core.credential.slots import Person, check_value, check_values
from bonafides.errors import InputError, VerificationError
from tests.core.credential.roundtrip import HEADERS, PUBLIC_KEY, Holder
from tests.vectors import fixed

INSTANTS = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - the zone comes from `timezones`
    max_value=datetime(9998, 12, 31),  # noqa: DTZ001
    timezones=st.timezones() | st.just(UTC),
)


@given(INSTANTS)
def test_an_instant_lies_in_the_week_of_its_monday(at: datetime) -> None:
    monday = monday_of(epoch_of(at))
    assert monday.weekday() == 0
    assert monday.utcoffset() == timedelta(0)
    assert (monday.hour, monday.minute, monday.second, monday.microsecond) == (0, 0, 0, 0)
    assert monday <= at < monday + timedelta(weeks=1)
    assert epoch_of(at) == at.astimezone(UTC).strftime("%G-W%V").zfill(8)


@given(INSTANTS)
def test_the_epoch_before_is_accepted_in_the_first_hour_only(at: datetime) -> None:
    accepted = accepted_epochs(at)
    assert accepted[0] == epoch_of(at)
    assert accepted[1:] == ((shift(accepted[0], -1),) if at - monday_of(accepted[0]) < CHANGEOVER else ())
    assert len({*accepted}) == len(accepted) <= 2


def test_the_hour_ends_to_the_microsecond() -> None:
    monday = monday_of("2026-W48")
    last = monday + timedelta(hours=1) - timedelta(microseconds=1)
    assert accepted_epochs(monday) == accepted_epochs(last) == ("2026-W48", "2026-W47")
    assert accepted_epochs(monday + timedelta(hours=1)) == ("2026-W48",)
    assert accepted_epochs(monday - timedelta(microseconds=1)) == ("2026-W47",)


def test_time_zones_do_not_matter_and_none_is_an_error() -> None:
    hanoi = timezone(timedelta(hours=7))
    assert epoch_of(datetime(2026, 11, 30, 6, 59, tzinfo=hanoi)) == "2026-W48"
    assert epoch_of(datetime(2026, 11, 30, 7, 0, tzinfo=hanoi)) == "2026-W49"
    # Without a time zone an instant would be read in that of the machine.
    for function in (epoch_of, accepted_epochs):
        with pytest.raises(ValueError, match="zone"):
            function(datetime(2026, 11, 30, 6, 59))  # noqa: DTZ001


@given(st.dates(min_value=date(2000, 1, 3), max_value=date(3000, 1, 1)), st.integers(-2000, 2000))
def test_shifting_counts_weeks(day: date, weeks: int) -> None:
    start = epoch_of(datetime(day.year, day.month, day.day, tzinfo=UTC))
    moved = shift(start, weeks)
    assert weeks_between(start, moved) == weeks
    assert shift(moved, -weeks) == start


@pytest.mark.parametrize(
    ("start", "weeks"), [("0001-W01", -1), ("9999-W52", 1), ("2026-W48", 10**6), ("2026-W48", 10**20)]
)
def test_there_are_ends_of_time(start: str, weeks: int) -> None:
    with pytest.raises(InputError):
        shift(start, weeks)


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{4}-W[0-9]{2}", fullmatch=True))
def test_an_epoch_has_one_spelling(text: str) -> None:
    try:
        monday = monday_of(text)
    except InputError:
        return
    assert epoch_of(monday) == text


def test_headers_differ_in_every_field() -> None:
    base = Header("id.uto.example", "person", "k1", "2026-W48")
    all_headers = [
        base,
        Header("id.uto.exampl", "person", "k1", "2026-W48"),
        Header("id.uto.example", "name", "k1", "2026-W48"),
        Header("id.uto.example", "person", "k2", "2026-W48"),
        Header("id.uto.example", "person", "k1", "2026-W49"),
    ]
    assert len({header.encode() for header in all_headers}) == len(all_headers)
    assert all(decode_header(header.encode()) == header for header in all_headers)


def test_a_holder_takes_the_published_header_only() -> None:
    """A header of one's own is how an issuer would tag a person."""
    tagged = Header(fixed.ISSUER, "person", "k1-alice", "2026-W48")
    replies = [fixed.issue(fixed.NEXT_HEADER), fixed.issue(fixed.NAME_HEADER, fixed.NAME_VALUES), tag(tagged)]
    for data in replies:
        with pytest.raises(VerificationError) as caught:
            open_issued(
                data=data,
                secret=fixed.SECRET,
                blind=fixed.commitment()[1],
                expected_header=fixed.HEADER.encode(),
                expected_key=fixed.PUBLIC_KEY,
            )
        assert caught.value.code == "header"


def tag(header: Header) -> bytes:
    """An issuer that signs under another header than the one the commitment was made for."""
    verified = verify_commitment(data=fixed.commitment()[0], expected_binding=fixed.binding())
    swapped = replace(verified, epochs=((header.encode(), fixed.PUBLIC_KEY), verified.epochs[1]))
    return sign_credential(
        secret_key=fixed.SECRET_KEY,
        public_key=fixed.PUBLIC_KEY,
        header=header,
        values=fixed.VALUES,
        commitment=swapped,
    )


def test_an_issuer_signs_under_the_headers_and_keys_of_the_session_only() -> None:
    verified = verify_commitment(data=fixed.commitment()[0], expected_binding=fixed.binding())
    for header, key in (
        (fixed.HEADER, fixed.NEXT_KEY),
        (fixed.NEXT_HEADER, fixed.PUBLIC_KEY),
        (Header(fixed.ISSUER, "person", "k1", "2026-W50"), fixed.PUBLIC_KEY),
    ):
        with pytest.raises(VerificationError):
            sign_credential(
                secret_key=fixed.SECRET_KEY, public_key=key, header=header, values=fixed.VALUES, commitment=verified
            )


def test_a_holder_takes_the_published_key_only() -> None:
    with pytest.raises(VerificationError):
        open_issued(
            data=fixed.issue(),
            secret=fixed.SECRET,
            blind=fixed.commitment()[1],
            expected_header=fixed.HEADER.encode(),
            expected_key=fixed.NEXT_KEY,
        )


def test_a_credential_opens_for_its_own_secret_and_blind_only() -> None:
    blind = fixed.commitment()[1]
    for secret, prover_blind in ((fixed.OTHER_SECRET, blind), (fixed.SECRET, blind + 1)):
        with pytest.raises(VerificationError):
            open_issued(
                data=fixed.issue(),
                secret=secret,
                blind=prover_blind,
                expected_header=fixed.HEADER.encode(),
                expected_key=fixed.PUBLIC_KEY,
            )


def test_a_stored_credential_comes_back_whole() -> None:
    credential = Holder().enrol()
    assert decode_credential(credential.encode()) == credential
    assert credential.header == HEADERS[0]
    assert credential.public_key == PUBLIC_KEY


def test_the_order_of_slots_is_fixed() -> None:
    assert slots.TYPES == {
        "person": ("assurance", "settled", "age_over_13", "age_over_16", "age_over_18", "country"),
        "name": ("full_name",),
    }
    assert slots.ASSURANCES == ("chip", "chip_genuine", "chip_genuine_face", "in_person")


def test_no_two_values_share_a_message() -> None:
    flags: list[slots.SlotValue] = [True, False]
    examples: list[list[slots.SlotValue]] = [list(slots.ASSURANCES), flags, flags, flags, flags, ["UTO", "DEU", "VNM"]]
    seen = [slots.message("person", i, value) for i, values in enumerate(examples) for value in values]
    seen.append(slots.message("name", 0, "UTO"))
    assert len(set(seen)) == len(seen)
    assert cbor.decode(seen[0]) == ["assurance", "chip"]


ANYTHING = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.lists(st.booleans()) | st.floats()


@given(st.sampled_from(["person", "name", "other"]), st.integers(-3, 9), ANYTHING)
def test_a_value_outside_the_vocabulary_is_refused(kind: str, index: int, value: object) -> None:
    try:
        checked = check_value(kind, index, value)
    except InputError:
        return
    assert checked is value
    assert isinstance(value, bool) == (kind == "person" and Person.SETTLED <= index < Person.COUNTRY)
    assert kind in slots.TYPES
    assert 0 <= index < len(slots.TYPES[kind])


@pytest.mark.parametrize("index", [True, False, -1, 6, 2**64])
def test_a_slot_is_a_plain_number_in_range(index: int) -> None:
    with pytest.raises(InputError):
        check_value("person", index, True)


@given(st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_age_flags_rise_together(ages: tuple[bool, bool, bool]) -> None:
    values = ["chip", True, *ages, "UTO"]
    if sorted(ages, reverse=True) == list(ages):
        assert list(check_values("person", values)) == values
    else:
        with pytest.raises(InputError):
            check_values("person", values)


@pytest.mark.parametrize("values", [None, "chip", b"chip", {}, 7, [], [["chip"]], ["chip"] * 6])
def test_a_list_of_values_is_a_list_of_values(values: object) -> None:
    with pytest.raises(InputError):
        check_values("person", values)
