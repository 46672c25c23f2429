"""Run a platform's gateway: make one, serve it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bonafides.errors import ConfigError
from bonafides.kit import telemetry
from bonafides.kit.clock import FileClock, SystemClock
from bonafides.kit.server import Listener, serve
from bonafides.offices.gateway import setup
from bonafides.offices.gateway.settings import GatewaySettings

app = typer.Typer(no_args_is_help=True, add_completion=False)

SettingsFile = Annotated[
    Path, typer.Option("--settings", envvar="BONAFIDES_GATEWAY_SETTINGS", help="The gateway's settings file (TOML).")
]
DEFAULT = Path(setup.SETTINGS_FILE)


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help="Where settings, key, token and database will lie.")],
    rp_id: Annotated[
        str, typer.Option("--id", help="Permanent id: the host of this gateway, e.g. login.forum.example.")
    ],
    issuer: Annotated[list[str], typer.Option(help="Id of an issuer to accept, one for each State; may be repeated.")],
    optional: Annotated[
        list[str] | None, typer.Option(help="A slot people may show if they like: age_over_18, …")
    ] = None,
    remedy_key: Annotated[
        list[str] | None, typer.Option(help="KEY_ID=FILE: public JWK of a redress body that may bind accounts here.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="sqlite:///path or postgresql://…; default SQLite here.")] = None,
    developer: Annotated[bool, typer.Option("--developer", help="Allow localhost. Never for real use.")] = False,
) -> None:
    """Make a new gateway for one platform: key, platform token, settings."""
    setup.init(
        directory,
        rp_id=rp_id,
        issuers=issuer,
        optional=optional or (),
        remedy_keys=dict(_read_key(each) for each in remedy_key or ()),
        database_url=database,
        developer_mode=developer,
    )
    print(f"The gateway {rp_id} lies in {directory}; the platform's token is in {directory / setup.TOKEN_FILE}.")


@app.command("serve")
def serve_gateway(
    settings: SettingsFile = DEFAULT,
    host: Annotated[str, typer.Option(help="Address to listen on; put TLS before it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8402,
) -> None:
    """Serve the gateway until Ctrl+C."""
    loaded = GatewaySettings.load(settings)
    in_file = loaded.clock_file
    clock = FileClock(in_file, developer_mode=loaded.developer_mode) if in_file else SystemClock()
    telemetry.configure(clock, office="gateway")
    application = setup.build(settings)
    serve([Listener(application, port, host)], on_ready=lambda: print(f"Listening on {host}:{port}.", flush=True))


def _read_key(option: str) -> tuple[str, dict[str, str]]:
    kid, equals, file = option.partition("=")
    try:
        jwk = json.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError):
        jwk = None
    if not equals or not isinstance(jwk, dict):
        raise ConfigError("Write --remedy-key as KEY_ID=FILE, the file holding a public Ed25519 JWK.")
    return kid, {str(name): str(value) for name, value in jwk.items()}
