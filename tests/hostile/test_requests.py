"""Every endpoint meets bad input: one clear code each time, nothing stored, nothing lost, nothing echoed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostile.conftest import Recorded
from tests.hostile.world import FORM, JSON, KEYS, MARK, PLATFORM_TOKEN, Request, World, check_problem

POSTS = [key for key in KEYS if " POST " in key]
WITHOUT_BODY = {"issuer POST /nonce", "issuer POST /freeze"}
"""They read no body: what is in it is nobody's business, as long as it is small and has one meaning."""
WITH_BODY = [key for key in POSTS if key not in WITHOUT_BODY]
BEARER = ["issuer POST /credential", "issuer POST /freeze", "gateway GET /accounts/{sub}"]
COOKIE = ["gateway GET /signin/{signin}", "gateway POST /signin/{signin}/result"]
NAMED = [key for key in KEYS if "{" in key]

STRANGERS_FIELDS = {
    # Who has it may use it: nothing beside it must belong to it. (So also a whole proof, but none of its parts.)
    ("issuer POST /session", ("deliver_to",)),
    ("issuer POST /session/collect", ("session",)),
    ("issuer POST /session/document", ("document",)),
    ("issuer POST /token", ("pre-authorized_code",)),
    ("issuer POST /officer", ("statement",)),
    ("gateway POST /remedies", ("token",)),
}
REPEATABLE = {
    "issuer POST /session",
    "issuer POST /session/collect",
    "issuer POST /officer",
    "gateway POST /signin",
    "gateway POST /remedies",
}
"""Asked again they answer again, and but for a new sign-in nothing changes."""
OPTIONAL = {("issuer POST /session", ("deliver_to",)), ("issuer POST /session/document", ("officer",))}


def test_every_endpoint_is_recorded(world: World) -> None:
    found = {f"issuer {method} {path}" for method, path in world.issuer.routes()}
    found |= {f"gateway {method} {path}" for method, path in world.gateways[0].routes()}
    assert found == set(KEYS)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of everything in a body but the body itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from paths_of(inner, (*path, name))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return what is at a place, None if it is not there."""
    for name in path:
        try:
            value = value[name]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a body with something else at a place; `...` for nothing."""
    copied = json.loads(json.dumps(value))
    place = at(copied, path[:-1])
    if new is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return copied


