"""Nothing of a document outlives its request: not in databases, logs or temporary files, nor in a core dump."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
import pytest

from bonafides.core.document import DocumentBundle, parse_mrz
from bonafides.core.document.lds import parse_dg1
from bonafides.core.document.security_object import SecurityObject
from bonafides.core.document.sod import parse_sod
from bonafides.errors import Error
from bonafides.kit.http import HttpClient
from bonafides.kit.server import free_port
from bonafides.offices.issuer import setup
from bonafides.testing.holder import Holder
from bonafides.testing.passkey import SoftPasskey
from bonafides.testing.state import SoftChip, SyntheticState, encode_dg2, encode_dg12, rsa_kind
from bonafides.testing.state.groups import PICTURE
from tests.retention.needles import Needles, forms_of

PEOPLE = 200
RULES = {"td1": {"source": "dg13"}, "td3": {"source": "dg11"}}


class Register:
    """The people of the test, each with a document of their own, and all that is to be looked for afterwards."""

    def __init__(self, now: datetime) -> None:
        self.random = Random(20261123)
        self.state = SyntheticState("VNM", now=now)
        self.chips = [SoftChip.new("ecdsa_p256"), SoftChip.new(rsa_kind("sha256", bits=1024))]
        self.needles = Needles()

    def holder(self, number: int, http: HttpClient, issuer_id: str) -> Holder:
        """Return the next person: a card with data group 13 or a passport with 11, a portrait, a chip that answers."""
        given, family = (self._word() for _ in range(2))
        birth = date(1950, 1, 1) + timedelta(days=self.random.randrange(20_000))
        personal = f"{self.random.randrange(10**12):012}"
        image = PICTURE[:-2] + self.random.randbytes(200) + PICTURE[-2:]
        chip = self.chips[number % 2] if number % 10 else SoftChip.new()
        groups = {2: encode_dg2(image), 12: encode_dg12(date(2025, 3, 4))} | chip.groups
        # The name with diacritics is not the one in the zone.
        written = f"{family.title()}ễ {given.title()}ồ"
        if number % 2:
            card = self.state.issue_card(
                birth=birth,
                name=f"{family}, {given}",
                personal_number=personal,
                kind="td3",
                dg11=True,
                full_name=written.replace(" ", "<<"),
                groups=groups,
            )
        else:
            card = self.state.issue_vietnamese_card(
                birth=birth, full_name=written, personal_number=personal, groups=groups
            )
        self._look_for(f"person {number}", card, chip, birth, personal, image, (given, family, written))
        return Holder(http, f"http://{issuer_id}", issuer_id, card, chip=chip)

    def _word(self) -> str:
        return "".join(self.random.choice("BCDFGHKLMNPQRSTVX") for _ in range(10))

    def _look_for(
        self,
        who: str,
        card: DocumentBundle,
        chip: SoftChip,
        birth: date,
        personal: str,
        image: bytes,
        names: tuple[str, ...],
    ) -> None:
        zone = parse_dg1(card.dg1)
        mrz = parse_mrz(zone, reference=self.state.now.date())
        add = self.needles.add
        for name in names:
            for text in {name, name.upper(), name.lower(), name.title()}:
                add(f"name of {who}", text.encode())
        add(f"number of {who}", personal.encode())
        add(f"document number of {who}", mrz.number.encode())
        lines = (zone[0:30], zone[30:60], zone[60:90]) if len(zone) == 90 else (zone[:44], zone[44:])
        for line in lines:
            self.needles.add_long(f"zone of {who}", line.strip("<").encode(), length=12, step=6)
        for text in (birth.isoformat(), f"{birth:%d/%m/%Y}", f"{birth:%Y%m%d}", f"{birth:%y%m%d}{_sex(zone)}"):
            add(f"birth of {who}", text.encode())
        sod = parse_sod(card.sod)
        self._look_for_hashes(who, sod.security_object, card)
        self.needles.add_long(f"signature in SOD of {who}", sod.signed.signature, length=16, step=16)
        self.needles.add_long(f"SOD of {who}", sod.signed.content, length=24, step=24)
        self.needles.add_long(f"portrait of {who}", image[len(PICTURE) :], length=24, step=24)
        if chip not in self.chips:
            self.needles.add_long(f"chip key of {who}", chip.groups[15][-60:], length=24, step=18)

    def _look_for_hashes(self, who: str, listed: SecurityObject, card: DocumentBundle) -> None:
        """Look for the hash of every group and of the whole SOD, under any function that somebody may have taken."""
        for number, value in listed.group_hashes.items():
            if number in (1, 2, 11, 13):
                self.needles.add(f"hash of DG{number} of {who}", value)
        for data in (card.dg1, card.sod, *(card.others[number] for number in (2,))):
            for name in ("sha1", "sha256", "sha512", "md5"):
                self.needles.add(f"{name} of a file of {who}", hashlib.new(name, data).digest())


def _sex(zone: str) -> str:
    """The check digit of the birth date and the sex, as they follow it in the zone."""
    return zone[36:38] if len(zone) == 90 else zone[63:65]


@contextmanager
def served(folder: Path, state: SyntheticState, passkey: SoftPasskey) -> Iterator[tuple[str, int]]:
    """Serve an issuer as its command does, everything it may write below one folder; killed without warning."""
    port = free_port()
    setup.init(
        folder / "issuer",
        issuer_id=f"localhost:{port}",
        country=state.code,
        anchors=[anchor.certificate.der for anchor in state.trust_store().anchors],
        personal_number_rules=RULES,
        officer_passkeys={"officer": passkey.settings},
        developer_mode=True,
    )
    for name in ("tmp", "home"):
        (folder / name).mkdir()
    places = {name: str(folder / "tmp") for name in ("TMPDIR", "TMP", "TEMP", "SQLITE_TMPDIR")}
    environment = os.environ | places | {"HOME": str(folder / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", "from bonafides.cli import main; main()", "issuer", "serve", "--port", str(port)]
    command += ["--settings", str(folder / "issuer" / setup.SETTINGS_FILE)]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=err)
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://localhost:{port}/.well-known/bonafides-issuer", trust_env=False)
                break
            except httpx.TransportError:
                assert process.poll() is None, (folder / "stderr").read_text()
                time.sleep(0.1)
        yield f"localhost:{port}", process.pid
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_nothing_of_a_document_outlives_its_request(tmp_path: Path) -> None:
    now, passkey = datetime.now(UTC), SoftPasskey()
    people = Register(now)
    answers: list[bytes] = []
    with served(tmp_path, people.state, passkey) as (issuer_id, pid), HttpClient(developer_mode=True) as http:
        for number in range(PEOPLE):
            person = people.holder(number, http, issuer_id)
            chip = person.chip
            assert chip is not None

            def sign(nonce: bytes, chip: SoftChip = chip) -> bytes:
                answers.append(chip.sign(nonce))
                return answers[-1]

            object.__setattr__(person, "chip", _Recording(chip, sign))
            in_person = number % 20 == 3
            person.enrol(officer=(lambda nonce: passkey.confirm(issuer_id, nonce)) if in_person else None)
            if number % 10 == 0:
                person.enrol_name()
            if number % 5 == 0:
                _refused(person)
        for count, answer in enumerate(answers):
            people.needles.add_long(f"chip's answer {count}", answer, length=24, step=24)
        assert len(answers) >= PEOPLE
        _check_core_dumps(pid)
        _broken(person, tmp_path / "issuer" / setup.DATABASE_FILE)
        # With the process alive its write-ahead log is there; what it has not written to a file it will not find again.
        assert (tmp_path / "issuer" / (setup.DATABASE_FILE + "-wal")).stat().st_size > 0
        assert people.needles.found_below(tmp_path) == []
    assert people.needles.found_below(tmp_path) == []
    assert b'"error"' in (tmp_path / "stderr").read_bytes(), "there is a log to look into"


class _Recording:
    """A chip whose answers are noted."""

    def __init__(self, chip: SoftChip, sign: object) -> None:
        self._chip, self._sign = chip, sign

    def answer(self, bundle: DocumentBundle, nonce: bytes) -> DocumentBundle:
        """Return what was read with the answer."""
        assert callable(self._sign)
        return replace(bundle, active_authentication=self._sign(nonce))


def _refused(person: Holder) -> None:
    """Show the document in ways that are refused, each at another depth of the check."""
    good = person.document
    spoilt = [
        replace(good, sod=good.sod[:-1] + bytes([good.sod[-1] ^ 1])),
        replace(good, others={**good.others, 12: encode_dg12(date(2025, 3, 5))}),
        replace(good, dg1=good.dg1[:-1] + bytes([good.dg1[-1] ^ 1])),
        replace(good, others={}),
        replace(good, sod=good.sod + b"\0"),
    ]
    for document in spoilt:
        person.document = document
        with pytest.raises(Error):
            person.token()
    person.document = good
    with pytest.raises(Error):
        person.post("/session/document", {"session": "A", "document": good.to_json(), "more": good.to_json()})
    raw = json.dumps({"session": "A", "document": good.to_json()}).encode()[:-2]
    httpx.post(person.origin + "/session/document", content=raw, trust_env=False)
    with pytest.raises(Error):
        person.enrol("restore", token="A" * 40)


def _broken(person: Holder, database: Path) -> None:
    """Show a good document to an issuer that breaks over it, so that there is something to log."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DROP TABLE spent")
    with pytest.raises(Error):
        person.token()


