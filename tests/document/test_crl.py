"""Revocation: ICAO 9303-12, 7.1.4, and RFC 5280, 5 and 6.3."""

from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import core, crl, x509

from bonafides.core.document.certificate import parse_certificate
from bonafides.core.document.crl import parse_revocation_list
from bonafides.core.document.findings import Finding
from bonafides.core.document.limits import Limits
from bonafides.core.document.signer import VerifiedSigner, verify_signer
from bonafides.core.document.trust import TrustStore
from bonafides.testing.state import Signer, SyntheticState, mint_link, mint_revocation_list, new_csca
from tests.document.conftest import NOW
from tests.document.expect import malformed, not_genuine

DAY = timedelta(days=1)


def verify(signer: Signer, trust: TrustStore) -> VerifiedSigner:
    return verify_signer(
        parse_certificate(signer.certificate),
        trust=trust, issuing_state="UTO", document_code="I", issued_on=None, at=NOW,
    )  # fmt: skip


def knowing(trust: TrustStore, *lists: bytes) -> TrustStore:
    return trust.with_revocation_lists(parse_revocation_list(each) for each in lists)


def trusting(*authorities: Signer | bytes) -> TrustStore:
    ders = [each if isinstance(each, bytes) else each.certificate for each in authorities]
    return TrustStore.from_certificates(ders, provenance="test")


def signed_by(authority: Signer, **changes: Any) -> Signer:
    state = SyntheticState("UTO", now=NOW)
    state.csca = authority
    return state.new_signer(**changes)


def test_revoked_signer(state: SyntheticState) -> None:
    trust = knowing(state.trust_store(), mint_revocation_list(state.csca, [7, 1000], now=NOW))
    with not_genuine("document_revoked"):
        verify(state.signer, trust)
    assert verify(state.new_signer(serial=1001), trust).findings == frozenset()


def test_no_list_is_a_finding(state: SyntheticState) -> None:
    assert verify(state.signer, state.trust_store()).findings == {Finding.NO_REVOCATION_DATA}


def test_stale_list_is_a_finding_and_still_revokes(state: SyntheticState) -> None:
    old = mint_revocation_list(state.csca, [1000], now=NOW - 100 * DAY)
    trust = knowing(state.trust_store(), old)
    assert verify(state.new_signer(serial=5), trust).findings == {Finding.STALE_REVOCATION_DATA}
    with not_genuine("document_revoked"):
        verify(state.signer, trust)
    newer = knowing(trust, mint_revocation_list(state.csca, [], now=NOW, number=2))
    assert verify(state.new_signer(serial=5), newer).findings == frozenset()


def test_list_that_names_no_end_is_stale(state: SyntheticState) -> None:
    trust = knowing(state.trust_store(), mint_revocation_list(state.csca, now=NOW, is_open_ended=True))
    assert verify(state.signer, trust).findings == {Finding.STALE_REVOCATION_DATA}


def test_list_of_a_ca_that_is_not_trusted(state: SyntheticState) -> None:
    for authority in (new_csca("UTO", now=NOW), new_csca("FRA", now=NOW)):
        with not_genuine("document_crl_issuer"):
            knowing(state.trust_store(), mint_revocation_list(authority, [1000], now=NOW))


def test_a_state_cannot_revoke_anothers_signers(state: SyntheticState) -> None:
    """Both are trusted; the list is signed well, under Utopia's name."""
    france = new_csca("FRA", now=NOW)
    foreign = mint_revocation_list(france, [1000], now=NOW, issuer=state.csca.profile.name)
    with not_genuine("document_crl_issuer"):
        knowing(trusting(state.csca, france), foreign)
    own = knowing(trusting(state.csca, france), mint_revocation_list(france, [1000], now=NOW))
    assert verify(state.signer, own).findings == {Finding.NO_REVOCATION_DATA}


