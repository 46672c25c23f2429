"""The profile's own vectors: the committed files are what the script writes, and the implementation obeys each case.

The second half reads the files as another implementation would: no value comes from the script that wrote them.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.core import bbs, cbor
from bonafides.core.bbs import SHA256
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs.ciphersuite import calculate_domain, pseudonym_interface
from bonafides.core.bbs.pseudonym import combined_header, make_leg
from bonafides.core.credential import binding, device, slots
from bonafides.core.credential.commitment import SessionBinding, create_commitment, verify_commitment
from bonafides.core.credential.context import Context, check_detail, handle_context, pseudonym_key
from bonafides.core.credential.epoch import accepted_epochs, epoch_of, monday_of, shift, weeks_between
from bonafides.core.credential.header import Header, decode_header
from bonafides.core.credential.issuance import open_issued, sign_credential
from bonafides.core.credential.kit import open_kit, read_back
from bonafides.core.credential.presentation import (
    Expectation,
    VerifiedPresentation,
    decode_presentation,
    present,
    proof_length,
    verify_presentation,
)
from bonafides.core.credential.relying_party import (
    client_id_of,
    did_of,
    origin_of,
    relying_party_id,
    require_same_origin,
)
from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import InputError, PolicyError, VerificationError
from tests.core.bbs.vectors import mocked
from tests.vectors import regenerate

INTERFACE = pseudonym_interface(SHA256)
Json = dict[str, Any]
octets = bytes.fromhex


def load(name: str) -> Json:
    """One committed file."""
    data: Json = json.loads((regenerate.FOLDER / name).read_text("utf-8"))
    assert data["profile"] == "bonafides/1"
    return data


def must_refuse(case: Json, attempt: Callable[..., object], *args: object, **kwargs: object) -> None:
    """Fail unless the attempt ends in one of our refusals with exactly this code."""
    try:
        attempt(*args, **kwargs)
    except (InputError, PolicyError, VerificationError) as error:
        code = error.code
    else:
        pytest.fail(f"{case['why']}: accepted")
    assert (case["why"], code) == (case["why"], case["error"])


def as_detail(value: Any) -> Any:
    """A detail as JSON spells it, in our type."""
    return tuple(value) if isinstance(value, list) else value


# The files themselves


def test_committed_files_are_what_the_script_writes() -> None:
    assert regenerate.stale() == []


def test_check_mode_writes_nothing_and_finds_every_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = {name: regenerate.FILES[name] for name in ("epoch.json", "header.json", "slots.json")}
    monkeypatch.setattr(regenerate, "FILES", few)
    (tmp_path / "epoch.json").write_text(regenerate.render("epoch.json") + " ", "utf-8")
    (tmp_path / "slots.json").write_text(regenerate.render("slots.json"), "utf-8")
    (tmp_path / "stray.json").write_text("{}", "utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert regenerate.stale(tmp_path) == ["epoch.json", "header.json", "stray.json"]
    monkeypatch.setattr(regenerate, "stale", lambda: ["epoch.json"])
    assert regenerate.main(["--check"]) == 1
    assert capsys.readouterr().out == "epoch.json differs\n"
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_the_readme_names_every_file() -> None:
    text = (regenerate.FOLDER / "README.md").read_text("utf-8")
    assert [name for name in regenerate.FILES if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", list(regenerate.FILES))
def test_every_file_has_negative_cases(name: str) -> None:
    data = load(name)
    assert data.get("refused") or data.get("distinct")


# Names and times


def test_contexts() -> None:
    data = load("context.json")
    secret = HolderSecret.decode(octets(data["secret"]))
    for case in data["cases"]:
        context = Context(case["kind"], case["relying_party_id"], as_detail(case["detail"]))
        assert context.encode().hex() == case["context_id"]
        assert curve.encode_g1(make_leg(INTERFACE, context.encode(), 1).op).hex() == case["OP"]
        assert secret.pseudonym(context).hex() == case["pseudonym"]
        assert (
            curve.encode_g1(curve.decode_g1(octets(case["OP"])) * curve._scalar(secret.scalar)).hex()
            == (case["pseudonym"])
        )
        assert pseudonym_key(data["issuer_id"], context, octets(case["pseudonym"])) == case["key"]
    for case in data["refused"]:
        must_refuse(case, check_detail, case["kind"], case["detail"])


def test_relying_parties() -> None:
    data = load("relying_party.json")
    for case in data["cases"]:
        rp_id = case["relying_party_id"]
        assert relying_party_id(case["client_id"], developer=case["developer"]) == rp_id
        assert (client_id_of(rp_id), did_of(rp_id), origin_of(rp_id)) == (
            case["client_id"],
            case["did"],
            case["origin"],
        )
        for url in case["same_origin"]:
            assert require_same_origin(url, rp_id) == url
        for url in case["other_origin"]:
            wrong = {"why": url, "error": data["other_origin_error"]}
            must_refuse(wrong, require_same_origin, url, rp_id)
    for case in data["refused"]:
        must_refuse(case, relying_party_id, case["client_id"], developer=case["developer"])


def test_headers() -> None:
    data = load("header.json")
    for case in data["cases"]:
        header = Header(case["issuer_id"], case["type"], case["key_id"], case["epoch"])
        assert header.encode().hex() == case["header"]
        assert decode_header(octets(case["header"])) == header
        assert combined_header(header.encode(), 1).hex() == case["signed_header"]
    for case in data["refused"]:
        must_refuse(case, decode_header, octets(case["header"]))


def test_slots() -> None:
    data = load("slots.json")
    for case in data["cases"]:
        value = slots.check_value(case["type"], case["index"], case["value"])
        assert cbor.encode([case["name"], value]).hex() == case["message"]
        assert slots.message(case["type"], case["index"], value).hex() == case["message"]
        assert curve.encode_scalar(INTERFACE.map_message(octets(case["message"]))).hex() == case["scalar"]
    for case in data["refused"]:
        must_refuse(case, slots.check_value, case["type"], case["index"], case["value"])
    for case in data["refused_lists"]:
        must_refuse(case, slots.check_values, case["type"], case["values"])


def test_epochs() -> None:
    data = load("epoch.json")
    for case in data["cases"]:
        at = datetime.fromisoformat(case["instant"])
        assert epoch_of(at) == case["epoch"]
        assert monday_of(case["epoch"]).isoformat() == case["monday"]
        assert list(accepted_epochs(at)) == case["accepted"]
        assert len(case["accepted"]) == 1 + case["first_hour"]
    for case in data["shifts"]:
        assert shift(case["epoch"], case["weeks"]) == case["shifted"]
        assert weeks_between(case["shifted"], case["epoch"]) == case["back"] == -case["weeks"]
    for case in data["refused"]:
        must_refuse(case, monday_of, case["epoch"])


# Proofs


def session(data: Json) -> SessionBinding:
    """A session as the files spell it."""
    first, second = ((octets(header), octets(key)) for header, key in data["epochs"])
    return SessionBinding(data["issuer_id"], (first, second), data["c_nonce"], octets(data["device_key"]))


def randomness(mock: Json) -> Callable[[int], Sequence[int]]:
    """The printed scalars, which must be those of the mocked generator."""

    def scalars(count: int) -> Sequence[int]:
        made = mocked(SHA256, mock["dst"].encode())(count)
        assert [f"{s:064x}" for s in made] == mock["scalars"]
        return made

    return scalars


def test_commitments() -> None:
    data = load("commitment.json")
    expected = session(data["session"])
    assert expected.encode().hex() == data["binding"]
    holder = INTERFACE.bases(0, 1).holder_points
    assert [curve.encode_g1(p).hex() for p in holder] == [data["Q_2"], data["J_1"]]
    for case in data["cases"]:
        secret = HolderSecret.decode(octets(case["secret"]))
        made, blind = create_commitment(secret=secret, binding=expected, randomness=randomness(data["mock"]))
        assert made.hex() == case["commitment"]
        assert f"{blind:064x}" == case["secret_prover_blind"]
        assert made == b"".join(octets(x) for x in (case["C"], case["handle"])) + made[96:160] + octets(
            case["challenge"]
        )
        verified = verify_commitment(data=made, expected_binding=expected)
        assert verified.handle.hex() == case["handle"]
        assert verified.handle == secret.pseudonym(handle_context(expected.issuer_id))
        # The challenge once more, from the printed points alone.
        points = [data["Q_2"], data["J_1"], case["C"], case["Cbar"], data["base"], case["handle"], case["Uh"]]
        hashed = (1).to_bytes(8, "big") + b"".join(map(octets, points)) + octets(data["binding"])
        assert SHA256.hash_to_scalar(hashed, data["challenge_dst"].encode()) == int(case["challenge"], 16)
    for case in data["refused"]:
        asked = session(case["session"]) if "session" in case else expected
        must_refuse(case, verify_commitment, data=octets(case["commitment"]), expected_binding=asked)


def test_issuance() -> None:
    data = load("issuance.json")
    secret_key, public_key = int(data["secret_key"], 16), octets(data["public_key"])
    assert bbs.key_gen(octets(data["key_material"])) == secret_key
    assert bbs.sk_to_pk(secret_key) == public_key
    secret, blind = HolderSecret.decode(octets(data["secret"])), int(data["secret_prover_blind"], 16)
    for case in data["cases"]:
        verified = verify_commitment(data=octets(case["commitment"]), expected_binding=session(case["session"]))
        header = decode_header(octets(case["header"]))
        issued = sign_credential(
            secret_key=secret_key, public_key=public_key, header=header, values=case["values"], commitment=verified
        )
        assert issued.hex() == case["issued"]
        opened = open_issued(
            data=issued, secret=secret, blind=blind, expected_header=header.encode(), expected_key=public_key
        )
        assert list(opened.values) == case["values"]
        assert opened.signature == octets(case["A"]) + octets(case["e"])
        assert [m.hex() for m in slots.messages(header.type, opened.values)] == case["messages"]
        bases = INTERFACE.bases(len(opened.values), 1)
        assert (
            f"{calculate_domain(INTERFACE, public_key, bases, combined_header(header.encode(), 1)):064x}"
            == (case["domain"])
        )
        # A * (SK + e) = B, and e = hash_to_scalar(SK || B).
        e = int(case["e"], 16)
        B = curve.g1_sum_products([curve.decode_g1(octets(case["A"]))], [(secret_key + e) % curve.ORDER])
        assert curve.encode_g1(B).hex() == case["B"]
        assert INTERFACE.hash_to_scalar(octets(data["secret_key"]) + octets(case["B"])) == e
    expected_header = octets(data["cases"][0]["header"])
    for case in data["refused"]:
        must_refuse(
            case,
            open_issued,
            data=octets(case["issued"]),
            secret=secret,
            blind=blind,
            expected_header=expected_header,
            expected_key=public_key,
        )


def expectation(data: Json, case: Json) -> Expectation:
    """What a verifier asks for to get exactly this presentation."""
    context = Context(case["kind"], case["relying_party_id"], as_detail(case["detail"]))
    keys = {octets(case["header"]): octets(data["public_key"])}
    disclosed = frozenset(case["disclosed"])
    kind = decode_header(octets(case["header"])).type
    return Expectation(context, keys, disclosed, disclosed, octets(case["ph"]), kind)


def verify_bytes(data: bytes, expected: Expectation) -> VerifiedPresentation:
    """Decode and verify."""
    return verify_presentation(presentation=decode_presentation(data), expected=expected)


def test_presentations(monkeypatch: pytest.MonkeyPatch) -> None:
    data = load("presentation.json")
    secret, blind = HolderSecret.decode(octets(data["secret"])), int(data["secret_prover_blind"], 16)
    held = {}
    for issued in map(octets, data["credentials"]):
        fields = cbor.decode(issued)
        assert isinstance(fields, list)
        header = fields[1]
        assert isinstance(header, bytes)
        held[header] = open_issued(
            data=issued, secret=secret, blind=blind, expected_header=header, expected_key=octets(data["public_key"])
        )
    for case in data["cases"]:
        expected = expectation(data, case)
        decoded = decode_presentation(octets(case["presentation"]))
        kind = decoded.header.type
        assert len(decoded.proof) == proof_length(kind, len(case["disclosed"]))
        verified = verify_presentation(presentation=decoded, expected=expected)
        assert verified.pseudonym.hex() == case["pseudonym"]
        assert verified.pseudonym == secret.pseudonym(expected.context)
        assert pseudonym_key(verified.header.issuer_id, expected.context, verified.pseudonym) == case["key"]
        # The wallet's own function gives these bytes once its randomness is replaced by the printed one.
        scalars = randomness(case["mock"])
        with monkeypatch.context() as patched:
            defaults = bbs.proof_gen_with_nym.__kwdefaults__ or {}
            patched.setattr(bbs.proof_gen_with_nym, "__kwdefaults__", defaults | {"randomness": scalars})
            made = present(
                credential=held[decoded.header_bytes],
                secret=secret,
                context=expected.context,
                disclose=case["disclosed"],
                ph=expected.ph,
            )
        assert made.hex() == case["presentation"]
    expected = expectation(data, data["cases"][0])
    for case in data["refused"]:
        must_refuse(case, verify_bytes, octets(case["presentation"]), expected)
    first = decode_presentation(octets(data["cases"][0]["presentation"]))
    with pytest.raises(VerificationError):
        verify_presentation(presentation=first, expected=replace(expected, ph=b""))


def test_bindings() -> None:
    data = load("ph.json")["distinct"]
    functions: dict[str, Callable[..., bytes]] = {
        "presentation": binding.presentation_header,
        "renewal": binding.renewal_header,
        "device": binding.device_message,
        "action": binding.action_message,
    }
    in_hex = {"signed_request", "payload", "commitment", "presentation", "handle", "argument"}
    outputs: list[str] = []
    for name, function in functions.items():
        for case in data[name]:
            fields = {k: octets(v) if k in in_hex and v is not None else v for k, v in case.items()}
            made = fields.pop("ph" if "ph" in fields else "message")
            assert function(**fields).hex() == made
            outputs.append(made)
    assert len(set(outputs)) == len(outputs) == sum(map(len, data.values()))


# What a person holds


def test_devices() -> None:
    data = load("device.json")
    key = ec.derive_private_key(int(data["private_key"], 16), ec.SECP256R1())
    assert device.public_bytes(key).hex() == data["device_key"]
    for case in [*data["cases"], *data["also_valid"]]:
        device.verify(
            device_key=octets(data["device_key"]), signature=octets(case["signature"]), message=octets(case["message"])
        )
    for case in data["refused"]:
        given = {name: octets(case[name]) for name in ("device_key", "signature", "message")}
        must_refuse(case, device.verify, **given)


def test_kits() -> None:
    data = load("kit.json")
    secret = HolderSecret.decode(octets(data["secret"]))
    for case in data["cases"]:
        assert open_kit(case["lines"], passphrase=case["passphrase"]) == secret, case["what"]
        read_back(case["lines"], secret, passphrase=case["passphrase"])
    for case in data["another_secret"]:
        assert open_kit(case["lines"], passphrase=case["passphrase"]).encode().hex() == case["secret"]
        with pytest.raises(VerificationError):
            read_back(case["lines"], secret, passphrase=case["passphrase"])
    for case in data["refused"]:
        must_refuse(case, open_kit, case["lines"], passphrase=case["passphrase"])
