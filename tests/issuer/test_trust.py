"""What an operator trusts: imports into the folder, what the issuer starts with, and the commands over it."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem, x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from bonafides.cli import main
from bonafides.core.document import TrustStore
from bonafides.core.document.certificate import Certificate, parse_certificate
from bonafides.core.document.limits import Limits
from bonafides.core.document.trust_file import parse_trust_file
from bonafides.errors import ConfigError, Error, InputError, PolicyError, VerificationError
from bonafides.kit.files import write_atomically
from bonafides.offices.issuer import trust_folder
from bonafides.offices.issuer.trust_ending import end_trust, undo_end
from bonafides.offices.issuer.trust_folder import load_trust, read_folder
from bonafides.offices.issuer.trust_import import Request, Summary, import_files
from bonafides.testing.state import (
    Signer,
    SyntheticState,
    mint_link,
    mint_revocation_list,
    new_csca,
    new_list_signer,
    sign_master_list,
)
from tests.shared import missing, shared_folder

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
UTO, FRA, DEU = (new_csca(code, now=NOW) for code in ("UTO", "FRA", "DEU"))
LIST = sign_master_list([UTO.certificate, FRA.certificate], new_list_signer(DEU, now=NOW), embedded=[DEU.certificate])


def fingerprint(authority: Signer | bytes) -> str:
    return parse_certificate(authority if isinstance(authority, bytes) else authority.certificate).fingerprint


class Operator:
    """Confirms what it was told to, and remembers what it was asked."""

    def __init__(self, *confirmed: Signer) -> None:
        self.confirmed = {fingerprint(each) for each in confirmed}
        self.asked: list[str] = []

    def __call__(self, certificate: Certificate, what: str) -> bool:
        self.asked.append(certificate.fingerprint)
        return certificate.fingerprint in self.confirmed


def bring(folder: Path, *files: bytes, confirmed: Sequence[Signer] = (), **changes: Any) -> list[Summary]:
    given = [(f"file {number}", data) for number, data in enumerate(files)]
    asked: dict[str, Any] = {"at": NOW, "confirm": Operator(*confirmed)} | changes
    return import_files(folder, Request(given, **asked))


def trusted(folder: Path, *, at: datetime = NOW, code: str | None = None) -> set[str]:
    store = read_folder(folder).store()
    return {a.certificate.fingerprint for a in store.anchors if store.trusts(a, at=at, document_code=code)}


def refused(kind: type[Error], code: str, folder: Path, *files: bytes, **changes: Any) -> None:
    """An import is refused, and the folder is as it was."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}
    with pytest.raises(kind) as caught:
        bring(folder, *files, **changes)
    assert caught.value.code == code
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"} == before


# --- master lists


def test_a_list_under_a_confirmed_root(tmp_path: Path) -> None:
    (summary,) = bring(tmp_path, LIST, confirmed=[DEU])
    assert (summary.kind, summary.certificates, summary.states, summary.new) == ("master list", 2, 2, 2)
    assert trusted(tmp_path) == {fingerprint(UTO), fingerprint(FRA)}
    source = read_folder(tmp_path).index.sources[summary.source]
    assert (source.name, source.root, source.imported) == ("file 0", fingerprint(DEU), NOW)


def test_embedded_root_is_no_trust(tmp_path: Path) -> None:
    refused(PolicyError, "trust_unconfirmed", tmp_path, LIST)
    refused(PolicyError, "trust_unconfirmed", tmp_path, LIST, confirmed=[UTO, FRA])


def test_a_root_is_confirmed_once(tmp_path: Path) -> None:
    bring(tmp_path, LIST, confirmed=[DEU])
    newer = sign_master_list([UTO.certificate], new_list_signer(DEU, now=NOW, serial=2001))
    operator = Operator()
    (summary,) = bring(tmp_path, newer, confirm=operator)
    assert operator.asked == []
    assert summary.dropped == {read_folder(tmp_path).index.anchors[0].source: 1}
    assert trusted(tmp_path) == {fingerprint(UTO), fingerprint(FRA)}


