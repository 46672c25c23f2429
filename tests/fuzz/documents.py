"""The decoders of chip documents as targets. Imported only where that package is there."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

from bonafides.core.document import DocumentBundle, parse_mrz, verify_document
from bonafides.core.document.certificate import parse_certificate
from bonafides.core.document.dg11 import parse_dg11
from bonafides.core.document.lds import parse_dg1
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.security_object import parse_security_object
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.core.document.signer import verify_signer
from bonafides.core.document.sod import parse_sod, verify_sod
from bonafides.core.document.trust import TrustStore
from bonafides.testing.state import SyntheticState, encode_group, encode_security_object
from tests.fuzz.targets import REFUSALS, MisshapenError, Target, require, text

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BIRTH = date(1990, 8, 6)


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
    return _state().issue_card(birth=BIRTH, dg11=True, groups={15: encode_group(15, b"key")})


@cache
def _passport() -> DocumentBundle:
    return _state().issue_card(birth=BIRTH, kind="td3")


@cache
def _seeds() -> Mapping[str, tuple[bytes, ...]]:
    """Good inputs by target; keys are random, so they are made once a run."""
    card, passport, state, pss = _card(), _passport(), _state(), _pss_state()
    bundles = tuple(json.dumps(bundle.to_json()).encode() for bundle in (card, passport))
    return {
        "bundle": (*bundles, b'{"sod": "AA", "dg1": "AA", "dg11": "", "dg15": "AAAA"}'),
        "mrz": tuple(parse_dg1(bundle.dg1).encode() for bundle in (card, passport)),
        "dg1": (card.dg1, passport.dg1),
        "dg11": (card.dg11 or b"",),
        "sod": (card.sod, passport.sod, pss.issue_card(birth=BIRTH).sod),
        "security_object": tuple(encode_security_object(card.groups, version=version) for version in (0, 1)),
        "certificate": (state.signer.certificate, state.csca.certificate, pss.signer.certificate),
        "public_key": (state.signer.spki, pss.signer.spki),
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


def _certificate(data: bytes) -> None:
    certificate = parse_certificate(data)
    with suppress(*REFUSALS):
        parse_public_key(certificate.spki)
    verify_signer(certificate, trust=_trust(), issuing_state="UTO", document_code="I", issued_on=None, at=NOW)


def _anchor(data: bytes) -> None:
    TrustStore.from_certificates([data], provenance="fuzz")


def _scheme(data: bytes) -> None:
    parse_signature_scheme(data, digest="sha256")
    parse_signature_scheme(data)


def _verify(bundle: DocumentBundle) -> None:
    verify_document(bundle=bundle, trust=_trust(), at=NOW, rules=_state().rules(dg11=True))


def _whole_sod(data: bytes) -> None:
    _verify(replace(_card(), sod=data))


def _whole_dg1(data: bytes) -> None:
    _verify(replace(_card(), dg1=data))
    require(data == _card().dg1, "a data group nobody signed")


def _whole_dg11(data: bytes) -> None:
    _verify(replace(_card(), dg11=data))
    require(data == _card().dg11, "a data group nobody signed")


def document_targets() -> list[Target]:
    """The targets of chip documents."""
    seeds = _seeds()
    return [
        Target("document.bundle", seeds["bundle"], _bundle, "text"),
        Target("document.mrz", seeds["mrz"], _mrz, "text"),
        Target("document.dg1", seeds["dg1"], parse_dg1),
        Target("document.dg11", seeds["dg11"], parse_dg11),
        Target("document.sod", seeds["sod"], _sod, dear=True),
        Target(
            "document.security_object",
            seeds["security_object"],
            parse_security_object,
        ),
        Target("document.certificate", seeds["certificate"], _certificate, dear=True),
        Target("document.anchor", seeds["certificate"], _anchor, dear=True),
        Target("document.public_key", seeds["public_key"], parse_public_key),
        Target("document.signature_scheme", seeds["scheme"], _scheme),
        Target("document.verify_sod", seeds["sod"], _whole_sod, dear=True),
        Target("document.verify_dg1", seeds["dg1"], _whole_dg1, dear=True),
        Target("document.verify_dg11", seeds["dg11"], _whole_dg11, dear=True),
    ]
