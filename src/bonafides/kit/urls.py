"""Which URLs an office or wallet may call: https by name; plain http on this machine for developers."""

import httpx

from bonafides.errors import InputError

MAX_URL_LENGTH = 2048


def is_loopback_name(host: str) -> bool:
    """Tell whether a host is `localhost` or below it; addresses are no names."""
    return host == "localhost" or host.endswith(".localhost")


def parse_url(url: str, *, developer_mode: bool = False) -> httpx.URL:
    """Return the URL if it may be called; InputError otherwise.

    A host is a name, never an address; no user, no fragment. Loopback names work in developer mode only, and only with
    plain http; every other name only with https.
    """
    if len(url) > MAX_URL_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
        raise InputError("not a URL")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise InputError("not a URL") from None
    host = parsed.host
    if not host or host.endswith(".") or parsed.userinfo or parsed.fragment or _is_address(host):
        raise InputError("not a URL of an office")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise InputError("not a URL")
    expected = "http" if is_loopback_name(host) else "https"
    if parsed.scheme != expected or (expected == "http" and not developer_mode):
        raise InputError("not an https URL", code="insecure_url")
    return parsed


def _is_address(host: str) -> bool:
    """Tell whether a host is an IP address in any spelling, `127.1` and `0x7f000001` included.

    As the URL standard has it: a host whose last label is a number is an address.
    """
    last = host.rpartition(".")[2].lower()
    return ":" in host or last.isdigit() or (last.startswith("0x") and all(c in "0123456789abcdef" for c in last[2:]))
