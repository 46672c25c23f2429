"""Our plain BBS against an implementation that nobody here wrote: each accepts what the other made, in both suites."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bonafides.core.bbs import SHA256, SHAKE256, Ciphersuite, key_gen, proof_gen, proof_verify, sign, sk_to_pk, verify
from tests.shared import missing

HERE = Path(__file__).parent
HEADER, PH = b"a header", b"a presentation header"
SUITES = [("BLS12-381-SHA-256", SHA256), ("BLS12-381-SHAKE-256", SHAKE256)]


@pytest.fixture(scope="module")
def node() -> str:
    """Node with the foreign package beside it, installed from the committed lock file."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        missing("node and npm are not installed (make test-all says how)")
    installed = subprocess.run([npm or "", "ci", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, check=False)
    if installed.returncode != 0:
        missing("npm could not install the foreign package")
    return found or ""


def ask(node: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What the foreign implementation makes of our values."""
    done = subprocess.run(
        [node, "peer.mjs"], cwd=HERE, input=json.dumps(asked), capture_output=True, text=True, timeout=120, check=True
    )
    return dict(json.loads(done.stdout))


@pytest.mark.foreign
@pytest.mark.parametrize(("name", "suite"), SUITES)
@pytest.mark.parametrize(("count", "disclosed"), [(1, [0]), (6, [1, 4]), (6, []), (10, [0, 2, 9])])
def test_each_accepts_what_the_other_made(
    node: str, name: str, suite: Ciphersuite, count: int, disclosed: list[int]
) -> None:
    secret = key_gen(b"the key of an interoperability test", suite=suite)
    public = sk_to_pk(secret)
    messages = [f"message {i}".encode() * (i + 1) for i in range(count)]
    ours = sign(secret, public, HEADER, messages, suite=suite)
    our_proof = proof_gen(public, ours, HEADER, PH, messages, disclosed, suite=suite)
    asked = {
        "suite": name,
        "secretKey": secret.to_bytes(32, "big").hex(),
        "publicKey": public.hex(),
        "header": HEADER.hex(),
        "ph": PH.hex(),
        "messages": [m.hex() for m in messages],
        "disclosed": disclosed,
        "signature": ours.hex(),
        "proof": our_proof.hex(),
    }
    theirs = ask(node, asked)
    assert theirs["acceptsSignature"] is True
    assert theirs["acceptsProof"] is True
    verify(public, bytes.fromhex(theirs["signature"]), HEADER, messages, suite=suite)
    shown = [messages[i] for i in disclosed]
    proof_verify(public, bytes.fromhex(theirs["proof"]), HEADER, PH, shown, disclosed, suite=suite)
    forged = asked | {"signature": ours[:-1].hex() + "00", "proof": our_proof[:-1].hex() + "00"}
    refused = ask(node, forged)
    assert (refused["acceptsSignature"], refused["acceptsProof"]) == (False, False)
