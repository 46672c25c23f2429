"""The link that a wallet shows to a service point, in one spelling, and the six digits that both show."""

import pytest

from bonafides.core.credential.station_link import MAX_SESSION, StationLink, parse_station_link
from bonafides.errors import InputError

LINK = StationLink("id.example", "AbC-_9", bytes(range(8)))
TEXT = "bonafides-station:?issuer=id.example&session=AbC-_9&nonce=AAECAwQFBgc"


def test_there_and_back() -> None:
    assert LINK.text == TEXT
    assert parse_station_link(TEXT + "\n") == LINK
    assert parse_station_link(LINK.text.replace("id.example", "id.example:8443")).issuer_id == "id.example:8443"
    longest = StationLink("id.example", "A" * MAX_SESSION, bytes(8))
    assert parse_station_link(longest.text) == longest


def test_loopback_is_for_developers() -> None:
    text = TEXT.replace("id.example", "localhost:8401")
    assert parse_station_link(text, developer=True).issuer_id == "localhost:8401"
    with pytest.raises(InputError):
        parse_station_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://id.example/?session=a",
        TEXT.replace("bonafides-station", "bonafides"),
        TEXT.replace(":?", "://?"),
        TEXT + "&more=1",
        TEXT + "#x",
        TEXT + " x",
        TEXT + "A",
        TEXT[:-1],
        TEXT[:-1] + "h",  # stray bits
        TEXT.replace("&session", "&SESSION"),
        TEXT.replace("AbC", "A%62C"),
        TEXT.replace("AbC-_9", ""),
        TEXT.replace("AbC-_9", "A" * (MAX_SESSION + 1)),
        TEXT.replace("AbC-_9", "A" * 100_000),
        TEXT.replace("id.example", "ID.example"),
        TEXT.replace("id.example", "id.example/path"),
        TEXT.replace("id.example", "user@id.example"),
        TEXT.replace("id.example", "127.0.0.1"),
        TEXT.replace("id.example", "nodomain"),
        TEXT.replace("id.example", "id.example:443"),
        TEXT.replace("id.example", "id.example."),
        TEXT.replace("id.example", "ıd.example"),
        TEXT.replace("issuer=id.example&session=AbC-_9", "session=AbC-_9&issuer=id.example"),
        TEXT.replace("&nonce", "&session=x&nonce"),
        TEXT + "\n" + TEXT,
    ],
)
def test_anything_else_is_no_link(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_station_link(text)
    assert refused.value.code == "station_link"


def test_a_link_cannot_be_made_of_what_would_not_be_read() -> None:
    for session, nonce in (("a&nonce=b", bytes(8)), ("", bytes(8)), ("a", bytes(7)), ("A" * 600, bytes(8))):
        with pytest.raises(InputError):
            StationLink("id.example", session, nonce)


def test_the_digits_are_of_issuer_and_session() -> None:
    assert LINK.comparison_code == "622 643"
    assert parse_station_link(TEXT.replace("AAECAwQFBgc", "AAAAAAAAAAA")).comparison_code == LINK.comparison_code
    for text in (TEXT.replace("AbC", "AbD"), TEXT.replace("id.example", "ie.example")):
        assert parse_station_link(text).comparison_code != LINK.comparison_code


def test_the_repr_shows_no_session() -> None:
    assert "AbC" not in repr(LINK)
