"""Vectors of what is proven: commitment, issuance, presentation, and what presentations are bound to."""

from collections.abc import Sequence
from hashlib import sha256

from bonafides.core import bbs, cbor
from bonafides.core.bbs import SHA256
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs._curve import G1, ORDER
from bonafides.core.bbs.ciphersuite import calculate_domain
from bonafides.core.bbs.pseudonym import combined_header, make_leg
from bonafides.core.bbs.signature import signed_point
from bonafides.core.credential import slots
from bonafides.core.credential.binding import action_message, device_message, presentation_header, renewal_header
from bonafides.core.credential.commitment import SessionBinding
from bonafides.core.credential.context import Context, handle_context, pseudonym_key
from bonafides.core.credential.header import Header
from bonafides.core.credential.secret import HolderSecret
from bonafides.core.credential.slots import SlotValue
from tests.core.bbs.vectors import mocked
from tests.vectors import fixed
from tests.vectors.fixed import INTERFACE, PUBLIC_KEY, SECRET, Json, hex_scalar, refused, replaced

P1, BP1 = curve.encode_g1(SHA256.p1), curve.G1_GENERATOR_BYTES
R = ORDER.to_bytes(32, "big")


def binding_fields(binding: SessionBinding) -> Json:
    """A session as JSON."""
    return {
        "issuer_id": binding.issuer_id,
        "epochs": [[header.hex(), key.hex()] for header, key in binding.epochs],
        "c_nonce": binding.c_nonce,
        "device_key": binding.device_key.hex(),
    }


def commitment() -> Json:
    """Commitment proofs with every intermediate value."""
    session = fixed.binding()
    s_tilde, m_tilde = mocked(SHA256, fixed.COMMIT_MOCK_DST)(3)[1:]
    holder = INTERFACE.bases(0, 1).holder_points
    base = make_leg(INTERFACE, handle_context(session.issuer_id).encode(), 1).op
    cases = []
    for secret in (SECRET, fixed.OTHER_SECRET, HolderSecret(1), HolderSecret(ORDER - 1)):
        proof, blind = fixed.commitment(secret)
        cases.append(
            {
                "secret": secret.encode().hex(),
                "secret_prover_blind": hex_scalar(blind),
                "C": proof[:48].hex(),
                "handle": proof[48:96].hex(),
                "Cbar": curve.encode_g1(curve.g1_sum_products(holder, [s_tilde, m_tilde])).hex(),
                "Uh": curve.encode_g1(curve.g1_sum_products([base], [m_tilde])).hex(),
                "challenge": proof[160:].hex(),
                "commitment": proof.hex(),
            }
        )
    return {
        "session": binding_fields(session),
        "binding": session.encode().hex(),
        "challenge_dst": (INTERFACE.api_id + b"BONAFIDES_COMMIT_V1_").decode(),
        "Q_2": curve.encode_g1(holder[0]).hex(),
        "J_1": curve.encode_g1(holder[1]).hex(),
        "base": curve.encode_g1(base).hex(),
        "mock": fixed.mock(fixed.COMMIT_MOCK_DST, 3),
        "cases": cases,
        "refused": _wrong_commitments(fixed.commitment()[0]) + _other_sessions(session),
    }


