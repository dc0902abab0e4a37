"""The fast ways of searching find exactly what the simple ways find."""

from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SEPARATORS, counterexample, files, filled, keyword, near_miss, pieces, secrets

from secretscan.engine import decode
from secretscan.engine.confirm import Confirm, windows
from secretscan.engine.scan import Engine
from secretscan.model import Rule

Facts = list[tuple[str, int, int, bytes, str]]


def facts(engine: Engine, data: bytes) -> Facts:
    """All that an engine says of `data`."""
    return [(c.rule.id, c.start, c.end, c.value, c.confidence) for c in engine.scan(decode.to_text(data))]


def agreed(engines: dict[str, Engine], data: bytes) -> Facts:
    """What all engines find in `data`."""
    expected = facts(engines["plain"], data)
    for name, engine in engines.items():
        assert facts(engine, data) == expected, name
    return expected


@settings(max_examples=250)
@given(files())
def test_all_engines_find_the_same(engines, data):
    """Keywords or full patterns, with Hyperscan or without: rule, span, value and confidence are the same."""
    agreed(engines, data)


def test_all_engines_find_the_same_in_every_example(engines):
    """No rule has an example, near miss or counterexample on which the engines differ."""
    found = set()
    for secret in secrets():
        texts = [filled(secret, number).text for number in range(len(secret.examples))]
        texts += [counterexample(secret, number) for number in range(len(secret.counterexamples))]
        texts += [near_miss(secret, number) for number in range(4)]
        for text in (*texts, "\n".join(texts)):
            found.update(fact[0] for fact in agreed(engines, text.encode()))
    assert len(found) > 0.9 * len(secrets())


LINES = b"a line of words, then another\n"


@pytest.mark.parametrize("before", [b"\n" * 20, b"x\n" * 60, LINES * 40], ids=["few lines", "lines", "words"])
def test_what_stands_before_a_secret_does_not_hide_it(engines, before):
    """Each example is found the same at the start of a file and behind other lines."""
    for secret in secrets():
        for number in range(len(secret.examples)):
            example = filled(secret, number).text.encode()
            expected = [
                (rule, start + len(before), end + len(before), *rest)
                for rule, start, end, *rest in facts(engines["plain"], example)
            ]
            for name, engine in engines.items():
                assert facts(engine, before + example + b"\n" + before) == expected, (name, secret.rule.id, number)


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\n", b"\xff\xfe", b"\xff\xfe\0\0", b"\xef\xbb\xbf", b"%", b"=", b"a" * 24]
)
def test_all_engines_find_nothing_in_next_to_nothing(engines, data):
    """Empty files, lone marks and lone bytes are no special case."""
    assert agreed(engines, data) == []


def expected_spans(rule: Rule, data: bytes) -> list[tuple[int, int]]:
    """The spans of the group `secret` of all matches in the whole of `data`."""
    return [match.span("secret") for match in regex.finditer(rule.pattern.encode(), data)]


@st.composite
def rules_in_text(draw: st.DrawFn) -> tuple[Rule, bytes]:
    """A rule and a text that holds its examples and near misses, close together and far apart."""
    secret = draw(st.sampled_from(secrets()))
    kinds = (lambda s, n: filled(s, n).text, near_miss, counterexample, keyword)
    gaps = (*SEPARATORS, *(filling * size for filling in "x \n" for size in (1, 60, 70, 500, 5000)))
    text = ""
    for _ in range(draw(st.integers(1, 6))):
        text += draw(st.sampled_from(kinds))(secret, draw(st.integers(0, 1000))) + draw(st.sampled_from(gaps))
    return secret.rule, (draw(pieces()) + text).encode()


def spans(rule: Rule, data: bytes) -> list[tuple[int, int]]:
    """What Confirm finds."""
    return list(Confirm().spans(rule, data, data.lower(), []))


@settings(max_examples=250)
@given(rules_in_text())
def test_windows_find_what_the_whole_text_has(drawn):
    """A pattern run around the keywords gives the spans that it gives on the whole text."""
    rule, data = drawn
    assert spans(rule, data) == expected_spans(rule, data)


def test_windows_find_what_the_whole_text_has_for_every_rule():
    """The same, for every rule: its examples far apart, and again without anything between."""
    for secret in secrets():
        texts = [filled(secret, number).text for number in range(4)] + [
            near_miss(secret, number) for number in range(4)
        ]
        for gap in ("\n", "", "x" * 3000, "\n" * 3000):
            data = gap.join(("", *texts, "")).encode()
            assert spans(secret.rule, data) == expected_spans(secret.rule, data), secret.rule.id


@settings(max_examples=100)
@given(st.lists(st.integers(0, 2000), max_size=8).map(sorted), st.sampled_from((1, 20, 200)), st.integers(0, 100))
def test_windows_reach_around_each_mark(marks, width, tail):
    """Each mark lies in a window with `width` bytes around it; windows are apart, in order and inside the text."""
    size = max(marks, default=0) + tail
    found = list(windows(marks, width, size))
    assert all(0 <= start <= end <= size for start, end in found)
    assert all(end < start for (_, end), (start, _) in pairwise(found))
    for mark in marks:
        assert any(start <= max(0, mark - width) and end >= min(size, mark + width) for start, end in found)
    assert bool(found) == bool(marks)


def test_a_pattern_without_bound_is_searched_everywhere():
    """Where a match can have any length, the one window is the whole text; without a mark there is none."""
    assert list(windows([9000], 0, 18003)) == [(0, 18003)]
    assert list(windows([], 0, 9000)) == []


def test_a_longer_match_than_the_memo_remembers(make_rule):
    """Windows of more than a memo's piece are searched too, and give the same twice."""
    rule = make_rule("long", r"begin(?P<secret>[a-z]{6000})end", "begin")
    data = (b"." * 50 + b"begin" + b"q" * 6000 + b"end") * 2
    assert spans(rule, data) == expected_spans(rule, data) == [(55, 6055), (6113, 12113)]


def test_equal_lines_are_remembered_apart_for_each_rule(make_rule):
    """What one rule found on a line says nothing of another rule on the same line."""
    one, two = (make_rule(name, rf"key=(?P<secret>{name}[0-9]+)", "key") for name in "ab")
    confirm = Confirm()
    data = b"key=a1 key=b22"
    for _ in range(2):
        assert [list(confirm.spans(rule, data, data, [])) for rule in (one, two)] == [[(4, 6)], [(11, 14)]]
