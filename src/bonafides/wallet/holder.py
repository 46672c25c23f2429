"""The wallet of one person on one device: everything its holder can do with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bonafides.core.credential.epoch import epoch_of
from bonafides.core.credential.slots import TYPES, SlotValue
from bonafides.errors import PolicyError
from bonafides.kit.clock import Clock, SystemClock
from bonafides.kit.http import HttpClient
from bonafides.wallet import actions, issuance, names, presenting, recovery
from bonafides.wallet.consent import RequestedPresentation
from bonafides.wallet.facts import Document, ages_may_rise
from bonafides.wallet.issuance import Issued
from bonafides.wallet.opened import MAX_ANSWER_BYTES, OpenWallet
from bonafides.wallet.presenting import Answered
from bonafides.wallet.recovery import Kit, KitPlan, KitReader
from bonafides.wallet.state import WalletState, decode_state, encode_state
from bonafides.wallet.station import StationVisit
from bonafides.wallet.vault import DEFAULT_COST, ScryptCost, Vault


@dataclass(frozen=True, slots=True)
class Overview:
    """What a wallet holds, for its holder's eyes."""

    issuer_id: str | None
    kit_confirmed: bool
    epochs: tuple[str, ...]
    valid_now: bool
    values: dict[str, SlotValue] = field(repr=False)
    name_epochs: tuple[str, ...]
    next_renewal: datetime | None
    due_for_renewal: bool
    ages_may_rise: bool
    pending: bool
    pending_due: date | None
    device_key: bytes = field(repr=False)
    device_number: int
    known: dict[str, str] = field(repr=False)
    receipts: tuple[str, ...] = field(repr=False)


