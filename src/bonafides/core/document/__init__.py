"""Chip identity documents: what a wallet read from a passport or card, verified up to a State that is trusted.

Pure: the caller brings bytes, trust anchors and the time. Foreign bytes raise InputError, what is not genuine raises
VerificationError, what a rule forbids raises PolicyError; nothing else escapes.
"""

from bonafides.core.document.age import age_flags
from bonafides.core.document.assurance import Assessment, AssurancePolicy
from bonafides.core.document.bundle import DocumentBundle
from bonafides.core.document.face import FaceCheck, FaceResult, is_face_bound
from bonafides.core.document.findings import Finding
from bonafides.core.document.full_name import read_full_name
from bonafides.core.document.level import Level
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.mrz import Mrz, parse_mrz
from bonafides.core.document.passive import VerifiedDocument, verify_document
from bonafides.core.document.personal_number import NumberSource, PersonalNumberRule
from bonafides.core.document.trust import Anchor, TrustStore

__all__ = [
    "DEFAULT_LIMITS",
    "Anchor",
    "Assessment",
    "AssurancePolicy",
    "DocumentBundle",
    "FaceCheck",
    "FaceResult",
    "Finding",
    "Level",
    "Limits",
    "Mrz",
    "NumberSource",
    "PersonalNumberRule",
    "TrustStore",
    "VerifiedDocument",
    "age_flags",
    "is_face_bound",
    "parse_mrz",
    "read_full_name",
    "verify_document",
]
