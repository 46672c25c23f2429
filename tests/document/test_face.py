"""The face check is somebody else's; whatever it does but say yes means that no face is bound."""

from dataclasses import dataclass
from typing import Any

import pytest

from bonafides.core.document import FaceResult, Level, is_face_bound


@dataclass
class Check:
    """A face check that answers, or raises, what a test says."""

    answer: Any
    asked: tuple[bytes, ...] = ()

    def verify(self, portrait: bytes, capture: bytes, nonce: bytes) -> Any:
        self.asked = (portrait, capture, nonce)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def bound(answer: Any) -> bool:
    return is_face_bound(Check(answer), portrait=b"portrait", capture=b"capture", nonce=b"nonce")


def test_a_clear_yes_for_this_portrait_capture_and_nonce() -> None:
    check = Check(FaceResult(match=True, liveness=True, level=Level.CHIP_GENUINE_FACE))
    assert is_face_bound(check, portrait=b"portrait", capture=b"capture", nonce=b"nonce") is True
    assert check.asked == (b"portrait", b"capture", b"nonce")


@pytest.mark.parametrize(
    "answer",
    [
        FaceResult(match=False, liveness=True, level=Level.CHIP_GENUINE_FACE),
        FaceResult(match=True, liveness=False, level=Level.CHIP_GENUINE_FACE),
        FaceResult(match=True, liveness=True, level=Level.CHIP_GENUINE),
        FaceResult(match=True, liveness=True, level=Level.CHIP),
        FaceResult(match="yes", liveness=True, level=Level.CHIP_GENUINE_FACE),  # type: ignore[arg-type]
        FaceResult(match=True, liveness=1, level=Level.CHIP_GENUINE_FACE),  # type: ignore[arg-type]
        FaceResult(match=True, liveness=True, level="high"),  # type: ignore[arg-type]
        None,
        True,
        {"match": True, "liveness": True},
        RuntimeError("the camera is gone"),
        TimeoutError(),
        MemoryError(),
        AssertionError(),
    ],
)
def test_anything_else_is_a_no(answer: Any) -> None:
    assert bound(answer) is False


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit()])
def test_who_stops_the_process_is_heard(stop: BaseException) -> None:
    with pytest.raises(type(stop)):
        bound(stop)
