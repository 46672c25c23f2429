"""Work in the background follows the injected clock, and no failure ends it."""

import time
from datetime import UTC, datetime, timedelta

from bonafides.kit.clock import FixedClock
from bonafides.kit.upkeep import Job, Upkeep


def test_upkeep_follows_the_clock_and_survives_failures() -> None:
    clock, done = FixedClock(datetime(2026, 11, 25, 10, tzinfo=UTC)), list[str]()

    def fail(_now: object) -> None:
        done.append("failed")
        raise RuntimeError

    jobs = [Job(fail, timedelta(minutes=1)), Job(lambda _: done.append("done"), timedelta(minutes=5))]
    upkeep = Upkeep("office", jobs, clock=clock)
    upkeep.tick()
    upkeep.tick()
    assert done == ["failed", "done"]
    clock.advance(minutes=1)
    upkeep.tick()
    assert done == ["failed", "done", "failed"]
    clock.advance(days=-1)
    upkeep.tick()
    assert done[3:] == ["failed", "done"]
    upkeep.stop()


def test_the_thread_outlives_any_failure_and_stops() -> None:
    calls: list[int] = []

    def fail(_now: object) -> None:
        calls.append(1)
        raise RuntimeError

    clock = FixedClock(datetime(2026, 11, 25, 10, tzinfo=UTC))
    upkeep = Upkeep("office", [Job(fail, timedelta(minutes=1))], clock=clock, pause_s=0.01)
    upkeep.start()
    for _ in range(500):
        if len(calls) >= 3:
            break
        clock.advance(minutes=1)
        time.sleep(0.01)
    upkeep.stop()
    after = len(calls)
    assert after >= 3
    clock.advance(days=1)
    time.sleep(0.05)
    assert len(calls) == after
