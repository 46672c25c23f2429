"""Use cases of the gateway, one transaction each: begin, answer and collect a sign-in; look up an account."""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Never

from sqlalchemy import Connection

from bonafides.core.credential.context import pseudonym_key
from bonafides.core.credential.presentation import Expectation, Presentation, VerifiedPresentation
from bonafides.core.credential.slots import Person
from bonafides.errors import ConflictError, Error, PolicyError, VerificationError
from bonafides.kit.clock import Clock
from bonafides.kit.storage import Database
from bonafides.offices.gateway import store
from bonafides.offices.gateway.domain import (
    Asked,
    Decision,
    decide_access,
    require_accepted_epoch,
    slot_indexes,
    slot_names,
)
from bonafides.offices.gateway.errors import UnknownError
from bonafides.offices.gateway.issuers import Issuers
from bonafides.offices.gateway.party import RelyingParty
from bonafides.offices.gateway.request import Device, RequestTerms, expected_header, sign_receipt, sign_request
from bonafides.offices.gateway.settings import GatewayLimits
from bonafides.offices.gateway.store import SigninRow
from bonafides.offices.gateway.verification import make_decoy, verify_signin


@dataclass(frozen=True, slots=True)
class BegunSignin:
    """A sign-in that waits for a wallet; the cookie goes to the browser that began and to nobody else."""

    signin: str
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnsweredSignin:
    """What the wallet is told: the code that, in the right browser, collects the result; and its receipt."""

    device: str
    code: str = field(repr=False)
    receipt: str


@dataclass(frozen=True, slots=True)
class CollectedSignin:
    """The result of a sign-in, told once."""

    sub: str = field(repr=False)
    decision: Decision
    shown: Mapping[str, Any] = field(repr=False)


