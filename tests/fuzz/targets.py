"""Everything in the core that takes foreign bytes, as one list: name, good inputs, and a call that nothing escapes.

A call returns for bytes that are refused with one of our errors, and for bytes that may be accepted. It raises
`FindingError` when something is accepted that must not be (a changed proof, a second spelling), and lets every other
exception through: both are findings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

from bonafides.core import base64url, bbs, cbor
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs import blind, keys
from bonafides.core.bbs.ciphersuite import SHA256, blind_interface, pseudonym_interface
from bonafides.core.bbs.proof import decode_proof
from bonafides.core.bbs.pseudonym import decode_pseudonym
from bonafides.core.bbs.signature import decode_signature
from bonafides.core.credential import device, slots
from bonafides.core.credential.commitment import verify_commitment
from bonafides.core.credential.context import Context, check_detail, pseudonym_key
from bonafides.core.credential.epoch import epoch_of, monday_of, shift, weeks_between
from bonafides.core.credential.header import decode_header
from bonafides.core.credential.issuance import decode_credential, open_issued
from bonafides.core.credential.kit import open_kit
from bonafides.core.credential.presentation import (
    Expectation,
    check_challenge,
    decode_presentation,
    verify_presentation,
)
from bonafides.core.credential.relying_party import (
    check_id,
    client_id_of,
    origin_of,
    relying_party_id,
    require_same_origin,
)
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.station_link import MAX_LINK, StationLink, parse_station_link
from bonafides.errors import Error, InputError, PolicyError, VerificationError
from tests.core.bbs.vectors import mocked
from tests.fuzz.mutate import Shape
from tests.vectors import fixed, names, proofs, wallet

REFUSALS = (InputError, VerificationError, PolicyError)
"""What may leave the core over foreign bytes."""


STATION_LINKS = tuple(
    StationLink(issuer_id, session, bytes(range(8))).text.encode()
    for issuer_id, session in (("id.example", "A" * 171), ("id.example:8443", "AbC-_9"))
)


class FindingError(AssertionError):
    """Something was accepted that must not be."""


@dataclass(frozen=True)
class Target:
    """One function that takes foreign bytes. `dear` ones often reach the curve: hundreds of microseconds an input."""

    name: str
    seeds: tuple[bytes, ...]
    attempt: Callable[[bytes], object]
    shape: Shape = "octets"
    dear: bool = False

    def run(self, data: bytes) -> bool:
        """Return whether the input was accepted; raise on a finding."""
        try:
            self.attempt(data)
        except REFUSALS:
            return False
        return True


def require(condition: bool, what: str) -> None:
    """Raise a finding unless the condition holds."""
    if not condition:
        raise FindingError(what)


def text(data: bytes) -> str:
    """Foreign text: lone surrogates may come out, as they may of JSON."""
    return data.decode("utf-8", "surrogateescape")


class MisshapenError(InputError):
    """These bytes spell no call of the function at all."""


def fields(data: bytes, *types: type) -> list[cbor.Value]:
    """The arguments of a call, spelled as one CBOR array; refused where a caller would pass other types."""
    value = cbor.decode(data)
    if not isinstance(value, list) or len(value) != len(types):
        raise MisshapenError
    for item, kind in zip(value, types, strict=True):
        if not isinstance(item, kind) or (isinstance(item, bool) and kind is int):
            raise MisshapenError
    return value


def octets(value: cbor.Value) -> bytes:
    """This argument as bytes."""
    if not isinstance(value, bytes):
        raise MisshapenError
    return value


def number(value: cbor.Value) -> int:
    """This argument as an integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise MisshapenError
    return value


def octet_list(value: cbor.Value) -> list[bytes]:
    """This argument as a list of byte strings."""
    if not isinstance(value, list):
        raise MisshapenError
    return [octets(item) for item in value]


def index_list(value: cbor.Value) -> list[int]:
    """This argument as a list of integers."""
    if not isinstance(value, list):
        raise MisshapenError
    return [number(item) for item in value]


def count_accepted(attempts: Sequence[Callable[[], object]]) -> int:
    """How many of these calls accept; the last refusal where none does."""
    refusal: Error = MisshapenError()
    accepted = 0
    for attempt in attempts:
        try:
            attempt()
        except REFUSALS as error:
            refusal = error
        else:
            accepted += 1
    if not accepted:
        raise refusal
    return accepted


# Encodings


def _cbor(data: bytes) -> None:
    require(cbor.encode(cbor.decode(data)) == data, "a second spelling")


