"""Flaws of EF.SOD as signed data: what a signature does not cover, or covers otherwise than it seems (RFC 5652)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from asn1crypto import cms

from bonafides.core.document.signature import SignatureScheme, digest
from bonafides.testing.state.flaws.case import FlawedDocument, Mint, flaw
from bonafides.testing.state.groups import encode_dg2, encode_tlv
from bonafides.testing.state.keys import pss_kind
from bonafides.testing.state.lists import sign_master_list
from bonafides.testing.state.sod import as_ber, encode_security_object, sign_content, wrap_sod
from bonafides.testing.state.synthetic import SyntheticState
from bonafides.testing.state.tamper import Change, attributes_of, edit_sod, set_version

CMS, CONTENT, ATTRIBUTES, BER = "cms", "content_type", "signed_attributes", "ber"
OBJECT, PSS, BARE, SIGNER_ID = "security_object", "rsa_pss", "bare_algorithm", "signer_identifier"


@flaw(CMS, "document_sod_version")
def cms_version_2(mint: Mint) -> FlawedDocument:
    """The version is not signed."""
    return mint.with_sod(lambda sod: set_version(sod, 2))


@flaw(CMS, "document_sod_version")
def cms_version_4(mint: Mint) -> FlawedDocument:
    """Seen, like version 2, on documents whose signatures hold."""
    return mint.with_sod(lambda sod: set_version(sod, 4))


@flaw(CMS, "document_sod_signers")
def no_signer(mint: Mint) -> FlawedDocument:
    """Nobody signed."""

    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"] = []

    return mint.with_sod(lambda sod: edit_sod(sod, change))


@flaw(CMS, "document_sod_signers")
def two_signers(mint: Mint) -> FlawedDocument:
    """A genuine signer beside somebody else."""
    other = SyntheticState("UTO", now=mint.now).signer

    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"].append(sign_content(b"anything", other)["signer_infos"][0])

    return mint.with_sod(lambda sod: edit_sod(sod, change))


@flaw(CMS, "document_file")
def trailing_bytes(mint: Mint) -> FlawedDocument:
    """Room for what no signature covers, behind the file."""
    return mint.with_sod(lambda sod: sod + b"\0")


@flaw(CMS, "document_sod")
def trailing_bytes_inside(mint: Mint) -> FlawedDocument:
    """The same, inside the file and behind the message."""
    return mint.with_sod(lambda sod: encode_tlv(0x77, sod[4:] + b"\x05\x00"))


@flaw(CMS, "document_sod")
def digest_not_announced(mint: Mint) -> FlawedDocument:
    """The message announces one hash, its signer uses another."""

    def change(signed: cms.SignedData) -> None:
        signed["digest_algorithms"] = [{"algorithm": "sha512"}]

    return mint.with_sod(lambda sod: edit_sod(sod, change))


@flaw(CONTENT, "document_sod_content")
def plain_data(mint: Mint) -> FlawedDocument:
    """As China writes it, and nobody else may."""
    return mint.resigned(content_type="1.2.840.113549.1.7.1")


@flaw(CONTENT, "document_sod_content")
def card_security(mint: Mint) -> FlawedDocument:
    """EF.CardSecurity is signed under the same CA."""
    return mint.resigned(content_type="0.4.0.127.0.7.3.2.1")


@flaw(CONTENT, "document_sod_content")
def master_list(mint: Mint) -> FlawedDocument:
    """A master list of the same State in the place of EF.SOD."""
    listed = sign_master_list([mint.state.csca.certificate], mint.state.signer)
    return mint.with_sod(lambda _sod: encode_tlv(0x77, listed))


@flaw(ATTRIBUTES, "document_sod_attributes")
def no_signed_attributes(mint: Mint) -> FlawedDocument:
    """The signature covers the content itself, whose bytes may then be read as attributes."""
    card = mint.card()
    content = encode_security_object(mint.signed_groups(card))
    signed = sign_content(content, mint.state.signer)
    info = signed["signer_infos"][0]
    bare = {name: info[name] for name in ("version", "sid", "digest_algorithm", "signature_algorithm")}
    signed["signer_infos"] = [bare | {"signature": mint.state.signer.sign(content)}]
    return mint.with_sod(lambda _sod: wrap_sod(signed))


def _signed_again(mint: Mint, change: Change) -> FlawedDocument:
    return mint.with_sod(lambda sod: edit_sod(sod, change, signer=mint.state.signer))


@flaw(ATTRIBUTES, "document_sod_attributes")
def no_message_digest(mint: Mint) -> FlawedDocument:
    """Signed attributes that bind no content."""

    def change(signed: cms.SignedData) -> None:
        kept = [each for each in attributes_of(signed) if each["type"].native != "message_digest"]
        signed["signer_infos"][0]["signed_attrs"] = kept

    return _signed_again(mint, change)


@flaw(ATTRIBUTES, "document_signature")
def message_digest_of_something_else(mint: Mint) -> FlawedDocument:
    """The attributes are signed, and are about another content."""

    def change(signed: cms.SignedData) -> None:
        for attribute in attributes_of(signed):
            if attribute["type"].native == "message_digest":
                attribute["values"] = [digest("sha256", b"another content")]

    return _signed_again(mint, change)


@flaw(ATTRIBUTES, "document_signature")
def content_type_of_something_else(mint: Mint) -> FlawedDocument:
    """The attributes are signed, and are about another type of content."""

    def change(signed: cms.SignedData) -> None:
        for attribute in attributes_of(signed):
            if attribute["type"].native == "content_type":
                attribute["values"] = ["0.4.0.127.0.7.3.2.1"]

    return _signed_again(mint, change)


@flaw(ATTRIBUTES, "document_signature")
def attributes_signed_as_they_stand(mint: Mint) -> FlawedDocument:
    """What is signed is a SET, not the tagged value that stands in the message."""

    def change(signed: cms.SignedData) -> None:
        info = signed["signer_infos"][0]
        info["signature"] = mint.state.signer.sign(info["signed_attrs"].dump())

    return mint.with_sod(lambda sod: edit_sod(sod, change))


@flaw(BER, "document_signature")
def changed_in_a_piece(mint: Mint) -> FlawedDocument:
    """The content comes in pieces of indefinite length; in one of them the hash of a group is another."""
    hashed = digest("sha256", encode_dg2())
    return mint.with_sod(lambda sod: as_ber(sod).replace(hashed, hashed[::-1]))


@flaw(BER, "document_sod")
def never_ending(mint: Mint) -> FlawedDocument:
    """An indefinite length that nothing ends."""
    return mint.with_sod(lambda sod: encode_tlv(0x77, as_ber(sod)[4:-2]))


@flaw(OBJECT, "document_security_object")
def object_version_2(mint: Mint) -> FlawedDocument:
    """A version that does not exist, well signed."""
    return _with_object(mint, lambda content: content.replace(b"\x02\x01\x00", b"\x02\x01\x02", 1))


@flaw(OBJECT, "document_security_object")
def object_version_minus_1(mint: Mint) -> FlawedDocument:
    """Another that does not exist."""
    return _with_object(mint, lambda content: content.replace(b"\x02\x01\x00", b"\x02\x01\xff", 1))


@flaw(OBJECT, "document_security_object")
def object_version_1_without_versions(mint: Mint) -> FlawedDocument:
    """Version 1 says which LDS it is."""
    return _with_object(mint, lambda content: content.replace(b"\x02\x01\x00", b"\x02\x01\x01", 1))


def _with_object(mint: Mint, change: Callable[[bytes], bytes]) -> FlawedDocument:
    """Return a document over whose changed list of hashes the signature is genuine."""
    content = encode_security_object(mint.signed_groups(mint.card()))
    changed = change(content)
    if changed == content:
        raise ValueError("nothing was changed")
    return mint.with_sod(lambda _sod: wrap_sod(sign_content(changed, mint.state.signer)))


@flaw(OBJECT, "document_signature")
def digest_beside_the_signature(mint: Mint) -> FlawedDocument:
    """A weaker hash is slipped in beside the signature's (RFC 8933, 3)."""

    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}
        signed["digest_algorithms"] = [{"algorithm": "sha1"}]
        for attribute in attributes_of(signed):
            if attribute["type"].native == "message_digest":
                attribute["values"] = [digest("sha1", bytes(signed["encap_content_info"]["content"]))]

    return _signed_again(mint, change)


