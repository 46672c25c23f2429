"""The story that `bonafides demo --script` tells: what is promised, step by step, on a clock that it moves itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bonafides.errors import Error
from bonafides.kit.clock import FixedClock
from bonafides.offices.issuer.upkeep import sweep
from bonafides.testing.deployment import Town
from bonafides.testing.passport import EmulatedPassport, PaceOffer, PassportInHand, Traits
from bonafides.testing.state import SoftChip
from bonafides.wallet import Kit, Wallet

PASSPHRASE = "a passphrase for a story"  # noqa: S105 - wallets that live as long as the story
SUSPENSION_DAYS = 60
ANNA_BORN = date(1990, 5, 17)


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one step went: what was told, whether it came out, how long it took, and its figures."""

    step: str
    told: str
    ok: bool
    ms: int
    figures: dict[str, Any]


class NotAsToldError(Exception):
    """Something came out otherwise than the story says."""


@dataclass
class Person:
    """Somebody in the story: a document with its chip, a kit on paper, and the wallets they have had."""

    name: str
    document: PassportInHand
    kit: Kit | None = None

    def note_kit(self, shown: Kit) -> Kit:
        """Write the kit down and read it back."""
        self.kit = shown
        return shown


@dataclass
class Story:
    """Two people, two platforms, a suspension, and every way round it."""

    town: Town
    clock: FixedClock
    folder: Path
    stack: ExitStack
    subs: dict[str, str] = field(default_factory=dict)
    wallets: int = 0
    ends: date | None = None

    def run(self) -> Iterator[StepResult]:
        """Give the result of each step as it is done; the rest is not tried once one went wrong."""
        for step in self._steps():
            began = time.perf_counter()
            figures: dict[str, Any] = {}
            ok = True
            try:
                figures = step() or {}
            except (NotAsToldError, Error) as error:
                ok, figures = False, {"error": error.code if isinstance(error, Error) else str(error)}
            told = (step.__doc__ or "").partition("\n")[0]
            ms = round((time.perf_counter() - began) * 1000)
            yield StepResult(step.__name__, told, ok, ms, figures)
            if not ok:
                return

    def _steps(self) -> list[Callable[[], dict[str, Any] | None]]:
        return [
            self.two_people_enrol,
            self.no_second_enrolment,
            self.both_sign_in_at_two_platforms,
            self.pseudonyms_are_unrelated,
            self.weeks_later_the_same,
            self.suspended_at_one_platform,
            self.held_with_a_restored_wallet,
            self.the_other_platform_is_unaffected,
            self.held_with_a_reenrolled_wallet,
            self.held_when_switching_back_and_forth,
            self.held_with_an_erased_and_fresh_wallet,
            self.the_suspension_ends_by_itself,
        ]

    def two_people_enrol(self) -> dict[str, Any]:
        """Anna shows her chip card, Bình his passport; each chip is opened and read, and each enrols with a kit."""
        self.anna_number = self.town.state.next_number()
        self.anna = Person("Anna", self._annas_card())
        self.binh = Person("Bình", self._passport(name="TRẦN, BÌNH", birth=date(1984, 2, 29), sex="M"))
        self.anna_wallet, self.binh_wallet = self._enrolled(self.anna), self._enrolled(self.binh)
        levels = [wallet.overview().values["assurance"] for wallet in (self.anna_wallet, self.binh_wallet)]
        _expect(levels == ["chip_genuine", "chip"], "the card's chip showed that it is no copy, the passport's cannot")
        return {"people": 2, "credentials_each": len(self.anna_wallet.overview().epochs), "assurance": levels}

    def no_second_enrolment(self) -> dict[str, Any]:
        """Anna tries again with an empty wallet and her passport, and is refused: card and passport are one person."""
        passport = self._passport(name="NGUYỄN, ANNA", birth=ANNA_BORN, personal_number=self.anna_number)
        code = _refusal(lambda: self._enrolled(Person("Anna", passport)))
        _expect(code == "already_enrolled", "a second enrolment was not refused")
        return {"code": code}

    def both_sign_in_at_two_platforms(self) -> dict[str, Any]:
        """Both sign in at platforms A and B; each platform learns one pseudonym and that the person is real."""
        for name, wallet in (("anna", self.anna_wallet), ("binh", self.binh_wallet)):
            for platform in ("a", "b"):
                result = self.town.sign_in(wallet, platform)
                _expect(result["access"] == "full", "a settled person did not get full access")
                self.subs[f"{name}@{platform}"] = result["sub"]
        return {"sign_ins": len(self.subs)}

    def pseudonyms_are_unrelated(self) -> dict[str, Any]:
        """Four accounts, four pseudonyms: nothing of Anna's at A is found at B, and nothing of hers is Bình's."""
        values = list(self.subs.values())
        _expect(len(set(values)) == len(values), "two accounts share a pseudonym")
        return {"pseudonyms": len(set(values))}

    def weeks_later_the_same(self) -> dict[str, Any]:
        """Five weeks and five renewals later Anna signs in again: the same pseudonym at each platform."""
        for _ in range(5):
            self._pass_days(7)
            self.anna_wallet.renew()
        for platform in ("a", "b"):
            result = self.town.sign_in(self.anna_wallet, platform)
            _expect(result["sub"] == self.subs[f"anna@{platform}"], "the pseudonym changed")
        return {"weeks": 5, "renewals": 5}

    def suspended_at_one_platform(self) -> dict[str, Any]:
        """Platform A suspends Anna's pseudonym for sixty days, without learning who she is."""
        self.ends = self.town.suspend("a", self.subs["anna@a"], days=SUSPENSION_DAYS)
        result = self.town.sign_in(self.anna_wallet, "a")
        _expect((result["access"], result["reason"]) == ("refused", "remedy"), "the suspension does not hold")
        return {"ends": self.ends.isoformat(), "access": result["access"]}

    def held_with_a_restored_wallet(self) -> dict[str, Any]:
        """She restores her wallet from her kit on another device: the same pseudonym, held."""
        self.anna_wallet = self._restored(self.anna)
        result = self.town.sign_in(self.anna_wallet, "a")
        _expect(result["sub"] == self.subs["anna@a"] and result["access"] == "refused", "a restore dodged the remedy")
        return {"access": result["access"]}

    def the_other_platform_is_unaffected(self) -> dict[str, Any]:
        """At platform B nothing has changed for her, and nobody there knows."""
        result = self.town.sign_in(self.anna_wallet, "b")
        _expect(result["sub"] == self.subs["anna@b"] and result["access"] == "full", "platform B is affected")
        return {"access": result["access"]}

    def held_with_a_reenrolled_wallet(self) -> dict[str, Any]:
        """She says that wallet and kit are lost: fourteen days of waiting, and then read-only everywhere, held."""
        self.fresh = Person("Anna", self.anna.document)
        self.fresh_wallet = self._replaced(self.fresh)
        self._pass_days(14)
        self.fresh_wallet.collect()
        seen = {platform: self.town.sign_in(self.fresh_wallet, platform) for platform in ("a", "b")}
        _expect(seen["a"]["sub"] != self.subs["anna@a"], "a new secret gave the old pseudonym")
        for result in seen.values():
            _expect(
                (result["access"], result["reason"]) == ("read_only", "unsettled"), "re-enrolling dodged the remedy"
            )
        return {"access_a": seen["a"]["access"], "access_b": seen["b"]["access"]}

    def held_when_switching_back_and_forth(self) -> dict[str, Any]:
        """Her old kit turns up: back at the old pseudonym she is still suspended, and the new one is dead for good."""
        self.anna_wallet = self._restored(self.anna)
        back = self.town.sign_in(self.anna_wallet, "a")
        _expect(back["sub"] == self.subs["anna@a"] and back["access"] == "refused", "switching back dodged the remedy")
        forth = _refusal(lambda: self._restored(self.fresh))
        _expect(forth == "dead_handle", "the newer secret came back")
        return {"back": back["access"], "forth": forth}

    def held_with_an_erased_and_fresh_wallet(self) -> dict[str, Any]:
        """She erases herself and begins afresh: now an officer decides, and she is read-only for twice the time."""
        self.anna_wallet.erase()
        fresh = Person("Anna", self.anna.document)
        wallet = self._replaced(fresh)
        self._pass_days(14)
        issued = wallet.collect()
        _expect(issued.pending, "a second re-enrolment did not wait for an officer")
        self.town.decide("approve", self._pending_reference())
        wallet.collect()
        result = self.town.sign_in(wallet, "a")
        _expect((result["access"], result["reason"]) == ("read_only", "unsettled"), "erasing dodged the remedy")
        return {"access": result["access"], "settles": wallet.status()["settles"]}

    def the_suspension_ends_by_itself(self) -> dict[str, Any]:
        """With her own kit she comes back to the old pseudonym; on the last day's end the suspension is simply over."""
        wallet = self._restored(self.anna)
        assert self.ends is not None  # noqa: S101 - for the type checker: an earlier step set it
        left = (self.ends - self.clock.now().date()).days
        self._pass_days(left - 1)
        wallet.renew()
        before = self.town.sign_in(wallet, "a")
        _expect(before["access"] == "refused", "the suspension ended early")
        self._pass_days(1)
        wallet.renew()
        after = self.town.sign_in(wallet, "a")
        _expect(after["sub"] == self.subs["anna@a"] and after["access"] == "full", "the suspension did not end")
        return {"day_before": before["access"], "day_of_end": after["access"]}

    def _annas_card(self) -> PassportInHand:
        """Mint Anna's card: her number in data group 13, opened by PACE, a key in the chip that cannot be copied."""
        state = self.town.state
        card = state.issue_vietnamese_card(birth=ANNA_BORN, full_name="Nguyễn Anna", personal_number=self.anna_number)
        assert state.chip is not None  # noqa: S101 - for the type checker: the card has it
        traits = Traits(pace=(PaceOffer(13),))
        return PassportInHand(EmulatedPassport.of(card, sign=SoftChip(state.chip).sign, traits=traits))

    def _passport(self, **card: Any) -> PassportInHand:
        """Mint a passport: the number in its zone, opened by BAC, no key in the chip."""
        return PassportInHand(EmulatedPassport.of(self.town.document(kind="td3", **card)))

    def _enrolled(self, person: Person) -> Wallet:
        wallet = self._new_wallet()
        wallet.enrol(self.town.issuer_id, person.document, kit_read_back=person.note_kit)
        return wallet

    def _replaced(self, person: Person) -> Wallet:
        wallet = self._new_wallet()
        wallet.replace(self.town.issuer_id, person.document, kit_read_back=person.note_kit)
        return wallet

    def _restored(self, person: Person) -> Wallet:
        wallet = self._new_wallet()
        assert person.kit is not None  # noqa: S101 - for the type checker: everybody enrolled before
        wallet.restore(self.town.issuer_id, person.document, person.kit)
        return wallet

    def _new_wallet(self) -> Wallet:
        self.wallets += 1
        path = self.folder / f"wallet-{self.wallets}"
        return self.stack.enter_context(Wallet.create(path, passphrase=PASSPHRASE, clock=self.clock, developer=True))

    def _pending_reference(self) -> str:
        from bonafides.offices.issuer import store

        with self.town.issuer.database.read() as connection:
            return store.list_pending(connection)[0].ref

    def _pass_days(self, days: int) -> None:
        """Let days go by, and the issuer do what is due."""
        self.clock.advance(timedelta(days=days))
        sweep(self.town.issuer)


@contextmanager
def open_story(folder: Path, clock: FixedClock) -> Iterator[Story]:
    """Start a town in a folder and give its story; everything is stopped afterwards."""
    with ExitStack() as stack:
        town = stack.enter_context(Town(folder / "town", clock, country="VNM"))
        yield Story(town, clock, folder, stack)


def _refusal(attempt: Callable[[], object]) -> str:
    """Return the code with which an attempt is refused, or "" if it was not."""
    try:
        attempt()
    except Error as error:
        return error.code
    return ""


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotAsToldError(otherwise)
