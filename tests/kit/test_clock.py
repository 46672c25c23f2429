"""Clocks: aware and in UTC, movable where they may be."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bonafides.errors import ConfigError
from bonafides.kit.clock import Clock, FileClock, FixedClock, SystemClock

START = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def test_the_system_clock_is_aware_and_goes_forward() -> None:
    clock: Clock = SystemClock()
    first = clock.now()
    assert first.utcoffset() == timedelta()
    assert clock.now() >= first


def test_the_fixed_clock_moves_only_when_moved() -> None:
    clock = FixedClock(START.astimezone(timezone(timedelta(hours=7))))
    assert clock.now() == START
    assert clock.now().tzinfo is UTC
    assert clock.advance(days=1, hours=2) == START + timedelta(hours=26)
    assert clock.advance(timedelta(minutes=-1)) == clock.now()
    clock.set(START)
    assert clock.now() == START


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        FixedClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test


def test_a_clock_file_moves_all_who_share_it(tmp_path: Path) -> None:
    one, other = (FileClock(tmp_path / "now", developer_mode=True) for _ in range(2))
    one.set(START)
    assert other.now() == START
    other.advance(days=7)
    assert one.now() == START + timedelta(days=7)
    assert [each.name for each in tmp_path.iterdir()] == ["now"]


@pytest.mark.parametrize("content", [None, b"", b"tomorrow", b"2026-11-23T08:30:00", b"\xff"])
def test_a_clock_file_without_a_time_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "now").write_bytes(content)
    with pytest.raises(ConfigError, match="write an ISO time with its zone"):
        FileClock(tmp_path / "now", developer_mode=True).now()


def test_a_clock_file_is_for_developers() -> None:
    with pytest.raises(ConfigError, match="developer mode only"):
        FileClock(Path("now"), developer_mode=False)
