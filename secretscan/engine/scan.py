"""One blob through prefilter, decoding and confirmation: bytes in, candidates with exact spans out."""

from collections.abc import Iterator
from typing import NamedTuple

from secretscan.engine import checksum, decode, delta, parts
from secretscan.engine.confirm import Confirm, Timeout
from secretscan.engine.overlap import resolve
from secretscan.engine.prefilter import Hits, prefilter_for
from secretscan.engine.randomness import is_placeholder, shannon
from secretscan.model import Candidate, Rule
from secretscan.ruleset.cache import Ruleset
from secretscan.ruleset.width import REACH, marked

__all__ = ["Engine", "Seen", "Timeout"]


class Seen(NamedTuple):
    """What is known of a text: its candidates, and whether each of them depends on nothing but the bytes close to it."""

    candidates: list[Candidate]
    local: bool


class Engine:
    """Scans blobs with a compiled ruleset. One a process: it holds scratch space and a memo."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset = ruleset
        self._prefilter = prefilter_for(ruleset)
        self._confirm = Confirm()
        self._met_far = False

    def scan(self, text: bytes) -> list[Candidate]:
        """The candidates in `text` (see decode.to_text), by position; no two of them overlap. Raises Timeout."""
        found = list(self._layer(text, decode.DEPTH))
        return resolve(found) if found else found

    def examine(self, text: bytes, base: Seen | None = None, changes: bytes = b"") -> Seen:
        """What is in `text`, which is `base` with `changes` (git's delta) where they are given. Raises Timeout.

        Where the changes are small only what is around them is scanned: if that could hold no match at all, what was found
        in the base is all there is.
        """
        if base and base.local and len(changes) * delta.DENSE < len(text):
            found = self._unchanged(text, base, changes)
            if found is not None:
                return Seen(found, local=True)
        self._met_far = b"\0" in text
        return Seen(self.scan(text), local=not self._met_far)

    def _unchanged(self, text: bytes, base: Seen, changes: bytes) -> list[Candidate] | None:
        """The candidates of `text` if they are those of the base; None if it must be scanned."""
        kept = delta.copies(changes)
        spans = delta.around_changes(kept, len(text))
        if 2 * sum(end - start for start, end in spans) > len(text):
            return None
        near = b"\n".join([text[start:end] for start, end in spans])
        if b"\0" in near or self._prefilter.hits(near):
            return None
        return delta.moved(base.candidates, kept) if base.candidates else []

    def _is_far(self, index: int) -> bool:
        """Whether what the rule finds depends on bytes far from where it is found."""
        rule = self._ruleset.rules[index]
        return rule.requires is not None or not 0 < rule.width <= REACH

    def _layer(self, data: bytes, depth: int) -> Iterator[Candidate]:
        """Candidates of `data` and of what is wrapped in it, `depth` wrappings deep."""
        hits = self._prefilter.hits(data)
        if hits:
            count = self._ruleset.count
            rules = sorted(index for index in hits if index < count)
            self._met_far = self._met_far or any(map(self._is_far, rules))
            if rules:
                yield from self._candidates(data, rules, hits)
            if depth:
                if count in hits:  # in the order of ENCODINGS
                    yield from self._unwrapped(
                        decode.base64_text(data, hits[count][:1], self._prefilter.base64(data)), depth
                    )
                if count + 1 in hits:
                    yield from self._unwrapped(decode.percent(data), depth)
        if depth == decode.DEPTH and b"\0" in data:
            yield from self._unwrapped(iter((decode.without_nul(data),)), depth)

    def _unwrapped(self, layers: Iterator[decode.Layer], depth: int) -> Iterator[Candidate]:
        """Candidates of `layers`, with their spans led back to the text around."""
        for layer in layers:
            for candidate in self._layer(layer.data, depth - 1):
                start, end = layer.outer(candidate.start, candidate.end)
                yield candidate._replace(start=start, end=end)

    def _candidates(self, data: bytes, indexes: list[int], hits: Hits) -> Iterator[Candidate]:
        low = data.lower()
        rules = self._ruleset.rules
        for index in indexes:
            rule = rules[index]
            for start, end in self._confirm.spans(rule, data, low, hits[index] if marked(rule) else []):
                if confidence := _judge(rule, data, start, end):
                    yield Candidate(rule, start, end, data[start:end], confidence)


def _judge(rule: Rule, data: bytes, start: int, end: int) -> str:
    """How sure the rule is of this span: a confidence, or "" if it is none.

    A checksum that does not fit makes it `low`: real tokens fit, made-up ones in tests and documentation do not.
    """
    value = data[start:end]
    if rule.entropy and shannon(value) < rule.entropy:
        return ""
    if is_placeholder(value):
        return ""
    confidence = rule.confidence if checksum.fits(rule.checksum, value) else "low"
    return parts.with_part(rule.requires, data, start, end, confidence) if rule.requires else confidence
