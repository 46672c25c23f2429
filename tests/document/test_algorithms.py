"""Every way of signing that States use (see ICAO 9303-12, 4.1.6), from the CA's key to the holder's number."""

from typing import Any

import pytest

from bonafides.core.document import DocumentBundle, Finding, verify_document
from bonafides.core.document.curve_table import CURVES
from bonafides.testing.state import (
    KeyKind,
    SyntheticState,
    as_ber,
    build_sod,
    ecdsa_kind,
    encode_group,
    new_csca,
    pss_kind,
    rsa_kind,
)
from tests.document.conftest import BIRTH, NOW, NUMBER
from tests.document.expect import not_genuine

SHA = ("sha1", "sha224", "sha256", "sha384", "sha512")
EXPLICIT = {curve.name: ecdsa_kind(curve.name, "sha256", explicit=True) for curve in CURVES if curve.bits >= 224}
KINDS: dict[str, KeyKind] = {
    **{f"{name}_explicit": kind for name, kind in EXPLICIT.items()},
    **{f"{curve.name}_named": ecdsa_kind(curve.name, "sha384") for curve in CURVES if curve.bits >= 224},
    **{f"ecdsa_{digest}": ecdsa_kind("brainpoolP384r1", digest, explicit=True) for digest in SHA},
    **{f"rsa_{digest}": rsa_kind(digest) for digest in SHA},
    **{f"pss_{digest}": pss_kind(digest, salt=20) for digest in SHA},
    "rsa_3072": rsa_kind("sha256", bits=3072),
    "rsa_exponent_3": rsa_kind("sha256", exponent=3),
    "pss_no_salt": pss_kind("sha256", salt=0),
    "pss_long_salt": pss_kind("sha512", salt=64),
    "pss_other_mask": pss_kind("sha256", mask="sha1", salt=32),
    "pss_key": pss_kind("sha256", pss_key="free"),
    "pss_key_bound": pss_kind("sha384", salt=48, pss_key="bound"),
    "rsa_bare": rsa_kind("sha256", bare=True),
    "ecdsa_bare": ecdsa_kind("secp256r1", "sha256", bare=True),
}


# State, the CA's key, the signer's key, hash of the data groups, and the form of EF.SOD: as in documents seen abroad.
ROWS: dict[str, tuple[str, KeyKind, KeyKind, str, dict[str, Any]]] = {
    "AT": ("AUT", ecdsa_kind("brainpoolP384r1", "sha384", explicit=True), EXPLICIT["brainpoolP256r1"], "sha256", {}),
    "AU": ("AUS", rsa_kind("sha256", bits=4096), rsa_kind("sha256"), "sha256", {}),
    "CN": ("CHN", rsa_kind("sha256"), rsa_kind("sha256"), "sha256", {"content_type": "1.2.840.113549.1.7.1"}),
    "DE": (
        "DEU",
        ecdsa_kind("brainpoolP512r1", "sha512", explicit=True),
        ecdsa_kind("brainpoolP384r1", "sha256", explicit=True),
        "sha384",
        {"version": 1},
    ),
    "FI": (
        "FIN",
        ecdsa_kind("brainpoolP512r1", "sha512", explicit=True),
        ecdsa_kind("brainpoolP512r1", "sha512", explicit=True),
        "sha512",
        {"version": 1},
    ),
    "FR": ("FRA", rsa_kind("sha256"), rsa_kind("sha256"), "sha256", {}),
    "GB_2011": ("GBR", rsa_kind("sha256"), pss_kind("sha256"), "sha256", {}),
    "GB_2021": (
        "GBR",
        ecdsa_kind("secp384r1", "sha384", explicit=True),
        EXPLICIT["secp256r1"],
        "sha256",
        {"version": 1},
    ),
    "ID": ("IDN", pss_kind("sha256"), pss_kind("sha256"), "sha256", {}),
    "SG": ("SGP", pss_kind("sha512", salt=64), pss_kind("sha256"), "sha256", {"version": 1}),
    "NZ": ("NZL", rsa_kind("sha256"), rsa_kind("sha256"), "sha256", {"ber": True}),
    "RU": (
        "RUS",
        ecdsa_kind("secp256r1", "sha1", explicit=True),
        ecdsa_kind("secp256r1", "sha1", explicit=True),
        "sha1",
        {},
    ),
    "US": ("USA", rsa_kind("sha256"), rsa_kind("sha256"), "sha256", {"by_key_id": True}),
    "old_French": ("FRA", rsa_kind("sha1"), rsa_kind("sha1"), "sha1", {"content_type": "1.3.27.1.1.1"}),
    "old_Belgian": ("BEL", rsa_kind("sha1"), rsa_kind("sha1"), "sha1", {"content_type": "1.3.27.1.1.1"}),
    "old_Dutch": ("NLD", rsa_kind("sha1"), rsa_kind("sha256"), "sha256", {"content_type": "1.2.528.1.1006.1.20.1"}),
}  # fmt: skip


