"""BBS draft-09, appendix: every vector of the core, accepted or refused, traces too."""

import json

import pytest

from bonafides.core.bbs import _curve as curve
from bonafides.core.bbs import key_gen, proof_gen, proof_verify, sign, sk_to_pk, verify
from bonafides.core.bbs.ciphersuite import calculate_domain, core_interface, create_generators
from bonafides.core.bbs.signature import signed_point
from bonafides.errors import Error
from tests.core.bbs.vectors import MOCK_SEED, Vector, load, mocked


def seen(kind: str, count: int) -> list[Vector]:
    """All vectors of a kind; a folder that lost files must not pass in silence."""
    found = list(load("bbs-core", kind))
    assert len(found) == count
    return found


def test_section_3_4_key_pair() -> None:
    for v in seen("keypair", 2):
        pair = v.data["keyPair"]
        secret = key_gen(v.octets("keyMaterial"), v.octets("keyInfo"), v.octets("keyDst"), suite=v.suite)
        assert secret == int(pair["secretKey"], 16)
        assert key_gen(v.octets("keyMaterial"), v.octets("keyInfo"), suite=v.suite) == secret
        assert sk_to_pk(secret).hex() == pair["publicKey"]


def test_section_4_1_1_generators() -> None:
    for v in seen("generators", 2):
        interface = core_interface(v.suite)
        points = [curve.encode_g1(p).hex() for p in create_generators(v.suite, interface.api_id, 11)]
        assert curve.encode_g1(v.suite.p1).hex() == v.data["P1"]
        assert points == [v.data["Q1"], *v.data["MsgGenerators"]]


def test_section_4_1_2_messages_to_scalars() -> None:
    for v in seen("MapMessageToScalarAsHash", 2):
        interface = core_interface(v.suite)
        for case in v.data["cases"]:
            assert interface.map_message(bytes.fromhex(case["message"])) == int(case["scalar"], 16)


def test_section_4_2_3_hash_to_scalar() -> None:
    for v in seen("h2s", 2):
        assert v.suite.hash_to_scalar(v.octets("message"), v.octets("dst")) == v.scalar("scalar")


def test_appendix_mocked_random_scalars() -> None:
    for v in seen("mockedRng", 2):
        assert v.octets("seed") == MOCK_SEED
        assert mocked(v.suite, v.octets("dst"))(v.data["count"]) == v.scalars("mockedScalars")


def test_section_3_5_1_signatures() -> None:
    valid = 0
    for v in seen("signature", 20):
        pair = v.data["signerKeyPair"]
        public, header, messages = bytes.fromhex(pair["publicKey"]), v.octets("header"), v.octets_list("messages")
        if v.valid:
            valid += 1
            assert sign(int(pair["secretKey"], 16), public, header, messages, suite=v.suite) == v.octets("signature")
            verify(public, v.octets("signature"), header, messages, suite=v.suite)
        else:
            with pytest.raises(Error):
                verify(public, v.octets("signature"), header, messages, suite=v.suite)
        if not v.valid:  # its trace is that of the signing, before something was changed
            continue
        interface = core_interface(v.suite)
        bases = interface.bases(len(messages))
        domain = calculate_domain(interface, public, bases, header)
        B = signed_point(interface, bases, domain, interface.map_messages(messages))
        assert domain == int(v.data["trace"]["domain"], 16)
        assert curve.encode_g1(B).hex() == v.data["trace"]["B"]
    assert valid == 6


def test_section_3_5_3_proofs() -> None:
    valid = 0
    for v in seen("proof", 30):
        public, header, ph = v.octets("signerPublicKey"), v.octets("header"), v.octets("presentationHeader")
        messages, indexes = v.octets_list("messages"), v.data["disclosedIndexes"]
        disclosed = [messages[i] for i in indexes]
        if not v.valid:
            with pytest.raises(Error):
                proof_verify(public, v.octets("proof"), header, ph, disclosed, indexes, suite=v.suite)
            continue
        valid += 1
        proof_verify(public, v.octets("proof"), header, ph, disclosed, indexes, suite=v.suite)
        dst = v.suite.id + b"H2G_HM2S_MOCK_RANDOM_SCALARS_DST_"
        stream = mocked(v.suite, dst)(5 + len(messages) - len(indexes))
        trace = v.data["trace"]
        names = ("r1", "r2", "e_tilde", "r1_tilde", "r3_tilde")
        assert stream[:5] == [int(trace["random_scalars"][n], 16) for n in names]
        again = proof_gen(
            public,
            v.octets("signature"),
            header,
            ph,
            messages,
            indexes,
            suite=v.suite,
            randomness=mocked(v.suite, dst),
        )
        assert again == v.octets("proof")
        assert again[-32:].hex() == trace["challenge"]
        assert [again[i : i + 48].hex() for i in (0, 48, 96)] == [trace["A_bar"], trace["B_bar"], trace["D"]]
    assert valid == 10


def test_messages_file_is_what_the_vectors_use() -> None:
    from tests.core.bbs.vectors import folder

    listed = json.loads((folder("bbs-core") / "messages.json").read_text())
    longest = max((v for v in load("bbs-core", "signature") if v.valid), key=lambda v: len(v.data["messages"]))
    assert longest.data["messages"] == listed


def test_all_139_files_of_vectors_are_walked() -> None:
    """The counts asserted in the three files of vector tests, with the lists of messages, are all there is."""
    from tests.core.bbs.vectors import folder

    walked = {"bbs-core": 60, "bbs-blind": 32, "bbs-pseudonym": 44}  # and one messages.json each
    for draft, count in walked.items():
        assert len(list(folder(draft).rglob("*.json"))) == count + 1
    assert sum(walked.values()) + 3 == 139
    for draft in ("bbs-blind", "bbs-pseudonym"):
        listed = json.loads((folder(draft) / "messages.json").read_text())
        kind = "signature" if draft == "bbs-blind" else "nymSignature"
        used = max(load(draft, kind), key=lambda v: len(v.data["messages"]) + len(v.data["committedMessages"] or []))
        assert used.data["messages"] == listed["messages"]
        assert used.data["committedMessages"] == listed["committedMessages"]
