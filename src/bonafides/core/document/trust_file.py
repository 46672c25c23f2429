"""What an operator may import: certificates, revocation lists and master lists, told apart by their bytes."""

from asn1crypto import parser, pem

from bonafides.core.document.certificate import Certificate, parse_certificate
from bonafides.core.document.crl import RevocationList, parse_revocation_list
from bonafides.core.document.limits import IMPORT_LIMITS, Limits
from bonafides.core.document.master_list import MasterList, parse_master_list
from bonafides.core.document.scan import scan
from bonafides.errors import InputError

TrustFile = MasterList | RevocationList | tuple[Certificate, ...]

_WHAT, _CODE = "the file", "document_trust_file"
_OBJECT_IDENTIFIER, _EXPLICIT_VERSION = b"\x06", b"\xa0"
_PEM_CERTIFICATES = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}


def parse_trust_file(data: bytes, *, limits: Limits = IMPORT_LIMITS) -> TrustFile:
    """Return what is in a file, DER or PEM; PEM may hold several certificates, and nothing else beside them.

    Nothing is verified. Raises InputError.
    """
    if len(data) > limits.import_bytes:
        raise InputError(f"{_WHAT} is longer than {limits.import_bytes} bytes", code=_CODE)
    if b"-----BEGIN" not in data:
        return _parse_der(data, limits)
    try:
        blocks = [(label, der) for label, _, der in pem.unarmor(data, multiple=True)]
    except (ValueError, TypeError):
        raise InputError("the file is not well-formed PEM", code=_CODE) from None
    if len(blocks) == 1 and blocks[0][0] not in _PEM_CERTIFICATES:
        return _parse_der(blocks[0][1], limits)
    if not blocks or len(blocks) > limits.master_list_certificates:
        raise InputError("the file holds no certificates, or too many", code=_CODE)
    if any(label not in _PEM_CERTIFICATES for label, _ in blocks):
        raise InputError("the file mixes certificates with something else", code=_CODE)
    return tuple(parse_certificate(der, limits=limits) for _, der in blocks)


def _parse_der(data: bytes, limits: Limits) -> TrustFile:
    """Return what these bytes begin like; whether they are that is for its own parser to say.

    Signed data names itself by an object identifier; a certificate begins with its version in a tag of its own, which
    a revocation list has not.
    """
    scan(data, max_bytes=limits.import_bytes, what=_WHAT, code=_CODE, limits=limits)
    inner = _first_inside(data)
    if inner[:1] == _OBJECT_IDENTIFIER:
        return parse_master_list(data, limits=limits)
    if _first_inside(inner)[:1] == _EXPLICIT_VERSION:
        return (parse_certificate(data, limits=limits),)
    if not inner:
        raise InputError("the file is no master list, certificate or revocation list", code=_CODE)
    return parse_revocation_list(data, limits=limits)


def _first_inside(data: bytes) -> bytes:
    """Return a value's contents from its first member on; empty if there is none."""
    try:
        return bytes(parser.parse(data)[4])
    except ValueError:
        return b""
