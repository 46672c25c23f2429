"""Flaws of what was read: groups put in and left out, and chips that are copies (ICAO 9303-11, 6)."""

from dataclasses import replace

from asn1crypto import keys

from bonafides.testing.state.chip import SoftChip
from bonafides.testing.state.flaws.case import BIRTH, NONCE, FlawedDocument, Mint, flaw
from bonafides.testing.state.groups import encode_dg11, encode_dg14, encode_dg15

GROUPS, ACTIVE, CHIP = "data_groups", "active_authentication", "chip_authentication"


@flaw(GROUPS, "document_injected_group")
def group_put_in(mint: Mint) -> FlawedDocument:
    """A number that the State never signed, in a group that it does not list."""
    return mint.shown(replace(mint.card(), dg11=encode_dg11("999999999999")))


@flaw(GROUPS, "document_hash")
def zone_of_another(mint: Mint) -> FlawedDocument:
    """Somebody else's zone under a genuine list of hashes."""
    return mint.shown(replace(mint.card(), dg1=mint.card().dg1))


@flaw(GROUPS, "document_groups_missing")
def chip_key_left_out(mint: Mint) -> FlawedDocument:
    """Whoever leaves data group 15 out hides that the chip is a copy."""
    card = mint.card()
    return mint.shown(replace(card, others={14: card.others[14]}, active_authentication=None))


@flaw(GROUPS, "document_groups_missing")
def chip_protocols_left_out(mint: Mint) -> FlawedDocument:
    """The same of data group 14."""
    card = mint.card()
    return mint.shown(replace(card, others={15: card.others[15]}))


@flaw(GROUPS, "document_groups_missing")
def both_left_out(mint: Mint) -> FlawedDocument:
    """A document as it would be with a chip that cannot do anything."""
    return mint.shown(replace(mint.card(), others={}, active_authentication=None))


@flaw(GROUPS, "document_hash")
def chip_key_of_another(mint: Mint) -> FlawedDocument:
    """A copy with a key of the forger's, which answers."""
    forged = SoftChip.new()
    return mint.shown(forged.answer(replace(mint.card(), others=forged.groups), NONCE))


@flaw(ACTIVE, "document_chip_missing")
def chip_that_does_not_answer(mint: Mint) -> FlawedDocument:
    """Everything was read from the chip, or from a file."""
    return mint.shown(replace(mint.card(), active_authentication=None))


@flaw(ACTIVE, "document_chip")
def answer_of_another_chip(mint: Mint) -> FlawedDocument:
    """A copy in a chip that has a key, but not this one."""
    return mint.shown(SoftChip.new().answer(mint.card(), NONCE))


@flaw(ACTIVE, "document_chip")
def answer_to_another_nonce(mint: Mint) -> FlawedDocument:
    """Replayed from when somebody had the card, or the nonce was another issuer's."""
    return mint.shown(mint.card(), nonce=bytes(8))


@flaw(ACTIVE, "document_chip")
def answer_that_was_changed(mint: Mint) -> FlawedDocument:
    """One bit of it."""
    card = mint.card()
    signature = card.active_authentication or b""
    return mint.shown(replace(card, active_authentication=signature[:-1] + bytes([signature[-1] ^ 1])))


@flaw(ACTIVE, "document_chip")
def answer_with_its_halves_swapped(mint: Mint) -> FlawedDocument:
    """s and r are not r and s."""
    card = mint.card()
    signature = card.active_authentication or b""
    return mint.shown(replace(card, active_authentication=signature[32:] + signature[:32]))


@flaw(ACTIVE, "document_chip")
def answer_of_zeros(mint: Mint) -> FlawedDocument:
    """r and s out of their range, which careless verifiers accept for anything."""
    return mint.shown(replace(mint.card(), active_authentication=bytes(64)))


@flaw(ACTIVE, "document_chip")
def answer_with_another_hash(mint: Mint) -> FlawedDocument:
    """Data group 14 says SHA-256."""
    weaker = replace(mint.chip.pair.kind, scheme=replace(mint.chip.pair.kind.scheme, digest="sha1"))
    return mint.shown(replace(mint.chip, pair=replace(mint.chip.pair, kind=weaker)).answer(mint.card(), NONCE))


@flaw(ACTIVE, "document_chip")
def recovery_of_a_signature_that_gives_back_nothing(mint: Mint) -> FlawedDocument:
    """An RSA chip whose answer is an ordinary signature over the nonce."""
    chip = SoftChip.new("rsa_pkcs1")
    card = mint.state.issue_card(birth=BIRTH, groups=chip.groups)
    return mint.shown(replace(card, active_authentication=chip.pair.sign(NONCE)))


@flaw(ACTIVE, "document_unsupported")
def chip_key_that_anybody_can_break(mint: Mint) -> FlawedDocument:
    """RSA of 512 bits, truly signed by the State."""
    public = keys.RSAPublicKey({"modulus": (1 << 512) - 1, "public_exponent": 3})
    dg15 = encode_dg15(keys.PublicKeyInfo.wrap(public, "rsa").dump())
    card = mint.state.issue_card(birth=BIRTH, groups={15: dg15})
    return mint.shown(replace(card, active_authentication=bytes(64)))


@flaw(CHIP, "document_chip")
def transcript_of_chip_authentication(mint: Mint) -> FlawedDocument:
    """What a reader says that it heard under session keys which it knows proves nothing to anybody else."""
    card = mint.state.issue_card(birth=BIRTH, groups={14: encode_dg14(chip_key=b"\x30\x00")})
    return mint.shown(replace(card, active_authentication=bytes(64)))
