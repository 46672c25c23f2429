"""One conversation with a chip: plain at first, protected once access is won; every command counted."""

from bonafides.core.chip.apdu import SHORT, Command, Response, Transmit, decode_response
from bonafides.core.chip.limits import ChipLimits
from bonafides.core.chip.secure_messaging import SecureChannel
from bonafides.errors import InputError

_MORE, _OTHER_LENGTH = 0x61, 0x6C
_GET_RESPONSE = 0xC0


class Conversation:
    """Sends commands through `transmit`, protected as soon as there is a `channel`.

    `block_bytes` is what the chip can answer at once.
    """

    def __init__(self, transmit: Transmit, *, limits: ChipLimits) -> None:
        self.limits = limits
        self.channel: SecureChannel | None = None
        self.block_bytes = SHORT
        self._transmit = transmit
        self._left = limits.commands

    def send(self, command: Command) -> Response:
        """Return the chip's answer to one command. Raises InputError, VerificationError, what `transmit` raises."""
        if self.channel is None:
            response = self._exchange(command)
            if response.status >> 8 == _OTHER_LENGTH and command.expected is not None:
                # The chip says how much there is (ISO/IEC 7816-4, 5.3.4); asked once more, and once only.
                return self._exchange(
                    Command(command.instruction, command.p1, command.p2, command.data, response.status & 0xFF or SHORT)
                )
            return response
        return self.channel.open(self._exchange(self.channel.protect(command)))

    def _exchange(self, command: Command) -> Response:
        """Return one response, fetched in pieces where the chip has more than fits (ISO/IEC 7816-4, 5.3.4)."""
        data = b""
        while True:
            response = self._once(command)
            data += response.data
            if len(data) > self.limits.response_bytes:
                raise InputError("the chip's answer is too long", code="chip_response")
            if response.status >> 8 != _MORE:
                return Response(data, response.status)
            command = Command(_GET_RESPONSE, 0, 0, expected=response.status & 0xFF or SHORT)

    def _once(self, command: Command) -> Response:
        if not self._left:
            raise InputError("the chip's files do not end", code="chip_endless")
        self._left -= 1
        return decode_response(self._transmit(command.encode()))