@flaw(PSS, "document_signature")
def pss_with_another_salt(mint: Mint) -> FlawedDocument:
    """The salt is longer than the parameters say."""
    return _pss(mint, SignatureScheme("rsa_pss", "sha256", mgf_digest="sha256", salt_bytes=20))


@flaw(PSS, "document_signature")
def pss_with_another_mask(mint: Mint) -> FlawedDocument:
    """The mask is of another hash than the parameters say."""
    return _pss(mint, SignatureScheme("rsa_pss", "sha256", mgf_digest="sha1", salt_bytes=32))


def _pss(mint: Mint, said: SignatureScheme) -> FlawedDocument:
    """Return a document signed with RSA-PSS whose parameters are said to be others."""
    other = Mint(mint.now, algorithm=pss_kind("sha256"))

    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["signature_algorithm"] = other.state.signer.using(said).algorithm

    return other.with_sod(lambda sod: edit_sod(sod, change))


@flaw(BARE, "document_signature")
def bare_algorithm_of_another_key(mint: Mint) -> FlawedDocument:
    """The signer names only a key's algorithm, and not that of its key."""

    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": "1.2.840.113549.1.1.1"}

    return mint.with_sod(lambda sod: edit_sod(sod, change))


@flaw(SIGNER_ID, "document_sod_signers")
def signer_of_zeros(mint: Mint) -> FlawedDocument:
    """A key identifier that is nobody's."""
    return mint.with_sod(lambda sod: edit_sod(sod, _named({"subject_key_identifier": bytes(32)})))


@flaw(SIGNER_ID, "document_sod_signers")
def signer_that_is_not_there(mint: Mint) -> FlawedDocument:
    """The serial number is that of a certificate which the message does not carry."""
    issuer = {"issuer": mint.state.csca.profile.name, "serial_number": 4711}
    return mint.with_sod(lambda sod: edit_sod(sod, _named({"issuer_and_serial_number": issuer})))


@flaw(SIGNER_ID, "document_signature")
def signer_under_anothers_certificate(mint: Mint) -> FlawedDocument:
    """The certificate is genuine, and the key that signed is not its key."""
    stranger = SyntheticState("UTO", now=mint.now).signer
    return mint.resigned(signer=replace(stranger, certificate=mint.state.signer.certificate))


def _named(choice: dict[str, Any]) -> Change:
    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["sid"] = cms.SignerIdentifier(choice)

    return change