def _wrong_commitments(proof: bytes) -> list[Json]:
    """Bytes that no session takes."""
    bare, _ = bbs.commit_with_nym([], [SECRET.scalar], randomness=mocked(SHA256, fixed.COMMIT_MOCK_DST))
    torsion = G1.from_compressed_bytes_unchecked(proof[48:96]) + G1.from_compressed_bytes_unchecked(fixed.ORDER_THREE)
    other_handle = fixed.OTHER_SECRET.pseudonym(handle_context(fixed.ISSUER))
    account = SECRET.pseudonym(Context("account", fixed.FORUM))
    wrong = [
        ("the bare form of the draft", "commitment_length", bare),
        ("the bare form with a handle behind it", "point_encoding", bare + proof[48:96]),
        ("the bare form's proof in our order", "commitment", bare[:48] + proof[48:96] + bare[48:]),
        ("a byte too few", "commitment_length", proof[:-1]),
        ("a byte too many", "commitment_length", proof + b"\0"),
        ("nothing", "commitment_length", b""),
        ("the handle of another scalar", "commitment", replaced(proof, 48, other_handle)),
        ("the pseudonym of another context", "commitment", replaced(proof, 48, account)),
        ("C and handle exchanged", "commitment", proof[48:96] + proof[:48] + proof[96:]),
        ("the handle negated", "commitment", replaced(proof, 48, bytes([proof[48] ^ 0x20]))),
        ("P1 as handle", "point_encoding", replaced(proof, 48, P1)),
        ("BP1 as handle", "point_encoding", replaced(proof, 48, BP1)),
        ("a handle with a point of order three added", "point_encoding", replaced(proof, 48, curve.encode_g1(torsion))),
        ("responses exchanged", "commitment", proof[:96] + proof[128:160] + proof[96:128] + proof[160:]),
        ("challenge zero", "commitment", replaced(proof, 160, bytes(32))),
    ]
    for name, at in (("C", 0), ("handle", 48)):
        wrong += [(f"identity as {name}", "point_encoding", replaced(proof, at, each)) for each in fixed.IDENTITIES]
        wrong.append((f"a point of order three as {name}", "point_encoding", replaced(proof, at, fixed.ORDER_THREE)))
        wrong.append((f"zeros as {name}", "point_encoding", replaced(proof, at, bytes(48))))
    for name, at in (("s^", 96), ("m^", 128), ("c", 160)):
        wrong.append((f"{name} = r", "scalar_encoding", replaced(proof, at, R)))
        changed = (int.from_bytes(proof[at : at + 32], "big") + 1) % ORDER
        wrong.append((f"{name} one larger", "commitment", replaced(proof, at, changed.to_bytes(32, "big"))))
    return [refused(why, code, commitment=data) for why, code, data in wrong]


def _other_sessions(session: SessionBinding) -> list[Json]:
    """The first case's proof in sessions it was not made for."""
    (header, key), (next_header, next_key) = session.epochs
    third = Header(fixed.ISSUER, "person", "k2", "2026-W50").encode()
    changes: list[tuple[str, Json]] = [
        ("another issuer", {"issuer_id": fixed.OTHER_ISSUER}),
        ("another nonce", {"c_nonce": fixed.OTHER_NONCE}),
        ("no nonce", {"c_nonce": ""}),
        ("another device", {"device_key": fixed.OTHER_DEVICE_KEY.hex()}),
        ("another header now", {"epochs": [[third.hex(), key.hex()], [next_header.hex(), next_key.hex()]]}),
        ("another header next", {"epochs": [[header.hex(), key.hex()], [third.hex(), next_key.hex()]]}),
        ("another key now", {"epochs": [[header.hex(), next_key.hex()], [next_header.hex(), next_key.hex()]]}),
        ("another key next", {"epochs": [[header.hex(), key.hex()], [next_header.hex(), key.hex()]]}),
        ("epochs exchanged", {"epochs": [[next_header.hex(), next_key.hex()], [header.hex(), key.hex()]]}),
    ]
    proof = fixed.commitment()[0]
    return [
        refused(why, "commitment", commitment=proof, session=binding_fields(session) | change)
        for why, change in changes
    ]


def issuance() -> Json:
    """Credentials signed over the first commitment, and replies a wallet refuses."""
    cases = []
    for header, values in ((fixed.HEADER, fixed.VALUES), (fixed.NAME_HEADER, fixed.NAME_VALUES)):
        cases.append(_issued(header, values))
    return {
        "key_material": fixed.KEY_MATERIAL.hex(),
        "secret_key": hex_scalar(fixed.SECRET_KEY),
        "public_key": PUBLIC_KEY.hex(),
        "secret": SECRET.encode().hex(),
        "secret_prover_blind": hex_scalar(fixed.commitment()[1]),
        "cases": cases,
        "refused": _wrong_replies(),
    }


def _issued(header: Header, values: tuple[SlotValue, ...]) -> Json:
    issued = fixed.issue(header, values)
    data = cbor.decode(issued)
    assert isinstance(data, list)
    signature = data[3]
    assert isinstance(signature, bytes)
    bases = INTERFACE.bases(len(values), 1)
    messages = slots.messages(header.type, values)
    domain = calculate_domain(INTERFACE, PUBLIC_KEY, bases, combined_header(header.encode(), 1))
    scalars = [*INTERFACE.map_messages(messages), fixed.commitment()[1], SECRET.scalar]
    return {
        "session": binding_fields(fixed.binding(header.type)),
        "commitment": fixed.commitment(kind=header.type)[0].hex(),
        "header": header.encode().hex(),
        "values": list(values),
        "messages": [message.hex() for message in messages],
        "domain": hex_scalar(domain),
        "B": curve.encode_g1(signed_point(INTERFACE, bases, domain, scalars)).hex(),
        "A": signature[:48].hex(),
        "e": signature[48:].hex(),
        "issued": issued.hex(),
    }


