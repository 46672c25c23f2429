"""`kill -9` in work that nobody asked for: the issuer's sweep, the gateway's upkeep, the making of the tables."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from bonafides.core.credential import device
from bonafides.kit.migrate import assert_schema_matches
from bonafides.kit.storage import open_database
from bonafides.testing.deployment import Browser
from bonafides.testing.holder import new_device
from tests.crash.test_walk import enrolled, waiting
from tests.crash.town import Office, Town, counts_of, note_walked

ENOUGH = 400
"""More steps than any of this takes: a walk that comes here never ends."""


def wait_until(done: Callable[[], bool]) -> None:
    """Wait for what must happen by itself."""
    for _ in range(600):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("it never happened")


@pytest.mark.slow
def test_the_sweep_replaces_each_person_exactly_once(town: Town) -> None:
    fresh = [waiting(town) for _ in range(2)]
    anna = enrolled(town)
    anna.act("approve_device", device.public_bytes(new_device()))
    offices = (town.issuer, town.gateway)
    for office in offices:
        office.kill()
        office.save(town.folder)
    town.clock.advance(timedelta(days=14))

    def is_swept() -> bool:
        rows = town.issuer.rows()
        return not rows["pending"] and {row.standing for row in rows["device"]} == {"active"}

    walked = 0
    for step in range(ENOUGH):
        town.issuer.restore(town.folder) if step else None
        town.issuer.start(**{"issuer-upkeep": step})
        wait_until(lambda: not town.issuer.lives() or is_swept())
        time.sleep(0.1)  # the last step comes right after what can be seen
        died = not town.issuer.lives()
        if died:
            town.issuer.await_death()
            town.check()
            town.issuer.start()
            wait_until(is_swept)
            walked += 1
        town.check()
        rows = town.issuer.rows()
        assert counts_of(rows)["reenrolled"] == 2
        assert sorted(row.reenrolments for row in rows["person"]) == [0, 1, 1]
        assert len([row for row in rows["device"] if bytes(row.tag) == town.tag(anna)]) == 2
        if not died:
            break
        town.issuer.kill()
    note_walked("sweep", walked)
    assert walked >= 20
    town.gateway.start()
    for each in fresh:
        each.collect()
        town.check_enrolled(each)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["issuer", "gateway"])
def test_the_tables_are_made_whole_or_not_at_all(town: Town, name: str) -> None:
    office: Office = getattr(town, name)
    walked = 0
    for step in range(ENOUGH):
        office.kill()
        for file in office.files():
            file.unlink(missing_ok=True)
        office.start(MainThread=step)
        if office.lives():
            break
        office.await_death()
        walked += 1
        office.start()
        assert office.lives()
        database = open_database(office.database_url)
        assert_schema_matches(database, office.tables)
        database.close()
    note_walked(f"tables of the {name}", walked)
    assert walked >= 10


@pytest.mark.slow
def test_the_upkeep_of_a_gateway_dies_at_every_step(town: Town) -> None:
    anna = enrolled(town)
    anna.sign_in(town.gateway.origin)
    Browser(anna.http, town.gateway.origin).begin()
    town.gateway.kill()
    town.gateway.save(town.folder)
    # A day later: sign-ins to purge, rows to write anew, an issuer to ask.
    town.clock.advance(timedelta(days=1))

    def is_kept_up() -> bool:
        return not town.gateway.rows()["signin"]

    walked = 0
    for step in range(ENOUGH):
        town.gateway.restore(town.folder)
        town.gateway.start(**{"gateway-upkeep": step})
        wait_until(lambda: not town.gateway.lives() or is_kept_up())
        time.sleep(1.0)  # the rewrite and the asking come after the purge that can be seen
        if town.gateway.lives():
            town.gateway.kill()
            break
        town.gateway.await_death()
        walked += 1
        town.gateway.start()
        town.check()
        assert [row.sub for row in town.gateway.rows()["account"]] == [town.sub(anna)]
        town.check_enrolled(anna)
        town.gateway.kill()
    note_walked("upkeep of the gateway", walked)
    assert walked >= 10
    town.gateway.start()
