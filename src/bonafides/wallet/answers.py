"""Members of JSON that another party sent: present, of the right type, of bounded size, or refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from bonafides.errors import InputError

MAX_TEXT = 8 * 1024
MAX_LIST = 256
LAST_SECOND = 253402300799  # 9999-12-31, so that no time overflows later


def read_text(source: Mapping[str, Any], name: str, *, longest: int = MAX_TEXT, code: str = "unexpected_answer") -> str:
    """Return a member that is printable ASCII text, not empty. Raises InputError."""
    value = source.get(name)
    if isinstance(value, str) and 0 < len(value) <= longest and value.isascii() and value.isprintable():
        return value
    raise InputError(f"the member {name} is missing or not text", code=code)


def read_time(source: Mapping[str, Any], name: str, *, code: str = "unexpected_answer") -> int:
    """Return a member that is a whole number of seconds since 1970. Raises InputError."""
    value = source.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LAST_SECOND:
        return value
    raise InputError(f"the member {name} is missing or not a time", code=code)


def read_object(source: Mapping[str, Any], name: str, *, code: str = "unexpected_answer") -> dict[str, Any]:
    """Return a member that is a JSON object. Raises InputError."""
    value = source.get(name)
    if isinstance(value, dict):
        return value
    raise InputError(f"the member {name} is missing or not an object", code=code)


def read_list(
    source: Mapping[str, Any], name: str, *, longest: int = MAX_LIST, code: str = "unexpected_answer"
) -> Sequence[Any]:
    """Return a member that is a list, not empty and not absurdly long. Raises InputError."""
    value = source.get(name)
    if isinstance(value, list) and 0 < len(value) <= longest:
        return value
    raise InputError(f"the member {name} is missing or not a list", code=code)


def read_texts(source: Mapping[str, Any], name: str, *, code: str = "unexpected_answer") -> tuple[str, ...]:
    """Return a member that is a list of different texts, not empty. Raises InputError."""
    values = read_list(source, name, code=code)
    texts = tuple(read_text({name: value}, name, longest=512, code=code) for value in values)
    if len(set(texts)) != len(texts):
        raise InputError(f"the member {name} says something twice", code=code)
    return texts


def only_members(source: Mapping[str, Any], allowed: frozenset[str], *, code: str) -> None:
    """Raise InputError if there is a member whose meaning we do not know."""
    if not source.keys() <= allowed:
        raise InputError("a member that this profile does not have", code=code)