def hostile_values(value: Any) -> Iterator[Any]:
    """Yield what stands in the place of a value."""
    yield from (..., None, True, 0, -1, 1.5, 10**18, 10**40, 1e308, "", MARK, [], {}, [value], {MARK: value})
    yield from ("A" * 70_000, "\x00", MARK + "\ud800", "Ａ" + MARK, "' OR 1=1 --", "../" + MARK, "%00", "\r\nX-Y: z")
    if isinstance(value, str):
        yield from (
            value + "A",
            value + "=",
            value + "\n",
            " " + value,
            value[:-1],
            value[: len(value) // 2],
            value[1:],
        )
        yield from (
            value[: len(value) // 2],
            value + "\x00",
            value * 2,
            value[:-1] + ("B" if value[-1] == "A" else "A"),
            value.swapcase(),
        )
    if isinstance(value, list):
        yield value * 2


def mutations(recorded: Recorded, key: str) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Yield (place, hostile value, whole body) for every field of a recorded request."""
    body = recorded.own[key].body
    for path in paths_of(body):
        value = at(body, path)
        donors = [at(other[key].body, path) for other in (recorded.other_session, recorded.other_person)]
        if (key, path) in STRANGERS_FIELDS or (path[0] == "proofs" and len(path) < 4):
            donors = []
        for new in [*hostile_values(value), *donors]:
            if new == value and type(new) is type(value):
                continue
            if new in (..., None) and (key, path) in OPTIONAL:
                continue
            yield path, new, with_value(body, path, new)


@pytest.mark.parametrize("key", WITH_BODY)
def test_each_field_is_mutated(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.own[key]
    codes = set()
    count = 0
    for path, new, body in mutations(recorded, key):
        if request.media_type == FORM and new is not ... and not (isinstance(new, str) and new.isprintable()):
            continue
        if path == ("vp_token",) and isinstance(new, str) and new.strip() == at(request.body, path):
            continue  # the same JSON
        try:
            codes.add(world.refused(request.of(body=body)))
        except AssertionError as error:
            error.add_note(f"{key}: {path} = {str(new)[:80]!r}")
            raise
        count += 1
    assert count >= 15
    assert "rate_limited" not in codes
    # The request was good all the time, and is taken once.
    assert world.send(request).status_code in (200, 201, 202)
    if key not in REPEATABLE:
        world.refused(request, 403, 404, 409)
    elif key == "gateway POST /remedies":
        with world.unchanged():
            assert world.send(request).status_code == 200


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "a text": b'"%s"' % MARK.encode(),
    "a number": b"1e400",
    "cut off": b'{"a": "%s' % MARK.encode(),
    "two objects": b"{}{}",
    "trailing comma": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "not a number": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "a huge number": b'{"a": ' + b"9" * 5000 + b"}",
    "deep lists": b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "unclosed depth": b"[" * 100_000,
    "a name twice": b'{"session": "a", "session": "b"}',
    "a name twice, escaped": b'{"a": 1, "\\u0061": 2}',
    "half a character": b'{"a": "\\ud800%s"}' % MARK.encode(),
    "halves in a name": b'{"\\udfff": 1}',
    "no character": b'{"a": "\xff\xfe"}',
    "overlong": b'{"a": "\xc0\xaf"}',
    "a bare NUL": b'{"a": "\x00"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "a mark of byte order": b"\xef\xbb\xbf{}",
    "a form": b"a=b&c=d",
    "XML": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "bytes": bytes(range(256)),
    "nothing known": b'{"%s": "%s"}' % (MARK.encode(), MARK.encode()),
}


@pytest.mark.parametrize("key", WITH_BODY)
def test_each_endpoint_refuses_what_is_no_body_of_its(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.other_session[key]
    for name, body in BODIES.items():
        for media_type in dict.fromkeys((request.media_type, JSON, FORM, "multipart/form-data; boundary=x")):
            try:
                world.refused(request.of(body=body, media_type=media_type))
            except AssertionError as error:
                error.add_note(f"{key}: {name} as {media_type}")
                raise


@pytest.mark.parametrize("key", sorted(WITHOUT_BODY))
def test_what_reads_no_body_is_not_disturbed_by_one(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.other_session[key].of(headers={})
    for body in BODIES.values():
        with world.unchanged(request.url):
            answer = world.send(request.of(body=body, media_type=JSON))
        if answer.status_code != 200:
            check_problem(answer, 400, 413)
        assert MARK not in answer.text


TYPES = ["", "text/plain", "application/xml", "multipart/form-data", "application/jose", JSON + "," + JSON]
TYPES += ["text/json", "image/svg+xml", MARK, "application/x-ndjson", "*/*", "application", "application/"]


@pytest.mark.parametrize("key", WITH_BODY)
def test_another_media_type_is_refused(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.other_session[key]
    other = FORM if request.media_type == JSON else JSON
    for media_type in [other, *TYPES]:
        content = request.content
        headers = dict(request.headers) | ({"Content-Type": media_type} if media_type else {})
        try:
            world.refused(Request(request.method, request.url, content, None, headers), 400)
        except AssertionError as error:
            error.add_note(f"{key}: {media_type!r}")
            raise


@pytest.mark.parametrize("key", POSTS)
def test_too_large_is_refused_declared_or_in_chunks(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.other_session[key]
    large = json.dumps({"a": MARK * 60_000}).encode()
    assert world.refused(request.of(body=large), 413) == "too_large"
    headers = dict(request.headers) | {"Content-Type": request.media_type or JSON}

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(large), 16_384):
            yield large[start : start + 16_384]

    with world.unchanged():
        answer = world.http.request("POST", request.url, content=pieces(), headers=headers)
    check_problem(answer, 413)


@pytest.mark.parametrize("key", KEYS)
def test_other_methods_are_refused(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.other_session[key]
    route = key.split()[2]
    allowed = {each.split()[1] for each in KEYS if each.split()[::2] == [key.split(maxsplit=1)[0], route]}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "ZQ"} - allowed:
        with world.unchanged():
            # The client sends no body with TRACE, and an empty body is no JSON.
            bare = {"body": None, "media_type": None} if method == "TRACE" else {}
            answer = world.send(request.of(method=method, **bare))
        assert answer.status_code == 405
        assert answer.headers["allow"] in allowed
        if method != "HEAD":
            check_problem(answer, 405)


@pytest.mark.parametrize("office", ["issuer", "gateway"])
def test_unknown_paths_are_refused(world: World, office: str) -> None:
    origin = (world.issuer if office == "issuer" else world.gateways[0]).origin
    for path in ("/", "//", "/docs", "/openapi.json", "/redoc", "/.git/config", "/.well-known", f"/{MARK}", "/nonce/"):
        world.refused(Request("GET", origin + path), 404)
    for path in ("/NONCE", "/session/", "/session/document/x", "/%6eonce%00", "/%ff", "/a" * 2000):
        world.refused(Request("POST", origin + path, b"{}", JSON), 404)
    with world.unchanged():
        answer = world.http.request("POST", origin + "/\u0438" + MARK)
    check_problem(answer, 404)


AUTHORIZATIONS = ["", "Bearer", "Basic {}", "{}", "Bearer {}x", "Bearer x{}", "Bearer  {}", "Bearer {} {}"]
AUTHORIZATIONS += [
    "Bearer {},{}",
    "Token {}",
    "Bearer " + "A" * 20_000,
    "Bearer " + MARK,
    "Bearer \xff\xfe",
    "Bearer null",
]


@pytest.mark.parametrize("key", BEARER)
def test_other_authorizations_are_refused(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.other_session[key]
    token = request.headers["Authorization"].removeprefix("Bearer ")
    session = recorded.other_session["issuer POST /session/document"].body["session"]
    code = recorded.other_session["issuer POST /token"].body["pre-authorized_code"]
    ticket = recorded.other_session["issuer POST /deferred_credential"].body["transaction_id"]
    given: list[str | None] = [None, *(each.replace("{}", token) for each in AUTHORIZATIONS)]
    given += [f"Bearer {other}" for other in (session, code, ticket, token[:-1], token.swapcase())]
    if token != PLATFORM_TOKEN:
        given += [f"Bearer {PLATFORM_TOKEN.replace(' ', '_')}"]
    for each in given:
        headers = [] if each is None else [(b"Authorization", each.encode("latin-1"))]
        headers += [(b"Content-Type", JSON.encode())] * (request.body is not None)
        with world.unchanged():
            answer = world.http.request(request.method, request.url, content=request.content, headers=headers)
        try:
            check_problem(answer, 400, 401, 403)
        except AssertionError as error:
            error.add_note(f"{key}: {each!r}")
            raise


@pytest.mark.parametrize("key", COOKIE)
def test_another_browser_is_refused(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.other_session[key]
    stranger = recorded.other_person[key].headers["Cookie"]
    name, _, value = request.headers["Cookie"].partition("=")
    given = ["", stranger, f"{name}=", f"{name}={value}x", f"{name}={value[:-1]}", f"x={value}", value, "=" + value]
    given += [f"{name}={MARK}", f'{name}="\\377\\000"', f"{name}={'A' * 20_000}", ";" * 1000, f"{name}={value}\xff"]
    for each in given:
        with world.unchanged():
            answer = world.http.request(
                request.method,
                request.url,
                content=request.content,
                headers=[(b"Cookie", each.encode("latin-1"))] + [(b"Content-Type", JSON.encode())] * bool(request.body),
            )
        check_problem(answer, 403)


@pytest.mark.parametrize("key", NAMED)
def test_other_names_in_paths_are_refused(world: World, recorded: Recorded, key: str) -> None:
    request = recorded.other_session[key]
    url = request.url
    name = next(part for part in url.split("/") if len(part) in (22, 43))
    names = [
        name[:-1],
        name + "A",
        name.swapcase(),
        "A" * len(name),
        "%00" * 22,
        "%ff" * 22,
        MARK,
        "A" * 5000,
        "%F0%9F%92%A9",
    ]
    names += ["..", "%2e%2e", name + "%00", name + "%0a", "%20" + name, "null", "%D0%B0" * 22]
    for each in names:
        world.refused(request.of(url=url.replace(name, each)), 404)
    if "{signin}" in key:
        there = world.gateways[1].origin
        origin = "/".join(url.split("/")[:3])
        world.refused(request.of(url=url.replace(origin, there)), 404)


def test_a_presentation_for_one_platform_is_none_for_another(world: World, recorded: Recorded) -> None:
    anna = people_of(world)
    there = world.recorder.keep("/response/", lambda: anna.sign_in(world.gateways[1].origin))
    here = world.recorder.keep("/response/", lambda: anna.sign_in(world.gateways[0].origin))
    assert world.refused(here.of(body=there.body), 400) == "presentation_refused"
    assert world.refused(there.of(body=here.body), 400) == "presentation_refused"
    assert world.send(here).status_code == world.send(there).status_code == 200


def people_of(world: World) -> Any:
    """Somebody enrolled."""
    one = world.person()
    one.enrol()
    return one


def odd(name: str, *values: Any) -> list[tuple[str, Any]]:
    """Return one claim with each of these values."""
    return [(name, value) for value in values]


ODD_CLAIMS = [
    *odd("exp", None, True, -1, 0, 1.5, "", 10**12, 10**15, 10**18, -(10**18), [], {}),
    *odd("ref", None, 1, [], "", "\x00", "a\x00b", MARK * 1000, "../x", "é"),
    *odd("act", None, "", "in_person", "APPROVE", [], 1),
    *odd("aud", None, "", [], "localhost", "elsewhere.example"),
]


@pytest.mark.parametrize(("name", "value"), ODD_CLAIMS)
def test_what_an_officer_signs_is_read_as_strictly(world: World, recorded: Recorded, name: str, value: Any) -> None:
    """A genuine signature is no reason to believe the rest, and no way to an error of ours."""
    statement = world.statement("approve", "A" * 22, **{name: value})
    request = recorded.own["issuer POST /officer"]
    world.refused(request.of(body={"statement": statement}), 400, 403, 409)
    document = recorded.own["issuer POST /session/document"]
    world.refused(document.of(body=document.body | {"officer": statement}), 400, 403)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *odd("iat", None, True, -1, 1.5, "", 10**18, []),
        *odd("sub", None, 1, "", "A" * 43, "\x00" * 43, MARK),
        *odd("jti", None, 1, "", "\x00", "é", "A" * 500, []),
        *odd("case", None, "", "\x00", "a b", "A" * 65, {}),
        *odd("starts", None, "", "2026-02-30", "0000-00-00", "9999-12-31", 20261125, "２０２６-11-25"),
        *odd("ends", None, "2026-11-25", "2027-11-25", "9999-12-31", "2026-11-2５"),
        *odd("act", None, "", "suspend", "renew", "lift"),
        *odd("kind", None, "", "death", 1),
        ("aud", "elsewhere.example"),
        ("iss", ""),
        (MARK, MARK),
    ],
)
def test_what_a_redress_body_signs_is_read_as_strictly(world: World, recorded: Recorded, name: str, value: Any) -> None:
    sub = recorded.own["gateway GET /accounts/{sub}"].url.rsplit("/", 1)[1]
    changed = world.remedy(sub, **({"jti": "odd", "case": "odd"} | {name: value}))
    world.refused(recorded.own["gateway POST /remedies"].of(body={"token": changed}), 400, 403, 404, 409)
