"""The floor: what the curve library alone needs for the group operations of each of ours. A worker of its own.

Points and scalars lie ready as the library's objects, so nothing of our Python is in it: no hashing of messages, no
parsing of scalars, no checks. Lists are as short as the scheme allows: what is public and the same every time
(generators, P1 + Q_1 * domain, the point of a context, the public key) is not computed again.

How the numbers come about, with L = 6 messages, R = 2 of them shown and U = 4 hidden:

- A secret scalar is split into two random halves before it meets a point, so a sum over n secrets is a multiplication
  of length 2n. We need that because the library's multiplication takes variable time; it is in the floor.
- sign: B over L secrets, then A = B / (SK + e).
- prove: decode A; B over L; D; Abar; Bbar and T1 over two secrets each; T2 over D and U hidden messages.
- verify: decode three points; T1 over three; T2 over P1 + Q_1 * domain, D, R shown and U hidden; one pairing check.
- The commitment and the pseudonym each add one hidden scalar: the prover blind and the nym secret.
"""

import json
import sys

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from benchmarks.worker import Operation, serve
from bonafides.core.bbs import _curve as curve

L, R, U = 6, 2, 4
LONGEST = 16


class Library:
    """The library's operations on random points and scalars."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.scalars = [_random_scalar() for _ in range(max(LONGEST, batch))]
        self.short = [Scalar(curve.random_coefficient()) for _ in range(batch)]
        self.points = [G1Point.from_compressed_bytes((G1Point() * s).to_compressed_bytes()) for s in self.scalars]
        self.encoded = [point.to_compressed_bytes() for point in self.points]
        # e(P * s, BP2) * e(P, -BP2 * s) is one, as in a proof that holds.
        self.pair_g1 = [G1Point() * self.scalars[0], -G1Point()]
        self.pair_g2 = [G2Point(), _decoded(G2Point() * self.scalars[0])]

    def decode(self, count: int) -> None:
        """Decode points, subgroup checks included."""
        for i in range(count):
            G1Point.from_compressed_bytes(self.encoded[i])

    def sums(self, *lengths: int) -> None:
        """Compute one multi-scalar multiplication of each length, and encode each result once."""
        for n in lengths:
            G1Point.multiexp_unchecked(self.points[:n], self.scalars[:n]).to_compressed_bytes()

    def pairing(self) -> None:
        """Check one product of two pairings."""
        if not GT.pairing_check(self.pair_g1, self.pair_g2):
            raise AssertionError("the pairings of the floor do not match")

    def joint_pairing(self) -> None:
        """Check the pairings of a whole batch: two sums with short coefficients, one product."""
        for _ in range(2):
            G1Point.multiexp_unchecked(self.points[: self.batch], self.short)
        self.pairing()


def operations(library: Library) -> dict[str, Operation]:
    """Return the group operations that each of ours needs."""

    def secret(*counts: int) -> None:
        library.sums(*(2 * n for n in counts))

    def sign() -> None:
        secret(L, 1)

    def blind_sign() -> None:
        library.decode(1)
        library.sums(3)
        sign()

    def issue() -> None:
        library.decode(2)
        library.sums(3, 2)
        sign()

    def prove() -> None:
        library.decode(1)
        secret(L, 1, 1, 2, 2, 1 + U)

    def prove_nym() -> None:
        library.decode(1)
        secret(L + 2, 1, 1, 2, 2, 1 + U + 2, 1, 1)

    def challenge() -> None:
        library.decode(3)
        library.sums(3, 2 + R + U)

    def challenge_nym() -> None:
        library.decode(4)
        library.sums(3, 2 + R + U + 2, 2)

    def single(check: Operation) -> Operation:
        def run() -> None:
            check()
            library.pairing()

        return run

    def batch(check: Operation) -> Operation:
        def run() -> None:
            for _ in range(library.batch):
                check()
            library.joint_pairing()

        return run

    return {
        "sign": sign,
        "blind_sign": blind_sign,
        "issue": issue,
        "prove": prove,
        "prove_nym": prove_nym,
        "verify": single(challenge),
        "verify_nym": single(challenge_nym),
        "verify_batch": batch(challenge),
        "verify_nym_batch": batch(challenge_nym),
    }


def _random_scalar() -> Scalar:
    return Scalar.from_be_bytes(curve.encode_scalar(curve.random_scalar()))


def _decoded(point: G2Point) -> G2Point:
    return G2Point.from_compressed_bytes(point.to_compressed_bytes())


if __name__ == "__main__":
    size = json.loads(sys.stdin.readline())["batch"]
    serve(operations(Library(size)), {"verify_batch": size, "verify_nym_batch": size})
