"""Profile §5: what a presentation is, and everything it is not."""

from dataclasses import replace

import pytest

from bonafides.core import cbor
from bonafides.core.credential.context import Context
from bonafides.core.credential.presentation import decode_presentation, present, proof_length, verify_presentation
from bonafides.core.credential.slots import Person
from bonafides.errors import Error, InputError, VerificationError
from tests.core.credential.roundtrip import HEADERS, Holder, expectation

ACCOUNT = Context("account", "forum.example")


def test_round_trip_shows_one_pseudonym_and_the_chosen_slots() -> None:
    holder = Holder()
    credential = holder.enrol()
    for chosen in ({1}, {0, 1}, {0, 1, 2, 3, 4, 5}):
        data = present(credential=credential, secret=holder.secret, context=ACCOUNT, disclose=chosen, ph=b"ph")
        decoded = decode_presentation(data)
        assert len(decoded.proof) == 528 - 32 * len(chosen) == proof_length("person", len(chosen))
        verified = verify_presentation(presentation=decoded, expected=expectation(ACCOUNT, required=frozenset(chosen)))
        assert verified.pseudonym == holder.secret.pseudonym(ACCOUNT)
        assert verified.disclosed == {i: holder.values[i] for i in chosen}
        assert verified.header == HEADERS[0]


def test_same_person_same_pseudonym_here_another_elsewhere() -> None:
    holder = Holder()
    assert holder.secret.pseudonym(ACCOUNT) == holder.secret.pseudonym(ACCOUNT)
    assert holder.secret.pseudonym(ACCOUNT) != holder.secret.pseudonym(Context("account", "other.example"))
    assert holder.secret.pseudonym(ACCOUNT) != Holder().secret.pseudonym(ACCOUNT)


def test_settled_cannot_be_hidden() -> None:
    holder = Holder()
    credential = holder.enrol()
    with pytest.raises(InputError):
        present(credential=credential, secret=holder.secret, context=ACCOUNT, disclose={0}, ph=b"ph")


@pytest.mark.parametrize(
    "changed",
    [
        {"context": Context("account", "other.example")},
        {"context": Context("party", "forum.example", "case")},
        {"ph": b"another session"},
        {"keys": {HEADERS[1].encode(): b""}},
        {"required": frozenset({0, 1})},
        {"requested": frozenset[int]()},
    ],
)
def test_anything_else_than_what_was_asked_for_is_refused(changed: dict[str, object]) -> None:
    holder = Holder()
    data = present(credential=holder.enrol(), secret=holder.secret, context=ACCOUNT, disclose={1}, ph=b"ph")
    expected = replace(expectation(ACCOUNT), **changed)  # type: ignore[arg-type]
    with pytest.raises(VerificationError):
        verify_presentation(presentation=decode_presentation(data), expected=expected)


def test_a_changed_value_or_pseudonym_is_refused() -> None:
    holder = Holder()
    data = present(credential=holder.enrol(), secret=holder.secret, context=ACCOUNT, disclose={1}, ph=b"ph")
    decoded = decode_presentation(data)
    other = Holder().secret.pseudonym(ACCOUNT)
    for forged in (replace(decoded, disclosed={Person.SETTLED: False}), replace(decoded, pseudonym=other)):
        with pytest.raises(VerificationError):
            verify_presentation(presentation=forged, expected=expectation(ACCOUNT))


def test_decoder_refuses_what_is_not_a_presentation() -> None:
    holder = Holder()
    data = present(credential=holder.enrol(), secret=holder.secret, context=ACCOUNT, disclose={1}, ph=b"ph")
    fields = cbor.decode(data)
    assert isinstance(fields, list)
    for position, wrong in (
        (0, "bonafides/2"),
        (1, b""),
        (2, "login"),
        (3, "detail"),
        (4, {1: "yes"}),
        (4, {"1": True}),
        (4, {6: True}),
        (5, bytes(47)),
        (6, fields[6][:-32]),
    ):
        changed = [*fields[:position], wrong, *fields[position + 1 :]]
        with pytest.raises(InputError):
            decode_presentation(cbor.encode(changed))
    for whole in (b"", data[:-1], data + b"\0", bytes(5000)):
        with pytest.raises(Error):
            decode_presentation(whole)
