"""What everybody may know of an issuer: the keys of epochs, the burnt ones, and counts of many at once. The SQL."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, update

from bonafides.offices.issuer.schema import compromised_key, enrolment_count, epoch_key, tally


def epoch_keys(connection: Connection, epochs: Iterable[str]) -> dict[str, str]:
    """Return epoch -> key id for those of these epochs that have one."""
    rows = connection.execute(select(epoch_key).where(epoch_key.c.epoch.in_(list(epochs))))
    return {row.epoch: row.key_id for row in rows}


def set_epoch_key(connection: Connection, epoch: str, key_id: str) -> None:
    """Write the key of an epoch."""
    connection.execute(delete(epoch_key).where(epoch_key.c.epoch == epoch))
    connection.execute(insert(epoch_key).values(epoch=epoch, key_id=key_id))


def compromised_keys(connection: Connection) -> list[str]:
    """Return the ids of the signing keys nobody may trust."""
    return list(connection.execute(select(compromised_key.c.key_id).order_by(compromised_key.c.key_id)).scalars())


def mark_compromised(connection: Connection, key_id: str) -> None:
    """Write that a signing key may not be trusted any more."""
    connection.execute(delete(compromised_key).where(compromised_key.c.key_id == key_id))
    connection.execute(insert(compromised_key).values(key_id=key_id))


def count(connection: Connection, epoch: str, kind: str, by: int = 1) -> None:
    """Count an event of an epoch."""
    where = (tally.c.epoch == epoch, tally.c.kind == kind)
    done = connection.execute(update(tally).where(*where).values(count=tally.c.count + by))
    if done.rowcount == 0:
        connection.execute(insert(tally).values(epoch=epoch, kind=kind, count=by))


def counts(connection: Connection) -> dict[str, dict[str, int]]:
    """Return the counts of every epoch by kind."""
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(tally).order_by(tally.c.epoch, tally.c.kind)):
        found.setdefault(row.epoch, {})[row.kind] = row._mapping["count"]
    return found


def count_enrolment(connection: Connection, month: str, trust_version: str) -> None:
    """Count a first enrolment, by the trust list its document was checked by."""
    counted = enrolment_count.c
    where = (counted.month == month, counted.trust_version == trust_version)
    if connection.execute(update(enrolment_count).where(*where).values(count=counted["count"] + 1)).rowcount == 0:
        connection.execute(insert(enrolment_count).values(month=month, trust_version=trust_version, count=1))


def enrolment_counts(connection: Connection) -> dict[str, dict[str, int]]:
    """Return month -> version of the trust list -> first enrolments."""
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(enrolment_count).order_by(*enrolment_count.primary_key)):
        found.setdefault(row.month, {})[row.trust_version] = row._mapping["count"]
    return found
