"""A whole deployment in one call each: an issuer for a synthetic State, ready to be served."""

from pathlib import Path

from bonafides.offices.issuer.settings import IssuerSettings, create_keys
from bonafides.testing.state import SyntheticState


def issuer_settings(
    folder: Path,
    state: SyntheticState,
    *,
    issuer_id: str,
    database_url: str | None = None,
    officer_keys: dict[str, dict[str, str]] | None = None,
    **limits: int,
) -> IssuerSettings:
    """Return settings for an issuer that trusts this State, its keys and anchors written below `folder`."""
    keys, trust = folder / "keys", folder / "trust"
    create_keys(keys)
    trust.mkdir(parents=True, exist_ok=True)
    for anchor in state.trust_store().anchors:
        (trust / "csca.cer").write_bytes(anchor.certificate.der)
    rules = {kind: rule for (_, kind), rule in state.rules().items()}
    return IssuerSettings(
        developer_mode=True,
        issuer_id=issuer_id,
        country=state.code,
        database_url=database_url or f"sqlite:///{folder / 'issuer.db'}",
        key_folder=keys,
        trust_folder=trust,
        personal_number_rules=rules,
        officer_keys=officer_keys or {},
        limits={"small_group": 1, **limits},  # type: ignore[arg-type]
    )
