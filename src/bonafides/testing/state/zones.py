"""Machine readable zones as a State prints them (ICAO 9303-4, 9303-5 and 9303-6, 4.2.2)."""

import unicodedata

from bonafides.core.document.mrz_fields import check_digit


def encode_td1(
    *, state: str, number: str, birth: str, sex: str, expires: str, name: str, personal_number: str = ""
) -> str:
    """Return the zone of a card, the personal number in line 1; dates are YYMMDD. ICAO 9303-5, 4.2.2."""
    place = number.ljust(9, "<") + check_digit(number.ljust(9, "<")) + personal_number
    if len(number) > 9:
        place = number[:9] + "<" + number[9:] + check_digit(number) + "<" + personal_number
    line1 = "I<" + _state(state) + place.ljust(25, "<")
    line2 = birth + check_digit(birth) + _sex(sex) + expires + check_digit(expires) + _state(state) + "<" * 11
    line2 += check_digit(line1[5:] + line2[:7] + line2[8:15] + line2[18:])
    return _fitting(line1 + line2 + _name(name, 30), 90)


def encode_td2(
    *, state: str, number: str, birth: str, sex: str, expires: str, name: str, personal_number: str = ""
) -> str:
    """Return the zone of a card of the larger size, the personal number in line 2. ICAO 9303-6, 4.2.2."""
    place, rest = number.ljust(9, "<") + check_digit(number.ljust(9, "<")), personal_number
    if len(number) > 9:
        place, rest = number[:9] + "<", number[9:] + check_digit(number) + "<" + personal_number
    line2 = place + _state(state) + birth + check_digit(birth) + _sex(sex) + expires + check_digit(expires)
    line2 += rest.ljust(7, "<")
    line2 += check_digit(line2[:10] + line2[13:20] + line2[21:])
    return _fitting("I<" + _state(state) + _name(name, 31) + line2, 72)


def encode_td3(
    *, state: str, number: str, birth: str, sex: str, expires: str, name: str, personal_number: str = ""
) -> str:
    """Return the zone of a passport; dates are YYMMDD. ICAO 9303-4, 4.2.2."""
    number, personal = number.ljust(9, "<"), personal_number.ljust(14, "<")
    line2 = number + check_digit(number) + _state(state) + birth + check_digit(birth) + _sex(sex)
    line2 += expires + check_digit(expires) + personal + check_digit(personal)
    line2 += check_digit(line2[:10] + line2[13:20] + line2[21:43])
    return _fitting("P<" + _state(state) + _name(name, 39) + line2, 88)


def _state(code: str) -> str:
    """Germany writes one letter."""
    return "D<<" if code == "DEU" else code


def _sex(sex: str) -> str:
    return "<" if sex == "X" else sex


def _name(name: str, length: int) -> str:
    """Return "PRIMARY, SECONDARY" in the letters of the zone, cut or filled."""
    primary, _, secondary = name.partition(",")
    return "<<".join(map(_letters, (primary, secondary))).ljust(length, "<")[:length]


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.upper().replace("Đ", "D"))
    return "<".join("".join(c for c in plain if "A" <= c <= "Z" or c.isspace()).split())


def _fitting(zone: str, length: int) -> str:
    """Refuse what does not fit: a test must not pass over a cut number."""
    if len(zone) != length:
        raise ValueError("a field does not fit into the machine readable zone")
    return zone
