"""A whole deployment in one call: issuer, platforms' gateways, officer and redress keys, for a synthetic State."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from bonafides.core.document import DocumentBundle
from bonafides.kit.clock import Clock
from bonafides.kit.http import HttpClient
from bonafides.kit.jws import sign_jws
from bonafides.kit.server import free_port, start
from bonafides.kit.signing_key import new_signing_key, public_jwk
from bonafides.offices.gateway import setup as gateway_setup
from bonafides.offices.gateway.app import create_app as create_gateway
from bonafides.offices.issuer import setup as issuer_setup
from bonafides.offices.issuer.app import create_app as create_issuer
from bonafides.offices.issuer.service import Issuer
from bonafides.offices.issuer.settings import IssuerSettings
from bonafides.testing.passkey import SoftPasskey
from bonafides.testing.state import SyntheticState
from bonafides.wallet import Wallet


def issuer_settings(
    folder: Path,
    state: SyntheticState,
    *,
    issuer_id: str,
    database_url: str | None = None,
    officer_keys: Mapping[str, Mapping[str, str]] | None = None,
    officer_passkeys: Mapping[str, Mapping[str, str]] | None = None,
    clock_file: Path | None = None,
    **limits: int,
) -> IssuerSettings:
    """Return settings for an issuer that trusts this State, with its keys and anchors written below `folder`."""
    rules = {kind: {"source": str(rule.source)} for (_, kind), rule in state.rules().items()}
    return issuer_setup.init(
        folder,
        issuer_id=issuer_id,
        country=state.code,
        anchors=[anchor.certificate.der for anchor in state.trust_store().anchors],
        personal_number_rules=rules,
        officer_keys=officer_keys,
        officer_passkeys=officer_passkeys,
        database_url=database_url,
        clock_file=clock_file,
        developer_mode=True,
        limits={"small_group": 1, **limits},
    )


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform with its gateway."""

    name: str
    rp_id: str
    origin: str
    token: str


