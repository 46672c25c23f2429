"""Credentials of type `name`: for somebody enrolled who asked, and only to speak in their own name (profile §2).

The name comes from the document, travels sealed in the wallet's hands, is signed and forgotten. Nothing in the life of
a person tag changes by it, and no row tells who has one.
"""

from sqlalchemy import Connection

from bonafides.errors import PolicyError
from bonafides.offices.issuer.applicant import open_token
from bonafides.offices.issuer.enrolment import spend_token
from bonafides.offices.issuer.proofs import Proof, verify_proof
from bonafides.offices.issuer.renewal import require_holder
from bonafides.offices.issuer.service import NAME, Issuer, consume_nonce
from bonafides.offices.issuer.signing import count_signed, same_in_both, sign_both


def issue_name(issuer: Issuer, *, token: object, proof: Proof) -> list[dict[str, str]]:
    """Return the two `name` credentials for the person of a document whose current handle and active device ask.

    The token works for one step. Raises PolicyError `name_not_asked`, `not_enrolled`, `unknown_holder`, `frozen`.
    """
    applicant = open_token(issuer, token)
    if applicant.full_name is None:
        raise PolicyError("the name was not asked for when the document was shown", code="name_not_asked")
    verified = verify_proof(issuer, proof, NAME)
    now = issuer.clock.now()

    def work(connection: Connection) -> None:
        consume_nonce(issuer, connection, verified.c_nonce)
        person = spend_token(issuer, connection, applicant, now)
        if person is None or person.handle is None:
            raise PolicyError("nobody of this number is enrolled", code="not_enrolled")
        require_holder(connection, person, verified, now)
        count_signed(connection, verified)

    issuer.run(work)
    return sign_both(verified, same_in_both(applicant.full_name))
