"""The peer `anoncreds` (CL signatures): six attributes of which two are shown. Runs in an environment of its own.

Its issuance is always blind, since the link secret is committed: it stands in that row. Objects cross as the library's
own handles, except proofs, which are verified from their JSON as a verifier would.
"""

import json
import sys

import anoncreds as ac

from benchmarks.worker import Operation, serve

ISSUER, SCHEMA_ID, DEFINITION_ID = "did:web:id.uto.example", "did:web:id.uto.example/s", "did:web:id.uto.example/d"


def operations(messages: list[str], disclosed: list[int]) -> dict[str, Operation]:
    """Return issue, prove and verify after one holder's way up to a credential."""
    names = [f"slot{i}" for i in range(len(messages))]
    values = dict(zip(names, messages, strict=True))
    schema = ac.Schema.create("person", "1.0", ISSUER, names)
    definition, private, correctness = ac.CredentialDefinition.create(SCHEMA_ID, schema, ISSUER, "k1", "CL")
    secret = ac.create_link_secret()
    offer = ac.CredentialOffer.create(SCHEMA_ID, DEFINITION_ID, correctness)
    request, metadata = ac.CredentialRequest.create("entropy", None, definition, secret, "main", offer)

    def issue() -> object:
        return ac.Credential.create(definition, private, offer, request, values)

    credential = issue().process(metadata, secret, definition)  # type: ignore[attr-defined]
    asked = ac.PresentationRequest.load(
        {
            "name": "sign-in",
            "version": "1.0",
            "nonce": ac.generate_nonce(),
            "requested_attributes": {
                f"r{i}": {"name": names[i], "restrictions": [{"cred_def_id": DEFINITION_ID}]} for i in disclosed
            },
            "requested_predicates": {},
        }
    )
    schemas, definitions = {SCHEMA_ID: schema}, {DEFINITION_ID: definition}

    def prove() -> str:
        present = ac.PresentCredentials()
        for i in disclosed:
            present.add_attributes(credential, f"r{i}", reveal=True)
        made = ac.Presentation.create(asked, present, {}, secret, schemas, definitions)
        return str(made.to_json())

    proof = prove()

    def verify() -> None:
        if not ac.Presentation.load(proof).verify(asked, schemas, definitions):
            raise AssertionError("a proof that does not hold")

    return {"blind_sign": issue, "prove": prove, "verify": verify}


if __name__ == "__main__":
    task = json.loads(sys.stdin.readline())
    serve(operations([bytes.fromhex(m).decode() for m in task["messages"]], task["disclosed"]))
