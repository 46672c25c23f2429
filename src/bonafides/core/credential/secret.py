"""The holder's secret: one scalar, chosen by the wallet, used with one issuer, never sent anywhere (profile §2)."""

from dataclasses import dataclass
from typing import NoReturn

from bonafides.core import bbs
from bonafides.core.bbs import _curve as curve
from bonafides.core.credential.context import Context
from bonafides.errors import InputError

SECRET_BYTES = curve.SCALAR_BYTES


@dataclass(frozen=True, slots=True, repr=False)
class HolderSecret:
    """The nym secret behind every pseudonym of a person. Never printed, never pickled."""

    scalar: int

    def __post_init__(self) -> None:
        """Raise InputError for zero or a value not below the group order."""
        if not 0 < self.scalar < curve.ORDER:
            raise InputError("not a holder secret", code="secret")

    def __repr__(self) -> str:
        """Return a text without the secret."""
        return "HolderSecret(redacted)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a secret leaves only through `encode`."""
        raise TypeError("a holder secret is not pickled")

    @classmethod
    def generate(cls) -> "HolderSecret":
        """Return a fresh uniform secret from the operating system."""
        return cls(curve.random_scalar())

    @classmethod
    def decode(cls, data: bytes) -> "HolderSecret":
        """Return the secret of these 32 bytes. Raises InputError."""
        return cls(curve.decode_scalar(data))

    def encode(self) -> bytes:
        """Return the 32 bytes, for the encrypted wallet and the recovery kit only."""
        return curve.encode_scalar(self.scalar)

    def pseudonym(self, context: Context) -> bytes:
        """Return the 48-byte pseudonym in a context."""
        return bbs.calculate_pseudonym([self.scalar], context.encode())
