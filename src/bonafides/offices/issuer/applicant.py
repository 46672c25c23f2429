"""Who stands before the issuer: from a document to a code and a token, all of it sealed and in the wallet's hands.

Between these requests nothing about the person is stored; only the hash of what was used up is, until it would have
ended anyway.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from bonafides.core import base64url, cbor
from bonafides.core.credential.binding import presence_reference
from bonafides.core.document import DocumentBundle, VerifiedDocument, is_face_bound, verify_document
from bonafides.errors import ConflictError, InputError, PolicyError
from bonafides.offices.issuer import single_use
from bonafides.offices.issuer.domain import Evidence
from bonafides.offices.issuer.presence import check_presence
from bonafides.offices.issuer.service import Issuer
from bonafides.offices.issuer.signing import Facts

DOCUMENT_NONCE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a document says of the person before us: sealed into codes, tokens and tickets, never stored."""

    session: bytes
    tags: dict[str, tuple[bytes, ...]]
    """Tags of the number, and of one it replaced if the document proves both, under each tag key, newest first."""
    facts: Facts
    evidence: Evidence
    trust_version: str
    full_name: str | None = None
    """Only where the holder asked for a `name` credential when showing the document."""

    def __repr__(self) -> str:
        """Return a text without anything of the person."""
        return "Applicant(redacted)"

    def encode(self) -> list[cbor.Value]:
        """Return the fields to seal."""
        tags: list[cbor.Value] = [[key_id, *found] for key_id, found in self.tags.items()]
        birth = self.facts.birth.isoformat() if self.facts.birth else ""
        fields: list[cbor.Value] = [self.session, tags, birth, self.facts.country]
        fields += [self.evidence.assurance, self.evidence.in_person, self.trust_version]
        return [*fields, self.full_name] if self.full_name else fields

    @classmethod
    def decode(cls, fields: list[cbor.Value]) -> "Applicant":
        """Return the applicant of unsealed fields. Raises InputError."""
        match fields:
            case [bytes(session), list(tags), str(birth), str(country), str(level), bool(person), str(trust), *named]:
                by_key = {each[0]: tuple(each[1:]) for each in tags}
                facts = Facts(date.fromisoformat(birth) if birth else None, country)
                full_name = str(named[0]) if named else None
                return cls(session, by_key, facts, Evidence(level, person), trust, full_name)
        raise InputError("not a value of ours", code="sealed")


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: its id, what a chip or officer answers to, and whose key the code goes to if not the sender."""

    id: bytes
    nonce: bytes
    deliver_to: bytes = b""
    """A compressed point of P-256 where a service point sends the document, else nothing."""


def begin_session(issuer: Issuer, *, deliver_to: bytes = b"") -> dict[str, object]:
    """Return a sealed session and the nonce that an officer or a chip answers to.

    With `deliver_to` the code that comes of it goes to that key alone, whoever sends the document (`delivery`).
    """
    nonce = secrets.token_bytes(DOCUMENT_NONCE_BYTES)
    lifetime = issuer.settings.limits.session_lifetime_s
    session = seal(issuer, "session", [secrets.token_bytes(16), nonce, deliver_to], lifetime)
    return {"session": session, "document_nonce": base64url.encode(nonce), "expires_in": lifetime}


def open_session(issuer: Issuer, session: object, *, at: datetime) -> Session:
    """Return what a session that has not ended `at` this time holds. Raises InputError, PolicyError `expired`."""
    match issuer.keys.seal.open("session", session, now=at):
        case [bytes(session_id), bytes(nonce), bytes(deliver_to)]:
            return Session(session_id, nonce, deliver_to)
    raise InputError("not a value of ours", code="sealed")


@dataclass(frozen=True, slots=True)
class Shown:
    """What was sent to a session, nothing of it verified: the document's files, and what came with them."""

    document: object = field(repr=False)
    officer: object = field(default=None, repr=False)
    """An assertion of an officer's passkey, or None."""
    capture: bytes | None = field(default=None, repr=False)
    """A picture of the holder's face for the face check, or None."""
    with_name: bool = False
    """Only then the name is read: it travels in code and token, for a `name` credential and nothing else."""


