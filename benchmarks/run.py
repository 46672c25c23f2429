"""`python -m benchmarks.run`: measure ours, the peers and the floor side by side, print a table, write results.json."""

import argparse
import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks import offices, parties
from benchmarks.parties import HERE, PEERS, MissingError, Worker
from benchmarks.results import Row, aims, memory_row, rate_rows, table, timed_row
from benchmarks.rounds import Measured, take_turns
from benchmarks.task import make_task

OPERATIONS = {
    "sign": "sign",
    "blind_sign": "blind sign (nym)",
    "issue": "blind sign (profile)",
    "prove": "prove",
    "prove_nym": "prove (nym)",
    "verify": "verify",
    "verify_nym": "verify (nym)",
    "verify_batch": "batch-verify, per proof",
    "verify_nym_batch": "batch-verify (nym), per proof",
}

DOCUMENTS = {
    "document_check": "check of a chip document",
    "trust_lookup": "1000 trust look-ups",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks; 1 only if a peer is missing that must not be."""
    options = _options(arguments)
    with ExitStack() as stack:
        task = make_task().line(batch=options.batch)
        workers = [
            stack.enter_context(Worker("ours", parties.ours(), task)),
            stack.enter_context(Worker("floor", parties.floor(), task)),
        ]
        missing = [] if options.no_peers else _start_peers(stack, workers, task)
        for reason in missing:
            print(f"left out: {reason}", file=sys.stderr)
        if missing and os.environ.get("BONAFIDES_REQUIRE_ALL") == "1":
            return 1
        measured: dict[str, Measured] = {}
        for name, title in OPERATIONS.items():
            print(f"measuring: {title}", file=sys.stderr)
            measured[name] = take_turns(name, workers, rounds=options.rounds, turn_ms=options.turn_ms)
        of_documents = [stack.enter_context(Worker(who, parties.documents(who), task)) for who in ("ours", "floor")]
        for name, title in DOCUMENTS.items():
            print(f"measuring: {title}", file=sys.stderr)
            measured[name] = take_turns(name, of_documents, rounds=options.rounds, turn_ms=options.turn_ms)
        rows = [timed_row((OPERATIONS | DOCUMENTS)[name], found) for name, found in measured.items()]
        rows += _offices(options.http_rounds, options.http_count, measured)
        rows.append(memory_row({worker.name: worker.memory() for worker in workers}))
    print(table(rows))
    registries = {peer.name: peer.registry for peer in PEERS}
    for aim in aims(measured, registries, batch=options.batch):
        print(f"{'met' if aim.met else 'NOT met'}: {aim.text} ({aim.found:.2f}x)")
    options.out.write_text(json.dumps([row.to_json() for row in rows], indent=2) + "\n", "utf-8")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns of every party in every operation")
    parser.add_argument("--turn-ms", type=float, default=60, help="how long a turn lasts")
    parser.add_argument("--batch", type=int, default=64, help="proofs in a batch")
    parser.add_argument("--http-rounds", type=int, default=3, help="rounds of requests to the offices; 0 for none")
    parser.add_argument("--http-count", type=int, default=50, help="requests a round, at most 60")
    parser.add_argument("--no-peers", action="store_true", help="ours and the floor alone")
    parser.add_argument("--out", type=Path, default=HERE / "results.json", help="where the results go")
    return parser.parse_args(arguments)


def _start_peers(stack: ExitStack, workers: list[Worker], task: str) -> list[str]:
    """Start whoever can be had and return why the others cannot."""
    reasons = []
    for peer in PEERS:
        try:
            workers.append(stack.enter_context(Worker(peer.name, peer.install(), task)))
        except MissingError as error:
            reasons.append(f"{peer.name} ({peer.registry}): {error}")
    return reasons


def _offices(rounds: int, count: int, measured: dict[str, Measured]) -> list[Row]:
    if not rounds:
        return []
    rates = offices.measure(rounds=rounds, count=count)
    issue, sign = measured["issue"].value("floor"), measured["sign"].value("floor")
    return rate_rows(rates, issue_ms=issue + sign, verify_ms=measured["verify_nym"].value("floor"))


if __name__ == "__main__":
    sys.exit(main())
