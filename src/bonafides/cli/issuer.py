"""Run an issuer: make one, serve it, rotate its keys, see what waits for an officer."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bonafides.errors import ConfigError
from bonafides.kit import telemetry
from bonafides.kit.server import Listener, serve
from bonafides.offices.issuer import keys, published, service, setup, store
from bonafides.offices.issuer.app import open_issuer
from bonafides.offices.issuer.service import Issuer
from bonafides.offices.issuer.settings import IssuerSettings

app = typer.Typer(no_args_is_help=True, add_completion=False)
keys_app = typer.Typer(no_args_is_help=True, add_completion=False)
app.add_typer(keys_app, name="keys", help="Person-tag and signing keys: files apart from the database.")

SettingsFile = Annotated[
    Path, typer.Option("--settings", envvar="BONAFIDES_ISSUER_SETTINGS", help="The issuer's settings file (TOML).")
]
DEFAULT = Path("issuer.toml")


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help="Where settings, keys, anchors and database will lie.")],
    issuer_id: Annotated[str, typer.Option("--id", help="Permanent id: the host of this issuer, e.g. id.example.")],
    country: Annotated[str, typer.Option(help="The issuing State it serves, ISO alpha-3.")],
    number_in: Annotated[
        list[str], typer.Option(help="Where its documents sign the personal number, e.g. td1=mrz_optional.")
    ],
    anchor: Annotated[
        list[Path] | None, typer.Option(help="CSCA certificate (DER, PEM); may be repeated. See also: bonafides trust.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="sqlite:///path or postgresql://…; default SQLite here.")] = None,
    developer: Annotated[bool, typer.Option("--developer", help="Allow localhost. Never for real use.")] = False,
) -> None:
    """Make a new issuer: keys in files of their own, trust anchors, settings."""
    rules: dict[str, dict[str, str]] = {}
    for each in number_in:
        kind, equals, source = each.partition("=")
        if not equals:
            raise ConfigError("Write --number-in as KIND=PLACE, for instance td1=mrz_optional.")
        rules[kind] = {"source": source}
    try:
        anchors = [path.read_bytes() for path in anchor or ()]
    except OSError as error:
        raise ConfigError(f"A trust anchor cannot be read ({error.strerror}): name a file that is there.") from None
    setup.init(
        directory,
        issuer_id=issuer_id,
        country=country,
        anchors=anchors,
        personal_number_rules=rules,
        database_url=database,
        developer_mode=developer,
    )
    print(f"The issuer {issuer_id} lies in {directory}. Keep a copy of its keys folder apart from its database.")


@app.command("serve")
def serve_issuer(
    settings: SettingsFile = DEFAULT,
    host: Annotated[str, typer.Option(help="Address to listen on; put TLS before it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8401,
) -> None:
    """Serve the issuer until Ctrl+C."""
    loaded = IssuerSettings.load(settings)
    telemetry.configure(setup.clock_of(loaded), office="issuer")
    application = setup.build(settings)
    serve([Listener(application, port, host)], on_ready=lambda: print(f"Listening on {host}:{port}.", flush=True))


@app.command()
def pending(settings: SettingsFile = DEFAULT) -> None:
    """List what waits: references for officers' statements, and from which day on it may take effect."""
    issuer = _open(settings)
    with issuer.database.read() as connection:
        waiting, disputes = store.list_pending(connection), store.list_disputes(connection)
    issuer.database.close()
    for each in waiting:
        print(f"{each.ref}  re-enrolment  due {each.due}  {'for an officer' if each.needs_officer else 'by itself'}")
    for ref in disputes:
        print(f"{ref}  disputed restore  for an officer")
    if not waiting and not disputes:
        print("Nothing waits.")


@app.command()
def counts(settings: SettingsFile = DEFAULT) -> None:
    """Print as JSON, in numbers, what happened in each epoch, and each month's enrolments by trust list."""
    issuer = _open(settings)
    with issuer.database.read() as connection:
        told = {"epochs": published.counts(connection), "trust_lists": published.enrolment_counts(connection)}
    print(json.dumps(told, indent=2))
    issuer.database.close()


@keys_app.command("list")
def list_keys(settings: SettingsFile = DEFAULT) -> None:
    """List the keys, how many persons each person-tag key holds, and which signing keys are burnt."""
    issuer = _open(settings)
    with issuer.database.read() as connection:
        held, burnt = store.count_by_tag_key(connection), published.compromised_keys(connection)
    issuer.database.close()
    for key_id in issuer.keys.tags.ids:
        print(f"person tags  {key_id}  {held.get(key_id, 0)} persons")
    for key_id in sorted(issuer.keys.signing, reverse=True):
        print(f"signing      {key_id}  {'compromised' if key_id in burnt else 'good'}")


@keys_app.command("new-tag-key")
def new_tag_key(settings: SettingsFile = DEFAULT) -> None:
    """Add a person-tag key; people move to it when they next show a document. Restart the issuer afterwards."""
    key_id = keys.add_tag_key(IssuerSettings.load(settings).key_folder)
    print(f"Person-tag key {key_id} is there. Keep the older ones: they recognise who has not come back yet.")


@keys_app.command("new-signing-key")
def new_signing_key(settings: SettingsFile = DEFAULT) -> None:
    """Add a signing key; it signs the epochs that are not published yet. Restart the issuer afterwards."""
    key_id = keys.add_signing_key(IssuerSettings.load(settings).key_folder)
    print(f"Signing key {key_id} is there, for the epochs from the one after the next.")


@keys_app.command()
def compromised(
    key_id: Annotated[str, typer.Argument(help="The burnt signing key.")], settings: SettingsFile = DEFAULT
) -> None:
    """Mark a signing key compromised: its epochs go to the newest key, and nothing it signed is renewed."""
    issuer = _open(settings)
    service.rotate_signing_key(issuer, compromised=key_id)
    issuer.database.close()
    print(f"Signing key {key_id} is marked. People read their documents again; gateways refuse the key.")


def _open(settings: Path) -> Issuer:
    loaded = IssuerSettings.load(settings)
    return open_issuer(loaded, clock=setup.clock_of(loaded))
