"""No log line can carry a person: whatever is logged, under whatever name, only listed values come out."""

import json
import logging
import warnings
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bonafides
from bonafides.errors import ConflictError, Error
from bonafides.kit import telemetry
from bonafides.kit.clock import FixedClock

issued = telemetry.event("issuer.credential.issued")

WORDS = {"undeclared", "issuer", "warning", "critical", "bonafides"}

# What might slip into a log by mistake: numbers of people, names, addresses, tokens, hashes, dates of birth.
digits = st.text("0123456789", min_size=8, max_size=16)
personal: st.SearchStrategy[Any] = st.one_of(
    digits,
    st.integers(10_000_000, 10**16),
    digits.map(lambda value: "+84" + value),
    st.sampled_from(["Nguyễn Văn An", "nguyen_van_an", "nguyen", "an.nguyen@example.vn", "1990-01-31", "19900131"]),
    st.ip_addresses().map(str),
    st.binary(min_size=16, max_size=48).map(bytes.hex),
    st.binary(min_size=16, max_size=48).map(lambda value: "eyJ" + value.hex() + ".e30.x"),
    st.binary(min_size=8, max_size=48),
    st.text("abcdefghijklmnopqrstuvwxyz_", min_size=6, max_size=40).filter(lambda value: value not in WORDS),
    digits.map(lambda value: "/accounts/" + value),
)
names = st.sampled_from([*telemetry.FIELDS, "error", "at", "hour", "level", "person", "event_", "msg", "exc_info"])


@pytest.fixture
def log() -> Iterator[StringIO]:
    from tests.kit.test_clock import START

    stream = StringIO()
    handlers = [*logging.getLogger().handlers]
    telemetry.configure(FixedClock(START), office="issuer", stream=stream)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(False)
    logging.getLogger().handlers = handlers


def lines(log: StringIO) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    log.seek(0)
    log.truncate()
    return found


EMPTY = {"event": "issuer.credential.issued", "hour": "2026-11-23T08Z", "level": "info", "office": "issuer"}
fixture_is_emptied = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def wrapped(value: Any) -> list[Any]:
    """Return the ways in which one value may be handed over."""
    shapes: list[Any] = [value, [value], {"x": value}, (value,), str(value), f"user {value}", {value: 1}]
    return [*shapes, float(value)] if isinstance(value, int) else shapes


@fixture_is_emptied
@given(st.dictionaries(names, personal, max_size=6))
def test_no_personal_value_comes_out_of_any_field(log: StringIO, fields: dict[str, Any]) -> None:
    for index in range(8):
        given_now = {name: wrapped(value)[index % len(wrapped(value))] for name, value in fields.items()}
        issued(**given_now)
    for line in lines(log):
        assert {name: value for name, value in line.items() if name != "code"} == EMPTY
        assert line.get("code", "undeclared") == "undeclared"


@fixture_is_emptied
@given(personal)
def test_nor_out_of_names_exceptions_and_libraries(log: StringIO, value: Any) -> None:
    text = str(value)
    error = Error(text, code=text)
    structlog.get_logger().error(text, **{text or "x": 1, "error": error})
    structlog.get_logger().bind(person=value).warning("issuer.credential.issued", error=KeyError(value))
    logging.getLogger("httpx").warning("GET %s", text, extra={"person": text})
    logging.getLogger(text).error(text, exc_info=ValueError(text))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(text, stacklevel=1)
    found = lines(log)
    assert len(found) == 5
    allowed = {"undeclared", "Error", "KeyError", "ValueError", "unknown", "httpx", "py", "library.log.written"}
    allowed |= {"issuer.credential.issued", "2026-11-23T08Z", "issuer", "info", "warning", "error"}
    for line in found:
        assert line.keys() <= {"at", "code", "error", "event", "hour", "level", "library", "loud", "office"}
        assert set(line.values()) <= allowed


def test_what_is_allowed_comes_out(log: StringIO) -> None:
    fields: dict[str, Any] = {
        "attempts": 3,
        "bytes": 2048,
        "code": "conflict",
        "count": 12,
        "epoch": "2026-W48",
        "library": "httpx",
        "loud": "critical",
        "ms": 17,
        "port": 8401,
        "route": telemetry.RouteTemplate("/cases/{case}"),
        "status": 409,
        "version": bonafides.__version__,
    }
    assert fields.keys() | {"office"} == telemetry.FIELDS.keys()
    issued(**fields)
    assert lines(log) == [{**EMPTY, **fields}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", True),
        ("count", -1),
        ("count", 10_000_000),
        ("count", float("nan")),
        ("count", float("inf")),
        ("count", "5"),
        ("status", 99),
        ("epoch", "2026-W48\n"),
        ("epoch", "2026-W480"),
        ("route", "/cases/{case}"),
        ("version", "10.0.0.1"),
        ("library", "nothing_imported"),
        ("library", "bonafides.kit"),
        ("office", "Nguyen"),
    ],
)
def test_values_at_the_edge(log: StringIO, field: str, value: object) -> None:
    issued(**{field: value})
    assert lines(log) == [EMPTY]


def test_an_exception_is_reduced_to_type_code_and_place(log: StringIO) -> None:
    try:
        raise ConflictError("secret")
    except ConflictError as error:
        issued(error=error)
    (line,) = lines(log)
    assert (line["error"], line["code"]) == ("ConflictError", "conflict")
    assert line["at"].startswith("test_telemetry.py:")


def test_the_place_is_ours_where_a_library_failed(log: StringIO) -> None:
    from bonafides.kit.signing_key import read_signing_key

    try:
        read_signing_key(None)  # type: ignore[arg-type]
    except TypeError as error:
        issued(error=error)
    (line,) = lines(log)
    assert line["at"].startswith("kit/keyfile.py:")


def test_codes_and_events_are_declared(log: StringIO) -> None:
    issued(code="never_heard_of")
    structlog.get_logger().info("issuer.never.declared")
    telemetry.declare_codes(["declared_in_test"])
    issued(code="declared_in_test")
    first, second, third = lines(log)
    assert (first["code"], second["event"], third["code"]) == ("undeclared", "undeclared", "declared_in_test")


def test_bad_declarations_are_refused() -> None:
    for name in ("issued", "issuer.Issued", "issuer.person.0912", ""):
        with pytest.raises(ValueError, match="named"):
            telemetry.event(name)
    with pytest.raises(ValueError, match="level"):
        telemetry.event("issuer.credential.issued", level="loud")
    with pytest.raises(ValueError, match="code"):
        telemetry.declare_codes(["Not A Code"])
    with pytest.raises(ValueError, match="office"):
        telemetry.configure(FixedClock.__new__(FixedClock), office="nobody")


def test_levels(log: StringIO) -> None:
    telemetry.event("issuer.thing.seen", level="debug")()
    assert lines(log) == []
    telemetry.event("issuer.thing.failed", level="error")()
    assert [line["level"] for line in lines(log)] == ["error"]
    logging.getLogger("httpx").info("not loud enough")
    assert lines(log) == []
