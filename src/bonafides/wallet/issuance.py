"""Getting credentials: enrolment, restore, replacement, renewal. One commitment, two epochs, all or nothing."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bonafides.core.credential import device
from bonafides.core.credential.binding import device_message, renewal_header
from bonafides.core.credential.commitment import SessionBinding, create_commitment
from bonafides.core.credential.context import handle_context
from bonafides.core.credential.epoch import epoch_of, monday_of, shift
from bonafides.core.credential.issuance import Credential, open_issued
from bonafides.core.credential.presentation import present
from bonafides.core.credential.slots import Person
from bonafides.errors import PolicyError, VerificationError
from bonafides.wallet.facts import Document, DocumentFacts, check_country, check_issued_values
from bonafides.wallet.issuer_client import IssuerClient, Proof
from bonafides.wallet.opened import OpenWallet
from bonafides.wallet.pins import check_pins
from bonafides.wallet.recovery import (
    Kit,
    KitPlan,
    KitReader,
    confirm_recovery_kit,
    make_recovery_kit,
    take_secret_from_kit,
)
from bonafides.wallet.state import Pending, new_device_key
from bonafides.wallet.station import StationVisit, prove

RENEWABLE = timedelta(days=400)
RENEWAL_WINDOW = timedelta(days=6)
"""How much of the coming epoch a renewal is drawn from: its last day stays free for a machine that was off."""
Send = Callable[[Proof], tuple[bytes, bytes] | Pending]


@dataclass(frozen=True, slots=True)
class Issued:
    """What an issuance came to: credentials for these epochs, or a waiting time that ends on `due`.

    `name_failed` is the code for which a `name` credential could not be renewed beside them, "" if nothing failed.
    """

    epochs: tuple[str, ...] = ()
    pending: bool = False
    due: date | None = None
    name_failed: str = ""


def enrol(
    wallet: OpenWallet,
    issuer_id: str,
    document: Document | StationVisit,
    *,
    kit_read_back: KitReader,
    plan: KitPlan | None = None,
    purpose: str = "enrol",
    accept_replaced: bool = False,
) -> Issued:
    """Make secret and kit, have the kit read back, then show the document and take the credentials.

    Nothing reaches the issuer before the kit was read back. `purpose` `replace` is for who lost wallet and kit. A
    wallet that is enrolled brings a better or newer document with the same call. Raises our errors.
    """
    state, plan = wallet.state, plan or KitPlan()
    client = own_issuer(wallet, issuer_id)
    if purpose == "replace" and state.credentials:
        raise PolicyError("This wallet works: only a new one replaces a lost one.", code="not_lost")
    if purpose == "replace":
        state.names = {}
    if not state.kit_confirmed:
        kit = make_recovery_kit(wallet, plan)
        confirm_recovery_kit(wallet, made=kit, returned=kit_read_back(kit), plan=plan)
    return _with_document(wallet, client, document, purpose, accept_replaced)


def restore(
    wallet: OpenWallet,
    issuer_id: str,
    document: Document | StationVisit,
    kit: Kit,
    *,
    accept_replaced: bool = False,
) -> Issued:
    """Bring a person back from kit and document; this device replaces all others.

    A wrong passphrase gives another secret, whose handle the issuer refuses under this purpose: then the wallet is as
    it was before. Raises our errors.
    """
    before = wallet.snapshot()
    take_secret_from_kit(wallet, kit)
    client = own_issuer(wallet, issuer_id)
    wallet.state.device_key, wallet.state.device_number = new_device_key(), 0
    wallet.state.names = {}  # who comes back asks for them again, or does not
    # Slots that the lost device used up are not known here.
    wallet.state.rate_after, wallet.state.rate_slots = wallet.now().date(), {}
    try:
        return _with_document(wallet, client, document, "restore", accept_replaced)
    except BaseException:
        wallet.roll_back(before)
        raise


def join(wallet: OpenWallet, kit: Kit, *, device_number: int) -> bytes:
    """Make this wallet a further device of a person and return its device key, for an older device to approve.

    Enrolling with the document follows, after the seven days. Raises PolicyError `one_person` or `device_number`.
    """
    if device_number not in (1, 2):
        raise PolicyError("A further device has the number 1 or 2.", code="device_number")
    take_secret_from_kit(wallet, kit)
    wallet.state.device_number = device_number
    wallet.save()
    return wallet.state.device_public


def collect(wallet: OpenWallet) -> Issued:
    """Ask for what a re-enrolment waited for. Raises PolicyError `nothing_pending`."""
    pending = wallet.state.pending
    if pending is None:
        raise PolicyError("Nothing is pending at the issuer.", code="nothing_pending")
    client = own_issuer(wallet, wallet.issuer_id())
    return _issue(wallet, client, lambda proof: client.deferred(transaction_id=pending.transaction_id, proof=proof))


def renew(wallet: OpenWallet, *, accept_replaced: bool = False) -> Issued:
    """Take credentials for this epoch and the next against the latest one. Raises `not_renewable` and others."""
    presented = latest_begun(wallet.state.credentials, wallet.now())
    client = own_issuer(wallet, wallet.issuer_id())
    return _issue(wallet, client, client.renew, presented=presented, accept_replaced=accept_replaced)


def draw_renewal_time(now: datetime) -> datetime:
    """Return a uniformly random instant of the coming epoch, so that renewals tell nothing about sign-ins.

    Earlier there would be nothing to gain: the issuer signs for this epoch and the next.
    """
    begins = monday_of(shift(epoch_of(now), 1))
    return begins + timedelta(seconds=secrets.randbelow(int(RENEWAL_WINDOW.total_seconds())))


def own_issuer(wallet: OpenWallet, issuer_id: str) -> IssuerClient:
    """Return the issuer, if it is this wallet's own. Raises PolicyError `one_issuer`."""
    if wallet.state.issuer_id not in (None, issuer_id):
        raise PolicyError(
            "This wallet's secret belongs to one issuer, for good: name another file for another issuer.",
            code="one_issuer",
        )
    return IssuerClient(issuer_id, wallet.http, developer=wallet.developer)


