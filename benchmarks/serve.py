"""Serve one office until the input ends: `python -m benchmarks.serve issuer|gateway SETTINGS_FILE PORT`.

Every line of input is answered with the processor time, in seconds, that the process has taken so far.
"""

import sys
import time
from pathlib import Path

from bonafides.kit.server import start


def main(office: str, settings: str, port: str) -> None:
    """Serve the office of a settings file, loading no other office's code."""
    if office == "issuer":
        from bonafides.offices.issuer.setup import build
    else:
        from bonafides.offices.gateway.setup import build
    with start(build(Path(settings)), port=int(port)):
        _say("ready")
        for _ in sys.stdin:
            _say(repr(time.process_time()))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
