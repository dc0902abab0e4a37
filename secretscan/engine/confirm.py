"""The rule's own pattern, run only where one of its keywords stands, gives the exact span of each secret."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from secretscan.model import Rule
from secretscan.ruleset.width import longest

CONTEXT = 64
"""Bytes kept on both sides of a window, so that look-arounds see what is really there."""

MEMO_PIECE = 4096
MEMO_SIZE = 20_000
TIMEOUT = 5.0
"""Seconds after which a pattern on one piece of text is given up. The rule check keeps patterns far below."""

Span = tuple[int, int]


class Timeout(Exception):  # noqa: N818 (it is no error of the caller's)
    """A pattern took too long; the blob is listed as skipped."""


class _Compiled(NamedTuple):
    finditer: Any
    keywords: tuple[bytes, ...]
    width: int


class Confirm:
    """Compiles patterns when they are first needed, and remembers what was found in equal lines."""

    def __init__(self) -> None:
        self._compiled: dict[str, _Compiled] = {}
        self._memo: dict[tuple[str, bytes], tuple[Span, ...]] = {}

    def spans(self, rule: Rule, data: bytes, low: bytes, ends: list[int]) -> Iterator[Span]:
        """The spans of the group `secret` of all matches in `data`, from left to right, not overlapping.

        `low` is `data` in lower case; `ends` is where the rule's wide form ends, empty where that is not known. Raises
        Timeout.
        """
        compiled = self._compiled.get(rule.id) or self._compile(rule)
        marks = sorted(ends) if ends else sorted(_positions(low, compiled.keywords))
        for start, end in windows(marks, compiled.width, len(data)):
            piece = data[start:end]
            for left, right in self._search(rule, compiled, piece):
                yield start + left, start + right

    def _search(self, rule: Rule, compiled: _Compiled, piece: bytes) -> tuple[Span, ...]:
        if len(piece) > MEMO_PIECE:
            return _matches(rule, compiled, piece)
        key = (rule.id, piece)
        found = self._memo.get(key)
        if found is None:
            if len(self._memo) >= MEMO_SIZE:
                self._memo.clear()
            found = self._memo[key] = _matches(rule, compiled, piece)
        return found

    def _compile(self, rule: Rule) -> _Compiled:
        import regex  # noqa: PLC0415 (20 ms that a clean commit does not need)

        pattern = regex.compile(rule.pattern.encode("utf-8"))
        words = tuple(word.encode("utf-8") for word in rule.keywords)
        compiled = self._compiled[rule.id] = _Compiled(
            pattern.finditer, words, rule.width if rule.width >= 0 else longest(rule.pattern)
        )
        return compiled


def _matches(rule: Rule, compiled: _Compiled, piece: bytes) -> tuple[Span, ...]:
    try:
        found = (match.span("secret") for match in compiled.finditer(piece, timeout=TIMEOUT))
        return tuple(span for span in found if span[0] < span[1])  # the group may be empty, or have no part in it
    except TimeoutError:
        raise Timeout(f"the pattern of {rule.id} took over {TIMEOUT:.0f} s") from None


def windows(marks: list[int], width: int, size: int) -> Iterator[Span]:
    """The parts of a text of `size` bytes in which a match of at most `width` bytes that holds one of `marks` can lie.

    `marks` are sorted offsets, of which one is inside every match or at its end: then searching the windows, merged where
    they touch, finds what searching the whole text finds. `width` 0 stands for no bound: the whole text is one window.
    """
    if not marks:
        return
    if not width:
        yield 0, size
        return
    reach = width + CONTEXT
    start, end = max(0, marks[0] - reach), marks[0] + reach
    for mark in marks[1:]:
        if mark - reach > end:
            yield start, min(end, size)
            start = mark - reach
        end = mark + reach
    yield start, min(end, size)


def _positions(low: bytes, keywords: tuple[bytes, ...]) -> Iterator[int]:
    for word in keywords:
        position = low.find(word)
        while position >= 0:
            yield position
            position = low.find(word, position + 1)