def _with_document(
    wallet: OpenWallet, client: IssuerClient, document: Document | StationVisit, purpose: str, accept_replaced: bool
) -> Issued:
    """Show the document, here or at a service point, and take credentials for this purpose."""
    facts = document.facts(wallet.now().date())
    token = prove(client, document)
    return _issue(
        wallet,
        client,
        lambda proof: client.credential(token=token, purpose=purpose, proof=proof),
        facts=facts,
        accept_replaced=accept_replaced,
    )


def _issue(
    wallet: OpenWallet,
    client: IssuerClient,
    send: Send,
    *,
    facts: DocumentFacts | None = None,
    presented: Credential | None = None,
    accept_replaced: bool = False,
) -> Issued:
    """Commit, have both epochs signed, check everything, store both, and only then drop what is old."""
    state = wallet.state
    facts = facts or state.facts
    if facts is None:
        raise PolicyError("This wallet is empty: enrol, or restore from your kit.", code="wallet_empty")
    answer = request_both(wallet, client, send, facts=facts, presented=presented, accept_replaced=accept_replaced)
    if isinstance(answer, Pending):
        state.pending, state.facts = answer, facts
        wallet.save()
        return Issued(pending=True, due=answer.due)
    _check_both(answer, facts, presented)
    _store(wallet, answer, facts)
    return Issued(epochs=tuple(answer))


def request_both(
    wallet: OpenWallet,
    client: IssuerClient,
    send: Send,
    *,
    facts: DocumentFacts,
    kind: str = "person",
    presented: Credential | None = None,
    accept_replaced: bool = False,
) -> dict[str, Credential] | Pending:
    """Commit, send, and return what was signed by epoch, headers and signatures checked; or what waits.

    The caller checks the values and stores the credentials. Raises our errors.
    """
    state, secret = wallet.state, wallet.secret()
    published = client.published()
    check_country(published.country, facts)
    pins = check_pins(state, published, this_epoch=epoch_of(wallet.now()), kind=kind, accept_replaced=accept_replaced)
    c_nonce = client.nonce()
    binding = SessionBinding(
        client.issuer_id, ((pins[0].header, pins[0].key), (pins[1].header, pins[1].key)), c_nonce, state.device_public
    )
    commitment, blind = create_commitment(secret=secret, binding=binding)
    # From here on the issuer may know this secret's handle: that it is the only one ever is on disk first.
    state.issuer_id = client.issuer_id
    wallet.save()
    answer = send(_prove(wallet, commitment, c_nonce, presented))
    if isinstance(answer, Pending):
        return answer
    fresh = [
        open_issued(data=data, secret=secret, blind=blind, expected_header=pin.header, expected_key=pin.key)
        for data, pin in zip(answer, pins, strict=True)
    ]
    return {credential.header.epoch: credential for credential in fresh}


def _prove(wallet: OpenWallet, commitment: bytes, c_nonce: str, presented: Credential | None) -> Proof:
    """Return the proof to send; a renewal presents its credential in the handle's context, everything disclosed.

    This and the actions are the only places where the handle is computed, and only for the wallet's own issuer.
    """
    issuer_id = wallet.issuer_id()
    presentation = None
    if presented is not None:
        ph = renewal_header(issuer_id=issuer_id, c_nonce=c_nonce, commitment=commitment)
        presentation = present(
            credential=presented,
            secret=wallet.secret(),
            context=handle_context(issuer_id),
            disclose=range(len(presented.values)),
            ph=ph,
        )
    message = device_message(
        issuer_id=issuer_id, c_nonce=c_nonce, commitment=commitment, presentation=presentation or b""
    )
    signature = device.sign(wallet.state.device_key, message)
    return Proof(commitment, c_nonce, wallet.state.device_public, signature, presentation)


def _check_both(fresh: dict[str, Credential], facts: DocumentFacts, presented: Credential | None) -> None:
    """Return if the values in both are what they must be; else raise VerificationError."""
    shown = presented.values if presented else None
    for epoch, credential in fresh.items():
        check_issued_values(credential.values, epoch=epoch, facts=facts, shown=shown)
    if len({each.values[Person.ASSURANCE] for each in fresh.values()}) != 1:
        raise VerificationError("The issuer signed two levels of assurance at once.", code="issuer_values")


def _store(wallet: OpenWallet, fresh: dict[str, Credential], facts: DocumentFacts) -> None:
    """Store both credentials, then drop older ones but for the last epoch's, which the first hour of a week needs."""
    state = wallet.state
    state.credentials |= fresh
    state.facts, state.pending = facts, None
    state.next_renewal = draw_renewal_time(wallet.now())
    wallet.save()
    oldest = shift(min(fresh), -1)
    state.credentials = {epoch: each for epoch, each in state.credentials.items() if epoch >= oldest}
    wallet.save()


def latest_begun(held: Mapping[str, Credential], now: datetime) -> Credential:
    """Return the latest credential whose epoch has begun. Raises PolicyError `not_renewable`."""
    begun = [epoch for epoch in held if monday_of(epoch) <= now]
    latest = max(begun, default=None)
    if latest is None or now - monday_of(latest) > RENEWABLE:
        raise PolicyError(
            "There is no credential that can be renewed: enrol again with your document, the person stays the same.",
            code="not_renewable",
        )
    return held[latest]
