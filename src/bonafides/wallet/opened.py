"""An open wallet: its vault, its state, a clock and a way to the network. Every part of the wallet works on this."""

from dataclasses import dataclass
from datetime import datetime

from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import PolicyError
from bonafides.kit.clock import Clock
from bonafides.kit.http import HttpClient
from bonafides.wallet.state import WalletState, decode_state, encode_state
from bonafides.wallet.vault import Vault

MAX_ANSWER_BYTES = 256 * 1024


@dataclass(repr=False)
class OpenWallet:
    """What a wallet works with while it is open. `developer` allows loopback names and plain http to them."""

    vault: Vault
    state: WalletState
    clock: Clock
    http: HttpClient
    developer: bool = False

    def now(self) -> datetime:
        """Return the wallet's own time."""
        return self.clock.now()

    def save(self) -> None:
        """Write the state to disk, durable when this returns."""
        self.vault.write(encode_state(self.state))

    def snapshot(self) -> bytes:
        """Return the state as it is, to come back to with `roll_back`; it holds every secret."""
        return encode_state(self.state)

    def roll_back(self, snapshot: bytes) -> None:
        """Come back to an earlier state, on disk too."""
        self.state = decode_state(snapshot)
        self.save()

    def secret(self) -> HolderSecret:
        """Return the secret for use. Raises PolicyError while there is none, or its kit was not read back."""
        if self.state.secret is None:
            raise PolicyError("This wallet is empty: enrol, or restore from your kit.", code="wallet_empty")
        if not self.state.kit_confirmed:
            raise PolicyError("The recovery kit was not read back yet: do that first.", code="kit_unconfirmed")
        return self.state.secret

    def issuer_id(self) -> str:
        """Return the one issuer of this wallet. Raises PolicyError while there is none."""
        if self.state.issuer_id is None:
            raise PolicyError("This wallet is empty: enrol, or restore from your kit.", code="wallet_empty")
        return self.state.issuer_id
