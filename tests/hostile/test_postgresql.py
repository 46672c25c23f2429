"""What PostgreSQL alone refuses must be refused before it gets there."""

from pathlib import Path
from typing import Any

import pytest

from tests.hostile.world import JSON, MARK, Request, open_world
from tests.postgres import pg_url, postgres_server

__all__ = ["pg_url", "postgres_server"]


@pytest.mark.pg
def test_no_text_of_others_reaches_the_database_unread(tmp_path: Path, pg_url: str) -> None:
    """A NUL is a text for SQLite and an error for PostgreSQL."""
    with open_world(tmp_path, issuer_database=pg_url) as world:
        url = world.issuer.origin
        refs: list[Any] = ["\x00", "a\x00b", MARK + "\x00", "A" * 22]
        for ref in refs:
            body = {"statement": world.statement("approve", ref)}
            world.refused(Request("POST", url + "/officer", body, JSON), 400, 403, 409)