class Wallet:
    """An open wallet. Make one with `create` or `open`; close it, or use it as a context manager."""

    def __init__(self, opened: OpenWallet, *, owns_http: bool = False) -> None:
        self._opened = opened
        self._owns_http = owns_http

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        passphrase: str,
        clock: Clock | None = None,
        http: HttpClient | None = None,
        developer: bool = False,
        cost: ScryptCost = DEFAULT_COST,
    ) -> "Wallet":
        """Make an empty wallet in a new file. Raises ConflictError `wallet_exists`, `wallet_busy`; PolicyError."""
        state = WalletState()
        vault = Vault.create(path, passphrase, encode_state(state), cost=cost)
        return cls._of(vault, state, clock, http, developer)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        passphrase: str,
        clock: Clock | None = None,
        http: HttpClient | None = None,
        developer: bool = False,
    ) -> "Wallet":
        """Open a wallet. Raises `wallet_missing`, `wallet_busy`, `wallet_passphrase`, `wallet_damaged`."""
        vault, content = Vault.open(path, passphrase)
        try:
            state = decode_state(content)
        except BaseException:
            vault.close()
            raise
        return cls._of(vault, state, clock, http, developer)

    @classmethod
    def _of(
        cls, vault: Vault, state: WalletState, clock: Clock | None, http: HttpClient | None, developer: bool
    ) -> "Wallet":
        client = http or HttpClient(developer_mode=developer, max_answer_bytes=MAX_ANSWER_BYTES)
        return cls(OpenWallet(vault, state, clock or SystemClock(), client, developer), owns_http=http is None)

    def enrol(
        self,
        issuer_id: str,
        document: Document | StationVisit,
        *,
        kit_read_back: KitReader,
        plan: KitPlan | None = None,
        accept_replaced: bool = False,
    ) -> Issued:
        """Enrol, or bring a better or newer document for the same person.

        `kit_read_back` is handed the recovery kit and returns what the holder read back; until that fits, nothing is
        sent. `accept_replaced`: let a new issuer key take the place of one published as compromised. Raises our errors.
        """
        return issuance.enrol(
            self._opened,
            issuer_id,
            document,
            kit_read_back=kit_read_back,
            plan=plan,
            accept_replaced=accept_replaced,
        )

    def enrol_name(self, document: Document, *, accept_replaced: bool = False) -> Issued:
        """Have the name on the document signed, to speak in one's own name by choice; nobody needs it to sign in.

        Only an enrolled wallet can, with the document at hand: a service point asks for no name. Raises `not_enrolled`,
        `no_signed_name`, `issuer_values` and others.
        """
        return names.enrol_name(self._opened, document, accept_replaced=accept_replaced)

    def replace(
        self,
        issuer_id: str,
        document: Document | StationVisit,
        *,
        kit_read_back: KitReader,
        plan: KitPlan | None = None,
    ) -> Issued:
        """Begin again after wallet and kit were lost: another secret, a waiting time, then `collect`."""
        return issuance.enrol(
            self._opened, issuer_id, document, kit_read_back=kit_read_back, plan=plan, purpose="replace"
        )

    def collect(self) -> Issued:
        """Fetch what waited at the issuer, or learn that it still waits. Raises `nothing_pending` and others."""
        return issuance.collect(self._opened)

    def restore(
        self, issuer_id: str, document: Document | StationVisit, kit: Kit, *, accept_replaced: bool = False
    ) -> Issued:
        """Come back from kit and document; this device replaces all others. Raises our errors."""
        return issuance.restore(self._opened, issuer_id, document, kit, accept_replaced=accept_replaced)

    def join(self, kit: Kit, *, device_number: int) -> bytes:
        """Make this a further device of a person; return the key that an older device must approve."""
        return issuance.join(self._opened, kit, device_number=device_number)

    def kit(self, plan: KitPlan, read_back: KitReader) -> None:
        """Make the recovery kit again, perhaps in other shares, and have it read back. Raises `kit_mismatch`."""
        if self._opened.state.secret is None:
            raise PolicyError("This wallet is empty: enrol, or restore from your kit.", code="wallet_empty")
        made = recovery.make_recovery_kit(self._opened, plan)
        recovery.confirm_recovery_kit(self._opened, made=made, returned=read_back(made), plan=plan)

    def check_kit(self, kit: Kit) -> None:
        """Return if these words would bring this wallet back. Raises InputError or VerificationError."""
        recovery.check_recovery_kit(self._opened, kit)

    def renew(self, *, accept_replaced: bool = False) -> Issued:
        """Take credentials for this epoch and the next; best when `due_for_renewal`, not when a sign-in waits.

        A name is renewed after them; if that fails they stand, and the result has the code as `name_failed`.
        """
        issued = issuance.renew(self._opened, accept_replaced=accept_replaced)
        return replace(issued, name_failed=names.renew_name(self._opened, accept_replaced=accept_replaced))

    def due_for_renewal(self, now: datetime | None = None) -> bool:
        """Return whether the random time has come that was drawn when the credentials arrived."""
        at = self._opened.state.next_renewal
        return at is not None and (now or self._opened.now()) >= at

    def inspect(self, link: str, *, payload: bytes | None = None) -> RequestedPresentation:
        """Fetch and verify what a link asks for; show `describe()` of the result before `answer`."""
        return presenting.inspect(self._opened, link, payload=payload)

    def answer(self, request: RequestedPresentation, *, share: frozenset[str] = frozenset()) -> Answered:
        """Show what is required, and what of the optional slots is named in `share`."""
        return presenting.answer(self._opened, request, share=share)

    def status(self) -> dict[str, Any]:
        """Return what the issuer says of this person: pending re-enrolments, devices, freeze."""
        return actions.act(self._opened, "status")

    def veto(self) -> dict[str, Any]:
        """Object to a re-enrolment that is pending for this person."""
        return actions.act(self._opened, "veto")

    def approve_device(self, device_key: bytes) -> dict[str, Any]:
        """Let a further device in; it works after seven days."""
        return actions.act(self._opened, "approve_device", device_key)

    def remove_device(self, device_key: bytes) -> dict[str, Any]:
        """Shut a device out."""
        return actions.act(self._opened, "remove_device", device_key)

    def dispute(self) -> dict[str, Any]:
        """Send a restore that replaced this device to an officer."""
        return actions.act(self._opened, "dispute")

    def erase(self) -> dict[str, Any]:
        """Have the issuer forget handle, devices and level; drop the credentials here."""
        return actions.act(self._opened, "erase")

    def freeze(self, document: Document | StationVisit) -> str:
        """Stop all renewals of this person by document; return until when."""
        opened = self._opened
        return actions.freeze(opened.issuer_id(), document, opened.http, developer=opened.developer)

    def forget(self, relying_party_id: str) -> None:
        """Forget key and acquaintance of a relying party. The pseudonym there stays what it is."""
        state = self._opened.state
        if relying_party_id not in state.relying_party_pins.keys() | state.known.keys():
            raise PolicyError("This wallet does not know that site.", code="unknown_relying_party")
        state.relying_party_pins.pop(relying_party_id, None)
        state.known.pop(relying_party_id, None)
        self._opened.save()

    def overview(self) -> Overview:
        """Return what this wallet holds; asks nobody."""
        state, now = self._opened.state, self._opened.now()
        epochs: Sequence[str] = sorted(state.credentials)
        newest = state.credentials[epochs[-1]] if epochs else None
        facts = state.facts
        return Overview(
            issuer_id=state.issuer_id,
            kit_confirmed=state.kit_confirmed,
            epochs=tuple(epochs),
            valid_now=epoch_of(now) in state.credentials,
            values=dict(zip(TYPES["person"], newest.values, strict=True)) if newest else {},
            name_epochs=tuple(sorted(state.names)),
            next_renewal=state.next_renewal,
            due_for_renewal=self.due_for_renewal(now),
            ages_may_rise=bool(newest and facts and ages_may_rise(newest.values, epoch=epochs[-1], facts=facts)),
            pending=state.pending is not None,
            pending_due=state.pending.due if state.pending else None,
            device_key=state.device_public,
            device_number=state.device_number,
            known=dict(state.known),
            receipts=tuple(state.receipts),
        )

    def close(self) -> None:
        """Close file and connections; harmless when repeated."""
        self._opened.vault.close()
        if self._owns_http:
            self._opened.http.close()

    def __repr__(self) -> str:
        """Return a text without anything that is held."""
        return "Wallet(redacted)"

    def __enter__(self) -> Self:
        """Return the wallet itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()
