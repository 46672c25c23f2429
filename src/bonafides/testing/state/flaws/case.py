"""A flaw: one thing wrong with a document that is otherwise good, and the code with which it must be refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from bonafides.core.document import DocumentBundle, PersonalNumberRule, TrustStore
from bonafides.testing.state.chip import SoftChip
from bonafides.testing.state.groups import encode_dg2
from bonafides.testing.state.keys import Algorithm, KeyKind
from bonafides.testing.state.sod import build_sod
from bonafides.testing.state.synthetic import SyntheticState

BIRTH = date(1990, 8, 6)
NONCE = bytes.fromhex("F173589974BF40C6")


@dataclass(frozen=True, slots=True)
class FlawedDocument:
    """What `verify_document` is to be called with."""

    bundle: DocumentBundle
    trust: TrustStore
    rules: Mapping[tuple[str, str], PersonalNumberRule]
    at: datetime
    nonce: bytes = NONCE

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments by name."""
        return {name: getattr(self, name) for name in ("bundle", "trust", "rules", "at", "nonce")}


@dataclass(frozen=True, slots=True)
class Mint:
    """A State, a chip, and a good document with it: what every flaw begins with."""

    now: datetime
    algorithm: Algorithm | KeyKind = "ecdsa_p256"
    state: SyntheticState = field(init=False)
    chip: SoftChip = field(init=False)

    def __post_init__(self) -> None:
        """Make them."""
        object.__setattr__(self, "state", SyntheticState("UTO", now=self.now, algorithm=self.algorithm))
        object.__setattr__(self, "chip", SoftChip.new())

    def card(self, **options: Any) -> DocumentBundle:
        """Return a document with the chip; `options` are `issue_card`'s."""
        groups = self.chip.groups | options.pop("groups", {})
        return self.chip.answer(self.state.issue_card(birth=BIRTH, groups=groups, **options), NONCE)

    def shown(self, bundle: DocumentBundle, **changes: Any) -> FlawedDocument:
        """Return a document as it is shown; `changes` are trust, rules, time or nonce."""
        return replace(FlawedDocument(bundle, self.state.trust_store(), self.state.rules(), self.now), **changes)

    def with_sod(self, sod: Callable[[bytes], bytes]) -> FlawedDocument:
        """Return a good document with a changed EF.SOD."""
        card = self.card()
        return self.shown(replace(card, sod=sod(card.sod)))

    def resigned(self, **form: Any) -> FlawedDocument:
        """Return a good document whose EF.SOD the State's signer signed in another form, as `build_sod` has it."""
        card = self.card()
        signer = form.pop("signer", self.state.signer)
        return self.shown(replace(card, sod=build_sod(self.signed_groups(card), signer, **form)))

    def signed_groups(self, card: DocumentBundle) -> dict[int, bytes]:
        """Return the groups of a card that its State signs: those read, and data group 2."""
        return {2: encode_dg2()} | card.groups


@dataclass(frozen=True, slots=True)
class Flaw:
    """One flaw: which pitfall of chip documents it belongs to, what it is, and how a document with it is made."""

    pitfall: str
    name: str
    code: str
    make: Callable[[Mint], FlawedDocument] = field(repr=False)


FLAWS: list[Flaw] = []
"""Every flaw there is, in the order of the pitfalls."""


def flaw(pitfall: str, code: str) -> Callable[[Callable[[Mint], FlawedDocument]], Callable[[Mint], FlawedDocument]]:
    """Let a function that makes a document be the flaw of its name."""

    def register(make: Callable[[Mint], FlawedDocument]) -> Callable[[Mint], FlawedDocument]:
        FLAWS.append(Flaw(pitfall, make.__name__, code, make))
        return make

    return register
