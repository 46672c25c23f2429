"""Headers and keys of the issuer: the same for everyone, so a second one for the same epoch is an attack (profile §2).

Until the public log exists, what is seen first is pinned; that is weaker, since the first sight may already be forged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bonafides.core import base64url
from bonafides.core.bbs.keys import decode_public_key
from bonafides.core.credential.epoch import shift
from bonafides.core.credential.header import MAX_HEADER_BYTES, PROFILE, decode_header
from bonafides.core.credential.slots import TYPES
from bonafides.errors import PolicyError, VerificationError
from bonafides.wallet.answers import read_list, read_text, read_texts
from bonafides.wallet.state import Pin, WalletState

KEY_BYTES = 96
_KEPT_EPOCHS = 8


@dataclass(frozen=True, slots=True)
class Published:
    """What an issuer publishes about itself: State, headers and keys by (epoch, type), compromised key ids."""

    country: str
    epochs: Mapping[tuple[str, str], Pin]
    compromised: frozenset[str]


def read_published(answer: Mapping[str, Any], *, issuer_id: str) -> Published:
    """Return what an issuer publishes, every header decoded and every key a point.

    Raises InputError for malformed answers, VerificationError `issuer_header` for a header of something else.
    """
    if read_text(answer, "profile") != PROFILE or read_text(answer, "issuer_id") != issuer_id:
        raise VerificationError("The issuer speaks for another, or another profile.", code="issuer_header")
    country = read_text(answer, "country", longest=3)
    epochs: dict[tuple[str, str], Pin] = {}
    for entry in read_list(answer, "epochs", longest=32):
        entry = entry if isinstance(entry, dict) else {}
        epoch, kind = read_text(entry, "epoch", longest=16), read_text(entry, "type", longest=16)
        pin = Pin(
            base64url.decode(entry.get("header"), max_bytes=MAX_HEADER_BYTES),
            base64url.decode(entry.get("key"), max_bytes=KEY_BYTES),
        )
        header = decode_header(pin.header)
        if (header.issuer_id, header.type, header.epoch) != (issuer_id, kind, epoch) or kind not in TYPES:
            raise VerificationError("A published header is of another issuer, type or epoch.", code="issuer_header")
        decode_public_key(pin.key)
        if epochs.setdefault((epoch, kind), pin) != pin:
            raise VerificationError("The issuer publishes two headers for one epoch.", code="issuer_header")
    compromised = () if answer.get("compromised") == [] else read_texts(answer, "compromised")
    return Published(country, epochs, frozenset(compromised))


def check_pins(
    state: WalletState, published: Published, *, this_epoch: str, kind: str = "person", accept_replaced: bool = False
) -> tuple[Pin, Pin]:
    """Return the pins of this epoch and the next, adding what is new to the state.

    Raises VerificationError `issuer_key_changed` for another header or key than the pinned one. Where the pinned key
    is published as compromised, `accept_replaced` (the holder's own word) lets a key that is not take its place.
    Raises PolicyError `issuer_key_compromised`, VerificationError `issuer_incomplete`.
    """
    for name, pin in published.epochs.items():
        pinned = state.issuer_pins.get(name)
        if pinned not in (None, pin) and not (accept_replaced and _is_burnt(published, pinned)):
            raise VerificationError(
                "The issuer shows you another header or key than before: it may be marking you. Ask it in public why.",
                code="issuer_key_changed",
            )
    wanted = [published.epochs.get((epoch, kind)) for epoch in (this_epoch, shift(this_epoch, 1))]
    this, following = wanted
    if this is None or following is None:
        raise VerificationError(
            "The issuer publishes no key for this week or the next; compare your clock with its.",
            code="issuer_incomplete",
        )
    if _is_burnt(published, this) or _is_burnt(published, following):
        raise PolicyError("The issuer's current key is published as compromised.", code="issuer_key_compromised")
    oldest = shift(this_epoch, -_KEPT_EPOCHS)
    state.issuer_pins = {
        name: pin for name, pin in {**state.issuer_pins, **published.epochs}.items() if name[0] >= oldest
    }
    return this, following


def _is_burnt(published: Published, pin: Pin | None) -> bool:
    return pin is not None and decode_header(pin.header).key_id in published.compromised
