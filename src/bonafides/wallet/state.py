"""All that a wallet holds, and how it is written into the vault."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.core import base64url
from bonafides.core.credential import device
from bonafides.core.credential.issuance import Credential, decode_credential
from bonafides.core.credential.secret import SECRET_BYTES, HolderSecret
from bonafides.errors import Error, InputError
from bonafides.kit.strict_json import parse_json_object
from bonafides.wallet.facts import DocumentFacts, decode_facts, encode_facts
from bonafides.wallet.vault import MAX_CONTENT_BYTES

VERSION = 1
MAX_RECEIPTS = 256


@dataclass(frozen=True, slots=True)
class Pin:
    """The header and key that were first seen for an epoch and type: the same for everyone, or refused."""

    header: bytes
    key: bytes


@dataclass(slots=True)
class UsedSlot:
    """A slot of a `rate` window that was spent, on which payload, and whether the answer arrived."""

    slot: int
    payload_hash: str = field(repr=False)
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A re-enrolment that waits at the issuer: its sealed id and the day on which it is due."""

    transaction_id: str = field(repr=False)
    due: date | None


def new_device_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh device key, unrelated to the secret."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(slots=True, repr=False)
class WalletState:
    """What one wallet holds. `issuer_id` is set once for each secret and never changed."""

    secret: HolderSecret | None = None
    kit_confirmed: bool = False
    issuer_id: str | None = None
    device_key: ec.EllipticCurvePrivateKey = field(default_factory=new_device_key)
    device_number: int = 0
    facts: DocumentFacts | None = None
    credentials: dict[str, Credential] = field(default_factory=dict)
    names: dict[str, Credential] = field(default_factory=dict)
    """Credentials of type `name`, all with the same name; empty unless the holder asked for them."""
    issuer_pins: dict[tuple[str, str], Pin] = field(default_factory=dict)
    relying_party_pins: dict[str, bytes] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """Where I am known: relying party id -> epoch last seen."""
    receipts: list[str] = field(default_factory=list)
    rate_slots: dict[str, list[UsedSlot]] = field(default_factory=dict)
    rate_after: date | None = None
    """After a restore: windows that began on or before this day are let pass."""
    pending: Pending | None = None
    next_renewal: datetime | None = None

    def __repr__(self) -> str:
        """Return a text without anything that is held."""
        return "WalletState(redacted)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: it leaves only through the vault."""
        raise TypeError("a wallet is not pickled")

    @property
    def device_public(self) -> bytes:
        """The 65-byte public key of this device."""
        return device.public_bytes(self.device_key)

    def keep_receipt(self, receipt: str) -> None:
        """Keep a receipt; the oldest goes when there are too many."""
        self.receipts = [*self.receipts, receipt][-MAX_RECEIPTS:]


def encode_state(state: WalletState) -> bytes:
    """Return the content of the vault: JSON with sorted names; it holds every secret."""
    b64 = base64url.encode
    pins = [[*name, b64(pin.header), b64(pin.key)] for name, pin in sorted(state.issuer_pins.items())]
    scalar = state.device_key.private_numbers().private_value.to_bytes(32, "big")
    content = {
        "version": VERSION,
        "secret": b64(state.secret.encode()) if state.secret else None,
        "kit_confirmed": state.kit_confirmed,
        "issuer_id": state.issuer_id,
        "device_key": b64(scalar),
        "device_number": state.device_number,
        "facts": encode_facts(state.facts) if state.facts else None,
        "credentials": {epoch: b64(each.encode()) for epoch, each in state.credentials.items()},
        "names": {epoch: b64(each.encode()) for epoch, each in state.names.items()},
        "issuer_pins": pins,
        "relying_party_pins": {name: b64(key) for name, key in state.relying_party_pins.items()},
        "known": state.known,
        "receipts": state.receipts,
        "rate_slots": {
            window: [[used.slot, used.payload_hash, used.answered] for used in slots]
            for window, slots in state.rate_slots.items()
        },
        "rate_after": state.rate_after.isoformat() if state.rate_after else None,
        "pending": _encode_pending(state.pending),
        "next_renewal": int(state.next_renewal.timestamp()) if state.next_renewal else None,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def decode_state(data: bytes) -> WalletState:
    """Return what a vault's content holds. Raises InputError `wallet_version` for another version's."""
    try:
        content = parse_json_object(data, max_bytes=MAX_CONTENT_BYTES)
        if content["version"] != VERSION:
            raise ValueError
        return _decode(content)
    except (KeyError, TypeError, ValueError, AttributeError, Error):
        raise InputError(
            "The wallet was written by another version of this program: use that one.", code="wallet_version"
        ) from None


def _decode(content: dict[str, Any]) -> WalletState:
    scalar = int.from_bytes(_bytes(content["device_key"]), "big")
    secret, facts, renewal = content["secret"], content["facts"], content["next_renewal"]
    return WalletState(
        secret=HolderSecret.decode(base64url.decode(secret, max_bytes=SECRET_BYTES)) if secret else None,
        kit_confirmed=content["kit_confirmed"] is True,
        issuer_id=content["issuer_id"],
        device_key=ec.derive_private_key(scalar, ec.SECP256R1()),
        device_number=int(content["device_number"]),
        facts=decode_facts(facts) if facts else None,
        credentials={epoch: decode_credential(_bytes(each)) for epoch, each in content["credentials"].items()},
        # Wallets written before there were names have none.
        names={epoch: decode_credential(_bytes(each)) for epoch, each in content.get("names", {}).items()},
        issuer_pins={
            (epoch, kind): Pin(_bytes(header), _bytes(key)) for epoch, kind, header, key in content["issuer_pins"]
        },
        relying_party_pins={name: _bytes(key) for name, key in content["relying_party_pins"].items()},
        known=dict(content["known"]),
        receipts=list(content["receipts"]),
        rate_slots={
            window: [UsedSlot(int(slot), str(digest), answered is True) for slot, digest, answered in slots]
            for window, slots in content["rate_slots"].items()
        },
        rate_after=_date(content["rate_after"]),
        pending=_decode_pending(content["pending"]),
        next_renewal=None if renewal is None else datetime.fromtimestamp(renewal, UTC),
    )


def _encode_pending(pending: Pending | None) -> list[str | None] | None:
    return [pending.transaction_id, pending.due.isoformat() if pending.due else None] if pending else None


def _decode_pending(data: Any) -> Pending | None:
    return Pending(str(data[0]), _date(data[1])) if data else None


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _bytes(text: str) -> bytes:
    return base64url.decode(text, max_bytes=4096)
