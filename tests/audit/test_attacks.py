"""Every family of attacks finds what was planted for it, and nothing where nothing was planted."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bonafides.core import base64url, bbs, cbor
from bonafides.core.bbs import _curve as curve
from bonafides.core.credential.context import Context, pseudonym_key
from bonafides.core.credential.secret import HolderSecret
from bonafides.testing.linkage import Truth
from bonafides.testing.linkage.truth import ISSUER
from tests.audit.small import PLATFORM, Small, make_small

FORUM = Context("account", "forum.example")
BEGIN = datetime(2026, 11, 2, tzinfo=UTC)
KEY = hashlib.sha256(b"a key of the issuer").digest()
KEPT_WITHOUT_ORDER = "tag BLOB PRIMARY KEY, x BLOB"


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return make_small(tmp_path / "data")


def key_of(pseudonym: bytes) -> str:
    return pseudonym_key("id.example", FORUM, pseudonym)


def same_number(small: Small) -> Truth:
    shared = [small.rng.randbytes(16) for _ in small.tags]
    small.table(ISSUER, "phone", "tag BLOB, number TEXT", list(zip(small.tags, map(bytes.hex, shared), strict=True)))
    small.table(PLATFORM, "contact", "sub TEXT, number BLOB", list(zip(small.subs, shared, strict=True)))
    return small.finish()


def short_code(small: Small) -> Truth:
    """A value too short to be an identifier: only the join by columns finds it."""
    codes = small.rng.sample(range(10**6), len(small.tags))
    small.table(ISSUER, "postal", "tag BLOB, code INTEGER", list(zip(small.tags, codes, strict=True)))
    small.table(PLATFORM, "town", "sub TEXT, code INTEGER", list(zip(small.subs, codes, strict=True)))
    return small.finish()


def hashed_tag(small: Small) -> Truth:
    rows = [(sub, hashlib.sha256(tag).hexdigest()) for tag, sub in zip(small.tags, small.subs, strict=True)]
    small.table(PLATFORM, "digest", "sub TEXT, digest TEXT", rows)
    return small.finish()


def keyed_tag(small: Small) -> Truth:
    small.file(ISSUER, "tag-k0001.key", KEY)
    rows = [(sub, hmac.digest(KEY, tag, "sha256")) for tag, sub in zip(small.tags, small.subs, strict=True)]
    small.table(PLATFORM, "mac", "sub TEXT, mac BLOB", rows)
    return small.finish()


def through_a_side_table(small: Small) -> Truth:
    """The tag leads to a handle, the keyed hash of the handle to a row, and a value in that row to the platform."""
    small.file(ISSUER, "tag-k0001.key", KEY)
    handles = [small.rng.randbytes(48) for _ in small.tags]
    marks = [small.rng.randbytes(20) for _ in small.tags]
    macs = [hmac.digest(KEY, cbor.encode(["bonafides/1 used", handle]), "sha256") for handle in handles]
    small.table(ISSUER, "holder", "tag BLOB, handle BLOB", list(zip(small.tags, handles, strict=True)))
    small.table(ISSUER, "used", "mac BLOB, mark BLOB", list(zip(macs, marks, strict=True)))
    small.table(PLATFORM, "mark", "sub TEXT, mark BLOB", list(zip(small.subs, marks, strict=True)))
    return small.finish()


def stored_pseudonym(small: Small) -> Truth:
    points = [HolderSecret.generate().pseudonym(FORUM) for _ in small.tags]
    small.table(ISSUER, "seen", "tag BLOB, pseudonym BLOB", list(zip(small.tags, points, strict=True)))
    return small.finish([key_of(point) for point in points])


def one_log_line(small: Small) -> Truth:
    lines = [f"renewed {tag.hex()} for {sub}\n" for tag, sub in zip(small.tags, small.subs, strict=True)]
    small.rng.shuffle(lines)
    small.file(ISSUER, "debug.log", "".join(lines))
    return small.finish()


def known_multiple(small: Small) -> Truth:
    """The platform's pseudonym is the handle times the signing key."""
    signing = curve.random_scalar()
    small.file(ISSUER, "signing-k0001.key", curve.encode_scalar(signing))
    handles = [curve.g1_sum_products([curve.G1()], [curve.random_scalar()]) for _ in small.tags]
    made = [curve.encode_g1(curve.g1_sum_products([handle], [signing])) for handle in handles]
    rows = [(tag, curve.encode_g1(handle)) for tag, handle in zip(small.tags, handles, strict=True)]
    small.table(ISSUER, "holder", "tag BLOB, handle BLOB", rows)
    return small.finish([key_of(each) for each in made])


