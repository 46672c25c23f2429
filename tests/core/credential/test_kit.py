"""Profile §3: the recovery kit brings back exactly this secret, or says that it does not."""

import dataclasses
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import Share, generate_mnemonics

from bonafides.core.bbs._curve import ORDER
from bonafides.core.credential.kit import MAX_ITERATION_EXPONENT, make_kit, open_kit, read_back
from bonafides.core.credential.secret import HolderSecret
from bonafides.errors import InputError, VerificationError

SECRET = HolderSecret(0xABCDEF << 200)


@pytest.mark.parametrize("scalar", [1, 2**64, ORDER - 1])
def test_a_kit_of_one_line(scalar: int) -> None:
    secret = HolderSecret(scalar)
    lines = make_kit(secret)
    assert len(lines) == 1
    assert len(lines[0].split()) == 33
    assert open_kit(lines) == secret
    read_back(lines, secret)


def test_any_two_of_three_lines_and_no_fewer() -> None:
    lines = make_kit(SECRET, threshold=2, shares=3)
    for pair in combinations(lines, 2):
        assert open_kit(pair) == SECRET
        assert open_kit(pair[::-1]) == SECRET
    for line in lines:
        with pytest.raises(InputError):
            open_kit([line])
        with pytest.raises(InputError):
            open_kit([line, line])


def test_every_size_of_kit_that_is_offered() -> None:
    for threshold, shares in ((1, 1), (2, 2), (3, 5), (16, 16)):
        lines = make_kit(SECRET, threshold=threshold, shares=shares, passphrase="p")
        assert len(lines) == shares
        assert open_kit(lines[-threshold:], passphrase="p") == SECRET


@pytest.mark.parametrize(("threshold", "shares"), [(0, 1), (2, 1), (1, 2), (1, 17), (17, 17), (-1, 1), (0, 0)])
def test_sizes_that_are_not(threshold: int, shares: int) -> None:
    with pytest.raises(InputError) as caught:
        make_kit(SECRET, threshold=threshold, shares=shares)
    assert caught.value.code == "kit_threshold"


def test_shares_of_two_kits_do_not_mix() -> None:
    mine, theirs = (make_kit(s, threshold=2, shares=2) for s in (SECRET, HolderSecret(5)))
    again = make_kit(SECRET, threshold=2, shares=2)
    for pair in ((mine[0], theirs[1]), (mine[0], again[1])):
        with pytest.raises(InputError):
            open_kit(pair)


def test_a_wrong_passphrase_shows_when_read_back() -> None:
    lines = make_kit(SECRET, passphrase="right")
    read_back(lines, SECRET, passphrase="right")
    for wrong in ("", "Right", "right "):
        with pytest.raises((InputError, VerificationError)):
            read_back(lines, SECRET, passphrase=wrong)
    with pytest.raises(VerificationError) as caught:
        read_back(make_kit(HolderSecret(5)), SECRET)
    assert caught.value.code == "kit_mismatch"


def test_capitals_and_spaces_do_not_matter() -> None:
    line = make_kit(SECRET)[0]
    assert open_kit([f"\t{line.upper().replace(' ', '  ')}\n"]) == SECRET


LINE = make_kit(SECRET)[0].split()


@settings(max_examples=60)
@given(st.integers(0, 32), st.sampled_from(["academic", "zero", "", "bonafides", "абв"]))
def test_a_changed_word_is_noticed(at: int, word: str) -> None:
    changed = [*LINE[:at], word, *LINE[at + 1 :]]
    if changed != LINE:
        with pytest.raises(InputError) as caught:
            open_kit([" ".join(changed)])
        assert caught.value.code == "kit"
        assert LINE[8] not in str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [[], [""], ["  "], [" ".join(LINE)] * 17, [" ".join(LINE * 2)], ["x" * 513], ["\ud800"], [" ".join(LINE[:20])]],
)
def test_what_is_no_kit(lines: list[str]) -> None:
    with pytest.raises(InputError):
        open_kit(lines)


@pytest.mark.parametrize("passphrase", ["ä", "\n", "\0", "\x7f", "a" * 129, "\ud800"])
def test_a_passphrase_is_what_slip_39_can_carry(passphrase: str) -> None:
    for attempt in (lambda: make_kit(SECRET, passphrase=passphrase), lambda: open_kit(LINE, passphrase=passphrase)):
        with pytest.raises(InputError) as caught:
            attempt()
        assert caught.value.code == "kit_passphrase"


def test_every_printable_letter_can_stand_in_a_passphrase() -> None:
    printable = "".join(map(chr, range(32, 127)))
    assert open_kit(make_kit(SECRET, passphrase=printable), passphrase=printable) == SECRET


@pytest.mark.parametrize(
    "octets", [bytes(16), bytes(30), bytes(32), bytes(34), ORDER.to_bytes(32, "big"), b"\xff" * 32]
)
def test_well_formed_words_that_hold_no_secret(octets: bytes) -> None:
    with pytest.raises(InputError):
        open_kit(generate_mnemonics(1, [(1, 1)], octets)[0])


@pytest.mark.parametrize("exponent", range(MAX_ITERATION_EXPONENT + 1, 16))
def test_a_line_cannot_ask_for_minutes_of_work(exponent: int) -> None:
    """The largest exponent means 327 million rounds, in whoever opens the kit."""
    share = dataclasses.replace(Share.from_mnemonic(" ".join(LINE)), iteration_exponent=exponent)
    with pytest.raises(InputError) as caught:
        open_kit([share.mnemonic()])
    assert caught.value.code == "kit"


def test_kits_of_others_with_a_little_more_work_open() -> None:
    for exponent in (0, 1, 2):
        for extendable in (False, True):
            lines = generate_mnemonics(1, [(1, 1)], SECRET.encode(), b"p", extendable, exponent)[0]
            assert open_kit(lines, passphrase="p") == SECRET


def test_two_kits_of_one_secret_differ() -> None:
    assert make_kit(SECRET) != make_kit(SECRET)
