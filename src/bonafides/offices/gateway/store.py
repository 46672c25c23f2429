"""SQL of sign-ins, accounts and remedies; each function is one statement or two, inside the caller's transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bonafides.core.credential.epoch import epoch_of, shift
from bonafides.offices.gateway.domain import STALE_AFTER_EPOCHS, Remedy, RemedyKind, day_of
from bonafides.offices.gateway.schema import account, issuer_key, remedy, remedy_message, signin

KEPT_EPOCHS = 2
LONG_AGO = "1970-W01"
"""What stands for the epoch of an account that is stale anyway."""
_ANSWERED = {"nonce": "", "request": "", "required": "", "requested": ""}
"""What a sign-in has no more use for once it waits for no wallet."""


@dataclass(frozen=True, slots=True)
class SigninRow:
    """One sign-in: `waiting` for a wallet, `answered` and waiting for its browser, or `dead`."""

    id: str
    device: str
    cookie_digest: bytes
    nonce: str
    request: str
    required: str
    requested: str
    state: str
    attempts: int
    expires: int
    sub: str | None
    shown: str | None
    collect_digest: bytes | None
    tries: int


def insert(connection: Connection, table: Table) -> Any:
    """Return an INSERT of the connection's dialect: only those know ON CONFLICT, and they spell it alike."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def insert_new(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert a row unless its key is taken; tell whether it was inserted."""
    new = insert(connection, table).values(**values).on_conflict_do_nothing()
    # What is returned, and not the row count of an INSERT, which PostgreSQL's driver does not keep.
    return connection.execute(new.returning(*table.primary_key.columns)).first() is not None


def begin_signin(connection: Connection, row: SigninRow) -> None:
    """Write a new sign-in."""
    connection.execute(signin.insert().values({name: getattr(row, name) for name in SigninRow.__slots__}))


def find_signin(connection: Connection, signin_id: str) -> SigninRow | None:
    """Return a sign-in by its name."""
    row = connection.execute(select(signin).where(signin.c.id == signin_id)).one_or_none()
    return None if row is None else SigninRow(**row._mapping)


def count_attempt(connection: Connection, signin_id: str, *, now: datetime, limit: int) -> bool:
    """Count a presentation; False if the sign-in waits for none or had its share."""
    return _change_waiting(connection, signin_id, now, signin.c.attempts < limit, attempts=signin.c.attempts + 1)


def kill_if_exhausted(connection: Connection, signin_id: str, *, now: datetime, limit: int) -> bool:
    """End a sign-in whose last presentation was refused."""
    return _change_waiting(connection, signin_id, now, signin.c.attempts >= limit, state="dead", **_ANSWERED)


def answer_signin(connection: Connection, signin_id: str, *, now: datetime, **result: Any) -> bool:
    """Spend the nonce: a waiting sign-in becomes an answered one, once. False if it was spent before."""
    return _change_waiting(connection, signin_id, now, state="answered", **_ANSWERED, **result)


def _change_waiting(connection: Connection, signin_id: str, now: datetime, *also: Any, **values: Any) -> bool:
    waiting = (signin.c.id == signin_id, signin.c.state == "waiting", signin.c.expires > _second(now), *also)
    return connection.execute(update(signin).where(*waiting).values(**values)).rowcount == 1


def count_try(connection: Connection, row: SigninRow, *, limit: int) -> None:
    """Count a wrong code; the last one ends the sign-in and forgets its result."""
    values: dict[str, Any] = {"tries": row.tries + 1}
    if row.tries + 1 >= limit:
        values |= {"state": "dead", "sub": None, "shown": None, "collect_digest": None}
    connection.execute(update(signin).where(signin.c.id == row.id).values(**values))


def take_signin(connection: Connection, signin_id: str) -> bool:
    """Remove an answered sign-in; False if somebody else took it."""
    taken = delete(signin).where(signin.c.id == signin_id, signin.c.state == "answered")
    return connection.execute(taken).rowcount == 1


