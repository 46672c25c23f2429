"""A worker: one process that does one party's operations and says how long each took. Standard library only.

It reads a line of JSON (the task), answers `{"operations": [...]}`, and then answers every line `verify 20` with a list
of twenty milliseconds of processor time: on a busy machine a clock on the wall would count other people's work.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping

Operation = Callable[[], object]


def serve(operations: Mapping[str, Operation], shares: Mapping[str, int] | None = None) -> None:
    """Answer until the input ends; the time of an operation in `shares` is divided by that number."""
    say({"operations": list(operations)})
    for line in sys.stdin:
        name, count = line.split()
        share = (shares or {}).get(name, 1)
        say([milliseconds(operations[name]) / share for _ in range(int(count))])


def milliseconds(operation: Operation) -> float:
    """Return the processor time of doing something once."""
    start = time.process_time_ns()
    operation()
    return (time.process_time_ns() - start) / 1e6


def say(value: object) -> None:
    """Write one line of JSON."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
