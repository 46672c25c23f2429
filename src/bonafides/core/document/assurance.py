"""From what a document check found to a level of assurance: a policy, and machine-readable reasons for its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bonafides.core.document.findings import Finding
from bonafides.core.document.level import Level
from bonafides.core.document.passive import VerifiedDocument
from bonafides.errors import PolicyError

CHIP_VERIFIED = "chip_verified"
CLONING_EXCLUDED, CLONING_NOT_EXCLUDED = "cloning_excluded", "cloning_not_excluded"
FACE_BOUND, FACE_NOT_BOUND = "face_bound", "face_not_bound"
OFFICER = "officer"

_CAPS = MappingProxyType({Finding.WEAK_HASH: Level.CHIP})


@dataclass(frozen=True, slots=True)
class Assessment:
    """A level, and the reasons for it: how far the proof went, then every finding, none of them about the person."""

    level: Level
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class AssurancePolicy:
    """What each finding does: it may cap the level that chip and face reach, or have the document refused.

    A finding that stands in neither does nothing but be told. An officer who saw document and person is above every
    cap, not above a refusal. By default a chain that rests on a hash without collision resistance reaches `chip`.
    """

    caps: Mapping[Finding, Level] = field(default_factory=lambda: dict(_CAPS))
    refused: frozenset[Finding] = frozenset()

    def __post_init__(self) -> None:
        """Keep the policy from changing."""
        object.__setattr__(self, "caps", MappingProxyType({Finding(k): Level(v) for k, v in self.caps.items()}))

    def __repr__(self) -> str:
        """Return the policy as settings spell it."""
        caps = ", ".join(f"{finding} = {level}" for finding, level in self.caps.items())
        return f"caps: {caps or 'none'}; refused: {', '.join(sorted(self.refused)) or 'none'}"

    def assess(self, document: VerifiedDocument, *, face_bound: bool, in_person: bool) -> Assessment:
        """Return the level that a verified document and the way it was shown reach.

        A face bound to data that may be a copy binds it to nothing: without cloning excluded it does not raise the
        level. Raises PolicyError `document_finding` if a finding is one that this policy refuses.
        """
        if self.refused & document.findings:
            raise PolicyError("the document has a weakness that this issuer does not accept", code="document_finding")
        face_bound = face_bound and document.cloning_excluded
        reached = {
            Level.IN_PERSON: in_person,
            Level.CHIP_GENUINE_FACE: face_bound,
            Level.CHIP_GENUINE: document.cloning_excluded,
            Level.CHIP: True,
        }
        level = next(level for level, holds in reached.items() if holds)
        if not in_person:
            level = min([level, *(cap for finding, cap in self.caps.items() if finding in document.findings)])
        reasons = (
            CHIP_VERIFIED,
            CLONING_EXCLUDED if document.cloning_excluded else CLONING_NOT_EXCLUDED,
            FACE_BOUND if face_bound else FACE_NOT_BOUND,
            *((OFFICER,) if in_person else ()),
            *sorted(document.findings),
        )
        return Assessment(level, reasons)
