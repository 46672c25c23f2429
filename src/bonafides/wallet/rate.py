"""Slots of a `rate` window: drawn at random among this device's, each once, none in the window of a restore (§4)."""

import secrets
from datetime import date
from hashlib import sha256

from bonafides.core import base64url
from bonafides.errors import PolicyError
from bonafides.wallet.state import UsedSlot, WalletState


def take_slot(
    state: WalletState, *, relying_party_id: str, start: str, end: str, k: int, payload: bytes, today: date
) -> UsedSlot:
    """Return a slot for this payload and mark it as spent; the caller stores the state before anything is sent.

    A payload whose answer never arrived gets its slot again, since the same payload there is the same act. Raises
    PolicyError `rate_wait` after a restore, `rate_spent` when all slots of this device are used.
    """
    forget_past_windows(state, today=today)
    if state.rate_after is not None and date.fromisoformat(start) <= state.rate_after:
        raise PolicyError(
            "After a restore this wallet waits for the next window, since it cannot know which slots are spent.",
            code="rate_wait",
        )
    used = state.rate_slots.setdefault(f"{relying_party_id}|{start}|{end}", [])
    digest = base64url.encode(sha256(payload).digest())
    for each in used:
        if each.payload_hash == digest and not each.answered:
            return each
    spent = {each.slot for each in used}
    free = [slot for slot in range(state.device_number % 3, k, 3) if slot not in spent]
    if not free:
        raise PolicyError("All your turns of this window are used: wait for the next one.", code="rate_spent")
    chosen = UsedSlot(secrets.choice(free), digest)
    used.append(chosen)
    return chosen


def forget_past_windows(state: WalletState, *, today: date) -> None:
    """Drop the slots of windows that ended, with a day to spare for clocks."""
    state.rate_slots = {
        window: slots
        for window, slots in state.rate_slots.items()
        if (today - date.fromisoformat(window.rpartition("|")[2])).days <= 1
    }
