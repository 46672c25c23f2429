"""Reading emulated chips of all kinds: what comes out is what the State put in."""

from datetime import timedelta
from secrets import token_bytes

import pytest

from bonafides.core.chip import Access, Password, Step, passwords_of, read_document
from bonafides.core.chip.ciphers import Cipher
from bonafides.core.chip.domain import DOMAINS
from bonafides.core.document import DocumentBundle, verify_document
from bonafides.errors import InputError
from bonafides.testing.passport import EmulatedPassport, PaceOffer, Traits
from bonafides.testing.state import Algorithm, SyntheticState, encode_group
from bonafides.testing.state.chip import SoftChip
from tests.chip.conftest import BIRTH, CAN, NOW, PORTRAIT, Open, assert_signed, read
from tests.document.expect import malformed, not_allowed, not_genuine

NONCE = bytes(range(8))


def test_bac(chip: Open, bundle: DocumentBundle) -> None:
    found = read(chip())
    assert found.bundle == bundle
    assert found.access == Access("BAC", "3DES", by_can=False)
    assert found.bundle.active_authentication is None
    assert not found.left_out


def test_what_was_read_is_genuine(chip: Open, state: SyntheticState) -> None:
    """From the chip to the issuer's verdict: the State's signature, and the chip's over the nonce."""
    bundle = read(chip(), nonce=NONCE).bundle
    trust, rules = state.trust_store(), state.rules(dg11=True)
    verify_document(bundle=bundle, trust=trust, at=NOW, rules=rules, nonce=NONCE)
    with not_genuine("document_chip"):
        verify_document(bundle=bundle, trust=trust, at=NOW, rules=rules, nonce=bytes(8))


@pytest.mark.parametrize("number", DOMAINS)
def test_pace_in_every_group(chip: Open, bundle: DocumentBundle, number: int) -> None:
    # Keys of 2048 bits (groups 1 and 2) need chips that take long commands.
    found = read(chip(pace=(PaceOffer(number),), answer_bytes=2000 if number in (1, 2) else 256), groups=())
    assert found.bundle.dg1 == bundle.dg1
    assert found.access == Access("PACE", f"{DOMAINS[number].name}, AES-128", by_can=False)


@pytest.mark.parametrize("number", [0, 13])
@pytest.mark.parametrize("cipher", Cipher)
def test_pace_with_every_cipher(chip: Open, bundle: DocumentBundle, number: int, cipher: Cipher) -> None:
    found = read(chip(pace=(PaceOffer(number, cipher),)))
    assert found.bundle == bundle
    assert found.access.details == f"{DOMAINS[number].name}, {cipher.label}"


def test_pace_with_the_card_access_number(chip: Open, bundle: DocumentBundle) -> None:
    found = read(chip(pace=(PaceOffer(12),)), password=Password.from_can(CAN))
    assert found.bundle == bundle
    assert found.access.by_can


def test_a_chip_that_demands_pace(chip: Open, bundle: DocumentBundle) -> None:
    assert read(chip(bac=False, pace=(PaceOffer(12),))).bundle == bundle


def test_the_strongest_offer_is_taken(chip: Open) -> None:
    """Several parameters for one protocol: the chip is told which (9303-11, 4.4.4.1, tag 84)."""
    offers = (
        PaceOffer(2, Cipher.AES_256),
        PaceOffer(12, Cipher.TRIPLE_DES),
        PaceOffer(12, Cipher.AES_128),
        PaceOffer(16, Cipher.AES_128),
        PaceOffer(13, Cipher.AES_128),
    )
    assert read(chip(pace=offers)).access.details == "brainpoolP384r1, AES-128"


def test_integrated_mapping_is_left_for_bac(chip: Open) -> None:
    assert read(chip(pace=(PaceOffer(12, mapping=4),))).access.protocol == "BAC"


def test_unknown_parameters_are_left_for_bac(chip: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PaceOffer, "protocol", PaceOffer(12).protocol)
    assert read(chip(pace=(PaceOffer(31), PaceOffer(32)))).access.protocol == "BAC"


