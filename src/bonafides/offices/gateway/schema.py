"""What a gateway stores: every column with its purpose and lifetime (charter C8; profile §7).

No pseudonym, no person tag, no handle; beside an account no shown value, no `settled`, no time finer than the epoch,
but for the days of a remedy, which are those of a decision and not of anything the person did. What was shown lies
only in the sign-in that waits to be collected, for minutes. Keys are random or hashes, and no table numbers its rows.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

_KEYED: dict[str, Any] = {"sqlite_with_rowid": False}
# Five minutes to answer, ten to collect, one until the purge comes round.
_SIGNIN = "until collected, 16 minutes at most"
_WAITING = "until answered, 6 minutes at most"
_RESULT = "until collected, 11 minutes at most"
_ACCOUNT = "as long as the platform's account"
_REMEDY = "until the day on which the remedy would have ended"
_PIN = "three epochs"
_KEPT = "kept"


def _column(name: str, kind: Any, purpose: str, lifetime: str, *constraints: Any, **options: Any) -> Column[Any]:
    options.setdefault("nullable", False)
    return Column(name, kind, *constraints, info={"purpose": purpose, "lifetime": lifetime}, **options)


signin = Table(
    "signin",
    metadata,
    _column("id", String(22), "random name of one sign-in", _SIGNIN, primary_key=True),
    _column("device", String(5), "whether the wallet is on the device of the browser", _SIGNIN),
    _column("cookie_digest", LargeBinary(32), "hash of the cookie of the browser that began", _SIGNIN),
    _column("nonce", String(22), "works once", _WAITING),
    _column("request", Text, "the signed request as served, since the proof is bound to its bytes", _WAITING),
    _column("required", String(100), "slots that must be shown", _WAITING),
    _column("requested", String(100), "slots that may be shown", _WAITING),
    _column("state", String(8), "waiting, answered or dead", _SIGNIN),
    _column("attempts", Integer, "three presentations at most", _SIGNIN),
    _column("expires", Integer, "second after which the row is of no use and goes", _SIGNIN),
    _column("sub", String(43), "the account that the result is about", _RESULT, nullable=True),
    _column("shown", Text, "disclosed values, on their way to the platform", _RESULT, nullable=True),
    _column("collect_digest", LargeBinary(32), "hash of the code that collects the result", _RESULT, nullable=True),
    _column("tries", Integer, "three wrong codes at most", _SIGNIN),
    **_KEYED,
)

account = Table(
    "account",
    metadata,
    _column("sub", String(43), "key of the account's pseudonym here", _ACCOUNT, primary_key=True),
    _column(
        "epoch_seen",
        String(8),
        "epoch of the latest credential: after four without one the account is read-only",
        "until stale, then only that",
    ),
    _column("consented", String(100), "slots shown in that epoch: that consent was given", _ACCOUNT),
    **_KEYED,
)

remedy = Table(
    "remedy",
    metadata,
    _column(
        "sub",
        String(43),
        "the account it binds",
        _REMEDY,
        ForeignKey("account.sub", name="remedy_account"),
        primary_key=True,
    ),
    _column("issuer", String(255), "the redress body whose case it is", _REMEDY, primary_key=True),
    _column("case_id", String(64), "the case: one remedy each, told to the platform", _REMEDY, primary_key=True),
    _column("kind", String(16), "reply_limit, posting_limit or suspension", _REMEDY),
    _column("starts", Date, "first day", _REMEDY),
    _column("ends", Date, "the day on which it is over", _REMEDY),
    _column("renewed", Boolean, "one renewal at most", _REMEDY),
    _column("lifted", Boolean, "ended early; kept so that the case cannot impose again", _REMEDY),
    **_KEYED,
)

remedy_message = Table(
    "remedy_message",
    metadata,
    _column("id", String(43), "hash of sender and jti: each message counts once", _REMEDY, primary_key=True),
    _column("digest", LargeBinary(32), "hash of the message, to know it again", _REMEDY),
    _column("expires", Date, "day on which a repetition would be refused anyway", _REMEDY),
    **_KEYED,
)

issuer_pin = Table(
    "issuer_pin",
    metadata,
    _column("issuer_id", String(255), "a configured issuer", _KEPT, primary_key=True),
    _column("country", String(3), "its State: one issuer each, and no other country is believed", _KEPT),
    UniqueConstraint("country", name="issuer_pin_country"),
    **_KEYED,
)

issuer_key = Table(
    "issuer_key",
    metadata,
    _column("issuer_id", String(255), "whose", _PIN, primary_key=True),
    _column("epoch", String(8), "for which epoch", _PIN, primary_key=True),
    _column("type", String(8), "for which type of credential", _PIN, primary_key=True),
    _column("header", LargeBinary(512), "the one header of that epoch, as first seen", _PIN),
    _column("public_key", LargeBinary(96), "the one key of that epoch, as first seen", _PIN),
    **_KEYED,
)

compromised_key = Table(
    "compromised_key",
    metadata,
    _column("issuer_id", String(255), "whose", _KEPT, primary_key=True),
    _column(
        "key_id",
        String(64),
        "a key that nobody may trust any more, even if the issuer forgets it",
        _KEPT,
        primary_key=True,
    ),
    **_KEYED,
)
