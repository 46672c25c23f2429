"""The check of one chip document, and the floor of it: its three raw signature checks by the library, on ready keys.

`python -m benchmarks.documents ours` and `… floor` are workers of their own: the others are also weighed.

A card with data groups 1, 11, 14 and 15, ECDSA on P-256 everywhere: the CA signed the signer's certificate, the signer
EF.SOD, the chip the nonce. Ours includes everything from bytes to a verdict: decoding, hashes, rules, and the anchor
found in a store. What a store of many costs is measured beside it (`trust`).
"""

import sys
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks import trust as look_up
from benchmarks.worker import Operation, serve
from bonafides.core.document import DocumentBundle, verify_document
from bonafides.core.document.certificate import parse_certificate
from bonafides.core.document.sod import parse_sod
from bonafides.testing.state import SoftChip, SyntheticState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NONCE = bytes(range(8))
_CHECKS = 3


def ours() -> dict[str, Operation]:
    """Return the whole check."""
    state, _, bundle = _made()
    trust, rules = state.trust_store(), state.rules(dg11=True)
    return {
        "document_check": lambda: verify_document(bundle=bundle, trust=trust, at=NOW, rules=rules, nonce=NONCE),
        "trust_lookup": look_up.ours(),
    }


def floor() -> dict[str, Operation]:
    """Return the same three signatures, each checked by the library alone."""
    state, chip, bundle = _made()
    sod = parse_sod(bundle.sod)
    certificate = parse_certificate(state.signer.certificate)
    signed = (
        (state.csca.key.private, certificate.signature, certificate.tbs),
        (state.signer.key.private, sod.signed.signature, sod.signed.signed_attributes),
        (chip.pair.private, chip.pair.sign(NONCE), NONCE),
    )
    algorithm = ec.ECDSA(hashes.SHA256())
    checks = [
        (private.public_key(), signature, message)
        for private, signature, message in signed
        if isinstance(private, ec.EllipticCurvePrivateKey)
    ]
    if len(checks) != _CHECKS:
        raise AssertionError("the keys of the floor are on P-256")

    def check() -> None:
        for key, signature, message in checks:
            key.verify(signature, message, algorithm)

    return {"document_check": check, "trust_lookup": look_up.floor()}


def _made() -> tuple[SyntheticState, SoftChip, DocumentBundle]:
    state, chip = SyntheticState("UTO", now=NOW), SoftChip.new()
    card = state.issue_card(birth=date(1990, 8, 6), dg11=True, groups=chip.groups)
    return state, chip, chip.answer(card, NONCE)


if __name__ == "__main__":
    sys.stdin.readline()  # the task of the others
    serve(ours() if sys.argv[1] == "ours" else floor())
