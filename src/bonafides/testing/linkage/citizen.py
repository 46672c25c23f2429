"""A person of the simulation: a card, a wallet, and what they do when their hour comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bonafides.core.credential.epoch import epoch_of
from bonafides.core.document import DocumentBundle
from bonafides.kit.http import HttpClient
from bonafides.kit.jws import sign_jws
from bonafides.offices.issuer.keys import TagKeys
from bonafides.testing.holder import Holder
from bonafides.testing.linkage.office import Office
from bonafides.testing.linkage.schedule import Event
from bonafides.testing.linkage.truth import ISSUER
from bonafides.testing.state import SyntheticState

SUSPENSION_DAYS = 20


@dataclass
class World:
    """The offices by name, and what only the simulation has: the State, the redress body's key, the time."""

    http: HttpClient
    ids: dict[str, str]
    state: SyntheticState
    tags: TagKeys
    redress: Ed25519PrivateKey
    offices: Sequence[Office]
    at: datetime
    epochs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The issuer's published epochs by week: fetching them each time would double the work."""

    def wallet(self, document: DocumentBundle, *, at_station: bool) -> "Wallet":
        """Return an empty wallet, of somebody who shows documents at a service point or by themselves."""
        origin = f"http://{self.ids[ISSUER]}"
        return Wallet(self.http, origin, self.ids[ISSUER], document, at_station=at_station, world=self)


@dataclass
class Wallet(Holder):
    """A holder that remembers the week's epochs."""

    world: World | None = None

    def epochs(self) -> list[dict[str, Any]]:
        """Return this epoch and the next, fetched once a week."""
        if self.world is None:
            return super().epochs()
        week = epoch_of(self.world.at)
        if week not in self.world.epochs:
            self.world.epochs[week] = super().epochs()
        return self.world.epochs[week]


class Citizen:
    """One person: never more than one thing at a time."""

    def __init__(self, world: World, number: str, document: DocumentBundle) -> None:
        self._world = world
        self._number = number
        self._document = document
        self._at_station = number[-1] in "02468"
        self._wallet = world.wallet(document, at_station=self._at_station)
        self._subs: dict[str, list[str]] = {}

    def identifiers(self) -> dict[str, list[str]]:
        """Return who this is at each party."""
        keys = self._world.tags
        tag = keys.tag(keys.newest, self._world.state.code, self._number).hex()
        return {ISSUER: [tag], **self._subs}

    def do(self, event: Event) -> None:
        """Do what an event says."""
        match event.what:
            case "enrol":
                self._wallet.enrol()
            case "renew":
                self._wallet.renew()
            case "sign in":
                self._sign_in(event.where)
            case "restore":
                self._restore()
            case "replace":
                self._wallet = self._new_wallet()
                self._wallet.enrol("replace")
            case "collect":
                self._wallet.collect()
            case "suspend":
                self._suspend(event.where)

    def _new_wallet(self) -> Wallet:
        return self._world.wallet(self._document, at_station=self._at_station)

    def _sign_in(self, where: str) -> None:
        if epoch_of(self._world.at) not in self._wallet.credentials:
            # Nothing valid is left: the one case in which a wallet renews because of a sign-in (profile §2).
            self._wallet.renew()
        sub = str(self._wallet.sign_in(f"http://{self._world.ids[where]}")["sub"])
        known = self._subs.setdefault(where, [])
        if sub not in known:
            known.append(sub)

    def _restore(self) -> None:
        """Another phone, with the recovery kit and the document."""
        old, self._wallet = self._wallet, self._new_wallet()
        self._wallet.secret, self._wallet.credentials = old.secret, dict(old.credentials)
        self._wallet.enrol("restore")

    def _suspend(self, where: str) -> None:
        if where not in self._subs:
            return
        today = self._world.at.date()
        claims = {
            "iss": "redress",
            "aud": self._world.ids[where],
            "jti": str(uuid4()),
            "iat": int(self._world.at.timestamp()),
            "sub": self._subs[where][-1],
            "case": str(uuid4()),
            "act": "impose",
            "kind": "suspension",
            "starts": today.isoformat(),
            "ends": (today + timedelta(days=SUSPENSION_DAYS)).isoformat(),
        }
        token = sign_jws(claims, key=self._world.redress, kid="redress", typ="bonafides-remedy+jwt")
        self._world.http.post_json(f"http://{self._world.ids[where]}/remedies", {"token": token})
