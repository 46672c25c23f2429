"""EF.SOD: ICAO 9303-10, 4.6.2, and RFC 5652. Each negative is one of those met in the wild."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, x509

from bonafides.core.document import DocumentBundle
from bonafides.core.document.limits import Limits
from bonafides.core.document.security_object import parse_security_object
from bonafides.core.document.sod import parse_sod, verify_sod
from bonafides.errors import InputError
from bonafides.testing.state import (
    SyntheticState,
    as_ber,
    build_sod,
    encode_group,
    encode_security_object,
    encode_tlv,
    sign_content,
    wrap_sod,
)
from bonafides.testing.state.tamper import attributes_of, edit_sod, set_version
from tests.document.conftest import NOW
from tests.document.expect import malformed, not_genuine

GROUPS = {1: encode_group(1, b"zone"), 2: encode_group(2, b"portrait")}


def refused(sod: bytes, code: str) -> None:
    with malformed(code):
        parse_sod(sod)


def unsigned(sod: bytes) -> None:
    parsed = parse_sod(sod)
    with not_genuine("document_signature"):
        verify_sod(parsed)


def test_good_sod(state: SyntheticState, card: DocumentBundle) -> None:
    sod = parse_sod(card.sod)
    assert verify_sod(sod).kind == "ecdsa"
    assert sod.signer.der == state.signer.certificate
    assert sod.security_object.group_hashes.keys() == {1, 2}
    shown = repr(sod)
    for hidden in (*sod.security_object.group_hashes.values(), sod.signed.message_digest, sod.signed.signature):
        assert repr(hidden)[2:-1] not in shown


def test_bsi_specimen(shared: Path) -> None:
    """Its groups match and its signature (Brainpool 224, SHA-1) holds, and is weak; its CA is nowhere to be had."""
    folder = shared / "bsi2008"
    sod = parse_sod((folder / "EF_SOD.bin").read_bytes())
    signed = sod.security_object.group_hashes
    assert sod.security_object.digest == "sha1"
    assert signed.keys() == {1, 2, 3, 14}
    for number, value in signed.items():
        assert sha1((folder / f"Datagroup{number}.bin").read_bytes()).digest() == value
    scheme = verify_sod(sod)
    assert (scheme.kind, scheme.digest, scheme.is_weak) == ("ecdsa", "sha1", True)
    with not_genuine("document_signature"):
        attributes = sod.signed.signed_attributes + b"\0"
        verify_sod(replace(sod, signed=replace(sod.signed, signed_attributes=attributes)))


# --- CMS


@pytest.mark.parametrize("version", [0, 1, 2, 4, 5])
def test_other_cms_versions_verify_elsewhere(card: DocumentBundle, version: int) -> None:
    """The version is not signed: seen as 2 and 4 on documents whose signatures hold."""
    refused(set_version(card.sod, version), "document_sod_version")


@pytest.mark.parametrize("tail", [b"\0", b"\x77\x00"])
def test_bytes_after_the_end(card: DocumentBundle, tail: bytes) -> None:
    refused(card.sod + tail, "document_file")


def test_bytes_after_the_message(card: DocumentBundle) -> None:
    message = card.sod[4:]
    verify_sod(parse_sod(encode_tlv(0x77, message)))
    refused(encode_tlv(0x77, message + b"\x05\x00"), "document_sod")
    refused(encode_tlv(0x6F, message), "document_file")


def test_no_signed_data() -> None:
    refused(encode_tlv(0x77, cms.ContentInfo({"content_type": "data", "content": b"x"}).dump()), "document_sod")


def test_exactly_one_signer(state: SyntheticState, card: DocumentBundle) -> None:
    def two(signed: cms.SignedData) -> None:
        signed["signer_infos"].append(sign_content(b"anything", state.signer)["signer_infos"][0])

    def none(signed: cms.SignedData) -> None:
        signed["signer_infos"] = []

    refused(edit_sod(card.sod, two), "document_sod_signers")
    refused(edit_sod(card.sod, none), "document_sod_signers")


@pytest.mark.parametrize("code", ["UTO", "CHN", "FRA", "BEL", "NLD"])
@pytest.mark.parametrize("content_type", ["1.2.840.113549.1.7.1", "1.3.27.1.1.1", "1.2.528.1.1006.1.20.1"])
def test_other_types_of_content_are_for_those_who_use_them(code: str, content_type: str) -> None:
    """Else what a CA's other signers sign could pass as a document's."""
    theirs = {
        ("CHN", "1.2.840.113549.1.7.1"), ("FRA", "1.3.27.1.1.1"), ("BEL", "1.3.27.1.1.1"),
        ("NLD", "1.2.528.1.1006.1.20.1"),
    }  # fmt: skip
    sod = build_sod(GROUPS, SyntheticState(code, now=NOW).signer, content_type=content_type)
    if (code, content_type) in theirs:
        assert parse_sod(sod).signed.content_type == content_type
    else:
        refused(sod, "document_sod_content")


def test_signed_attributes_are_mandatory(state: SyntheticState) -> None:
    """Without them the signature covers the content itself, whose first bytes may be read as attributes."""
    content = encode_security_object(GROUPS)
    signed = sign_content(content, state.signer)
    info = signed["signer_infos"][0]
    bare = {name: info[name] for name in ("version", "sid", "digest_algorithm", "signature_algorithm")}
    signed["signer_infos"] = [bare | {"signature": state.signer.sign(content)}]
    refused(wrap_sod(signed), "document_sod_attributes")


@pytest.mark.parametrize("kept", [0, 1])
def test_both_mandatory_attributes(state: SyntheticState, card: DocumentBundle, kept: int) -> None:
    def drop(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["signed_attrs"] = [attributes_of(signed)[kept]]

    refused(edit_sod(card.sod, drop, signer=state.signer), "document_sod_attributes")


def test_no_attribute_twice(state: SyntheticState, card: DocumentBundle) -> None:
    def repeat(signed: cms.SignedData) -> None:
        attributes_of(signed).append(cms.CMSAttribute({"type": "message_digest", "values": [b"\0" * 32]}))

    def two_values(signed: cms.SignedData) -> None:
        for attribute in attributes_of(signed):
            if attribute["type"].native == "message_digest":
                attribute["values"].append(core.OctetString(b"\0" * 32))

    refused(edit_sod(card.sod, repeat, signer=state.signer), "document_sod_attributes")
    refused(edit_sod(card.sod, two_values, signer=state.signer), "document_sod_attributes")


def test_number_of_attributes_is_bounded(card: DocumentBundle) -> None:
    with malformed("document_sod_attributes"):
        parse_sod(card.sod, limits=Limits(signed_attributes=1))


def test_message_digest_must_be_the_contents(state: SyntheticState, card: DocumentBundle) -> None:
    """The attributes of one document around the content of another: the signature itself still holds."""

    def exchange(signed: cms.SignedData) -> None:
        signed["encap_content_info"]["content"] = encode_security_object(GROUPS)

    unsigned(edit_sod(card.sod, exchange))


def test_content_type_attribute_must_be_the_contents(state: SyntheticState, card: DocumentBundle) -> None:
    """A signature given for another kind of message must not count for a document."""

    def relabel(signed: cms.SignedData) -> None:
        for attribute in attributes_of(signed):
            if attribute["type"].native == "content_type":
                attribute["values"] = ["2.23.136.1.1.2"]

    unsigned(edit_sod(card.sod, relabel, signer=state.signer))


@pytest.mark.parametrize(
    "content_type",
    ["2.23.136.1.1.2", "0.4.0.127.0.7.3.2.1", "1.2.840.113549.1.7.1", "1.3.27.1.1.1", "2.23.136.1.1.1.1"],
    ids=["master_list", "card_security", "data", "legacy", "longer"],
)
def test_only_a_security_object_may_be_wrapped(state: SyntheticState, content_type: str) -> None:
    signed = sign_content(encode_security_object(GROUPS), state.signer, content_type=content_type)
    refused(wrap_sod(signed), "document_sod_content")


def test_version_of_the_signer(card: DocumentBundle) -> None:
    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["version"] = "v2"

    refused(edit_sod(card.sod, change), "document_sod_version")


def test_digest_must_be_announced(card: DocumentBundle) -> None:
    def change(signed: cms.SignedData) -> None:
        signed["digest_algorithms"] = [{"algorithm": "sha512"}]

    refused(edit_sod(card.sod, change), "document_sod")


def test_digest_that_is_not_supported(card: DocumentBundle) -> None:
    def change(signed: cms.SignedData) -> None:
        signed["digest_algorithms"] = [{"algorithm": "md5"}]
        signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": "md5"}

    refused(edit_sod(card.sod, change), "document_unsupported")


def test_additional_members_are_refused(card: DocumentBundle) -> None:
    """The library that reads ASN.1 would let them pass."""
    message = cms.ContentInfo.load(card.sod[4:])
    grown = encode_tlv(0x30, message.contents + b"\x05\x00")
    refused(encode_tlv(0x77, grown), "document_sod")


def test_digest_and_signature_hash_must_agree(state: SyntheticState, card: DocumentBundle) -> None:
    """RFC 8933, 3: otherwise a weaker hash could be slipped in beside the signature's."""

    def weaken(signed: cms.SignedData) -> None:
        info = signed["signer_infos"][0]
        info["digest_algorithm"] = {"algorithm": "sha1"}
        signed["digest_algorithms"] = [{"algorithm": "sha1"}]
        for attribute in attributes_of(signed):
            if attribute["type"].native == "message_digest":
                attribute["values"] = [sha1(bytes(signed["encap_content_info"]["content"])).digest()]

    unsigned(edit_sod(card.sod, weaken, signer=state.signer))


