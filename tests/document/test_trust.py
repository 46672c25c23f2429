"""Document Signer to Country Signing CA: ICAO 9303-11, 5.1, and 9303-12, 5 and 7."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bonafides.core.document.certificate import UsagePeriod, parse_certificate
from bonafides.core.document.countries import ALPHA2, is_same_state
from bonafides.core.document.findings import Finding
from bonafides.core.document.limits import Limits
from bonafides.core.document.signer import VerifiedSigner, verify_signer
from bonafides.core.document.trust import Anchor, TrustStore
from bonafides.testing.state import Signer, SyntheticState, mint_certificate, new_csca
from tests.document.conftest import NOW
from tests.document.expect import malformed, not_genuine

DAY = timedelta(days=1)


def store(*authorities: Signer) -> TrustStore:
    return TrustStore.from_certificates([authority.certificate for authority in authorities], provenance="test")


def verify(signer: Signer, trust: TrustStore, **changes: Any) -> VerifiedSigner:
    arguments: dict[str, Any] = {
        "trust": trust,
        "issuing_state": "UTO",
        "document_code": "I",
        "issued_on": None,
        "at": NOW,
    } | changes
    return verify_signer(parse_certificate(signer.certificate), **arguments)


def signed_by(authority: Signer, **changes: Any) -> Signer:
    """A Document Signer of this CA."""
    state = SyntheticState("UTO", now=NOW)
    state.csca = authority
    return state.new_signer(**changes)


def test_good_chain(state: SyntheticState) -> None:
    verify(state.signer, state.trust_store())


@pytest.mark.parametrize("algorithm", ["ecdsa_p384", "ecdsa_p521", "rsa_pkcs1", "rsa_pss"])
def test_algorithms_of_certificates(algorithm: Any) -> None:
    state = SyntheticState("UTO", now=NOW, algorithm=algorithm)
    verify(state.signer, state.trust_store())


def test_empty_store_and_another_ca_of_the_same_name(state: SyntheticState) -> None:
    for trust in (store(), SyntheticState("UTO", now=NOW).trust_store()):
        with not_genuine("document_chain"):
            verify(state.signer, trust)


def test_every_ca_of_the_name_is_tried(state: SyntheticState) -> None:
    """A State re-keys under one name; only the signature tells which of its CAs issued."""
    others = [new_csca("UTO", now=NOW) for _ in range(5)]
    verify(state.signer, store(*others, state.csca))


def test_key_identifier_finds_a_renamed_ca(state: SyntheticState) -> None:
    renamed = mint_renamed(state.csca, common_name="UTO CSCA 2")
    verify(state.signer, TrustStore.from_certificates([renamed], provenance="test"))


def mint_renamed(authority: Signer, **changes: Any) -> bytes:
    """The same key in another certificate."""
    return mint_certificate(replace(authority.profile, **changes), authority.spki, issuer=authority)


def test_number_of_candidates_is_bounded(state: SyntheticState) -> None:
    with not_genuine("document_chain"):
        verify(state.signer, state.trust_store(), limits=Limits(anchors_tried=0))


def test_a_changed_certificate_has_no_chain(state: SyntheticState) -> None:
    der = state.signer.certificate
    start = der.index(b"UTO Document Signer")
    changed = der[:start] + b"UTX" + der[start + 3 :]
    with not_genuine("document_chain"):
        verify_signer(
            parse_certificate(changed),
            trust=state.trust_store(),
            issuing_state="UTO",
            document_code="I",
            issued_on=None,
            at=NOW,
        )


# --- validity: the signer's now, the CA's when it issued the signer


@pytest.mark.parametrize("changes", [{"not_after": NOW - DAY}, {"not_before": NOW + DAY}], ids=["expired", "early"])
def test_signer_must_be_valid(state: SyntheticState, changes: dict[str, Any]) -> None:
    with not_genuine("document_signer_expired"):
        verify(state.new_signer(**changes), state.trust_store())


def test_ca_may_have_expired_since(state: SyntheticState) -> None:
    """A CA signs for some years and its documents live for ten more."""
    authority = new_csca("UTO", now=NOW, not_after=NOW - 10 * DAY)
    verify(signed_by(authority), store(authority))


@pytest.mark.parametrize("changes", [{"not_after": NOW - 200 * DAY}, {"not_before": NOW - DAY}])
def test_ca_must_have_been_valid_when_it_issued(changes: dict[str, Any]) -> None:
    authority = new_csca("UTO", now=NOW, **changes)
    with not_genuine("document_chain"):
        verify(signed_by(authority), store(authority))


# --- who may sign what


@pytest.mark.parametrize(
    "changes",
    [
        {"is_ca": False},
        {"key_usage": frozenset({"crl_sign", "digital_signature"})},
        {"critical_extension": "1.2.3.4"},
    ],
)
def test_issuer_must_be_a_ca(changes: dict[str, Any]) -> None:
    authority = new_csca("UTO", now=NOW, **changes)
    with not_genuine("document_chain"):
        verify(signed_by(authority), store(authority))


@pytest.mark.parametrize("changes", [{"is_ca": None}, {"key_usage": None}])
def test_old_cas_that_do_not_say(changes: dict[str, Any]) -> None:
    authority = new_csca("UTO", now=NOW, **changes)
    verify(signed_by(authority), store(authority))


def test_ca_is_no_signer_of_documents(state: SyntheticState) -> None:
    with not_genuine("document_signer_role"):
        verify(state.csca, state.trust_store())


@pytest.mark.parametrize(
    "changes",
    [
        {"is_ca": True},
        {"key_usage": frozenset({"key_cert_sign"})},
        {"extended_key_usage": "2.23.136.1.1.3"},
        # Servers of the same authority have certificates of the same CA.
        {"extended_key_usage": "1.3.6.1.5.5.7.3.1"},
        {"critical_extension": "1.2.3.4"},
    ],
    ids=["ca", "usage", "master_list_signer", "server", "unknown_critical"],
)
def test_signers_for_something_else(state: SyntheticState, changes: dict[str, Any]) -> None:
    with not_genuine("document_signer_role"):
        verify(state.new_signer(**changes), state.trust_store())


def test_the_verified_signer_names_its_anchor(state: SyntheticState) -> None:
    assert verify(state.signer, state.trust_store()).findings == {Finding.NO_REVOCATION_DATA}
    assert verify(state.signer, state.trust_store()).anchor.certificate.der == state.csca.certificate


# --- types of documents


@pytest.mark.parametrize(
    ("types", "code", "allowed"),
    [
        (("P",), "P", True), (("P",), "PD", True), (("PD",), "PD", True), (("PD",), "P", False),
        (("P",), "I", False), (("ID", "P"), "ID", True), (("I<",), "IR", True), ((), "P", False),
    ],
)  # fmt: skip
def test_types_that_a_signer_may_sign(state: SyntheticState, types: tuple[str, ...], code: str, allowed: bool) -> None:
    signer = state.new_signer(document_types=types)
    if allowed:
        verify(signer, state.trust_store(), document_code=code)
    else:
        with not_genuine("document_type"):
            verify(signer, state.trust_store(), document_code=code)


def anchored(authority: Signer, **changes: Any) -> Anchor:
    return Anchor(parse_certificate(authority.certificate), "test", **changes)


def test_anchor_for_one_type_of_document(state: SyntheticState) -> None:
    """The passport CA does not sign cards: an operator who adds the card CA says so."""
    cards = TrustStore.of([anchored(state.csca, document_codes=frozenset({"I"}))])
    verify(state.signer, cards, document_code="ID")
    with not_genuine("document_type"):
        verify(state.signer, cards, document_code="P")
    passports = TrustStore.of([anchored(state.csca, document_codes=frozenset({"P"}))])
    for code in ("I", "P"):
        verify(state.signer, cards | passports, document_code=code)


# --- when the key was in use

PERIOD = (NOW - 90 * DAY, NOW - 30 * DAY)


@pytest.mark.parametrize(
    ("period", "days", "good"),
    [
        (PERIOD, -60, True), (PERIOD, -90, True), (PERIOD, -91, True), (PERIOD, -92, False),
        (PERIOD, -30, True), (PERIOD, -29, True), (PERIOD, -28, False),
        ((None, PERIOD[1]), -100, True), ((None, PERIOD[1]), -102, False), ((None, PERIOD[1]), -28, False),
        ((PERIOD[0], None), -1, True), ((PERIOD[0], None), -92, False),
    ],
)  # fmt: skip
def test_usage_period(
    state: SyntheticState, period: tuple[datetime | None, datetime | None], days: int, good: bool
) -> None:
    """A day of grace, since a document's day is a local one; an open end is the certificate's."""
    signer, issued_on = state.new_signer(usage_period=period), (NOW + days * DAY).date()
    if good:
        found = verify(signer, state.trust_store(), issued_on=issued_on)
        assert Finding.USAGE_PERIOD_UNCHECKED not in found.findings
    else:
        with not_genuine("document_usage_period"):
            verify(signer, state.trust_store(), issued_on=issued_on)


def test_usage_period_without_day_of_issue_is_a_finding(state: SyntheticState) -> None:
    signer = state.new_signer(usage_period=PERIOD)
    assert Finding.USAGE_PERIOD_UNCHECKED in verify(signer, state.trust_store()).findings
    plain = verify(state.signer, state.trust_store(), issued_on=(NOW - 999 * DAY).date())
    assert Finding.USAGE_PERIOD_UNCHECKED not in plain.findings


# --- country binding


def test_a_state_cannot_sign_for_another(state: SyntheticState) -> None:
    """Both are trusted; without this check any State could forge another's citizens."""
    france = SyntheticState("FRA", now=NOW)
    trust = state.trust_store() | france.trust_store()
    verify(france.signer, trust, issuing_state="FRA")
    with not_genuine("document_country"):
        verify(france.signer, trust)


