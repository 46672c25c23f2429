"""The recovery kit: the secret as SLIP-39 words, whole or in shares (profile §3).

SLIP-39 cannot tell a wrong passphrase: it gives another secret. So a kit counts only once it was read back, and a
restore says that it is one, so that an unknown handle is an error and not another person.
"""

from collections.abc import Sequence
from contextlib import suppress

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import InputError, VerificationError

MAX_SHARES = 16
MAX_WORDS = 40
MAX_PASSPHRASE = 128
ITERATION_EXPONENT = 5
"""The iteration exponent of our kits: 320 000 rounds of PBKDF2, so that a stolen line is not soon guessed open."""
MAX_ITERATION_EXPONENT = 8
"""The words themselves say how many rounds they want; beyond this they want to stop us for minutes."""


def make_kit(secret: HolderSecret, *, threshold: int = 1, shares: int = 1, passphrase: str = "") -> list[str]:
    """Return the words of each share: any `threshold` of the `shares` lines bring the secret back.

    Raises InputError for impossible numbers or a passphrase SLIP-39 cannot carry.
    """
    _check_passphrase(passphrase)
    if not 1 <= threshold <= shares <= MAX_SHARES or (threshold == 1 and shares > 1):
        raise InputError("a kit is one line, or at least two of up to sixteen", code="kit_threshold")
    groups = generate_mnemonics(
        1, [(threshold, shares)], secret.encode(), passphrase.encode(), iteration_exponent=ITERATION_EXPONENT
    )
    return list(groups[0])


def open_kit(lines: Sequence[str], *, passphrase: str = "") -> HolderSecret:
    """Return the secret of exactly as many lines as the kit needs.

    Raises InputError for words that are no kit, too few or too many of them, or a passphrase that gives no secret.
    """
    _check_passphrase(passphrase)
    shares = _parse(lines)
    octets = None
    if all(share.iteration_exponent <= MAX_ITERATION_EXPONENT for share in shares):
        with suppress(MnemonicError, ValueError, IndexError, KeyError):
            octets = combine_mnemonics([" ".join(share.words()) for share in shares], passphrase.encode())
    if octets is None:
        # Raised here and not above: the library's error quotes words, and would hang on to ours.
        raise InputError("these words are not a kit, or not the right number of lines of one", code="kit")
    try:
        return HolderSecret.decode(octets)
    except InputError:
        raise InputError("these words and this passphrase give no secret", code="kit") from None


def read_back(lines: Sequence[str], secret: HolderSecret, *, passphrase: str = "") -> None:
    """Return if every line takes part in bringing back exactly this secret.

    Raises InputError for lines that are no kit, VerificationError `kit_mismatch` for another secret.
    """
    needed = _parse(lines)[0].member_threshold
    starts = range(max(1, len(lines) - needed + 1))
    for start in starts:
        if open_kit(lines[start : start + needed], passphrase=passphrase) != secret:
            raise VerificationError("these words bring back another secret", code="kit_mismatch")


def _parse(lines: Sequence[str]) -> list[Share]:
    if not 1 <= len(lines) <= MAX_SHARES or any(len(line) > 512 or len(line.split()) > MAX_WORDS for line in lines):
        raise InputError("a kit is one to sixteen lines of words", code="kit")
    shares: list[Share] = []
    for line in lines:
        try:
            shares.append(Share.from_mnemonic(" ".join(line.lower().split())))
        except (MnemonicError, ValueError, IndexError, KeyError):
            break
    if len(shares) != len(lines):
        raise InputError("these words are not a kit", code="kit")
    return shares


def _check_passphrase(passphrase: str) -> None:
    if len(passphrase) > MAX_PASSPHRASE or any(not " " <= c <= "~" for c in passphrase):
        raise InputError("a kit's passphrase is printable ASCII", code="kit_passphrase")
