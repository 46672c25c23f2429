"""Log lines that cannot carry a person: known events, known fields, known kinds of value; all else is dropped.

    ISSUED = telemetry.event("issuer.credential.issued")
    ISSUED(epoch="2026-W48", count=2)

It is an allow-list of values and not only of names, since a number or a name would otherwise travel in a field called
`code`. Times are cut to the hour: finer ones, of two offices side by side, would join what the offices keep apart.
There is no request id, no network address, no path (only the route's template), no text of an exception.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TextIO

import structlog

from bonafides import __version__
from bonafides.errors import Error
from bonafides.kit.clock import Clock

OFFICES = frozenset({"issuer", "gateway", "redress", "operator", "registrar", "log", "wallet"})
LEVELS = frozenset({"debug", "info", "warning", "error"})
UNDECLARED = "undeclared"

_EVENT = re.compile(r"[a-z]{1,20}(\.[a-z_]{1,40}){1,3}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_EPOCH = re.compile(r"[0-9]{4}-W[0-9]{2}")

_events: set[str] = set()
# The codes of this floor that belong to no error class.
_codes: set[str] = {
    *("internal", "not_found", "method_not_allowed", "unauthorized", "too_large", "rate_limited"),
    *("database_busy", "database_unavailable", "port_in_use"),
    *("unknown_key", "bad_signature", "insecure_url", "unexpected_answer", "unreachable"),
}


class RouteTemplate(str):
    """The template of a route (`/cases/{case}`), taken from the route table and never from a request."""

    __slots__ = ()


class Event(Protocol):
    """Writes one log line of its kind."""

    def __call__(self, **fields: Any) -> None:
        """Write the line; fields that are not on the list are dropped."""
        ...


def event(name: str, *, level: str = "info") -> Event:
    """Declare an event, once, at import, under a name such as `issuer.credential.issued`, and return its writer."""
    if not _EVENT.fullmatch(name):
        raise ValueError("an event is named office.thing.happened")
    if level not in LEVELS:
        raise ValueError("no such level")
    _events.add(name)

    def write(**fields: Any) -> None:
        getattr(structlog.get_logger(), level)(name, **fields)

    return write


def declare_codes(codes: Iterable[str]) -> None:
    """Let these error codes appear in log lines; those of the error classes need no declaration."""
    for code in codes:
        if not _CODE.fullmatch(code):
            raise ValueError("a code is lower-case letters and underscores")
        _codes.add(code)


def configure(clock: Clock, *, office: str, stream: TextIO | None = None, level: str = "info") -> None:
    """Send every log line of the process, those of libraries too, through the allow-list to `stream` (stderr)."""
    if office not in OFFICES:
        raise ValueError("no such office")

    def add_time_and_office(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["office"] = office
        line["hour"] = clock.now().strftime("%Y-%m-%dT%HZ")
        return line

    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            keep_allowed,
            add_time_and_office,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if isinstance(handler, LibraryHandler):
            root.removeHandler(handler)
    root.addHandler(LibraryHandler(logging.WARNING))
    # Without a handler of its own the standard library would print the full text of a warning.
    logging.captureWarnings(True)


_library_spoke = event("library.log.written", level="warning")


class LibraryHandler(logging.Handler):
    """Reduces what a library logs to who spoke, how loud and where: its texts quote URLs, addresses and values."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the reduced line."""
        error = record.exc_info[1] if record.exc_info else None
        _library_spoke(library=record.name.partition(".")[0], loud=record.levelname.lower(), error=error)


def keep_allowed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return the allowed part of a log line; a structlog processor, and the only gate to the log."""
    name = line.get("event")
    kept: dict[str, Any] = {"event": name if isinstance(name, str) and name in _events else UNDECLARED}
    if line.get("level") in LEVELS:
        kept["level"] = line["level"]
    for field, value in line.items():
        error = value if field == "error" and isinstance(value, BaseException) else None
        if error is not None:
            kept |= describe_error(error)
        elif field in FIELDS and (allowed := FIELDS[field](value)) is not None:
            kept[field] = allowed
    return kept


def describe_error(error: BaseException) -> dict[str, str]:
    """Return type, code and place of an exception, and nothing of its text."""
    found = {"error": type(error).__qualname__, "at": _innermost_place(error.__traceback__)}
    if isinstance(error, Error):
        found["code"] = _code(error.code) or UNDECLARED
    return found


def _innermost_place(trace: TracebackType | None) -> str:
    """Return `file:line` of the innermost frame of ours, or of the innermost at all."""
    place, ours = "unknown", False
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        is_ours = file.startswith(_HOME)
        if is_ours or not ours:
            place = f"{Path(file).name if not is_ours else file[len(_HOME) :]}:{trace.tb_lineno}"
            ours = ours or is_ours
        trace = trace.tb_next
    return place


_HOME = str(Path(__file__).parent.parent) + "/"


def _number(low: int, high: int) -> Callable[[Any], int | None]:
    def kind(value: Any) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            return None
        return int(value)

    return kind


def _one_of(choices: Iterable[str]) -> Callable[[Any], str | None]:
    allowed = frozenset(choices)
    return lambda value: value if isinstance(value, str) and value in allowed else None


def _code(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return value if value in _codes or value in _codes_of(Error) else UNDECLARED


def _codes_of(kind: type[Error]) -> set[str]:
    return {kind.default_code}.union(*(_codes_of(each) for each in kind.__subclasses__()))


def _epoch(value: Any) -> str | None:
    return value if isinstance(value, str) and _EPOCH.fullmatch(value) else None


def _route(value: Any) -> str | None:
    return str(value) if isinstance(value, RouteTemplate) else None


def _library(value: Any) -> str | None:
    return value if isinstance(value, str) and value in sys.modules and "." not in value else None


# Numbers end below anything that numbers people: identity and telephone numbers, birth dates as eight digits.
FIELDS: Mapping[str, Callable[[Any], int | str | None]] = {
    "attempts": _number(0, 999),
    "bytes": _number(0, 9_999_999),
    "code": _code,
    "count": _number(0, 9_999_999),
    "epoch": _epoch,
    "library": _library,
    "loud": _one_of(LEVELS | {"critical"}),
    "ms": _number(0, 3_600_000),
    "office": _one_of(OFFICES),
    "port": _number(1, 65_535),
    "route": _route,
    "status": _number(100, 599),
    "version": _one_of({__version__}),
}
