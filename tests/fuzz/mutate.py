"""Structure-aware mutation: good inputs, spoilt in ways that a random byte string would take ages to hit."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Literal

from bonafides.core import cbor
from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs.ciphersuite import SHA256
from bonafides.errors import InputError

Shape = Literal["octets", "cbor", "text", "arguments"]
"""What good inputs are: bytes without structure, CBOR, text, or the arguments of a call as one CBOR array."""

EDGES = [0, 1, 2, 5, 6, 23, 24, 127, 128, 255, 256, 1023, 1024, 1025, 2**16 - 1, 2**16, 2**31, 2**32, 2**63, 2**64 - 1]
INTEGERS = [*EDGES, *(-1 - edge for edge in EDGES)]
OCTETS = [
    b"",
    bytes([0xC0]) + bytes(47),
    bytes([0xE0]) + bytes(47),
    bytes([0x80]) + bytes(47),
    bytes([0xC0]) + bytes(95),
    curve.encode_g1(SHA256.p1),
    curve.G1_GENERATOR_BYTES,
    bytes(32),
    bytes(48),
    curve.ORDER.to_bytes(32, "big"),
    (curve.ORDER - 1).to_bytes(32, "big"),
    b"\xff" * 32,
    b"\x04" + bytes(64),
]
TEXTS = [
    "",
    "\0",
    "\n",
    "%3A",
    ":",
    ".",
    "@",
    "#",
    "\\",
    "//",
    "ü",
    "ａ",
    "а",
    "\u202e",
    "443",
    "0x1",
    "xn--",
    "localhost",
]
TEXTS += ["2026-W53", "2026-W48", "0000-W00", "2026-02-30", "account", "rate", "voice", "a" * 64, "bonafides/1", "٣"]


def mutate(random: Random, data: bytes, others: Sequence[bytes], shape: Shape) -> bytes:
    """Return the input spoilt one to four times."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
        if shape == "arguments" and random.random() < 0.98:
            data = _mutate_arguments(random, data)
        elif shape == "cbor" and random.random() < 0.6:
            data = _mutate_cbor(random, data)
        elif shape == "text" and random.random() < 0.5:
            data = _mutate_text(random, data)
        else:
            data = random.choice(_BYTE_MUTATIONS)(random, data, others)
    return data


def _flip(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    if not data:
        return b"\0"
    at, changed = random.randrange(len(data)), bytearray(data)
    changed[at] ^= 1 << random.randrange(8)
    return bytes(changed)


def _set(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + bytes([random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))]) + data[at + 1 :]