def multiple_of_an_unknown_key(small: Small) -> Truth:
    """The same with the public key alone: only a pairing tells."""
    signing = curve.random_scalar()
    handles = [curve.g1_sum_products([curve.G1()], [curve.random_scalar()]) for _ in small.tags]
    made = [curve.encode_g1(curve.g1_sum_products([handle], [signing])) for handle in handles]
    small.table(ISSUER, "public", "key_id TEXT, key BLOB", [("k1", bbs.sk_to_pk(signing))])
    rows = [(tag, curve.encode_g1(handle)) for tag, handle in zip(small.tags, handles, strict=True)]
    small.table(ISSUER, "holder", "tag BLOB, handle BLOB", rows)
    small.table(PLATFORM, "raw", "sub TEXT, pseudonym BLOB", list(zip(small.subs, made, strict=True)))
    return small.finish()


def secret_from_the_tag(small: Small) -> Truth:
    secrets = [HolderSecret(int.from_bytes(tag) % curve.ORDER) for tag in small.tags]
    return small.finish([key_of(secret.pseudonym(FORUM)) for secret in secrets])


def shifted_by_a_common_point(small: Small) -> Truth:
    """Each person's two points differ by the platform's."""
    firsts = [curve.g1_sum_products([curve.G1()], [curve.random_scalar()]) for _ in small.tags]
    seconds = [curve.g1_sum_products([curve.G1()], [curve.random_scalar()]) for _ in small.tags]
    rows = [
        (tag, curve.encode_g1(first), curve.encode_g1(second))
        for tag, first, second in zip(small.tags, firsts, seconds, strict=True)
    ]
    small.table(ISSUER, "holder", "tag BLOB, first BLOB, second BLOB", rows)
    made = [curve.encode_g1(curve.g1_sub(a, b)) for a, b in zip(firsts, seconds, strict=True)]
    return small.finish([key_of(each) for each in made])


def rows_in_order(small: Small) -> Truth:
    small.table(ISSUER, "enrolment", "tag BLOB", [(tag,) for tag in small.tags], shuffled=False)
    small.table(PLATFORM, "arrival", "sub TEXT", [(sub,) for sub in small.subs], shuffled=False)
    return small.finish()


def bytes_in_order(small: Small) -> Truth:
    """The engine gives both tables by key; the pages tell in which order their rows came."""
    small.table(
        ISSUER, "e", f"{KEPT_WITHOUT_ORDER}) WITHOUT ROWID --", [(tag, b"") for tag in small.tags], shuffled=False
    )
    columns = "sub TEXT PRIMARY KEY, x BLOB) WITHOUT ROWID --"
    small.table(PLATFORM, "a", columns, [(sub, b"") for sub in small.subs], shuffled=False)
    return small.finish()


def lines_in_reverse(small: Small) -> Truth:
    small.file(ISSUER, "queue.txt", "\n".join(tag.hex() for tag in small.tags))
    small.file(PLATFORM, "export.csv", "\n".join(reversed(small.subs)))
    return small.finish()


def moments(small: Small) -> list[datetime]:
    return [BEGIN + timedelta(seconds=small.rng.randrange(42 * 86400)) for _ in small.tags]


def seconds(small: Small) -> Truth:
    times = moments(small)
    rows = [(tag, int(time.timestamp())) for tag, time in zip(small.tags, times, strict=True)]
    small.table(ISSUER, "renewal", "tag BLOB, at INTEGER", rows)
    late = [(sub, (time + timedelta(seconds=3)).isoformat()) for sub, time in zip(small.subs, times, strict=True)]
    small.table(PLATFORM, "visit", "sub TEXT, at TEXT", late)
    return small.finish()


