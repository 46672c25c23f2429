"""What may be asked at all, and what the holder reads before answering (profile §2, §4, §5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unicodedata import category

from bonafides.core.credential.context import Context as PseudonymContext
from bonafides.core.credential.context import check_detail, window_end
from bonafides.core.credential.slots import TYPES, SlotValue
from bonafides.errors import InputError, PolicyError
from bonafides.wallet import words
from bonafides.wallet.dcql import Asked
from bonafides.wallet.requests import SignedRequest

KINDS = frozenset({"account", "voice", "rate", "party", "quota", "subscriber"})
LONGEST_WINDOW = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Consent:
    """What the holder reads: who asks for what, what they will, may and will not learn, and what to know besides."""

    asks: tuple[str, ...]
    will_learn: tuple[str, ...] = field(repr=False)
    may_learn: tuple[str, ...] = field(repr=False)
    will_not_learn: tuple[str, ...]
    notes: tuple[str, ...]
    payload: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestedPresentation:
    """A request that may be answered. `optional` are slots shown only if the holder names them."""

    request: SignedRequest = field(repr=False)
    relying_party_id: str
    kinds: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]
    first_time: bool
    device: str | None
    payload: bytes | None = field(repr=False)
    values: Mapping[str, SlotValue] = field(repr=False)

    def describe(self, language: str = "en") -> Consent:
        """Return what to show before asking for consent, in `en` or `vi`."""
        host, say = self.relying_party_id, words.say
        asks = tuple(_what(each, host, language) for each in self.request.asked)
        learned = tuple(say(words.PSEUDONYMS[kind], language, host=host) for kind in self.kinds)
        will = tuple(self._slot(slot, language) for slot in self.required)
        may = tuple(self._slot(slot, language) for slot in self.optional)
        notes = [say(words.FIRST_TIME if self.first_time else words.KNOWN, language)]
        if self.values.get("settled") is False:
            notes.append(say(words.UNSETTLED, language))
        never = list(words.NEVER)
        if "full_name" in (*self.required, *self.optional):
            notes.append(say(words.NAME_TOLD, language))
            never[0] = words.NEVER_BESIDE_A_NAME
        return Consent(
            asks=asks,
            will_learn=learned + will,
            may_learn=may,
            will_not_learn=tuple(say(text, language) for text in never),
            notes=tuple(notes),
            payload=None if self.payload is None else read_payload(self.payload),
        )

    def _slot(self, slot: str, language: str) -> str:
        value = "?"
        if slot in self.values:
            held = self.values[slot]
            value = str(held) if slot == "full_name" else words.say_value(held, language)
        return words.say(words.SLOTS[slot], language, value=value)


def check_asking(request: SignedRequest, *, issuer_id: str, now: datetime) -> None:
    """Return if everything asked may be asked of this wallet.

    Raises PolicyError with the code of the rule that is broken: `handle_refused`, `kind_refused`, `name_refused`,
    `unknown_slot`, `issuer_not_accepted`, `window_over`, `window_too_far`; InputError `dcql` or `context`.
    """
    for asked in request.asked:
        _check_kind(asked)
        _check_slots(asked)
        if issuer_id not in asked.issuers:
            raise PolicyError("They do not accept credentials of your issuer.", code="issuer_not_accepted")
        _check_window(asked, request.relying_party_id, now)
    kinds = sorted(asked.kind for asked in request.asked)
    if kinds != ["party", "quota"] and (len(kinds) != 1 or kinds == ["quota"]):
        raise PolicyError("They ask for pseudonyms that may not be shown together or alone.", code="kind_refused")


def context_of(asked: Asked, relying_party_id: str, *, slot: int = 0) -> PseudonymContext:
    """Return the context of what is asked; a `rate` request leaves its slot to the wallet. Raises InputError."""
    detail: object = asked.detail
    if asked.kind == "rate":
        if not isinstance(asked.detail, tuple) or len(asked.detail) != 2:
            raise InputError("a rate request names start and end of its window, no slot", code="context")
        detail = (*asked.detail, slot)
    return PseudonymContext(asked.kind, relying_party_id, check_detail(asked.kind, detail))


def check_payload(request: SignedRequest, payload: bytes | None) -> None:
    """Return if there is a readable payload exactly where there must be one. Raises PolicyError, InputError."""
    if (payload is not None) != request.is_public:
        raise PolicyError("This request takes a payload of yours, or none: see what it asks.", code="payload_missing")
    if payload is not None:
        if not payload or len(payload) > (request.payload_max or 0):
            raise InputError("The payload is empty, or larger than the request allows.", code="payload_size")
        read_payload(payload)


def read_payload(payload: bytes) -> str:
    """Return a payload as text in which nothing is hidden: controls and direction marks are spelt out.

    Raises InputError `payload_unreadable`: what cannot be read cannot be consented to.
    """
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        raise InputError(
            "The payload is not text, so it cannot be shown before consent.", code="payload_unreadable"
        ) from None
    return "".join(f"\\u{{{ord(c):x}}}" if category(c)[0] == "C" and c not in "\n\t" else c for c in text)


def _check_kind(asked: Asked) -> None:
    if asked.kind == "handle":
        raise PolicyError("They ask for what ties you to your enrolment: never answered.", code="handle_refused")
    if asked.kind not in KINDS:
        raise PolicyError("They ask for a kind of pseudonym that does not exist.", code="kind_refused")
    if asked.type == "name" and asked.kind == "account":
        raise PolicyError("They ask for your name to let you in: never answered.", code="name_refused")
    if asked.type not in TYPES:
        raise PolicyError("They ask for a credential that does not exist.", code="type_refused")


def _check_slots(asked: Asked) -> None:
    if not set(asked.requested) <= set(TYPES[asked.type]):
        raise PolicyError("They ask for something that no credential holds.", code="unknown_slot")
    if asked.type == "person" and "settled" not in asked.requested:
        raise InputError("a request without `settled`, which is always shown", code="dcql")


def _check_window(asked: Asked, relying_party_id: str, now: datetime) -> None:
    end = window_end(context_of(asked, relying_party_id))
    if end is None:
        return
    if end < now.date():
        raise PolicyError("This poll or window is over.", code="window_over")
    if end > now.date() + LONGEST_WINDOW:
        raise PolicyError("They ask for a tag that lasts longer than 60 days: never answered.", code="window_too_far")


def _what(asked: Asked, host: str, language: str) -> str:
    detail = asked.detail
    match asked.kind, detail:
        case "voice", (end, poll):
            values = {"end": str(end), "detail": str(poll)}
        case "rate", (start, end):
            values = {"start": str(start), "end": str(end)}
        case _:
            values = {"detail": str(detail)}
    return words.say(words.KINDS[asked.kind], language, host=host, **values)
