"""Changes of an EF.SOD, signed afresh or not."""

from collections.abc import Callable
from typing import Any

from asn1crypto import cms

from bonafides.core.document.lds import SOD_TAG, read_file
from bonafides.testing.state.certificates import Signer
from bonafides.testing.state.groups import encode_tlv

Change = Callable[[cms.SignedData], None]


def edit_sod(sod: bytes, change: Change, *, signer: Signer | None = None) -> bytes:
    """Return the SOD after a change of its SignedData; with a signer, its attributes are signed afresh."""
    message = cms.ContentInfo.load(read_file(sod, SOD_TAG, max_bytes=1 << 20))
    signed = message["content"]
    change(signed)
    if signer is not None:
        info = signed["signer_infos"][0]
        info["signature"] = signer.sign(attributes_of(signed).untag().dump(force=True))
    return encode_tlv(SOD_TAG, message.dump(force=True))


def attributes_of(signed: cms.SignedData) -> Any:
    """Return the signed attributes of the first signer."""
    return signed["signer_infos"][0]["signed_attrs"]


def set_version(sod: bytes, version: int) -> bytes:
    """Return the SOD with another CMS version: no signature covers it."""
    assert sod.count(b"\x02\x01\x03\x31") == 1
    return sod.replace(b"\x02\x01\x03\x31", bytes([2, 1, version, 0x31]))
