"""How much a reader takes from a chip; every bound has a name and a default."""

from dataclasses import dataclass, field

from bonafides.core.document.limits import Limits


@dataclass(frozen=True, slots=True)
class ChipLimits:
    """Upper bounds on one reading. Sizes in bytes; `commands` bounds a chip that answers for ever in single bytes.

    `block_bytes` is the most that is asked for at once; with 256 no long command is sent: some readers carry none.
    `files` are the limits of the documents that are read.
    """

    card_access_bytes: int = 4 * 1024
    block_bytes: int = 4 * 1024
    response_bytes: int = 8 * 1024
    security_infos: int = 64
    commands: int = 4000
    files: Limits = field(default_factory=Limits)


DEFAULT_LIMITS = ChipLimits()
