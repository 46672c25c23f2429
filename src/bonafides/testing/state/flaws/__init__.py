"""Documents with one flaw each, for every pitfall of chip documents: whoever accepts one of them has a hole.

    for flaw in FLAWS:
        with pytest.raises(Error) as refused:
            verify_document(**flaw.make(mint).arguments)
        assert refused.value.code == flaw.code

Everything else about them is good, so that only the guard in question can refuse them; `Mint` makes them for a time.
"""

from bonafides.testing.state.flaws import chips, signed_data, who_signed
from bonafides.testing.state.flaws.case import FLAWS, Flaw, FlawedDocument, Mint

__all__ = ["FLAWS", "Flaw", "FlawedDocument", "Mint", "chips", "signed_data", "who_signed"]