def test_a_root_that_was_ended_signs_no_more_lists(tmp_path: Path) -> None:
    bring(tmp_path, LIST, confirmed=[DEU])
    end_trust(tmp_path, fingerprint(DEU), since=NOW, at=NOW)
    newer = sign_master_list([UTO.certificate], new_list_signer(DEU, now=NOW), embedded=[DEU.certificate])
    refused(PolicyError, "trust_ended", tmp_path, newer, confirmed=[DEU])
    undo_end(tmp_path, fingerprint(DEU), at=NOW)
    bring(tmp_path, newer)


def test_a_list_by_a_revoked_signer(tmp_path: Path) -> None:
    """Somebody who stole the key that signs lists could bring in CAs of any State."""
    bring(tmp_path, LIST, confirmed=[DEU])
    bring(tmp_path, DEU.certificate, confirmed=[DEU])
    bring(tmp_path, mint_revocation_list(DEU, [2001], now=NOW))
    newer = sign_master_list([UTO.certificate], new_list_signer(DEU, now=NOW, serial=2001))
    refused(VerificationError, "document_revoked", tmp_path, newer)


@pytest.mark.parametrize("serial", [2001, 1], ids=["signer", "root"])
def test_a_list_by_who_is_revoked_in_the_same_import(tmp_path: Path, serial: int) -> None:
    """In whatever order the files come: what they say together decides."""
    assert DEU.profile.serial == 1
    newer = sign_master_list([UTO.certificate], new_list_signer(DEU, now=NOW, serial=2001), embedded=[DEU.certificate])
    files = [newer, DEU.certificate, mint_revocation_list(DEU, [serial], now=NOW)]
    for given in (files, files[::-1]):
        refused(VerificationError, "document_revoked", tmp_path, *given, confirmed=[DEU])
    bring(tmp_path, newer, DEU.certificate, mint_revocation_list(DEU, [2002], now=NOW), confirmed=[DEU])


def test_a_root_that_is_no_anchor_and_an_anchor_that_is_no_root(tmp_path: Path) -> None:
    """The root of a list vouches for no document, and a CA of a list makes no other list trusted."""
    bring(tmp_path, LIST, confirmed=[DEU])
    assert fingerprint(DEU) not in trusted(tmp_path)
    french = sign_master_list([DEU.certificate], new_list_signer(FRA, now=NOW), embedded=[FRA.certificate])
    refused(PolicyError, "trust_unconfirmed", tmp_path, french)


def test_a_list_whose_root_is_not_at_hand(tmp_path: Path) -> None:
    bare = sign_master_list([UTO.certificate], new_list_signer(DEU, now=NOW))
    refused(VerificationError, "trust_root_missing", tmp_path, bare, confirmed=[DEU])
    bring(tmp_path, bare, confirmed=[DEU], roots=[parse_certificate(DEU.certificate)])


def test_a_forged_list(tmp_path: Path) -> None:
    forged = LIST.replace(b"FRA CSCA", b"FRB CSCA")
    assert forged != LIST
    refused(VerificationError, "document_signature", tmp_path, forged, confirmed=[DEU])


def test_certificates_that_do_not_load_are_listed(tmp_path: Path) -> None:
    spoilt = sign_master_list(
        [UTO.certificate, b"\x30\x03\x02\x01\x05"], new_list_signer(DEU, now=NOW), embedded=[DEU.certificate]
    )
    (summary,) = bring(tmp_path, spoilt, confirmed=[DEU])
    assert [each.code for each in summary.unreadable] == ["document_certificate"]
    assert trusted(tmp_path) == {fingerprint(UTO)}


# --- single certificates and links


def test_a_certificate_alone_is_confirmed(tmp_path: Path) -> None:
    refused(PolicyError, "trust_unconfirmed", tmp_path, UTO.certificate)
    bring(tmp_path, UTO.certificate, confirmed=[UTO], provenance="handed over at the ministry")
    assert [each.provenance for each in load_trust(tmp_path).anchors] == ["handed over at the ministry"]


def test_a_certificate_for_one_type_of_document(tmp_path: Path) -> None:
    """The card root of a State whose passport CA alone is on the lists."""
    bring(tmp_path, UTO.certificate, confirmed=[UTO], document_codes=("I",))
    assert trusted(tmp_path, code="ID") == {fingerprint(UTO)}
    assert trusted(tmp_path, code="P") == set()
    # The same file for any document is a new decision.
    refused(PolicyError, "trust_unconfirmed", tmp_path, UTO.certificate)
    operator = Operator()
    bring(tmp_path, UTO.certificate, confirm=operator, document_codes=("I",))
    assert operator.asked == []


