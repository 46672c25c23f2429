"""Decide about one presentation with one answer and the same work, whatever is wrong with it (profile §5).

A presentation that is not what was asked for is not even looked at: a decoy made at start takes its place, so that
every refusal costs one challenge and one pairing. Points that are no points are found sooner; that they are none is
public, as their bytes are.
"""

from dataclasses import dataclass

from bonafides.core import bbs
from bonafides.core.bbs import PairingClaim
from bonafides.core.bbs.proof import verify_pairing
from bonafides.core.credential.commitment import SessionBinding, create_commitment, verify_commitment
from bonafides.core.credential.context import Context
from bonafides.core.credential.device import DEVICE_KEY_BYTES
from bonafides.core.credential.header import Header
from bonafides.core.credential.issuance import open_issued, sign_credential
from bonafides.core.credential.presentation import (
    Expectation,
    Presentation,
    VerifiedPresentation,
    check_challenge,
    decode_presentation,
    present,
)
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.slots import Person
from bonafides.errors import InputError, VerificationError
from bonafides.kit import telemetry
from bonafides.offices.gateway.domain import Asked, find_mismatch

_refused = telemetry.event("gateway.presentation.refused")


@dataclass(frozen=True, slots=True)
class Decoy:
    """A presentation that holds, by nobody and for nothing: it is verified in the place of a misfit."""

    presentation: Presentation
    expected: Expectation
    claim: PairingClaim


def make_decoy(context: Context) -> Decoy:
    """Return a decoy in the relying party's own context; its secret and key are forgotten at once."""
    secret, secret_key = HolderSecret.generate(), bbs.key_gen(HolderSecret.generate().encode())
    public_key = bbs.sk_to_pk(secret_key)
    header = Header("decoy.invalid", "person", "decoy", "2026-W01")
    pair = (header.encode(), public_key)
    binding = SessionBinding(header.issuer_id, (pair, pair), "decoy", bytes(DEVICE_KEY_BYTES))
    commitment, blind = create_commitment(secret=secret, binding=binding)
    issued = sign_credential(
        secret_key=secret_key,
        public_key=public_key,
        header=header,
        values=("chip", True, True, True, True, "UTO"),
        commitment=verify_commitment(data=commitment, expected_binding=binding),
    )
    credential = open_issued(data=issued, secret=secret, blind=blind, expected_header=pair[0], expected_key=public_key)
    shown = frozenset({int(Person.ASSURANCE), int(Person.SETTLED)})
    expected = Expectation(context, {pair[0]: public_key}, shown, shown, bytes(64))
    encoded = present(credential=credential, secret=secret, context=context, disclose=shown, ph=expected.ph)
    presentation = decode_presentation(encoded)
    return Decoy(presentation, expected, check_challenge(presentation=presentation, expected=expected))


def verify_signin(
    *, presentation: Presentation, expected: Expectation, expected_country: str | None, decoy: Decoy
) -> VerifiedPresentation:
    """Return what the presentation proves; VerificationError `presentation_refused` says nothing more.

    Which check failed goes to the log as a code.
    """
    reason = find_mismatch(
        presentation=presentation,
        kind=expected.context.kind,
        asked=Asked(expected.required, expected.requested),
        accepted_headers=expected.keys,
        country=expected_country,
    )
    fits = reason is None
    subject, terms = (presentation, expected) if fits else (decoy.presentation, decoy.expected)
    try:
        claim = check_challenge(presentation=subject, expected=terms)
    except (InputError, VerificationError):
        reason, claim = reason or "proof", decoy.claim
    try:
        verify_pairing(claim)
    except VerificationError:
        reason = reason or "proof"
    if reason is not None:
        _refused(code=reason, epoch=presentation.header.epoch)
        raise VerificationError("the presentation is refused", code="presentation_refused")
    return VerifiedPresentation(presentation.header, expected.context, presentation.disclosed, presentation.pseudonym)
