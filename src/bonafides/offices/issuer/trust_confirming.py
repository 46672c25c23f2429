"""Certificates that come alone: a trusted CA vouches for them, or the operator does by their fingerprints."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bonafides.core.document import TrustStore
from bonafides.core.document.certificate import Certificate
from bonafides.core.document.limits import IMPORT_LIMITS
from bonafides.core.document.links import vouch_for
from bonafides.core.document.trust import Anchor
from bonafides.errors import PolicyError

Confirm = Callable[[Certificate, str], bool]
"""Whether the operator confirms a certificate by its fingerprint; told what it would be trusted as."""


def settle(
    certificates: Iterable[Certificate], *, trust: TrustStore, at: datetime, confirm: Confirm
) -> dict[str, str | None]:
    """Return for every fingerprint who vouches for it, None where the operator does.

    The operator is asked as little as possible: first for what none of the others vouches for. Raises PolicyError
    `trust_no_authority` for what is no CA's, `trust_unconfirmed` if one is not confirmed.
    """
    pending = list({each.fingerprint: each for each in certificates}.values())
    for each in pending:
        _require_authority(each)
    found: dict[str, str | None] = {}
    while True:
        anchors, pending = vouch_for(pending, trust=trust, at=at)
        found |= {anchor.certificate.fingerprint: anchor.vouched_by for anchor in anchors}
        trust |= TrustStore.of(anchors)
        if not pending:
            return found
        chosen = next((each for each in pending if not _has_voucher(each, pending, at)), pending[0])
        if not confirm(chosen, "a Country Signing CA"):
            raise unconfirmed("the certificate")
        found[chosen.fingerprint] = None
        pending.remove(chosen)
        trust |= TrustStore.of([Anchor(chosen, provenance="")])


def unconfirmed(what: str) -> PolicyError:
    """Return the error for what the operator did not confirm."""
    return PolicyError(f"{what} was not confirmed: nothing was imported", code="trust_unconfirmed")


def _has_voucher(certificate: Certificate, pending: list[Certificate], at: datetime) -> bool:
    """Whether one of the other certificates would vouch for this one if it were trusted."""
    others = [Anchor(each, provenance="") for each in pending if each is not certificate]
    near = [each for each in others if each.certificate.country == certificate.country]
    return bool(vouch_for([certificate], trust=TrustStore.of(near), at=at, limits=IMPORT_LIMITS)[0])


def _require_authority(certificate: Certificate) -> None:
    """Refuse what no CA is: a Document Signer as an anchor would vouch for nothing, and hide a mistake."""
    usage = certificate.key_usage
    if certificate.is_ca is False or (usage is not None and "key_cert_sign" not in usage):
        raise PolicyError("the certificate is no CA's: it can be no anchor", code="trust_no_authority")
    if certificate.country is None:
        raise PolicyError("the certificate names no State: it can vouch for none", code="trust_no_authority")
