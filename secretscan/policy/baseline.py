"""Known secrets by fingerprint, in a file that lies in the repository and holds the repository's key."""

import json
import os
from collections.abc import Iterable
from typing import NamedTuple

from secretscan.errors import UsageError
from secretscan.model import Finding
from secretscan.policy.fingerprint import KEY_SIZE


class Entry(NamedTuple):
    """A known secret. The place is where it was last seen, for people; only the fingerprint counts."""

    fingerprint: str
    rule_id: str
    path: str
    reason: str


class Baseline(NamedTuple):
    """The key of the repository's fingerprints and the known secrets."""

    key: bytes
    entries: tuple[Entry, ...] = ()


def parse(content: bytes, where: str) -> Baseline:
    """The baseline in `content`. Raises UsageError for anything that is not one."""
    try:
        data = json.loads(content)
        key = bytes.fromhex(data["key"])
        entries = tuple(Entry(*(str(entry[name]) for name in Entry._fields)) for entry in data["entries"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{where}: not a baseline; make one with 'secretscan baseline create'") from None
    if len(key) != KEY_SIZE:
        raise UsageError(f"{where}: its key is damaged; take the file from the last commit")
    return Baseline(key, entries)


def from_findings(key: bytes, findings: Iterable[Finding], known: Iterable[Entry] = (), reason: str = "") -> Baseline:
    """A baseline of all `findings`; the reasons of `known` entries are kept."""
    reasons = {entry.fingerprint: entry.reason for entry in known}
    entries = {
        finding.fingerprint: Entry(
            finding.fingerprint, finding.rule_id, finding.path, reasons.get(finding.fingerprint) or reason
        )
        for finding in findings
    }
    return Baseline(key, tuple(sorted(entries.values(), key=lambda e: (e.path, e.rule_id, e.fingerprint))))


def write(baseline: Baseline, path: str) -> None:
    """Writes it, sorted and one entry a line, so that branches merge. Raises UsageError if it cannot be written."""
    lines = ",\n".join("  " + json.dumps(entry._asdict()) for entry in baseline.entries)
    text = f'{{"schema": 1, "key": "{baseline.key.hex()}", "entries": [\n{lines}\n]}}\n'
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
