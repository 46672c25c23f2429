"""The devices that may act for you: at most three."""

from typing import Annotated

import typer

from bonafides.cli._wallet_terminal import AsJson, KitFile, KitPassphrase, act, open_wallet, read_kit
from bonafides.core import base64url
from bonafides.core.credential.device import DEVICE_KEY_BYTES

app = typer.Typer(no_args_is_help=True, add_completion=False)
DeviceKey = Annotated[
    str, typer.Argument(help="The device key as that device shows it, or its short name in “status”.")
]


@app.command("show")
def device_show(ctx: typer.Context) -> None:
    """Show the key of this device."""
    with open_wallet(ctx) as wallet:
        print(base64url.encode(wallet.overview().device_key))


@app.command("join")
def device_join(
    ctx: typer.Context,
    number: Annotated[int, typer.Option(help="1 or 2; no two devices of yours have the same.")],
    kit_file: KitFile = None,
    kit_passphrase_file: KitPassphrase = None,
) -> None:
    """Make this a further device from your kit: an older one approves it; after 7 days enrol with your document."""
    words = read_kit(kit_file, kit_passphrase_file)
    with open_wallet(ctx, create=True) as wallet:
        print(base64url.encode(wallet.join(words, device_number=number)))


@app.command("approve")
def device_approve(ctx: typer.Context, key: DeviceKey, as_json: AsJson = False) -> None:
    """Let a further device in; it waits 7 days, shown on all."""
    act(ctx, lambda wallet: wallet.approve_device(_device_key(key)), as_json)


@app.command("remove")
def device_remove(ctx: typer.Context, key: DeviceKey, as_json: AsJson = False) -> None:
    """Shut a device out."""
    act(ctx, lambda wallet: wallet.remove_device(_device_key(key)), as_json)


def _device_key(text: str) -> bytes:
    return base64url.decode(text, max_bytes=DEVICE_KEY_BYTES)