def test_a_state_cannot_certify_another_states_signer(state: SyntheticState) -> None:
    france = SyntheticState("FRA", now=NOW)
    with not_genuine("document_chain"):
        verify(france.new_signer(country="UT"), state.trust_store() | france.trust_store())


def test_a_ca_of_the_same_name_in_another_country_is_another(state: SyntheticState) -> None:
    """Found by key identifier, and its signature holds, but it is not Utopia's."""
    foreign = mint_renamed(state.csca, country="FR")
    with not_genuine("document_chain"):
        verify(state.signer, TrustStore.from_certificates([foreign], provenance="test"))


def test_lower_case_countries(state: SyntheticState) -> None:
    authority = new_csca("UTO", now=NOW, country="ut")
    verify(signed_by(authority), store(authority))
    verify(state.new_signer(country="ut"), state.trust_store())


@pytest.mark.parametrize(
    ("alpha2", "alpha3", "same"),
    [
        ("DE", "DEU", True), ("de", "DEU", True), ("KS", "RKS", True), ("XK", "RKS", True), ("EU", "EUE", True),
        ("UN", "UNO", True), ("UN", "UNK", True), ("UT", "UTO", True), ("VN", "VNM", True), ("TW", "TWN", True),
        ("DE", "D", False), ("DE", "DNK", False), ("", "DEU", False), ("UT", "UNO", False), ("AT", "AUS", False),
        ("DEU", "DEU", False), ("D", "EDE", False),
    ],
)  # fmt: skip
def test_countries(alpha2: str, alpha3: str, same: bool) -> None:
    assert is_same_state(alpha2, alpha3) is same


