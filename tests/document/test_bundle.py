"""What a wallet sends."""

from dataclasses import replace
from typing import Any

import pytest

from bonafides.core import base64url
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
    proven = replace(bundle, active_authentication=b"proof")
    assert proven.to_json().keys() == {*sent, "active_authentication"}
    assert DocumentBundle.from_json(proven.to_json()) == proven
    assert "proof" not in repr(proven)


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
        {"sod": "AA", "dg1": "AA", "active_authentication": None},
        {"sod": "AA", "dg1": "AA", "active": "AA"},
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
        DocumentBundle.from_json({"sod": "AA", "dg1": "AAAA"}, limits=Limits(dg1_bytes=2))
    large = base64url.encode(bytes(100_000))
    assert len(DocumentBundle.from_json({"sod": "AA", "dg1": "AA", "dg2": large}).others[2]) == 100_000
    for name in ("sod", "dg1", "dg3", "dg13", "active_authentication"):
        with pytest.raises(InputError):
            DocumentBundle.from_json({"sod": "AA", "dg1": "AA"} | {name: large})
    with pytest.raises(InputError):
        DocumentBundle.from_json({"sod": "AA", "dg1": "AA", "dg2": base64url.encode(bytes(256 * 1024 + 1))})


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
