"""Which rules could match a blob, and whether it may hold encoded text. Most blobs end here."""

import re
from typing import Any, Protocol

from secretscan.engine.decode import BASE64_TEXT
from secretscan.ruleset import compile as compiler
from secretscan.ruleset.cache import Ruleset
from secretscan.ruleset.compile import ENCODINGS

Hits = dict[int, list[int]]
"""Indexes of rules that could match, from `count` on those of ENCODINGS. With a rule's `wide` form: where it ends (byte
offsets) or, if it is too long to be looked for, its keywords; else nothing of use.
"""


WORTH = 1 << 16
"""From so many bytes on it is worth making a database to look for Base64."""


class Prefilter(Protocol):
    """Answers with what could be in a blob."""

    def hits(self, data: bytes) -> Hits:
        """The hits in `data`."""

    def base64(self, data: bytes) -> list[int] | None:
        """Where decode.BASE64_TEXT ends in `data`; None if this prefilter cannot tell."""


def prefilter_for(ruleset: Ruleset) -> Prefilter:
    """The fastest prefilter that the compiled ruleset allows."""
    if ruleset.database is None:
        return PlainPrefilter(ruleset)
    return (KeywordPrefilter if ruleset.keyword_rules else PatternPrefilter)(ruleset)


class PatternPrefilter:
    """Hyperscan on all patterns."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._scan = ruleset.database.scan
        self._scan_encodings = ruleset.encodings.scan
        self._scan_base64: Any = None
        self._hits: Hits = {}
        count = ruleset.count

        def report(index: int, _start: int, _end: int, _flags: int, _context: object) -> None:
            self._hits.setdefault(index, []).append(_end)

        def report_encoding(place: int, _start: int, end: int, _flags: int, _context: object) -> None:
            self._hits[count + place] = [end]

        self._report = report
        self._report_encoding = report_encoding

    def hits(self, data: bytes) -> Hits:
        """See Prefilter."""
        self._scan(data, self._report)
        self._scan_encodings(data, self._report_encoding)
        found = self._hits
        if found:
            self._hits = {}
        return found

    def base64(self, data: bytes) -> list[int] | None:
        """See Prefilter. The database is made at first need, in 50 ms: hardly any commit needs it."""
        if self._scan_base64 is None:
            if len(data) < WORTH:
                return None
            self._scan_base64 = compiler.open_database(compiler.base64(BASE64_TEXT)).scan
        ends: list[int] = []
        self._scan_base64(data, lambda _index, _start, end, _flags, _context: ends.append(end))
        return ends


class KeywordPrefilter(PatternPrefilter):
    """Hyperscan on the keywords alone, for a start without a cache."""

    def __init__(self, ruleset: Ruleset) -> None:
        super().__init__(ruleset)
        self._rules = ruleset.keyword_rules or ()

        def report(index: int, _start: int, _end: int, _flags: int, _context: object) -> None:
            self._hits.update((rule, []) for rule in self._rules[index])

        self._report = report


class PlainPrefilter:
    """No Hyperscan: keywords by the interpreter's own search. The oracle of the tests, and the fallback."""

    def __init__(self, ruleset: Ruleset) -> None:
        users: dict[bytes, list[int]] = {}
        for index, rule in enumerate(ruleset.rules):
            for word in rule.keywords:
                users.setdefault(word.encode("utf-8"), []).append(index)
        self._users = users
        self._count = ruleset.count
        self._encodings = [re.compile(pattern.encode()) for pattern in ENCODINGS]

    def hits(self, data: bytes) -> Hits:
        """See Prefilter."""
        low = data.lower()
        found: Hits = {index: [] for word, users in self._users.items() if word in low for index in users}
        found.update((self._count + i, []) for i, pattern in enumerate(self._encodings) if pattern.search(data))
        return found

    def base64(self, data: bytes) -> list[int] | None:  # noqa: ARG002
        """See Prefilter."""
        return None


assert len(ENCODINGS) == 2  # noqa: S101 (the two that decode.py knows)
