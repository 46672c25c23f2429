"""What an audit found: every attack with its matches, and whether any of them is a leak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bonafides.testing.linkage.statistics import LEAK, corrected


@dataclass(frozen=True, slots=True)
class Finding:
    """One attack on one pair of parties: of `pairs` items named, `correct` were right, `expected` by chance."""

    family: str
    name: str
    pairs: int
    correct: int
    expected: float
    p: float


@dataclass(frozen=True)
class Report:
    """All attacks on one deployment."""

    identifiers: Mapping[str, int]
    people: int
    findings: Sequence[Finding]
    sampled: Sequence[str]
    assignments: int

    def corrected(self, finding: Finding) -> float:
        """Return the p-value of an attack after correction for the number of attacks."""
        return corrected(finding.p, len(self.findings))

    def is_leak(self, finding: Finding) -> bool:
        """Tell whether an attack did better than chance allows."""
        return self.corrected(finding) < LEAK

    @property
    def leaks(self) -> list[Finding]:
        """The attacks that did, the most certain first."""
        return sorted((each for each in self.findings if self.is_leak(each)), key=lambda each: each.p)

    @property
    def worst(self) -> Finding | None:
        """The attack with the smallest p-value."""
        return min(self.findings, key=lambda each: each.p, default=None)

    def worst_of(self, family: str) -> Finding | None:
        """The attack of a family with the smallest p-value."""
        return min((each for each in self.findings if each.family == family), key=lambda each: each.p, default=None)

    def to_json(self) -> dict[str, Any]:
        """Return everything for machines."""
        worst = self.worst
        return {
            "people": self.people,
            "identifiers": dict(self.identifiers),
            "attacks": [self._row(each) for each in self.findings],
            "sampled": list(self.sampled),
            "assignments": self.assignments,
            "worst": None if worst is None else self._row(worst),
            "leak": bool(self.leaks),
        }

    def lines(self, *, every: bool = False, few: int = 12) -> list[str]:
        """Return the report for people: a table, the worst attacks of each family unless `every` is wanted."""
        rows: list[tuple[str, ...]] = [("attack", "pairs", "correct", "expected", "p", "corrected", "verdict")]
        families = list(dict.fromkeys(each.family for each in self.findings))
        for family in families:
            found = sorted((each for each in self.findings if each.family == family), key=lambda each: each.p)
            rows += [self._texts(each) for each in (found if every else found[:few])]
            if not every and len(found) > few:
                rows.append((f"{family}: … and {len(found) - few} with larger p", "", "", "", "", "", ""))
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(
                text.ljust(width) if i == 0 else text.rjust(width)
                for i, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        lines += [f"sampled: {sentence}" for sentence in self.sampled]
        return [*lines, self.verdict()]

    def verdict(self) -> str:
        """Return the outcome in a sentence."""
        worst = self.worst
        if worst is None:
            return "No attack could be tried."
        told = f"{worst.family} attack {worst.name}: p = {worst.p:.2g}, corrected {self.corrected(worst):.2g}"
        count = len(self.findings)
        if self.leaks:
            return f"LEAK: {len(self.leaks)} of {count} attacks did better than guessing. Worst: {told}."
        return f"No leak: none of {count} attacks did better than guessing. Worst: {told}."

    def _row(self, finding: Finding) -> dict[str, Any]:
        return {
            "family": finding.family,
            "name": finding.name,
            "pairs": finding.pairs,
            "correct": finding.correct,
            "expected": finding.expected,
            "p": finding.p,
            "p_corrected": self.corrected(finding),
            "leak": self.is_leak(finding),
        }

    def _texts(self, finding: Finding) -> tuple[str, ...]:
        return (
            f"{finding.family}: {finding.name}",
            str(finding.pairs),
            str(finding.correct),
            f"{finding.expected:.2f}",
            f"{finding.p:.2g}",
            f"{self.corrected(finding):.2g}",
            "LEAK" if self.is_leak(finding) else "ok",
        )
