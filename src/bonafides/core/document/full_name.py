"""The holder's full name as their State signed it, with its diacritics: only for who asks for a `name` credential.

The name in the machine readable zone is never used: it has no diacritics and may be cut.
"""

import re
import unicodedata

from bonafides.core.credential.slots import Name, check_value
from bonafides.core.document.dg11 import parse_dg11_name
from bonafides.core.document.dg13 import parse_dg13_name
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.errors import InputError, PolicyError

_FILLERS = re.compile("[< ]+")


def read_full_name(dg11: bytes | None, *, dg13: bytes | None = None, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return "PRIMARY SECONDARY" in NFC from data group 11, which has `PRIMARY<<SECONDARY`, `<` for spaces.

    Where that has none, from data group 13, which only Vietnamese cards may be given with. Raises InputError for a
    malformed group, PolicyError `no_signed_name` where there is no name, or none that the slot `full_name` can hold.
    ICAO 9303-10, 4.7.11.
    """
    written = None if dg11 is None else parse_dg11_name(dg11, limits=limits)
    if written is None and dg13 is not None:
        written = parse_dg13_name(dg13, limits=limits)
    name = unicodedata.normalize("NFC", _FILLERS.sub(" ", written or "").strip(" "))
    try:
        return str(check_value("name", Name.FULL_NAME, name))
    except InputError:
        raise PolicyError("the document has no full name that its State signed", code="no_signed_name") from None
