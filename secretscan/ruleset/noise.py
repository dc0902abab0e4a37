"""Text that holds no secret: hashes, identifiers, Base64, words. A rule whose wide form matches it slows every scan down."""

import random

from secretscan.model import Rule
from secretscan.ruleset import compile as compiler
from secretscan.ruleset.examples import ALPHABETS

WORDS = "the quick import return value index buffer length result client config user name data"


def noise(seed: str) -> str:
    """About 60 kB of lines as they stand in code and lock files, always the same for `seed`."""
    chance = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    lines = []
    for alphabet in ("hex", "HEX", "digits", "lower", "base32", "base62", "base64", "base64url"):
        for size in (8, 16, 20, 24, 32, 36, 40, 44, 56, 64, 86, 88, 128, 200, 600, 2000):
            value = "".join(chance.choices(ALPHABETS[alphabet], k=size))
            lines += [f'x = "{value}"', f"{value}==,", f"  y: {value}", f"/{value}/{value[:9]}.js?z={value[:5]}"]
    words = WORDS.split()
    lines += [" ".join(chance.choices(words, k=12)) for _ in range(100)]
    return "\n".join(lines)


def matches_noise(rule: Rule) -> str:
    """What the prefilter's form of the rule matches in noise, its end; "" if nothing, as it should be."""
    text = noise(rule.id).encode()
    if rule.wide or not compiler.available() or any(word in text.lower().decode() for word in rule.keywords):
        return ""
    ends: list[int] = []

    def report(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
        if index == 0:
            ends.append(end)

    compiler.open_database(compiler.patterns((rule,))).scan(text, report)
    return text[max(ends[0] - 40, 0) : ends[0]].decode() if ends else ""
