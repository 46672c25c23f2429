"""PC/SC in memory: the part of pyscard's `scard` that is used, with emulated passports in its readers."""

from dataclasses import dataclass, field

from bonafides.testing.passport import EmulatedPassport


@dataclass
class FakeScard:
    """Readers by name, each with a passport or none. `faults` are results of functions, used up one by one."""

    readers: dict[str, EmulatedPassport | None]
    faults: dict[str, list[int]] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)
    contexts: int = 0
    waits: int = 0
    arrives: EmulatedPassport | None = None
    carries_long: bool = True

    SCARD_S_SUCCESS = 0
    SCARD_SCOPE_USER = 0
    SCARD_SHARE_EXCLUSIVE = 1
    SCARD_PROTOCOL_T0 = 1
    SCARD_PROTOCOL_T1 = 2
    SCARD_PCI_T0 = "T0"
    SCARD_PCI_T1 = "T1"
    SCARD_RESET_CARD = 1
    SCARD_STATE_UNAWARE = 0
    SCARD_STATE_EMPTY = 0x10
    SCARD_STATE_PRESENT = 0x20
    SCARD_STATE_MUTE = 0x200
    SCARD_E_TIMEOUT = 0x8010000A
    SCARD_E_UNKNOWN_READER = 0x80100009
    SCARD_E_SHARING_VIOLATION = 0x8010000B
    SCARD_E_NO_SMARTCARD = 0x8010000C
    SCARD_E_PROTO_MISMATCH = 0x8010000F
    SCARD_E_NOT_TRANSACTED = 0x80100016
    SCARD_E_READER_UNAVAILABLE = 0x80100017
    SCARD_E_NO_SERVICE = 0x8010001D
    SCARD_E_SERVICE_STOPPED = 0x8010001E
    SCARD_E_NO_READERS_AVAILABLE = 0x8010002E
    SCARD_W_UNSUPPORTED_CARD = 0x80100065
    SCARD_W_UNRESPONSIVE_CARD = 0x80100066
    SCARD_W_UNPOWERED_CARD = 0x80100067
    SCARD_W_RESET_CARD = 0x80100068
    SCARD_W_REMOVED_CARD = 0x80100069
    SCARD_W_SECURITY_VIOLATION = 0x8010006A

    def _result(self, function: str) -> int:
        waiting = self.faults.get(function, [])
        return waiting.pop(0) if waiting else self.SCARD_S_SUCCESS

    def SCardEstablishContext(self, scope: int) -> tuple[int, str]:
        """Begin."""
        result = self._result("SCardEstablishContext")
        self.contexts += result == self.SCARD_S_SUCCESS
        return result, "context"

    def SCardReleaseContext(self, context: str) -> int:
        """End."""
        self.contexts -= 1
        return 0

    def SCardListReaders(self, context: str, groups: list[str]) -> tuple[int, list[str]]:
        """Name the readers."""
        return self._result("SCardListReaders"), list(self.readers)

    def SCardGetStatusChange(
        self, context: str, timeout: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]:
        """Say which readers have a card; the card that `arrives` does so at the third look."""
        self.waits += 1
        if self.waits == 3 and self.arrives:
            self.readers[states[0][0]] = self.arrives
        present = {
            name: self.SCARD_STATE_PRESENT if self.readers[name] else self.SCARD_STATE_EMPTY for name, _ in states
        }
        return self._result("SCardGetStatusChange"), [(name, state, []) for name, state in present.items()]

    def SCardConnect(
        self, context: str, name: str, share: int, protocols: int
    ) -> tuple[int, EmulatedPassport | None, int]:
        """Power the card."""
        self.connected.append(name)
        passport = self.readers[name]
        if passport:
            passport.reset()
        return self._result("SCardConnect"), passport, self.SCARD_PROTOCOL_T1

    def SCardTransmit(self, card: EmulatedPassport, header: str, command: list[int]) -> tuple[int, list[int]]:
        """Carry one command; octets come back signed, as they may from pyscard."""
        result = self._result("SCardTransmit")
        if len(command) > 5 and command[4] == 0 and not self.carries_long:
            result = self.SCARD_E_NOT_TRANSACTED
        if result:
            return result, []
        return result, [octet - 256 if octet > 127 else octet for octet in card.transmit(bytes(command))]

    def SCardDisconnect(self, card: EmulatedPassport, disposition: int) -> int:
        """Let the card go."""
        self.connected.pop()
        return 0
