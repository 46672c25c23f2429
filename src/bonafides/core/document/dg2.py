"""Data group 2: the holder's portrait, for who compares faces and for nobody else (ICAO 9303-10, 4.7.2).

The picture is found, not decoded: picture decoders are for a process that may be thrown away.
"""

from dataclasses import dataclass, field
from typing import Literal

from bonafides.core.document.lds import read_group_objects
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.scan import scan
from bonafides.core.document.tlv import Tlv, read_objects
from bonafides.errors import InputError

_CODE = "document_dg2"
_GROUP_TEMPLATE, _TEMPLATE = 0x7F61, 0x7F60
_DATA_BLOCKS = frozenset({0x5F2E, 0x7F2E})
# ISO/IEC 39794-5: image data block, representations, the first, its image, plain, in two dimensions, the bytes.
_ISO_39794_PATH = (0x65, 0xA1, 0x30, 0xA1, 0xA0, 0xA0, 0x80)
# ISO/IEC 19794-5:2005, 5.4 to 5.7: sizes of its fixed parts.
_RECORD_HEADER, _FACE_HEADER, _FEATURE_POINT, _IMAGE_HEADER = 14, 20, 8, 12
_IMAGES: tuple[tuple[bytes, Literal["jpeg", "jp2"]], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
)


@dataclass(frozen=True, slots=True)
class Portrait:
    """The bytes of a picture as the State wrote them, and what they are: JPEG or JPEG 2000."""

    image: bytes = field(repr=False)
    kind: Literal["jpeg", "jp2"]


def read_portrait(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Portrait:
    """Return the first picture of data group 2. Raises InputError. CBEFF with ISO/IEC 19794-5 or 39794-5."""
    template = _first(read_group_objects(2, data, limits=limits), _GROUP_TEMPLATE)
    block = _first(list(read_objects(_first(list(read_objects(template)), _TEMPLATE))), *_DATA_BLOCKS)
    image = _read_record(block) if block.startswith(b"FAC\0") else _read_structure(block, limits)
    for start, kind in _IMAGES:
        if image.startswith(start):
            return Portrait(image, kind)
    raise _malformed()


def _read_record(block: bytes) -> bytes:
    """Return the first picture of a face record: ISO/IEC 19794-5:2005, 5.

    The length in the record's header is not looked at: some States leave out its first eight bytes.
    """
    face = block[_RECORD_HEADER:]
    size = int.from_bytes(face[:4], "big")
    points = int.from_bytes(face[4:6], "big")
    start = _FACE_HEADER + points * _FEATURE_POINT + _IMAGE_HEADER
    if not start < size <= len(face):
        raise _malformed()
    return face[start:size]


def _read_structure(block: bytes, limits: Limits) -> bytes:
    """Return the first picture of a face image data block: ISO/IEC 39794-5, annex A."""
    scan(block, max_bytes=limits.portrait_bytes, what="a portrait", code=_CODE, limits=limits)
    # ICAO 9303-10 puts the block into a context-specific one; others write it plainly.
    objects = list(read_objects(block))
    value = _first(objects, 0xA1) if objects and objects[0].tag == 0xA1 else block
    for tag in _ISO_39794_PATH:
        value = _first(list(read_objects(value)), tag)
    return value


def _first(objects: list[Tlv], *tags: int) -> bytes:
    """Return the value of the first data object with one of these tags."""
    for item in objects:
        if item.tag in tags:
            return item.value
    raise _malformed()


def _malformed() -> InputError:
    return InputError("data group 2 has no portrait of a known form", code=_CODE)
