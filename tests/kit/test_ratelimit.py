"""Token buckets: the burst, then the rate, whatever the clock does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonafides.kit.clock import FixedClock
from bonafides.kit.ratelimit import Rate, RateLimitedError, RateLimiter, TokenBucket, is_under
from tests.kit.test_clock import START


@given(st.integers(1, 20), st.floats(0.01, 5), st.lists(st.floats(-100, 100), max_size=60))
def test_never_more_than_burst_and_rate(burst: int, rate: float, steps: list[float]) -> None:
    clock = FixedClock(START)
    bucket = TokenBucket(Rate(burst, rate), clock)
    taken, forward = 0, 0.0
    for step in steps:
        clock.advance(seconds=step)
        forward += max(0.0, step)
        taken += bucket.take() == 0
    assert taken <= burst + rate * forward + 1e-3


@given(st.integers(1, 5), st.floats(0.01, 5))
def test_coming_back_when_told_succeeds(burst: int, rate: float) -> None:
    clock = FixedClock(START)
    bucket = TokenBucket(Rate(burst, rate), clock)
    assert [bucket.take() for _ in range(burst)] == [0] * burst
    wait = bucket.take()
    assert wait >= 1
    clock.advance(seconds=wait + 1e-3)
    assert bucket.take() == 0


def test_the_longest_prefix_counts() -> None:
    limiter = RateLimiter({"/a": Rate(1, 1), "/a/b": Rate(2, 1)}, FixedClock(START))
    assert [limiter.take("/a/b/c") for _ in range(3)] == [0, 0, 1]
    assert [limiter.take("/a/c") for _ in range(2)] == [0, 1]
    assert limiter.take("/other") == 0
    with pytest.raises(RateLimitedError) as caught:
        limiter.check("/a")
    assert caught.value.retry_after_s == 1


def test_prefixes_end_at_slashes() -> None:
    assert is_under("/token", "/token")
    assert is_under("/token/x", "/token")
    assert is_under("/token/x", "/token/")
    assert not is_under("/tokens", "/token")
    assert is_under("/anything", "/")


def test_a_rate_that_stops_everything_is_refused() -> None:
    for burst, rate in ((0, 1.0), (1, 0.0)):
        with pytest.raises(ValueError, match="let something through"):
            Rate(burst, rate)
