"""Rules into Hyperscan databases: one of all patterns (seconds to build), one of all keywords (milliseconds)."""

from collections.abc import Callable
from typing import Any

from secretscan.model import Rule
from secretscan.ruleset.relax import relaxed
from secretscan.ruleset.width import longest, marked

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this platform: the plain path is used
    hyperscan = None

LONG_WORD = "[A-Za-z0-9]{24}"
"""What all Base64 of text holds; decode.py knows the exact shape, which would be slow to look for everywhere."""

PERCENT = "%(?:2[1-9A-Fa-f]|3[0-9AaBbDdFf]|40|5[B-Db-dFf]|7[BbDdEe])"
ENCODINGS = (LONG_WORD, PERCENT)
"""What shows that a blob may hold encoded text.

They have a database of their own: alone they are found at 5 GB/s, among the rules they took scanning from 800 to 500 MB/s.
"""


Row = tuple[bytes, int, int]
"""An expression, the id it reports, its flags."""


def available() -> bool:
    """Whether Hyperscan can be used here."""
    return hyperscan is not None


def version() -> str:
    """The library's version, as a part of the cache's key."""
    return str(hyperscan._version.__version__) if hyperscan else "none"  # noqa: SLF001 (it has no public one)


def measured(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules with the widths of their patterns, which takes a millisecond each."""
    return tuple(rule._replace(width=longest(rule.pattern)) for rule in rules)


def patterns(rules: tuple[Rule, ...]) -> bytes:
    """The serialized database of all patterns of `measured` rules. A report's id is the rule's index; a rule is reported
    once, one with a `wide` form at each of its ends.
    """
    try:
        return _serialize(_rows(rules, _hopeful))
    except hyperscan.error:  # one of them is beyond Hyperscan: see which
        return _serialize(_rows(rules, _expressions))


def _rows(rules: tuple[Rule, ...], expressions: Callable[[Rule], list[tuple[bytes, int]]]) -> list[Row]:
    return [
        (expression, index, flag if marked(rule) else flag | hyperscan.HS_FLAG_SINGLEMATCH)
        for index, rule in enumerate(rules)
        for expression, flag in expressions(rule)
    ]


def _hopeful(rule: Rule) -> list[tuple[bytes, int]]:
    """The rule's pattern without look-arounds, as if Hyperscan took all of them, which it mostly does."""
    if marked(rule) and not rule.wide:
        return _by_keywords(rule)
    return [(relaxed(rule.wide or rule.pattern).encode("utf-8"), 0)]


def encodings() -> bytes:
    """The serialized database of ENCODINGS: a report's id is the place there."""
    return _serialize([(pattern.encode(), i, hyperscan.HS_FLAG_SINGLEMATCH) for i, pattern in enumerate(ENCODINGS)])


def base64(pattern: str) -> bytes:
    """The serialized database of `pattern`, which reports all its ends."""
    return _serialize([(pattern.encode(), 0, 0)])


def _serialize(rows: list[Row]) -> bytes:
    expressions, ids, flags = map(list, zip(*rows, strict=True))
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=expressions, ids=ids, flags=flags)
    return bytes(hyperscan.dumpb(database))


def keywords(rules: tuple[Rule, ...]) -> tuple[bytes, tuple[tuple[int, ...], ...]]:
    """The serialized database of all keywords, and for each report's id the rules that have that keyword."""
    users: dict[str, list[int]] = {}
    for index, rule in enumerate(rules):
        for word in rule.keywords:
            users.setdefault(word, []).append(index)
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    return _serialize([(_escape(word), i, flags) for i, word in enumerate(users)]), tuple(map(tuple, users.values()))


def open_database(serialized: bytes) -> Any:
    """The database with its scratch space. Raises hyperscan.error if it is not for this library or processor."""
    database = hyperscan.loadb(serialized, hyperscan.HS_MODE_BLOCK)
    database.scratch = hyperscan.Scratch(database)
    return database


def _expressions(rule: Rule) -> list[tuple[bytes, int]]:
    """The rule's pattern as Hyperscan takes it: without look-arounds, else as its own approximation, else the keywords."""
    if marked(rule) and not rule.wide:
        return _by_keywords(rule)
    pattern = relaxed(rule.wide or rule.pattern).encode("utf-8")
    for flag in (0, hyperscan.HS_FLAG_PREFILTER):
        if _compiles(pattern, flag):
            return [(pattern, flag)]
    return _by_keywords(rule)


def _by_keywords(rule: Rule) -> list[tuple[bytes, int]]:
    return [(_escape(word), hyperscan.HS_FLAG_CASELESS) for word in rule.keywords]


def _compiles(expression: bytes, flag: int) -> bool:
    try:
        hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(expressions=[expression], ids=[0], flags=[flag])
    except hyperscan.error:
        return False
    return True


def _escape(word: str) -> bytes:
    """A literal as a pattern, byte by byte."""
    return b"".join(b"\\x%02x" % byte for byte in word.encode("utf-8"))
