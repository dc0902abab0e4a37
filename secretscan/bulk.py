"""Scans many blobs in a process of its own."""

from collections.abc import Iterator
from typing import NamedTuple

from secretscan.model import Finding, Skipped
from secretscan.policy.config import Config
from secretscan.policy.policy import Policy
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner
from secretscan.sources import history

BATCH = 2048
"""After so many blobs a worker tells what it found."""


class Tally(NamedTuple):
    """What a worker did since it told last."""

    blobs: int
    bytes: int
    findings: list[Finding]
    skipped: list[Skipped]


def scan_blobs(rules: tuple[str, ...], config: Config, dealt: Iterator[list[bytes]]) -> Iterator[Tally]:
    """Scans dealt runs of blob ids in a process of its own; tallies of at most BATCH blobs."""
    scanner = Scanner(open_ruleset(rules, thorough=True), Policy(config, bytes))
    blobs = size = 0
    found: list[Finding] = []
    for blob in history.read_blobs(dealt, config.max_file_size):
        if isinstance(blob, Skipped):
            scanner.skipped.append(blob)
            continue
        blobs += 1
        size += len(blob.data)
        found += scanner.locate(blob)
        if blobs == BATCH:
            yield Tally(blobs, size, found, scanner.skipped)
            blobs, size, found, scanner.skipped = 0, 0, [], []
    yield Tally(blobs, size, found, scanner.skipped)
