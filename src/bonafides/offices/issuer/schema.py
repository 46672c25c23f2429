"""What the issuer stores: every column with its purpose and lifetime (charter C8; profile §3, §7).

No name, birth date, picture, document or digest of one; no pseudonym but the handle; no time finer than a month, but
for a day in rows that wait for a decision and go with it. Tables of tags and handles have no row order of their own.
"""

from typing import Any

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

_KEYED: dict[str, Any] = {"sqlite_with_rowid": False}


def _column(name: str, kind: Any, purpose: str, lifetime: str, **options: Any) -> Column[Any]:
    options.setdefault("nullable", False)
    return Column(name, kind, info={"purpose": purpose, "lifetime": lifetime}, **options)


person = Table(
    "person",
    metadata,
    _column(
        "tag",
        LargeBinary(32),
        "one row a person: keyed hash of State and number",
        "3 years after erasure",
        primary_key=True,
    ),
    _column("tag_key", String(16), "which key made the tag, so that keys can rotate", "as the tag"),
    _column("handle", LargeBinary(48), "one secret a person: recognises it at renewal", "until erasure", nullable=True),
    _column("assurance", String(32), "level of the best document shown", "until erasure", nullable=True),
    _column("settles", String(7), "month in which the waiting after a re-enrolment ends", "as the tag", nullable=True),
    _column("reenrolled", String(7), "month of the last re-enrolment or erasure", "as the tag", nullable=True),
    _column("reenrolments", Integer, "how many re-enrolments count", "as the tag"),
    _column("frozen_until", String(8), "first epoch in which renewal works again", "until erasure", nullable=True),
    _column(
        "returnable", LargeBinary, "keyed hashes of replaced handles that may come back", "until settled or erased"
    ),
    Index("person_by_handle", "handle"),
    **_KEYED,
)

used_handle = Table(
    "used_handle",
    metadata,
    _column(
        "handle_mac",
        LargeBinary(32),
        "no handle serves two persons: keyed hash of each one used",
        "kept",
        primary_key=True,
    ),
    _column("mac_key", String(16), "which key made the hashes", "kept"),
    _column("tag_handle_mac", LargeBinary(32), "whose it was, told only to who shows both", "kept"),
    _column("settles", String(7), "the waiting that goes with a handle that comes back", "kept", nullable=True),
    **_KEYED,
)

device = Table(
    "device",
    metadata,
    _column("tag", LargeBinary(32), "whose device", "until replaced or erased", primary_key=True),
    _column(
        "device_key",
        LargeBinary(65),
        "public key of a device of the holder",
        "until replaced or erased",
        primary_key=True,
    ),
    _column("standing", String(8), "active, waiting or replaced", "as the device"),
    _column(
        "due", Date, "day on which a waiting one counts or a replaced one is forgotten", "until that day", nullable=True
    ),
    **_KEYED,
)

pending = Table(
    "pending",
    metadata,
    _column("tag", LargeBinary(32), "whose re-enrolment waits", "until decided", primary_key=True),
    _column("ref", String(22), "random name of the matter for officers", "until decided"),
    _column("handle", LargeBinary(48), "the handle that would become current", "until decided"),
    _column("device_key", LargeBinary(65), "the device that would become the only one", "until decided"),
    _column("assurance", String(32), "level of the document shown", "until decided"),
    _column("due", Date, "first day on which it may take effect", "until decided"),
    _column("needs_officer", Boolean, "whether a person decides", "until decided"),
    _column("waived", Boolean, "an officer found that the earlier holder was never this person", "until decided"),
    **_KEYED,
)

dispute = Table(
    "dispute",
    metadata,
    _column("tag", LargeBinary(32), "whose restore a replaced device contests", "until decided", primary_key=True),
    _column("ref", String(22), "random name of the matter for officers", "until decided"),
    **_KEYED,
)

group = Table(
    "settling_group",
    metadata,
    _column("due", String(7), "month in which a group was due", "kept", primary_key=True),
    _column("opens", String(7), "month in which it became settled, small ones later", "kept"),
    **_KEYED,
)

nonce = Table(
    "nonce",
    metadata,
    _column("value", String(22), "a nonce works once, for five minutes", "24 hours", primary_key=True),
    _column("expires", Integer, "second after which it is refused", "24 hours"),
    _column("attempts", Integer, "three failures and it is refused", "24 hours"),
    **_KEYED,
)

spent = Table(
    "spent",
    metadata,
    _column(
        "value", String(43), "hash of a sealed value that worked already", "until it would have ended", primary_key=True
    ),
    _column("expires", Integer, "second after which the row may go", "until it would have ended"),
    **_KEYED,
)

delivery = Table(
    "delivery",
    metadata,
    _column(
        "session",
        String(43),
        "hash of a session in which a service point showed a document",
        "until the code is used, at most five minutes",
        primary_key=True,
    ),
    _column("jwe", Text, "the code, encrypted to a key of the wallet's: the issuer cannot open it", "as the session"),
    _column("expires", Integer, "second after which the row may go", "as the session"),
    **_KEYED,
)

epoch_key = Table(
    "epoch_key",
    metadata,
    _column("epoch", String(8), "each epoch has one key, the same for everyone", "kept", primary_key=True),
    _column("key_id", String(16), "that key", "kept"),
    **_KEYED,
)

compromised_key = Table(
    "compromised_key",
    metadata,
    _column("key_id", String(16), "a signing key that nobody may trust any more", "kept", primary_key=True),
    **_KEYED,
)

tally = Table(
    "tally",
    metadata,
    _column("epoch", String(8), "counts are public and per epoch, never per event", "kept", primary_key=True),
    _column(
        "kind",
        String(16),
        "signed, enrolled, renewed, reenrolled, restored, frozen, erased, refused",
        "kept",
        primary_key=True,
    ),
    _column("count", Integer, "how many", "kept"),
    **_KEYED,
)

enrolment_count = Table(
    "enrolment_count",
    metadata,
    _column("month", String(7), "first enrolments are counted by month", "kept", primary_key=True),
    _column(
        "trust_version",
        String(64),
        "which list of trusted States they were checked by, for when one of it turns out bad",
        "kept",
        primary_key=True,
    ),
    _column("count", Integer, "how many", "kept"),
    **_KEYED,
)
