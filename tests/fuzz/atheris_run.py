"""Coverage-guided fuzzing of the same targets: `python -m tests.fuzz.atheris_run [--target NAME|all] [--inputs N]`.

Needs `atheris`, which is in the dependency group `fuzz`. Each target runs in a process of its own, since libFuzzer ends
the one it is in. Prints a line a target. Exit code 1 after a finding, whose input lies in the folder given by --out; 2
if nothing could run.
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

MAX_BYTES = 8192
SECONDS_FOR_ONE_INPUT = 20
CLOCK = "seconds"
"""The child's note of how long its inputs took, without the making of seeds, and how long the slowest of them."""
SLOW_SECONDS = 0.05
"""An input that takes longer is kept, under --out; the clock runs while every branch is being counted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one target or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.atheris_run", description=__doc__)
    parser.add_argument("--target", default="all", metavar="NAME", help="one target, or all")
    parser.add_argument("--inputs", type=int, default=100_000, metavar="N", help="inputs for each target")
    parser.add_argument("--seed", type=int, default=1, help="where libFuzzer's random numbers start")
    parser.add_argument("--out", type=Path, default=Path("fuzz-findings"), help="folder for offending inputs")
    parser.add_argument("--corpus", type=Path, help="folder that keeps interesting inputs between runs")
    parser.add_argument("--list", action="store_true", help="name the targets and end")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not options.list and importlib.util.find_spec("atheris") is None:
        sys.stderr.write("atheris is not installed; it is in the dependency group `fuzz`.\n")
        return 2
    if options.child:
        fuzz(options.target, options.inputs, options.seed, options.out, options.corpus, options.child)
    from tests.fuzz.targets import all_targets

    known = [target.name for target in all_targets()]
    if options.list:
        sys.stdout.write("".join(f"{name}\n" for name in known))
        return 0
    if options.target not in ("all", *known):
        sys.stderr.write(f"no target {options.target}; --list names them.\n")
        return 2
    chosen = known if options.target == "all" else [options.target]
    clean = [run_one(name, options.inputs, options.seed, options.out, options.corpus) for name in chosen]
    return 0 if all(clean) else 1


def run_one(name: str, inputs: int, seed: int, out: Path, corpus: Path | None) -> bool:
    """Fuzz one target in a process of its own; print its line; return whether it was clean."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "tests.fuzz.atheris_run", "--child", scratch, "--target", name]
        command += ["--inputs", str(inputs), "--seed", str(seed), "--out", str(out)]
        command += ["--corpus", str(corpus)] if corpus else []
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        clock = Path(scratch, CLOCK)
        seconds, slowest = map(float, clock.read_text("utf-8").split()) if clock.exists() else (0.0, 0.0)
    ran = re.search(r"stat::number_of_executed_units: +(\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    clean = done.returncode == 0 and ran is not None
    count = int(ran[1]) if ran else 0
    rate = f"{count / seconds:9.0f}/s" if seconds else f"{'?':>9}/s"
    result = "no finding" if clean else f"FINDING, input under {out}"
    told = f"covered {covered[-1] if covered else '?':>5}  slowest {slowest * 1000:7.1f} ms  {result}"
    sys.stdout.write(f"{name:36} {count:9} inputs {rate}  {told}\n")
    if not clean:
        sys.stdout.write(_explanation(done.stdout + done.stderr))
    elif out.is_dir() and not any(out.iterdir()):
        out.rmdir()
    sys.stdout.flush()
    return clean


def _explanation(output: str) -> str:
    """The part of the child's output that tells what happened."""
    start = output.find("=== Uncaught Python exception")
    told = output[start:].partition("\nINFO: ")[0] if start >= 0 else output[-2000:]
    return told[:4000].rstrip() + "\n"


def _timed(target: "Target", data: bytes) -> float:
    """Run the target on one input; return the seconds it took."""
    begun = perf_counter()
    target.run(data)
    return perf_counter() - begun


def fuzz(name: str, inputs: int, seed: int, out: Path, corpus: Path | None, scratch: Path) -> None:
    """Fuzz one target in this process; libFuzzer does not return."""
    import atheris

    with atheris.instrument_imports(include=["bonafides"]):
        from tests.fuzz.mutate import mutate
        from tests.fuzz.targets import all_targets

        # Called in here: it imports what was left out so far.
        target = next(target for target in all_targets() if target.name == name)
    count, started, slowest = 0, 0.0, 0.0

    def spoil(data: bytes, max_size: int, number: int) -> bytes:
        """Half the time our own mutations, which know the structures; else libFuzzer's."""
        random = Random(number)
        if random.random() < 0.5:
            return mutate(random, bytes(data), target.seeds, target.shape)[:max_size]
        return bytes(atheris.Mutate(data, max_size))

    def once(data: bytes) -> None:
        nonlocal count, started, slowest
        started = started or perf_counter()
        taken = _timed(target, bytes(data))
        if taken > slowest:
            # Once more: the first time may have been the machine's, or the filling of a cache.
            slowest = max(slowest, min(taken, _timed(target, bytes(data))))
            if slowest > SLOW_SECONDS:
                (out / f"{name}-slowest").write_bytes(data)
        count += 1
        if count % 500 == 0 or count >= inputs:
            seconds = (perf_counter() - started) * max(1.0, inputs / count)
            (scratch / CLOCK).write_text(f"{seconds} {slowest}", "utf-8")

    folders = [scratch / "seeds"] if corpus is None else [corpus / name, scratch / "seeds"]
    for folder in (out, *folders):
        folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(target.seeds):
        (folders[-1] / f"seed-{number}").write_bytes(each)
    flags = [
        f"-runs={inputs}",
        f"-seed={seed}",
        f"-max_len={MAX_BYTES}",
        f"-timeout={SECONDS_FOR_ONE_INPUT}",
        f"-artifact_prefix={out}{os.sep}{name}-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *flags, *map(str, folders)], once, custom_mutator=spoil)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
