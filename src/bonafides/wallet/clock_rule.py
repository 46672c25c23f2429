"""Which epoch a presentation belongs to when wallet and relying party read different clocks (profile §2).

Whoever states the time in a request must not be able to choose the epoch: only next to a change of week, where honest
clocks may disagree, is the stated time believed. Pure.
"""

from datetime import datetime, timedelta

from bonafides.core.credential.epoch import epoch_of, monday_of, weeks_between
from bonafides.errors import PolicyError

TOLERANCE = timedelta(minutes=5)
NEAR_A_CHANGE = timedelta(hours=1)


def epoch_to_present(*, own: datetime, stated: datetime) -> str:
    """Return the epoch whose credential is presented. Raises PolicyError `clock_skew`.

    Within five minutes of each other, the stated time's. Otherwise the stated time's only where one change of week lies
    between the two clocks and both are within an hour of it; else the wallet's own, if they do not differ.
    """
    mine, theirs = epoch_of(own), epoch_of(stated)
    if mine == theirs or abs(own - stated) <= TOLERANCE:
        return theirs
    change = monday_of(max(mine, theirs))
    near = abs(own - change) <= NEAR_A_CHANGE and abs(stated - change) <= NEAR_A_CHANGE
    if near and abs(weeks_between(mine, theirs)) == 1:
        return theirs
    raise PolicyError(
        "Your clock and that of the asking site are in different weeks: set your clock, then try again.",
        code="clock_skew",
    )