def test_signature_covers_the_attributes(card: DocumentBundle) -> None:
    def add(signed: cms.SignedData) -> None:
        now = cms.Time({"utc_time": x509.UTCTime("261123120000Z")})
        attributes_of(signed).append(cms.CMSAttribute({"type": "signing_time", "values": [now]}))

    unsigned(edit_sod(card.sod, add))


def test_other_attributes_are_let_be(state: SyntheticState, card: DocumentBundle) -> None:
    def add(signed: cms.SignedData) -> None:
        now = cms.Time({"utc_time": x509.UTCTime("261123120000Z")})
        attributes_of(signed).append(cms.CMSAttribute({"type": "signing_time", "values": [now]}))

    verify_sod(parse_sod(edit_sod(card.sod, add, signer=state.signer)))


def test_ber_with_indefinite_lengths(card: DocumentBundle) -> None:
    """Chips carry it; the content's octets are hashed, not a re-encoding."""
    ber = as_ber(card.sod)
    assert ber.count(b"\x80") >= 5
    sod = parse_sod(ber)
    assert sod.signed.content == parse_sod(card.sod).signed.content
    verify_sod(sod)


# --- signer


@pytest.mark.parametrize("algorithm", ["ecdsa", "rsa"])
def test_bare_key_algorithm_in_the_signer(algorithm: str, state: SyntheticState, rsa_state: SyntheticState) -> None:
    chosen = state if algorithm == "ecdsa" else rsa_state
    oid = "1.2.840.10045.2.1" if algorithm == "ecdsa" else "1.2.840.113549.1.1.1"

    def bare(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": oid}

    sod = parse_sod(edit_sod(build_sod(GROUPS, chosen.signer), bare))
    assert verify_sod(sod).digest == "sha256"


@pytest.fixture(scope="module")
def rsa_state(state: SyntheticState) -> SyntheticState:
    return SyntheticState("UTO", now=state.now, algorithm="rsa_pkcs1")


def set_sid(choice: str, value: object) -> Callable[[cms.SignedData], None]:
    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["sid"] = cms.SignerIdentifier({choice: value})

    return change


def test_signer_by_key_identifier(state: SyntheticState, card: DocumentBundle) -> None:
    key_id = parse_sod(card.sod).signer.subject_key_id
    sod = parse_sod(edit_sod(card.sod, set_sid("subject_key_identifier", key_id)))
    assert sod.signer.der == state.signer.certificate
    verify_sod(sod)


def test_signer_by_a_key_identifier_of_zeros(card: DocumentBundle) -> None:
    refused(edit_sod(card.sod, set_sid("subject_key_identifier", bytes(32))), "document_sod_signers")


def issuer_and_serial(issuer: x509.Name, serial: int) -> dict[str, Any]:
    return {"issuer": issuer, "serial_number": serial}


def test_signer_by_an_issuer_encoded_otherwise(state: SyntheticState, card: DocumentBundle) -> None:
    """Seen on documents of Malaysia: the same name in another string type."""
    profile = state.csca.profile
    parts = [
        ("country_name", x509.DirectoryString(name="printable_string", value=core.PrintableString(profile.country))),
        ("common_name", x509.DirectoryString(name="bmp_string", value=core.BMPString(profile.common_name.upper()))),
    ]
    relative = [x509.RelativeDistinguishedName([x509.NameTypeAndValue({"type": t, "value": v})]) for t, v in parts]
    issuer = x509.Name(name="", value=x509.RDNSequence(relative))
    assert issuer.dump() not in card.sod
    change = set_sid("issuer_and_serial_number", issuer_and_serial(issuer, state.signer.profile.serial))
    verify_sod(parse_sod(edit_sod(card.sod, change)))


def test_signer_whose_certificate_is_not_there(state: SyntheticState, card: DocumentBundle) -> None:
    issuer = state.csca.profile.name
    other = set_sid("issuer_and_serial_number", issuer_and_serial(issuer, state.signer.profile.serial + 1))
    refused(edit_sod(card.sod, other), "document_sod_signers")
    stranger = set_sid("issuer_and_serial_number", issuer_and_serial(state.signer.profile.name, 1000))
    refused(edit_sod(card.sod, stranger), "document_sod_signers")

    def strip(signed: cms.SignedData) -> None:
        signed["certificates"] = []

    refused(edit_sod(card.sod, strip), "document_sod_signers")


def test_signer_that_two_certificates_claim_to_be(state: SyntheticState, card: DocumentBundle) -> None:
    twin = state.new_signer()

    def add(signed: cms.SignedData) -> None:
        certificate = x509.Certificate.load(twin.certificate)
        signed["certificates"].append(cms.CertificateChoices({"certificate": certificate}))

    refused(edit_sod(card.sod, add), "document_sod_signers")


def test_number_of_certificates_is_bounded(state: SyntheticState, card: DocumentBundle) -> None:
    def add(signed: cms.SignedData) -> None:
        certificate = x509.Certificate.load(state.csca.certificate)
        signed["certificates"].append(cms.CertificateChoices({"certificate": certificate}))

    sod = edit_sod(card.sod, add)
    verify_sod(parse_sod(sod))
    with malformed("document_sod_signers"):
        parse_sod(sod, limits=Limits(certificates=1))


def test_size_is_bounded(card: DocumentBundle) -> None:
    with pytest.raises(InputError, match="longer than 100 bytes"):
        parse_sod(card.sod, limits=Limits(sod_bytes=100))


# --- LDS security object, ICAO 9303-10, 4.6.2.3


@pytest.mark.parametrize("version", [0, 1])
def test_both_versions(state: SyntheticState, version: int) -> None:
    sod = parse_sod(build_sod(GROUPS, state.signer, version=version))
    assert sod.security_object.version == version
    verify_sod(sod)


@pytest.mark.parametrize("digest_name", ["sha1", "sha224", "sha384", "sha512"])
def test_groups_may_be_hashed_otherwise_than_signed(state: SyntheticState, digest_name: str) -> None:
    """Germany: SHA-384 for the groups, SHA-512 for the signature."""
    sod = parse_sod(build_sod(GROUPS, state.signer, digest_name=digest_name))
    assert (sod.signed.digest, sod.security_object.digest) == ("sha256", digest_name)
    verify_sod(sod)


def security_object(
    *hashes: tuple[int, bytes], version: int = 0, oid: str = "2.16.840.1.101.3.4.2.1", tail: bytes = b""
) -> bytes:
    def sequence(content: bytes) -> bytes:
        return encode_tlv(0x30, content)

    entries = b"".join(sequence(core.Integer(n).dump() + core.OctetString(value).dump()) for n, value in hashes)
    algorithm = sequence(core.ObjectIdentifier(oid).dump())
    return sequence(core.Integer(version).dump() + algorithm + sequence(entries) + tail)


VERSION_INFO = encode_tlv(0x30, core.PrintableString("0108").dump() + core.PrintableString("040000").dump())
TWO = ((1, b"a" * 32), (2, b"b" * 32))


def test_good_security_objects() -> None:
    assert parse_security_object(security_object(*TWO)).group_hashes == {1: b"a" * 32, 2: b"b" * 32}
    assert parse_security_object(security_object(*TWO, version=1, tail=VERSION_INFO)).version == 1
    assert "aaaa" not in repr(parse_security_object(security_object(*TWO)))


@pytest.mark.parametrize(
    "data",
    [
        security_object(*TWO, version=-1),
        security_object(*TWO, version=2, tail=VERSION_INFO),
        security_object(*TWO, version=0, tail=VERSION_INFO),
        security_object(*TWO, version=1),
        security_object(*TWO, version=1, tail=VERSION_INFO * 2),
        security_object(*TWO, version=1, tail=encode_tlv(0x30, b"")),
        security_object(*TWO) + b"\0",
        security_object((1, b"a" * 32)),
        security_object((2, b"a" * 32), (3, b"a" * 32)),
        security_object(*TWO, (17, b"a" * 32)),
        security_object(*TWO, (0, b"a" * 32)),
        security_object(*TWO, (1, b"a" * 32)),
        security_object(*TWO, (3, b"a" * 20)),
        security_object(),
        b"",
        b"\x04\x00",
    ],
)
def test_what_is_no_security_object(data: bytes) -> None:
    with malformed("document_security_object"):
        parse_security_object(data)


def test_hash_that_is_not_supported() -> None:
    with malformed("document_unsupported"):
        parse_security_object(security_object((1, b"a" * 16), (2, b"b" * 16), oid="1.2.840.113549.2.5"))