def test_what_is_no_travel_document() -> None:
    """The sentence says so, and the refusal to give a challenge is not waited for."""
    with pytest.raises(InputError, match="is this a passport or identity card"):
        read_document(
            lambda command: b"\x6a\x82" if command[1] == 0xA4 else bytes(8) + b"\x90\x00",
            password=Password.from_can(CAN),
            randomness=token_bytes,
        )


def test_neither_pace_nor_bac(chip: Open) -> None:
    with malformed("chip_status"):
        read(chip(bac=False))


def test_a_chip_without_a_master_file_command(chip: Open, bundle: DocumentBundle) -> None:
    """Viet Nam's cards answer SELECT of the master file with 6D00."""
    assert read(chip(no_master_file=True)).bundle == bundle
    assert read(chip(no_master_file=True, pace=(PaceOffer(13),))).access.protocol == "PACE"


def test_viet_nams_card(state: SyntheticState) -> None:
    """Read with the last nine digits of the number; data group 13 comes along, fingerprints stay."""
    bundle = state.issue_vietnamese_card(birth=BIRTH, personal_number="001090012345")
    assert state.chip is not None
    sign = SoftChip(state.chip).sign
    passport = EmulatedPassport.of(bundle, sign=sign, traits=Traits(no_master_file=True, pace=(PaceOffer(12),)))
    expiry = (NOW + timedelta(days=3600)).date()
    password, _ = passwords_of(number="001090012345", birth=BIRTH, expiry=expiry)
    found = read(passport, password=password, nonce=NONCE, groups=(3, 11, 13))
    assert found.left_out == {3}
    assert found.bundle.groups == {number: data for number, data in bundle.groups.items() if number != 3}
    assert_signed(found.bundle, NONCE)


def test_a_chip_that_wakes_up_in_its_application(chip: Open) -> None:
    assert read(chip(application_first=True, pace=(PaceOffer(13),))).access.protocol == "PACE"


@pytest.mark.parametrize("pace", [(), (PaceOffer(13),)])
def test_wrong_zone(chip: Open, pace: tuple[PaceOffer, ...]) -> None:
    wrong = Password.from_fields(number="U00000000", birth="900806", expiry="361001")
    with not_genuine("chip_password"):
        read(chip(pace=pace), password=wrong)


def test_wrong_card_access_number(chip: Open) -> None:
    with not_genuine("chip_password"):
        read(chip(pace=(PaceOffer(13),)), password=Password.from_can("654321"))


def test_a_card_access_number_needs_pace(chip: Open) -> None:
    with not_allowed("chip_can"):
        read(chip(), password=Password.from_can(CAN))


def test_no_card_access_number_on_this_chip(bundle: DocumentBundle) -> None:
    passport = EmulatedPassport.of(bundle, traits=Traits(pace=(PaceOffer(13),)))
    with malformed("chip_status"):
        read(passport, password=Password.from_can(CAN))


def test_only_the_groups_asked_for(chip: Open) -> None:
    assert read(chip(), groups=()).bundle.groups.keys() == {1, 14, 15}
    assert read(chip(), groups=(2, 3, 12)).bundle.groups.keys() == {1, 2, 14, 15}
    assert read(chip(), groups=(2,)).bundle.groups[2] == PORTRAIT


def test_groups_that_the_chip_keeps_back(state: SyntheticState) -> None:
    bundle = state.issue_card(birth=BIRTH, groups={3: encode_group(3, b"fingers")})
    found = read(EmulatedPassport.of(bundle), groups=(3, 11))
    assert found.left_out == {3}
    assert found.bundle.groups.keys() == {1}


@pytest.mark.parametrize("number", [1, 14, 15])
def test_groups_that_must_not_be_missing(chip: Open, number: int) -> None:
    """Without 14 and 15 a chip's own key would be passed over in silence."""
    with pytest.raises(InputError, match=rf"refused to open DG{number} \(status 6982\)"):
        read(chip(held_back=frozenset({number})))