def _wrong_replies() -> list[Json]:
    data = cbor.decode(fixed.issue())
    assert isinstance(data, list)
    signature = data[3]
    assert isinstance(signature, bytes)

    def changed(at: int, value: cbor.Value) -> bytes:
        return cbor.encode([*data[:at], value, *data[at + 1 :]])

    def signed(at: int, octets: bytes) -> bytes:
        return changed(3, replaced(signature, at, octets))

    good = fixed.issue()
    others = fixed.issue(secret=fixed.OTHER_SECRET)
    wrong = [
        ("another mark", "issued", changed(0, "bonafides/1 stored")),
        ("the header of the next epoch", "header", changed(1, fixed.NEXT_HEADER.encode())),
        ("really signed under the next header", "header", fixed.issue(fixed.NEXT_HEADER)),
        ("another assurance than was signed", "signature", changed(2, ["in_person", *fixed.VALUES[1:]])),
        ("another truth than was signed", "signature", changed(2, [*fixed.VALUES[:1], False, *fixed.VALUES[2:]])),
        ("a value outside the vocabulary", "slot", changed(2, [*fixed.VALUES[:5], "uto"])),
        ("a value too few", "slot", changed(2, list(fixed.VALUES[:5]))),
        ("a signer entropy behind the signature", "issued", cbor.encode([*data, bytes(32)])),
        ("a signature of 79 bytes", "issued", changed(3, signature[:-1])),
        ("a signature of 81 bytes", "issued", changed(3, signature + b"\0")),
        ("e = 0", "signature_encoding", signed(48, bytes(32))),
        ("e = r", "scalar_encoding", signed(48, R)),
        ("A negated", "signature", signed(0, bytes([signature[0] ^ 0x20]))),
        ("P1 as A", "signature", signed(0, P1)),
        ("a point of order three as A", "point_encoding", signed(0, fixed.ORDER_THREE)),
        ("somebody else's credential", "signature", others),
        ("a byte behind the end", "cbor", good + b"\0"),
        ("a longer spelling of a length", "cbor", b"\x98\x04" + good[1:]),
        ("longer than any reply", "issued", good + bytes(2048)),
    ]
    wrong += [("identity as A", "point_encoding", signed(0, each)) for each in fixed.IDENTITIES]
    return [refused(why, code, issued=each) for why, code, each in wrong]


PH = presentation_header(
    client_id="decentralized_identifier:did:web:forum.example",
    nonce=fixed.NONCE,
    response_uri="https://forum.example/response",
    signed_request=b"eyJ.e30.c2ln",
    payload=None,
)


def present(context: Context, disclosed: Sequence[int], ph: bytes = PH, kind: str = "person") -> tuple[bytes, int]:
    """Return a presentation made with mocked randomness, and how many scalars that took."""
    held = fixed.credential() if kind == "person" else fixed.credential(fixed.NAME_HEADER, fixed.NAME_VALUES)
    proof, pseudonym = bbs.proof_gen_with_nym(
        held.public_key,
        held.signature,
        held.header_bytes,
        ph,
        [SECRET.scalar],
        context.encode(),
        slots.messages(kind, held.values),
        [],
        disclosed,
        [],
        held.blind,
        randomness=mocked(SHA256, fixed.PROOF_MOCK_DST),
    )
    shown: dict[int | str, cbor.Value] = {i: held.values[i] for i in disclosed}
    whole = cbor.encode(["bonafides/1", held.header_bytes, context.kind, context.detail, shown, pseudonym, proof])
    return whole, 5 + len(held.values) - len(disclosed) + 2


ACCOUNT = Context("account", fixed.FORUM)
PRESENTED: list[tuple[Context, list[int], str]] = [
    (ACCOUNT, [1], "person"),
    (ACCOUNT, [0, 1, 4], "person"),
    (ACCOUNT, [0, 1, 2, 3, 4, 5], "person"),
    (Context("voice", fixed.FORUM, ("2026-12-24", "budget-2027")), [1, 5], "person"),
    (Context("rate", fixed.FORUM, ("2026-11-23", "2026-11-29", 7)), [1], "person"),
    (Context("party", fixed.FORUM, "2026-000123"), [1, 4], "person"),
    (handle_context(fixed.ISSUER), [0, 1, 2, 3, 4, 5], "person"),
    (ACCOUNT, [0], "name"),
]


