"""A holder with one issued credential, for tests that need a true proof before they spoil something."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bonafides.core.bbs import (
    SHA256,
    Ciphersuite,
    PairingClaim,
    blind_sign_with_nym,
    check_challenge_with_nym,
    commit_with_nym,
    proof_gen_with_nym,
    sk_to_pk,
    verify_finalize_with_nym,
)
from bonafides.core.bbs.proof import RandomScalars, random_scalars, verify_pairing

SECRET_KEY = 0x3A7C1F5B9D2E4068A7C1F5B9D2E40680123456789ABCDEF0FEDCBA9876543210
HEADER = b"header of everybody"
MESSAGES = (b"zero", b"one", b"two")
CONTEXT = b"a context"


@lru_cache
def public_key(secret_key: int = SECRET_KEY) -> bytes:
    """The issuer's key."""
    return sk_to_pk(secret_key)


@dataclass(frozen=True)
class Shown:
    """A presentation as the verifier sees it: every argument of ProofVerifyWithNym, to be altered with `replace`."""

    public_key: bytes
    proof: bytes
    header: bytes
    ph: bytes
    pseudonym: bytes
    context_id: bytes
    nym_length: int
    signer_count: int
    messages: Sequence[bytes]
    committed: Sequence[bytes]
    indexes: Sequence[int]
    committed_indexes: Sequence[int]
    suite: Ciphersuite = SHA256

    def verify(self) -> None:
        """Raise unless everything holds."""
        verify_pairing(self.claim())

    def claim(self) -> PairingClaim:
        """The pairing left to check; raises unless everything else holds."""
        return check_challenge_with_nym(
            self.public_key,
            self.proof,
            self.header,
            self.ph,
            self.pseudonym,
            self.context_id,
            self.nym_length,
            self.signer_count,
            self.messages,
            self.committed,
            self.indexes,
            self.committed_indexes,
            suite=self.suite,
        )

    def changed(self, **changes: object) -> "Shown":
        """The same with other arguments."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Holder:
    """What a wallet keeps after issuance."""

    nym_secrets: Sequence[int]
    blind: int
    signature: bytes
    messages: Sequence[bytes] = MESSAGES
    committed: Sequence[bytes] = ()
    header: bytes = HEADER
    suite: Ciphersuite = SHA256
    public_key: bytes = field(default_factory=public_key)

    def show(
        self,
        indexes: Sequence[int] = (),
        committed_indexes: Sequence[int] = (),
        *,
        ph: bytes = b"ph",
        context_id: bytes = CONTEXT,
        randomness: RandomScalars = random_scalars,
    ) -> Shown:
        """A presentation that discloses these messages."""
        proof, pseudonym = proof_gen_with_nym(
            self.public_key,
            self.signature,
            self.header,
            ph,
            self.nym_secrets,
            context_id,
            self.messages,
            self.committed,
            indexes,
            committed_indexes,
            self.blind,
            suite=self.suite,
            randomness=randomness,
        )
        return Shown(
            self.public_key,
            proof,
            self.header,
            ph,
            pseudonym,
            context_id,
            len(self.nym_secrets),
            len(self.messages),
            [self.messages[i] for i in indexes],
            [self.committed[i] for i in committed_indexes],
            list(indexes),
            list(committed_indexes),
            self.suite,
        )


def enrol(
    prover_nyms: Sequence[int] = (0x1234567,),
    *,
    entropy: int = 0,
    messages: Sequence[bytes] = MESSAGES,
    committed: Sequence[bytes] = (),
    header: bytes = HEADER,
    suite: Ciphersuite = SHA256,
) -> Holder:
    """Commit, sign blind, verify: the holder of a genuine credential."""
    commitment, blind = commit_with_nym(committed, prover_nyms, suite=suite)
    signature = blind_sign_with_nym(
        SECRET_KEY, public_key(), commitment, len(prover_nyms), entropy, header, messages, suite=suite
    )
    nyms = verify_finalize_with_nym(
        public_key(), signature, header, messages, committed, prover_nyms, entropy, blind, suite=suite
    )
    return Holder(nyms, blind, signature, messages, committed, header, suite)
