"""Vectors of what a person holds: device keys and recovery kits."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from bonafides.core.credential.binding import device_message
from bonafides.core.credential.kit import open_kit
from tests.vectors import fixed
from tests.vectors.fixed import DEVICE, DEVICE_KEY, Json, hex_scalar, refused, replaced

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_FIELD = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF


def device() -> Json:
    """One device key, RFC 6979 signatures of it, and everything that is not one."""
    message = device_message(issuer_id=fixed.ISSUER, c_nonce=fixed.NONCE, commitment=fixed.commitment()[0])
    other = device_message(issuer_id=fixed.ISSUER, c_nonce=fixed.OTHER_NONCE, commitment=fixed.commitment()[0])
    cases = [{"message": each.hex(), "signature": _signed(each).hex()} for each in (message, other, b"")]
    r, s = _signed(message)[:32], _signed(message)[32:]
    negated = (P256_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    order = P256_ORDER.to_bytes(32, "big")
    der = DEVICE.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
    signatures = [
        ("of another message", "device_signature", _signed(other)),
        ("r and s exchanged", "device_signature", s + r),
        ("s one larger", "device_signature", r + (int.from_bytes(s, "big") + 1).to_bytes(32, "big")),
        ("r = 0", "device_signature", bytes(32) + s),
        ("s = 0", "device_signature", r + bytes(32)),
        ("r = n", "device_signature", order + s),
        ("s = n", "device_signature", r + order),
        ("all ones", "device_signature", b"\xff" * 64),
        ("63 bytes", "device_signature", (r + s)[:-1]),
        ("65 bytes", "device_signature", r + s + b"\0"),
        ("DER in place of r || s", "device_signature", der),
        ("nothing", "device_signature", b""),
    ]
    x, y = DEVICE_KEY[1:33], DEVICE_KEY[33:]
    y_number = int.from_bytes(y, "big")
    keys = [
        ("another key", "device_signature", fixed.OTHER_DEVICE_KEY),
        ("the key negated", "device_signature", b"\4" + x + (P256_FIELD - y_number).to_bytes(32, "big")),
        ("compressed", "device_key", bytes([2 + (y[-1] & 1)]) + x),
        ("hybrid", "device_key", bytes([6 + (y[-1] & 1)]) + x + y),
        ("without its first byte", "device_key", x + y),
        ("a byte too many", "device_key", DEVICE_KEY + b"\0"),
        ("a point beside the curve", "device_key", replaced(DEVICE_KEY, 64, bytes([y[-1] ^ 1]))),
        ("zeros", "device_key", b"\4" + bytes(64)),
        ("a coordinate as large as the field", "device_key", b"\4" + P256_FIELD.to_bytes(32, "big") + y),
        ("the point at infinity", "device_key", b"\0"),
        ("the identity in 65 bytes", "device_key", bytes(65)),
        ("nothing", "device_key", b""),
    ]
    wrong = [refused(why, e, device_key=DEVICE_KEY, message=message, signature=each) for why, e, each in signatures]
    wrong += [refused(why, e, device_key=each, message=message, signature=r + s) for why, e, each in keys]
    return {
        "private_key": hex_scalar(DEVICE.private_numbers().private_value),
        "device_key": DEVICE_KEY.hex(),
        "cases": cases,
        # ECDSA cannot tell these two apart; a signature is therefore never an identifier.
        "also_valid": [{"message": message.hex(), "signature": (r + negated).hex()}],
        "refused": wrong,
    }


def _signed(message: bytes) -> bytes:
    r, s = decode_dss_signature(DEVICE.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


# Made once: SLIP-39 draws at random. Only read since.
WHOLE = (
    "advance premium academic academic amuse traveler raisin kernel ceiling similar loyalty pregnant angel twin cargo "
    "aunt presence friendly diploma teacher yoga briefing spit literary antenna speak nervous anatomy cluster custody "
    "human ladle educate"
)
WITH_PASSPHRASE = (
    "spew desert academic academic acrobat enemy scared cinema fraction branch damage step elegant salon genuine heat "
    "source ending findings promise hormone literary modify sniff husky seafood mama episode ting flip short vocal "
    "fused"
)
TWO_OF_THREE = [
    "should crush academic acid afraid prune grill client herald metric violence style military domain junior aircraft "
    "provide luck length wildlife move prisoner peaceful join upstairs pistol analysis check wisdom permit talent "
    "pumps industry",
    "should crush academic agency aunt focus formal camera temple envy welcome mansion kind decrease welfare unusual "
    "category exclude bulb species video floral survive lamp station ounce evoke elegant glen easy ticket main "
    "wireless",
    "should crush academic always aluminum thorn carbon dragon gross teammate twice blind force type genre recover "
    "ceiling beyond platform screw flame alien friendly index aviation license library mental speak traveler source "
    "source blanket",
]
THREE_OF_FIVE = [
    "tidy racism academic acne antenna webcam eyebrow scholar dough daughter script obtain strike standard sugar "
    "marvel canyon simple fangs main timber thank energy bolt manual photo move diminish fact mental unhappy merit "
    "custody",
    "tidy racism academic agree actress receiver marathon faint dance deliver image system lamp alto garbage welfare "
    "hawk garden hormone switch rhythm belong silver grant body machine western geology evening loud describe early "
    "airline",
    "tidy racism academic amazing actress bundle coal scholar solution bulb domestic romp both satoshi wrap easy "
    "include pecan security aspect enlarge false dish clogs group smell tofu repair equip market antenna lilac obesity",
    "tidy racism academic arcade antenna finance welcome faint security alive mason listen prospect bike jacket "
    "diminish agency award width floral beyond peasant radar flash work taxi magazine unkind fantasy lilac soldier "
    "crisis pupal",
    "tidy racism academic axle adequate silver science artwork editor window diploma hesitate fiction category exact "
    "lips roster peasant vintage furl academic merchant family desert tendency rival vampire romantic geology aircraft "
    "agency justice voter",
]
OLD_FORM = (
    "level isolate academic academic analysis analysis biology humidity result edge acrobat purple husband legal "
    "listen dance depart estate elegant depict gums join carve phrase retreat bishop gray emission breathe branch ting "
    "method answer"
)
TWO_GROUPS = [
    "detailed typical acrobat easy activity human uncover union capacity fatigue invasion jewelry pecan afraid voice "
    "segment usher practice ruler activity being maximum fraction minister welfare artist prevent gasoline mountain "
    "activity orange emission ladle",
    "detailed typical beard easy angry tofu nail training watch hunting salary birthday meaning lunch jerky window "
    "damage false dream fangs treat numb image client dress valid recall grief kidney purchase arena rebuild pecan",
]
OTHERS_SHARE = (
    "hormone premium academic acid alpha percent civil jacket language quarter remind move island daisy loud laser "
    "hawk voting lungs diploma gums crowd element fumes actress equip dismiss acquire evaluate nail practice indicate "
    "royal"
)
SIXTEEN_BYTES = (
    "profile fawn academic academic center intend saver petition romp expand dryer smirk award estate sunlight deny "
    "mortgage crazy equip coding"
)
THIRTY_FOUR_BYTES = (
    "careful spew academic academic academic fawn injury fortune deal trip forbid idea chubby junction wrap gather "
    "goat dryer devote disease company volume iris modern criminal fortune group income impact symbolic duke withdraw "
    "prisoner modern elegant"
)
GROUP_ORDER = (
    "evidence aquatic academic academic adequate simple shaped royal genre rich dish organize tricycle general "
    "decorate hanger damage fiscal watch medal hesitate easy describe society crystal beaver jerky drove discuss mule "
    "shadow mineral hormone"
)
ZERO = (
    "quiet premium academic academic august olympic negative elevator stadium sled dive voter ladle wrap iris cowboy "
    "fumes order olympic sugar unhappy grill geology square says prize debut device axis humidity bike facility benefit"
)
SLOW = (
    "advance privacy academic academic amuse traveler raisin kernel ceiling similar loyalty pregnant angel twin "
    "cargo aunt presence friendly diploma teacher yoga briefing spit literary antenna speak nervous anatomy cluster "
    "custody deal lunar wolf"
)
SLOWEST = (
    "theater lunar academic academic amuse traveler raisin kernel ceiling similar loyalty pregnant angel twin cargo "
    "aunt presence friendly diploma teacher yoga briefing spit literary antenna speak nervous anatomy cluster custody "
    "hospital skin carpet"
)


def kit() -> Json:
    """Fixed lines that bring the secret back, and lines that must not be taken."""
    first, second, third = TWO_OF_THREE
    words = WHOLE.split()
    cases: list[tuple[str, list[str], str]] = [
        ("one line", [WHOLE], ""),
        ("one line with a passphrase", [WITH_PASSPHRASE], "correct horse"),
        ("first and second of two-of-three", [first, second], ""),
        ("third and first of two-of-three", [third, first], ""),
        ("three of five with a passphrase", THREE_OF_FIVE[1:4], "~ !"),
        ("capitals and more spaces", [f"  {WHOLE.upper().replace(' ', '   ')}\n"], ""),
        ("not extendable, exponent 0", [OLD_FORM], ""),
    ]
    wrong: list[tuple[str, str, list[str], str]] = [
        ("no line", "kit", [], ""),
        ("an empty line", "kit", [""], ""),
        ("a line too few", "kit", [second], ""),
        ("the same line twice", "kit", [second, second], ""),
        ("a group too few", "kit", TWO_GROUPS[:1], ""),
        ("a share of another kit", "kit", [first, OTHERS_SHARE], ""),
        ("a word too few", "kit", [" ".join(words[:-1])], ""),
        ("a word too many", "kit", [" ".join([*words, words[-1]])], ""),
        ("two words exchanged", "kit", [" ".join([*words[:4], words[5], words[4], *words[6:]])], ""),
        ("a word changed", "kit", [" ".join([*words[:9], "academic", *words[10:]])], ""),
        ("a word that is none", "kit", [" ".join([*words[:9], "bonafides", *words[10:]])], ""),
        ("a letter of another script", "kit", [WHOLE.replace("a", "а", 1)], ""),
        ("seventeen lines", "kit", [first, second] * 8 + [third], ""),
        ("a very long line", "kit", [" ".join(["academic"] * 80)], ""),
        ("a kit that would take seconds", "kit", [SLOW], ""),
        ("a kit that would take minutes", "kit", [SLOWEST], ""),
        ("a secret of 16 bytes", "kit", [SIXTEEN_BYTES], ""),
        ("a secret of 34 bytes", "kit", [THIRTY_FOUR_BYTES], ""),
        ("a secret equal to r", "kit", [GROUP_ORDER], ""),
        ("a wrong passphrase that gives no scalar", "kit", [WHOLE], "wrong"),
        ("the secret zero", "kit", [ZERO], ""),
        ("a passphrase with a letter outside ASCII", "kit_passphrase", [WHOLE], "mật khẩu"),
        ("a passphrase with a line end", "kit_passphrase", [WHOLE], "a\n"),
        ("a passphrase of 129 characters", "kit_passphrase", [WHOLE], "a" * 129),
    ]
    # SLIP-39 cannot tell a wrong passphrase: another secret comes out, or now and then none below r.
    other = {"why": "a passphrase the kit was not made with", "lines": [WHOLE], "passphrase": "almost"}
    other_secret = open_kit([WHOLE], passphrase="almost").encode().hex()
    return {
        "secret": fixed.SECRET.encode().hex(),
        "cases": [{"what": what, "lines": lines, "passphrase": given} for what, lines, given in cases],
        "another_secret": [other | {"secret": other_secret}],
        "refused": [refused(why, error, lines=lines, passphrase=given) for why, error, lines, given in wrong],
    }
