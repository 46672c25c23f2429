"""Our own operations: `python -m benchmarks.ours` is a worker."""

import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.task import CONTEXT, DISCLOSED, HEADER, MESSAGES, PRESENTATION_HEADER, Task, make_task
from benchmarks.worker import Operation, serve
from bonafides.core import bbs
from bonafides.core.bbs import PairingClaim
from bonafides.core.bbs.ciphersuite import core_interface
from bonafides.core.bbs.proof import Statement, core_check_challenge, index_disclosed
from bonafides.core.credential.commitment import SessionBinding, create_commitment, verify_commitment
from bonafides.core.credential.header import Header
from bonafides.core.credential.issuance import sign_credential
from bonafides.core.credential.secret import HolderSecret


def operations(task: Task, batch: int) -> dict[str, Operation]:
    """Return every operation by name, each from bytes to bytes or to a verdict."""
    return _plain(task, batch) | _pseudonymous(task, batch) | _profile(task)


def _plain(task: Task, batch: int) -> dict[str, Operation]:
    key, shown = task.public_key, task.shown

    def prove() -> bytes:
        return bbs.proof_gen(key, task.signature, HEADER, PRESENTATION_HEADER, MESSAGES, DISCLOSED)

    def claim(proof: bytes) -> PairingClaim:
        interface = core_interface()
        disclosed = index_disclosed(DISCLOSED, interface.map_messages(shown), len(MESSAGES))
        bases = interface.bases(len(MESSAGES))
        statement = Statement(interface, key, HEADER, PRESENTATION_HEADER, bases, disclosed)
        return core_check_challenge(statement, proof, None)

    return {
        "sign": lambda: bbs.sign(task.secret_key, key, HEADER, MESSAGES),
        "prove": prove,
        "verify": lambda: bbs.proof_verify(key, task.proof, HEADER, PRESENTATION_HEADER, shown, DISCLOSED),
        "verify_batch": _batch(claim, [prove() for _ in range(batch)]),
    }


def _pseudonymous(task: Task, batch: int) -> dict[str, Operation]:
    key, shown, secret = task.public_key, task.shown, HolderSecret.generate().scalar
    commitment, blind = bbs.commit_with_nym([], [secret])

    def blind_sign() -> bytes:
        return bbs.blind_sign_with_nym(task.secret_key, key, commitment, 1, 0, HEADER, MESSAGES)

    signature = blind_sign()

    def prove() -> tuple[bytes, bytes]:
        return bbs.proof_gen_with_nym(
            key, signature, HEADER, PRESENTATION_HEADER, [secret], CONTEXT, MESSAGES, [], DISCLOSED, [], blind
        )

    def claim(pair: tuple[bytes, bytes]) -> PairingClaim:
        return bbs.check_challenge_with_nym(
            key, pair[0], HEADER, PRESENTATION_HEADER, pair[1], CONTEXT, 1, len(MESSAGES), shown, [], DISCLOSED, []
        )

    proof, nym = prove()
    return {
        "blind_sign": blind_sign,
        "prove_nym": prove,
        "verify_nym": lambda: bbs.proof_verify_with_nym(
            key, proof, HEADER, PRESENTATION_HEADER, nym, CONTEXT, 1, len(MESSAGES), shown, [], DISCLOSED, []
        ),
        "verify_nym_batch": _batch(claim, [prove() for _ in range(batch)]),
    }


def _profile(task: Task) -> dict[str, Operation]:
    """The issuer's work for one credential of the profile: the session-bound commitment, then the signature."""
    header = Header("id.uto.example", "person", "k1", "2026-W48")
    epochs = ((header.encode(), task.public_key), (header.encode(), task.public_key))
    binding = SessionBinding("id.uto.example", epochs, "a nonce", bytes(65))
    data, _ = create_commitment(secret=HolderSecret.generate(), binding=binding)

    def issue() -> bytes:
        return sign_credential(
            secret_key=task.secret_key,
            public_key=task.public_key,
            header=header,
            values=("chip", True, True, True, True, "UTO"),
            commitment=verify_commitment(data=data, expected_binding=binding),
        )

    return {"issue": issue}


def _batch(claim: Callable[[Any], PairingClaim], items: list[Any]) -> Operation:
    def check() -> None:
        if not all(bbs.verify_pairings([claim(item) for item in items])):
            raise AssertionError("a proof of ours does not hold")

    return check


if __name__ == "__main__":
    size = json.loads(sys.stdin.readline())["batch"]
    serve(operations(make_task(), size), {"verify_batch": size, "verify_nym_batch": size})
