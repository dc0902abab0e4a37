"""What a value looks like: how random, and whether it is a placeholder."""

from math import log2

PLACEHOLDER_WORDS = (
    b"example", b"placeholder", b"changeme", b"change_me", b"change-me", b"redacted", b"your_", b"your-", b"yourtoken",
    b"yourkey", b"yoursecret", b"yourpassword", b"insert_", b"insert-", b"replace_", b"replace-", b"replaceme", b"dummy",
    b"notreal", b"not_real", b"not-real", b"_here", b"-here", b"xxxxx", b"*****", b".....", b"sample", b"mysecret",
    b"my_secret", b"my-secret", b"fake",
)  # fmt: skip
"""Words that stand in examples. Five letters or more, or with a separator: random values must not hold them by chance."""

MARKS = ("«".encode(), "…".encode())
"""What no secret holds: the marks of templates, and dots that stand for something left out."""

LONG = 256
"""Longer values, such as keys, hold a word or a run by chance; their inside is judged by their checksum."""

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
    if any(mark in value for mark in MARKS) or (b"{" in value and _has_field(value)):
        return True
    if len(value) > LONG:
        return False
    low = value.lower()
    return any(word in low for word in PLACEHOLDER_WORDS) or _has_run(low)


def _has_field(value: bytes) -> bool:
    """Whether a template's field such as `{name:32}` stands in `value`: a format string, or a rule's example."""
    import re  # noqa: PLC0415 (hardly any secret holds a brace)

    return re.search(rb"\{[^{}\s]{1,40}:\d{1,4}(?:-\d{1,4})?\}", value) is not None


def _has_run(low: bytes) -> bool:
    """Whether RUN neighbours are the same character or follow each other in a sequence."""
    for start in range(len(low) - RUN + 1):
        piece = low[start : start + RUN]
        if piece.count(piece[0]) == RUN or any(piece in sequence for sequence in SEQUENCES):
            return True
    return False
