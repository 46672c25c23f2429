"""How large anything read from a chip may be; every bound has a name and a default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds checked before anything is parsed (see `scan`). Sizes in bytes, key sizes in bits.

    `nesting` and `elements` are of one file, `identifier_bytes` of an object identifier. Smaller keys are let through
    of chips, which sign eight fresh bytes once.
    """

    nesting: int = 16
    elements: int = 2000
    identifier_bytes: int = 64
    dg1_bytes: int = 128
    portrait_bytes: int = 256 * 1024
    group_bytes: int = 64 * 1024
    groups_bytes: int = 512 * 1024
    sod_bytes: int = 64 * 1024
    chip_signature_bytes: int = 1024
    certificate_bytes: int = 8 * 1024
    certificates: int = 4
    extension_elements: int = 100
    signed_attributes: int = 16
    rsa_min_bits: int = 2048
    rsa_max_bits: int = 8192
    rsa_exponent_bits: int = 64
    curve_min_bits: int = 224
    chip_rsa_min_bits: int = 1024
    chip_curve_min_bits: int = 192
    anchors_tried: int = 20
    # What an operator imports, never a holder.
    import_bytes: int = 16 * 1024 * 1024
    crl_bytes: int = 4 * 1024 * 1024
    revoked_certificates: int = 50_000
    master_list_bytes: int = 16 * 1024 * 1024
    master_list_certificates: int = 20_000


DEFAULT_LIMITS = Limits()
IMPORT_LIMITS = Limits(elements=2_000_000, certificate_bytes=16 * 1024, certificates=16)
"""For what an operator chose to import: larger than for what anybody may upload."""
