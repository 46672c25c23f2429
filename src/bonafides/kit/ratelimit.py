"""Token buckets per route. Not per address: no address is kept, and people behind one address are many."""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from bonafides.errors import PolicyError
from bonafides.kit.clock import Clock


class RateLimitedError(PolicyError):
    """Too many at once; trying again after `retry_after_s` may help."""

    default_code = "rate_limited"
    http_status = 429

    def __init__(self, message: str = "", *, code: str | None = None, retry_after_s: int = 1) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Rate:
    """So many at once, and so many a second in the long run."""

    burst: int
    per_second: float

    def __post_init__(self) -> None:
        if self.burst < 1 or self.per_second <= 0:
            raise ValueError("a rate must let something through")


class TokenBucket:
    """Counts one route's requests; safe to share between threads."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = float(rate.burst)
        self._filled = clock.now()

    def take(self) -> int:
        """Take a token and return 0, or return after how many seconds one will be there."""
        with self._lock:
            now = self._clock.now()
            # A clock set back must neither fill nor empty the bucket.
            elapsed = max(0.0, (now - self._filled).total_seconds())
            self._tokens = min(float(self._rate.burst), self._tokens + elapsed * self._rate.per_second)
            self._filled = now
            if self._tokens >= 1:
                self._tokens -= 1
                return 0
            return max(1, math.ceil((1 - self._tokens) / self._rate.per_second))


class RateLimiter:
    """A bucket for each path prefix; the longest prefix that fits counts."""

    def __init__(self, rates: Mapping[str, Rate], clock: Clock) -> None:
        self._buckets = sorted(
            ((prefix, TokenBucket(rate, clock)) for prefix, rate in rates.items()),
            key=lambda pair: len(pair[0]),
            reverse=True,
        )

    def take(self, path: str) -> int:
        """Count a request for `path`: 0 if it may pass, else seconds to wait."""
        for prefix, bucket in self._buckets:
            if is_under(path, prefix):
                return bucket.take()
        return 0

    def check(self, path: str) -> None:
        """Count a request for `path`; RateLimitedError if it comes too early."""
        wait = self.take(path)
        if wait:
            raise RateLimitedError(retry_after_s=wait)


def is_under(path: str, prefix: str) -> bool:
    """Tell whether `path` is `prefix` or lies below it; `/token` does not cover `/tokens`."""
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")
