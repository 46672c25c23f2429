"""Vectors of names and times: contexts, relying parties, headers, slots, epochs."""

from datetime import datetime, timedelta

from bonafides.core import cbor
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs.pseudonym import combined_header, make_leg
from bonafides.core.credential import slots
from bonafides.core.credential.context import Context, pseudonym_key
from bonafides.core.credential.epoch import accepted_epochs, epoch_of, monday_of, shift, weeks_between
from bonafides.core.credential.header import Header
from bonafides.core.credential.relying_party import client_id_of, did_of, origin_of
from tests.vectors.fixed import FORUM, HEADER, INTERFACE, ISSUER, NAME_HEADER, NEXT_HEADER, SECRET, Json, refused

CONTEXTS = [
    Context("account", FORUM),
    Context("account", "forum.example:8443"),
    Context("voice", FORUM, ("2026-12-24", "budget-2027")),
    Context("voice", FORUM, ("2026-12-24", "budget-2027.b")),
    Context("rate", FORUM, ("2026-11-23", "2026-11-29", 0)),
    Context("rate", FORUM, ("2026-11-23", "2026-11-29", 3071)),
    Context("party", FORUM, "2026-000123"),
    Context("quota", FORUM),
    Context("subscriber", "mobile.example"),
    Context("handle", ISSUER),
]
WRONG_DETAILS: list[tuple[str, str, object]] = [
    ("a kind that does not exist", "login", ""),
    ("capitals in a kind", "Account", ""),
    ("a detail where there is none", "account", "x"),
    ("a list where there is none", "account", []),
    ("no case id", "party", ""),
    ("a case id with a space", "party", "case 1"),
    ("a case id of 65 characters", "party", "a" * 65),
    ("a case id with a line end", "party", "case\n"),
    ("a poll without its end", "voice", "budget"),
    ("a poll with a day that is none", "voice", ["2026-02-30", "budget"]),
    ("a poll with a date in another form", "voice", ["20261224", "budget"]),
    ("a poll id with a slash", "voice", ["2026-12-24", "a/b"]),
    ("a third element", "voice", ["2026-12-24", "budget", ""]),
    ("a window that ends before it starts", "rate", ["2026-11-29", "2026-11-23", 0]),
    ("a negative slot", "rate", ["2026-11-23", "2026-11-29", -1]),
    ("a slot beyond the largest", "rate", ["2026-11-23", "2026-11-29", 3072]),
    ("a slot that is a truth value", "rate", ["2026-11-23", "2026-11-29", True]),
    ("a slot in text", "rate", ["2026-11-23", "2026-11-29", "0"]),
    ("a window without a slot", "rate", ["2026-11-23", "2026-11-29"]),
]


def context() -> Json:
    """One case of every kind; the pseudonym and key are those of one fixed secret."""
    cases = []
    for each in CONTEXTS:
        op = make_leg(INTERFACE, each.encode(), 1).op
        pseudonym = SECRET.pseudonym(each)
        cases.append(
            {
                "kind": each.kind,
                "relying_party_id": each.relying_party_id,
                "detail": list(each.detail) if isinstance(each.detail, tuple) else each.detail,
                "context_id": each.encode().hex(),
                "OP": curve.encode_g1(op).hex(),
                "pseudonym": pseudonym.hex(),
                "key": pseudonym_key(ISSUER, each, pseudonym),
            }
        )
    wrong = [refused(why, "context", kind=kind, detail=detail) for why, kind, detail in WRONG_DETAILS]
    return {"issuer_id": ISSUER, "secret": SECRET.encode().hex(), "cases": cases, "refused": wrong}


