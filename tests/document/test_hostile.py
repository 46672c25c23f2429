"""Whatever bytes come: nothing but our own errors leaves a decoder or a check."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bonafides.core.document import DocumentBundle, parse_mrz, verify_document
from bonafides.core.document.active import verify_active_authentication
from bonafides.core.document.certificate import parse_certificate
from bonafides.core.document.dg11 import parse_dg11
from bonafides.core.document.lds import parse_dg1
from bonafides.core.document.public_key import parse_public_key
from bonafides.core.document.security_object import parse_security_object
from bonafides.core.document.signature import parse_signature_scheme
from bonafides.core.document.signer import verify_signer
from bonafides.core.document.sod import parse_sod, verify_sod
from bonafides.core.document.tlv import read_objects
from bonafides.core.document.trust import TrustStore
from bonafides.errors import Error, InputError, VerificationError
from bonafides.testing.state import SoftChip, SyntheticState, as_ber, encode_security_object
from tests.document.conftest import BIRTH, NOW

STATE = SyntheticState("UTO", now=NOW)
PSS_STATE = SyntheticState("UTO", now=NOW, algorithm="rsa_pss")
TRUST = STATE.trust_store()
NONCE = bytes(8)
CHIP, RSA_CHIP = SoftChip.new(), SoftChip.new("rsa_pkcs1")
CARD = CHIP.answer(STATE.issue_card(birth=BIRTH, dg11=True, groups=CHIP.groups), NONCE)
RULES = STATE.rules(dg11=True)
SODS = (CARD.sod, as_ber(CARD.sod), PSS_STATE.issue_card(birth=BIRTH).sod)


def verify(bundle: DocumentBundle) -> None:
    verify_document(bundle=bundle, trust=TRUST, at=NOW, rules=RULES, nonce=NONCE)


def check_certificate(data: bytes) -> None:
    """Read a certificate, and follow it as far as a document's signer is followed."""
    certificate = parse_certificate(data)
    with suppress(Error):
        parse_public_key(certificate.spki)
    verify_signer(certificate, trust=TRUST, issuing_state="UTO", document_code="I", issued_on=None, at=NOW)


def check_chip(data: bytes) -> None:
    """Verify a chip by groups that nobody signed, which are not far from an answer of either kind."""
    split = len(CHIP.groups[14]) if data[:1] == b"\x6e" else 0
    for chip in (CHIP, RSA_CHIP):
        with suppress(VerificationError):
            verify_active_authentication(
                dg14=data[:split] or None, dg15=data[split:], nonce=NONCE, signature=chip.sign(NONCE)
            )


DECODERS: dict[str, tuple[Callable[[bytes], object], tuple[bytes, ...]]] = {
    "mrz": (
        lambda data: parse_mrz(data.decode("latin-1"), reference=date(2026, 1, 1)),
        (parse_dg1(CARD.dg1).encode(),),
    ),
    "dg1": (parse_dg1, (CARD.dg1,)),
    "dg11": (parse_dg11, (CARD.dg11 or b"",)),
    "objects": (lambda data: list(read_objects(data)), (CARD.dg1,)),
    "security_object": (
        parse_security_object,
        (encode_security_object(CARD.groups), encode_security_object(CARD.groups, version=1)),
    ),
    "signature_scheme": (
        lambda data: parse_signature_scheme(data, digest="sha256"),
        (STATE.signer.algorithm.dump(), PSS_STATE.signer.algorithm.dump()),
    ),
    "public_key": (parse_public_key, (STATE.signer.spki, PSS_STATE.signer.spki)),
    "certificate": (check_certificate, (STATE.signer.certificate, PSS_STATE.signer.certificate)),
    "anchor": (
        lambda data: TrustStore.from_certificates([data], provenance="?"),
        (STATE.csca.certificate, PSS_STATE.csca.certificate),
    ),
    "sod_alone": (parse_sod, SODS),
    "sod": (lambda data: verify_sod(parse_sod(data)), SODS),
    "document_sod": (lambda data: verify(replace(CARD, sod=data)), SODS),
    "document_dg1": (lambda data: verify(replace(CARD, dg1=data)), (CARD.dg1,)),
    "document_dg11": (lambda data: verify(replace(CARD, dg11=data)), (CARD.dg11 or b"",)),
    "document_dg15": (lambda data: verify(replace(CARD, others=CHIP.groups | {15: data})), (CARD.others[15],)),
    "document_chip": (
        lambda data: verify(replace(CARD, active_authentication=data)),
        (CHIP.sign(NONCE), SoftChip.new(der=True).sign(NONCE)),
    ),
    "document_chip_groups": (check_chip, (CHIP.groups[14] + CHIP.groups[15], RSA_CHIP.groups[15])),
}
"""Name -> what reads foreign bytes, and good examples of them."""

# Those that may find well-formed bytes not genuine; the others are decoders and know malformed bytes only.
CHECKS = {"public_key", "signature_scheme", "certificate", "sod"}


def mutated(examples: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Good bytes with some changed, some cut out and some put in; also bytes out of nowhere."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> bytes:
        data = bytearray(draw(st.sampled_from(examples)))
        for _ in range(draw(st.integers(0, 4))):
            start = draw(st.integers(0, len(data)))
            length = draw(st.integers(0, 3))
            data[start : start + length] = draw(st.binary(max_size=3))
        return bytes(data)

    return draw_one() | st.binary(max_size=200)


@pytest.mark.parametrize("name", DECODERS)
def test_nothing_but_our_errors(name: str) -> None:
    decode, examples = DECODERS[name]
    allowed = Error if name in CHECKS or name.startswith("document") else InputError
    for example in examples[:1]:
        decode(example)

    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(mutated(examples))
    def run(data: bytes) -> None:
        with suppress(allowed):
            decode(data)

    run()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["AA", "AAA", "="]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sod", "dg1", "dg11", "dg15", "dg17", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, database=None)
@given(JSON)
def test_bundle_from_any_json(value: object) -> None:
    with suppress(InputError):
        DocumentBundle.from_json(value)


@pytest.mark.parametrize("depth", [10, 1000, 10000])
def test_deep_nesting_is_refused_without_harm(depth: int) -> None:
    """Indefinite lengths within indefinite lengths, where a parser might recurse."""
    for tag in (b"\x30\x80", b"\x24\x80", b"\xa0\x80", b"\x31\x80"):
        for decode in (parse_certificate, parse_security_object, parse_public_key):
            with pytest.raises(InputError):
                decode(tag * depth)
        with pytest.raises(InputError):
            parse_sod(b"\x77\x82" + (2 * depth).to_bytes(2, "big") + tag * depth)