def presentation() -> Json:
    """Presentations of one credential in several contexts, and what a verifier of the first one refuses."""
    cases = []
    for context, disclosed, kind in PRESENTED:
        ph = PH
        if context.kind == "handle":
            ph = renewal_header(issuer_id=fixed.ISSUER, c_nonce=fixed.NONCE, commitment=fixed.commitment()[0])
        data, count = present(context, disclosed, ph, kind)
        parts = cbor.decode(data)
        assert isinstance(parts, list)
        pseudonym = parts[5]
        assert isinstance(pseudonym, bytes)
        cases.append(
            {
                "header": (fixed.HEADER if kind == "person" else fixed.NAME_HEADER).encode().hex(),
                "kind": context.kind,
                "relying_party_id": context.relying_party_id,
                "detail": parts[3],
                "disclosed": disclosed,
                "ph": ph.hex(),
                "mock": fixed.mock(fixed.PROOF_MOCK_DST, count),
                "pseudonym": pseudonym.hex(),
                "proof": bytes(parts[6]).hex() if isinstance(parts[6], bytes) else "",
                "presentation": data.hex(),
                "key": pseudonym_key(fixed.ISSUER, context, pseudonym),
            }
        )
    return {
        "secret": SECRET.encode().hex(),
        "secret_prover_blind": hex_scalar(fixed.commitment()[1]),
        "public_key": PUBLIC_KEY.hex(),
        "credentials": [fixed.issue().hex(), fixed.issue(fixed.NAME_HEADER, fixed.NAME_VALUES).hex()],
        "cases": cases,
        "refused": _wrong_presentations(),
    }


def _wrong_presentations() -> list[Json]:
    good, _ = present(ACCOUNT, [1])
    parts = cbor.decode(good)
    assert isinstance(parts, list)
    nym, proof = parts[5], parts[6]
    assert isinstance(nym, bytes)
    assert isinstance(proof, bytes)

    def changed(at: int, value: cbor.Value) -> bytes:
        return cbor.encode([*parts[:at], value, *parts[at + 1 :]])

    def forged(at: int, octets: bytes) -> bytes:
        return changed(6, replaced(proof, at, octets))

    torsion = G1.from_compressed_bytes_unchecked(nym) + G1.from_compressed_bytes_unchecked(fixed.ORDER_THREE)
    voice = Context("voice", fixed.FORUM, ("2026-12-24", "budget-2027"))
    unasked, _ = present(ACCOUNT, [1, 5])
    identity = fixed.IDENTITIES[0]
    wrong = [
        ("another profile", "presentation", changed(0, "bonafides/2")),
        ("another header of the same issuer", "presentation", changed(1, fixed.NEXT_HEADER.encode())),
        ("a header that is none", "cbor", changed(1, b"")),
        ("another kind", "presentation", changed(2, "quota")),
        ("a kind that does not exist", "context", changed(2, "login")),
        ("a detail that does not fit", "context", changed(3, "x")),
        ("really presented for a poll", "presentation", present(voice, [1])[0]),
        ("really presented at another host", "proof", present(Context("account", "other.example"), [1])[0]),
        ("really presented in another session", "proof", present(ACCOUNT, [1], PH[:-1] + b"\x40")[0]),
        ("another value than was signed", "proof", changed(4, {1: False})),
        ("a value outside the vocabulary", "slot", changed(4, {1: "yes"})),
        ("a slot by name", "slot", changed(4, {"settled": True})),
        ("a slot that does not exist", "slot", changed(4, {6: True})),
        ("nothing disclosed", "proof_length", changed(4, {})),
        ("a slot that was not asked for", "presentation", unasked),
        ("without `settled`", "presentation", present(ACCOUNT, [0])[0]),
        ("another slot in its place", "presentation", changed(4, {4: True})),
        ("somebody else's pseudonym", "proof", changed(5, fixed.OTHER_SECRET.pseudonym(ACCOUNT))),
        ("the pseudonym negated", "proof", changed(5, replaced(nym, 0, bytes([nym[0] ^ 0x20])))),
        ("a pseudonym with a point of order three added", "point_encoding", changed(5, curve.encode_g1(torsion))),
        ("P1 as pseudonym", "point_encoding", changed(5, P1)),
        ("BP1 as pseudonym", "point_encoding", changed(5, BP1)),
        ("identity as pseudonym", "point_encoding", changed(5, identity)),
        ("a pseudonym of 47 bytes", "presentation", changed(5, nym[:-1])),
        ("identities as Abar and Bbar", "point_encoding", forged(0, identity * 2)),
        ("Abar and Bbar exchanged", "proof", forged(0, proof[48:96] + proof[:48])),
        ("a response less", "proof_length", changed(6, proof[:-64] + proof[-32:])),
        ("a response more", "proof_length", changed(6, proof[:-32] + bytes(32) + proof[-32:])),
        ("nyms exchanged with their neighbour", "proof", forged(len(proof) - 96, proof[-64:-32] + proof[-96:-64])),
        ("challenge zero", "proof", forged(len(proof) - 32, bytes(32))),
        ("a byte behind the end", "cbor", good + b"\0"),
        ("a longer spelling of a length", "cbor", b"\x98\x07" + good[1:]),
        ("six elements", "presentation", cbor.encode(parts[:6])),
        ("longer than any presentation", "presentation", good + bytes(4096)),
    ]
    for name, at in (("Abar", 0), ("Bbar", 48), ("D", 96)):
        wrong += [(f"identity as {name}", "point_encoding", forged(at, each)) for each in fixed.IDENTITIES]
        wrong.append((f"a point of order three as {name}", "point_encoding", forged(at, fixed.ORDER_THREE)))
    for at in range(144, len(proof), 32):
        wrong.append((f"scalar {(at - 144) // 32} = r", "scalar_encoding", forged(at, R)))
    return [refused(why, code, presentation=each) for why, code, each in wrong]


