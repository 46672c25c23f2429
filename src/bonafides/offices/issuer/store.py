"""Persons and what hangs on them: the SQL, each function one statement or two, on a connection the service holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bonafides.errors import PolicyError
from bonafides.offices.issuer.domain import Person
from bonafides.offices.issuer.schema import (
    device,
    dispute,
    group,
    pending,
    person,
    used_handle,
)

_MAC = 32


@dataclass(frozen=True, slots=True)
class Device:
    """A device key of a person: active, waiting until `due`, or replaced and remembered until `due`."""

    device_key: bytes
    standing: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A re-enrolment that waits."""

    tag: bytes
    ref: str
    handle: bytes
    device_key: bytes
    assurance: str
    due: date
    needs_officer: bool
    waived: bool

    def __repr__(self) -> str:
        """Return a text without tag or handle."""
        return "Pending(redacted)"


@dataclass(frozen=True, slots=True)
class UsedHandle:
    """What is remembered of a handle ever used."""

    tag_handle_mac: bytes
    mac_key: str
    settles: str | None


def find_person(connection: Connection, tags: Iterable[bytes]) -> Person | None:
    """Return the person under one of these tags; PolicyError if they are two, which an officer must sort out."""
    rows = connection.execute(select(person).where(person.c.tag.in_(list(tags)))).all()
    if len(rows) > 1:
        raise PolicyError("two numbers of one person are enrolled; come in person", code="in_person")
    return _person(rows[0] if rows else None)


def find_person_by_handle(connection: Connection, handle: bytes) -> Person | None:
    """Return the person whose current handle this is."""
    return _person(connection.execute(select(person).where(person.c.handle == handle)).one_or_none())


def insert_person(connection: Connection, new: Person) -> None:
    """Write a person that was not there; IntegrityError if the tag is."""
    connection.execute(insert(person).values(tag=new.tag, **_columns(new)))


def update_person(connection: Connection, changed: Person) -> None:
    """Write what changed of a person."""
    connection.execute(update(person).where(person.c.tag == changed.tag).values(**_columns(changed)))


def move_person(connection: Connection, old: bytes, new: bytes, tag_key: str) -> None:
    """Give a person a new tag, with all that hangs on it: after a key rotation or a changed number."""
    connection.execute(update(person).where(person.c.tag == old).values(tag=new, tag_key=tag_key))
    for table in (device, pending, dispute):
        connection.execute(update(table).where(table.c.tag == old).values(tag=new))


def delete_person(connection: Connection, tag: bytes) -> None:
    """Forget a tag and all that hangs on it."""
    for table in (person, device, pending, dispute):
        connection.execute(delete(table).where(table.c.tag == tag))


def bare_tags(connection: Connection) -> list[Person]:
    """Return the persons of whom only the tag is left."""
    rows = connection.execute(select(person).where(person.c.handle.is_(None)))
    return [found for row in rows if (found := _person(row)) is not None]


def count_by_tag_key(connection: Connection) -> dict[str, int]:
    """Return how many persons each tag key holds."""
    rows = connection.execute(select(person.c.tag_key, func.count()).group_by(person.c.tag_key))
    return {row[0]: row[1] for row in rows}


def find_used_handle(connection: Connection, macs: Mapping[str, bytes]) -> UsedHandle | None:
    """Return what is remembered of a handle, looked up by its hash under each key (key id -> hash)."""
    row = connection.execute(select(used_handle).where(used_handle.c.handle_mac.in_(list(macs.values())))).one_or_none()
    return None if row is None else UsedHandle(row.tag_handle_mac, row.mac_key, row.settles)


def insert_used_handle(connection: Connection, *, handle_mac: bytes, mac_key: str, tag_handle_mac: bytes) -> None:
    """Remember that a handle is used, and whose it is."""
    connection.execute(
        insert(used_handle).values(handle_mac=handle_mac, mac_key=mac_key, tag_handle_mac=tag_handle_mac, settles=None)
    )


def set_handle_settles(connection: Connection, tag_handle_mac: bytes, settles: str | None) -> None:
    """Remember with a replaced handle the waiting it had."""
    connection.execute(
        update(used_handle).where(used_handle.c.tag_handle_mac == tag_handle_mac).values(settles=settles)
    )


def devices_of(connection: Connection, tag: bytes) -> list[Device]:
    """Return the device keys of a person, by key."""
    rows = connection.execute(select(device).where(device.c.tag == tag).order_by(device.c.device_key))
    return [Device(row.device_key, row.standing, row.due) for row in rows]


def put_device(connection: Connection, tag: bytes, key: bytes, standing: str, due: date | None = None) -> None:
    """Write the standing of a device key."""
    drop_device(connection, tag, key)
    connection.execute(insert(device).values(tag=tag, device_key=key, standing=standing, due=due))


def drop_device(connection: Connection, tag: bytes, key: bytes) -> None:
    """Forget a device key."""
    connection.execute(delete(device).where(device.c.tag == tag, device.c.device_key == key))


