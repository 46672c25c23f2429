"""Showing a document at a service point: the wallet opens the session, somebody's card reader reads the chip.

The service point never has the code that comes of it: the issuer encrypts it to a key made here for this one visit.
What the wallet cannot see for itself, the document, its holder types: issuing State and birth date. If the issuer was
shown another document than that, the code is not used.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic
from time import sleep as pause

from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.core import base64url
from bonafides.core.credential.station_link import DELIVERY_TYP, NONCE_BYTES, StationLink
from bonafides.core.document.mrz_fields import read_birth
from bonafides.errors import DependencyError, InputError, PolicyError, VerificationError
from bonafides.kit.jwe import decrypt_jwe, p256_jwk
from bonafides.kit.strict_json import parse_json_object
from bonafides.wallet.answers import MAX_TEXT, read_text
from bonafides.wallet.facts import Document, DocumentFacts, check_country
from bonafides.wallet.issuer_client import IssuerClient

PAUSE_S = 2
MAX_WAIT_S = 900
GRACE_S = 60
"""A document may be shown in the last second of the session, and takes a moment to be read."""
_STATE = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def sleep(_left: timedelta) -> None:
    """Let a moment pass between two questions."""
    pause(PAUSE_S)


@dataclass(frozen=True, slots=True, repr=False)
class StationVisit:
    """A document that a service point will read: what its holder says of it, and how the link is shown.

    `wait` is called before each question to the issuer, with the time that is left, and lets a moment pass.
    """

    typed: DocumentFacts
    show: Callable[[StationLink], None]
    wait: Callable[[timedelta], None] = sleep

    def __repr__(self) -> str:
        """Return a text without anything of the person."""
        return "StationVisit(redacted)"

    def facts(self, today: date) -> DocumentFacts:  # noqa: ARG002 - a typed year has its century
        """Return what the holder typed."""
        return self.typed


def typed_facts(state: str, birth: str, *, today: date) -> DocumentFacts:
    """Return State and birth date as a holder types them: `VNM`, or `D` as German documents print it; `1990-05-17`.

    Where the document leaves day or month open so does the holder, `1990-05` or `1990`; empty: not even the year. Read
    as a zone is, since the issuer reads the zone. Raises InputError `typed_facts`.
    """
    state, written = state.strip().upper(), _DATE.fullmatch(birth.strip())
    state = "DEU" if state == "D" else state
    if not _STATE.fullmatch(state):
        raise InputError("The State is three letters, as the document has them: VNM, FRA.", code="typed_facts")
    if not birth.strip():
        return DocumentFacts(state, None)
    try:
        year, month, day = written.groups(default="<<") if written else ("", "", "")
        born = read_birth(year[2:] + month + day, today)
    except InputError:
        born = None
    # The zone's two digits make a child of who is older than a hundred; that is no slip, another century is.
    if born is None or int(year) not in (born.year, born.year - 100):
        raise InputError("A birth date is written YEAR-MONTH-DAY: 1990-05-17.", code="typed_facts")
    return DocumentFacts(state, born)


def prove(client: IssuerClient, document: Document | StationVisit) -> str:
    """Return the access token for a document that is shown here, or at a service point. Raises our errors."""
    if not isinstance(document, StationVisit):
        return client.prove_document(document)
    check_country(client.published().country, document.typed)
    key = ec.generate_private_key(ec.SECP256R1())
    begun = client.begin_session(deliver_to=p256_jwk(key.public_key()))
    nonce = base64url.decode(begun.document_nonce, max_bytes=NONCE_BYTES)
    document.show(StationLink(client.issuer_id, begun.session, nonce))
    delivered = _await_delivery(client, begun.session, min(begun.expires_in, MAX_WAIT_S) + GRACE_S, document)
    return client.exchange(_open(delivered, key, document.typed))


def _await_delivery(client: IssuerClient, session: str, lifetime_s: int, visit: StationVisit) -> str:
    """Return what comes for a session. Raises PolicyError `station_timeout`, and what the issuer refuses."""
    ends = monotonic() + lifetime_s
    # By the clock and by count: neither a clock that stands nor a `wait` that does not may make this endless.
    for _ in range(lifetime_s // PAUSE_S):
        left = ends - monotonic()
        if left <= 0:
            break
        visit.wait(timedelta(seconds=left))
        try:
            delivered = client.collect_delivery(session)
        except DependencyError:
            continue  # the network may come back, the session is still there
        if delivered is not None:
            return delivered
    raise PolicyError("No service point showed a document in time: begin again.", code="station_timeout")


def _open(delivered: str, key: ec.EllipticCurvePrivateKey, typed: DocumentFacts) -> str:
    """Return the code in a delivery, if it is of the document that the holder described.

    Raises VerificationError `station_document` if it is of another one, `not_for_us`; InputError.
    """
    data = decrypt_jwe(delivered, key=key, expected_typ=DELIVERY_TYP, max_bytes=MAX_TEXT)
    told = parse_json_object(data, max_bytes=MAX_TEXT)
    birth = None if told.get("birth") is None else read_text(told, "birth", longest=10)
    shown = (read_text(told, "issuing_state", longest=3), birth)
    if shown != (typed.issuing_state, typed.birth.isoformat() if typed.birth else None):
        raise VerificationError(
            "A document with another State or birth date was shown: nothing was enrolled. If you typed them right,"
            " the service point showed somebody else's document.",
            code="station_document",
        )
    return read_text(told, "pre-authorized_code")