def accept_document(issuer: Issuer, *, session: object, shown: Shown) -> str:
    """Return a pre-authorised code for the person of a genuine document. Raises every error of the document check.

    A document that is refused spends nothing. Raises ConflictError `session_spent` for a second one.
    """
    now = issuer.clock.now()
    opened = open_session(issuer, session, at=now)
    if opened.deliver_to:
        raise PolicyError("the code of this session goes to another", code="session_delivers")
    applicant = read_applicant(issuer, opened, shown)
    mark, lifetime = mark_of("session", opened.id), issuer.settings.limits.session_lifetime_s
    issuer.run(lambda connection: spend(connection, mark, now, lifetime))
    return code_for(issuer, applicant)


def code_for(issuer: Issuer, applicant: Applicant) -> str:
    """Return the pre-authorised code of somebody whose document was genuine."""
    return seal(issuer, "code", applicant.encode(), issuer.settings.limits.code_lifetime_s)


def read_applicant(issuer: Issuer, session: Session, shown: Shown) -> Applicant:
    """Return the person of a genuine document, shown in this session. Raises every error of the document check."""
    if shown.capture is not None and issuer.face_check is None:
        raise PolicyError("this issuer checks no faces: do not send a picture", code="no_face_check")
    bundle = DocumentBundle.from_json(shown.document)
    verified = verify_document(
        bundle=bundle,
        trust=issuer.trust,
        at=issuer.clock.now(),
        rules=issuer.number_rules,
        nonce=session.nonce,
        with_name=shown.with_name,
        with_portrait=shown.capture is not None,
    )
    if verified.issuing_state != issuer.settings.country:
        raise PolicyError("this issuer serves another State", code="wrong_state")
    in_person = shown.officer is not None
    if in_person:
        reference = presence_reference(document_nonce=base64url.encode(session.nonce), sod=bundle.sod)
        check_presence(issuer.settings.officer_passkeys, shown.officer, issuer_id=issuer.id, reference=reference)
    bound = _is_face_bound(issuer, session, shown, verified)
    assessed = issuer.settings.assurance.assess(verified, face_bound=bound, in_person=in_person)
    return Applicant(
        session.id,
        _tags(issuer, verified),
        Facts(verified.birth, verified.issuing_state),
        Evidence(str(assessed.level), in_person),
        verified.trust_version,
        verified.full_name,
    )


def exchange_code(issuer: Issuer, code: object) -> dict[str, object]:
    """Return an access token for a pre-authorised code, which works once. Raises ConflictError the second time."""
    now, lifetime = issuer.clock.now(), issuer.settings.limits.token_lifetime_s
    applicant = Applicant.decode(issuer.keys.seal.open("code", code, now=now))

    def work(connection: Connection) -> None:
        spend(connection, mark_of("code", applicant.session), now, issuer.settings.limits.code_lifetime_s)
        single_use.drop_delivery(connection, mark_of("delivery", applicant.session))

    issuer.run(work)
    return {
        "access_token": seal(issuer, "token", applicant.encode(), lifetime),
        "token_type": "Bearer",
        "expires_in": lifetime,
    }


def open_token(issuer: Issuer, token: object) -> Applicant:
    """Return the applicant of an access token. Raises InputError or PolicyError."""
    return Applicant.decode(issuer.keys.seal.open("token", token, now=issuer.clock.now()))


def seal(issuer: Issuer, purpose: str, fields: list[cbor.Value], lifetime_s: int) -> str:
    return issuer.keys.seal.close(purpose, fields, now=issuer.clock.now(), lifetime=timedelta(seconds=lifetime_s))


def mark_of(purpose: str, session: bytes) -> str:
    return base64url.encode(sha256(purpose.encode() + session).digest())


def spend(connection: Connection, mark: str, now: datetime, lifetime_s: int) -> None:
    if single_use.is_spent(connection, mark):
        raise ConflictError("this was used already; begin again with the document", code="session_spent")
    single_use.spend(connection, mark, int(now.timestamp()) + lifetime_s)


def _is_face_bound(issuer: Issuer, session: Session, shown: Shown, verified: VerifiedDocument) -> bool:
    """Ask the face check, if there is anything to ask it."""
    if issuer.face_check is None or shown.capture is None or verified.portrait is None:
        return False
    portrait = verified.portrait.image
    return is_face_bound(issuer.face_check, portrait=portrait, capture=shown.capture, nonce=session.nonce)


def _tags(issuer: Issuer, document: VerifiedDocument) -> dict[str, tuple[bytes, ...]]:
    numbers = [document.personal_number]
    if document.previous_number is not None:
        numbers.append(document.previous_number)
    keys, state = issuer.keys.tags, document.issuing_state
    return {key_id: tuple(keys.tag(key_id, state, number) for number in numbers) for key_id in keys.ids}
