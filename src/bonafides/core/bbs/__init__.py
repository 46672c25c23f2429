"""BBS signatures, blind issuance and pseudonyms over BLS12-381, in the terms of the CFRG drafts.

Two suites (SHA-256, SHAKE-256), any number of messages, any nym vector length, any signer entropy. The profile that
Bonafides speaks on top of it is `bonafides.core.credential`.
"""

from bonafides.core.bbs.batch import verify_pairings
from bonafides.core.bbs.blind import blind_proof_gen, blind_proof_verify, blind_sign, commit, verify_blind_signature
from bonafides.core.bbs.ciphersuite import SHA256, SHAKE256, Ciphersuite
from bonafides.core.bbs.keys import key_gen, sk_to_pk
from bonafides.core.bbs.proof import PairingClaim, proof_gen, proof_verify
from bonafides.core.bbs.pseudonym import (
    blind_sign_with_nym,
    calculate_pseudonym,
    check_challenge_with_nym,
    commit_with_nym,
    proof_gen_with_nym,
    proof_verify_with_nym,
    verify_finalize_with_nym,
)
from bonafides.core.bbs.signature import sign, verify

__all__ = [
    "SHA256",
    "SHAKE256",
    "Ciphersuite",
    "PairingClaim",
    "blind_proof_gen",
    "blind_proof_verify",
    "blind_sign",
    "blind_sign_with_nym",
    "calculate_pseudonym",
    "check_challenge_with_nym",
    "commit",
    "commit_with_nym",
    "key_gen",
    "proof_gen",
    "proof_gen_with_nym",
    "proof_verify",
    "proof_verify_with_nym",
    "sign",
    "sk_to_pk",
    "verify",
    "verify_blind_signature",
    "verify_finalize_with_nym",
    "verify_pairings",
]
