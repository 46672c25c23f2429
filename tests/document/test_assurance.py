"""Levels of assurance, and the policy that turns findings into them."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bonafides.core.credential.slots import ASSURANCES
from bonafides.core.document import AssurancePolicy, DocumentBundle, Finding, Level, VerifiedDocument, verify_document
from bonafides.testing.state import SyntheticState
from tests.document.conftest import NOW
from tests.document.expect import not_allowed


@pytest.fixture
def document(state: SyntheticState, card: DocumentBundle) -> VerifiedDocument:
    found = verify_document(bundle=card, trust=state.trust_store(), at=NOW, rules=state.rules())
    return replace(found, findings=frozenset())


def test_levels_are_those_of_the_credential_and_ordered() -> None:
    assert tuple(Level) == ASSURANCES
    for lower, higher in pairwise(Level):
        assert lower < higher
        assert higher > lower
        assert lower <= higher
        assert higher >= lower
        assert not any((higher < lower, higher <= lower, lower > higher, lower >= higher))
    assert max(Level) is Level.IN_PERSON
    assert Level("chip") < "in_person"


NO_COPY, COPY = "cloning_excluded", "cloning_not_excluded"
FACE, NO_FACE = "face_bound", "face_not_bound"


@pytest.mark.parametrize(
    ("genuine", "face", "person", "level", "reasons"),
    [
        (False, False, False, Level.CHIP, (COPY, NO_FACE)),
        # A face bound to data that may be a copy binds it to nothing.
        (False, True, False, Level.CHIP, (COPY, NO_FACE)),
        (True, False, False, Level.CHIP_GENUINE, (NO_COPY, NO_FACE)),
        (True, True, False, Level.CHIP_GENUINE_FACE, (NO_COPY, FACE)),
        (False, False, True, Level.IN_PERSON, (COPY, NO_FACE, "officer")),
        (True, True, True, Level.IN_PERSON, (NO_COPY, FACE, "officer")),
    ],
)
def test_level_and_reasons(
    document: VerifiedDocument, genuine: bool, face: bool, person: bool, level: Level, reasons: tuple[str, ...]
) -> None:
    shown = replace(document, findings=frozenset(() if genuine else {Finding.CHIP_CANNOT_PROVE}))
    found = AssurancePolicy().assess(shown, face_bound=face, in_person=person)
    assert found.level is level
    assert found.reasons == ("chip_verified", *reasons, *(() if genuine else ("chip_cannot_prove",)))


@pytest.mark.parametrize("finding", Finding)
def test_every_finding_is_a_reason(document: VerifiedDocument, finding: Finding) -> None:
    shown = replace(document, findings=frozenset({finding}))
    assert finding.value in AssurancePolicy().assess(shown, face_bound=False, in_person=False).reasons


def test_a_weak_hash_reaches_no_more_than_chip_but_before_an_officer(document: VerifiedDocument) -> None:
    weak = replace(document, findings=frozenset({Finding.WEAK_HASH}))
    policy = AssurancePolicy()
    assert policy.assess(weak, face_bound=True, in_person=False).level is Level.CHIP
    assert policy.assess(weak, face_bound=True, in_person=True).level is Level.IN_PERSON
    assert AssurancePolicy(caps={}).assess(weak, face_bound=True, in_person=False).level is Level.CHIP_GENUINE_FACE


def test_the_lowest_cap_counts_and_none_raises(document: VerifiedDocument) -> None:
    policy = AssurancePolicy(
        caps={Finding.WEAK_CHIP_KEY: Level.CHIP_GENUINE_FACE, Finding.STALE_REVOCATION_DATA: Level.CHIP_GENUINE}
    )
    both = replace(document, findings=frozenset(policy.caps))
    assert policy.assess(both, face_bound=True, in_person=False).level is Level.CHIP_GENUINE
    copy = replace(both, findings=both.findings | {Finding.CHIP_AUTHENTICATION_ONLY})
    assert policy.assess(copy, face_bound=True, in_person=False).level is Level.CHIP


@pytest.mark.parametrize("person", [False, True])
def test_what_a_policy_refuses_no_officer_allows(document: VerifiedDocument, person: bool) -> None:
    policy = AssurancePolicy(refused=frozenset({Finding.NO_REVOCATION_DATA}))
    policy.assess(document, face_bound=False, in_person=person)
    unchecked = replace(document, findings=frozenset({Finding.NO_REVOCATION_DATA}))
    with not_allowed("document_finding"):
        policy.assess(unchecked, face_bound=False, in_person=person)


def test_a_policy_does_not_change() -> None:
    caps = {Finding.WEAK_HASH: Level.CHIP}
    policy = AssurancePolicy(caps=caps)
    caps.clear()
    assert policy.caps == {Finding.WEAK_HASH: Level.CHIP}
    with pytest.raises(TypeError):
        policy.caps[Finding.WEAK_HASH] = Level.IN_PERSON  # type: ignore[index]
