"""The story that the demo tells, told to a test; and the demo itself as a process that one stops with Ctrl+C."""

import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bonafides.kit.server import free_port

COMMAND = [sys.executable, "-c", "from bonafides.cli import main; main()"]


def test_every_step_of_the_story_goes_as_told() -> None:
    done = subprocess.run(
        [*COMMAND, "demo", "--script", "--json"], capture_output=True, text=True, timeout=240, check=False
    )
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(steps) == 12
    assert all(step["ok"] is True and step["ms"] >= 0 for step in steps)
    told = {step["step"]: step for step in steps}
    assert told["two_people_enrol"]["assurance"] == ["chip_genuine", "chip"]
    assert told["no_second_enrolment"]["code"] == "already_enrolled"
    assert told["pseudonyms_are_unrelated"]["pseudonyms"] == 4
    assert told["held_with_a_restored_wallet"]["access"] == "refused"
    assert told["the_suspension_ends_by_itself"]["day_of_end"] == "full"


def test_the_demo_starts_says_what_to_try_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    port = next(port for port in iter(free_port, 0) if port < 65000)
    command = [*COMMAND, "demo", "--dir", "town", "--port", str(port)]
    for _ in range(2):  # made, and then started again from its own files
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as demo:
            assert demo.stdout is not None
            said = ""
            deadline = time.monotonic() + 120
            while "Ctrl+C stops everything" not in said and time.monotonic() < deadline:
                said += demo.stdout.readline()
            assert "bonafides wallet list" in said
            listed = subprocess.run(
                [*COMMAND, "wallet", "--vault", "town/anna.wallet", "--developer", "list"],
                cwd=tmp_path,
                env={"BONAFIDES_WALLET_PASSPHRASE": "demo-demo", "PATH": "/usr/bin"},
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            assert "localhost" in listed.stdout
            demo.send_signal(signal.SIGINT)
            rest = demo.stdout.read()
            assert demo.wait(30) == 0
            assert "Stopped." in rest


def test_a_used_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "demo", "--dir", "town", "--port", str(port)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert f"Port {port} is already used" in done.stderr
    assert "Traceback" not in done.stderr


def test_chi_enrols_at_the_counter_and_not_again_with_her_passport(tmp_path: Path) -> None:
    """The demo as a person uses it: a wallet that waits, a counter with her chip card, then her passport."""
    port = next(port for port in iter(free_port, 0) if port < 65000)
    wallet = [*COMMAND, "wallet", "--developer", "--vault"]
    where = ["enrol", "--issuer", f"localhost:{port}", "--kit-file"]
    known: dict[str, Any] = {
        "cwd": tmp_path, "env": {"BONAFIDES_WALLET_PASSPHRASE": "demo-demo", "PATH": "/usr/bin"}, "text": True
    }  # fmt: skip
    with ExitStack() as stack:
        demo = stack.enter_context(
            subprocess.Popen([*COMMAND, "demo", "--dir", "town", "--port", str(port)], stdout=subprocess.PIPE, **known)
        )
        stack.callback(demo.send_signal, signal.SIGINT)
        assert demo.stdout is not None
        assert any("Ctrl+C stops everything" in line for line in demo.stdout)
        waiting = stack.enter_context(
            subprocess.Popen(
                [*wallet, "chi", *where, "chi.kit", "--station"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, **known
            )
        )
        stack.callback(waiting.kill)
        assert waiting.stdin is not None
        assert waiting.stderr is not None
        waiting.stdin.write("VNM\n2007-09-01\n")
        waiting.stdin.flush()
        link = next(line.strip() for line in waiting.stderr if line.startswith("bonafides-station:"))
        counter = [*COMMAND, "demo", "counter", "--dir", "town"]
        refused = subprocess.run([*counter, link], input="n\n", capture_output=True, timeout=60, check=False, **known)
        assert refused.returncode == 1
        assert "station_code" in refused.stderr
        subprocess.run([*counter, link], input="y\n", capture_output=True, timeout=60, check=True, **known)
        assert waiting.wait(60) == 0, waiting.stderr.read()
        passport = ["--document", "town/people/chi.json"]
        again = subprocess.run(
            [*wallet, "again", *where, "again.kit", *passport], capture_output=True, timeout=60, check=False, **known
        )
        assert again.returncode == 1
        assert "already_enrolled" in again.stderr
