"""Text that holds no secret: hashes, identifiers, Base64, words. A rule whose wide form matches it slows every scan down."""

import random
import re

from secretscan.model import Rule
from secretscan.ruleset.examples import ALPHABETS
from secretscan.ruleset.relax import relaxed

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
    """A piece of noise that the pattern matches without its look-arounds; "" if there is none, as it should be."""
    import regex  # noqa: PLC0415

    if rule.wide:  # made from names: the name is always a part of it
        return ""
    text = noise(rule.id)
    words = WORDS.split()
    found = regex.search(relaxed(rule.pattern).encode(), text.encode(), timeout=5)
    return "" if found is None or words else re.sub(r"\s+", " ", found.group().decode())[:40]