@pytest.mark.parametrize("names", [("UTO CSCA", "UTO CSCA"), ("UTO CSCA 2", "UTO CSCA 3")], ids=["keys", "names"])
@pytest.mark.parametrize("in_one_file", [True, False])
def test_only_the_oldest_of_a_chain_of_links_is_confirmed(
    tmp_path: Path, names: tuple[str, str], in_one_file: bool
) -> None:
    """In whatever order they come; and when it falls, all that rests on it falls."""
    two, three = (new_csca("UTO", now=NOW, common_name=name, serial=serial) for serial, name in enumerate(names, 2))
    chain = [mint_link(two, three), three.certificate, UTO.certificate, mint_link(UTO, two)]
    operator = Operator(UTO)
    files = [b"".join(pem.armor("CERTIFICATE", der) for der in chain)] if in_one_file else chain
    summaries = bring(tmp_path, *files, confirm=operator)
    assert (sum(each.certificates for each in summaries), sum(each.vouched for each in summaries)) == (4, 3)
    assert operator.asked == [fingerprint(UTO)]
    end_trust(tmp_path, fingerprint(UTO), since=NOW, at=NOW)
    assert trusted(tmp_path) == set()
    assert len(trusted(tmp_path, at=NOW - DAY)) == 4


def test_what_is_no_ca_is_no_anchor(tmp_path: Path) -> None:
    state = SyntheticState("UTO", now=NOW)
    for der in (state.signer.certificate, new_csca("UTO", now=NOW, is_ca=False).certificate):
        refused(PolicyError, "trust_no_authority", tmp_path, der, confirm=lambda _certificate, _what: True)


# --- revocation lists


def test_a_list_of_the_revoked(tmp_path: Path) -> None:
    (_, summary) = bring(tmp_path, mint_revocation_list(UTO, [7], now=NOW), UTO.certificate, confirmed=[UTO])
    assert (summary.kind, summary.certificates, summary.new) == ("revocation list", 1, 1)
    assert [each.serials for each in load_trust(tmp_path).revocation_lists] == [frozenset({7})]


def test_a_list_of_the_revoked_that_no_trusted_ca_signed(tmp_path: Path) -> None:
    bring(tmp_path, UTO.certificate, confirmed=[UTO])
    refused(VerificationError, "document_crl_issuer", tmp_path, mint_revocation_list(FRA, [7], now=NOW))


def test_newer_lists_replace_older_ones_and_never_the_other_way(tmp_path: Path) -> None:
    older, newer = (mint_revocation_list(UTO, [n], now=NOW - (9 - n) * DAY, number=n) for n in (1, 2))
    bring(tmp_path, UTO.certificate, older, confirmed=[UTO])
    assert bring(tmp_path, newer)[0].new == 1
    (summary,) = bring(tmp_path, older)
    assert summary.new == 0
    assert "older" in summary.note
    assert bring(tmp_path, newer)[0].new == 0
    assert [each.serials for each in load_trust(tmp_path).revocation_lists] == [frozenset({2})]


# --- all or nothing, once or twice


def test_one_bad_file_and_nothing_is_imported(tmp_path: Path) -> None:
    refused(InputError, "document_crl", tmp_path, LIST, b"\x30\x03\x02\x01\x05", confirmed=[DEU])
    assert trusted(tmp_path) == set()


def test_the_same_import_twice_changes_nothing(tmp_path: Path) -> None:
    files = (LIST, DEU.certificate, mint_revocation_list(UTO, [7], now=NOW))
    bring(tmp_path, *files, confirmed=[DEU])
    before = (tmp_path / "index.json").read_bytes(), load_trust(tmp_path).version
    summaries = bring(tmp_path, *files, at=NOW + DAY)
    assert [each.new for each in summaries] == [0, 0, 0]
    assert ((tmp_path / "index.json").read_bytes(), load_trust(tmp_path).version) == before


