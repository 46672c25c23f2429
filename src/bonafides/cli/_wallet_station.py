"""The wallet at a service point: the link as a QR code in the terminal, six digits to compare, words while waiting."""

import io
import shutil
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from bonafides.cli import _wallet_terminal as terminals
from bonafides.core.credential.station_link import StationLink
from bonafides.errors import ConfigError
from bonafides.wallet import Document, StationVisit
from bonafides.wallet.station import sleep, typed_facts

Station = Annotated[
    bool, typer.Option("--station", help="A service point reads your document: you are shown a QR code for it.")
]
_BORDER = 2
_WHITE_ON_BLACK, _PLAIN = "\x1b[97;40m", "\x1b[0m"


_WORDS = {
    "en": (
        "State that issued your document, three letters as printed",
        "Your birth date, YEAR-MONTH-DAY (only what your document says of it)",
        "Let the service point scan this code. It must show your issuer {issuer} and these digits:",
        "If it shows others, do not hand over your document. Show this code to nobody else. Ctrl+C stops.",
        "Waiting for the service point, {minutes} min at most …",
        "This window is too narrow for the QR code: make it wider and begin again, or copy the link.",
    ),
    "vi": (
        "Quốc gia cấp giấy tờ, ba chữ cái như in trên giấy tờ",
        "Ngày sinh của bạn, NĂM-THÁNG-NGÀY (chỉ phần có ghi trên giấy tờ)",
        "Cho điểm dịch vụ quét mã này. Máy ở đó phải hiện nơi cấp {issuer} và đúng các chữ số:",
        "Nếu các chữ số khác, đừng đưa giấy tờ. Không cho ai khác xem mã này. Ctrl+C để dừng.",
        "Đang chờ điểm dịch vụ, nhiều nhất {minutes} phút …",
        "Cửa sổ quá hẹp cho mã QR: hãy mở rộng rồi bắt đầu lại, hoặc chép đường dẫn.",
    ),
}


def choose_document(ctx: typer.Context, path: Path | None, station: bool, in_person: bool) -> Document | StationVisit:
    """Return the document in a file, or the visit to a service point that will read it. Raises ConfigError."""
    if station == (path is not None) or (station and in_person):
        raise ConfigError("Name the file of your document with --document, or say --station at a service point.")
    if path is not None:
        return terminals.read_document(path, in_person)
    around = terminals.around_of(ctx)
    words = _WORDS["vi" if around.language == "vi" else "en"]
    ask = terminals.TERMINAL.ask
    with terminals.retold(around.language):
        typed = typed_facts(ask(words[0]), ask(words[1], optional=True), today=around.clock.now().date())
    return StationVisit(typed, lambda link: show_link(link, words), Waiting(words))


def show_link(link: StationLink, words: Sequence[str]) -> None:
    """Show link and comparison code, and what to do with them."""
    say = terminals.TERMINAL.say
    say(draw(link.text) or words[5])
    say(f"\n{link.text}\n")
    say(f"{words[2].format(issuer=link.issuer_id)}\n\n    {link.comparison_code}\n\n{words[3]}")


def draw(text: str) -> str:
    """Return a QR code for a terminal, in colours of its own; nothing if the window is too narrow for it."""
    import segno

    code = segno.make(text, error="l", micro=False)
    if code.symbol_size(border=_BORDER)[0] > shutil.get_terminal_size().columns:
        return ""
    drawn = io.StringIO()
    code.terminal(out=drawn, border=_BORDER, compact=True)
    # Scanners want dark on light, whatever colours the terminal has.
    return "\n".join(f"{_WHITE_ON_BLACK}{line}{_PLAIN}" for line in drawn.getvalue().splitlines())


class Waiting:
    """Says once a minute that the wallet waits, for a person at a terminal."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words[4]
        self._said = -1

    def __call__(self, left: timedelta) -> None:
        """Say how long it may still take, and let a moment pass."""
        minutes = int(left.total_seconds()) // 60 + 1
        if minutes != self._said and sys.stderr.isatty():
            terminals.TERMINAL.say(self._words.format(minutes=minutes))
        self._said = minutes
        sleep(left)