def test_country_table_is_whole() -> None:
    """ISO 3166-1 has 249 entries; ICAO adds the European Union, Kosovo, Malta's order, United Nations and Utopia."""
    assert len(ALPHA2) == 249 + 7
    assert ALPHA2["RKS"] == "KS"


# --- the store


def test_store_does_not_change_and_has_one_version(state: SyntheticState) -> None:
    france = new_csca("FRA", now=NOW)
    one, other = store(state.csca, france, france), store(france, state.csca)
    assert one.version == other.version == (store(france) | store(state.csca)).version
    assert one.version != store(france).version != store().version
    assert len(one.anchors) == 2
    with pytest.raises(AttributeError):
        one.version = ""  # type: ignore[misc]


def test_store_keeps_where_an_anchor_came_from(state: SyntheticState) -> None:
    first = TrustStore.from_certificates([state.csca.certificate], provenance="handed over at the embassy")
    union = first | store(state.csca)
    assert [anchor.provenance for anchor in union.anchors] == ["handed over at the embassy"]


def test_trust_that_has_ended(state: SyntheticState) -> None:
    ended = TrustStore.of([anchored(state.csca, until=NOW)])
    verify(state.signer, ended, at=NOW - DAY)
    for at in (NOW, NOW + DAY):
        with not_genuine("document_chain"):
            verify(state.signer, ended, at=at)


