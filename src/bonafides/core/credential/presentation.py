"""Showing a credential: one pseudonym in one context, chosen slots, nothing else (profile §5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bonafides.core import bbs, cbor
from bonafides.core.bbs import PairingClaim
from bonafides.core.bbs.proof import verify_pairing
from bonafides.core.bbs.pseudonym import PSEUDONYM_BYTES
from bonafides.core.credential import slots
from bonafides.core.credential.context import Context, check_detail
from bonafides.core.credential.header import MAX_HEADER_BYTES, PROFILE, Header, decode_header
from bonafides.core.credential.issuance import NYM_LENGTH, Credential
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.slots import Person, SlotValue
from bonafides.errors import InputError, VerificationError

MAX_PRESENTATION_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Presentation:
    """A decoded presentation: every length and type is right, nothing is verified yet."""

    header_bytes: bytes
    header: Header
    kind: str
    detail: str | tuple[str | int, ...]
    disclosed: Mapping[int, SlotValue] = field(repr=False)
    pseudonym: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class VerifiedPresentation:
    """What a verifier knows after a presentation: the pseudonym in this context and the disclosed values."""

    header: Header
    context: Context
    disclosed: Mapping[int, SlotValue] = field(repr=False)
    pseudonym: bytes


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a verifier asked for. `keys` maps each accepted header to the issuer's public key."""

    context: Context
    keys: Mapping[bytes, bytes]
    required: frozenset[int]
    requested: frozenset[int]
    ph: bytes
    type: str = "person"
    """Credentials of both types share secret and context, so the one that was meant is said here."""


def proof_length(kind: str, disclosed_count: int) -> int:
    """Return the exact length of a proof: 528 - 32 d bytes for a `person` credential with d disclosed slots."""
    return 144 + 32 * (4 + len(slots.TYPES[kind]) - disclosed_count + 1 + NYM_LENGTH)


def present(
    *, credential: Credential, secret: HolderSecret, context: Context, disclose: Iterable[int], ph: bytes
) -> bytes:
    """Return the encoded presentation `["bonafides/1", header, kind, detail, {index: value}, pseudonym, proof]`."""
    kind = credential.header.type
    indexes = sorted(set(disclose))
    if kind == "person" and Person.SETTLED not in indexes:
        raise InputError("`settled` is always disclosed", code="slot")
    proof, pseudonym = bbs.proof_gen_with_nym(
        credential.public_key,
        credential.signature,
        credential.header_bytes,
        ph,
        [secret.scalar],
        context.encode(),
        slots.messages(kind, credential.values),
        [],
        indexes,
        [],
        credential.blind,
    )
    shown: dict[int | str, cbor.Value] = {index: credential.values[index] for index in indexes}
    return cbor.encode([PROFILE, credential.header_bytes, context.kind, context.detail, shown, pseudonym, proof])


def decode_presentation(data: bytes) -> Presentation:
    """Return the parts of a presentation, lengths, types and vocabulary checked before any curve. Raises InputError."""
    if len(data) > MAX_PRESENTATION_BYTES:
        raise InputError("a presentation is shorter", code="presentation")
    match cbor.decode(data):
        case [mark, bytes(header_bytes), str(kind), (str() | list()) as detail, dict(shown), bytes(nym), bytes(proof)]:
            pass
        case _:
            raise InputError("not a presentation", code="presentation")
    if mark != PROFILE or len(header_bytes) > MAX_HEADER_BYTES or len(nym) != PSEUDONYM_BYTES:
        raise InputError("not a presentation of this profile", code="presentation")
    header = decode_header(header_bytes)
    disclosed: dict[int, SlotValue] = {}
    for index, value in shown.items():
        if not isinstance(index, int):
            raise InputError("slots are disclosed by index", code="slot")
        disclosed[index] = slots.check_value(header.type, index, value)
    if len(proof) != proof_length(header.type, len(disclosed)):
        raise InputError("the proof does not have the length its disclosure asks for", code="proof_length")
    return Presentation(header_bytes, header, kind, check_detail(kind, detail), disclosed, nym, proof)


def check_challenge(*, presentation: Presentation, expected: Expectation) -> PairingClaim:
    """Return the pairing still to be checked once everything else holds; for batches.

    Raises InputError for malformed points, VerificationError when the presentation is not what was expected.
    """
    key = expected.keys.get(presentation.header_bytes)
    shown = frozenset(presentation.disclosed)
    context = expected.context
    fits = (
        presentation.header.type == expected.type
        and (presentation.kind, presentation.detail) == (context.kind, context.detail)
        and expected.required <= shown <= expected.requested
        and (expected.type != "person" or Person.SETTLED in shown)
    )
    if key is None or not fits:
        raise VerificationError("not the presentation that was asked for", code="presentation")
    kind = presentation.header.type
    indexes = sorted(shown)
    return bbs.check_challenge_with_nym(
        key,
        presentation.proof,
        presentation.header_bytes,
        expected.ph,
        presentation.pseudonym,
        context.encode(),
        NYM_LENGTH,
        len(slots.TYPES[kind]),
        [slots.message(kind, i, presentation.disclosed[i]) for i in indexes],
        [],
        indexes,
        [],
    )


def verify_presentation(*, presentation: Presentation, expected: Expectation) -> VerifiedPresentation:
    """Return what a presentation proves. Raises InputError or VerificationError (profile §5).

    Codes and time tell how far a refused one got. A verifier that answers strangers gives them one error after the
    same work; the gateway does.
    """
    verify_pairing(check_challenge(presentation=presentation, expected=expected))
    return VerifiedPresentation(presentation.header, expected.context, presentation.disclosed, presentation.pseudonym)