def see_account(connection: Connection, sub: str, *, epoch: str, consented: str) -> None:
    """Make the account, or note the epoch of its latest credential, which never goes back."""
    new = insert(connection, account).values(sub=sub, epoch_seen=epoch, consented=consented)
    values = {"epoch_seen": new.excluded.epoch_seen, "consented": new.excluded.consented}
    newer = account.c.epoch_seen <= new.excluded.epoch_seen
    connection.execute(new.on_conflict_do_update(index_elements=[account.c.sub], set_=values, where=newer))


def find_epoch_seen(connection: Connection, sub: str) -> str | None:
    """Return the epoch of the account's latest credential, None if there is no such account."""
    return connection.execute(select(account.c.epoch_seen).where(account.c.sub == sub)).scalar_one_or_none()


def find_remedies(connection: Connection, sub: str) -> list[Remedy]:
    """Return every remedy of an account, in force or not."""
    columns = (remedy.c.case_id, remedy.c.kind, remedy.c.starts, remedy.c.ends, remedy.c.renewed, remedy.c.lifted)
    rows = connection.execute(select(*columns).where(remedy.c.sub == sub).order_by(remedy.c.issuer, remedy.c.case_id))
    return [Remedy(row[0], RemedyKind(row[1]), *row[2:]) for row in rows]


def find_remedy(connection: Connection, sub: str, issuer: str, case: str) -> Remedy | None:
    """Return what one case did to one account."""
    columns = (remedy.c.case_id, remedy.c.kind, remedy.c.starts, remedy.c.ends, remedy.c.renewed, remedy.c.lifted)
    key = (remedy.c.sub == sub, remedy.c.issuer == issuer, remedy.c.case_id == case)
    row = connection.execute(select(*columns).where(*key)).one_or_none()
    return None if row is None else Remedy(row[0], RemedyKind(row[1]), *row[2:])


def put_remedy(connection: Connection, sub: str, issuer: str, new: Remedy) -> None:
    """Write what a case does to an account now."""
    state = {"ends": new.ends, "renewed": new.renewed, "lifted": new.lifted}
    key = {"sub": sub, "issuer": issuer, "case_id": new.case}
    row = insert(connection, remedy).values(**key, kind=new.kind.value, starts=new.starts, **state)
    connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=state))


def find_message(connection: Connection, message: str) -> bytes | None:
    """Return the digest of a message that was here before under this name."""
    return connection.execute(
        select(remedy_message.c.digest).where(remedy_message.c.id == message)
    ).scalar_one_or_none()


def record_message(connection: Connection, message: str, *, digest: bytes, expires: date) -> None:
    """Note a message, so that it counts once. IntegrityError if another one was first: look before."""
    connection.execute(remedy_message.insert().values(id=message, digest=digest, expires=expires))


def purge(connection: Connection, now: datetime) -> int:
    """Delete all that has served its purpose; return how many rows went."""
    oldest = shift(epoch_of(now), -KEPT_EPOCHS)
    today = day_of(now)
    gone = (
        delete(signin).where(signin.c.expires <= _second(now)),
        delete(remedy).where(remedy.c.ends <= today),
        delete(remedy_message).where(remedy_message.c.expires <= today),
        delete(issuer_key).where(issuer_key.c.epoch < oldest),
    )
    # A stale account need not tell since when: who lost a wallet falls silent everywhere in the same week, and the
    # issuer knows the month of the re-enrolment.
    stale = account.c.epoch_seen < shift(epoch_of(now), -STALE_AFTER_EPOCHS)
    forget = update(account).where(stale, account.c.epoch_seen != LONG_AGO).values(epoch_seen=LONG_AGO)
    connection.execute(forget)
    return sum(connection.execute(each).rowcount for each in gone)


def _second(now: datetime) -> int:
    return int(now.timestamp())
