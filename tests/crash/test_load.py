"""`kill -9` at any moment under load: whatever an office acknowledged is there afterwards, and once."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bonafides.errors import DependencyError, Error
from bonafides.testing.holder import Holder
from tests.crash.test_walk import SPENT, check_enrolled, enrolled
from tests.crash.town import PATIENCE_S, Town, Wire, counts_of

KILLS, CLIENTS, TRIES = 20, 8, 400
PASSING = SPENT | {"database_busy", "database_unavailable", "raced", "issuer_unavailable", "rate_limited"}
"""What a client meets when an office dies or others are in the way: it tries again."""


class Client:
    """Somebody who enrols people, renews for them and signs them in, whatever happens to the offices."""

    def __init__(self, town: Town, stop: threading.Event) -> None:
        self._town = town
        self._stop = stop
        self.wire = Wire(town)
        self.acknowledged: list[tuple[str, Holder]] = []
        self.errors: list[BaseException] = []
        self.met: Counter[str] = Counter()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                one = self._town.person(self.wire)
                self._insist("enrolled", one, one.enrol)
                self._insist("signed in", one, partial(one.sign_in, self._town.gateway.origin))
                self._insist("renewed", one, one.renew)
                fresh = self._town.wallet_beside(one)
                self._insist("waits", fresh, partial(fresh.enrol, "replace"))
        except BaseException as error:  # noqa: BLE001 - the test looks at it when the thread has ended
            self.errors.append(error)

    def _insist(self, what: str, one: Holder, act: Callable[[], object]) -> None:
        """Try until it is acknowledged."""
        for _ in range(TRIES):
            try:
                act()
            except Error as error:
                if error.code not in PASSING:
                    raise
                self.met[error.code] += 1
                time.sleep(0.02)
            else:
                self.acknowledged.append((what, one))
                return
        raise AssertionError(f"never {what}")


@pytest.mark.slow
def test_killed_at_random_under_load(town: Town) -> None:
    enrolled(town).sign_in(town.gateway.origin)  # the gateway knows the issuer's keys now
    stop, moments = threading.Event(), random.Random(20261125)
    clients = [Client(town, stop) for _ in range(CLIENTS)]
    for client in clients:
        client.thread.start()
    try:
        for number in range(KILLS):
            time.sleep(moments.uniform(0.1, 0.8))
            office = (town.issuer, town.gateway)[number % 2]
            office.kill()
            office.start()
            town.check()
    finally:
        stop.set()
        for client in clients:
            client.thread.join()
            client.wire.close()
    assert [error for client in clients for error in client.errors] == []
    town.check()
    assert sum((client.met for client in clients), Counter())["unreachable"] > 0, "nobody noticed"
    issuer, gateway = town.issuer.rows(), town.gateway.rows()
    acknowledged = [each for client in clients for each in client.acknowledged]
    assert {what for what, _ in acknowledged} == {"enrolled", "signed in", "renewed", "waits"}
    handles = Counter(bytes(row.handle) for row in issuer["person"])
    waiting = Counter(bytes(row.handle) for row in issuer["pending"])
    accounts = Counter(row.sub for row in gateway["account"])
    for what, one in acknowledged:
        if what == "signed in":
            assert accounts[town.sub(one)] == 1
        else:
            assert (waiting if what == "waits" else handles)[one.handle] == 1
    counts = counts_of(issuer)
    issued = sum((client.wire.told for client in clients), Counter())
    assert counts["signed"] >= 2 * (issued["/credential"] + issued["/renewal"])
    assert counts["renewed"] >= issued["/renewal"]
    one = next(one for what, one in acknowledged if what == "renewed")
    one.http = town.wire
    one.renew()
    town.check_enrolled(one)


@pytest.mark.slow
def test_the_real_command_is_killed_and_comes_back(town: Town) -> None:
    """As the launcher starts them the offices are as the command starts them: this one is the command."""
    enrolled(town).sign_in(town.gateway.origin)
    town.issuer.kill()
    command = Path(sys.executable).with_name("bonafides")
    port = str(town.issuer.port)
    arguments = [str(command), "issuer", "serve", "--settings", str(town.issuer.settings), "--port", port]
    anna = town.person()
    for life in range(2):
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                assert process.stdout.readline() == f"Listening on 127.0.0.1:{town.issuer.port}.\n"
                if life == 0:
                    anna.enrol()
                    town.check_enrolled(anna)
                else:
                    anna.renew()
                    check_enrolled(town, anna)
                    with pytest.raises(Error, match="403"):
                        town.wallet_beside(anna).enrol()
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait(PATIENCE_S)
        town.check()
    with pytest.raises(DependencyError):
        anna.renew()
    town.issuer.start()
    anna.renew()
    assert enrolled(town).handle != anna.handle
