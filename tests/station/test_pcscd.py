"""Through Debian's pcscd and vsmartcard-vpcd, with pyscard: an emulated passport read as a real one would be.

The daemon is the machine's own if one runs, else one that is started here in the foreground, as root, and ended by its
process id. Its socket has one place in the system, so that one test at a time uses it.
"""

import fcntl
import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bonafides.core import base64url
from bonafides.core.document import DocumentBundle
from bonafides.errors import DependencyError, Error
from bonafides.station.card_reader import open_card_reader
from bonafides.station.service_point import AccessNumber, Printed
from bonafides.testing.passport import EmulatedPassport, PaceOffer, Traits, inserted
from bonafides.testing.passport.vpcd import PORT
from bonafides.testing.state import SyntheticState
from bonafides.testing.state.chip import SoftChip
from tests.chip.conftest import assert_signed
from tests.shared import missing

pytestmark = pytest.mark.foreign

DAEMON_SOCKET = "/run/pcscd/pcscd.comm"
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
PRINTED = Printed("U12345678", date(1990, 8, 6), date(2031, 10, 31))
NONCE = bytes(range(8))
SECONDS = 60
HOW = "(make test-all installs it as root)"


@pytest.fixture
def port(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A running pcscd with a virtual reader; the TCP port at which that waits for a card."""
    try:
        importlib.import_module("smartcard.scard")
    except ImportError:
        missing(f"pyscard is not installed {HOW}")
    lock = tmp_path_factory.getbasetemp().parent / "bonafides-pcscd.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if connects(socket.AF_UNIX, DAEMON_SOCKET):
            if not connects(socket.AF_INET, ("127.0.0.1", PORT)):
                missing(f"the pcscd of this machine has no virtual reader {HOW}")
            yield PORT
            return
        daemon = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if daemon is None or not DRIVER.exists():
            missing(f"pcscd or vsmartcard-vpcd is not installed {HOW}")
        if os.geteuid() != 0:
            missing("pcscd does not run, and only root can start it")
        yield from run_daemon(str(daemon), tmp_path)


def run_daemon(daemon: str, folder: Path) -> Iterator[int]:
    """Start pcscd with a virtual reader of our own, give its port, and end it."""
    port = free_ports()
    config = folder / "reader.conf.d"
    config.mkdir()
    lines = (
        'FRIENDLYNAME "Virtual PCD"', f"DEVICENAME /dev/null:{port:#X}", f"LIBPATH {DRIVER}", f"CHANNELID {port:#X}"
    )  # fmt: skip
    (config / "vpcd").write_text("\n".join(lines).replace("0X", "0x") + "\n", "ascii")
    command = [daemon, "--foreground", "--config", str(config)]
    with (folder / "pcscd.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        # Whatever hangs in the daemon ends with it.
        guard = threading.Timer(SECONDS, process.kill)
        guard.start()
        try:
            end = time.monotonic() + 15
            while not connects(socket.AF_UNIX, DAEMON_SOCKET):
                if process.poll() is not None or time.monotonic() > end:
                    pytest.fail("pcscd did not start: " + (folder / "pcscd.log").read_text("utf-8", "replace"))
                time.sleep(0.05)
            yield port
        finally:
            guard.cancel()
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def free_ports() -> int:
    """The first of two free TCP ports; the virtual reader has two slots."""
    for _ in range(50):
        with closing(socket.socket()) as first, closing(socket.socket()) as second:
            first.bind(("", 0))
            found = int(first.getsockname()[1])
            try:
                second.bind(("", found + 1))
            except OSError:
                continue
            return found
    raise OSError("no two free ports beside each other")


def connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    """Whether somebody listens there."""
    with closing(socket.socket(family)) as probe:
        probe.settimeout(5)
        return probe.connect_ex(address) == 0


@pytest.fixture(scope="module")
def chip() -> SoftChip:
    """A key in a chip."""
    return SoftChip.new("rsa_pkcs1")


@pytest.fixture(scope="module")
def bundle(chip: SoftChip) -> DocumentBundle:
    """A passport whose chip has a key of its own."""
    state = SyntheticState("UTO", now=datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    return state.issue_card(
        birth=PRINTED.birth, expires=PRINTED.expiry, number=PRINTED.document_number, kind="td3", groups=chip.groups
    )


@pytest.mark.parametrize("answer_bytes", [256, 4096])
@pytest.mark.parametrize("pace", [(), (PaceOffer(13),), (PaceOffer(2),)])
def test_a_passport_is_read(
    port: int, bundle: DocumentBundle, chip: SoftChip, pace: tuple[PaceOffer, ...], answer_bytes: int
) -> None:
    """BAC and PACE, short commands and long ones; the chip signs the issuer's nonce."""
    if pace == (PaceOffer(2),):
        answer_bytes = 4096  # its keys need long commands
    traits = Traits(pace=pace, answer_bytes=answer_bytes)
    passport = EmulatedPassport.of(bundle, can="123456", sign=chip.sign, traits=traits)
    with inserted(passport, port=port):
        found = open_card_reader("Virtual", wait_s=15).read(nonce=NONCE, password=PRINTED)
        assert (found.sod, found.groups) == (bundle.sod, bundle.groups)
        assert_signed(found, NONCE)
        if pace:
            open_card_reader(wait_s=15).read(nonce=NONCE, password=AccessNumber("123456"))


def test_troubles(port: int, bundle: DocumentBundle) -> None:
    """No card; a wrong number; a card that is taken away in the middle."""
    with pytest.raises(DependencyError) as caught:
        open_card_reader("Virtual", wait_s=0).read(nonce=NONCE, password=PRINTED)
    assert caught.value.code == "card_missing"
    passport = EmulatedPassport.of(bundle)
    with inserted(passport, port=port), pytest.raises(Error) as wrong:
        open_card_reader(wait_s=15).read(nonce=NONCE, password=Printed("U87654321", PRINTED.birth, PRINTED.expiry))
    assert wrong.value.code == "chip_password"
    with inserted(passport, port=port) as take_away:
        reader = open_card_reader(wait_s=15, progress=lambda step: take_away() if step.what == "DG1" else None)
        with pytest.raises(DependencyError) as gone:
            reader.read(nonce=NONCE, password=PRINTED)
    assert gone.value.code == "card_removed"


def test_the_command(port: int, bundle: DocumentBundle, chip: SoftChip, tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    command = [sys.executable, "-c", "from bonafides.cli import main; main()", "chip", "read", str(file)]
    typed = f"{PRINTED.document_number}\n{PRINTED.birth}\n{PRINTED.expiry}\n"
    with inserted(EmulatedPassport.of(bundle, sign=chip.sign), port=port):
        done = subprocess.run(
            [*command, "--nonce", base64url.encode(NONCE), "--wait", "15"],
            input=typed, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert "Opened by BAC (3DES)" in done.stdout
    found = DocumentBundle.from_json(json.loads(file.read_text("ascii")))
    assert_signed(found, NONCE)
