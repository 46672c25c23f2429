"""A State in one call: it signs passports and cards with genuine structures and keys that mean nothing.

    state = SyntheticState("UTO", now=now)
    bundle = state.issue_card(birth=date(1990, 8, 6), personal_number="001090012345")
    verify_document(bundle=bundle, trust=state.trust_store(), at=now, rules=state.rules())

Flawed documents are made of the same parts: `new_signer` changes a Document Signer's certificate, `build_sod` signs any
groups, `Signer.sign` anything. Nothing reads the clock. Keys are random, personal and document numbers are not.
"""

from bonafides.testing.state.certificates import (
    CertificateProfile,
    Signer,
    mint_certificate,
    new_csca,
    new_signer,
)
from bonafides.testing.state.chip import ChipDocument, SoftChip
from bonafides.testing.state.groups import (
    encode_com,
    encode_dg1,
    encode_dg2,
    encode_dg11,
    encode_dg12,
    encode_dg13,
    encode_dg14,
    encode_dg15,
    encode_group,
    encode_tlv,
)
from bonafides.testing.state.keys import KINDS, Algorithm, KeyKind, KeyPair, ecdsa_kind, new_key, pss_kind, rsa_kind
from bonafides.testing.state.lists import mint_link, mint_revocation_list, new_list_signer, sign_master_list
from bonafides.testing.state.sod import as_ber, build_sod, encode_security_object, sign_content, wrap_sod
from bonafides.testing.state.synthetic import SyntheticState
from bonafides.testing.state.zones import encode_td1, encode_td2, encode_td3

__all__ = [
    "KINDS",
    "Algorithm",
    "CertificateProfile",
    "ChipDocument",
    "KeyKind",
    "KeyPair",
    "Signer",
    "SoftChip",
    "SyntheticState",
    "as_ber",
    "build_sod",
    "ecdsa_kind",
    "encode_com",
    "encode_dg1",
    "encode_dg2",
    "encode_dg11",
    "encode_dg12",
    "encode_dg13",
    "encode_dg14",
    "encode_dg15",
    "encode_group",
    "encode_security_object",
    "encode_td1",
    "encode_td2",
    "encode_td3",
    "encode_tlv",
    "mint_certificate",
    "mint_link",
    "mint_revocation_list",
    "new_csca",
    "new_key",
    "new_list_signer",
    "new_signer",
    "pss_kind",
    "rsa_kind",
    "sign_content",
    "sign_master_list",
    "wrap_sod",
]
