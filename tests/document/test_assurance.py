"""Levels of assurance."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bonafides.core.credential.slots import ASSURANCES
from bonafides.core.document import DocumentBundle, Level, VerifiedDocument, assess, verify_document
from bonafides.testing.state import SyntheticState
from tests.document.conftest import NOW


@pytest.fixture
def document(state: SyntheticState, card: DocumentBundle) -> VerifiedDocument:
    return verify_document(bundle=card, trust=state.trust_store(), at=NOW, rules=state.rules())


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


@pytest.mark.parametrize(
    ("genuine", "face", "person", "level", "missing"),
    [
        (False, False, False, Level.CHIP, ("cloning_not_excluded", "face_not_bound")),
        (False, True, False, Level.CHIP, ("cloning_not_excluded",)),
        (True, False, False, Level.CHIP_GENUINE, ("face_not_bound",)),
        (True, True, False, Level.CHIP_GENUINE_FACE, ()),
        (False, False, True, Level.IN_PERSON, ()),
        (True, True, True, Level.IN_PERSON, ()),
    ],
)
def test_level_and_reasons(
    document: VerifiedDocument, genuine: bool, face: bool, person: bool, level: Level, missing: tuple[str, ...]
) -> None:
    found = assess(replace(document, cloning_excluded=genuine), face_bound=face, in_person=person)
    assert found.level is level
    assert found.reasons == ("no_revocation_data", *missing)
