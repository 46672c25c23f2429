"""Flaws of who signed: the State, its CA, its signer, when, for which documents, and whether still (ICAO 9303-12)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bonafides.core.document import TrustStore
from bonafides.core.document.certificate import parse_certificate
from bonafides.core.document.crl import parse_revocation_list
from bonafides.core.document.curve_table import CURVES
from bonafides.core.document.links import vouch_for
from bonafides.core.document.trust import Anchor
from bonafides.testing.state.certificates import Signer, mint_certificate, new_csca
from bonafides.testing.state.flaws.case import FlawedDocument, Mint, flaw
from bonafides.testing.state.groups import encode_dg12
from bonafides.testing.state.keys import ecdsa_kind, encode_point, new_key
from bonafides.testing.state.lists import mint_link, mint_revocation_list, new_list_signer
from bonafides.testing.state.synthetic import SyntheticState

CHAIN, TIME, COUNTRY, TYPE = "chain", "time", "country", "document_type"
REVOCATION, OTHER_SIGNERS, ANCHORS, CURVE = "revocation", "other_signers", "anchors", "curve"
_DAY = timedelta(days=1)


@flaw(CHAIN, "document_chain")
def another_ca_of_the_name(mint: Mint) -> FlawedDocument:
    """Same name and country as the trusted CA, another key."""
    return mint.resigned(signer=SyntheticState("UTO", now=mint.now).signer)


@flaw(CHAIN, "document_chain")
def signer_signed_by_itself(mint: Mint) -> FlawedDocument:
    """It says that the CA issued it, and did so itself."""
    genuine = mint.state.signer
    itself = replace(genuine, profile=mint.state.csca.profile)
    return mint.resigned(
        signer=replace(genuine, certificate=mint_certificate(genuine.profile, genuine.spki, issuer=itself))
    )


@flaw(CHAIN, "document_chain")
def ca_that_a_stranger_vouches_for(mint: Mint) -> FlawedDocument:
    """A link certificate makes a new CA of the State, but no trusted one signed it: nobody takes it up."""
    stranger, fresh = new_csca("UTO", now=mint.now), new_csca("UTO", now=mint.now, common_name="UTO CSCA 2")
    return _linked(mint, stranger, fresh)


@flaw(CHAIN, "document_chain")
def ca_of_a_link_that_another_state_signed(mint: Mint) -> FlawedDocument:
    """France, trusted for its own documents, vouches for a CA of Utopia."""
    france = SyntheticState("FRA", now=mint.now)
    fresh = new_csca("UTO", now=mint.now, common_name="UTO CSCA 2")
    return _linked(mint, france.csca, fresh, also=france.trust_store())


def _linked(mint: Mint, old: Signer, fresh: Signer, *, also: TrustStore | None = None) -> FlawedDocument:
    """Return a document under a new CA, with what a link certificate by `old` makes of the trusted ones."""
    trust = mint.state.trust_store()
    trust = trust if also is None else trust | also
    anchors, _ = vouch_for([parse_certificate(mint_link(old, fresh))], trust=trust, at=mint.now)
    shown = mint.resigned(signer=_signer_under(mint, fresh))
    return replace(shown, trust=trust | TrustStore.of(anchors))


def _signer_under(mint: Mint, authority: Signer, **changes: Any) -> Signer:
    """Return a Document Signer of another CA."""
    state = SyntheticState("UTO", now=mint.now)
    state.csca = authority
    return state.new_signer(**changes)


@flaw(TIME, "document_usage_period")
def issued_after_the_key_was_in_use(mint: Mint) -> FlawedDocument:
    """Somebody uses a signer's key that should long be destroyed; its certificate lives on for years."""
    period = (mint.now - 400 * _DAY, mint.now - 300 * _DAY)
    signer = mint.state.new_signer(usage_period=period, not_before=mint.now - 400 * _DAY)
    return mint.shown(mint.card(signer=signer, groups={12: encode_dg12((mint.now - 10 * _DAY).date())}))


@flaw(TIME, "document_signer_expired")
def signer_that_has_expired(mint: Mint) -> FlawedDocument:
    """Its certificate ended yesterday."""
    return mint.resigned(signer=mint.state.new_signer(not_after=mint.now - _DAY))


@flaw(TIME, "document_chain")
def ca_that_had_expired_when_it_issued(mint: Mint) -> FlawedDocument:
    """A CA counts as of the day it issued the signer, not today, and that day it was none any more."""
    old = new_csca("UTO", now=mint.now, not_after=mint.now - 200 * _DAY)
    trust = TrustStore.from_certificates([old.certificate], provenance="synthetic")
    return replace(mint.resigned(signer=_signer_under(mint, old)), trust=trust)


@flaw(TIME, "document_expired")
def document_that_has_expired(mint: Mint) -> FlawedDocument:
    """Yesterday was its last day."""
    return mint.shown(mint.card(expires=mint.now.date() - _DAY))


def _with_france(mint: Mint, signer: Callable[[SyntheticState], Signer]) -> FlawedDocument:
    """Return a document of Utopia that a signer of France's signed, where both States are trusted."""
    france = SyntheticState("FRA", now=mint.now)
    return replace(mint.resigned(signer=signer(france)), trust=mint.state.trust_store() | france.trust_store())


