"""The decoders of chip documents as targets. Imported only where that package is there."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from asn1crypto import pem

from bonafides.core.document import DocumentBundle, parse_mrz, verify_document
from bonafides.core.document.active import verify_active_authentication
from bonafides.core.document.certificate import parse_certificate
from bonafides.core.document.crl import RevocationList
from bonafides.core.document.description import describe
from bonafides.core.document.dg2 import read_portrait
from bonafides.core.document.dg11 import parse_dg11
from bonafides.core.document.dg12 import parse_dg12
from bonafides.core.document.dg13 import parse_dg13, parse_dg13_name
from bonafides.core.document.dg15 import parse_dg15
from bonafides.core.document.lds import parse_com, parse_dg1
from bonafides.core.document.limits import DEFAULT_LIMITS
from bonafides.core.document.links import vouch_for
from bonafides.core.document.master_list import MasterList, parse_master_list, verify_master_list
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.scan import scan
from bonafides.core.document.security_infos import parse_security_infos
from bonafides.core.document.security_object import parse_security_object
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.core.document.signer import verify_signer
from bonafides.core.document.sod import parse_sod, verify_sod
from bonafides.core.document.trust import TrustStore
from bonafides.core.document.trust_file import parse_trust_file
from bonafides.testing.state import (
    SoftChip,
    SyntheticState,
    as_ber,
    build_sod,
    ecdsa_kind,
    encode_com,
    encode_dg2,
    encode_dg12,
    encode_dg14,
    encode_group,
    encode_security_object,
    mint_revocation_list,
    new_csca,
    new_key,
    new_list_signer,
    new_signer,
    pss_kind,
    rsa_kind,
    sign_master_list,
)
from tests.fuzz.targets import REFUSALS, MisshapenError, Target, require, text

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BIRTH = date(1990, 8, 6)
NONCE = bytes(range(8))


@cache
def _state() -> SyntheticState:
    return SyntheticState("UTO", now=NOW)


@cache
def _pss_state() -> SyntheticState:
    return SyntheticState("UTO", now=NOW, algorithm="rsa_pss")


@cache
def _trust() -> TrustStore:
    return _state().trust_store()


@cache
def _card() -> DocumentBundle:
    return _state().issue_card(birth=BIRTH, dg11=True, groups=_chip().groups)


@cache
def _chip() -> SoftChip:
    return SoftChip.new()


@cache
def _rsa_chip() -> SoftChip:
    return SoftChip.new("rsa_pkcs1")


@cache
def _passport() -> DocumentBundle:
    return _state().issue_card(birth=BIRTH, kind="td3")


@cache
def _old_card() -> DocumentBundle:
    return _state().issue_card(birth=BIRTH, kind="td2")


@cache
def _vietnamese_card() -> DocumentBundle:
    state = SyntheticState("VNM", now=NOW)
    return state.issue_vietnamese_card(birth=BIRTH, fields={4: "Nam", 8: "Hà Nội"})


@cache
def _signed_files() -> Mapping[bytes, bytes]:
    """EF.SOD by all sorts of keys -> the content that was signed."""
    files = {}
    kinds = (
        ecdsa_kind("secp256r1", "sha1", explicit=True),
        ecdsa_kind("secp384r1", "sha384", bare=True),
        ecdsa_kind("brainpoolP224r1", "sha224", explicit=True),
        ecdsa_kind("brainpoolP320r1", "sha256", explicit=True),
        ecdsa_kind("brainpoolP512r1", "sha512", explicit=True),
        rsa_kind("sha256"),
        pss_kind("sha256"),
        pss_kind("sha512", mask="sha1", salt=0, pss_key="free"),
        pss_kind("sha384", salt=48, pss_key="bound"),
    )
    authority = new_csca("UTO", now=NOW)
    for number, kind in enumerate(kinds):
        signer = new_signer(replace(_state().signer.profile, serial=number + 1), kind, issuer=authority)
        groups, hashed = {1: encode_group(1, bytes([number])), 2: encode_group(2, b"")}, kind.scheme.digest
        form: dict[str, Any] = {"digest_name": hashed, "version": number % 2}
        sod = build_sod(groups, signer, by_key_id=number % 3 == 0, **form)
        files[as_ber(sod) if number % 4 == 1 else sod] = encode_security_object(groups, **form)
    return files


@cache
def _revoked() -> bytes:
    return mint_revocation_list(_state().csca, [1, 1000], now=NOW)


@cache
def _listed() -> bytes:
    signer = new_list_signer(_state().csca, now=NOW)
    return sign_master_list([_state().csca.certificate], signer, embedded=[_state().csca.certificate])


@cache
def _seeds() -> Mapping[str, tuple[bytes, ...]]:
    """Good inputs by target; keys are random, so they are made once a run."""
    card, passport, state, pss = _card(), _passport(), _state(), _pss_state()
    bundles = tuple(json.dumps(bundle.to_json()).encode() for bundle in (card, passport, _vietnamese_card()))
    return {
        "bundle": (*bundles, b'{"sod": "AA", "dg1": "AA", "dg11": "", "dg15": "AAAA"}'),
        "mrz": tuple(parse_dg1(bundle.dg1).encode() for bundle in (card, passport, _old_card())),
        "dg1": (card.dg1, passport.dg1, _old_card().dg1),
        "com": (encode_com((1, 2, 14)),),
        "dg2": (encode_dg2(), encode_dg2(modern=True)),
        "dg12": (encode_dg12(BIRTH), encode_dg12(BIRTH, binary=True)),
        "dg13": (_vietnamese_card().groups[13],),
        "dg14": (_chip().groups[14], encode_dg14(ecdsa_hash="sha256", chip_key=new_key("ecdsa_p256").spki)),
        "dg15": (_vietnamese_card().groups[15], _chip().groups[15], _rsa_chip().groups[15]),
        "signed": tuple(_signed_files()),
        "dg11": (card.dg11 or b"",),
        "chip": (_chip().sign(NONCE), SoftChip.new(der=True).sign(NONCE)),
        "recovered": (_rsa_chip().sign(NONCE),),
        "sod": (card.sod, passport.sod, pss.issue_card(birth=BIRTH).sod),
        "security_object": tuple(encode_security_object(card.groups, version=version) for version in (0, 1)),
        "certificate": (state.signer.certificate, state.csca.certificate, pss.signer.certificate),
        "public_key": (state.signer.spki, pss.signer.spki),
        "trust_file": (
            state.csca.certificate,
            pem.armor("CERTIFICATE", state.csca.certificate) * 2,
            _revoked(),
            _listed(),
        ),
        "scheme": (state.signer.algorithm.dump(), pss.signer.algorithm.dump()),
    }


def _bundle(data: bytes) -> None:
    try:
        value = json.loads(text(data))
    except (ValueError, RecursionError):
        raise MisshapenError from None
    bundle = DocumentBundle.from_json(value)
    require(bundle.to_json() == value, "a second spelling")


def _mrz(data: bytes) -> None:
    mrz = parse_mrz(text(data), reference=NOW.date())
    require(mrz.birth is None or mrz.birth <= NOW.date(), "born in the future")
    require(mrz.number not in repr(mrz) or len(mrz.number) < 3, "a number is shown")


def _sod(data: bytes) -> None:
    verify_sod(parse_sod(data))


def _signed(data: bytes) -> None:
    sod = parse_sod(data)
    verify_sod(sod)
    require(sod.signed.content in _signed_files().values(), "a content nobody signed")


def _scan(data: bytes) -> None:
    scan(data, max_bytes=DEFAULT_LIMITS.group_bytes, what="input", code="document_file")


def _dg13(data: bytes) -> None:
    found, name = parse_dg13(data), parse_dg13_name(data)
    shown = repr(found)
    require(all(part is None or str(part) not in shown for part in (found.number, found.birth)), "a number is shown")
    require(name != "", "an empty name")


def _certificate(data: bytes) -> None:
    certificate = parse_certificate(data)
    with suppress(*REFUSALS):
        parse_public_key(certificate.spki)
    verify_signer(certificate, trust=_trust(), issuing_state="UTO", document_code="I", issued_on=None, at=NOW)


def _anchor(data: bytes) -> None:
    TrustStore.from_certificates([data], provenance="fuzz")


def _trust_file(data: bytes) -> None:
    """What any file of an operator's goes through, up to words on a screen."""
    content = parse_trust_file(data)
    root = parse_certificate(_state().csca.certificate)
    if isinstance(content, MasterList):
        verify_master_list(content, root=root, at=NOW)
        require(content.signed.content == parse_master_list(_listed()).signed.content, "a list nobody signed")
    elif isinstance(content, RevocationList):
        _trust().with_revocation_lists([content])
        require(content.serials == frozenset({1, 1000}), "a list nobody signed")
    else:
        for each in content:
            require(describe(each).subject.isprintable(), "a name that moves the cursor")
        vouch_for(content, trust=_trust(), at=NOW)


