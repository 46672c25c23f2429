"""Link certificates: ICAO 9303-12, 4.2 and 7.1.1."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bonafides.core.document.certificate import Certificate, parse_certificate
from bonafides.core.document.crl import parse_revocation_list
from bonafides.core.document.limits import Limits
from bonafides.core.document.links import verify_link, vouch_for
from bonafides.core.document.signer import verify_signer
from bonafides.core.document.trust import Anchor, TrustStore
from bonafides.errors import VerificationError
from bonafides.testing.state import (
    Signer,
    SyntheticState,
    mint_certificate,
    mint_link,
    mint_revocation_list,
    new_csca,
)
from tests.document.conftest import NOW
from tests.document.expect import not_genuine

DAY = timedelta(days=1)


def parsed(*ders: bytes) -> list[Certificate]:
    return [parse_certificate(der) for der in ders]


def verify(link: bytes, trust: TrustStore, **changes: Any) -> Certificate:
    return verify_link(parse_certificate(link), trust=trust, **({"at": NOW} | changes))


def signer_of(authority: Signer) -> Certificate:
    state = SyntheticState("UTO", now=NOW)
    state.csca = authority
    return parse_certificate(state.new_signer().certificate)


def verify_document_signer(signer: Certificate, trust: TrustStore, *, code: str = "I") -> None:
    verify_signer(signer, trust=trust, issuing_state="UTO", document_code=code, issued_on=None, at=NOW)


@pytest.fixture(params=["UTO CSCA", "UTO CSCA renamed"])
def new(request: pytest.FixtureRequest) -> Signer:
    """The CA after a change of key alone, and of name."""
    return new_csca("UTO", now=NOW, common_name=request.param, serial=2)


def test_old_ca_vouches_for_the_new(state: SyntheticState, new: Signer) -> None:
    link = mint_link(state.csca, new)
    assert verify(link, state.trust_store()).der == state.csca.certificate
    found, left = vouch_for(parsed(link), trust=state.trust_store(), at=NOW)
    assert left == []
    trust = state.trust_store() | TrustStore.of(found)
    verify_document_signer(signer_of(new), trust)
    with not_genuine("document_chain"):
        verify_document_signer(signer_of(new), state.trust_store())


def test_chain_of_links_in_any_order(state: SyntheticState) -> None:
    two, three = (new_csca("UTO", now=NOW, serial=serial) for serial in (2, 3))
    links = parsed(mint_link(two, three), mint_link(state.csca, two))
    found, left = vouch_for(links, trust=state.trust_store(), at=NOW)
    assert (len(found), left) == (2, [])
    verify_document_signer(signer_of(three), state.trust_store() | TrustStore.of(found))


def test_self_signed_certificate_of_a_linked_ca(state: SyntheticState, new: Signer) -> None:
    """The link ends with the old CA; the new one's own certificate goes on."""
    link = mint_link(state.csca, new, not_after=NOW - 200 * DAY)
    found, left = vouch_for(parsed(new.certificate, link), trust=state.trust_store(), at=NOW)
    assert (len(found), left) == (2, [])
    verify_document_signer(signer_of(new), state.trust_store() | TrustStore.of(found))
    alone, left = vouch_for(parsed(new.certificate), trust=state.trust_store(), at=NOW)
    assert (alone, len(left)) == ([], 1)


def test_nobody_vouches_for_itself(state: SyntheticState) -> None:
    """Else a certificate could be imported again in a wider sense because it is there in a narrower one."""
    with not_genuine("document_link"):
        verify(state.csca.certificate, state.trust_store())
    assert vouch_for(parsed(state.csca.certificate), trust=state.trust_store(), at=NOW)[0] == []


def test_self_signed_certificate_of_a_ca_that_fell(state: SyntheticState, new: Signer) -> None:
    (link,) = parsed(mint_link(state.csca, new))
    for anchor in (Anchor(link, "test", until=NOW), Anchor(link, "test", vouched_by="00" * 32)):
        assert vouch_for(parsed(new.certificate), trust=TrustStore.of([anchor]), at=NOW)[0] == []


@pytest.mark.parametrize("changes", [{"key_usage": None}, {"is_ca": None}, {"key_usage": frozenset({"crl_sign"})}])
def test_self_signed_certificate_that_is_no_cas(state: SyntheticState, new: Signer, changes: dict[str, Any]) -> None:
    link = parsed(mint_link(state.csca, new))
    trust = state.trust_store() | TrustStore.of(vouch_for(link, trust=state.trust_store(), at=NOW)[0])
    silent = mint_certificate(replace(new.profile, **changes), new.spki, issuer=new)
    assert vouch_for(parsed(silent), trust=trust, at=NOW)[0] == []
    assert len(vouch_for(parsed(new.certificate), trust=trust, at=NOW)[0]) == 1


def test_nobody_else_prolongs_a_ca(state: SyntheticState) -> None:
    """The same key and name in a certificate that another key signed."""
    stranger = new_csca("UTO", now=NOW)
    forged = mint_certificate(state.csca.profile, state.csca.spki, issuer=stranger)
    assert vouch_for(parsed(forged), trust=state.trust_store(), at=NOW)[0] == []


def test_strangers_link(state: SyntheticState, new: Signer) -> None:
    with not_genuine("document_link"):
        verify(mint_link(new_csca("UTO", now=NOW), new), state.trust_store())
    with not_genuine("document_link"):
        verify(new.certificate, state.trust_store())


