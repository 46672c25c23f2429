"""What a wallet sends."""

from typing import Any

import pytest

from bonafides.core.document import DocumentBundle, Limits
from bonafides.errors import InputError
from bonafides.testing.state import SyntheticState, encode_group
from tests.document.conftest import BIRTH
from tests.document.expect import malformed


def test_round_trip(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, dg11=True, groups={13: encode_group(13, b"x"), 15: encode_group(15, b"y")})
    sent = bundle.to_json()
    assert sent.keys() == {"sod", "dg1", "dg11", "dg13", "dg15"}
    assert DocumentBundle.from_json(sent) == bundle
    assert DocumentBundle.from_json(sent).groups.keys() == {1, 11, 13, 15}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "",
        {},
        {"sod": "AA"},
        {"dg1": "AA"},
        {"sod": "AA", "dg1": "AA", "dg17": "AA"},
        {"sod": "AA", "dg1": "AA", "dg0": "AA"},
        {"sod": "AA", "dg1": "AA", "com": "AA"},
        {"sod": "AA", "dg1": "AA", 1: "AA"},
        {"sod": "AA", "dg1": None},
        {"sod": "AA", "dg1": "AA", "dg11": None},
        {"sod": "AA", "dg1": "AA=="},
        {"sod": "AA", "dg1": "AB"},
        {"sod": "AA", "dg1": "A"},
        {"sod": "AA", "dg1": "A+/A"},
        {"sod": "AA", "dg1": "AA\n"},
        {"sod": "AA", "dg1": b"AA"},
        {"sod": ["AA"], "dg1": "AA"},
    ],
)
def test_what_is_no_bundle(value: Any) -> None:
    with pytest.raises(InputError):
        DocumentBundle.from_json(value)


def test_sizes_are_bounded() -> None:
    with pytest.raises(InputError):
        DocumentBundle.from_json({"sod": "AAAA", "dg1": "AA"}, limits=Limits(sod_bytes=2))
    with pytest.raises(InputError):
        DocumentBundle.from_json({"sod": "AA", "dg1": "AAAA"}, limits=Limits(group_bytes=2))


def test_a_group_has_one_place() -> None:
    for number in (0, 1, 11, 17):
        with malformed("document_bundle"):
            DocumentBundle(dg1=b"", sod=b"", others={number: b""})


def test_other_groups_do_not_change() -> None:
    mine = {13: b"x"}
    bundle = DocumentBundle(dg1=b"", sod=b"", others=mine)
    mine[13] = b"y"
    assert bundle.others == {13: b"x"}
    with pytest.raises(TypeError):
        bundle.others[13] = b"z"  # type: ignore[index]