class SignIns:
    """The sign-ins and accounts of one relying party."""

    def __init__(
        self,
        *,
        party: RelyingParty,
        asked: Asked,
        issuers: Issuers,
        database: Database,
        clock: Clock,
        limits: GatewayLimits,
    ) -> None:
        self.party = party
        self._asked = asked
        self._issuers = issuers
        self._database = database
        self._clock = clock
        self._limits = limits
        self._decoy = make_decoy(party.context)

    def begin(self, device: Device) -> BegunSignin:
        """Make a sign-in: its name, nonce and cookie are 128 random bits each."""
        now = int(self._clock.now().timestamp())
        signin, nonce, cookie = (secrets.token_urlsafe(16) for _ in range(3))
        lifetime = self._limits.nonce_lifetime_s
        terms = RequestTerms(signin, nonce, device, self._asked, self._issuers.ids, now, lifetime)
        row = SigninRow(
            id=signin,
            device=device,
            cookie_digest=digest_of(cookie),
            nonce=nonce,
            request=sign_request(self.party, terms),
            required=",".join(slot_names(self._asked.required)),
            requested=",".join(slot_names(self._asked.requested)),
            state="waiting",
            attempts=0,
            expires=now + lifetime,
            sub=None,
            shown=None,
            collect_digest=None,
            tries=0,
        )
        self._database.run(lambda connection: store.begin_signin(connection, row))
        return BegunSignin(signin, cookie)

    def signed_request(self, signin: str) -> str:
        """Return the request as it was signed: the same bytes each time. UnknownError, PolicyError, ConflictError."""
        return self._waiting(signin, self._clock.now()).request

    def answer(self, signin: str, presentation: Presentation) -> AnsweredSignin:
        """Verify a presentation, spend the nonce and remember the account.

        PolicyError, ConflictError, UnknownError and DependencyError tell public facts; VerificationError tells only
        that the presentation is refused.
        """
        now = self._clock.now()
        require_accepted_epoch(presentation.header.epoch, now)
        row = self._waiting(signin, now)
        keys, country = self._issuers.accepted_keys(presentation.header)
        attempts = self._limits.nonce_attempts
        # In a transaction of its own: a refused attempt counts, and no lock is held during the curve work.
        counted = self._database.run(
            lambda connection: store.count_attempt(connection, signin, now=now, limit=attempts)
        )
        if not counted:
            _refuse_spent()
        try:
            verified = self._verify(row, presentation, keys, country)
        except VerificationError:
            self._database.run(lambda connection: store.kill_if_exhausted(connection, signin, now=now, limit=attempts))
            raise
        return self._accept(row, verified, now)

    def _verify(
        self, row: SigninRow, presentation: Presentation, keys: Mapping[bytes, bytes], country: str | None
    ) -> VerifiedPresentation:
        asked = _asked_of(row)
        ph = expected_header(self.party, signin=row.id, nonce=row.nonce, signed_request=row.request)
        expected = Expectation(self.party.context, keys, asked.required, asked.requested, ph)
        return verify_signin(presentation=presentation, expected=expected, expected_country=country, decoy=self._decoy)

    def _accept(self, row: SigninRow, verified: VerifiedPresentation, now: datetime) -> AnsweredSignin:
        """Write the result, once, together with the account."""
        sub = pseudonym_key(verified.header.issuer_id, verified.context, verified.pseudonym)
        same = row.device == "same"
        code = secrets.token_urlsafe(16) if same else f"{secrets.randbelow(10**6):06}"
        lifetime = self._limits.result_lifetime_s if same else self._limits.code_lifetime_s
        result = {
            "sub": sub,
            "shown": json.dumps({Person(i).name.lower(): value for i, value in sorted(verified.disclosed.items())}),
            "collect_digest": digest_of(row.id + code),
            "expires": int(now.timestamp()) + lifetime,
        }
        consented = ",".join(slot_names(verified.disclosed))

        def work(connection: Connection) -> bool:
            if not store.answer_signin(connection, row.id, now=now, **result):
                return False
            store.see_account(connection, sub, epoch=verified.header.epoch, consented=consented)
            return True

        if not self._database.run(work):
            _refuse_spent()
        shown = frozenset(verified.disclosed)
        receipt = sign_receipt(self.party, epoch=verified.header.epoch, asked=_asked_of(row), shown=shown)
        return AnsweredSignin(row.device, code, receipt)

    def state(self, signin: str, *, cookie: str) -> str:
        """Return `waiting` or `answered` to the browser that began."""
        now = self._clock.now()
        with self._database.read() as connection:
            return _usable(_of_browser(store.find_signin(connection, signin), cookie), now).state

    def collect(self, signin: str, *, cookie: str, device: Device, code: str) -> CollectedSignin:
        """Return the result to the browser that began and brings the code, once. Wrong codes count."""
        now = self._clock.now()

        def work(connection: Connection) -> CollectedSignin | Error:
            row = _usable(_of_browser(store.find_signin(connection, signin), cookie), now)
            if row.state == "waiting":
                raise ConflictError("the wallet has not answered yet", code="signin_waiting")
            expected = row.collect_digest or b""
            if row.device != device or not hmac.compare_digest(expected, digest_of(row.id + code)):
                store.count_try(connection, row, limit=self._limits.code_tries)
                return PolicyError("not the code of this sign-in", code="signin_code")
            if row.sub is None or row.shown is None or not store.take_signin(connection, signin):
                return ConflictError("the result was collected", code="signin_spent")
            # Now and not when the wallet answered, so that a remedy of the last minutes counts.
            shown: dict[str, Any] = json.loads(row.shown)
            return CollectedSignin(row.sub, _decide(connection, row.sub, now, settled=shown.pop("settled")), shown)

        outcome = self._database.run(work)
        if isinstance(outcome, Error):
            raise outcome  # only now, so that the try stays counted
        return outcome

    def account(self, sub: str) -> Decision:
        """Return what an account may do, as far as it is stored: `unsettled` is known at sign-in only."""
        with self._database.read() as connection:
            return _decide(connection, sub, self._clock.now(), settled=None)

    def purge(self, now: datetime) -> int:
        """Delete all that has served its purpose; return how many rows went."""
        return self._database.run(lambda connection: store.purge(connection, now))

    def _waiting(self, signin: str, now: datetime) -> SigninRow:
        with self._database.read() as connection:
            row = store.find_signin(connection, signin)
        if row is None:
            raise UnknownError("no such sign-in", code="signin_unknown")
        if _usable(row, now).state != "waiting" or row.attempts >= self._limits.nonce_attempts:
            _refuse_spent()
        return row


def digest_of(secret: str) -> bytes:
    """Return the form in which a random secret is stored and compared."""
    return sha256(secret.encode()).digest()


def _asked_of(row: SigninRow) -> Asked:
    """Return what this sign-in asked for, which settings changed since do not alter."""
    return Asked(slot_indexes(row.required.split(",")), slot_indexes(row.requested.split(",")))


def _of_browser(row: SigninRow | None, cookie: str) -> SigninRow:
    if row is None:
        raise UnknownError("no such sign-in", code="signin_unknown")
    if not hmac.compare_digest(row.cookie_digest, digest_of(cookie)):
        raise PolicyError("not the browser that began", code="signin_cookie")
    return row


def _usable(row: SigninRow, now: datetime) -> SigninRow:
    if row.state == "dead":
        _refuse_spent()
    if row.expires <= int(now.timestamp()):
        raise PolicyError("too late: begin again", code="signin_expired")
    return row


def _refuse_spent() -> Never:
    raise ConflictError("answered or tried too often: begin again", code="signin_spent")


def _decide(connection: Connection, sub: str, now: datetime, *, settled: bool | None) -> Decision:
    epoch_seen = store.find_epoch_seen(connection, sub)
    if epoch_seen is None:
        raise UnknownError("no such account", code="account_unknown")
    remedies = store.find_remedies(connection, sub)
    return decide_access(remedies=remedies, settled=settled, epoch_seen=epoch_seen, now=now)
