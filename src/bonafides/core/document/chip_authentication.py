"""Chip authentication, as far as it can be proven to somebody else: an interface, and nothing that implements it.

In chip authentication (ICAO 9303-11, 6.2) chip and terminal agree on session keys; that the chip answers under them
shows that it is no copy — to the terminal alone. Whoever holds the session keys can write the whole transcript without
a chip, so a wallet or a service point cannot pass the proof on. An issuer that wants it must choose the ephemeral key,
keep it, and end the secure messaging itself, with whoever holds the card as a mere carrier of encrypted APDUs. Until
one does, chips that have nothing else are a finding (`chip_authentication_only`) and reach the level `chip`.
"""

from typing import Protocol


class ApduRelay(Protocol):
    """A card in somebody's hands, as an issuer would reach it through a wallet or service point.

    Access to the chip (PACE or BAC) is opened by who holds the card. From the issuer's MSE:Set AT on, every command is
    under keys that only issuer and chip have; the relay sees and changes nothing without being noticed.
    """

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU (ISO/IEC 7816-4) to the chip and return its response APDU, status word included."""
        ...