@flaw(COUNTRY, "document_country")
def signed_by_another_state(mint: Mint) -> FlawedDocument:
    """Any State could forge any other's citizens."""
    return _with_france(mint, lambda france: france.signer)


@flaw(COUNTRY, "document_chain")
def signer_that_another_states_ca_made(mint: Mint) -> FlawedDocument:
    """It says that it is Utopia's; France's CA says so too."""
    return _with_france(mint, lambda france: france.new_signer(country="UT"))


@flaw(TYPE, "document_type")
def signer_for_passports(mint: Mint) -> FlawedDocument:
    """A card, signed by who may sign passports."""
    return mint.resigned(signer=mint.state.new_signer(document_types=("P",)))


@flaw(TYPE, "document_type")
def anchor_for_passports(mint: Mint) -> FlawedDocument:
    """A card, under a CA that an operator trusts for passports only."""
    anchor = replace(mint.state.trust_store().anchors[0], document_codes=frozenset({"P"}))
    return replace(mint.shown(mint.card()), trust=TrustStore.of([anchor]))


@flaw(REVOCATION, "document_revoked")
def revoked_signer(mint: Mint) -> FlawedDocument:
    """Its serial number is on the CA's list."""
    return _revoking(mint, mint.state.signer.profile.serial)


@flaw(REVOCATION, "document_revoked")
def revoked_signer_on_an_old_list(mint: Mint) -> FlawedDocument:
    """The list should have been replaced; what it revoked stays revoked."""
    return _revoking(mint, mint.state.signer.profile.serial, next_update=mint.now - timedelta(hours=1))


@flaw(REVOCATION, "document_revoked")
def revoked_ca(mint: Mint) -> FlawedDocument:
    """The CA revoked itself."""
    return _revoking(mint, mint.state.csca.profile.serial)


def _revoking(mint: Mint, serial: int, **form: Any) -> FlawedDocument:
    revoked = parse_revocation_list(mint_revocation_list(mint.state.csca, [serial], now=mint.now, **form))
    return mint.shown(mint.card(), trust=mint.state.trust_store().with_revocation_lists([revoked]))


@flaw(OTHER_SIGNERS, "document_signer_role")
def signed_by_who_signs_master_lists(mint: Mint) -> FlawedDocument:
    """Another job under the same CA."""
    return mint.resigned(signer=new_list_signer(mint.state.csca, now=mint.now))


@flaw(OTHER_SIGNERS, "document_signer_role")
def signed_by_the_ca(mint: Mint) -> FlawedDocument:
    """A CA signs certificates and no documents."""
    return mint.resigned(signer=mint.state.csca)


@flaw(OTHER_SIGNERS, "document_signer_role")
def signer_with_an_unknown_condition(mint: Mint) -> FlawedDocument:
    """A critical extension that nobody here understands."""
    return mint.resigned(signer=mint.state.new_signer(critical_extension="1.2.3.4"))


@flaw(ANCHORS, "document_chain")
def no_list_has_the_ca(mint: Mint) -> FlawedDocument:
    """Lists differ: who is on none of them is not trusted."""
    return mint.shown(mint.card(), trust=SyntheticState("FRA", now=mint.now).trust_store())


@flaw(ANCHORS, "document_chain")
def anchor_that_has_ended(mint: Mint) -> FlawedDocument:
    """An operator stopped trusting the CA an hour ago."""
    certificate = parse_certificate(mint.state.csca.certificate)
    ended = Anchor(certificate, "synthetic", until=mint.now - timedelta(hours=1))
    return mint.shown(mint.card(), trust=TrustStore.of([ended]))


@flaw(CURVE, "document_unsupported")
def curve_with_another_base_point(mint: Mint) -> FlawedDocument:
    """Prime, coefficients and order of P-256, and a base point of the forger's choice (CVE-2020-0601)."""
    return _on_curve(mint, base=new_key("ecdsa_p256").spki[-65:])


@flaw(CURVE, "document_unsupported")
def curve_with_other_coefficients(mint: Mint) -> FlawedDocument:
    """The prime and the base point of P-256, and another curve through it."""
    curve = next(each for each in CURVES if each.name == "secp256r1")
    a = (curve.a + 1) % curve.p
    b = (curve.b - curve.x) % curve.p  # the base point lies on this one too
    return _on_curve(mint, curve={"a": a.to_bytes(32, "big"), "b": b.to_bytes(32, "big")})


def _on_curve(mint: Mint, **changes: Any) -> FlawedDocument:
    """Return a document of a signer whose key the CA certified on a curve that is spelled out with changes."""
    curve = next(each for each in CURVES if each.name == "secp256r1")
    key = new_key(ecdsa_kind("secp256r1", "sha256", explicit=True))
    spki = encode_point(curve, key.spki[-65:], explicit=True, **changes)
    profile = mint.state.signer.profile
    certificate = mint_certificate(profile, spki, issuer=mint.state.csca)
    return mint.resigned(signer=Signer(key, profile, certificate))
