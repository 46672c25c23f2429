"""Every pitfall of chip documents, minted: one flaw a document, its own reason for each."""

import pytest

from bonafides.core.document import Finding, verify_document
from bonafides.errors import Error, InputError, PolicyError, VerificationError
from bonafides.testing.state.flaws import FLAWS, Flaw, Mint
from tests.document.conftest import NOW


@pytest.fixture(scope="module")
def mint() -> Mint:
    return Mint(NOW)


def test_what_all_of_them_begin_with_is_good(mint: Mint) -> None:
    found = verify_document(**mint.shown(mint.card()).arguments)
    assert found.findings == {Finding.NO_REVOCATION_DATA}
    assert verify_document(**mint.resigned().arguments).cloning_excluded


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: f"{flaw.pitfall}-{flaw.name}")
def test_flaw(mint: Mint, flaw: Flaw) -> None:
    document = flaw.make(mint)
    with pytest.raises((InputError, VerificationError, PolicyError)) as refused:
        verify_document(**document.arguments)
    assert refused.value.code == flaw.code


def test_flaws_have_names_of_their_own() -> None:
    assert len({flaw.name for flaw in FLAWS}) == len(FLAWS) >= 50


PITFALLS = {
    1: "cms",
    2: "content_type",
    3: "signed_attributes",
    4: "ber",
    5: "security_object",
    6: "data_groups",
    7: "rsa_pss",
    8: "bare_algorithm",
    9: "signer_identifier",
    10: "chain",
    11: "time",
    12: "country",
    13: "document_type",
    14: "revocation",
    15: "other_signers",
    16: "anchors",
    17: "active_authentication",
    18: "chip_authentication",
    19: "curve",
}


def test_every_pitfall_is_there() -> None:
    assert {flaw.pitfall for flaw in FLAWS} == set(PITFALLS.values())


def test_errors_tell_nothing_of_the_person(mint: Mint) -> None:
    for flaw in FLAWS[:20]:
        with pytest.raises(Error) as refused:
            verify_document(**flaw.make(mint).arguments)
        for part in ("1990", "900806", "ERIKSSON", "b'"):
            assert part not in str(refused.value)
