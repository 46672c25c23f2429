"""The issuers a gateway believes: their keys are fetched, pinned on first use, and never exchanged.

Until the public log exists, the first header and key seen for an epoch are the only ones (profile §6): an issuer that
shows somebody a header of their own, to know them again, is refused here and found out. With the log, the entry of the
epoch will be checked under a checkpoint instead.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from bonafides.core.credential.epoch import epoch_of, shift
from bonafides.core.credential.header import Header, decode_header
from bonafides.core.credential.relying_party import origin_of
from bonafides.errors import DependencyError, Error
from bonafides.kit import telemetry
from bonafides.kit.clock import Clock
from bonafides.kit.storage import Database
from bonafides.offices.gateway.metadata import PATH, EpochKey, IssuerMetadata, read_metadata
from bonafides.offices.gateway.schema import compromised_key, issuer_key, issuer_pin
from bonafides.offices.gateway.store import insert_new

Fetch = Callable[[str], Mapping[str, Any]]

_refused = telemetry.event("gateway.issuer.refused", level="error")
_unusable = telemetry.event("gateway.issuer.unusable", level="warning")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in an issuer's metadata that contradicts what it showed before."""

    code: str
    epoch: str | None = None


class Issuers:
    """Keys by epoch from the database, fetched when missing; safe to share between threads."""

    def __init__(
        self, *, ids: Sequence[str], database: Database, fetch: Fetch, clock: Clock, refetch_after: timedelta
    ) -> None:
        self.ids = tuple(ids)
        self._database = database
        self._fetch = fetch
        self._clock = clock
        self._refetch_after = refetch_after
        self._locks = {each: threading.Lock() for each in self.ids}
        self._fetched: dict[str, datetime] = {}
        """When each issuer was asked last; guarded by its lock."""

    def accepted_keys(self, header: Header) -> tuple[dict[bytes, bytes], str | None]:
        """Return {header: key} that its issuer published for that epoch and type, and the issuer's country.

        Nothing for an issuer that is not ours, a type that never signs in, or a compromised key. DependencyError if a
        configured issuer's epoch is not known and cannot be fetched now; epochs that are known need no issuer.
        """
        if header.issuer_id not in self.ids or header.type != "person":
            return {}, None
        found = self._find(header)
        if found is None:
            self._fetch_missing(header)
            found = self._find(header)
        if found is None:
            raise DependencyError("the issuer's keys of this epoch are not known", code="issuer_unavailable")
        return found

    def _find(self, header: Header) -> tuple[dict[bytes, bytes], str | None] | None:
        with self._database.read() as connection:
            return find_keys(connection, header)

    def _fetch_missing(self, header: Header) -> None:
        with self._locks[header.issuer_id]:  # the second who misses the key waits for the answer to the first
            if self._find(header) is None and self._may_ask(header.issuer_id):
                self._refresh(header.issuer_id)

    def _may_ask(self, issuer_id: str) -> bool:
        last = self._fetched.get(issuer_id)
        return last is None or abs(self._clock.now() - last) >= self._refetch_after

    def refresh_all(self, _now: datetime) -> None:
        """Ask every issuer, so that compromised keys and new epochs are known before somebody waits for them."""
        for issuer_id in self.ids:
            with self._locks[issuer_id]:
                if self._may_ask(issuer_id):
                    self._refresh(issuer_id)

    def _refresh(self, issuer_id: str) -> None:
        """Fetch and pin; every failure is logged and leaves what was known. The caller holds the issuer's lock."""
        now = self._fetched[issuer_id] = self._clock.now()
        try:
            metadata = read_metadata(self._fetch(origin_of(issuer_id) + PATH), expected_issuer=issuer_id)
        except Error as error:
            _unusable(error=error)
            return
        for finding in self._database.run(lambda connection: pin_metadata(connection, metadata, now)):
            _refused(code=finding.code, epoch=finding.epoch)


def find_keys(connection: Connection, header: Header) -> tuple[dict[bytes, bytes], str] | None:
    """Return the pinned key of this issuer, epoch and type, none if compromised; None if nothing is pinned."""
    columns = (issuer_key.c.header, issuer_key.c.public_key, issuer_pin.c.country)
    pinned = connection.execute(
        select(*columns)
        .join(issuer_pin, issuer_pin.c.issuer_id == issuer_key.c.issuer_id)
        .where(issuer_key.c.issuer_id == header.issuer_id)
        .where(issuer_key.c.epoch == header.epoch, issuer_key.c.type == header.type)
    ).one_or_none()
    if pinned is None:
        return None
    # The presented header's key id is compared: if it is not the pinned header, its bytes will not match anyway.
    marked = select(compromised_key.c.key_id).where(
        compromised_key.c.issuer_id == header.issuer_id, compromised_key.c.key_id == header.key_id
    )
    compromised = connection.execute(marked).first() is not None
    return ({} if compromised else {pinned[0]: pinned[1]}), pinned[2]


def pin_metadata(connection: Connection, metadata: IssuerMetadata, now: datetime) -> list[Finding]:
    """Remember what is new; return what contradicts that which is known already.

    Only the last, this and the next epoch are taken, so that nobody fills the future. An issuer that names another
    State than before, or one that another issuer serves, is refused whole. The one way to exchange the key of an epoch
    is to mark the old one compromised, before everybody and for good.
    """
    insert_new(connection, issuer_pin, issuer_id=metadata.issuer_id, country=metadata.country)
    country = select(issuer_pin.c.country).where(issuer_pin.c.issuer_id == metadata.issuer_id)
    if connection.execute(country).scalar_one_or_none() != metadata.country:
        return [Finding("issuer_country")]
    for key_id in sorted(metadata.compromised):
        insert_new(connection, compromised_key, issuer_id=metadata.issuer_id, key_id=key_id)
    marked = select(compromised_key.c.key_id).where(compromised_key.c.issuer_id == metadata.issuer_id)
    burnt = frozenset(connection.execute(marked).scalars())
    current = epoch_of(now)
    wanted = {shift(current, weeks) for weeks in (-1, 0, 1)}
    fresh = [each for each in metadata.keys if each.header.epoch in wanted and each.header.key_id not in burnt]
    return [Finding("issuer_key_changed", each.header.epoch) for each in fresh if not _pin_key(connection, each, burnt)]


def _pin_key(connection: Connection, new: EpochKey, burnt: Collection[str]) -> bool:
    """Pin a header and key; False if others are pinned for that epoch and type, and not compromised."""
    header = new.header
    place = {"issuer_id": header.issuer_id, "epoch": header.epoch, "type": header.type}
    values = {"header": new.header_bytes, "public_key": new.public_key}
    if insert_new(connection, issuer_key, **place, **values):
        return True
    here = [issuer_key.c[name] == value for name, value in place.items()]
    pinned = connection.execute(select(issuer_key.c.header, issuer_key.c.public_key).where(*here)).one()
    if decode_header(pinned[0]).key_id in burnt:
        connection.execute(update(issuer_key).where(*here).values(**values))
        return True
    return (pinned[0], pinned[1]) == (new.header_bytes, new.public_key)
