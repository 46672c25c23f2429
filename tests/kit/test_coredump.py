"""A served process leaves no core dump, and its memory is closed to the others of its user."""

import subprocess
import sys

import pytest

SERVED = """
import resource, sys, threading
from bonafides.kit.server import Listener, serve
from bonafides.kit.web import create_api

def tell():
    print(resource.getrlimit(resource.RLIMIT_CORE))
    import ctypes
    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
    done.set()

done = threading.Event()
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
serve([Listener(create_api("one"), 0)], until=done, on_ready=tell)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_DUMPABLE is Linux's")
def test_a_served_process_leaves_no_core_dump() -> None:
    run = subprocess.run([sys.executable, "-c", SERVED], capture_output=True, text=True, check=True, timeout=60)
    limits, dumpable = run.stdout.split("\n")[:2]
    assert limits.startswith("(0, 0)")
    assert dumpable == "0"
