"""The one task that everybody is given: the same key, messages and statement."""

import json
from dataclasses import dataclass

from bonafides.core import bbs

KEY_MATERIAL = b"a key of the benchmarks, no secret"
HEADER = b"bonafides/1 id.uto.example person k1 2026-W48"
PRESENTATION_HEADER = bytes(96)
CONTEXT = b"bonafides/1 context account platform.example"
MESSAGES = (b"assurance chip", b"settled", b"age_over_13", b"age_over_16", b"age_over_18", b"country UTO")
DISCLOSED = (0, 1)


@dataclass(frozen=True)
class Task:
    """Six messages of which two are shown, and a proof of ours about them (plain BBS)."""

    secret_key: int
    public_key: bytes
    signature: bytes
    proof: bytes

    @property
    def shown(self) -> list[bytes]:
        """The disclosed messages."""
        return [MESSAGES[i] for i in DISCLOSED]

    def line(self, *, batch: int) -> str:
        """Return what a worker reads first; `batch` is how many proofs a batch has."""
        return json.dumps(
            {
                "key_material": KEY_MATERIAL.hex(),
                "header": HEADER.hex(),
                "presentation_header": PRESENTATION_HEADER.hex(),
                "context": CONTEXT.hex(),
                "messages": [message.hex() for message in MESSAGES],
                "disclosed": list(DISCLOSED),
                "batch": batch,
                "secret_key": f"{self.secret_key:064x}",
                "proof": self.proof.hex(),
            }
        )


def make_task() -> Task:
    """Return the task with a fresh proof."""
    secret_key = bbs.key_gen(KEY_MATERIAL)
    public_key = bbs.sk_to_pk(secret_key)
    signature = bbs.sign(secret_key, public_key, HEADER, MESSAGES)
    proof = bbs.proof_gen(public_key, signature, HEADER, PRESENTATION_HEADER, MESSAGES, DISCLOSED)
    return Task(secret_key, public_key, signature, proof)