def _scheme(data: bytes) -> None:
    parse_signature_scheme(data, digest="sha256")
    parse_signature_scheme(data)


def _verify(bundle: DocumentBundle) -> None:
    bundle = replace(bundle, active_authentication=_chip().sign(NONCE))
    verify_document(bundle=bundle, trust=_trust(), at=NOW, rules=_state().rules(dg11=True), nonce=NONCE)


def _whole_sod(data: bytes) -> None:
    _verify(replace(_card(), sod=data))


def _whole_dg1(data: bytes) -> None:
    _verify(replace(_card(), dg1=data))
    require(data == _card().dg1, "a data group nobody signed")


def _whole_dg11(data: bytes) -> None:
    _verify(replace(_card(), dg11=data))
    require(data == _card().dg11, "a data group nobody signed")


def _chip_signature(data: bytes) -> None:
    groups = _chip().groups
    verify_active_authentication(dg15=groups[15], dg14=groups[14], nonce=NONCE, signature=data)


def _recovered(data: bytes) -> None:
    verify_active_authentication(dg15=_rsa_chip().groups[15], dg14=None, nonce=NONCE, signature=data)
    require(data == _seeds()["recovered"][0], "a signature that no chip made")


def document_targets() -> list[Target]:
    """The targets of chip documents."""
    seeds = _seeds()
    return [
        Target("document.bundle", seeds["bundle"], _bundle, "text"),
        Target("document.mrz", seeds["mrz"], _mrz, "text"),
        Target("document.dg1", seeds["dg1"], parse_dg1),
        Target("document.dg11", seeds["dg11"], parse_dg11),
        Target("document.com", seeds["com"], parse_com),
        Target("document.scan", seeds["signed"] + seeds["dg2"], _scan),
        Target("document.dg2", seeds["dg2"], read_portrait),
        Target("document.dg12", seeds["dg12"], parse_dg12),
        Target("document.dg13", seeds["dg13"], _dg13),
        Target("document.security_infos", seeds["dg14"], parse_security_infos),
        Target("document.dg15", seeds["dg15"], parse_dg15),
        Target("document.signed", seeds["signed"], _signed, dear=True),
        Target("document.chip_signature", seeds["chip"], _chip_signature, dear=True),
        Target("document.chip_recovery", seeds["recovered"], _recovered, dear=True),
        Target("document.sod", seeds["sod"], _sod, dear=True),
        Target(
            "document.security_object",
            seeds["security_object"],
            parse_security_object,
        ),
        Target("document.certificate", seeds["certificate"], _certificate, dear=True),
        Target("document.anchor", seeds["certificate"], _anchor, dear=True),
        Target("document.trust_file", seeds["trust_file"], _trust_file, dear=True),
        Target("document.public_key", seeds["public_key"], parse_public_key),
        Target("document.signature_scheme", seeds["scheme"], _scheme),
        Target("document.verify_sod", seeds["sod"], _whole_sod, dear=True),
        Target("document.verify_dg1", seeds["dg1"], _whole_dg1, dear=True),
        Target("document.verify_dg11", seeds["dg11"], _whole_dg11, dear=True),
    ]
