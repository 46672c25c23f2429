"""Hostile bytes: nothing but our own refusals leaves the core, and nothing changed is accepted.

How many inputs each target gets is set by BONAFIDES_FUZZ_INPUTS; those that reach the curve get a twentieth.
"""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutate import OCTETS, TEXTS, mutate
from tests.fuzz.targets import FindingError, Target, all_targets

INPUTS = int(os.environ.get("BONAFIDES_FUZZ_INPUTS", "400"))
TARGETS = {target.name: target for target in all_targets()}


def inputs_for(target: Target) -> int:
    """How many inputs this target gets."""
    return max(1, INPUTS // 20 if target.dear and INPUTS > 4000 else INPUTS // 2 if target.dear else INPUTS)


@pytest.mark.parametrize("name", TARGETS)
def test_good_inputs_are_good(name: str) -> None:
    """Of each target at least one seed goes all the way, else the rest would test the first check alone."""
    target = TARGETS[name]
    accepted = [target.run(seed) for seed in target.seeds]
    assert any(accepted)


@pytest.mark.parametrize("name", TARGETS)
def test_spoilt_inputs_end_in_our_refusals(name: str) -> None:
    target = TARGETS[name]
    random = Random(f"bonafides/{name}")
    pool = list(target.seeds)
    for _ in range(inputs_for(target)):
        data = mutate(random, random.choice(pool), target.seeds, target.shape)
        target.run(data)
        # What was spoilt once is spoilt again now and then, to get further from the good inputs.
        if random.random() < 0.05 and len(data) < 4096:
            pool = [*target.seeds, *pool[-20:], data]


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_end_in_our_refusals(name: str) -> None:
    target = TARGETS[name]

    @st.composite
    def edited(draw: st.DrawFn) -> bytes:
        data = draw(st.sampled_from(target.seeds))
        for _ in range(draw(st.integers(0, 3))):
            start, length = draw(st.integers(0, len(data))), draw(st.integers(0, 64))
            piece = draw(st.binary(max_size=4) | st.sampled_from(OCTETS) | st.sampled_from(TEXTS).map(str.encode))
            data = data[:start] + piece + data[start + length :]
        return data

    @settings(
        max_examples=max(20, min(inputs_for(target) // 20, 2000)),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(edited() | st.binary(max_size=600) | st.text(max_size=300).map(str.encode))
    def run(data: bytes) -> None:
        target.run(data)

    run()


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\xff" * 5000, b"\x00" * 300_000, b"\x81" * 5000, b"[" * 5000, b"a" * 5000]
)
def test_extremes_end_in_our_refusals(name: str, data: bytes) -> None:
    TARGETS[name].run(data)


def test_a_finding_is_not_a_refusal() -> None:
    """The net itself: what a target raises beside our refusals comes out."""

    def attempt(data: bytes) -> None:
        if data == b"bug":
            raise IndexError
        if data == b"hole":
            raise FindingError("accepted")

    target = Target("example", (b"",), attempt)
    assert target.run(b"fine")
    with pytest.raises(IndexError):
        target.run(b"bug")
    with pytest.raises(FindingError):
        target.run(b"hole")
