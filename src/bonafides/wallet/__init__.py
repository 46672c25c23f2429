"""The Python wallet: it holds a person's secret and credentials, and shows no more than its holder agrees to.

Until the public log exists, keys of issuers and relying parties are pinned when they are first seen.
"""

from bonafides.wallet.actions import freeze
from bonafides.wallet.consent import Consent, RequestedPresentation
from bonafides.wallet.facts import Document, DocumentFacts, StoredDocument
from bonafides.wallet.holder import Overview, Wallet
from bonafides.wallet.issuance import Issued
from bonafides.wallet.presenting import Answered
from bonafides.wallet.recovery import Kit, KitPlan
from bonafides.wallet.station import StationVisit
from bonafides.wallet.vault import ScryptCost

__all__ = [
    "Answered",
    "Consent",
    "Document",
    "DocumentFacts",
    "Issued",
    "Kit",
    "KitPlan",
    "Overview",
    "RequestedPresentation",
    "ScryptCost",
    "StationVisit",
    "StoredDocument",
    "Wallet",
    "freeze",
]