def same_day(small: Small) -> Truth:
    """A day here, a second there: still the same day, and nearly a day for each person."""
    times = [BEGIN + timedelta(days=number, hours=9) for number in range(len(small.tags))]
    rows = [(tag, str(time.date())) for tag, time in zip(small.tags, times, strict=True)]
    small.table(ISSUER, "restored", "tag BLOB, day TEXT", rows)
    late = [(sub, int(time.timestamp() * 1000)) for sub, time in zip(small.subs, times, strict=True)]
    small.table(PLATFORM, "visit", "sub TEXT, ms INTEGER", late)
    return small.finish()


def log_times(small: Small) -> Truth:
    times = moments(small)
    for party, names in ((ISSUER, [tag.hex() for tag in small.tags]), (PLATFORM, small.subs)):
        lines = [json.dumps({"at": time.isoformat(), "who": name}) for time, name in zip(times, names, strict=True)]
        small.rng.shuffle(lines)
        small.file(party, "office.log", "\n".join(lines))
    return small.finish()


def lengths(small: Small) -> Truth:
    sizes = small.rng.sample(range(20, 200), len(small.tags))
    tags = [(tag, small.rng.randbytes(size)) for tag, size in zip(small.tags, sizes, strict=True)]
    small.table(ISSUER, "document", "tag BLOB, sealed BLOB", tags)
    subs = [(sub, small.rng.randbytes(size)) for sub, size in zip(small.subs, sizes, strict=True)]
    small.table(PLATFORM, "profile", "sub TEXT, sealed BLOB", subs)
    return small.finish()


def numbers_of_rows(small: Small) -> Truth:
    tags = [(tag, small.rng.randbytes(8)) for number, tag in enumerate(small.tags) for _ in range(number + 1)]
    small.table(ISSUER, "renewed", "tag BLOB, x BLOB", tags)
    subs = [(sub, small.rng.randbytes(8)) for number, sub in enumerate(small.subs) for _ in range(number + 1)]
    small.table(PLATFORM, "visited", "sub TEXT, x BLOB", subs)
    return small.finish()


PLANTED: list[tuple[str, Callable[[Small], Truth]]] = [
    *(("value", each) for each in (same_number, short_code, hashed_tag, keyed_tag, through_a_side_table)),
    *(("value", each) for each in (stored_pseudonym, one_log_line)),
    *(("algebra", each) for each in (known_multiple, multiple_of_an_unknown_key, secret_from_the_tag)),
    ("algebra", shifted_by_a_common_point),
    *(("order", each) for each in (rows_in_order, bytes_in_order, lines_in_reverse)),
    *(("time", each) for each in (seconds, same_day, log_times)),
    *(("size", each) for each in (lengths, numbers_of_rows)),
]


@pytest.mark.parametrize(("family", "plant"), PLANTED, ids=[plant.__name__ for _, plant in PLANTED])
def test_each_family_finds_its_leak(small: Small, family: str, plant: Callable[[Small], Truth]) -> None:
    report = small.audit(plant(small))
    worst = report.worst_of(family)
    assert worst is not None
    assert report.corrected(worst) < 1e-6, report.lines()
    assert report.worst is not None
    assert report.corrected(report.worst) < 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_where_nothing_is(tmp_path: Path, seed: int) -> None:
    """Random values of every kind beside random identifiers, at both parties."""
    small = make_small(tmp_path / "data", seed)
    for party, names in ((ISSUER, small.tags), (PLATFORM, small.subs)):
        shuffled = list(names)
        small.rng.shuffle(shuffled)
        noise = [
            (name, small.rng.randbytes(small.rng.randrange(8, 40)), int(time.timestamp()), small.rng.randbytes(32))
            for name, time in zip(shuffled, moments(small), strict=True)
        ]
        small.table(party, "noise", "name, sealed BLOB, at INTEGER, scalar BLOB", noise)
    report = small.audit(small.finish())
    assert report.leaks == []
    assert {each.family for each in report.findings} == {"value", "algebra", "order", "time", "size"}


def test_a_report_has_everything_for_machines(small: Small) -> None:
    report = small.audit(hashed_tag(small))
    told = json.loads(json.dumps(report.to_json()))
    assert told["leak"] is True
    assert told["worst"]["family"] == "value"
    assert len(told["attacks"]) == len(report.findings)
    assert "LEAK" in report.verdict()
    assert base64url.encode(small.tags[0]) not in json.dumps(told)
