"""Scans many blobs on several processes."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from secretscan import parallel
from secretscan.model import Blob, Finding, Skipped
from secretscan.policy.config import Config
from secretscan.policy.policy import Policy
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner
from secretscan.sources.files import read_runs

BATCH = 2048
"""After so many blobs a worker tells what it found."""

RUN = 128
"""So many files are dealt to a worker at a time."""

Read = Callable[[Iterable[Any], int], Iterable[Blob | Skipped]]
"""Gives the blobs of the pieces dealt to this process, less those over so many bytes."""


class Tally(NamedTuple):
    """What a worker did since it told last."""

    blobs: int
    bytes: int
    lines: int  # of files; those of a history are not counted
    findings: list[Finding]
    skipped: list[Skipped]


def scan_dealt(rules: tuple[str, ...], config: Config, read: Read, dealt: Iterator[Any]) -> Iterator[Tally]:
    """Scans what `read` makes of the dealt pieces; tallies of at most BATCH blobs. Policy comes later, but for `exclude`."""
    scanner = Scanner(open_ruleset(rules, thorough=True), Policy(config, bytes))
    found: list[Finding] = []
    for blob in read(dealt, config.max_file_size):
        found += scanner.found(blob)
        if scanner.files == BATCH:
            yield _tally(scanner, found)
            found = []
    yield _tally(scanner, found)


def _tally(scanner: Scanner, found: list[Finding]) -> Tally:
    """The tally of what the scanner did; it begins anew."""
    done = Tally(scanner.files, scanner.bytes, scanner.lines, found, scanner.skipped)
    scanner.files = scanner.bytes = scanner.lines = 0
    scanner.skipped = []
    return done


def files(scanner: Scanner, rules: tuple[str, ...], paths: list[str], jobs: int) -> Iterator[Finding]:
    """The findings that stand in the files at `paths`, from `jobs` processes (0: one a core), in no order."""
    runs = [paths[i : i + RUN] for i in range(0, len(paths), RUN)]
    for tally in parallel.run(partial(scan_dealt, rules, scanner.policy.config, read_runs), runs, jobs):
        scanner.add(tally.blobs, tally.bytes, tally.lines, tally.skipped)
        yield from scanner.judge(tally.findings)
