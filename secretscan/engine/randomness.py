"""What a value looks like: how random, and whether it is a placeholder."""

from math import log2

PLACEHOLDER_WORDS = (
    b"example", b"placeholder", b"changeme", b"change_me", b"change-me", b"redacted", b"your_", b"your-", b"yourtoken",
    b"yourkey", b"yoursecret", b"yourpassword", b"insert_", b"insert-", b"replace_", b"replace-", b"replaceme", b"dummy",
    b"notreal", b"not_real", b"not-real", b"_here", b"-here", b"xxxxx", b"*****", b".....", b"sample", b"mysecret",
    b"my_secret", b"my-secret", b"fake",
)  # fmt: skip
"""Words that stand in examples. Five letters or more, or with a separator: random values must not hold them by chance."""

SEQUENCES = (b"abcdefghijklmnopqrstuvwxyz", b"0123456789012345678901234567890", b"9876543210987654321")
RUN = 8
"""So many neighbours of a sequence, or so many times the same character, are no chance."""


def shannon(value: bytes) -> float:
    """Shannon entropy of `value` in bits a byte, 0 for the empty one.

    >>> shannon(b"aabb")
    1.0
    """
    size = len(value)
    counts = (value.count(byte) for byte in set(value))
    return -sum(count / size * log2(count / size) for count in counts)


def is_placeholder(value: bytes) -> bool:
    """Whether `value` was written to be replaced: a word for it, one character again and again, a sequence.

    >>> is_placeholder(b"ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
    True
    """
    low = value.lower()
    if any(word in low for word in PLACEHOLDER_WORDS):
        return True
    if len(value) > 256:  # blocks such as keys: their inside is judged by their checksum
        return False
    return _has_run(low)


def _has_run(low: bytes) -> bool:
    """Whether RUN neighbours are the same character or follow each other in a sequence."""
    for start in range(len(low) - RUN + 1):
        piece = low[start : start + RUN]
        if piece.count(piece[0]) == RUN or any(piece in sequence for sequence in SEQUENCES):
            return True
    return False