def _base64url(data: bytes) -> None:
    decoded = base64url.decode(text(data), max_bytes=300)
    require(base64url.encode(decoded).encode() == data, "a second spelling")


def _g1(data: bytes) -> None:
    require(curve.encode_g1(curve.decode_g1(data)) == data, "a second spelling")
    decode_pseudonym(data)


def _g2(data: bytes) -> None:
    require(curve.encode_g2(curve.decode_g2(data)) == data, "a second spelling")


def _public_key(data: bytes) -> None:
    keys.decode_public_key.__wrapped__(data)


def _scalar(data: bytes) -> None:
    require(curve.encode_scalar(curve.decode_scalar(data)) == data, "a second spelling")
    HolderSecret.decode(data)


# Names and times


def _relying_party(data: bytes) -> None:
    for developer in (True, False):
        rp_id = relying_party_id(text(data), developer=developer)
        require(client_id_of(rp_id) == text(data), "a second spelling")
        require(check_id(rp_id, developer=developer) == rp_id, "not an id")
        require_same_origin(origin_of(rp_id) + "/", rp_id)


def _check_id(data: bytes) -> None:
    rp_id = check_id(text(data), developer=True)
    require(rp_id.isascii() and rp_id == rp_id.lower() and "@" not in rp_id and "/" not in rp_id, "not a host")
    Context("account", rp_id).encode()
    check_id(rp_id)


def _station_link(data: bytes) -> None:
    written = text(data)
    link = parse_station_link(written)
    require(link.text == written.strip(), "two spellings of one link")
    require(len(link.text) <= MAX_LINK, "a long link")
    check_id(link.issuer_id)


def _same_origin(data: bytes) -> None:
    url = text(data)

    def attempt(rp_id: str) -> None:
        require_same_origin(url, rp_id)
        rest = url.removeprefix(origin_of(rp_id))
        require(rest != url and rest[:1] == "/" and "\\" not in rest, "another origin")

    ids = ("forum.example", "forum.example:8443", "localhost:8000")
    require(count_accepted([partial(attempt, rp_id) for rp_id in ids]) == 1, "two origins")


def _epoch(data: bytes) -> None:
    name = text(data)
    require(epoch_of(monday_of(name)) == name, "a second spelling")
    require(weeks_between(shift(name, 1), name) == -1, "a week is a week")
    shift(name, -1)


def _detail(data: bytes) -> None:
    kind, detail = fields(data, str, object)
    checked = check_detail(str(kind), detail)
    context = Context(str(kind), "forum.example", checked)
    pseudonym_key("id.uto.example", context, b"p")
    again = cbor.decode(cbor.encode(context.detail))
    require(cbor.encode(again) == cbor.encode(checked), "a second spelling")


def _values(data: bytes) -> None:
    kind, values = fields(data, str, object)
    checked = slots.check_values(str(kind), values)
    require(cbor.encode([str(kind), list(checked)]) == data, "a second spelling")
    slots.messages(str(kind), checked)


def _header(data: bytes) -> None:
    require(decode_header(data).encode() == data, "a second spelling")


# What is proven

PH = proofs.PH
ACCOUNT = proofs.ACCOUNT
SESSION = fixed.binding()


@cache
def _presentations() -> tuple[bytes, ...]:
    return tuple(proofs.present(context, disclosed, PH, kind)[0] for context, disclosed, kind in proofs.PRESENTED)


def _presentation(data: bytes) -> None:
    decoded = decode_presentation(data)
    shown: dict[int | str, cbor.Value] = {index: decoded.disclosed[index] for index in decoded.disclosed}
    parts: list[cbor.Value] = ["bonafides/1", decoded.header_bytes, decoded.kind, decoded.detail, shown]
    require(cbor.encode([*parts, decoded.pseudonym, decoded.proof]) == data, "a second spelling")


def _challenge(data: bytes) -> None:
    _check(data, pairing=False)


def _verified_presentation(data: bytes) -> None:
    _check(data, pairing=True)


def _check(data: bytes, *, pairing: bool) -> None:
    decoded = decode_presentation(data)
    # The verifier that is easiest to please: it asks for whatever is shown.
    shown = frozenset(decoded.disclosed)
    context = Context(decoded.kind, fixed.ISSUER if decoded.kind == "handle" else fixed.FORUM, decoded.detail)
    keys_by_header = {fixed.HEADER.encode(): fixed.PUBLIC_KEY, fixed.NAME_HEADER.encode(): fixed.PUBLIC_KEY}
    expected = Expectation(context, keys_by_header, shown, shown, PH, decoded.header.type)
    if pairing:
        verify_presentation(presentation=decoded, expected=expected)
    else:
        check_challenge(presentation=decoded, expected=expected)
    require(data in _presentations(), "a proof nobody made")


