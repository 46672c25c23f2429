"""The recovery kit of a wallet: made before anything is enrolled, and worth nothing until it was read back."""

from collections.abc import Callable
from dataclasses import dataclass

from bonafides.core.credential.kit import make_kit, open_kit, read_back
from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import PolicyError, VerificationError
from bonafides.wallet.opened import OpenWallet


@dataclass(frozen=True, slots=True, repr=False)
class Kit:
    """The words of a kit, a line for each share, and its passphrase. Never printed by accident."""

    lines: tuple[str, ...]
    passphrase: str = ""

    def __repr__(self) -> str:
        """Return a text without the words."""
        return "Kit(redacted)"


@dataclass(frozen=True, slots=True, repr=False)
class KitPlan:
    """How a kit is made: any `threshold` of `shares` lines bring the secret back, with the passphrase if any."""

    threshold: int = 1
    shares: int = 1
    passphrase: str = ""


KitReader = Callable[[Kit], Kit]
"""Shows a kit to its holder and returns what the holder read back from where it was written down."""


def begin_secret(wallet: OpenWallet) -> HolderSecret:
    """Return the wallet's secret, made and stored now if there is none. Nothing is sent."""
    if wallet.state.secret is None:
        wallet.state.secret = HolderSecret.generate()
        wallet.save()
    return wallet.state.secret


def make_recovery_kit(wallet: OpenWallet, plan: KitPlan) -> Kit:
    """Return a kit of this wallet's secret. Each call gives other words when there are several shares."""
    secret = begin_secret(wallet)
    lines = make_kit(secret, threshold=plan.threshold, shares=plan.shares, passphrase=plan.passphrase)
    return Kit(tuple(lines), plan.passphrase)


def confirm_recovery_kit(wallet: OpenWallet, *, made: Kit, returned: Kit, plan: KitPlan) -> None:
    """Note that the kit was read back: every line, and the passphrase.

    Raises InputError or VerificationError `kit_mismatch` if anything differs; then the kit does not count.
    """
    secret = begin_secret(wallet)
    read_back(returned.lines[: plan.threshold], secret, passphrase=returned.passphrase)
    if sorted(map(_plain, returned.lines)) != sorted(map(_plain, made.lines)):
        raise VerificationError("A share of the kit was not read back as it was shown.", code="kit_mismatch")
    wallet.state.kit_confirmed = True
    wallet.save()


def check_recovery_kit(wallet: OpenWallet, kit: Kit) -> None:
    """Return if these words, exactly as many as needed, bring back this wallet's secret; else raise `kit_mismatch`."""
    read_back(kit.lines, wallet.secret(), passphrase=kit.passphrase)


def take_secret_from_kit(wallet: OpenWallet, kit: Kit) -> None:
    """Put the secret of a kit into the wallet, in memory only.

    Raises InputError for words that are no kit, PolicyError `one_person` if the wallet serves another secret already.
    """
    secret = open_kit(kit.lines, passphrase=kit.passphrase)
    state = wallet.state
    if state.secret != secret:
        if state.secret is not None and (state.credentials or state.pending):
            raise PolicyError(
                "This kit belongs to another person or wallet than this file: name a new file for it.",
                code="one_person",
            )
        # A secret that was never enrolled may go, and with it the issuer it was meant for.
        state.secret, state.issuer_id, state.names = secret, None, {}
    state.kit_confirmed = True


def _plain(line: str) -> str:
    return " ".join(line.lower().split())
