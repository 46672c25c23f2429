"""The commitment proof: one secret, committed and named by its handle, bound to this session (profile §3).

The draft's own proof is refused because nothing ties it to issuer, session or device, and because it lets a holder
commit to one secret and show the handle of another. Here one challenge covers the commitment C, the handle, the two
headers and keys under which C will be signed, the issuer's nonce and the device key; the same response answers for the
secret in C and in the handle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bonafides.core import cbor
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.core.bbs.ciphersuite import SHA256, Bases, pseudonym_interface
from bonafides.core.bbs.proof import RandomScalars, random_scalars
from bonafides.core.bbs.pseudonym import decode_pseudonym, make_leg
from bonafides.core.credential.binding import require_ascii
from bonafides.core.credential.context import handle_context
from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import InputError, VerificationError

COMMITMENT_BYTES = 192
HANDLE_BYTES = 48
_INTERFACE = pseudonym_interface(SHA256)
_DST = _INTERFACE.api_id + b"BONAFIDES_COMMIT_V1_"


@dataclass(frozen=True, slots=True)
class SessionBinding:
    """What a commitment proof is bound to. `epochs` is (header, key) of this epoch and of the next."""

    issuer_id: str
    epochs: tuple[tuple[bytes, bytes], tuple[bytes, bytes]]
    c_nonce: str
    device_key: bytes

    def encode(self) -> bytes:
        """Return CBOR `[issuer id, [[header, key], [header, key]], c_nonce, device key]`."""
        require_ascii(self.issuer_id, self.c_nonce)
        pairs: Sequence[Sequence[bytes]] = [[header, key] for header, key in self.epochs]
        return cbor.encode([self.issuer_id, pairs, self.c_nonce, self.device_key])


@dataclass(frozen=True, slots=True)
class VerifiedCommitment:
    """A commitment whose proof holds, and the handle of the very secret in it."""

    C: G1
    handle: bytes
    epochs: tuple[tuple[bytes, bytes], tuple[bytes, bytes]]
    """(header, key) of the two epochs under which alone it may be signed."""


def create_commitment(
    *, secret: HolderSecret, binding: SessionBinding, randomness: RandomScalars = random_scalars
) -> tuple[bytes, int]:
    """Return the 192-byte commitment proof `C || handle || s^ || m^ || c` and the secret prover blind."""
    bases, base = _points(binding.issuer_id)
    blind, s_tilde, m_tilde = randomness(3)
    C = curve.g1_sum_secret_products(bases.holder_points, [blind, secret.scalar])
    Cbar = curve.g1_sum_secret_products(bases.holder_points, [s_tilde, m_tilde])
    handle = curve.g1_sum_secret_products([base], [secret.scalar])
    Uh = curve.g1_sum_secret_products([base], [m_tilde])
    curve.require_not_identity(C, handle, Uh)
    c = _challenge(bases, base, C, Cbar, handle, Uh, binding)
    scalars = ((s_tilde + blind * c) % ORDER, (m_tilde + secret.scalar * c) % ORDER, c)
    data = curve.encode_g1(C) + curve.encode_g1(handle) + b"".join(curve.encode_scalar(s) for s in scalars)
    return data, blind


def verify_commitment(*, data: bytes, expected_binding: SessionBinding) -> VerifiedCommitment:
    """Return C and the handle if the proof holds for exactly this session.

    Raises InputError for malformed bytes (the draft's bare form among them), VerificationError otherwise.
    """
    if len(data) != COMMITMENT_BYTES:
        raise InputError("a commitment proof has 192 bytes", code="commitment_length")
    C, handle = curve.decode_g1(data[:48]), decode_pseudonym(data[48:96])
    s_hat, m_hat, c = (curve.decode_scalar(data[i : i + 32]) for i in (96, 128, 160))
    bases, base = _points(expected_binding.issuer_id)
    Cbar = curve.g1_sum_products([*bases.holder_points, C], [s_hat, m_hat, -c % ORDER])
    Uh = curve.g1_sum_products([base, handle], [m_hat, -c % ORDER])
    if curve.g1_is_identity(Uh) or _challenge(bases, base, C, Cbar, handle, Uh, expected_binding) != c:
        raise VerificationError("the commitment proof does not hold for this session", code="commitment")
    return VerifiedCommitment(C, data[48:96], expected_binding.epochs)


def _points(issuer_id: str) -> tuple[Bases, G1]:
    """Return Q_2, J_1 and OP of the handle context."""
    return _INTERFACE.bases(0, 1), make_leg(_INTERFACE, handle_context(issuer_id).encode(), 1).op


def _challenge(bases: Bases, base: G1, C: G1, Cbar: G1, handle: G1, Uh: G1, binding: SessionBinding) -> int:
    points = b"".join(curve.encode_g1(p) for p in (C, Cbar, base, handle, Uh))
    data = (1).to_bytes(8, "big") + bases.holder_octets + points + binding.encode()
    return SHA256.hash_to_scalar(data, _DST)
