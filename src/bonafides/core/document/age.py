"""Ages reached, without telling a birth date: the slots of a person credential."""

from datetime import date

AGES = (13, 16, 18)


def age_flags(birth: date | None, at: date) -> dict[str, bool]:
    """Return `age_over_13`, `age_over_16` and `age_over_18` as of a day; all false if the birth date is unknown.

    Whoever was born on 29 February has the birthday on 1 March in other years.
    """
    years = -1 if birth is None else at.year - birth.year - ((at.month, at.day) < (birth.month, birth.day))
    return {f"age_over_{age}": years >= age for age in AGES}