def _commitment(data: bytes) -> None:
    verify_commitment(data=data, expected_binding=SESSION)
    require(data == fixed.commitment()[0], "a commitment nobody made")


@cache
def _bare_commitments() -> tuple[bytes, ...]:
    mock = mocked(SHA256, b"BONAFIDES_FUZZ")
    return tuple(
        make
        for count in (1, 2, 5)
        for make in (
            bbs.commit_with_nym([], list(range(3, 3 + count)), randomness=mock)[0],
            bbs.commit([b"m"] * count, randomness=mock)[0],
        )
    )


def _bare_commitment(data: bytes) -> None:
    interfaces = (pseudonym_interface(SHA256), blind_interface(SHA256))
    accepted = count_accepted([partial(blind.verify_commitment, interface, data) for interface in interfaces])
    require(accepted == 1 and data in _bare_commitments(), "a commitment nobody made")


def _issued(data: bytes) -> None:
    opened = open_issued(
        data=data,
        secret=fixed.SECRET,
        blind=fixed.commitment()[1],
        expected_header=fixed.HEADER.encode(),
        expected_key=fixed.PUBLIC_KEY,
    )
    require(data == fixed.issue(), "a credential nobody signed")
    opened.encode()


def _stored(data: bytes) -> None:
    stored = decode_credential(data)
    require(stored.encode() == data, "a second spelling")


def _signature(data: bytes) -> None:
    require(decode_signature(data).encode() == data, "a second spelling")


