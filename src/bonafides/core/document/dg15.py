"""Data group 15: the key with which a chip shows that it is no copy (ICAO 9303-10, 4.7.15; 9303-11, 6.1)."""

from dataclasses import replace

from bonafides.core.document.lds import read_group
from bonafides.core.document.limits import DEFAULT_LIMITS, Limits
from bonafides.core.document.public_key import PublicKey, parse_public_key


def parse_dg15(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> PublicKey:
    """Return the chip's key; smaller ones are accepted here than of a State, since it signs eight fresh bytes once.

    Raises InputError for malformed bytes and VerificationError for keys that are too weak, too large or unsupported.
    """
    smaller = replace(limits, rsa_min_bits=limits.chip_rsa_min_bits, curve_min_bits=limits.chip_curve_min_bits)
    return parse_public_key(read_group(15, data, limits=limits), limits=smaller)
