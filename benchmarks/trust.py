"""Looking up a Document Signer's CA among many, and the floor of it: the two dictionary look-ups that it cannot spare.

10 000 CAs of 100 States. As in the published lists, a State's CAs share few names: five keys under each.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.worker import Operation
from bonafides.core.document.certificate import Certificate, parse_certificate
from bonafides.core.document.countries import ALPHA2
from bonafides.core.document.trust import Anchor, TrustStore
from bonafides.testing.state import SyntheticState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATES, CAS, KEYS = 100, 100, 5
LOOKUPS = 1000


def ours() -> Operation:
    """Return a thousand look-ups in a trust store."""
    authorities, signers = _made()
    trust = TrustStore.of(Anchor(each, "benchmark") for each in authorities)
    if len(trust.anchors) != STATES * CAS or len(trust.issuers_of(signers[0], at=NOW)) != KEYS:
        raise AssertionError("the store is not the one that is described")

    def look_up() -> None:
        for signer in signers:
            trust.issuers_of(signer, at=NOW)

    return look_up


def floor() -> Operation:
    """Return the same number of look-ups by key identifier and by name in two plain dictionaries."""
    authorities, signers = _made()
    by_key = {(each.country, each.subject_key_id): each for each in authorities}
    by_name = {(each.country, each.subject): each for each in authorities}

    def look_up() -> None:
        for signer in signers:
            by_key[signer.country, signer.authority_key_id]
            by_name[signer.country, signer.issuer]

    return look_up


def _made() -> tuple[list[Certificate], list[Certificate]]:
    """Return the CAs, and signers of a thousand of them."""
    state = SyntheticState("UTO", now=NOW)
    template, signer = parse_certificate(state.csca.certificate), parse_certificate(state.signer.certificate)
    authorities = list(_authorities(template))
    signers = [
        replace(signer, country=each.country, issuer=each.subject, authority_key_id=each.subject_key_id)
        for each in authorities[:: len(authorities) // LOOKUPS]
    ]
    return authorities, signers


def _authorities(template: Certificate) -> Iterator[Certificate]:
    """Give certificates that differ where look-ups look; nothing verifies them."""
    for country in sorted(set(ALPHA2.values()))[:STATES]:
        for number in range(CAS):
            pairs = (("2.5.4.6", country.lower()), ("2.5.4.3", f"csca {number // KEYS}"))
            name = tuple(frozenset({pair}) for pair in pairs)
            mark = f"{country}{number}".encode()
            key_id = mark.rjust(20, b"\0")
            yield replace(
                template, der=mark, country=country, subject=name, issuer=name, subject_key_id=key_id, spki=mark
            )
