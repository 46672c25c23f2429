"""JSON with one meaning only: what two parsers may read differently is refused."""

import json
from typing import Any, NoReturn

from bonafides.errors import InputError

MAX_DEPTH = 32
MAX_NUMBER_DIGITS = 20


def parse_json_object(data: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Return the JSON object in `data`; InputError for anything else.

    Refused: too large, not UTF-8, doubled names, NaN and infinities, numbers of absurd length, lone surrogates,
    nesting deeper than `max_depth`, anything but an object at the top.
    """
    if len(data) > max_bytes:
        raise InputError("JSON is too large", code="too_large")
    try:
        text = data.decode("utf-8")
        check_depth(text, max_depth)
        value = json.loads(
            text,
            object_pairs_hook=_object_without_doubles,
            parse_constant=_refuse_constant,
            parse_int=_parse_int,
            parse_float=_parse_float,
        )
        if "\\" in text:
            # Only an escape can bring a half of a surrogate pair, which no UTF-8 can carry on.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise InputError("not JSON with one meaning") from None
    if not isinstance(value, dict):
        raise InputError("not a JSON object")
    return value


def check_depth(text: str, max_depth: int) -> None:
    """Raise ValueError if brackets nest deeper than `max_depth`, before a recursive parser sees them."""
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > max_depth:
                raise ValueError("nested too deeply")
        elif character in "]}":
            depth -= 1


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name appears twice")
    return result


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a number")


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_NUMBER_DIGITS:
        raise ValueError("number too long")
    return int(digits)


def _parse_float(digits: str) -> float:
    value = float(digits)
    if len(digits) > 2 * MAX_NUMBER_DIGITS or value in (float("inf"), float("-inf")):
        raise ValueError("number too long")
    return value
