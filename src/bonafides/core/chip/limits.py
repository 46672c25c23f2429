"""How much a reader takes from a chip; every bound has a name and a default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChipLimits:
    """Upper bounds on one reading. Sizes in bytes; `commands` bounds a chip that answers for ever in single bytes."""

    card_access_bytes: int = 4 * 1024
    sod_bytes: int = 32 * 1024
    group_bytes: int = 64 * 1024
    portrait_bytes: int = 256 * 1024
    response_bytes: int = 4 * 1024
    signature_bytes: int = 1024
    security_infos: int = 64
    commands: int = 4000


DEFAULT_LIMITS = ChipLimits()
