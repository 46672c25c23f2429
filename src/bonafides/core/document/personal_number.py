"""Where a State signs the lifelong personal number into its documents: one rule per State and kind of document.

The number decides who is the same person, so there is no falling back from one place to another: a document gives
exactly one number, in one spelling, or it cannot be used.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from bonafides.core.document.mrz import Mrz
from bonafides.errors import ConfigError, PolicyError


class NumberSource(StrEnum):
    """Places that hold a personal number."""

    MRZ_OPTIONAL = "mrz_optional"
    MRZ_OPTIONAL_SECOND = "mrz_optional_second"
    MRZ_PERSONAL = "mrz_personal"
    DG11 = "dg11"
    DG13 = "dg13"


@dataclass(frozen=True, slots=True)
class PersonalNumberRule:
    """Where the number is and what it looks like.

    `separators` are characters to drop first. `pattern` must then match the whole field in upper case; if it has a
    group `number`, that is the number, otherwise the whole field is. MRZ_OPTIONAL is line 1 of a TD1 or the one such
    field of a TD2, MRZ_OPTIONAL_SECOND line 2 of a TD1, MRZ_PERSONAL the personal number field of a TD3, DG13 the
    Vietnamese card's own list.
    """

    source: NumberSource
    pattern: str = "[0-9A-Z]{4,20}"
    separators: str = ""

    def __post_init__(self) -> None:
        """Refuse a pattern that is none when it is configured, not when somebody enrols."""
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ConfigError(f"the pattern of a personal number rule is wrong: {error}") from None


def extract_number(
    rule: PersonalNumberRule, *, mrz: Mrz, dg11_number: str | None = None, dg13_number: str | None = None
) -> str:
    """Return the personal number: ASCII letters and digits only. Raises PolicyError if there is none."""
    field = _places(mrz, dg11_number, dg13_number)[rule.source]
    for separator in rule.separators:
        field = field.replace(separator, "")
    # Capitals only of ASCII: elsewhere several letters have one, and two numbers would become one person.
    match = re.fullmatch(rule.pattern, field.upper(), re.ASCII) if field.isascii() else None
    if match is None:
        raise no_personal_number("the document has no personal number of the State's form")
    number = match["number"] if "number" in match.re.groupindex else match[0]
    if not (number and number.isascii() and number.isalnum()):
        raise no_personal_number("the document's personal number is not of letters and digits")
    return str(number)


def no_personal_number(message: str) -> PolicyError:
    """Without a number signed by the State there is no telling persons apart, hence no enrolment."""
    return PolicyError(message, code="no_personal_number")


def _places(mrz: Mrz, dg11_number: str | None, dg13_number: str | None) -> dict[NumberSource, str]:
    """Return what stands in each place, "" where the document has no such place."""
    return {
        NumberSource.MRZ_OPTIONAL: mrz.optional_data[0] if mrz.kind in ("td1", "td2") else "",
        NumberSource.MRZ_OPTIONAL_SECOND: mrz.optional_data[1] if mrz.kind == "td1" else "",
        NumberSource.MRZ_PERSONAL: mrz.optional_data[0] if mrz.kind == "td3" else "",
        NumberSource.DG11: dg11_number or "",
        NumberSource.DG13: dg13_number or "",
    }
