"""The issuer itself: settings, database, keys and clock in one place, and what every use case needs of them."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bonafides.core import base64url
from bonafides.core.credential.epoch import epoch_of, monday_of, shift
from bonafides.core.credential.header import Header
from bonafides.core.document import FaceCheck, PersonalNumberRule, TrustStore
from bonafides.errors import ConfigError, ConflictError, Error, PolicyError
from bonafides.kit.clock import Clock
from bonafides.kit.storage import Database
from bonafides.offices.issuer import published, single_use
from bonafides.offices.issuer.domain import RENEWAL_DAYS
from bonafides.offices.issuer.keys import KeyRing, SigningKey
from bonafides.offices.issuer.settings import IssuerSettings
from bonafides.offices.issuer.settling import SettlingRules

T = TypeVar("T")
PERSON, NAME = "person", "name"
KINDS = (PERSON, NAME)
"""The credential types that are issued: `person` to everybody, `name` only to who asks."""


@dataclass(frozen=True)
class Issuer:
    """One issuer at work. Use cases are the functions of the modules beside this one; each takes it first."""

    settings: IssuerSettings
    database: Database
    keys: KeyRing
    clock: Clock
    trust: TrustStore
    number_rules: Mapping[tuple[str, str], PersonalNumberRule]
    face_check: FaceCheck | None = None

    @property
    def id(self) -> str:
        """The issuer id."""
        return self.settings.issuer_id

    @property
    def settling(self) -> SettlingRules:
        """The numbers of the settling rule."""
        limits = self.settings.limits
        return SettlingRules(days=limits.unsettled_days, small_group=limits.small_group)

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run a use case in one transaction; where two inserted the same row, the loser looks again."""
        try:
            return self.database.run(work)
        except IntegrityError:
            # Somebody else wrote the row between our look and our insert: this time the look will find it.
            try:
                return self.database.run(work)
            except IntegrityError:
                raise ConflictError("somebody else was first", code="raced") from None

    def sign_key(self, key_id: str) -> SigningKey:
        """Return a signing key by id. Raises ConfigError if its file is gone."""
        key = self.keys.signing.get(key_id)
        if key is None:
            raise ConfigError(f"The file of signing key {key_id} is missing: restore it from its backup.")
        return key


@dataclass(frozen=True, slots=True)
class PublishedEpoch:
    """The header and key of one epoch: the same bytes for everyone."""

    epoch: str
    header: Header
    key: SigningKey


def published_epochs(issuer: Issuer, connection: Connection, now: datetime, kind: str = PERSON) -> list[PublishedEpoch]:
    """Return the last, this and the next epoch with header and key; a key once published for an epoch stays.

    The headers are those of a credential type; the keys are the same for all.
    """
    this = epoch_of(now)
    wanted = [shift(this, -1), this, shift(this, 1)]
    known = published.epoch_keys(connection, wanted)
    for epoch in wanted:
        if epoch not in known:
            known[epoch] = issuer.keys.newest_signing
            published.set_epoch_key(connection, epoch, known[epoch])
    return [
        PublishedEpoch(epoch, Header(issuer.id, kind, known[epoch], epoch), issuer.sign_key(known[epoch]))
        for epoch in wanted
    ]


def issuing_epochs(issuer: Issuer, kind: str = PERSON) -> tuple[PublishedEpoch, PublishedEpoch]:
    """Return this epoch and the next: those every issuance and renewal of a type is for."""
    now = issuer.clock.now()
    _, this, following = issuer.run(lambda connection: published_epochs(issuer, connection, now, kind))
    return this, following


def renewable_key(issuer: Issuer, connection: Connection, header: Header, now: datetime) -> SigningKey:
    """Return the key of a credential shown for renewal. Raises PolicyError if it is none of ours, too old or burnt."""
    known = published.epoch_keys(connection, [header.epoch]).get(header.epoch)
    begun = monday_of(header.epoch) <= now
    recent = now - monday_of(header.epoch) <= timedelta(days=RENEWAL_DAYS)
    if header.issuer_id != issuer.id or header.type not in KINDS or known != header.key_id or not begun or not recent:
        raise PolicyError("not a credential that can be renewed; read the document again", code="not_renewable")
    if header.key_id in published.compromised_keys(connection):
        raise PolicyError("this key is compromised; read the document again", code="key_compromised")
    return issuer.sign_key(header.key_id)


def new_nonce(issuer: Issuer) -> str:
    """Return a fresh nonce of 128 bits that works once within five minutes."""
    value = base64url.encode(secrets.token_bytes(16))
    expires = int(issuer.clock.now().timestamp()) + issuer.settings.limits.nonce_lifetime_s
    issuer.run(lambda connection: single_use.insert_nonce(connection, value, expires))
    return value


def attempt_nonce(issuer: Issuer, value: str) -> None:
    """Count an attempt with a nonce, in a transaction of its own so that failures count. Raises ConflictError."""
    now, most = int(issuer.clock.now().timestamp()), issuer.settings.limits.nonce_attempts
    if not issuer.run(lambda connection: single_use.try_nonce(connection, value, now=now, attempts=most)):
        raise ConflictError("this nonce is spent, too old or none of ours; ask for another", code="nonce_spent")


def consume_nonce(issuer: Issuer, connection: Connection, value: str) -> None:
    """Use a nonce up together with what it allowed. Raises ConflictError if somebody else just did."""
    if not single_use.consume_nonce(connection, value, now=int(issuer.clock.now().timestamp())):
        raise ConflictError("this nonce is spent; ask for another", code="nonce_spent")


def count_refusal(issuer: Issuer) -> None:
    """Count that something was refused in this epoch; nothing else is known of it."""
    epoch = epoch_of(issuer.clock.now())
    issuer.run(lambda connection: published.count(connection, epoch, "refused"))


def rotate_signing_key(issuer: Issuer, *, compromised: str) -> None:
    """Mark a signing key compromised and give its current and coming epochs to the newest key.

    Raises PolicyError if the newest key is the compromised one: add a new one first.
    """
    newest, now = issuer.keys.newest_signing, issuer.clock.now()
    if newest == compromised or compromised not in issuer.keys.signing:
        raise PolicyError("add a new signing key first, and name the old one", code="key_rotation")

    def work(connection: Connection) -> None:
        published_epochs(issuer, connection, now)
        published.mark_compromised(connection, compromised)
        this = epoch_of(now)
        for epoch, key_id in published.epoch_keys(connection, [this, shift(this, 1)]).items():
            if key_id == compromised:
                published.set_epoch_key(connection, epoch, newest)

    issuer.run(work)


def refusing(issuer: Issuer, work: Callable[[], T]) -> T:
    """Run a use case; if it is refused, count that and pass the refusal on."""
    try:
        return work()
    except Error as error:
        if error.http_status in (400, 403, 409):
            count_refusal(issuer)
        raise
