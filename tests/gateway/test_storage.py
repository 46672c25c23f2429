"""What is stored, for how long, and that it goes."""

import time

import pytest

from bonafides.kit.migrate import assert_schema_matches
from bonafides.kit.roworder import rewrite_all, tables_with_row_order
from bonafides.offices.gateway.schema import metadata
from tests.gateway.conftest import BOTH, World
from tests.gateway.world import dump


@BOTH
def test_migrations_make_the_tables(world: World) -> None:
    assert_schema_matches(world.gateway.database, metadata)


def test_every_column_has_a_purpose_and_a_lifetime_and_no_table_an_order() -> None:
    for table in metadata.sorted_tables:
        for column in table.columns:
            assert column.info["purpose"], column
            assert column.info["lifetime"], column
    assert tables_with_row_order(metadata) == set()


def test_the_name_of_an_account_stands_in_three_places_only() -> None:
    places = {table.name for table in metadata.sorted_tables if "sub" in table.columns}
    assert places == {"account", "remedy", "signin"}
    # Beside an account no time but the epoch.
    assert set(metadata.tables["account"].columns.keys()) == {"sub", "epoch_seen", "consented"}


@BOTH
def test_purge_leaves_what_is_in_use_and_nothing_else(world: World) -> None:
    gateway, browser = world.gateway, world.gateway.browser
    result = browser.sign_in(world.holder())
    gateway.impose(result["sub"])
    answered, waiting = browser.begin(), browser.begin()
    told = world.holder().answer(answered)
    world.clock.advance(seconds=299)
    gateway.signins.purge(world.clock.now())
    assert browser.state(waiting) == "waiting"
    world.clock.advance(seconds=1)
    gateway.signins.purge(world.clock.now())
    assert [row[0] for row in dump(gateway.database)["signin"]] == [answered.id]
    assert browser.collect(answered, told)["access"] == "full"
    world.clock.advance(days=21)
    gateway.signins.purge(world.clock.now())
    rows = dump(gateway.database)
    assert rows["signin"] == rows["remedy"] == rows["remedy_message"] == []
    assert {row[1] for row in rows["issuer_key"]} == {"2026-W49"}
    assert len(rows["account"]) == 2


@BOTH
def test_a_rewrite_keeps_every_row(world: World) -> None:
    database = world.gateway.database
    world.gateway.browser.sign_in(world.holder())
    before = dump(database)
    rewrite_all(database)
    assert dump(database) == before


def test_the_running_application_purges_by_its_clock(world: World) -> None:
    gateway = world.open_gateway("shop", pause_s=0.02)
    gateway.browser.begin()
    world.clock.advance(minutes=6)
    for _ in range(500):
        if not dump(gateway.database)["signin"]:
            return
        time.sleep(0.02)
    pytest.fail("the sign-in was not purged")
