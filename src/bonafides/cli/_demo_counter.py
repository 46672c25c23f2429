"""The demo's service point: a counter with an emulated chip card on its reader, for who has neither."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import typer
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from bonafides.core.credential.station_link import StationLink, parse_station_link
from bonafides.core.document import DocumentBundle, parse_mrz
from bonafides.errors import ConfigError
from bonafides.kit.files import write_atomically
from bonafides.kit.http import HttpClient
from bonafides.station.service_point import MAX_ANSWER_BYTES, Password, Printed, serve_person
from bonafides.testing.passport import EmulatedPassport, PaceOffer, PassportInHand, Traits
from bonafides.testing.state import KINDS, KeyPair, SoftChip, SyntheticState

_FILE = "card.json"


def write_card(people: Path, state: SyntheticState, *, who: str, full_name: str, birth: date, number: str) -> None:
    """Mint somebody's chip card of a Vietnamese-style State into a file, with the key that stays in a real chip."""
    card = state.issue_vietnamese_card(birth=birth, full_name=full_name, personal_number=number)
    assert state.chip is not None  # noqa: S101 - for the type checker: the card has it
    key = state.chip.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    write_atomically(people / f"{who}-{_FILE}", json.dumps({"document": card.to_json(), "chip": key}).encode())


def serve_at_counter(text: str, people: Path, *, who: str) -> None:
    """Be the clerk who serves the wallet that shows this link, with that person's card on the reader.

    Raises ConfigError, and what link, chip and issuer raise.
    """
    link, clerk = parse_station_link(text, developer=True), _Clerk(_read_card(people / f"{who}-{_FILE}"))
    with HttpClient(developer_mode=True, max_answer_bytes=MAX_ANSWER_BYTES) as http:
        serve_person(link, clerk=clerk, reader=clerk.card, http=http)


@dataclass(frozen=True)
class _Clerk:
    """A clerk who reads off the card what opens its chip."""

    card: PassportInHand

    def confirms(self, link: StationLink) -> bool:
        """Show issuer and digits, and ask."""
        typer.echo(f"Issuer: {link.issuer_id}\nDigits: {link.comparison_code}")
        return typer.confirm("Does the wallet show this issuer and these digits?")

    def password(self) -> Password:
        """Return what is printed on the card."""
        zone = parse_mrz(self.card.passport.zone, reference=date.max)
        assert zone.birth is not None  # noqa: S101 - for the type checker: the demo's people know theirs
        return Printed(zone.number, zone.birth, zone.expiry)


def _read_card(path: Path) -> PassportInHand:
    try:
        stored = json.loads(path.read_text("utf-8"))
        key = load_pem_private_key(stored["chip"].encode(), None)
        card = DocumentBundle.from_json(stored["document"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError(f"No card of the demo lies at {path}: make a new demo with --fresh.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigError(f"No card of the demo lies at {path}: make a new demo with --fresh.")
    chip = SoftChip(KeyPair(KINDS["ecdsa_p256"], key))
    return PassportInHand(EmulatedPassport.of(card, sign=chip.sign, traits=Traits(pace=(PaceOffer(13),))))
