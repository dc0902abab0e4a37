"""Looks into a pattern: whether it compiles, and how long its longest match is."""

import importlib
import warnings

from secretscan.model import Rule

LIMIT = 1 << 16  # bytes; longer matches are confirmed on the whole blob

REACH = 512
"""Bytes of the longest match that can be told from the bytes around it. Rules with longer ones are found by their wide form
or keywords: so nothing that the prefilter looks for is longer.
"""


def problem(pattern: str, *, group: bool = True) -> str:
    """What is wrong with `pattern`, as the tail of an error message; "" if nothing is. `group`: it needs `secret`."""
    import regex  # noqa: PLC0415 (20 ms that a cached ruleset does not need)

    try:
        compiled = regex.compile(pattern.encode("utf-8"))
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        return f"does not compile: {' '.join(str(error).split())}"
    if group and "secret" not in compiled.groupindex:
        return "has no group (?P<secret>…) around the secret"
    if compiled.match(b""):
        return "matches the empty text"
    return ""


def longest(pattern: str) -> int:
    """The length in bytes of the longest possible match; 0 if it has no bound or cannot be told.

    The parser of the standard library knows it; what only the regex package can read counts as unbounded, which is
    slower to confirm and just as exact.
    """
    parser = importlib.import_module("re._parser")
    pattern = pattern.replace("(?P<secret>", "(?:")  # the regex package takes the name twice, re does not
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            most = int(parser.parse(pattern.encode("utf-8")).getwidth()[1])
    except (parser.error, RecursionError, OverflowError):
        return 0
    return most if most < LIMIT else 0


def marked(rule: Rule) -> bool:
    """Whether the prefilter tells each place of a (measured) rule: those of its wide form, or of its keywords. Others are told
    once.
    """
    return bool(rule.wide) or rule.width == 0 or rule.width > REACH
