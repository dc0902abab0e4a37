"""Texts with secrets that nobody issued, made from the examples of all rules."""

import base64
import random
from functools import cache
from urllib.parse import quote

from hypothesis import strategies as st

from secretscan.ruleset import load, paths
from secretscan.ruleset.examples import Example, fill
from secretscan.ruleset.provider import Secret

ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
SEPARATORS = (
    "\n",
    "\r\n",
    " ",
    "",
    '"',
    "'",
    "\t",
    "\n\n",
    "\\n",
    "=",
    ": ",
    "/",
    "_",
    "\0",
    ", ",
    "é",
    "\ufeff",
    "\n" * 12,
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


@cache
def secrets() -> tuple[Secret, ...]:
    """All secret types that come with secretscan."""
    return load.load(paths.rule_files())


def filled(secret: Secret, number: int, seed: str = "") -> Example:
    """The example `number` (they come round) of a secret, with random values that depend on all arguments."""
    template = secret.examples[number % len(secret.examples)]
    return fill(template, seed=f"{secret.rule.id} {number} {seed}", checksum=secret.rule.checksum)


def value_of(example: Example) -> str:
    """The marked secret."""
    return example.text[example.start : example.end]


def counterexample(secret: Secret, number: int) -> str:
    """A text that the rule must not find."""
    template = secret.counterexamples[number % len(secret.counterexamples)]
    return fill(template, seed=f"{secret.rule.id} {number}", checksum=secret.rule.checksum).text


def near_miss(secret: Secret, number: int) -> str:
    """An example with one thing wrong in or beside its secret."""
    found = filled(secret, number)
    value = value_of(found)
    chance = random.Random(f"{secret.rule.id} {number}")
    place = chance.randrange(len(value))
    wrong = (
        value[:-1],
        value[1:],
        value[:place] + value[place + 1 :],
        value[:place] + chance.choice(ALNUM + "-_/+%\0\n é") + value[place:],
        value + chance.choice(ALNUM + "-_/+=%"),
        chance.choice(ALNUM + "-_/+=%") + value,
        value.swapcase(),
        value + value,
        value[:place],
        "x" * len(value),
    )
    return found.text[: found.start] + chance.choice(wrong) + found.text[found.end :]


def keyword(secret: Secret, number: int) -> str:
    """A keyword of the rule, with nothing behind it."""
    word = secret.rule.keywords[number % len(secret.rule.keywords)]
    return (word, word.upper(), word.title(), word * 40)[number % 4]


def noise(_: Secret, number: int) -> str:
    """Characters of any kind, without meaning."""
    chance = random.Random(number)
    alphabet = chance.choice((ALNUM, ALNUM + "+/", "0123456789abcdef", " \n\t\0\r", "%0123456789ABCDEF", 'aé"=:€{}\\n'))
    return "".join(chance.choices(alphabet, k=chance.choice((1, 5, 24, 40, 300))))


KINDS = (
    lambda secret, number: filled(secret, number).text,
    lambda secret, number: filled(secret, number).text,
    lambda secret, number: value_of(filled(secret, number)),
    near_miss,
    near_miss,
    counterexample,
    keyword,
    noise,
)


def percent(text: str) -> str:
    """Percent-encoded as in a URL's query."""
    return quote(text, safe="")


def percent_all(text: str) -> str:
    """Every byte percent-encoded."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


def base64_of(text: str) -> str:
    """In Base64 on one line."""
    return base64.b64encode(text.encode()).decode()


def base64_url(text: str) -> str:
    """In Base64 of the kind for URLs, without padding."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def base64_lines(text: str) -> str:
    """In Base64 on lines of 76 characters, as mail and `base64` have it."""
    return base64.encodebytes(text.encode()).decode()


def base64_escaped(text: str) -> str:
    """In Base64 whose line ends are written as in a JSON string."""
    return base64_lines(text).replace("\n", "\\n")


def spread(text: str) -> str:
    """With a NUL behind each character: a wide string inside of something else."""
    return "".join(character + "\0" for character in text)


WRAPPINGS = (str, str, str, str, percent, percent_all, base64_of, base64_url, base64_lines, base64_escaped, spread)


@st.composite
def pieces(draw: st.DrawFn) -> str:
    """A secret, or something like one, wrapped in nothing or in up to three things."""
    kind, secret = draw(st.sampled_from(KINDS)), draw(st.sampled_from(secrets()))
    text = kind(secret, draw(st.integers(0, 1000)))
    for wrap in draw(st.lists(st.sampled_from(WRAPPINGS), max_size=3)):
        text = wrap(text)
    return text + draw(st.sampled_from(SEPARATORS))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file of several pieces, some of them again and again, in one of the usual encodings."""
    parts = draw(st.lists(pieces(), min_size=1, max_size=8))
    text = "".join(parts * draw(st.sampled_from((1, 1, 1, 2, 3))))
    return text.encode(draw(st.sampled_from(ENCODINGS[:1] * 6 + ENCODINGS)))