def _proof(data: bytes) -> None:
    def attempt(hidden: int) -> None:
        require(decode_proof(data, hidden).encode() == data, "a second spelling")

    lengths = {0, 1, 7, max(0, (len(data) - 144) // 32 - 4)}
    require(count_accepted([partial(attempt, hidden) for hidden in lengths]) == 1, "two lengths")


# The general interface: arguments as one CBOR array

PUBLIC, SECRET_KEY = fixed.PUBLIC_KEY, fixed.SECRET_KEY
MESSAGES = [b"first", b"", b"third message"]
COMMITTED = [b"committed", b"too"]
NYMS = [4711, 815]


@cache
def _signed() -> bytes:
    return cbor.encode([bbs.sign(SECRET_KEY, PUBLIC, b"header", MESSAGES), b"header", MESSAGES])


def _bbs_verify(data: bytes) -> None:
    signature, header, messages = fields(data, bytes, bytes, list)
    bbs.verify(PUBLIC, octets(signature), octets(header), octet_list(messages))
    require(data == _signed(), "a signature nobody made")


@cache
def _shown() -> tuple[bytes, ...]:
    signature = bbs.sign(SECRET_KEY, PUBLIC, b"header", MESSAGES)
    mock = mocked(SHA256, b"BONAFIDES_FUZZ")
    made = []
    for indexes in ([], [0], [0, 2], [0, 1, 2]):
        proof = bbs.proof_gen(PUBLIC, signature, b"header", b"ph", MESSAGES, indexes, randomness=mock)
        made.append(cbor.encode([proof, b"header", b"ph", [MESSAGES[i] for i in indexes], indexes]))
    return tuple(made)


def _bbs_proof(data: bytes) -> None:
    proof, header, ph, messages, indexes = fields(data, bytes, bytes, bytes, list, list)
    bbs.proof_verify(PUBLIC, octets(proof), octets(header), octets(ph), octet_list(messages), index_list(indexes))
    require(data in _shown(), "a proof nobody made")


@cache
def _blind_case() -> tuple[bytes, tuple[bytes, ...], int]:
    """A blind signature, its proofs, and the prover blind."""
    mock = mocked(SHA256, b"BONAFIDES_FUZZ")
    commitment, prover_blind = bbs.commit(COMMITTED, randomness=mock)
    signature = bbs.blind_sign(SECRET_KEY, PUBLIC, commitment, b"header", MESSAGES)
    made = []
    for mine, theirs in (([0], [1]), ([], []), ([0, 1, 2], [0, 1])):
        proof = bbs.blind_proof_gen(
            PUBLIC, signature, b"header", b"ph", MESSAGES, COMMITTED, mine, theirs, prover_blind, randomness=mock
        )
        shown, committed = [MESSAGES[i] for i in mine], [COMMITTED[i] for i in theirs]
        made.append(cbor.encode([proof, b"header", len(MESSAGES), shown, committed, mine, theirs]))
    return cbor.encode([signature, b"header", MESSAGES, COMMITTED]), tuple(made), prover_blind


def _blind_signature(data: bytes) -> None:
    signature, header, messages, committed = fields(data, bytes, bytes, list, list)
    bbs.verify_blind_signature(
        PUBLIC, octets(signature), octets(header), octet_list(messages), octet_list(committed), _blind_case()[2]
    )
    require(data == _blind_case()[0], "a signature nobody made")


def _blind_proof(data: bytes) -> None:
    proof, header, count, mine, theirs, indexes, their_indexes = fields(data, bytes, bytes, int, list, list, list, list)
    bbs.blind_proof_verify(
        PUBLIC,
        octets(proof),
        octets(header),
        b"ph",
        number(count),
        octet_list(mine),
        octet_list(theirs),
        index_list(indexes),
        index_list(their_indexes),
    )
    require(data in _blind_case()[1], "a proof nobody made")


@cache
def _nym_case() -> tuple[bytes, tuple[bytes, ...], int]:
    """A signature with nyms, its proofs, and the prover blind."""
    mock = mocked(SHA256, b"BONAFIDES_FUZZ")
    commitment, prover_blind = bbs.commit_with_nym(COMMITTED, NYMS, randomness=mock)
    signature = bbs.blind_sign_with_nym(SECRET_KEY, PUBLIC, commitment, 2, 0, b"header", MESSAGES)
    made = []
    for mine, theirs in (([0], [1]), ([], []), ([0, 1, 2], [0, 1])):
        proof, nym = bbs.proof_gen_with_nym(
            PUBLIC,
            signature,
            b"header",
            b"ph",
            NYMS,
            b"context",
            MESSAGES,
            COMMITTED,
            mine,
            theirs,
            prover_blind,
            randomness=mock,
        )
        shown, committed = [MESSAGES[i] for i in mine], [COMMITTED[i] for i in theirs]
        made.append(cbor.encode([proof, b"context", nym, 2, len(MESSAGES), shown, committed, mine, theirs]))
    return cbor.encode([signature, b"header", MESSAGES, COMMITTED]), tuple(made), prover_blind


def _nym_signature(data: bytes) -> None:
    signature, header, messages, committed = fields(data, bytes, bytes, list, list)
    bbs.verify_finalize_with_nym(
        PUBLIC,
        octets(signature),
        octets(header),
        octet_list(messages),
        octet_list(committed),
        NYMS,
        0,
        _nym_case()[2],
    )
    require(data == _nym_case()[0], "a signature nobody made")


def _nym_proof(data: bytes) -> None:
    given = fields(data, bytes, bytes, bytes, int, int, list, list, list, list)
    proof, context, nym, nym_length, count, mine, theirs, indexes, their_indexes = given
    bbs.proof_verify_with_nym(
        PUBLIC,
        octets(proof),
        b"header",
        b"ph",
        octets(nym),
        octets(context),
        number(nym_length),
        number(count),
        octet_list(mine),
        octet_list(theirs),
        index_list(indexes),
        index_list(their_indexes),
    )
    require(data in _nym_case()[1], "a proof nobody made")


# What a person holds

DEVICE_MESSAGE = b"what a device signs"
DEVICE_SEED = fixed.DEVICE_KEY + wallet._signed(DEVICE_MESSAGE) + DEVICE_MESSAGE


def _device(data: bytes) -> None:
    key, signature, message = data[:65], data[65:129], data[129:]
    device.verify(device_key=key, signature=signature, message=message)
    negated = (wallet.P256_ORDER - int.from_bytes(DEVICE_SEED[97:129], "big")).to_bytes(32, "big")
    allowed = (DEVICE_SEED, fixed.replaced(DEVICE_SEED, 97, negated))
    require(data in allowed, "a signature nobody made")


def _device_key(data: bytes) -> None:
    require(device.check_device_key(data) == data, "a second spelling")


def _kit(data: bytes) -> None:
    passphrase, *lines = text(data).split("\n")
    open_kit(lines, passphrase=passphrase)


def core_targets() -> list[Target]:
    """The targets of encodings, BBS and the credential."""
    presentations, commitment = _presentations(), fixed.commitment()[0]
    headers = tuple(header.encode() for header in (fixed.HEADER, fixed.NEXT_HEADER, fixed.NAME_HEADER))
    contexts = tuple(cbor.encode([context.kind, context.detail]) for context in names.CONTEXTS)
    values = (cbor.encode(["person", fixed.VALUES]), cbor.encode(["name", fixed.NAME_VALUES]))
    clients = tuple(client_id_of(host).encode() for host in (*names.HOSTS, *names.LOOPBACK))
    urls = tuple(f"{origin_of(host)}/a?b=c".encode() for host in ("forum.example", "localhost:8000"))
    epochs = tuple(name.encode() for name in ("2026-W48", "2026-W53", "0001-W01", "9999-W52"))
    kits = [("", [wallet.WHOLE]), ("", wallet.TWO_OF_THREE[:2]), ("~ !", wallet.THREE_OF_FIVE[:3]), ("", [wallet.ZERO])]
    kit_seeds = tuple("\n".join([passphrase, *lines]).encode() for passphrase, lines in kits)
    stored = (fixed.credential().encode(), fixed.credential(fixed.NAME_HEADER, fixed.NAME_VALUES).encode())
    signatures = (commitment[:48] + bytes(31) + b"\1", fixed.credential().signature)
    proof_seeds = tuple(decode_presentation(data).proof for data in presentations)
    points = (commitment[:48], commitment[48:96], curve.G1_GENERATOR_BYTES)
    structures = (*headers, *contexts, *values, *presentations[:2], cbor.encode({1: [True, None, -1], "a": b"b"}))
    return [
        Target("cbor.decode", structures, _cbor, "cbor"),
        Target("base64url.decode", (b"", b"AA", b"AAA", base64url.encode(commitment).encode()), _base64url, "text"),
        Target("bbs.decode_g1", points, _g1),
        Target("bbs.decode_g2", (PUBLIC, fixed.NEXT_KEY), _g2, dear=True),
        Target("bbs.decode_public_key", (PUBLIC, fixed.NEXT_KEY), _public_key, dear=True),
        Target("bbs.decode_scalar", (bytes(32), curve.ORDER.to_bytes(32, "big"), commitment[96:128]), _scalar),
        Target("bbs.decode_signature", signatures, _signature),
        Target("bbs.decode_proof", proof_seeds, _proof, dear=True),
        Target("bbs.verify", (_signed(),), _bbs_verify, "arguments", dear=True),
        Target("bbs.proof_verify", _shown(), _bbs_proof, "arguments", dear=True),
        Target("bbs.verify_commitment", _bare_commitments(), _bare_commitment, dear=True),
        Target("bbs.verify_blind_signature", (_blind_case()[0],), _blind_signature, "arguments", dear=True),
        Target("bbs.blind_proof_verify", _blind_case()[1], _blind_proof, "arguments", dear=True),
        Target("bbs.verify_finalize_with_nym", (_nym_case()[0],), _nym_signature, "arguments", dear=True),
        Target("bbs.proof_verify_with_nym", _nym_case()[1], _nym_proof, "arguments", dear=True),
        Target("credential.relying_party_id", clients, _relying_party, "text"),
        Target("credential.check_id", tuple(host.encode() for host in names.HOSTS), _check_id, "text"),
        Target("credential.parse_station_link", STATION_LINKS, _station_link, "text"),
        Target("credential.require_same_origin", urls, _same_origin, "text"),
        Target("credential.epoch", epochs, _epoch, "text"),
        Target("credential.check_detail", contexts, _detail, "cbor"),
        Target("credential.check_values", values, _values, "cbor"),
        Target("credential.decode_header", headers, _header, "cbor"),
        Target("credential.decode_presentation", presentations, _presentation, "cbor"),
        Target("credential.check_challenge", presentations, _challenge, "cbor", dear=True),
        Target("credential.verify_presentation", presentations, _verified_presentation, "cbor", dear=True),
        Target("credential.verify_commitment", (commitment,), _commitment, dear=True),
        Target("credential.open_issued", (fixed.issue(),), _issued, "cbor", dear=True),
        Target("credential.decode_credential", stored, _stored, "cbor"),
        Target("credential.open_kit", kit_seeds, _kit, "text", dear=True),
        Target("credential.device.verify", (DEVICE_SEED,), _device),
        Target("credential.check_device_key", (fixed.DEVICE_KEY, fixed.OTHER_DEVICE_KEY), _device_key),
    ]


@cache
def all_targets() -> tuple[Target, ...]:
    """Every target; those of documents and chips where these packages can be imported."""
    try:
        from tests.fuzz.chips import chip_targets
        from tests.fuzz.documents import document_targets
    except ImportError:
        return tuple(core_targets())
    return (*core_targets(), *document_targets(), *chip_targets())
