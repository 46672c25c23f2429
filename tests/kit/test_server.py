"""Starting and stopping servers: all or none, ports given back, in background and foreground."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bonafides.errors import ConfigError, DependencyError
from bonafides.kit.server import Listener, free_port, serve, start
from bonafides.kit.web import create_api


def make_app(name: str) -> Any:
    app = create_api(name)

    @app.get("/name")
    def tell() -> str:
        return name

    return app


def ask(url: str) -> Any:
    return httpx.get(url + "/name", trust_env=False).json()


def test_two_at_once_and_stopping_twice() -> None:
    others = set(threading.enumerate())  # of fixtures that serve for the whole run
    with start(make_app("one")) as one, start(make_app("two")) as two:
        assert (ask(one.url), ask(two.url)) == ("one", "two")
        one.stop()
        one.stop()
        assert ask(two.url) == "two"
    for server in (one, two):
        with pytest.raises(httpx.ConnectError):
            ask(server.url)
    with start(make_app("again"), port=one.port) as again:
        assert ask(again.url) == "again"
    left = set(threading.enumerate()) - others
    assert not [thread for thread in left if thread.name.startswith("serve-")]


def test_a_taken_port_is_told_in_a_sentence() -> None:
    with start(make_app("one")) as one:
        with pytest.raises(ConfigError) as caught:
            start(make_app("two"), port=one.port)
        assert caught.value.code == "port_in_use"
        assert str(caught.value) == (
            f"Port {one.port} is already used by another program: stop it, or choose another with --port."
        )
        assert ask(one.url) == "one"


def test_all_or_none() -> None:
    port = free_port()
    with start(make_app("taken")) as taken, pytest.raises(ConfigError):
        serve([Listener(make_app("one"), port), Listener(make_app("two"), taken.port)])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def test_an_application_that_refuses_to_start() -> None:
    @asynccontextmanager
    async def refuse(_app: Any) -> AsyncIterator[None]:
        raise ConfigError
        yield

    with pytest.raises(DependencyError, match="did not start"):
        start(create_api("refusing", lifespan=refuse))


def test_foreground_until_told() -> None:
    port, done = free_port(), threading.Event()
    thread = threading.Thread(target=serve, args=([Listener(make_app("one"), port)],), kwargs={"until": done})
    thread.start()
    assert wait_for(port) == "one"
    done.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_foreground_stops_at_a_signal(number: signal.Signals) -> None:
    port = free_port()
    program = (
        "from tests.kit.test_server import *\n"
        f"serve([Listener(make_app('one'), {port}), Listener(make_app('two'), 0)])\n"
        "print('stopped')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=os.getcwd()
    ) as process:
        assert wait_for(port) == "one"
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "stopped\n", "")


def wait_for(port: int) -> Any:
    for _ in range(200):
        try:
            return ask(f"http://127.0.0.1:{port}")
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError("the server did not come up")