@dataclass
class Town:
    """Issuer and platforms on loopback, served in this process on one clock. Use it as a context manager.

    `ports` fixes where they listen, the issuer first; by default any free ones.
    """

    folder: Path
    clock: Clock
    platform_names: Sequence[str] = ("a", "b")
    ports: Sequence[int] = ()
    small_group: int = 1
    country: str = "UTO"
    state: SyntheticState = field(init=False)
    issuer: Issuer = field(init=False)
    platforms: dict[str, Platform] = field(init=False, default_factory=dict)
    apps: list[FastAPI] = field(init=False, default_factory=list)
    http: HttpClient = field(init=False)
    officer_key: Ed25519PrivateKey = field(init=False, default_factory=new_signing_key)
    officer_passkey: SoftPasskey = field(init=False, default_factory=SoftPasskey)
    redress_key: Ed25519PrivateKey = field(init=False, default_factory=new_signing_key)
    _stack: ExitStack = field(init=False, default_factory=ExitStack)

    def __enter__(self) -> Self:
        """Make and start everything."""
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything, the last started first."""
        self._stack.close()

    @property
    def issuer_id(self) -> str:
        """The issuer's id."""
        return self.issuer.id

    def document(self, **card: Any) -> DocumentBundle:
        """Return a genuine document of the State for a person of age, or as `card` says."""
        card.setdefault("birth", date(1990, 5, 17))
        return self.state.issue_card(**card)

    def confirm_presence(self, reference: str) -> dict[str, Any]:
        """Return what the officer's passkey signs: the person stood before them with this very document."""
        return self.officer_passkey.confirm(self.issuer_id, reference)

    def officer_statement(self, act: str, ref: str) -> str:
        """Return what the officer signs to decide a matter."""
        now = int(self.clock.now().timestamp())
        claims = {"iss": "officer", "aud": self.issuer_id, "jti": str(uuid4()), "iat": now, "exp": now + 600}
        claims |= {"act": act, "ref": ref}
        return sign_jws(claims, key=self.officer_key, kid="officer", typ="bonafides-officer+jwt")

    def decide(self, act: str, ref: str) -> str:
        """Let the officer decide a matter, and return the outcome."""
        body = {"statement": self.officer_statement(act, ref)}
        return str(self.http.post_json(f"http://{self.issuer_id}/officer", body)["outcome"])

    def suspend(self, platform: str, sub: str, *, days: int) -> date:
        """Let the redress body suspend an account of a platform from today on, and return the day of its end."""
        today, at = self.clock.now().date(), self.platforms[platform]
        ends = today + timedelta(days=days)
        claims = {
            "iss": "redress",
            "aud": at.rp_id,
            "jti": str(uuid4()),
            "iat": int(self.clock.now().timestamp()),
            "sub": sub,
            "case": str(uuid4()),
            "act": "impose",
            "kind": "suspension",
            "starts": today.isoformat(),
            "ends": ends.isoformat(),
        }
        token = sign_jws(claims, key=self.redress_key, kid="redress", typ="bonafides-remedy+jwt")
        self.http.post_json(f"{at.origin}/remedies", {"token": token})
        return ends

    def sign_in(self, wallet: Wallet, platform: str) -> dict[str, Any]:
        """Sign in with a wallet on the same device, as a browser would, and return what the platform learns."""
        browser = Browser(self.http, self.platforms[platform].origin)
        link = browser.begin()
        answered = wallet.answer(wallet.inspect(link))
        return browser.collect(answered.redirect_uri or "")

    def _start(self) -> None:
        count = 1 + len(self.platform_names)
        ports = list(self.ports) or [free_port() for _ in range(count)]
        self.state = SyntheticState(self.country, now=self.clock.now())
        self.http = self._stack.enter_context(HttpClient(developer_mode=True))
        settings = issuer_settings(
            self.folder / "issuer",
            self.state,
            issuer_id=f"localhost:{ports[0]}",
            officer_keys={"officer": public_jwk(self.officer_key)},
            officer_passkeys={"officer": self.officer_passkey.settings},
            small_group=self.small_group,
        )
        app = create_issuer(settings, clock=self.clock)
        self.issuer = app.state.issuer
        self.apps.append(app)
        self._stack.enter_context(start(app, port=ports[0]))
        for name, port in zip(self.platform_names, ports[1:], strict=True):
            self._start_platform(name, port)

    def _start_platform(self, name: str, port: int) -> None:
        folder, rp_id = self.folder / f"platform-{name}", f"localhost:{port}"
        settings = gateway_setup.init(
            folder,
            rp_id=rp_id,
            issuers=[self.issuer_id],
            remedy_keys={"redress": public_jwk(self.redress_key)},
            developer_mode=True,
        )
        app = create_gateway(settings, clock=self.clock)
        self.apps.append(app)
        self._stack.enter_context(start(app, port=port))
        token = (folder / gateway_setup.TOKEN_FILE).read_text("ascii")
        self.platforms[name] = Platform(name, rp_id, f"http://{rp_id}", token)


class Browser:
    """The browser in which somebody begins a sign-in: it alone holds the cookie."""

    def __init__(self, http: HttpClient, origin: str) -> None:
        self._http = http
        self._origin = origin
        self._cookie = ""
        self.signin = ""

    def begin(self, device: str = "same") -> str:
        """Begin a sign-in and return the link for the wallet."""
        body = json.dumps({"device": device}).encode()
        answer = self._http.send("POST", f"{self._origin}/signin", content=body, media_type="application/json")
        said = answer.raise_for_problem().json()
        self._cookie = answer.headers["set-cookie"].partition(";")[0]
        self.signin = said["signin"]
        return str(said["wallet_url"])

    def is_answered(self) -> bool:
        """Return whether the wallet has answered."""
        url = f"{self._origin}/signin/{self.signin}"
        return bool(self._http.get_json(url, headers={"Cookie": self._cookie})["state"] == "answered")

    def collect(self, redirect_uri: str) -> dict[str, Any]:
        """Follow the wallet's way back and return the result."""
        return self._result({"response_code": parse_qs(urlsplit(redirect_uri).query)["response_code"][0]})

    def type_code(self, code: str) -> dict[str, Any]:
        """Type the six digits that the wallet shows and return the result."""
        return self._result({"code": code})

    def _result(self, body: dict[str, Any]) -> dict[str, Any]:
        url = f"{self._origin}/signin/{self.signin}/result"
        return self._http.post_json(url, body, headers={"Cookie": self._cookie})