def test_another_ca_of_the_state_cannot_revoke(state: SyntheticState) -> None:
    """Serial numbers are a CA's own: a list of the passport CA says nothing about the card CA's signers."""
    other = new_csca("UTO", now=NOW, common_name="UTO card CSCA")
    trust = knowing(trusting(state.csca, other), mint_revocation_list(other, [1000], now=NOW))
    assert verify(state.signer, trust).findings == {Finding.NO_REVOCATION_DATA}
    taken = mint_revocation_list(other, [1000], now=NOW, issuer=state.csca.profile.name)
    with not_genuine("document_crl_issuer"):
        knowing(trusting(state.csca, other), taken)


def test_list_of_an_old_key_is_signed_with_the_new(state: SyntheticState) -> None:
    new = new_csca("UTO", now=NOW)
    trust = knowing(trusting(state.csca, mint_link(state.csca, new)), mint_revocation_list(new, [1000], now=NOW))
    with not_genuine("document_revoked"):
        verify(state.signer, trust)


def test_list_under_the_name_the_ca_took_later(state: SyntheticState) -> None:
    new, newest = (new_csca("UTO", now=NOW, common_name=f"UTO CSCA {i}") for i in (2, 3))
    links = mint_link(state.csca, new), mint_link(new, newest)
    trust = knowing(trusting(state.csca, *links), mint_revocation_list(newest, [1000], now=NOW))
    with not_genuine("document_revoked"):
        verify(state.signer, trust)
    unlinked = knowing(trusting(state.csca, newest), mint_revocation_list(newest, [1000], now=NOW))
    assert verify(state.signer, unlinked).findings == {Finding.NO_REVOCATION_DATA}


def test_no_state_takes_anothers_name(state: SyntheticState) -> None:
    """Utopia once signed a certificate for France's CA, as real States have: France speaks for itself alone."""
    france = new_csca("FRA", now=NOW)
    trust = trusting(state.csca, france, mint_link(state.csca, france))
    trust = knowing(trust, mint_revocation_list(france, [1000], now=NOW))
    assert verify(state.signer, trust).findings == {Finding.NO_REVOCATION_DATA}


def test_tries_are_bounded(state: SyntheticState) -> None:
    lists = [parse_revocation_list(mint_revocation_list(state.csca, now=NOW))]
    with not_genuine("document_crl_issuer"):
        state.trust_store().with_revocation_lists(lists, limits=Limits(anchors_tried=0))


def test_revoked_ca(state: SyntheticState) -> None:
    new = new_csca("UTO", now=NOW, serial=9)
    trust = knowing(trusting(state.csca, new), mint_revocation_list(new, [state.csca.profile.serial], now=NOW))
    with not_genuine("document_revoked"):
        verify(state.signer, trust)
    assert verify(signed_by(new), trust).findings == frozenset()


@pytest.mark.parametrize(
    "changes",
    [
        {"key_usage": frozenset({"key_cert_sign"})},
        {"is_ca": False},
        {"critical_extension": "1.2.3.4"},
        {"not_before": NOW + DAY},
    ],
    ids=["usage", "no_ca", "unknown_critical", "later"],
)
def test_who_may_sign_lists(changes: dict[str, Any]) -> None:
    authority = new_csca("UTO", now=NOW, **changes)
    with not_genuine("document_crl_issuer"):
        knowing(trusting(authority), mint_revocation_list(authority, now=NOW))


def test_ca_may_have_expired_or_lost_trust(state: SyntheticState) -> None:
    authority = new_csca("UTO", now=NOW, not_after=NOW - 20 * DAY)
    trust = knowing(trusting(authority), mint_revocation_list(authority, [1000], now=NOW))
    with not_genuine("document_revoked"):
        verify(signed_by(authority), trust)


SCOPE = crl.IssuingDistributionPoint({"only_contains_user_certs": True})
ISSUER = x509.GeneralNames([x509.GeneralName("directory_name", new_csca("FRA", now=NOW).profile.name)])


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize(
    ("oid", "value"), [("2.5.29.27", core.Integer(1)), ("2.5.29.28", SCOPE)], ids=["delta", "scope"]
)
def test_partial_lists(oid: str, value: Any, critical: bool, state: SyntheticState) -> None:
    """A list that says only a part must not pass for the whole, also where a State forgot to mark it critical."""
    with malformed("document_crl_extension"):
        parse_revocation_list(mint_revocation_list(state.csca, [1], now=NOW, extensions={oid: (critical, value)}))


