"""The records that travel through the house. Frozen; they import nothing of ours."""

from typing import NamedTuple

CONFIDENCES = ("low", "medium", "high")

SECTIONS = ("about", "prevent", "generate", "reasons", "risks", "practices", "abused", "revoke", "breaks")
"""The guide's sections, in the order in which they are printed."""


class Origin(NamedTuple):
    """Where a blob came from. `path` is relative to the repository or as the user gave it, with forward slashes."""

    path: str
    kind: str = "file"  # file, index, blob, commit-message, tag-message, ref-name, file-name, stdin, message
    blob: str | None = None  # git object id
    commit: str | None = None


class Blob(NamedTuple):
    """Bytes to scan, whole."""

    data: bytes
    origin: Origin


class Skipped(NamedTuple):
    """Something that could not be scanned, and why, in words for people."""

    path: str | None
    object: str | None
    reason: str


class Part(NamedTuple):
    """The second part that a rule asks for: `pattern` within `within` lines, else the confidence `otherwise` or drop."""

    pattern: str
    within: int
    otherwise: str


class Rule(NamedTuple):
    """What matching needs of a rule; the guide stays in the rule file until it is printed."""

    id: str
    name: str
    provider: str
    pattern: str  # a bytes pattern of the regex package, with the group `secret`
    wide: str  # a pattern that matches inside every match of the rule, with few ends; empty: the pattern itself
    keywords: tuple[str, ...]  # lower case; at least one is in every match
    confidence: str
    entropy: float
    checksum: str
    requires: Part | None
    overrides: tuple[str, ...]
    file: str  # the rule file, for the guide
    width: int = -1  # bytes of the longest match; 0: it has no bound; -1: not measured


class Candidate(NamedTuple):
    """A secret found in bytes, before policy. Offsets are bytes into the blob; `value` is the secret itself."""

    rule: Rule
    start: int
    end: int
    value: bytes
    confidence: str

    def __repr__(self) -> str:
        return f"Candidate({self.rule.id}, {self.start}, {self.end})"


class Finding(NamedTuple):
    """A secret that stands, with all that a report says of it. `value` is never shown by repr."""

    rule_id: str
    rule_name: str
    provider: str
    confidence: str
    path: str
    line: int  # 1-based
    column: int  # 1-based, characters; bytes where the text cannot be decoded
    end_line: int
    end_column: int  # the column after the last character
    value: bytes
    fingerprint: str
    text: str = ""  # the source line with every secret in it redacted
    occurrences: int = 1
    kind: str = "file"
    commit: str | None = None
    author: str | None = None
    email: str | None = None
    date: str | None = None
    blob: str | None = None
    refs: tuple[str, ...] = ()
    exposure: str = "unknown"  # staged, committed, pushed, unreachable, working-tree, unknown
    exposed_on: tuple[str, ...] = ()  # remote-tracking refs that hold it, where known
    ignored: bool = False  # a comment on its line allows it

    def __repr__(self) -> str:
        return f"Finding({self.rule_id}, {self.path}:{self.line}:{self.column})"


class Brief(NamedTuple):
    """The provider's guidance for one finding, as short as a block message needs it."""

    summary: str  # what it is and opens, one line
    steps: tuple[str, ...]  # the first things to do, in order, each one line, with its URL where there is one
    revoke_url: str  # "" where the provider has none
    replacement: str  # the line or expression that should have stood there; "" where the file's language is unknown
    guide: str  # the command that prints the whole guide
    provider: str = ""  # its name, as it writes it


class Stats(NamedTuple):
    """What was covered."""

    files: int = 0
    blobs: int = 0
    bytes: int = 0
    lines: int = 0
    seconds: float = 0.0


class Report(NamedTuple):
    """The whole outcome of a scan, in the order in which it is printed."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    stats: Stats
    allowed: int = 0  # candidates that an ignore comment, the allowlist or the baseline let pass
    rules: int = 0  # how many rules were loaded


def redact(value: bytes) -> str:
    """The secret as it may be shown: its first four characters, never more than a quarter of it.

    >>> redact(b"CCIPAT_abcdefghijklmnop")
    'CCIP…(redacted)'
    """
    text = value.decode("utf-8", "replace")
    shown = text[: min(4, len(text) // 4)]
    return f"{shown}…(redacted)" if "\n" not in shown else "…(redacted)"