def _cut(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return random.choice((data[:at], data[at:], data[:at] + data[at + random.choice((1, 2, 32, 48)) :]))


def _grow(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice((random.randbytes(random.choice((1, 2, 32))), data[at : at + 33])) + data[at:]


def _splice(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    at, to = random.randrange(len(data) + 1), random.randrange(len(other) + 1)
    return data[:at] + other[random.choice((at, to)) :]


def _overwrite(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put something special where a field may begin: points and scalars have multiples of 16 bytes."""
    octets = random.choice(OCTETS)
    places = range(0, len(data) + 1, 16)
    at = random.choice((random.choice(places), len(data) - len(octets), random.randrange(len(data) + 1)))
    at = max(at, 0)
    return data[:at] + octets + data[at + len(octets) :]


def _number(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put an integer of the edges in, as a CBOR head of any type or plain."""
    value = random.choice(EDGES)
    size = next(size for size in (1, 2, 4, 8) if value < 1 << 8 * size)
    head = bytes([random.randrange(8) << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]])
    octets = random.choice((b"", head)) + value.to_bytes(size, "big")
    at = random.randrange(len(data) + 1)
    return data[:at] + octets + data[at + random.choice((0, len(octets))) :]


_BYTE_MUTATIONS: list[Callable[[Random, bytes, Sequence[bytes]], bytes]] = [
    *(_flip, _flip, _flip, _set, _set, _cut, _grow, _splice, _overwrite, _overwrite, _number)
]


def _mutate_text(random: Random, data: bytes) -> bytes:
    """Put a special text or a plain letter in, or leave a piece out."""
    at = random.randrange(len(data) + 1)
    token = random.choice((random.choice(TEXTS).encode(), bytes([random.randrange(32, 127)]), b""))
    return data[:at] + token + data[at + random.choice((0, 1, 1, 2, len(token), random.randrange(len(data) + 1))) :]


def _mutate_cbor(random: Random, data: bytes) -> bytes:
    """Change one node of a well-formed structure and write it again, so that the layers behind see it."""
    try:
        changed = _mutate_node(random, cbor.decode(data))
        return cbor.encode(changed)
    except (InputError, ValueError):
        return data


def _mutate_arguments(random: Random, data: bytes) -> bytes:
    """Change one argument and keep its type, since a caller would pass no other."""
    try:
        arguments = cbor.decode(data)
        if not isinstance(arguments, list) or not arguments:
            return data
        at = random.randrange(len(arguments))
        arguments[at] = _mutate_typed(random, arguments[at])
        return cbor.encode(arguments)
    except (InputError, ValueError):
        return data


def _mutate_typed(random: Random, value: cbor.Value) -> cbor.Value:
    if isinstance(value, bytes):
        return random.choice(_BYTE_MUTATIONS)(random, value, OCTETS)
    if isinstance(value, int):
        return random.choice((value + 1, value - 1, random.choice(INTEGERS)))
    if not isinstance(value, list):
        return value
    fresh: cbor.Value = random.choice((b"", 0, 1, random.choice(OCTETS), random.choice(INTEGERS)))
    if not value:
        return [fresh]
    at = random.randrange(len(value))
    changed = (
        [*value[:at], *value[at + 1 :]],
        [*value[:at], value[at], *value[at:]],
        [*value[:at], _mutate_typed(random, value[at]), *value[at + 1 :]],
        [*value, type(value[0])()] if isinstance(value[0], bytes | int) else [*value, fresh],
        value[::-1],
    )
    return random.choice(changed)


def _mutate_node(random: Random, node: cbor.Value) -> cbor.Value:
    if isinstance(node, list) and node and random.random() < 0.85:
        at = random.randrange(len(node))
        match random.randrange(8):
            case 0:
                return [*node[:at], *node[at + 1 :]]
            case 1:
                return [*node[:at], node[at], *node[at:]]
            case 2:
                to = random.randrange(len(node))
                return [*node[:at], node[to], *node[at + 1 :]]
            case _:
                return [*node[:at], _mutate_node(random, node[at]), *node[at + 1 :]]
    if isinstance(node, dict) and random.random() < 0.85:
        pairs: dict[int | str, cbor.Value] = dict(node)
        key = random.choice([*pairs, random.choice(INTEGERS), random.choice(TEXTS)])
        if key in pairs and random.random() < 0.4:
            del pairs[key]
        else:
            pairs[key] = _mutate_node(random, pairs.get(key))
        return pairs
    if isinstance(node, bytes) and random.random() < 0.8:
        return random.choice(_BYTE_MUTATIONS)(random, node, OCTETS)
    if isinstance(node, str) and random.random() < 0.7:
        return _mutate_text(random, node.encode()).decode(errors="replace")
    if isinstance(node, int) and random.random() < 0.7:
        return random.choice((node + 1, node - 1, -node, not node))
    return _fresh(random)


def _fresh(random: Random) -> cbor.Value:
    leaves: list[cbor.Value] = [
        None,
        random.random() < 0.5,
        [],
        {},
        [[]],
        {"": b""},
        random.choice(INTEGERS),
        random.choice(TEXTS),
        random.choice(OCTETS),
        random.randbytes(random.randrange(60)),
    ]
    return random.choice(leaves)
