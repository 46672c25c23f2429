"""Keys apart from the database: rotation of tag and signing keys, compromise, and clear words when one is missing."""

from pathlib import Path

import pytest

from bonafides.errors import ConfigError
from bonafides.offices.issuer import store
from bonafides.offices.issuer.app import open_issuer
from bonafides.offices.issuer.keys import add_signing_key, add_tag_key, load_keys
from bonafides.offices.issuer.service import rotate_signing_key
from tests.issuer.conftest import World
from tests.issuer.test_enrolment import code_of


def reload_keys(world: World) -> None:
    """What a restart does after keys were added."""
    object.__setattr__(world.issuer, "keys", load_keys(world.issuer.settings.key_folder))


def test_after_a_tag_key_rotation_everybody_is_still_known(world: World) -> None:
    anna, boris = world.person(), world.person()
    anna.enrol()
    boris.enrol()
    add_tag_key(world.issuer.settings.key_folder)
    reload_keys(world)
    anna.renew()
    assert code_of(world.wallet(anna.document).enrol) == "already_enrolled"
    anna.enrol()  # shows the document: moves to the new key
    with world.issuer.database.read() as connection:
        assert store.count_by_tag_key(connection) == {"k0001": 1, "k0002": 1}
    anna.renew()
    restored = world.wallet(anna.document)
    restored.secret = anna.secret
    restored.enrol("restore")
    mallory = world.person()
    mallory.secret = boris.secret
    assert code_of(mallory.enrol) == "handle_of_another"


def test_a_new_signing_key_begins_with_an_unpublished_epoch(world: World) -> None:
    anna = world.person()
    anna.enrol()
    published = anna.epochs()
    add_signing_key(world.issuer.settings.key_folder)
    reload_keys(world)
    assert anna.epochs() == published
    world.pass_days(7)
    anna.renew()
    assert {c.header.key_id for c in anna.credentials.values()} == {"k0001", "k0002"}
    world.pass_days(7)
    anna.renew()


def test_a_compromised_key_is_refused_for_renewal(world: World) -> None:
    anna = world.person()
    anna.enrol()
    with pytest.raises(Exception, match="add a new signing key"):
        rotate_signing_key(world.issuer, compromised="k0001")
    add_signing_key(world.issuer.settings.key_folder)
    reload_keys(world)
    rotate_signing_key(world.issuer, compromised="k0001")
    assert code_of(anna.renew) in {"key_compromised", "not_renewable"}
    anna.enrol()
    anna.renew()


@pytest.mark.parametrize("name", ["tag-k0001.key", "signing-k0001.key", "seal.key"])
def test_a_missing_key_file_is_told_in_one_sentence(world: World, name: str) -> None:
    (Path(world.issuer.settings.key_folder) / name).unlink()
    with pytest.raises(ConfigError, match="backup") as caught:
        open_issuer(world.issuer.settings, clock=world.clock)
    assert str(caught.value).count("\n") == 0
