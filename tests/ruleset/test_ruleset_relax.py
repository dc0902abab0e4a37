"""A relaxed pattern matches wherever the pattern does."""

import re

import pytest
import regex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from secretscan.model import Rule
from secretscan.ruleset import compile as compiler
from secretscan.ruleset import load, paths
from secretscan.ruleset.examples import fill
from secretscan.ruleset.relax import relaxed

ATOMS = (
    "a", "b", "x", "-", "_", r"\#", "[#]", r"\{", r"\(", r"\)", r"\[", r"\\", r"\.", ".", r"\w", r"\d", r"\s", r"\x23",
    "[ab]", "[^a]", "[]a]", "[^]x]", "[(#)]", "[ab+*{}?]", r"[\]\\]", "[^#\n]", "[a-x]", r"[\w\-]", "[ ]",
)  # fmt: skip
BARE = ("#", " ", "{", "}", "{a", "{,", "{x}")
"""What a pattern means literally only where it is not verbose, or only in some places."""

REPEATS = ("*", "+", "?", "{2}", "{0,3}", "{1,}", "{,2}", "{0,70}", "{1,200}", "{70}")
GROUPS = ("(?:{})", "({})", "(?P<g{1}>{0})", "(?i:{})", "(?>{})", "(?={})", "(?!{})", "(?<={})", "(?<!{})")
TEXTS = st.text("abx-_#{}()[]\\.,0 \n+*?AB", max_size=30)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a(?=b)c(?!d)(?<=e)(?<!f)g", "acg"),
        ("a(?!b(?:c|[)])\\))d", "ad"),
        ("(?>ab)c++d*+e?+f{2}+g+?", "(?:ab)c+d*e?f{2}g+?"),
        ("a{9}b{0,64}c{65}d{1,65}e{70,}", "a{9}b{0,64}c{32,}d{1,}e{32,}"),
        ("a{,}b{,9}c{,99}", "a{0,}b{0,9}c{0,}"),
        ("a{x}{(?!{b)c}", "a{x}{c}"),
        ("a[(?=]#b", "a[(?=]#b"),
        ("(?x) a (?! b ) # c (d\n e", "(?x) a  \n e"),
        ("(?i)(?x)a#(", "(?i)(?x)a"),
        ("(?:x)a#(?=b)c", "(?:x)a#c"),
    ],
)
def test_what_is_relaxed(pattern, expected):
    """Hyperscan's dialect has no look-arounds, atomic groups and possessive repeats, and reads `{,9}` as text."""
    assert relaxed(pattern) == expected


@st.composite
def fragments(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """A part of a pattern made of smaller parts: in a row, as alternatives, in a group of any kind, or repeated."""
    parts = draw(st.lists(inner, min_size=1, max_size=4))
    kind = draw(st.sampled_from(("row", "row", "choice", "group", "group", "repeat")))
    if kind == "row":
        return "".join(parts)
    if kind == "choice":
        return f"(?:{'|'.join(parts)})"
    if kind == "group":
        return draw(st.sampled_from(GROUPS)).format("".join(parts), draw(st.integers(0, 10**9)))
    return f"(?:{''.join(parts)}){draw(st.sampled_from(REPEATS))}{draw(st.sampled_from(('', '', '?', '+')))}"


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A pattern of the regex package, verbose with comments or not."""
    verbose = draw(st.booleans())
    body = draw(st.recursive(st.sampled_from(ATOMS + (() if verbose else BARE)), fragments, max_leaves=12))
    if not verbose:
        return body
    comment = draw(st.sampled_from((" ", "\n", " # a (comment) [with\n", " # (?=x\n", "#\n")))
    return f"(?x){comment}" + re.sub(r"(?<=[)}a])(?=[(\[a])", lambda _: comment, body)


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@settings(max_examples=400)
@given(patterns(), st.data())
def test_a_relaxed_pattern_matches_what_the_pattern_matches(pattern, data):
    """Look-arounds, comments, atomic groups, possessive and large repeats may go; no match may go with them."""
    try:
        original = regex.compile(pattern.encode())
    except regex.error:
        assume(False)
    text = data.draw(st.one_of(TEXTS.map(str.encode), likely(pattern)))
    wide = regex.compile(relaxed(pattern).encode())
    for match in original.finditer(text, timeout=5):
        assert wide.fullmatch(text, *match.span(), timeout=5), (pattern, relaxed(pattern), match)


def likely(pattern: str) -> st.SearchStrategy[bytes]:
    """Texts that match the pattern as the standard library reads it, in the case in which it is written."""
    try:
        return st.from_regex(re.compile(pattern.replace("(?i:", "(?:").encode()))
    except re.error:
        return st.just(b"")


def in_rules() -> list[tuple[str, str, bytes]]:
    """The patterns of all rules with their ids and a text for each: examples, and with other ends."""
    found = []
    for secret in load.load(paths.rule_files()):
        texts = (fill(t, seed=f"{n}", checksum=secret.rule.checksum).text for n, t in enumerate(secret.examples))
        found.append((secret.rule.id, secret.rule.pattern, "\n".join(texts).encode()))
    return found


def test_the_relaxed_patterns_of_all_rules_match_their_examples():
    """The patterns as they are written in rule files: verbose, with comments, look-arounds and large repeats."""
    matched = 0
    for rule_id, pattern, text in in_rules():
        wide = regex.compile(relaxed(pattern).encode())
        for match in regex.finditer(pattern.encode(), text):
            assert wide.fullmatch(text, *match.span()), rule_id
            matched += 1
    assert matched > len(in_rules())


@pytest.mark.skipif(not compiler.available(), reason="no Hyperscan on this platform")
@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@settings(max_examples=150)
@given(patterns(), st.data())
def test_the_database_reports_a_rule_wherever_its_pattern_matches(pattern, data):
    """Hyperscan, with whatever form of the pattern it can take, never passes over a match of the regex package."""
    verbose = pattern.startswith("(?x)")
    body = pattern.removeprefix("(?x)")
    pattern = f"(?x)key(?P<secret>{body}\n)" if verbose else f"key(?P<secret>{body})"
    try:
        original = regex.compile(pattern.encode())
    except regex.error:
        assume(False)
    text = data.draw(st.one_of(TEXTS.map(lambda text: f"key{text}".encode()), likely(pattern)))
    assume(original.search(text, timeout=5))
    assert reported(rule_of(pattern), text) == [0]


def rule_of(pattern: str) -> Rule:
    """A rule with this pattern."""
    return Rule("acme-key", "Acme Key", "acme", pattern, (), ("key",), "high", 0.0, "", None, (), "acme.toml")


def reported(rule: Rule, text: bytes) -> list[int]:
    """The rules, of one, that the compiled database reports for a text."""
    found: list[int] = []
    database = compiler.open_database(compiler.patterns((rule,)))
    database.scan(text, lambda index, *_: found.append(index))
    return [index for index in found if index == 0]
