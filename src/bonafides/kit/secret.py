"""Secrets that do not print themselves."""

import hmac
from typing import Any, NoReturn, final


@final
class SecretBytes:
    """Bytes that appear in no repr, log, traceback dump, pickle or JSON; only `reveal()` gives them out."""

    __slots__ = ("__value",)

    def __init__(self, value: bytes) -> None:
        self.__value = bytes(value)

    def reveal(self) -> bytes:
        """Return the bytes; call it as late as possible and keep no copy."""
        return self.__value

    def __eq__(self, other: object) -> bool:
        """Compare in constant time, and with another secret only: a comparison with bytes is a slip."""
        if not isinstance(other, SecretBytes):
            return NotImplemented
        return hmac.compare_digest(self.__value, other.__value)

    # A hash would be kept by every dict and set that holds it, and is a fingerprint of the value.
    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.__value)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __repr__(self) -> str:
        return "SecretBytes(…)"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled or copied")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> NoReturn:
        raise TypeError("a secret is no part of a message; read it from a key file")
