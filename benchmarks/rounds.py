"""Take turns: in every round each party does an operation for a short while, so that the machine's drift cancels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.parties import Worker

MAX_TIMES = 40


@dataclass(frozen=True)
class Measured:
    """The median time of every party, round by round."""

    by_party: Mapping[str, Sequence[float]]

    def value(self, party: str) -> float:
        """Return a party's median over the rounds."""
        return median(self.by_party[party])

    def ratio(self, above: str, below: str) -> float:
        """Return the median of above / below, each pair from the same round."""
        pairs = zip(self.by_party[above], self.by_party[below], strict=True)
        return median(a / b for a, b in pairs)


def take_turns(operation: str, workers: Sequence[Worker], *, rounds: int, turn_ms: float) -> Measured:
    """Measure one operation for everybody who has it, each turn lasting about so long but doing it at least once."""
    able = [worker for worker in workers if operation in worker.operations]
    counts = {worker.name: _count(worker, operation, turn_ms) for worker in able}
    found: dict[str, list[float]] = {worker.name: [] for worker in able}
    for turn in range(rounds):
        # Whoever comes first in one round comes last in the next.
        for worker in able if turn % 2 == 0 else reversed(able):
            found[worker.name].append(median(worker.times(operation, counts[worker.name])))
    return Measured(found)


def _count(worker: Worker, operation: str, turn_ms: float) -> int:
    """Return how often a party does an operation in its turn; finding that out warms it up."""
    once = worker.times(operation, 1)[0]
    if once < turn_ms:
        once = min(worker.times(operation, 3))
    return max(1, min(MAX_TIMES, round(turn_ms / max(once, 0.01))))
