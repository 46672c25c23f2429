"""The data groups of a document after their hashes were compared with what the State signed (ICAO 9303-11, 5.1)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bonafides.core.document.security_object import SecurityObject
from bonafides.core.document.signature import digest
from bonafides.errors import VerificationError


@dataclass(frozen=True, slots=True)
class SignedGroups:
    """What was read of the groups that the State signed; `listed` are the numbers of all of them."""

    listed: frozenset[int]
    files: Mapping[int, bytes] = field(repr=False)

    def find(self, number: int) -> bytes | None:
        """Return a group that is needed, None if the document has none. Raises VerificationError if it was left out."""
        if number in self.listed and number not in self.files:
            raise VerificationError("a data group that is needed was not read", code="document_groups_missing")
        return self.files.get(number)


def verify_groups(signed: SecurityObject, groups: Mapping[int, bytes]) -> SignedGroups:
    """Verify that every group is one that was signed, as it was signed.

    Raises VerificationError `document_injected_group` or `document_hash`.
    """
    if not groups.keys() <= signed.group_hashes.keys():
        raise VerificationError("a data group was added that the State did not sign", code="document_injected_group")
    for number, data in groups.items():
        if not hmac.compare_digest(digest(signed.digest, data), signed.group_hashes[number]):
            raise VerificationError("a data group is not the one the State signed", code="document_hash")
    return SignedGroups(frozenset(signed.group_hashes), MappingProxyType(dict(groups)))