def test_a_crash_before_the_index_leaves_the_old_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(tmp_path, UTO.certificate, confirmed=[UTO])
    version, write = load_trust(tmp_path).version, write_atomically

    def crash(path: Path, data: bytes, **how: Any) -> None:
        if path.name == "index.json":
            raise KeyboardInterrupt
        write(path, data, **how)

    with monkeypatch.context() as patch:
        patch.setattr(trust_folder, "write_atomically", crash)
        with pytest.raises(KeyboardInterrupt):
            bring(tmp_path, LIST, confirmed=[DEU])
    assert load_trust(tmp_path).version == version
    bring(tmp_path, LIST, confirmed=[DEU])
    assert len(trusted(tmp_path)) == 2


# --- ending trust


def test_an_ended_certificate_stays_ended_in_whatever_list_it_comes(tmp_path: Path) -> None:
    bring(tmp_path, LIST, confirmed=[DEU])
    end_trust(tmp_path, fingerprint(UTO), since=NOW, at=NOW)
    newer = sign_master_list([UTO.certificate], new_list_signer(DEU, now=NOW, serial=2001))
    (summary,) = bring(tmp_path, newer)
    assert summary.kept_ended == 1
    assert trusted(tmp_path) == {fingerprint(FRA)}
    refused(PolicyError, "trust_ended", tmp_path, UTO.certificate, confirmed=[UTO])
    undo_end(tmp_path, fingerprint(UTO)[:8], at=NOW)
    assert trusted(tmp_path) == {fingerprint(UTO), fingerprint(FRA)}