HOSTS = ["forum.example", "forum.example:8443", "a-b.xn--bcher-kva.example", "1.2.3.4.example", "x.example:65535"]
LOOPBACK = ["localhost", "localhost:8000", "forum.localhost:8000"]
WRONG_NAMES = {
    "client_id": [
        ("another client id prefix", "https:forum.example"),
        ("no client id prefix", "did:web:forum.example"),
        ("another DID method", "decentralized_identifier:did:key:z6Mk"),
        ("a path", "decentralized_identifier:did:web:forum.example:users"),
        ("a bare port", "decentralized_identifier:did:web:forum.example:8443"),
        ("a lower-case escape", "decentralized_identifier:did:web:forum.example%3a8443"),
        ("an escaped path", "decentralized_identifier:did:web:forum.example%2Fa"),
        ("two ports", "decentralized_identifier:did:web:forum.example%3A1%3A2"),
        ("a colon without a port", "decentralized_identifier:did:web:forum.example%3A"),
        ("user-info with a password", "decentralized_identifier:did:web:a:b@forum.example"),
        ("a very long name", "decentralized_identifier:did:web:" + "a." * 200 + "example"),
    ],
    "relying_party_id": [
        ("no host", "decentralized_identifier:did:web:"),
        ("capitals", "decentralized_identifier:did:web:Forum.example"),
        ("a letter that is not an A-label", "decentralized_identifier:did:web:bücher.example"),
        ("a full-width letter", "decentralized_identifier:did:web:ｆorum.example"),
        ("a trailing dot", "decentralized_identifier:did:web:forum.example."),
        ("an empty label", "decentralized_identifier:did:web:forum..example"),
        ("a label that starts with a hyphen", "decentralized_identifier:did:web:-forum.example"),
        ("a label that ends with a hyphen", "decentralized_identifier:did:web:forum-.example"),
        ("an underscore", "decentralized_identifier:did:web:my_forum.example"),
        ("a label of 64 characters", "decentralized_identifier:did:web:" + "a" * 64 + ".example"),
        ("user-info", "decentralized_identifier:did:web:user@forum.example"),
        ("the default port", "decentralized_identifier:did:web:forum.example%3A443"),
        ("port zero", "decentralized_identifier:did:web:forum.example%3A0"),
        ("a port with a leading zero", "decentralized_identifier:did:web:forum.example%3A0443"),
        ("a port out of range", "decentralized_identifier:did:web:forum.example%3A65536"),
        ("a port that is no number", "decentralized_identifier:did:web:forum.example%3Ahttps"),
        ("an IPv4 address", "decentralized_identifier:did:web:192.0.2.1"),
        ("an IPv4 address with a port", "decentralized_identifier:did:web:192.0.2.1%3A8443"),
        ("a short IPv4 address", "decentralized_identifier:did:web:127.1"),
        ("an IPv4 address in one number", "decentralized_identifier:did:web:2130706433"),
        ("an IPv4 address that ends in hexadecimal", "decentralized_identifier:did:web:127.0.0.0x1"),
        ("an IPv4 address with an empty hexadecimal number", "decentralized_identifier:did:web:192.0.2.0x"),
        ("a hexadecimal IPv4 address", "decentralized_identifier:did:web:0x7f000001"),
        ("an IPv6 address", "decentralized_identifier:did:web:[%3A%3A1]"),
        ("a host without a domain", "decentralized_identifier:did:web:intranet"),
        ("the id of a host that was taken over", "decentralized_identifier:did:web:forum.example#2"),
    ],
}
# An address in brackets is full of escapes, which fall first.
_BY_ESCAPE = {"an IPv6 address"}


def relying_party() -> Json:
    """Client ids, the ids that follow from them, and addresses inside and outside their origin."""
    cases = []
    for rp_id in [*HOSTS, *LOOPBACK]:
        origin = origin_of(rp_id)
        host = rp_id.partition(":")[0]
        cases.append(
            {
                "client_id": client_id_of(rp_id),
                "developer": rp_id in LOOPBACK,
                "relying_party_id": rp_id,
                "did": did_of(rp_id),
                "origin": origin,
                "same_origin": [f"{origin}/", f"{origin}/response?a=b%20c&d=[1]"],
                "other_origin": [
                    origin,
                    f"{origin}?a",
                    f"{origin.upper()}/",
                    f"ftp://{rp_id}/",
                    f"https://{host}:1/" if origin.startswith("https") else f"https://{rp_id}/",
                    f"https://user@{rp_id}/",
                    f"{origin}@evil.example/",
                    f"{origin}.evil.example/",
                    f"https://{host}./",
                    f"https://a.{rp_id}/",
                    f"{origin}\\@evil.example/",
                    f"{origin}/#fragment",
                    f"{origin}/\t",
                    f" {origin}/",
                    f"{origin}/ü",
                    f"//{rp_id}/",
                    "/response",
                    "",
                    f"{origin}/{'a' * 2048}",
                ],
            }
        )
    wrong = [
        refused(why, "client_id" if why in _BY_ESCAPE else code, client_id=client_id, developer=developer)
        for code, listed in WRONG_NAMES.items()
        for why, client_id in listed
        for developer in (False, True)
    ]
    wrong += [
        refused("loopback outside developer mode", "loopback", client_id=client_id_of(rp_id), developer=False)
        for rp_id in LOOPBACK
    ]
    return {"cases": cases, "refused": wrong, "other_origin_error": "origin"}


