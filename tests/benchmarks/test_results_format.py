"""The benchmarks run and tell their results in the form that others read; how fast is never a test."""

import json
from pathlib import Path

from benchmarks.run import OPERATIONS, main

FIELDS = {"name", "ours", "unit", "floor", "peers", "to_best_peer", "to_floor"}


def test_a_tiny_run_writes_the_results(tmp_path: Path) -> None:
    out = tmp_path / "results.json"

    tiny = ["--rounds", "1", "--turn-ms", "1", "--batch", "2", "--http-rounds", "1", "--http-count", "1", "--no-peers"]
    assert main([*tiny, "--out", str(out)]) == 0

    rows = json.loads(out.read_text("utf-8"))
    assert all(set(row) == FIELDS for row in rows)
    assert [row["name"] for row in rows[: len(OPERATIONS)]] == list(OPERATIONS.values())
    assert {row["unit"] for row in rows} == {"ms", "1/s", "MiB"}
    assert all(isinstance(row["ours"], float) and row["ours"] > 0 for row in rows)
    assert all(row["peers"] == {} and row["to_best_peer"] is None for row in rows)
    timed = [row for row in rows if row["unit"] == "ms"]
    assert all(row["floor"] > 0 and row["to_floor"] > 0 for row in timed)
    rates = ("enrolments over HTTP", "enrolments over HTTP, whole way", "sign-ins over HTTP")
    assert [row["name"] for row in rows if row["unit"] == "1/s"] == [
        name for rate in rates for name in (rate, f"{rate} (processor)")
    ]
    assert len([row for row in rows if row["unit"] == "MiB"]) == 3
