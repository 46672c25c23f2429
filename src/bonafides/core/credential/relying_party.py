"""Who asks: from a client id to the permanent id of a relying party, and to the one origin it may use (profile §4)."""

import re

from bonafides.errors import InputError, PolicyError

CLIENT_ID_PREFIX = "decentralized_identifier:"
_DID_WEB = "did:web:"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_PORT = re.compile(r"[1-9][0-9]{0,4}\Z")
# Browsers read any host whose last label is a number, decimal or hexadecimal, as an IPv4 address (WHATWG URL, 3.5).
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
MAX_HOST = 253
MAX_URL = 2048


def relying_party_id(client_id: str, *, developer: bool = False) -> str:
    """Return the relying party id of an authenticated client id: its did:web host, `:port` unless 443.

    Raises InputError for any other form of client id, a path, user-info, capitals or a trailing dot; PolicyError for a
    loopback name outside developer mode.
    """
    if not client_id.startswith(CLIENT_ID_PREFIX + _DID_WEB) or len(client_id) > MAX_HOST + 64:
        raise InputError("a client id is decentralized_identifier:did:web:HOST", code="client_id")
    name = client_id.removeprefix(CLIENT_ID_PREFIX + _DID_WEB)
    # did:web spells the colon before a port as %3A, and uses bare colons for a path, which we refuse.
    host, marker, port = name.partition("%3A")
    if ":" in name or "%" in host or "%" in port or (marker and not port):
        raise InputError("a path, user-info or escaped host is not a client id of ours", code="client_id")
    return check_id(f"{host}:{port}" if marker else host, developer=developer)


def client_id_of(rp_id: str) -> str:
    """Return the client id under which this relying party signs requests."""
    return CLIENT_ID_PREFIX + did_of(rp_id)


def did_of(rp_id: str) -> str:
    """Return the did:web of a relying party or issuer id."""
    return _DID_WEB + rp_id.replace(":", "%3A")


def check_id(rp_id: str, *, developer: bool = False) -> str:
    """Return the id if it is in its one spelling: lower-case A-labels, no IP address, no default port.

    Raises InputError, or PolicyError for a loopback name outside developer mode.
    """
    host, colon, port = rp_id.partition(":")
    if len(host) > MAX_HOST or not _HOST.match(host) or (colon and not _PORT.match(port)):
        raise InputError("a relying party id is a lower-case host with an optional port", code="relying_party_id")
    if colon and (port == "443" or int(port) > 65535):
        raise InputError("the default port is not written, and ports end at 65535", code="relying_party_id")
    if _NUMBER.match(host.rsplit(".", 1)[-1]):
        raise InputError("an IP address names nobody for long", code="relying_party_id")
    if is_loopback(host):
        if port == "80":
            raise InputError("the default port is not written", code="relying_party_id")
        if not developer:
            raise PolicyError("loopback names work in developer mode only", code="loopback")
    elif "." not in host:
        raise InputError("a host without a domain", code="relying_party_id")
    return rp_id


def is_loopback(host: str) -> bool:
    """Return whether a host name is reserved for this very machine."""
    return host == "localhost" or host.endswith(".localhost")


def origin_of(rp_id: str) -> str:
    """Return the web origin of a checked id: https, but plain http for loopback names."""
    host = rp_id.partition(":")[0]
    return ("http://" if is_loopback(host) else "https://") + rp_id


def require_same_origin(url: object, rp_id: str) -> str:
    """Return the URL if it lies at exactly this relying party's origin, without user-info or fragment.

    Raises InputError otherwise: DID document, request and response addresses share the origin (profile §4).
    """
    if not isinstance(url, str) or not url.isascii() or len(url) > MAX_URL:
        raise InputError("not an address", code="origin")
    # Compared as text, so that no parser's leniency and no second spelling comes between.
    if not url.startswith(origin_of(rp_id) + "/") or any(c <= " " or c in '#\\"<>^`{|}\x7f' for c in url):
        raise InputError("an address outside the relying party's own origin", code="origin")
    return url