def header() -> Json:
    """Headers as logged and as signed, and bytes that are none."""
    good = [HEADER, NEXT_HEADER, NAME_HEADER, Header("id.uto.example:8443", "person", "2026.a_b-c", "2026-W53")]
    cases = [
        {
            "issuer_id": each.issuer_id,
            "type": each.type,
            "key_id": each.key_id,
            "epoch": each.epoch,
            "header": each.encode().hex(),
            "signed_header": combined_header(each.encode(), 1).hex(),
        }
        for each in good
    ]
    fields: list[cbor.Value] = ["bonafides/1", ISSUER, "person", "k1", "2026-W48"]
    encoded = cbor.encode(fields)

    def changed(at: int, value: cbor.Value) -> bytes:
        return cbor.encode([*fields[:at], value, *fields[at + 1 :]])

    wrong = [
        refused("another profile", "header", header=changed(0, "bonafides/2")),
        refused("capitals in the issuer id", "relying_party_id", header=changed(1, "ID.uto.example")),
        refused("no issuer id", "relying_party_id", header=changed(1, "")),
        refused("an address for the issuer id", "relying_party_id", header=changed(1, "192.0.2.1")),
        refused("bytes for the issuer id", "header", header=changed(1, ISSUER.encode())),
        refused("a type that does not exist", "header", header=changed(2, "persons")),
        refused("no key id", "header", header=changed(3, "")),
        refused("a key id with a space", "header", header=changed(3, "k 1")),
        refused("a key id of 65 characters", "header", header=changed(3, "k" * 65)),
        refused("a week that does not exist", "epoch", header=changed(4, "2026-W54")),
        refused("an epoch in another form", "epoch", header=changed(4, "2026W48")),
        refused("the epoch as a number", "header", header=changed(4, 202648)),
        refused("four elements", "header", header=cbor.encode(fields[:4])),
        refused("six elements", "header", header=cbor.encode([*fields, ""])),
        refused("the signer's suffix in the header", "cbor", header=combined_header(encoded, 1)),
        refused("a longer spelling of a length", "cbor", header=b"\x98\x05" + encoded[1:]),
        refused("an array of indefinite length", "cbor", header=b"\x9f" + encoded[1:] + b"\xff"),
        refused("cut short", "cbor", header=encoded[:-1]),
        refused("nothing", "cbor", header=b""),
        refused("longer than any header", "header", header=changed(1, "a" * 512)),
    ]
    return {"cases": cases, "refused": wrong}


WRONG_VALUES: list[tuple[str, str, int, object]] = [
    ("a type that does not exist", "persons", 0, "chip"),
    ("a slot that does not exist", "person", 6, True),
    ("a negative slot", "person", -1, "UTO"),
    ("no such assurance", "person", 0, "chips"),
    ("capitals in an assurance", "person", 0, "Chip"),
    ("text for a truth value", "person", 1, "true"),
    ("a number for a truth value", "person", 1, 1),
    ("nothing for a truth value", "person", 4, None),
    ("a country of two letters", "person", 5, "UT"),
    ("a country in lower case", "person", 5, "uto"),
    ("Germany's own letter", "person", 5, "D"),
    ("a country with a line end", "person", 5, "UTO\n"),
    ("an empty name", "name", 0, ""),
    ("a name of 201 characters", "name", 0, "a" * 201),
    ("a name with decomposed letters", "name", 0, "A\u0301nh"),
    ("a name with a line end", "name", 0, "A\nB"),
    ("a name with a line separator", "name", 0, "A\u2028B"),
    ("a name that runs backwards", "name", 0, "A\u202eB"),
    ("a name with an invisible letter", "name", 0, "A\u200bB"),
    ("a name with a digit", "name", 0, "R2D2"),
    ("a name that is a truth value", "name", 0, True),
]
WRONG_LISTS: list[tuple[str, str, list[object]]] = [
    ("over 18 but not over 16", "person", ["chip", True, True, False, True, "UTO"]),
    ("over 16 but not over 13", "person", ["chip", True, False, True, True, "UTO"]),
    ("a value too few", "person", ["chip", True, True, True, True]),
    ("a value too many", "person", ["chip", True, True, True, True, "UTO", True]),
    ("two values in the wrong order", "person", [True, "chip", True, True, True, "UTO"]),
    ("a person's values under a name's type", "name", ["chip", True, True, True, True, "UTO"]),
]