def test_no_state_vouches_for_another(state: SyntheticState) -> None:
    france = new_csca("FRA", now=NOW)
    with not_genuine("document_link"):
        verify(mint_link(state.csca, france), state.trust_store() | trusting(france.certificate))


def test_a_ca_vouches_under_its_own_name(state: SyntheticState, new: Signer) -> None:
    """Found by key identifier, the signature holds, but the link says that another CA vouches."""
    other = mint_certificate(new_csca("UTO", now=NOW, common_name="other").profile, state.csca.spki, issuer=state.csca)
    with not_genuine("document_link"):
        verify(mint_link(state.csca, new), trusting(other))


@pytest.mark.parametrize(
    "changes",
    [
        {"is_ca": False},
        {"is_ca": None},
        {"key_usage": frozenset({"crl_sign"})},
        {"key_usage": None},
        {"critical_extension": "1.2.3.4"},
    ],
    ids=["no_ca", "silent_ca", "usage", "silent_usage", "unknown_critical"],
)
def test_link_must_be_a_cas(state: SyntheticState, new: Signer, changes: dict[str, Any]) -> None:
    with not_genuine("document_link"):
        verify(mint_link(state.csca, new, **changes), state.trust_store())


@pytest.mark.parametrize(
    "changes",
    [{"key_usage": frozenset({"crl_sign"})}, {"not_after": NOW - 690 * DAY}, {"is_ca": False}],
    ids=["usage", "expired", "no_ca"],
)
def test_voucher_must_have_been_a_ca_then(new: Signer, changes: dict[str, Any]) -> None:
    old = new_csca("UTO", now=NOW, **changes)
    with not_genuine("document_link"):
        verify(mint_link(old, new, not_before=NOW - 600 * DAY), trusting(old.certificate))


def test_link_falls_with_who_vouched(state: SyntheticState, new: Signer) -> None:
    old = Anchor(parse_certificate(state.csca.certificate), "test", until=NOW - DAY)
    link = parse_certificate(mint_link(state.csca, new))
    with not_genuine("document_link"):
        verify_link(link, trust=TrustStore.of([old]), at=NOW)
    vouched = Anchor(link, "test", vouched_by=old.certificate.fingerprint)
    for trust in (TrustStore.of([old, vouched]), TrustStore.of([vouched])):
        with not_genuine("document_chain"):
            verify_document_signer(signer_of(new), trust)
    verify_link(link, trust=TrustStore.of([old]), at=NOW - 2 * DAY)


def test_link_reaches_no_further_than_who_vouched(state: SyntheticState, new: Signer) -> None:
    old = Anchor(parse_certificate(state.csca.certificate), "test", document_codes=frozenset({"I"}))
    trust = TrustStore.of([old])
    found, _ = vouch_for(parsed(mint_link(state.csca, new)), trust=trust, at=NOW)
    verify_document_signer(signer_of(new), trust | TrustStore.of(found), code="ID")
    with not_genuine("document_type"):
        verify_document_signer(signer_of(new), trust | TrustStore.of(found), code="P")


def test_two_that_vouch_for_each_other_vouch_for_nothing(state: SyntheticState) -> None:
    other = new_csca("UTO", now=NOW)
    one, two = parsed(state.csca.certificate, other.certificate)
    circle = [Anchor(one, "test", vouched_by=two.fingerprint), Anchor(two, "test", vouched_by=one.fingerprint)]
    with not_genuine("document_chain"):
        verify_document_signer(signer_of(other), TrustStore.of(circle))


def test_tries_are_bounded(state: SyntheticState, new: Signer) -> None:
    with not_genuine("document_link"):
        verify(mint_link(state.csca, new), state.trust_store(), limits=Limits(anchors_tried=0))


def trusting(*ders: bytes) -> TrustStore:
    return TrustStore.from_certificates(ders, provenance="test")


def test_a_revoked_link_vouches_for_nobody(state: SyntheticState) -> None:
    """Neither when it is revoked after it was imported, nor for what comes in later."""
    new = new_csca("UTO", now=NOW, common_name="UTO CSCA 2", serial=7)
    link, root = parsed(mint_link(state.csca, new), new.certificate)
    found, _ = vouch_for([link, root], trust=state.trust_store(), at=NOW)
    trust = state.trust_store() | TrustStore.of(found)
    verify_document_signer(signer_of(new), trust)
    listed = parse_revocation_list(mint_revocation_list(state.csca, [link.serial], now=NOW))
    with pytest.raises(VerificationError) as refused:
        verify_document_signer(signer_of(new), trust.with_revocation_lists([listed]))
    assert refused.value.code in {"document_revoked", "document_chain"}
    found, left = vouch_for([link, root], trust=state.trust_store().with_revocation_lists([listed]), at=NOW)
    assert (found, left) == ([], [link, root])


def test_a_revoked_ca_vouches_for_nobody(state: SyntheticState) -> None:
    new = new_csca("UTO", now=NOW, common_name="UTO CSCA 2", serial=7)
    link, root = parsed(mint_link(state.csca, new), new.certificate)
    found, _ = vouch_for([link, root], trust=state.trust_store(), at=NOW)
    own = parse_certificate(state.csca.certificate).serial
    listed = parse_revocation_list(mint_revocation_list(state.csca, [own], now=NOW))
    trust = (state.trust_store() | TrustStore.of(found)).with_revocation_lists([listed])
    with pytest.raises(VerificationError):
        verify_document_signer(signer_of(new), trust)
    assert vouch_for([link, root], trust=state.trust_store().with_revocation_lists([listed]), at=NOW)[0] == []
