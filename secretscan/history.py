"""The whole history through the scanner: each secret once, with the commit that brought it in."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from secretscan import parallel
from secretscan.changes import message_origin
from secretscan.git import diff, refs
from secretscan.git.objects import Objects
from secretscan.git.process import git
from secretscan.model import Blob, Finding, Origin, Skipped
from secretscan.policy.config import Config
from secretscan.policy.policy import Policy
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner
from secretscan.sources import commits, history

BATCH = 2048
"""After so many blobs a worker tells what it found."""

BRANCHES = 20
"""In the newest trees of so many branches it is looked whether a secret still lives there."""

Key = tuple[str, bytes]
Progress = Callable[[int], None]


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


def scan(
    scanner: Scanner,
    rules: tuple[str, ...],
    jobs: int,
    progress: Callable[[int], Progress],
    *,
    all_objects: bool = False,
) -> list[Finding]:
    """The findings of the repository's whole history.

    `rules`: the paths of additional rules. `progress` is told how many blobs there are and gives a function that is told
    how many are done. `all_objects`: also what no ref reaches. Raises GitError.
    """
    stored = history.inventory()
    order, spoken = _messages(scanner, stored, all_objects=all_objects)
    hits = _blobs(
        scanner, partial(scan_blobs, rules, scanner.policy.config), stored.blobs, jobs, progress(len(stored.blobs))
    )
    places = _introductions(stored, order, hits, jobs)
    for blob, path in sorted(places.missing.items()):
        scanner.skip(
            Origin(path, blob=blob.decode()), "missing from the repository (shallow, partial or damaged clone)"
        )
    found = [*spoken, *_references(scanner), *_names(scanner, places.names)]
    for key in sorted(hits):
        found += _first(hits[key], places, order, all_objects=all_objects)
    return list(scanner.judge(_with_commits(_living(found, hits))))


def _messages(scanner: Scanner, stored: history.Inventory, *, all_objects: bool) -> tuple[list[bytes], list[Finding]]:
    """The ids of all commits, newest first (reachable ones last), and what is in their messages."""
    order: list[bytes] = []
    found: list[Finding] = []
    batches = history.messages("--all", *(("--reflog",) if all_objects else ()))
    for ids, texts in batches:
        order += ids
        found += _in_messages(scanner, ids, texts)
    if all_objects:
        lost = list(set(stored.commits) - set(order))
        for ids, texts in history.messages("--no-walk=unsorted", revisions=lost) if lost else ():
            found += [finding._replace(exposure="unreachable") for finding in _in_messages(scanner, ids, texts)]
        order = lost + order
    return order, found


def _in_messages(scanner: Scanner, ids: list[bytes], texts: list[bytes]) -> Iterator[Finding]:
    """What is in a batch of messages. Hardly ever anything: they are looked at together first."""
    if scanner.locate(Blob(b"\n\n".join(texts), Origin("", "commit-message"))):
        for name, text in zip(ids, texts, strict=True):
            yield from scanner.locate(Blob(text, message_origin(name.decode())))


def _blobs(
    scanner: Scanner, work: parallel.Work, blobs: list[bytes], jobs: int, done: Progress
) -> dict[Key, list[Finding]]:
    """What is in the blobs, by rule and value."""
    hits: dict[Key, list[Finding]] = {}
    for tally in parallel.run(work, history.pieces(blobs, history.PIECE), jobs):
        done(tally.blobs)
        scanner.files += tally.blobs
        scanner.bytes += tally.bytes
        scanner.skipped += tally.skipped
        for finding in tally.findings:
            hits.setdefault((finding.rule_id, finding.value), []).append(finding)
    return hits


def _introductions(
    stored: history.Inventory, order: list[bytes], hits: dict[Key, list[Finding]], jobs: int
) -> history.Introductions:
    """Where the blobs with findings come from: of several commits the oldest."""
    wanted = frozenset(finding.blob.encode() for found in hits.values() for finding in found if finding.blob)
    size = history.COMMITS_PIECE
    runs = [(place, order[place : place + size]) for place in range(0, len(order), size)]
    places = history.Introductions({}, set(), {})
    work = partial(history.introductions, wanted=wanted, known=frozenset(stored.blobs))
    for part in parallel.run(work, runs, jobs):
        for blob, found in part.first.items():
            places.first[blob] = max(found, places.first.get(blob, found))
        places.names.update(part.names)
        places.missing.update(part.missing)
    return places


def _first(
    found: list[Finding], places: history.Introductions, order: list[bytes], *, all_objects: bool
) -> Iterator[Finding]:
    """The finding of one secret in the blob that came first; nothing where no ref reaches any of its blobs."""
    reached = [(places.first[blob], finding) for finding in found if (blob := _id(finding)) in places.first]
    count = len({(finding.blob, finding.line, finding.column) for finding in found})
    if reached:
        (place, path), first = max(reached, key=lambda item: (item[0], -item[1].line))
        yield first._replace(path=path, commit=order[place].decode(), occurrences=count, exposure="committed")
    elif all_objects:
        first = min(found, key=lambda finding: (finding.blob or "", finding.line))
        yield first._replace(path=f"object {first.blob}", occurrences=count, exposure="unreachable")


def _id(finding: Finding) -> bytes:
    return (finding.blob or "").encode()


def _references(scanner: Scanner) -> Iterator[Finding]:
    """What is in the names of refs and the messages of tags. And what is in blobs they name directly."""
    objects = Objects()
    limit = scanner.policy.config.max_file_size
    for ref in refs.all_refs():
        yield from scanner.locate(Blob(ref.name.encode("utf-8", "surrogateescape"), Origin(ref.name, "ref-name")))
        if ref.type == "commit":
            continue
        for blob in commits.directly(ref.name, ref.id, objects, limit):
            if isinstance(blob, Blob):
                yield from scanner.locate(blob)
    objects.close()


def _names(scanner: Scanner, names: Iterable[bytes]) -> Iterator[Finding]:
    """What is in the paths that any commit ever had."""
    ordered = sorted(names)
    if scanner.locate(Blob(b"\n".join(ordered), Origin("", "file-name"))):
        for name in ordered:
            yield from scanner.locate(Blob(name, Origin(name.decode("utf-8", "replace"), "file-name")))


def _living(findings: list[Finding], hits: dict[Key, list[Finding]]) -> Iterator[Finding]:
    """The findings with the branches in whose newest tree their secret still stands."""
    blobs = {key: {finding.blob for finding in found} for key, found in hits.items()}
    living: dict[str, set[str | None]] = {}
    if blobs:
        heads = [ref for ref in refs.all_refs() if ref.name.startswith("refs/heads/")]
        living = {head.name: {blob for _, blob in commits.tree_blobs(head.id)} for head in heads[:BRANCHES]}
    for finding in findings:
        mine = blobs.get((finding.rule_id, finding.value), set())
        yield finding._replace(refs=tuple(sorted(name for name, alive in living.items() if alive & mine)))


def _with_commits(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings with author and date of their commits, and whether these are on a remote."""
    kept = list(findings)
    wanted = sorted({finding.commit for finding in kept if finding.commit})
    known = (
        {commit.id: commit for commit in diff.commits(wanted, "--no-walk=unsorted", changes=False)} if wanted else {}
    )
    here = _not_pushed(wanted)
    for finding in kept:
        commit = known.get(finding.commit or "")
        if commit is None:
            yield finding
            continue
        pushed = commit.id not in here and finding.exposure != "unreachable"
        yield finding._replace(
            author=commit.author,
            email=commit.email,
            date=commit.date,
            exposure="pushed" if pushed else finding.exposure,
        )


def _not_pushed(wanted: list[str]) -> set[str]:
    """Those of the commits `wanted` that no remote-tracking branch reaches."""
    if not wanted or not any(ref.name.startswith("refs/remotes/") for ref in refs.all_refs()):
        return set(wanted)
    lines = git("rev-list", "--stdin", "--not", "--remotes", input="\n".join(wanted).encode())
    return set(lines.decode().split())
