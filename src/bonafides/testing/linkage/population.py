"""Make a populated deployment: a State, an issuer, three platforms, people with wallets, and six weeks of their lives.

    python -m bonafides.testing.linkage.population --people 2000 --dir FOLDER

FOLDER/data is what the offices have at the end (databases, logs, keys, settings), FOLDER/truth.json who is who. Each
office is a process of its own; wallets talk to it over HTTP.
"""

import argparse
import random  # noqa: TID251 - simulation, fixed seed
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path

from bonafides.kit.http import HttpClient
from bonafides.kit.server import free_port
from bonafides.kit.signing_key import new_signing_key, public_jwk
from bonafides.offices.gateway import setup as gateway_setup
from bonafides.offices.issuer import setup as issuer_setup
from bonafides.offices.issuer.keys import load_keys
from bonafides.testing.deployment import issuer_settings
from bonafides.testing.linkage.citizen import Citizen, World
from bonafides.testing.linkage.leaks import Leak, plant
from bonafides.testing.linkage.office import Office
from bonafides.testing.linkage.schedule import START, Event, make_rush, make_schedule
from bonafides.testing.linkage.truth import ISSUER, Truth
from bonafides.testing.state import SyntheticState

PLATFORMS = ("platform-a", "platform-b", "platform-c")
AT_ONCE = 6
"""So many people do something at the same moment: waiting for a disk is then shared."""
CODE = "UTO"


def populate(
    folder: Path,
    people: int = 200,
    seed: int = 1,
    leak: Leak | None = None,
    tell: Callable[[str], None] = lambda _line: None,
    *,
    rush: bool = False,
) -> Truth:
    """Write `data` and `truth.json` into a folder and return the truth. With `leak`, spoil the build on purpose.

    `rush`: everybody comes on one day; `same-day` is what lies there in its evening, `data` after the next upkeep.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "data").exists():
        raise FileExistsError(folder / "data")
    events = (make_rush if rush else make_schedule)(people, PLATFORMS, seed)
    with tempfile.TemporaryDirectory(dir=folder) as place, ExitStack() as stack:
        live = Path(place) / "live"
        clock_file = Path(place) / "clock"
        _set_clock(clock_file, START)
        world = _open(live, clock_file, stack)
        citizens = _make_people(people, world, seed)
        tell(f"{people} people, {1 + len(PLATFORMS)} offices")
        _live(events, citizens, world, clock_file, seed, tell, at_once=1 if rush else AT_ONCE)
        # While the offices run: a clean end would empty their write-ahead logs, which an intruder finds full.
        if rush:
            shutil.copytree(live, folder / "same-day")
            for days in (1, 2):  # a gateway takes its first day for the one of its making
                _set_clock(clock_file, START + timedelta(days=days, minutes=1))
                _keep_up(world)
        shutil.copytree(live, folder / "data")
    truth = Truth([citizen.identifiers() for citizen in citizens])
    truth.write(folder / "truth.json")
    if leak is not None:
        truth = plant(leak, folder / "data", truth, seed=seed)
        truth.write(folder / "truth.json")
    return truth


def _open(live: Path, clock_file: Path, stack: ExitStack) -> World:
    """Make and start the offices, as operators would: settings, keys and logs in a folder each."""
    ports = {name: free_port() for name in (ISSUER, *PLATFORMS)}
    state = SyntheticState(CODE, now=START)
    issuer_id = f"{ISSUER}.localhost:{ports[ISSUER]}"
    issuer_settings(live / ISSUER, state, issuer_id=issuer_id)
    redress = new_signing_key()
    for name in PLATFORMS:
        gateway_setup.init(
            live / name,
            rp_id=f"{name}.localhost:{ports[name]}",
            issuers=[issuer_id],
            remedy_keys={"redress": public_jwk(redress)},
            developer_mode=True,
        )
    offices = []
    for name, port in ports.items():
        kind, file = (
            ("issuer", issuer_setup.SETTINGS_FILE) if name == ISSUER else ("gateway", gateway_setup.SETTINGS_FILE)
        )
        log = live / name / "logs" / f"{kind}.log"
        log.parent.mkdir()
        offices.append(stack.enter_context(Office(kind, live / name / file, log, port, clock_file)))
    for office in offices:
        office.wait_until_ready()
    http = stack.enter_context(HttpClient(developer_mode=True, timeout_s=60))
    ids = {name: f"{name}.localhost:{port}" for name, port in ports.items()}
    tags = load_keys(live / ISSUER / "keys").tags
    return World(http, ids, state, tags, redress, offices, START)


def _make_people(count: int, world: World, seed: int) -> list[Citizen]:
    rng = random.Random(f"people {seed}")
    people = []
    for _ in range(count):
        number = world.state.next_number()
        birth = date(1940, 1, 1) + timedelta(days=rng.randrange(24_000))
        people.append(Citizen(world, number, world.state.issue_card(birth=birth, personal_number=number)))
    return people


def _live(
    events: Sequence[Event],
    citizens: Sequence[Citizen],
    world: World,
    clock_file: Path,
    seed: int,
    tell: Callable[[str], None],
    *,
    at_once: int,
) -> None:
    rng = random.Random(f"order {seed}")
    today = START
    with ThreadPoolExecutor(at_once) as pool:
        for done, group in _groups(events, at_once):
            while group[0].at.date() > today.date():
                today += timedelta(days=1)
                _set_clock(clock_file, today + timedelta(minutes=1))
                _keep_up(world)
                if today.weekday() == 0:
                    tell(f"{today:%Y-%m-%d}: {done} of {len(events)} events")
            world.at = group[-1].at
            _set_clock(clock_file, world.at)
            rng.shuffle(group)
            for _ in pool.map(lambda event: citizens[event.person].do(event), group):
                pass


def _keep_up(world: World) -> None:
    """Let every office begin a new day: what is over goes, and databases are written anew."""
    for office in world.offices:
        office.begin_day()
    for office in world.offices:
        office.finish_day()


def _groups(events: Sequence[Event], at_once: int) -> Iterator[tuple[int, list[Event]]]:
    """Give how much is done and the next few events, of one day and of different people."""
    group: list[Event] = []
    done = 0
    for event in events:
        full = len(group) == at_once or (group and event.at.date() != group[0].at.date())
        if full or event.person in {each.person for each in group}:
            yield done, group
            done += len(group)
            group = []
        group.append(event)
    if group:
        yield done, group


def _set_clock(path: Path, instant: datetime) -> None:
    """Move every office to an instant; without the disk's confirmation that the product's own way waits for."""
    fresh = path.with_suffix(".new")
    fresh.write_text(instant.isoformat(), "ascii")
    fresh.replace(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make a deployment from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--leak", type=Leak, choices=list(Leak), default=None)
    parser.add_argument("--rush", action="store_true", help="everybody comes on one day")
    given = parser.parse_args(arguments)

    def tell(line: str) -> None:
        sys.stderr.write(line + "\n")

    populate(given.dir, given.people, given.seed, given.leak, tell, rush=given.rush)


if __name__ == "__main__":
    main()