def drop_devices(connection: Connection, tag: bytes) -> None:
    """Forget all device keys of a person."""
    connection.execute(delete(device).where(device.c.tag == tag))


def due_device_tags(connection: Connection, today: date) -> list[bytes]:
    """Return the tags with a device whose day has come."""
    return list(connection.execute(select(device.c.tag).where(device.c.due <= today).distinct()).scalars())


def find_pending(connection: Connection, tag: bytes) -> Pending | None:
    """Return the re-enrolment that waits for this tag."""
    return _pending(connection.execute(select(pending).where(pending.c.tag == tag)).one_or_none())


def find_pending_by_ref(connection: Connection, ref: str) -> Pending | None:
    """Return the re-enrolment of this reference."""
    return _pending(connection.execute(select(pending).where(pending.c.ref == ref)).one_or_none())


def find_pending_by_handle(connection: Connection, handle: bytes) -> Pending | None:
    """Return the re-enrolment towards this handle."""
    return _pending(connection.execute(select(pending).where(pending.c.handle == handle)).one_or_none())


def list_pending(connection: Connection) -> list[Pending]:
    """Return all re-enrolments that wait, by reference."""
    rows = connection.execute(select(pending).order_by(pending.c.ref))
    return [found for row in rows if (found := _pending(row)) is not None]


def insert_pending(connection: Connection, new: Pending) -> None:
    """Write a re-enrolment that waits."""
    connection.execute(
        insert(pending).values(
            tag=new.tag,
            ref=new.ref,
            handle=new.handle,
            device_key=new.device_key,
            assurance=new.assurance,
            due=new.due,
            needs_officer=new.needs_officer,
            waived=new.waived,
        )
    )


def decide_pending(connection: Connection, tag: bytes, *, needs_officer: bool, waived: bool) -> None:
    """Change what a re-enrolment waits for."""
    connection.execute(update(pending).where(pending.c.tag == tag).values(needs_officer=needs_officer, waived=waived))


def drop_pending(connection: Connection, tag: bytes) -> None:
    """Forget a re-enrolment that was decided."""
    connection.execute(delete(pending).where(pending.c.tag == tag))


def insert_dispute(connection: Connection, tag: bytes, ref: str) -> None:
    """Write that a replaced device contests a restore; a second one changes nothing."""
    if connection.execute(select(dispute.c.tag).where(dispute.c.tag == tag)).one_or_none() is None:
        connection.execute(insert(dispute).values(tag=tag, ref=ref))


def find_dispute(connection: Connection, *, ref: str | None = None, tag: bytes | None = None) -> Row[Any] | None:
    """Return the dispute of this reference or tag."""
    where = dispute.c.ref == ref if ref is not None else dispute.c.tag == tag
    return connection.execute(select(dispute).where(where)).one_or_none()


def list_disputes(connection: Connection) -> list[str]:
    """Return the references of all disputes."""
    return list(connection.execute(select(dispute.c.ref).order_by(dispute.c.ref)).scalars())


def drop_dispute(connection: Connection, tag: bytes) -> None:
    """Forget a dispute that was decided."""
    connection.execute(delete(dispute).where(dispute.c.tag == tag))


def waiting_by_month(connection: Connection) -> dict[str, int]:
    """Return how many persons are due in each month."""
    rows = connection.execute(
        select(person.c.settles, func.count()).where(person.c.settles.is_not(None)).group_by(person.c.settles)
    )
    return {row[0]: row[1] for row in rows}


def opened_groups(connection: Connection) -> dict[str, str]:
    """Return due month -> month in which its group opened."""
    return {row.due: row.opens for row in connection.execute(select(group))}


def insert_groups(connection: Connection, opened: Mapping[str, str]) -> None:
    """Write in which month groups open; such a decision is never changed."""
    for due, opens in opened.items():
        connection.execute(insert(group).values(due=due, opens=opens))


def _columns(of: Person) -> dict[str, Any]:
    return {
        "tag_key": of.tag_key,
        "handle": of.handle,
        "assurance": of.assurance,
        "settles": of.settles,
        "reenrolled": of.reenrolled,
        "reenrolments": of.reenrolments,
        "frozen_until": of.frozen_until,
        "returnable": b"".join(of.returnable),
    }


def _person(row: Row[Any] | None) -> Person | None:
    if row is None:
        return None
    macs = tuple(bytes(row.returnable[i : i + _MAC]) for i in range(0, len(row.returnable), _MAC))
    return Person(
        bytes(row.tag),
        row.tag_key,
        None if row.handle is None else bytes(row.handle),
        row.assurance,
        row.settles,
        row.reenrolled,
        row.reenrolments,
        row.frozen_until,
        macs,
    )


def _pending(row: Row[Any] | None) -> Pending | None:
    if row is None:
        return None
    return Pending(
        bytes(row.tag),
        row.ref,
        bytes(row.handle),
        bytes(row.device_key),
        row.assurance,
        row.due,
        row.needs_officer,
        row.waived,
    )