def test_unknown_extensions(state: SyntheticState) -> None:
    with malformed("document_crl_extension"):
        parse_revocation_list(mint_revocation_list(state.csca, now=NOW, extensions={"1.2.3.4": (True, core.Null())}))
    parse_revocation_list(mint_revocation_list(state.csca, now=NOW, extensions={"1.2.3.4": (False, core.Null())}))


def test_critical_extensions_of_entries(state: SyntheticState) -> None:
    """The certificate issuer would make the entry another CA's."""
    reason = crl.CRLReason("key_compromise")
    for limit in ({"2.5.29.29": (True, ISSUER)}, {"2.5.29.29": (False, ISSUER)}, {"1.2.3.4": (True, core.Null())}):
        with malformed("document_crl_extension"):
            parse_revocation_list(mint_revocation_list(state.csca, [1], now=NOW, entry_extensions=limit))
    harmless = mint_revocation_list(state.csca, [1], now=NOW, entry_extensions={"2.5.29.21": (False, reason)})
    assert parse_revocation_list(harmless).serials == frozenset({1})


def test_malformed_lists(state: SyntheticState) -> None:
    good = mint_revocation_list(state.csca, [1, 2, 3], now=NOW)
    parsed = crl.CertificateList.load(good)
    parsed["signature_algorithm"] = {"algorithm": "sha512_ecdsa"}
    odd = [b"", b"\x30\x00", good[:-1], good + b"\0", state.csca.certificate, parsed.dump(force=True)]
    odd.append(mint_revocation_list(state.csca, now=NOW, extensions={"2.5.29.20": (False, core.Integer(2))}))
    for data in odd:
        with malformed("document_crl"):
            parse_revocation_list(data)
    for limits in (Limits(crl_bytes=100), Limits(revoked_certificates=2)):
        with malformed("document_crl"):
            parse_revocation_list(good, limits=limits)


def test_a_changed_list_revokes_nobody(state: SyntheticState) -> None:
    good = mint_revocation_list(state.csca, [1000], now=NOW)
    assert good.count(b"\x02\x02\x03\xe8") == 1
    changed = good.replace(b"\x02\x02\x03\xe8", b"\x02\x02\x03\xe9")
    with not_genuine("document_crl_issuer"):
        knowing(state.trust_store(), changed)


def test_what_a_list_says(state: SyntheticState) -> None:
    parsed = parse_revocation_list(mint_revocation_list(state.csca, [1000, 1000, 7], now=NOW, number=12))
    assert (parsed.country, parsed.number, parsed.serials) == ("UT", 12, frozenset({7, 1000}))
    assert (parsed.this_update, parsed.next_update) == (NOW - DAY, NOW + 90 * DAY)
    assert parsed.is_current(NOW + 90 * DAY)
    assert not parsed.is_current(NOW + 91 * DAY)
    assert "1000" not in repr(parsed)


def test_lists_are_part_of_the_version(state: SyntheticState) -> None:
    one, other = (mint_revocation_list(state.csca, [serial], now=NOW) for serial in (1, 2))
    plain = state.trust_store()
    both = knowing(plain, one, other)
    assert both.version == knowing(plain, other, one, one).version
    assert both.version == (knowing(plain, one) | knowing(plain, other)).version
    assert len({plain.version, both.version, knowing(plain, one).version}) == 3
    assert len(both.revocation_lists) == 2


def test_a_list_without_country_is_nobodys(state: SyntheticState) -> None:
    nameless = x509.Name.build({"common_name": "UTO CSCA"})
    with not_genuine("document_crl_issuer"):
        knowing(state.trust_store(), mint_revocation_list(state.csca, now=NOW, issuer=nameless))