def issue(state: SyntheticState, *, digest: str = "sha256", ber: bool = False, **form: Any) -> DocumentBundle:
    zone = state.issue_card(birth=BIRTH, personal_number=NUMBER)
    groups = {1: zone.dg1, 2: encode_group(2, b"portrait")}
    sod = build_sod(groups, state.signer, digest_name=digest, **form)
    return DocumentBundle(dg1=zone.dg1, sod=as_ber(sod) if ber else sod)


def check(state: SyntheticState, bundle: DocumentBundle) -> tuple[str, ...]:
    """Return what is weak about a document that must verify; another State's signature over it must not."""
    verified = verify_document(bundle=bundle, trust=state.trust_store(), at=NOW, rules=state.rules())
    assert verified.personal_number == NUMBER
    return tuple(str(each) for each in sorted(verified.findings - {Finding.CHIP_CANNOT_PROVE}))


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_key(name: str) -> None:
    """As the CA's and as the signer's; what was signed with it is bound to it."""
    kind = KINDS[name]
    state = SyntheticState("UTO", now=NOW, algorithm=kind)
    bundle = issue(state)
    assert ("weak_hash" in check(state, bundle)) == (kind.scheme.digest == "sha1")
    spoilt = bytearray(bundle.sod)
    spoilt[-4] ^= 1  # in the signature, which is last
    with not_genuine("document_signature"):
        check(state, DocumentBundle(dg1=bundle.dg1, sod=bytes(spoilt)))
    stranger = SyntheticState("UTO", now=NOW, algorithm="ecdsa_p256")
    with not_genuine("document_chain"):
        check(stranger, bundle)


@pytest.mark.parametrize("row", ROWS)
def test_documents_as_they_are_abroad(row: str) -> None:
    code, authority, signer, digest, form = ROWS[row]
    state = SyntheticState(code, now=NOW, algorithm=authority)
    state.algorithm = signer
    state.signer = state.new_signer()
    found = check(state, issue(state, digest=digest, **form))
    assert ("weak_hash" in found) == ("sha1" in {authority.scheme.digest, signer.scheme.digest, digest})


@pytest.mark.parametrize("curve", ["secp192r1", "brainpoolP192r1"])
def test_curves_too_small_for_a_signer(curve: str) -> None:
    state = SyntheticState("UTO", now=NOW, algorithm=ecdsa_kind(curve, "sha256", explicit=True))
    with not_genuine("document_unsupported"):
        check(state, issue(state))


def test_rsa_keys_too_small_for_a_signer() -> None:
    state = SyntheticState("UTO", now=NOW, algorithm=rsa_kind("sha256", bits=1024))
    with not_genuine("document_unsupported"):
        check(state, issue(state))


def test_a_ca_that_forges_its_curve() -> None:
    """Same key identifier, name and country as the trusted CA, but another key: nothing of it is trusted."""
    state = SyntheticState("UTO", now=NOW, algorithm=EXPLICIT["brainpoolP384r1"])
    forger = SyntheticState("UTO", now=NOW, algorithm=EXPLICIT["brainpoolP384r1"])
    forger.csca = new_csca("UTO", now=NOW, algorithm=EXPLICIT["brainpoolP384r1"])
    forger.signer = forger.new_signer()
    with not_genuine("document_chain"):
        check(state, issue(forger))
