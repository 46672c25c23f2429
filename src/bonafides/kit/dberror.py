"""Tell apart the errors of two database drivers: in each other's way, away, or our own mistake."""

import sqlite3

from sqlalchemy.exc import DBAPIError

# SQLite's primary result codes, https://www.sqlite.org/rescode.html: the low byte of the extended code.
_BUSY, _LOCKED, _READONLY = 5, 6, 8
_SQLITE_AWAY = {
    3,  # PERM
    7,  # NOMEM
    _READONLY,
    10,  # IOERR
    11,  # CORRUPT
    13,  # FULL
    14,  # CANTOPEN
    15,  # PROTOCOL
    26,  # NOTADB
}
_SERIALIZATION_FAILURE, _DEADLOCK = "40001", "40P01"
# PostgreSQL's classes: connection exception, insufficient resources, operator intervention, system error.
_POSTGRESQL_AWAY = ("08", "53", "57P", "58")


def is_conflict(error: DBAPIError) -> bool:
    """Tell whether another transaction was in the way, so that the same work may succeed when repeated."""
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return _sqlite_code(origin) in (_BUSY, _LOCKED)
    return getattr(origin, "sqlstate", None) in (_SERIALIZATION_FAILURE, _DEADLOCK)


def is_unavailable(error: DBAPIError) -> bool:
    """Tell whether the database is away, full or broken, which no change of our program would mend."""
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        # The bare READONLY is a write inside `Database.read()`: our mistake, which must be seen as one. (A file that
        # cannot be written is refused when it is opened.)
        return _sqlite_code(origin) in _SQLITE_AWAY and getattr(origin, "sqlite_errorcode", 0) != _READONLY
    if error.connection_invalidated:
        return True
    state = getattr(origin, "sqlstate", None)
    if state is None:
        return type(origin).__name__ in ("OperationalError", "InterfaceError")
    return str(state).startswith(_POSTGRESQL_AWAY)


def _sqlite_code(error: sqlite3.Error) -> int:
    # Missing on errors of the driver itself, such as a wrong number of parameters.
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
