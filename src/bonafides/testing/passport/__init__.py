"""A passport chip in software, to be read by what reads chips (ICAO 9303-11, the chip's side).

    passport = EmulatedPassport.of(state.issue_card(birth=date(1990, 8, 6)), can="123456")
    read_document(passport.transmit, password=Password.from_zone(passport.zone), randomness=secrets.token_bytes)

Through a real PC/SC daemon with Debian's vsmartcard-vpcd: `with inserted(passport, port=35963): …`. Its states and
checks are written from the standard anew; with the reader it shares key derivation, ciphers and group operations. What
signs nonces is the `sign` of a `SoftChip` (`bonafides.testing.state.chip`).
"""

from bonafides.testing.passport.card import EmulatedPassport, Traits
from bonafides.testing.passport.in_hand import PassportInHand
from bonafides.testing.passport.pace import PaceOffer
from bonafides.testing.passport.vpcd import inserted

__all__ = ["EmulatedPassport", "PaceOffer", "PassportInHand", "Traits", "inserted"]
