"""Credentials that hold the name: asked for by the holder, renewed with the others, and gone whenever they are.

Nobody needs one to sign in or to open an account. They are for speaking in one's own name where one chooses to.
"""

from bonafides.core.credential.epoch import shift
from bonafides.core.credential.issuance import Credential
from bonafides.core.credential.slots import Name
from bonafides.errors import Error, InputError, PolicyError
from bonafides.wallet.facts import Document, wrong_values
from bonafides.wallet.issuance import Issued, Send, latest_begun, own_issuer, request_both
from bonafides.wallet.issuer_client import IssuerClient
from bonafides.wallet.opened import OpenWallet
from bonafides.wallet.state import Pending


def enrol_name(wallet: OpenWallet, document: Document, *, accept_replaced: bool = False) -> Issued:
    """Let the issuer read the name on the document and sign it; for a wallet that is enrolled.

    What is signed must be what this wallet reads on the document. Raises PolicyError `not_enrolled`, `no_signed_name`
    before anything is sent, and our other errors.
    """
    if not wallet.state.credentials:
        raise _not_enrolled()
    name = document.full_name()
    client = own_issuer(wallet, wallet.issuer_id())
    token = client.prove_document(document, with_name=True)
    return _take(
        wallet,
        client,
        lambda proof: client.name_credential(token=token, proof=proof),
        name=name,
        accept_replaced=accept_replaced,
    )


def renew_name(wallet: OpenWallet, *, accept_replaced: bool = False) -> str:
    """Renew the name where there is one; return the code for which that failed, "" if it did not.

    It comes after the renewal of the person, which stands whatever happens here.
    """
    if not wallet.state.names:
        return ""
    try:
        presented = latest_begun(wallet.state.names, wallet.now())
        client = own_issuer(wallet, wallet.issuer_id())
        name = str(presented.values[Name.FULL_NAME])
        _take(wallet, client, client.renew, name=name, presented=presented, accept_replaced=accept_replaced)
    except Error as error:
        return error.code
    return ""


def _take(
    wallet: OpenWallet,
    client: IssuerClient,
    send: Send,
    *,
    name: str,
    presented: Credential | None = None,
    accept_replaced: bool = False,
) -> Issued:
    """Have this name signed for both epochs, check that it is this one, store it, and only then drop what is old."""
    state = wallet.state
    if state.facts is None:
        raise _not_enrolled()
    fresh = request_both(
        wallet,
        client,
        send,
        facts=state.facts,
        kind="name",
        presented=presented,
        accept_replaced=accept_replaced,
    )
    if isinstance(fresh, Pending):
        raise InputError("the issuer lets a name wait", code="unexpected_answer")
    if any(each.values != (name,) for each in fresh.values()):
        raise wrong_values()
    # Another spelling goes at once, so that what is shown is always what the holder was told.
    oldest = shift(min(fresh), -1)
    kept = {epoch: each for epoch, each in state.names.items() if epoch >= oldest and each.values == (name,)}
    state.names = kept | fresh
    wallet.save()
    return Issued(epochs=tuple(fresh))


def _not_enrolled() -> PolicyError:
    return PolicyError("This wallet is empty: enrol, or restore from your kit.", code="wallet_empty")
