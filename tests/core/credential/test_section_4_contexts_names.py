"""Profile §4: relying party ids have one spelling, contexts never meet, addresses stay at the origin."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonafides.core import cbor
from bonafides.core.credential.context import (
    KINDS,
    MAX_RATE_SLOT,
    Context,
    Detail,
    check_detail,
    handle_context,
    pseudonym_key,
    window_end,
)
from bonafides.core.credential.relying_party import (
    check_id,
    client_id_of,
    did_of,
    is_loopback,
    origin_of,
    relying_party_id,
    require_same_origin,
)
from bonafides.errors import InputError, PolicyError
from tests.core.credential.roundtrip import Holder

# Names

HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?(\.[a-z][a-z0-9]{0,8}){0,2}\.example", fullmatch=True)
PORTS = st.just("") | st.integers(1, 65535).filter(lambda n: n != 443).map(lambda n: f":{n}")
IDS = st.builds("{}{}".format, HOSTS, PORTS)


@given(IDS)
def test_client_id_and_id_name_each_other(rp_id: str) -> None:
    assert relying_party_id(client_id_of(rp_id)) == rp_id
    assert check_id(rp_id) == rp_id
    assert did_of(rp_id) == client_id_of(rp_id).removeprefix("decentralized_identifier:")
    assert ":" not in did_of(rp_id).removeprefix("did:web:")
    parts = urlsplit(origin_of(rp_id))
    assert (parts.scheme, parts.netloc) == ("https", rp_id)


ODD = st.text(st.sampled_from("abZ09.-:%3A/@#?[]_ \n\u00fc\uff41\u3002\u0430\x00"), max_size=24)


@settings(max_examples=400)
@given(ODD | st.builds("{}.example{}".format, ODD, ODD), st.booleans())
def test_whatever_is_accepted_is_a_plain_host(name: str, developer: bool) -> None:
    try:
        rp_id = relying_party_id(f"decentralized_identifier:did:web:{name}", developer=developer)
    except (InputError, PolicyError):
        return
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?", rp_id)
    assert client_id_of(rp_id) == f"decentralized_identifier:did:web:{name}"
    parts = urlsplit(origin_of(rp_id))
    assert parts.hostname == rp_id.partition(":")[0]
    assert str(parts.port or "") == rp_id.partition(":")[2]
    assert parts.port != 443


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "forum",
        "forum.example.",
        ".forum.example",
        "forum..example",
        "Forum.example",
        "FORUM.EXAMPLE",
        "forum.EXAMPLE",
        "-forum.example",
        "forum-.example",
        "my_forum.example",
        "forum .example",
        "forum.example\n",
        "forum.example\0",
        "forum.example/",
        "forum.example?",
        "forum.example#",
        "forum.example#2",
        "user@forum.example",
        "a" * 64 + ".example",
        ".".join(["a" * 60] * 5),
        # One name, spelled for people: only the A-label is the id.
        "bücher.example",
        "BÜCHER.example",
        "b\u0075\u0308cher.example",
        "ｆorum.example",
        "forum。example",
        "forum．example",
        "fоrum.example",
        "forum\u200b.example",
        "straße.example",
        "forum.例え",
    ],
)
def test_another_spelling_of_a_host_is_refused(name: str) -> None:
    for developer in (False, True):
        with pytest.raises(InputError):
            check_id(name, developer=developer)
        with pytest.raises(InputError):
            relying_party_id(f"decentralized_identifier:did:web:{name}", developer=developer)


@pytest.mark.parametrize("name", ["xn--bcher-kva.example", "forum.xn--r8jz45g", "a.b.c.d.example", "3com.example"])
def test_a_labels_and_odd_hosts_are_names(name: str) -> None:
    assert check_id(name) == name


@pytest.mark.parametrize(
    "address",
    [
        "192.0.2.1",
        "127.0.0.1",
        "127.1",
        "0",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "127.0.0.0x1",
        "127.0.0.0x",
        "forum.0x7f",
        "forum.example.1",
        "forum.example.09",
        "::1",
        "[::1]",
        "[2001:db8::1]",
        "%5B%3A%3A1%5D",
    ],
)
def test_an_address_is_not_a_name(address: str) -> None:
    """What a browser reads as an IPv4 address, however it is written: its last label is a number."""
    for developer in (False, True):
        for port in ("", ":8443"):
            with pytest.raises(InputError):
                check_id(address + port, developer=developer)
        with pytest.raises(InputError):
            relying_party_id(f"decentralized_identifier:did:web:{address}", developer=developer)


@pytest.mark.parametrize(
    "port", ["443", "0", "00", "080", "65536", "99999", "100000", "+80", "-1", "8 0", "٨٠", "80:80", ""]
)
def test_a_port_has_one_spelling(port: str) -> None:
    with pytest.raises(InputError):
        check_id(f"forum.example:{port}")
    with pytest.raises(InputError):
        relying_party_id(f"decentralized_identifier:did:web:forum.example%3A{port}")


def test_80_is_a_port_but_for_plain_http() -> None:
    assert check_id("forum.example:80") == "forum.example:80"
    with pytest.raises(InputError):
        check_id("localhost:80", developer=True)


@pytest.mark.parametrize("name", ["localhost", "forum.localhost", "a.b.localhost", "localhost:8000", "x.localhost:1"])
def test_loopback_names_work_in_developer_mode_only(name: str) -> None:
    assert check_id(name, developer=True) == name
    assert relying_party_id(client_id_of(name), developer=True) == name
    assert origin_of(name) == f"http://{name}"
    with pytest.raises(PolicyError) as caught:
        relying_party_id(client_id_of(name))
    assert caught.value.code == "loopback"
    with pytest.raises(PolicyError):
        check_id(name)


@pytest.mark.parametrize("name", ["localhost.example", "mylocalhost.example", "localhost.localhost.example"])
def test_a_name_that_only_sounds_local_is_public(name: str) -> None:
    assert check_id(name) == name
    assert not is_loopback(name)
    assert origin_of(name) == f"https://{name}"


@pytest.mark.parametrize(
    "client_id",
    [
        "",
        "forum.example",
        "https://forum.example",
        "did:web:forum.example",
        "redirect_uri:https://forum.example",
        "x509_san_dns:forum.example",
        "decentralized_identifier:did:key:z6Mk",
        "decentralized_identifier:did:webvh:forum.example",
        "decentralized_identifier:DID:WEB:forum.example",
        "Decentralized_identifier:did:web:forum.example",
        " decentralized_identifier:did:web:forum.example",
        "decentralized_identifier:decentralized_identifier:did:web:forum.example",
        "decentralized_identifier:did:web:forum.example:users:alice",
        "decentralized_identifier:did:web:forum.example:8443",
        "decentralized_identifier:did:web:forum.example%3a8443",
        "decentralized_identifier:did:web:forum.example%3A8443%3A1",
        "decentralized_identifier:did:web:forum.example%3A",
        "decentralized_identifier:did:web:forum%2Eexample",
        "decentralized_identifier:did:web:forum.example%2Fpath",
        "decentralized_identifier:did:web:forum.example%00",
        "decentralized_identifier:did:web:user%40forum.example",
        "decentralized_identifier:did:web:forum.example#key-1",
        "decentralized_identifier:did:web:forum.example?versionId=1",
    ],
)
def test_a_client_id_is_a_did_web_of_a_host(client_id: str) -> None:
    with pytest.raises(InputError):
        relying_party_id(client_id)


# Addresses


@given(IDS, IDS, st.sampled_from(["/", "/a?b=c", "/?x", "/%2e%2e/", "//"]))
def test_an_address_is_at_the_origin_or_refused(mine: str, other: str, rest: str) -> None:
    assert require_same_origin(origin_of(mine) + rest, mine) == origin_of(mine) + rest
    if mine != other:
        with pytest.raises(InputError):
            require_same_origin(origin_of(other) + rest, mine)


@pytest.mark.parametrize(
    "url",
    [
        "http://forum.example/",
        "https://forum.example:443/",
        "https://forum.example:8443/",
        "https://forum.example./",
        "https://FORUM.example/",
        "https://user@forum.example/",
        "https://user:password@forum.example/",
        "https://@forum.example/",
        "https://forum.example@evil.example/",
        "https://forum.example:@evil.example/",
        "https://forum.example.evil.example/",
        "https://evil.example/https://forum.example/",
        "https://evil.example\\@forum.example/",
        "https://forum.example\\.evil.example/",
        "https://forum.example\t/",
        "https://forum.exam\nple/",
        "\thttps://forum.example/",
        "https://forum.example/ ",
        "https:/forum.example/",
        "https:///forum.example/",
        "https:forum.example/",
        "HTTPS://forum.example/",
        "https://forum.example",
        "https://forum.example?a",
        "//forum.example/",
        "/path",
        "",
        "https://forum.example/#",
        "https://forum.example/#fragment",
        "https://forum.example/\u00e4",
        "https://forum.example/\x00",
        "https://forum.example/\x7f",
        "https://[forum.example/",
        "https://[::1]/",
        "javascript://forum.example/%0aalert(1)",
        "ws://forum.example/",
        "https://forum.example/" + "a" * 2048,
        "https://forum。example/",
    ],
)
def test_an_address_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        require_same_origin(url, "forum.example")
    assert caught.value.code == "origin"


@settings(max_examples=300)
@given(st.text(max_size=12), st.text(max_size=12))
def test_nothing_around_the_host_leads_elsewhere(before: str, after: str) -> None:
    url = f"https://{before}forum.example{after}"
    try:
        require_same_origin(url, "forum.example")
    except InputError:
        return
    parts = urlsplit(url)
    assert (parts.scheme, parts.hostname, parts.port, parts.username) == ("https", "forum.example", None, None)
    assert before == ""
    assert after[:1] == "/"


# Contexts

DAYS = st.dates().map(lambda day: day.isoformat())
CASE_IDS = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
DETAILS: dict[str, st.SearchStrategy[Detail]] = {
    **dict.fromkeys(("account", "quota", "subscriber", "handle"), st.just("")),
    "party": CASE_IDS,
    "voice": st.tuples(DAYS, CASE_IDS),
    "rate": st.tuples(DAYS, DAYS, st.integers(0, MAX_RATE_SLOT - 1)).map(lambda w: (*sorted(w[:2]), w[2])),
}
CONTEXTS = st.sampled_from(KINDS).flatmap(lambda kind: st.builds(Context, st.just(kind), IDS, DETAILS[kind]))


@given(CONTEXTS, CONTEXTS, st.binary(min_size=48, max_size=48))
def test_two_contexts_never_share_context_id_or_key(one: Context, other: Context, pseudonym: bytes) -> None:
    keys = [pseudonym_key("id.uto.example", context, pseudonym) for context in (one, other)]
    assert (one.encode() == other.encode()) == (one == other)
    assert (keys[0] == keys[1]) == (one == other)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", keys[0])


@given(CONTEXTS)
def test_a_context_id_says_what_it_is(context: Context) -> None:
    detail = list(context.detail) if isinstance(context.detail, tuple) else context.detail
    assert cbor.decode(context.encode()) == ["bonafides/1 context", context.kind, context.relying_party_id, detail]
    assert check_detail(context.kind, detail) == context.detail


# Strings that a careless concatenation would confuse.
TRICKY = st.from_regex(r"[ab1][ab1.:-]{0,5}", fullmatch=True)


@given(st.tuples(TRICKY, TRICKY), st.tuples(TRICKY, TRICKY))
def test_issuer_and_relying_party_do_not_run_into_each_other(one: tuple[str, str], other: tuple[str, str]) -> None:
    keys = [pseudonym_key(issuer, Context("account", rp_id), b"p") for issuer, rp_id in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


@pytest.mark.parametrize("rp_id", ["", "Forum.example", "forum.example\n", "forüm.example", "a b", '"', "-a", "\ud800"])
def test_a_context_names_a_relying_party(rp_id: str) -> None:
    for kind in ("account", "handle"):
        with pytest.raises(InputError):
            Context(kind, rp_id)


def test_the_key_covers_each_of_its_parts() -> None:
    base = Context("account", "forum.example")
    keys = {
        pseudonym_key("id.uto.example", base, b"p"),
        pseudonym_key("id.other.example", base, b"p"),
        pseudonym_key("id.uto.example", Context("account", "other.example"), b"p"),
        pseudonym_key("id.uto.example", Context("quota", "forum.example"), b"p"),
        pseudonym_key("id.uto.example", Context("party", "forum.example", "p"), b"p"),
        pseudonym_key("id.uto.example", base, b"q"),
    }
    assert len(keys) == 6


def test_kinds_of_one_platform_are_unlinkable_to_each_other() -> None:
    secret = Holder().secret
    contexts = [
        Context("account", "forum.example"),
        Context("quota", "forum.example"),
        Context("subscriber", "forum.example"),
        Context("handle", "forum.example"),
        Context("party", "forum.example", "c"),
        Context("voice", "forum.example", ("2026-12-24", "c")),
        *(Context("rate", "forum.example", ("2026-11-23", "2026-11-29", slot)) for slot in range(3)),
    ]
    assert len({secret.pseudonym(context) for context in contexts}) == len(contexts)
    assert {context.kind for context in contexts} == set(KINDS)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5) | DAYS,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.sampled_from(KINDS) | st.text(max_size=8), ANYTHING)
def test_a_detail_fits_its_kind_or_is_refused(kind: str, detail: object) -> None:
    try:
        checked = check_detail(kind, detail)
    except InputError:
        return
    assert kind in KINDS
    assert Context(kind, "forum.example", checked).detail == checked
    assert isinstance(checked, str | tuple)


@pytest.mark.parametrize("slot", [True, False, 1.0, "1", None, -1, MAX_RATE_SLOT, 2**64])
def test_a_slot_is_a_plain_number_below_the_largest(slot: object) -> None:
    with pytest.raises(InputError):
        check_detail("rate", ["2026-11-23", "2026-11-29", slot])


@pytest.mark.parametrize(
    "day",
    ["2026-1-1", "2026-01-1", "2026-02-29", "2026-13-01", "0000-01-01", "2026-W48-1", "20261124", "２０２６-11-24"],
)
def test_a_day_is_a_day(day: str) -> None:
    for detail in ([day, "poll"], [f"{day}\n", "poll"]):
        with pytest.raises(InputError):
            check_detail("voice", detail)
    with pytest.raises(InputError):
        check_detail("rate", [day, "2999-01-01", 0])


def test_a_window_ends_on_its_first_day_or_later() -> None:
    assert check_detail("rate", ["2026-11-23", "2026-11-23", 0]) == ("2026-11-23", "2026-11-23", 0)
    with pytest.raises(InputError):
        check_detail("rate", ["2026-11-24", "2026-11-23", 0])


@pytest.mark.parametrize("name", ["", "a" * 65, "a b", "a/b", "a\n", "\na", "ä", "a\0", "\ud800"])
def test_a_case_or_poll_id_is_short_and_plain(name: str) -> None:
    for kind, detail in (("party", name), ("voice", ["2026-12-24", name])):
        with pytest.raises(InputError):
            check_detail(kind, detail)


def test_only_polls_and_windows_end() -> None:
    assert str(window_end(Context("voice", "forum.example", ("2026-12-24", "c")))) == "2026-12-24"
    assert str(window_end(Context("rate", "forum.example", ("2026-11-23", "2026-11-29", 0)))) == "2026-11-29"
    assert window_end(Context("account", "forum.example")) is None
    assert handle_context("id.uto.example") == Context("handle", "id.uto.example", "")
