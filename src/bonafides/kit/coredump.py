"""No image of a process's memory ever lands in a file: what is read from a document lives only there."""

import ctypes
import sys

from bonafides.errors import ConfigError

_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """Make this process write no core dump, whatever the machine's settings are.

    RLIMIT_CORE stops files; programs to which Linux pipes dumps ignore it, and heed PR_SET_DUMPABLE, which also keeps
    other processes of the same user from reading the memory (core(5), prctl(2)). Raises ConfigError if that is refused.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise ConfigError("The system refuses to keep this process's memory out of core dumps: allow prctl.")
