"""The town that `bonafides demo` starts: made once in a folder, with people in it, then served from its own files."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from bonafides.cli._demo_counter import write_card
from bonafides.errors import ConfigError
from bonafides.kit.clock import SystemClock
from bonafides.kit.server import Listener
from bonafides.kit.signing_key import write_signing_key
from bonafides.offices.gateway import setup as gateway_setup
from bonafides.offices.issuer import setup as issuer_setup
from bonafides.testing.deployment import Town
from bonafides.wallet import Kit, StoredDocument, Wallet

MARK = "demo.json"
UNFINISHED = "demo.unfinished"
DEFAULT_FOLDER = Path("demo-data")
CHI_BORN = date(2007, 9, 1)
PASSPHRASE = "demo-demo"  # noqa: S105 - of wallets that hold nobody real
COMMAND = shlex.quote(os.path.relpath(sys.argv[0])) if Path(sys.argv[0]).name == "bonafides" else "bonafides"


@dataclass(frozen=True, slots=True)
class SeededTown:
    """Where a demo lies and listens."""

    folder: Path
    issuer: int
    platforms: dict[str, int]

    def listeners(self) -> list[Listener]:
        """Return the three applications with their ports, the issuer first. Raises ConfigError."""
        apps = [Listener(issuer_setup.build(self.folder / "issuer" / issuer_setup.SETTINGS_FILE), self.issuer)]
        for name, port in self.platforms.items():
            settings = self.folder / f"platform-{name}" / gateway_setup.SETTINGS_FILE
            apps.append(Listener(gateway_setup.build(settings), port))
        return apps

    def environment(self, who: str) -> str:
        """Return the variables, as a shell takes them, under which `bonafides wallet` is this person's."""
        wallet = shlex.quote(str(self.folder / f"{who}.wallet"))
        return f"BONAFIDES_WALLET={wallet} BONAFIDES_WALLET_PASSPHRASE={PASSPHRASE} BONAFIDES_WALLET_DEVELOPER_MODE=1"

    def _option(self) -> str:
        return "" if self.folder == DEFAULT_FOLDER else f" --dir {shlex.quote(str(self.folder))}"

    def what_to_try(self) -> str:
        """Return what a person at the terminal can do now."""
        issuer, a, b = (f"http://localhost:{port}" for port in (self.issuer, *self.platforms.values()))
        document = shlex.quote(str(self.folder / "people" / "chi.json"))
        return f"""
The issuer listens at {issuer}, platform A at {a}, platform B at {b}.
Anna and Bình are enrolled; Chi has a chip card, a passport and an empty wallet. In a second terminal:

  1. Look into Anna's wallet:
       {self.environment("anna")} \\
         {COMMAND} wallet list
  2. Sign in: be the browser at platform A, follow what it says, and see what the platform learns:
       {COMMAND} demo visit a{self._option()}
     Do it again, and then at platform b: the same pseudonym at A each time, quite another one at B.
  3. Enrol Chi (VNM, 2007-09-01) at a service point, recovery kit and all; her wallet shows a code:
       {self.environment("chi")} \\
         {COMMAND} wallet enrol --issuer localhost:{self.issuer} --station
     In a third terminal be that service point, which opens and reads the chip of her card:
       {COMMAND} demo counter{self._option()}
  4. Try to enrol her a second time, in another wallet and with her passport: both are one person.
       {self.environment("chi-again")} \\
         {COMMAND} wallet enrol --issuer localhost:{self.issuer} --document {document}
  5. Try to find out, from everything the three stored, who is who:
       {COMMAND} audit linkage --help

The whole story without questions: {COMMAND} demo --script.  Ctrl+C stops everything."""


def describe_town(folder: Path) -> SeededTown:
    """Return where the demo in a folder listens. Raises ConfigError if there is none."""
    try:
        told: dict[str, Any] = json.loads((folder / MARK).read_text("utf-8"))
        return SeededTown(folder, int(told["issuer"]), {str(k): int(v) for k, v in told["platforms"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(f"No demo lies in {folder}: start one with `bonafides demo`, or name its --dir.") from None


def open_town(folder: Path, *, first_port: int, say: Callable[[str], None]) -> SeededTown:
    """Return the town in a folder, made and peopled first if it is not there. Raises ConfigError."""
    if (folder / MARK).exists():
        say(f"Starting the demo that lies in {folder} (a new one: --fresh) …")
        return describe_town(folder)
    forget_town(folder, only_unfinished=True)
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"The folder {folder} holds something else: name another with --dir.")
    say("Making a State, an issuer, two platforms and three people …")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / UNFINISHED).touch()
    ports = [first_port, first_port + 1, first_port + 2]
    with Town(folder, SystemClock(), ports=ports, country="VNM") as town:
        _people(town, folder, say)
        write_signing_key(folder / "officer.pem", town.officer_key)
        write_signing_key(folder / "redress.pem", town.redress_key)
    made = SeededTown(folder, ports[0], {"a": ports[1], "b": ports[2]})
    # Last, so that a demo that was interrupted while it was made is not taken for one.
    (folder / MARK).write_text(json.dumps({"issuer": made.issuer, "platforms": made.platforms}), "utf-8")
    (folder / UNFINISHED).unlink()
    return made


def forget_town(folder: Path, *, only_unfinished: bool = False) -> None:
    """Remove a folder that a demo made, and nothing else. Raises ConfigError for any other folder that is not empty."""
    marks = (UNFINISHED,) if only_unfinished else (UNFINISHED, MARK)
    if any((folder / mark).exists() for mark in marks):
        shutil.rmtree(folder)
    elif not only_unfinished and folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"The folder {folder} was not made by a demo: name another with --dir.")


def _people(town: Town, folder: Path, say: Callable[[str], None]) -> None:
    """Give three people passports, one a chip card too, and two of them wallets that signed in at both platforms."""
    cards: dict[str, dict[str, Any]] = {
        "anna": {"name": "NGUYEN, ANNA", "birth": date(1990, 5, 17)},
        "binh": {"name": "TRAN, BINH", "birth": date(1984, 2, 29), "sex": "M"},
        "chi": {"name": "LE, CHI", "birth": CHI_BORN},
    }
    (folder / "people").mkdir()
    number = town.state.next_number()
    write_card(folder / "people", town.state, who="chi", full_name="Lê Chi", birth=CHI_BORN, number=number)
    cards["chi"]["personal_number"] = number
    for who, card in cards.items():
        document = town.document(kind="td3", **card).to_json()
        (folder / "people" / f"{who}.json").write_text(json.dumps(document), "utf-8")
        if who == "chi":
            continue
        say(f"  {who} enrols and signs in at both platforms …")
        with ExitStack() as stack:
            path = folder / f"{who}.wallet"
            wallet = stack.enter_context(Wallet.create(path, passphrase=PASSPHRASE, developer=True))
            wallet.enrol(
                town.issuer_id,
                StoredDocument(document),
                kit_read_back=partial(_keep_kit, folder / "people" / f"{who}.kit"),
            )
            for platform in ("a", "b"):
                town.sign_in(wallet, platform)


def _keep_kit(file: Path, kit: Kit) -> Kit:
    """Write a demo kit to a file, which nobody should do with their own, and read it back."""
    file.write_text("\n".join(kit.lines) + "\n", "utf-8")
    return Kit(tuple(file.read_text("utf-8").splitlines()), kit.passphrase)