def _check_core_dumps(pid: int) -> None:
    """Check that the process leaves no core dump (Linux tells)."""
    limits = Path(f"/proc/{pid}/limits")
    if not limits.exists():
        pytest.skip("this system does not tell a process's limits")
    (line,) = [line for line in limits.read_text().splitlines() if line.startswith("Max core file size")]
    assert line.split()[4:6] == ["0", "0"]


# --- a search that finds nothing is worth nothing unless it would


@pytest.mark.parametrize("form", range(9))
@pytest.mark.parametrize("length", range(12, 20))
def test_every_form_is_found_wherever_it_stands(form: int, length: int) -> None:
    import base64

    needle = bytes(range(200, 200 + length))
    needles = Needles()
    needles.add("it", needle)
    for before in range(4):
        around = b"x" * before + needle + b"yy"
        written = [around, around.hex().encode(), around.hex().upper().encode()]
        written += [base64.b64encode(around), base64.urlsafe_b64encode(around), base64.b64encode(around).rstrip(b"=")]
        assert needles.found_in(b"some" + written[form % 6] + b"thing") != []
    assert needles.found_in(bytes(range(200))) == []


def test_a_planted_trace_is_found(tmp_path: Path) -> None:
    people = Register(datetime(2026, 11, 23, 12, tzinfo=UTC))
    with HttpClient(developer_mode=True) as http:
        person = people.holder(0, http, "localhost:1")
        other = people.holder(1, http, "localhost:1")
    zone = parse_dg1(person.document.dg1)
    traces = [zone.encode(), zone[-25:].encode(), person.document.sod, person.document.others[2]]
    traces += [hashlib.sha256(other.document.dg1).digest(), other.document.dg11 or b"", other.document.others[2][60:]]
    for trace in traces:
        for _, written in forms_of(trace):
            (tmp_path / "file").write_bytes(b"\0\1\2" + written + b"\3")
            assert people.needles.found_below(tmp_path) != []
    (tmp_path / "file").write_bytes(b"nothing of anybody")
    assert people.needles.found_below(tmp_path) == []