@pytest.mark.parametrize("number", [0, 17])
def test_groups_that_do_not_exist(chip: Open, number: int) -> None:
    with malformed("chip_groups"):
        read(chip(), groups=(number,))


@pytest.mark.parametrize("answer_bytes", [256, 1000, 4096, 65535])
@pytest.mark.parametrize("pace", [(), (PaceOffer(13, Cipher.AES_256),)])
def test_long_files(state: SyntheticState, answer_bytes: int, pace: tuple[PaceOffer, ...]) -> None:
    """Beyond 32 KiB the offset travels as a data object; with long answers it takes fewer commands."""
    portrait = encode_group(2, bytes(range(256)) * 300)
    bundle = state.issue_card(birth=BIRTH, groups={2: portrait})
    passport = EmulatedPassport.of(bundle, traits=Traits(answer_bytes=answer_bytes, pace=pace))
    count = 0

    def transmit(command: bytes) -> bytes:
        nonlocal count
        count += 1
        return passport.transmit(command)

    assert read(passport, transmit=transmit, groups=(2,)).bundle.groups[2] == portrait
    assert (count < 150) == (answer_bytes > 256)


def test_progress_is_told(chip: Open, bundle: DocumentBundle) -> None:
    steps: list[Step] = []
    read(chip(), nonce=NONCE, progress=steps.append)
    assert [step.what for i, step in enumerate(steps) if i == 0 or steps[i - 1].what != step.what] == [
        *("access", "EF.SOD", "DG1", "DG11", "DG14", "DG15", "signature"),
    ]
    assert Step("EF.SOD", len(bundle.sod), len(bundle.sod)) in steps


@pytest.mark.parametrize("answer_bytes", [256, 1000])
@pytest.mark.parametrize("kind", ["ecdsa_p256", "ecdsa_p521", "rsa_pkcs1"])
def test_the_chip_signs_the_nonce(state: SyntheticState, kind: Algorithm, answer_bytes: int) -> None:
    """An RSA signature of 2048 bits does not fit into a short answer: it is fetched in pieces."""
    key = SoftChip.new(kind)
    bundle = state.issue_card(birth=BIRTH, groups=key.groups)
    passport = EmulatedPassport.of(bundle, sign=key.sign, traits=Traits(answer_bytes=answer_bytes))
    assert_signed(read(passport, nonce=NONCE).bundle, NONCE)


def test_no_nonce_or_no_key_no_signature(chip: Open, state: SyntheticState) -> None:
    assert read(chip()).bundle.active_authentication is None
    plain = EmulatedPassport.of(state.issue_card(birth=BIRTH))
    assert read(plain, nonce=NONCE).bundle.active_authentication is None


@pytest.mark.parametrize("nonce", [b"", bytes(7), bytes(9)])
def test_a_nonce_has_eight_bytes(chip: Open, nonce: bytes) -> None:
    with malformed("chip_nonce"):
        read(chip(), nonce=nonce)


@pytest.mark.parametrize("signature", [b"", bytes(1025)])
def test_signatures_that_are_none(bundle: DocumentBundle, signature: bytes) -> None:
    passport = EmulatedPassport.of(bundle, sign=lambda _: signature, traits=Traits(answer_bytes=4096))
    with malformed("chip_response"):
        read(passport, nonce=NONCE)


def test_a_chip_that_does_not_sign(bundle: DocumentBundle, active_key: SoftChip) -> None:
    with malformed("chip_status"):
        read(EmulatedPassport.of(bundle), nonce=NONCE)


def test_nothing_personal_is_shown(chip: Open, bundle: DocumentBundle) -> None:
    shown = repr(read(chip(pace=(PaceOffer(13),)), nonce=NONCE))
    assert shown.startswith("ReadDocument(bundle=DocumentBundle")
    assert len(shown) < 250
