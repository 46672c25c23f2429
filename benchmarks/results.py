"""The rows, and how they are told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.offices import Rates
from benchmarks.rounds import Measured


@dataclass(frozen=True)
class Row:
    """One line of the table. Ratios above one are in our favour beside a peer, and our cost above the floor."""

    name: str
    ours: float
    unit: str
    floor: float | None = None
    peers: Mapping[str, float] = field(default_factory=dict)
    to_best_peer: float | None = None
    to_floor: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the row as it is written, to four digits."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Aim:
    """Something we want to hold: what it is, what was found, whether it is met."""

    text: str
    found: float
    met: bool


def timed_row(name: str, measured: Measured) -> Row:
    """Return a row of milliseconds."""
    peers = {party: measured.value(party) for party in measured.by_party if party not in ("ours", "floor")}
    best = min((measured.ratio(party, "ours") for party in peers), default=None)
    return Row(
        name,
        measured.value("ours"),
        "ms",
        measured.value("floor"),
        peers,
        best,
        measured.ratio("ours", "floor"),
    )


def rate_rows(rates: Rates, *, issue_ms: float, verify_ms: float) -> list[Row]:
    """Return the rows of the offices; their floor is what the library's time alone would allow."""
    # An enrolment checks one commitment and signs twice: for this epoch and for the next.
    rows = []
    for name, found, floor in (
        ("enrolments over HTTP", rates.enrolments, 1000 / issue_ms),
        ("enrolments over HTTP, whole way", rates.whole_enrolments, None),
        ("sign-ins over HTTP", rates.signins, 1000 / verify_ms),
    ):
        rate = median(each.by_processor for each in found)
        rows.append(Row(name, median(each.by_wall for each in found), "1/s"))
        rows.append(Row(f"{name} (processor)", rate, "1/s", floor, to_floor=floor / rate if floor else None))
    rows.append(Row("memory of an issuer process", rates.issuer_mib, "MiB"))
    rows.append(Row("memory of a gateway process", rates.gateway_mib, "MiB"))
    return rows


def memory_row(by_party: Mapping[str, float]) -> Row:
    """Return what a process holds that signs, proves and verifies."""
    peers = {party: value for party, value in by_party.items() if party not in ("ours", "floor")}
    ours, floor = by_party["ours"], by_party["floor"]
    best = min(peers.values()) / ours if peers else None
    return Row("memory of a process that signs, proves and verifies", ours, "MiB", floor, peers, best, ours / floor)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as text."""
    parties = list(dict.fromkeys(party for row in rows for party in row.peers))
    head = ["", "unit", "ours", "floor", *parties, "best peer / ours", "to floor"]
    body = [
        [
            row.name,
            row.unit,
            *(_text(value) for value in (row.ours, row.floor, *map(row.peers.get, parties))),
            *(_text(value, "x") for value in (row.to_best_peer, row.to_floor)),
        ]
        for row in rows
    ]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    lines = []
    for line in [head, *body]:
        cells = [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line, widths, strict=True))]
        del cells[1]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def aims(measured: Mapping[str, Measured], registries: Mapping[str, str], *, batch: int) -> list[Aim]:
    """Return the aims of the design, judged by this run. Peers that did not take part are not judged."""
    verify, found = measured["verify"], []
    for text, kind, least in (
        ("verify at least 3.5 times as fast as the fastest of npm and PyPI", ("npm", "PyPI"), 3.5),
        ("verify at least level with the native peers", ("crates.io",), 1.0),
    ):
        ratios = [verify.ratio(party, "ours") for party in verify.by_party if registries.get(party) in kind]
        if ratios:
            found.append(Aim(text, min(ratios), min(ratios) >= least))
    zkryptium = verify.ratio("zkryptium", "ours") if "zkryptium" in verify.by_party else None
    if zkryptium is not None:
        found.append(Aim("the same beside the one of them that speaks our drafts", zkryptium, zkryptium >= 1))
    above = verify.ratio("ours", "floor")
    found.append(Aim("verify at most 1.3 times the floor", above, above <= 1.3))
    for text, single, joint in (
        (f"a batch of {batch} at least 1.4 times as fast as single", "verify", "verify_batch"),
        ("the same with pseudonyms", "verify_nym", "verify_nym_batch"),
    ):
        ratio = measured[single].value("ours") / measured[joint].value("ours")
        found.append(Aim(text, ratio, ratio >= 1.4))
    return found


def _text(value: float | None, unit: str = "") -> str:
    if value is None:
        return "-"
    return (f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}") + unit


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value