def ph() -> Json:
    """What presentations and device signatures are bound to. In `distinct`, no two outputs of a list may be equal."""
    asked: Json = {
        "client_id": "decentralized_identifier:did:web:forum.example",
        "nonce": fixed.NONCE,
        "response_uri": "https://forum.example/response",
        "signed_request": b"eyJ.e30.c2ln",
        "payload": None,
    }
    proof = fixed.commitment()[0]
    renewal: Json = {"issuer_id": fixed.ISSUER, "c_nonce": fixed.NONCE, "commitment": proof}
    action: Json = {
        "issuer_id": fixed.ISSUER,
        "c_nonce": fixed.NONCE,
        "action": "add_device",
        "handle": proof[48:96],
        "argument": fixed.OTHER_DEVICE_KEY,
    }
    shown, _ = present(handle_context(fixed.ISSUER), [0, 1, 2, 3, 4, 5])
    asks = [
        asked,
        asked | {"client_id": "decentralized_identifier:did:web:other.example"},
        asked | {"nonce": fixed.OTHER_NONCE},
        asked | {"response_uri": "https://forum.example/other"},
        asked | {"signed_request": b"eyJ.e30.c2lo"},
        asked | {"payload": b""},
        asked | {"payload": b"I vote yes."},
        asked | {"payload": "Tôi đồng ý.".encode()},
    ]
    renewals = [
        renewal,
        renewal | {"issuer_id": fixed.OTHER_ISSUER},
        renewal | {"c_nonce": fixed.OTHER_NONCE},
        renewal | {"commitment": fixed.commitment(fixed.OTHER_SECRET)[0]},
    ]
    actions = [
        action,
        action | {"action": "veto"},
        action | {"argument": b""},
        action | {"handle": fixed.OTHER_SECRET.pseudonym(handle_context(fixed.ISSUER))},
        action | {"issuer_id": fixed.OTHER_ISSUER},
        action | {"c_nonce": fixed.OTHER_NONCE},
    ]
    devices = [*renewals, renewal | {"presentation": shown}]
    return {
        "distinct": {
            "presentation": [_shown(each) | {"ph": presentation_header(**each).hex()} for each in asks],
            "renewal": [_shown(each) | {"ph": renewal_header(**each).hex()} for each in renewals],
            "device": [_shown(each) | {"message": device_message(**each).hex()} for each in devices],
            "action": [_shown(each) | {"message": action_message(**each).hex()} for each in actions],
        },
        "signed_request_sha256": sha256(b"eyJ.e30.c2ln").hexdigest(),
    }


def _shown(fields: Json) -> Json:
    return {key: value.hex() if isinstance(value, bytes) else value for key, value in fields.items()}