def respelt(der: bytes) -> bytes:
    """Return a certificate with its other signature: for ECDSA s and n - s are equally good."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    changed = x509.Certificate.load(der)
    r, s = decode_dss_signature(changed["signature_value"].native)
    changed["signature_value"] = encode_dss_signature(r, order - s)
    return bytes(changed.dump())


@pytest.mark.parametrize("is_link_named", [True, False])
def test_an_end_is_a_cas_and_not_one_certificates(tmp_path: Path, is_link_named: bool) -> None:
    """Its link and its own certificate are one CA, at once and later, however a signature is spelt."""
    new = new_csca("UTO", now=NOW, serial=2)
    link = mint_link(UTO, new)
    both = sign_master_list(
        [UTO.certificate, link, new.certificate], new_list_signer(DEU, now=NOW), embedded=[DEU.certificate]
    )
    bring(tmp_path, both, confirmed=[DEU])
    named, other = (link, new.certificate) if is_link_named else (new.certificate, link)
    end_trust(tmp_path, fingerprint(named), since=NOW, at=NOW)
    assert trusted(tmp_path) == {fingerprint(UTO)}
    for der in (link, new.certificate):
        assert fingerprint(respelt(der)) != fingerprint(der)
    (summary,) = bring(tmp_path, respelt(link))
    assert summary.kept_ended == 1
    newer = sign_master_list([respelt(new.certificate)], new_list_signer(DEU, now=NOW, serial=2001))
    assert bring(tmp_path, newer)[0].kept_ended == 1
    assert trusted(tmp_path) == {fingerprint(UTO)}
    # Any certificate of the CA takes it back.
    undo_end(tmp_path, fingerprint(other), at=NOW)
    assert len(trusted(tmp_path)) == 5


def test_a_root_that_was_ended_is_not_offered_again_respelt(tmp_path: Path) -> None:
    bring(tmp_path, LIST, confirmed=[DEU])
    end_trust(tmp_path, fingerprint(DEU), since=NOW, at=NOW)
    bare = sign_master_list([UTO.certificate], new_list_signer(DEU, now=NOW, serial=2001))
    root = parse_certificate(respelt(DEU.certificate))
    refused(PolicyError, "trust_ended", tmp_path, bare, roots=[root], confirm=lambda _certificate, _what: True)


def test_an_ended_source_takes_only_what_it_alone_brought(tmp_path: Path) -> None:
    (first, _) = bring(tmp_path, LIST, UTO.certificate, confirmed=[DEU, UTO])
    done = end_trust(tmp_path, first.source, since=NOW, at=NOW)
    assert (done.is_source, done.before, done.after) == (True, 2, 1)
    assert trusted(tmp_path) == {fingerprint(UTO)}
    bring(tmp_path, LIST)  # importing again is no way of taking it back
    assert trusted(tmp_path) == {fingerprint(UTO)}
    undo_end(tmp_path, first.source, at=NOW)
    assert trusted(tmp_path) == {fingerprint(UTO), fingerprint(FRA)}


def test_trust_ends_on_a_day(tmp_path: Path) -> None:
    bring(tmp_path, UTO.certificate, confirmed=[UTO])
    version = load_trust(tmp_path).version
    end_trust(tmp_path, fingerprint(UTO), since=NOW + DAY, at=NOW)
    assert trusted(tmp_path, at=NOW) == {fingerprint(UTO)}
    assert trusted(tmp_path, at=NOW + DAY) == set()
    assert load_trust(tmp_path).version != version


def test_names_that_mean_nothing_or_several(tmp_path: Path) -> None:
    bring(tmp_path, LIST, confirmed=[DEU])
    for name in ("", fingerprint(UTO)[:7], "0" * 64):
        with pytest.raises(PolicyError) as caught:
            end_trust(tmp_path, name, since=NOW, at=NOW)
        assert caught.value.code == "trust_unknown"


# --- what an issuer starts with


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="bonafides trust import"):
        load_trust(tmp_path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: next((folder / "certificates").iterdir()).unlink(),
        lambda folder: next((folder / "certificates").iterdir()).write_bytes(FRA.certificate),
        lambda folder: (folder / "index.json").write_text("{"),
        lambda folder: (folder / "index.json").write_text('{"format": 2}'),
        lambda folder: (folder / "index.json").write_text('{"format": 1, "trust": "everybody"}'),
        lambda folder: (folder / "index.json").write_text(
            json.dumps({"anchors": [{"certificate": fingerprint(UTO), "source": "nowhere"}]})
        ),
    ],
    ids=["missing", "another_content", "no_json", "another_format", "unknown_member", "unknown_source"],
)
def test_a_folder_that_was_changed_by_hand(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    bring(tmp_path, UTO.certificate, confirmed=[UTO])
    spoil(tmp_path)
    with pytest.raises(ConfigError, match="copy"):
        load_trust(tmp_path)


def test_the_version_names_the_set_and_not_how_it_came(tmp_path: Path) -> None:
    bring(tmp_path / "a", UTO.certificate, FRA.certificate, confirmed=[UTO, FRA])
    bring(tmp_path / "b", FRA.certificate, confirmed=[FRA])
    bring(tmp_path / "b", UTO.certificate, confirmed=[UTO])
    plain = TrustStore.from_certificates([UTO.certificate, FRA.certificate], provenance="test")
    assert load_trust(tmp_path / "a").version == load_trust(tmp_path / "b").version == plain.version


# --- files


def test_kinds_of_files() -> None:
    armoured = pem.armor("CERTIFICATE", UTO.certificate)
    for data in (UTO.certificate, armoured, b"some words before\n" + armoured):
        assert [each.der for each in parse_trust_file(data)] == [UTO.certificate]  # type: ignore[union-attr]
    for label, der in (("X509 CRL", mint_revocation_list(UTO, now=NOW)), ("CMS", LIST)):
        assert type(parse_trust_file(pem.armor(label, der))) is type(parse_trust_file(der))
    odd = [b"-----BEGIN", armoured + pem.armor("X509 CRL", b"0"), b"", b"\x30\x00", b"\x30\x80"]
    for data in odd:
        with pytest.raises(InputError) as caught:
            parse_trust_file(data)
        assert caught.value.code == "document_trust_file"
    with pytest.raises(InputError):
        parse_trust_file(UTO.certificate, limits=Limits(import_bytes=100))
    with pytest.raises(InputError):
        parse_trust_file(armoured * 3, limits=Limits(master_list_certificates=2))


# --- the commands


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run `bonafides trust` on a folder; what it printed and how it ended."""

    def run_command(*arguments: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["trust", *map(str, arguments), "--folder", str(tmp_path / "trust")])
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run_command


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Files as an operator has them, valid today."""
    today = datetime.now(UTC).replace(microsecond=0)
    uto, fra, deu = (new_csca(code, now=today) for code in ("UTO", "FRA", "DEU"))
    listed = sign_master_list([uto.certificate, fra.certificate], new_list_signer(deu, now=today))
    made = {"list": listed, "root": deu.certificate, "uto": uto.certificate}
    made |= {"crl": mint_revocation_list(uto, [7], now=today), "link": mint_link(uto, new_csca("UTO", now=today))}
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in made}


def test_import_asks_for_the_fingerprint(run: Run, files: dict[str, Path]) -> None:
    root = fingerprint(files["root"].read_bytes())
    status, _, err = run("import", files["list"], "--root", files["root"])
    assert status == 1
    assert "(trust_unconfirmed)" in err
    assert f"--confirm {root}" in err
    grouped = root[:32].upper() + ":" + root[32:]
    status, out, err = run("import", files["list"], "--root", files["root"], "--confirm", grouped)
    assert (status, err) == (0, "")
    assert "2 certificates of 2 States, 2 new" in out
    assert "0 did not load." in out
    assert run("import", files["list"], "--confirm", root[:63])[0] == 1


def test_commands_tell_what_is_there(run: Run, files: dict[str, Path]) -> None:
    root, uto = (fingerprint(files[name].read_bytes()) for name in ("root", "uto"))
    run("import", files["list"], "--root", files["root"], "--confirm", root)
    status, out, _ = run("import", files["link"], files["crl"])
    assert status == 0
    assert "1 vouched for" in out
    assert "revocation list with 1 serial numbers, new" in out

    _, out, _ = run("list")
    assert "Certificates: 3, of 2 States; trusted now: 3." in out
    assert [line.split()[0] for line in out.splitlines()[2:5]] == ["FR", "UT", "UT"]
    assert "Certificates: 1, of 1 States" in run("list", "--state", "fr")[1]
    assert json.loads(run("list", "--state", "UT", "--json")[1])[0]["trusted"] is True
    assert "master list" in run("list", "--by", "source")[1]
    assert "no list" in run("list", "--by", "state")[1]

    _, out, _ = run("show", uto[:12])
    assert uto in out
    assert "list under root " + root[:16] in out
    assert "(current), 1 revoked" in out
    link = fingerprint(files["link"].read_bytes())
    assert f"vouched for by {uto[:16]} (link)" in run("show", link)[1]
    assert "A root of master lists" in run("show", root)[1]

    status, out, _ = run("expire", uto)
    assert (status, "Trusted now: 1 certificates, before 3." in out) == (0, True)
    assert "no: trust has ended" in run("show", link)[1]
    assert "Certificates: 2" in run("list", "--ended")[1]
    assert "Trusted now: 3 certificates, before 1." in run("expire", uto, "--undo")[1]
    assert "Trusted now: 3 certificates, before 3." in run("expire", uto, "--from", "2999-01-01")[1]
    assert run("expire", uto, "--from", "2999-01-01", "--undo")[0] == 1


def test_documents_of_an_anchor(run: Run, files: dict[str, Path]) -> None:
    uto = fingerprint(files["uto"].read_bytes())
    status, _, _ = run("import", files["uto"], "--for", "i", "--confirm", uto, "--provenance", "handed\x1b[2J over")
    assert status == 0
    out = run("show", uto)[1]
    assert "for documents I only" in out
    assert "\x1b" not in out
    assert "Certificates: 1" in run("list", "--for", "ID")[1]
    assert "Certificates: 0" in run("list", "--for", "P")[1]
    assert run("import", files["uto"], "--for", "passport")[0] == 1


def test_published_lists_import_whole(run: Run) -> None:
    folder = shared_folder() / "data" / "emrtd" / "masterlists"
    if not folder.is_dir():
        missing(f"there are no master lists at {folder}")
    roots = [folder / name for name in ("DE_ROOT_CA_CSCA07.cer", "NL_ROOT_CA.cer")]
    confirmed = [word for root in roots for word in ("--confirm", fingerprint(root.read_bytes()))]
    named = [word for root in roots for word in ("--root", str(root))]
    status, out, _ = run("import", *sorted(folder.glob("*.ml")), *named, *confirmed)
    assert status == 0
    assert "588 certificates of 112 States" in out
    assert "411 certificates of 129 States" in out
    assert out.count("0 did not load.") == 2
    assert "Certificates: 627, of 129 States; trusted now: 627." in run("list")[1]