def slot_values() -> Json:
    """The signed message and scalar of every value the vocabulary has for a slot, or of examples where it has many."""
    examples: dict[str, list[list[slots.SlotValue]]] = {
        "person": [list(slots.ASSURANCES), [True, False], [True, False], [True, False], [True, False], ["UTO", "DEU"]],
        "name": [["Anna Maria Eriksson", "Nguyễn Thị Ánh", "O'Neill-Đặng, J."]],
    }
    cases = []
    for kind, by_slot in examples.items():
        for index, values in enumerate(by_slot):
            for value in values:
                message = slots.message(kind, index, value)
                cases.append(
                    {
                        "type": kind,
                        "index": index,
                        "name": slots.TYPES[kind][index],
                        "value": value,
                        "message": message.hex(),
                        "scalar": curve.encode_scalar(INTERFACE.map_message(message)).hex(),
                    }
                )
    wrong = [refused(why, "slot", type=kind, index=index, value=value) for why, kind, index, value in WRONG_VALUES]
    lists = [refused(why, "slot", type=kind, values=values) for why, kind, values in WRONG_LISTS]
    return {"cases": cases, "refused": wrong, "refused_lists": lists}


INSTANTS = [
    "2026-11-23T00:00:00+00:00",
    "2026-11-23T00:59:59.999999+00:00",
    "2026-11-23T01:00:00+00:00",
    "2026-11-29T23:59:59.999999+00:00",
    "2026-11-30T00:00:00+00:00",
    "2026-11-30T06:30:00+07:00",
    "2026-11-30T07:30:00+07:00",
    "2026-11-29T23:30:00-01:00",
    "2026-12-31T12:00:00+00:00",
    "2027-01-01T12:00:00+00:00",
    "2027-01-03T23:59:59+00:00",
    "2027-01-04T00:00:00+00:00",
    "2024-12-30T00:30:00+00:00",
    "2021-01-03T12:00:00+00:00",
]
SHIFTS = [("2026-W48", 1), ("2026-W48", -1), ("2026-W53", 1), ("2027-W01", -1), ("2026-W48", 57), ("2020-W53", 52)]
WRONG_EPOCHS = [
    ("2026-W00", "weeks count from one"),
    ("2026-W54", "no year has 54 weeks"),
    ("2027-W53", "this year has 52 weeks"),
    ("0000-W01", "no such year"),
    ("2026-48", "no W"),
    ("2026W48", "no hyphen"),
    ("2026-w48", "a small w"),
    ("2026-W048", "three digits"),
    ("2026-W8", "one digit"),
    ("26-W48", "two digits of a year"),
    ("2026-W48-1", "a day"),
    ("2026-W48\n", "a line end"),
    (" 2026-W48", "a space"),
    ("２０２６-W48", "digits of another script"),
    ("", "nothing"),
]


def epoch() -> Json:
    """Instants with their epoch and what a verifier accepts then."""
    cases = []
    for text in INSTANTS:
        at = datetime.fromisoformat(text)
        name = epoch_of(at)
        cases.append(
            {
                "instant": text,
                "epoch": name,
                "monday": monday_of(name).isoformat(),
                "accepted": list(accepted_epochs(at)),
                "first_hour": at - monday_of(name) < timedelta(hours=1),
            }
        )
    shifts = [
        {
            "epoch": start,
            "weeks": weeks,
            "shifted": shift(start, weeks),
            "back": weeks_between(shift(start, weeks), start),
        }
        for start, weeks in SHIFTS
    ]
    return {"cases": cases, "shifts": shifts, "refused": [refused(why, "epoch", epoch=e) for e, why in WRONG_EPOCHS]}
