"""The recovery kit: the secret as SLIP-39 words, whole or in shares (profile §3).

SLIP-39 cannot tell a wrong passphrase: it gives another secret. So a kit counts only once it was read back, and a
restore names the handle it expects.
"""

from collections.abc import Sequence

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics

from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import InputError, VerificationError

MAX_SHARES = 16
MAX_WORDS = 40
MAX_PASSPHRASE = 128


def make_kit(secret: HolderSecret, *, threshold: int = 1, shares: int = 1, passphrase: str = "") -> list[str]:
    """Return the words of each share: any `threshold` of the `shares` lines bring the secret back.

    Raises InputError for impossible numbers or a passphrase SLIP-39 cannot carry.
    """
    _check_passphrase(passphrase)
    if not 1 <= threshold <= shares <= MAX_SHARES or (threshold == 1 and shares > 1):
        raise InputError("a kit is one line, or at least two of up to sixteen", code="kit_threshold")
    groups = generate_mnemonics(1, [(threshold, shares)], secret.encode(), passphrase.encode())
    return list(groups[0])


def open_kit(lines: Sequence[str], *, passphrase: str = "") -> HolderSecret:
    """Return the secret of a kit. Raises InputError for words that are no kit, too few of them, or no secret."""
    _check_passphrase(passphrase)
    if not 1 <= len(lines) <= MAX_SHARES or any(len(line) > 512 or len(line.split()) > MAX_WORDS for line in lines):
        raise InputError("a kit is one to sixteen lines of words", code="kit")
    normal = [" ".join(line.lower().split()) for line in lines]
    try:
        octets = combine_mnemonics(normal, passphrase.encode())
    except (MnemonicError, ValueError, IndexError, KeyError):
        raise InputError("these words are not a kit, or not enough of one", code="kit") from None
    return HolderSecret.decode(octets)


def read_back(lines: Sequence[str], secret: HolderSecret, *, passphrase: str = "") -> None:
    """Return if these words bring back exactly this secret; else raise InputError or VerificationError."""
    if open_kit(lines, passphrase=passphrase) != secret:
        raise VerificationError("these words bring back another secret", code="kit_mismatch")


def _check_passphrase(passphrase: str) -> None:
    if len(passphrase) > MAX_PASSPHRASE or any(not " " <= c <= "~" for c in passphrase):
        raise InputError("a kit's passphrase is printable ASCII", code="kit_passphrase")
