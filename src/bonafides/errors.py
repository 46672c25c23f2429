"""The one tree of errors. Each has a stable `code`, documented in docs/errors.md, that never carries a value.

The message is for the operator or developer at the keyboard; people are told by `code`. Neither may contain a person,
a number, a pseudonym, a token or a secret.
"""

from typing import ClassVar


class Error(Exception):
    """Root of everything Bonafides raises on purpose.

    `code` is stable and public; `http_status` is what an office answers when it escapes a request.
    """

    default_code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        self.code = code or self.default_code
        super().__init__(message or self.code)

    def diagnostics(self) -> str:
        """Return one line for an operator: the code and what to do."""
        return f"{self.code}: {self}"


class InputError(Error):
    """Bytes from outside are malformed: the only error a decoder may raise."""

    default_code = "input"
    http_status = 400


class VerificationError(Error):
    """Well-formed, but not genuine: a signature, proof, digest or chain does not hold."""

    default_code = "verification"
    http_status = 400


class PolicyError(Error):
    """Genuine, but not allowed by a rule."""

    default_code = "policy"
    http_status = 403


class ConflictError(Error):
    """Somebody else was first: a compare-and-set was lost, a single-use value is spent."""

    default_code = "conflict"
    http_status = 409


class DependencyError(Error):
    """Another party or the database cannot be reached now; trying again later may help."""

    default_code = "dependency"
    http_status = 503


class ConfigError(Error):
    """A setting, key file or database is unusable; raised at start only, in a sentence that says what to do."""

    default_code = "config"
