"""What time does by itself: waiting devices count, pending re-enrolments take effect, bare tags are forgotten.

Each use case begins with `mature` for its person, so that nothing depends on when the sweep last ran; the sweep makes
sure that it also happens to those who never come.
"""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from bonafides.core.credential.epoch import epoch_of, monday_of
from bonafides.offices.issuer import published, single_use, store
from bonafides.offices.issuer.domain import Person, is_forgotten, recent_reenrolments
from bonafides.offices.issuer.service import Issuer
from bonafides.offices.issuer.settling import is_settled, month_of, open_groups, settles_in
from bonafides.offices.issuer.store import Pending


def mature(issuer: Issuer, connection: Connection, person: Person, now: datetime) -> Person:
    """Return the person after everything whose day has come has happened."""
    today = now.date()
    for each in store.devices_of(connection, person.tag):
        if each.due is not None and each.due <= today:
            if each.standing == "waiting":
                store.put_device(connection, person.tag, each.device_key, "active")
            else:
                store.drop_device(connection, person.tag, each.device_key)
    waiting = store.find_pending(connection, person.tag)
    if waiting is not None and waiting.due <= today and not waiting.needs_officer:
        person = replace_handle(issuer, connection, person, waiting, now)
    if person.returnable and person.handle is not None and settled_on(issuer, connection, person, today):
        # Once the newer handle is settled the earlier ones are dead (profile §3).
        person = replace(person, returnable=())
        store.update_person(connection, person)
    return person


def replace_handle(issuer: Issuer, connection: Connection, person: Person, waiting: Pending, now: datetime) -> Person:
    """Make a pending handle the current one: unsettled for as long as the rule says, all devices replaced."""
    today = now.date()
    count = recent_reenrolments(person, today, issuer.settling)
    nth = 1 if waiting.waived else count + 1
    returnable = person.returnable
    if person.handle is not None:
        old = store.find_used_handle(connection, _macs(issuer, person.handle))
        if old is not None:
            store.set_handle_settles(connection, old.tag_handle_mac, person.settles)
            returnable = (*returnable, old.tag_handle_mac)
    changed = replace(
        person,
        handle=waiting.handle,
        assurance=waiting.assurance,
        settles=settles_in(replaced_at=now, nth=nth, rules=issuer.settling),
        reenrolled=month_of(today),
        reenrolments=max(count, 1) if waiting.waived else nth,
        frozen_until=None,
        returnable=returnable,
    )
    store.update_person(connection, changed)
    store.drop_devices(connection, person.tag)
    store.put_device(connection, person.tag, waiting.device_key, "active")
    store.drop_pending(connection, person.tag)
    published.count(connection, epoch_of(now), "reenrolled")
    return changed


def settled_on(issuer: Issuer, connection: Connection, person: Person, day: date) -> bool:
    """Return whether a person counts as settled on a day, deciding which groups open by then."""
    if person.settles is None:
        return True
    opened = store.opened_groups(connection)
    fresh = open_groups(
        waiting=store.waiting_by_month(connection), opened=opened, until=month_of(day), rules=issuer.settling
    )
    store.insert_groups(connection, fresh)
    return is_settled(due=person.settles, opened=opened | fresh, at=day)


def settled_in_epoch(issuer: Issuer, connection: Connection, person: Person, epoch: str) -> bool:
    """Return the value of `settled` in a credential of this epoch: as of 00:00 UTC of its Monday."""
    return settled_on(issuer, connection, person, monday_of(epoch).date())


def sweep(issuer: Issuer) -> None:
    """Let happen what is due for anybody, forget bare tags after their three years, drop spent values."""
    now = issuer.clock.now()
    today = now.date()

    def due(connection: Connection) -> set[bytes]:
        single_use.purge_expired(connection, int(now.timestamp()))
        for bare in store.bare_tags(connection):
            if is_forgotten(bare, today):
                store.delete_person(connection, bare.tag)
        tags = {each.tag for each in store.list_pending(connection) if each.due <= today}
        return tags | set(store.due_device_tags(connection, today))

    def one(tag: bytes) -> None:
        def work(connection: Connection) -> None:
            person = store.find_person(connection, [tag])
            if person is not None:
                mature(issuer, connection, person, now)

        issuer.run(work)

    for tag in issuer.run(due):
        one(tag)


def _macs(issuer: Issuer, handle: bytes) -> dict[str, bytes]:
    return {key_id: issuer.keys.tags.handle_mac(key_id, handle) for key_id in issuer.keys.tags.ids}
