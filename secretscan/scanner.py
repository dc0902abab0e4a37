"""Blobs in, findings out: the engine, then the policy. Knows nothing of where the bytes came from."""

from collections.abc import Iterable, Iterator
from time import perf_counter

from secretscan.engine import archive, decode
from secretscan.engine.confirm import Timeout
from secretscan.engine.scan import Engine, Seen
from secretscan.model import Blob, Candidate, Finding, Origin, Report, Skipped, Stats, redact
from secretscan.policy.ignores import ignored
from secretscan.policy.policy import Policy
from secretscan.ruleset.cache import Ruleset

COUNTED = frozenset(("file", "index", "blob", "stdin", "message"))
"""The kinds of origin that are files to people; names and messages are scanned beside them."""

SHOWN = 200
"""So many characters of a line are kept on each side of a secret."""


class Scanner:
    """Scans blobs and keeps count of what was covered, skipped and allowed."""

    def __init__(self, ruleset: Ruleset, policy: Policy) -> None:
        self.policy = policy
        self.skipped: list[Skipped] = []
        self.allowed = 0
        self.files = self.bytes = self.lines = 0
        self._rules = ruleset.count
        self._engine = Engine(ruleset)
        self._began = perf_counter()

    def scan(self, blobs: Iterable[Blob | Skipped]) -> Iterator[Finding]:
        """The findings in `blobs` that stand, in their order. What is skipped on the way is noted in `skipped`."""
        for blob in blobs:
            yield from self.judge(self.found(blob))

    def found(self, blob: Blob | Skipped) -> list[Finding]:
        """What is in `blob`, counted, before policy; nothing where it is skipped or excluded, which is noted."""
        if isinstance(blob, Skipped):
            self.skipped.append(blob)
            return []
        if self.policy.excluded(blob.origin.path):
            self.skip(blob.origin, f"excluded by {self.policy.config.where}")
            return []
        self._count(blob)
        return self.locate(blob)

    def add(self, files: int, size: int, lines: int, skipped: list[Skipped]) -> None:
        """Counts what another process scanned."""
        self.files += files
        self.bytes += size
        self.lines += lines
        self.skipped += skipped

    def locate(self, blob: Blob) -> list[Finding]:
        """What is in one blob, by position; nothing is counted, and no policy applied but which rules are on."""
        text = decode.to_text(blob.data)
        try:
            found = self._engine.scan(text)
        except Timeout as reason:
            self.skip(blob.origin, str(reason))
            return []
        candidates = [candidate for candidate in found if self.policy.enabled(candidate.rule.id)]
        hidden = _everywhere(candidates, text)
        inside = self.inside(blob) if blob.data.startswith(archive.ZIP) else ()
        return [*(located(candidate, hidden, text, blob.origin) for candidate in candidates), *inside]

    def secrets(self, data: bytes) -> list[tuple[str, bytes]]:
        """As `locate`, but for rule id and value alone, and without what is in an archive: for very many blobs."""
        seen = self.examine(data)
        return self.named(seen) if seen else []

    def examine(self, data: bytes, base: Seen | None = None, changes: bytes = b"") -> Seen | None:
        """What is in `data`, for `named` and for its next version; None where a pattern took too long, which is noted."""
        text = decode.to_text(data)
        try:
            seen = self._engine.examine(text, base, changes)
        except Timeout as reason:
            self.skipped.append(Skipped(None, None, str(reason)))
            return None
        return seen if text is data else seen._replace(local=False)

    def named(self, seen: Seen) -> list[tuple[str, bytes]]:
        """Rule id and value of each candidate whose rule is on."""
        return [(one.rule.id, one.value) for one in seen.candidates if self.policy.enabled(one.rule.id)]

    def inside(self, blob: Blob) -> Iterator[Finding]:
        """What is in the files of an archive."""
        for member in archive.members(blob, self.policy.config.max_file_size):
            if isinstance(member, Skipped):
                self.skipped.append(member)
            else:
                yield from self.locate(member)

    def judge(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Those of `findings` that stand, with their fingerprints. The others are counted as allowed."""
        for finding in map(self.policy.named, findings):
            if self.policy.stands(finding):
                yield finding
            else:
                self.allowed += 1

    def skip(self, origin: Origin, reason: str) -> None:
        """Notes that something was not scanned."""
        self.skipped.append(Skipped(origin.path or None, origin.blob, reason))

    def report(self, findings: Iterable[Finding]) -> Report:
        """The outcome, in the order in which it is printed."""
        ordered = sorted(findings, key=lambda f: (f.path, f.line, f.column, f.rule_id, f.commit or ""))
        stats = Stats(self.files, self.files, self.bytes, self.lines, perf_counter() - self._began)
        return Report(tuple(ordered), tuple(self.skipped), stats, self.allowed, self._rules)

    def _count(self, blob: Blob) -> None:
        if blob.origin.kind in COUNTED:
            self.files += 1
            self.bytes += len(blob.data)
            if blob.origin.kind != "blob" or blob.origin.path:  # a history's blobs: counting lines would cost a tenth
                self.lines += blob.data.count(b"\n") + (blob.data[-1:] not in (b"\n", b""))


def located(candidate: Candidate, hidden: list[Candidate], text: bytes, origin: Origin) -> Finding:
    """The candidate with lines and columns; `hidden` are all places of the text that the shown line must redact."""
    first, last = line_span(text, candidate)
    start = text.rfind(b"\n", 0, candidate.end) + 1
    path, line = origin.path, text.count(b"\n", 0, candidate.start) + 1
    return Finding(
        rule_id=candidate.rule.id,
        rule_name=candidate.rule.name,
        provider=candidate.rule.provider,
        confidence=candidate.confidence,
        path=path,
        line=line,
        column=_characters(text[first : candidate.start]) + 1,
        end_line=line + text.count(b"\n", candidate.start, candidate.end),
        end_column=_characters(text[max(start, first) : candidate.end]) + 1,
        value=candidate.value,
        fingerprint="",
        text=_redacted(text, first, last, candidate, hidden),
        kind=origin.kind,
        commit=origin.commit,
        blob=origin.blob,
        ignored=ignored(text[first:last], candidate.rule.id),
    )


def line_span(text: bytes, candidate: Candidate) -> tuple[int, int]:
    """The span of the lines on which the candidate stands, without the last line end."""
    first = text.rfind(b"\n", 0, candidate.start) + 1
    last = text.find(b"\n", max(candidate.end - 1, candidate.start))
    return first, len(text) if last < 0 else last


def _characters(part: bytes) -> int:
    """How many characters `part` has, bytes where it cannot be decoded; a byte order mark is none."""
    try:
        return len(part.decode("utf-8").lstrip("\ufeff"))
    except UnicodeDecodeError:
        return len(part)


def _everywhere(candidates: list[Candidate], text: bytes) -> list[Candidate]:
    """The candidates, and their values wherever else they stand (behind a letter, say), by position."""
    rest = bytearray(text)
    for candidate in candidates:
        rest[candidate.start : candidate.end] = bytes(candidate.end - candidate.start)
    found = list(candidates)
    for candidate in {candidate.value: candidate for candidate in candidates}.values():
        start = rest.find(candidate.value)
        while start >= 0:
            found.append(candidate._replace(start=start, end=start + len(candidate.value)))
            start = rest.find(candidate.value, start + 1)
    return sorted(found, key=lambda candidate: candidate.start)


def _redacted(text: bytes, first: int, last: int, candidate: Candidate, hidden: list[Candidate]) -> str:
    """The line around the candidate with every secret in it redacted, cut to SHOWN characters on each side."""
    left, right = max(first, candidate.start - SHOWN), min(last, candidate.end + SHOWN)
    shown, position = "", left
    for other in hidden:
        if other.end > position and other.start < right:
            shown += text[position : max(other.start, position)].decode("utf-8", "replace")
            shown += redact(other.value) if other.start >= position else "…"
            position = other.end
    return shown + text[position:right].decode("utf-8", "replace").rstrip("\r")
