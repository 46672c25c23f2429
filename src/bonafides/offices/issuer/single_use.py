"""What works once, or for minutes only: nonces, used sealed values, codes on their way to a wallet. The SQL."""

from sqlalchemy import Connection, delete, insert, select, update

from bonafides.offices.issuer.schema import delivery, nonce, spent


def insert_nonce(connection: Connection, value: str, expires: int) -> None:
    """Write a fresh nonce."""
    connection.execute(insert(nonce).values(value=value, expires=expires, attempts=0))


def try_nonce(connection: Connection, value: str, *, now: int, attempts: int) -> bool:
    """Count an attempt and return whether the nonce is still good."""
    done = connection.execute(
        update(nonce)
        .where(nonce.c.value == value, nonce.c.expires > now, nonce.c.attempts < attempts)
        .values(attempts=nonce.c.attempts + 1)
    )
    return done.rowcount == 1


def consume_nonce(connection: Connection, value: str, *, now: int) -> bool:
    """Use a nonce up and return whether this was the one time."""
    return connection.execute(delete(nonce).where(nonce.c.value == value, nonce.c.expires > now)).rowcount == 1


def is_spent(connection: Connection, value: str) -> bool:
    """Return whether a sealed value worked before."""
    return connection.execute(select(spent.c.value).where(spent.c.value == value)).one_or_none() is not None


def spend(connection: Connection, value: str, expires: int) -> None:
    """Write that a sealed value has worked; IntegrityError if it had."""
    connection.execute(insert(spent).values(value=value, expires=expires))


def insert_delivery(connection: Connection, session: str, jwe: str, expires: int) -> None:
    """Keep a code for the wallet that opened a session, encrypted to that wallet's key."""
    connection.execute(insert(delivery).values(session=session, jwe=jwe, expires=expires))


def find_delivery(connection: Connection, session: str, *, now: int) -> str | None:
    """Return what is kept for a session and not over."""
    wanted = (delivery.c.session == session, delivery.c.expires > now)
    found: str | None = connection.execute(select(delivery.c.jwe).where(*wanted)).scalar_one_or_none()
    return found


def drop_delivery(connection: Connection, session: str) -> None:
    """Delete what is kept for a session, if anything is."""
    connection.execute(delete(delivery).where(delivery.c.session == session))


def purge_expired(connection: Connection, now: int) -> None:
    """Delete nonces, spent marks and deliveries whose time is over."""
    connection.execute(delete(nonce).where(nonce.c.expires <= now))
    connection.execute(delete(spent).where(spent.c.expires <= now))
    connection.execute(delete(delivery).where(delivery.c.expires <= now))