def test_a_certificate_from_two_sources_is_trusted_while_one_holds(state: SyntheticState) -> None:
    both = TrustStore.of([anchored(state.csca, until=NOW - DAY), anchored(state.csca, until=NOW + DAY)])
    verify(state.signer, both)
    with not_genuine("document_chain"):
        verify(state.signer, both, at=NOW + 2 * DAY)


def test_version_names_scopes_and_ends(state: SyntheticState) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"until": NOW},
        {"until": NOW + DAY},
        {"document_codes": frozenset({"I"})},
        {"document_codes": frozenset({"I", "P"})},
        {"document_codes": frozenset()},
        {"vouched_by": "00"},
    ]
    stores = [TrustStore.of([anchored(state.csca, **change)]) for change in changes]
    assert len({each.version for each in stores}) == len(changes)


def test_looking_up_among_many(state: SyntheticState) -> None:
    """By name and by key identifier, whatever else is there; keys and names of other countries are not looked at."""
    many = [new_csca(code, now=NOW, serial=serial) for code in ("FRA", "UTO") for serial in range(20)]
    trust = store(*many, state.csca)
    found = trust.issuers_of(parse_certificate(state.signer.certificate), at=NOW)
    assert found[0].certificate.der == state.csca.certificate
    assert len(found) == 21
    assert trust.find(None, found[0].certificate.subject, found[0].certificate.subject_key_id) == []


def test_store_refuses_what_is_no_certificate() -> None:
    with malformed("document_certificate"):
        TrustStore.from_certificates([b"\x30\x00"], provenance="test")


def test_an_anchor_that_is_not_supported_is_told_apart(state: SyntheticState) -> None:
    with not_genuine("document_unsupported"):
        verify(state.signer, _with_odd_key(state.csca))
    both = _with_odd_key(state.csca) | state.trust_store()
    verify(state.signer, both)


def _with_odd_key(authority: Signer) -> TrustStore:
    """A store whose only anchor has the CA's names and a key on a curve that is not supported."""
    key = ec.generate_private_key(ec.SECP256K1()).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = mint_certificate(authority.profile, spki, issuer=authority)
    return TrustStore.from_certificates([der], provenance="test")


def test_the_last_day_that_there_is_ends_a_usage_period(state: SyntheticState) -> None:
    """RFC 5280, 4.1.2.5: 99991231235959Z says "no end"; a day more is no date."""
    certificate = parse_certificate(state.signer.certificate)
    ends = UsagePeriod(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    verify_signer(
        replace(certificate, usage_period=ends),
        trust=state.trust_store(),
        issuing_state="UTO",
        document_code="I",
        issued_on=NOW.date(),
        at=NOW,
    )


def test_no_document_is_issued_in_the_future(state: SyntheticState) -> None:
    verify(state.signer, state.trust_store(), issued_on=(NOW + DAY).date())
    with not_genuine("document_usage_period"):
        verify(state.signer, state.trust_store(), issued_on=(NOW + 2 * DAY).date())


def test_only_so_many_cas_of_a_name_are_tried(state: SyntheticState) -> None:
    """A signer that anybody can make must not cost a signature check for every key of a State."""
    others = [new_csca("UTO", now=NOW) for _ in range(4)]
    trust = store(*others, state.csca)
    # The CA that the key identifier names comes first.
    verify(state.signer, trust, limits=Limits(anchors_tried=1))
    nameless = replace(parse_certificate(state.signer.certificate), authority_key_id=None)
    arguments: dict[str, Any] = {"trust": trust, "issuing_state": "UTO", "document_code": "I", "issued_on": None}
    verify_signer(nameless, at=NOW, **arguments)
    tried = [anchor.certificate.der for anchor in trust.issuers_of(nameless, at=NOW)]
    position = tried.index(state.csca.certificate)
    if position:
        with not_genuine("document_chain"):
            verify_signer(nameless, at=NOW, limits=Limits(anchors_tried=position), **arguments)
