"""What changes add: the staged one, or each commit of a range. Old secrets beside an edit are not news."""

from collections.abc import Iterable, Iterator, Sequence

from secretscan.git.diff import Change, Commit
from secretscan.git.objects import Objects
from secretscan.model import Blob, Finding, Origin, Skipped
from secretscan.policy.added import added
from secretscan.scanner import Scanner
from secretscan.sources import staged

Seen = dict[tuple[str, str | None], list[Finding]]
"""The findings of blobs by path and id: what is allowed depends on the path."""


def of_index(scanner: Scanner, changes: Sequence[Change], objects: Objects) -> list[Finding]:
    """What the staged change adds. Its old side is read only when something was found on the new one."""
    limit = scanner.policy.config.max_file_size
    found = list(scanner.scan(staged.new_side(changes, objects, limit)))
    new = added(found, _before(scanner, changes, objects)) if found else []
    if new:  # where a merge is being finished, what the merged branch has already is no news either
        unmerged = added(found, _standing(scanner, staged.merged_side(changes, objects, limit)))
        new = [finding for finding in new if finding in unmerged]
    return [finding._replace(exposure="staged") for finding in new]


def _before(scanner: Scanner, changes: Sequence[Change], objects: Objects) -> Iterator[Finding]:
    """What stood on the old side of a change."""
    return _standing(scanner, staged.old_side(changes, objects, scanner.policy.config.max_file_size))


def _standing(scanner: Scanner, blobs: Iterable[Blob | Skipped]) -> Iterator[Finding]:
    """What is in `blobs` and not allowed there: a secret that is allowed at its place may not wander. Counts nothing."""
    for blob in blobs:
        if isinstance(blob, Blob) and not scanner.policy.excluded(blob.origin.path):
            yield from filter(scanner.policy.stands, map(scanner.policy.named, scanner.locate(blob)))


def of_commits(scanner: Scanner, commits: Iterable[Commit], objects: Objects) -> list[Finding]:
    """What `commits` (oldest first) add, each secret once, with the commit that brought it.

    Each blob is scanned once at each of its paths, also one that a later commit of the range removes.
    """
    seen: Seen = {}
    first: dict[str, Finding] = {}
    for commit in commits:
        for finding in _of_commit(scanner, commit, objects, seen):
            known = first.get(finding.fingerprint)
            first[finding.fingerprint] = known._replace(occurrences=known.occurrences + 1) if known else finding
    return list(first.values())


def _of_commit(scanner: Scanner, commit: Commit, objects: Objects, seen: Seen) -> Iterator[Finding]:
    """What one commit adds: content, paths, and its message."""
    limit = scanner.policy.config.max_file_size
    fresh = [change for change in commit.changes if (change.path, change.new) not in seen]
    seen.update(((change.path, change.new), []) for change in fresh)
    names: list[Finding] = []
    for finding in scanner.scan(staged.new_side(fresh, objects, limit, "blob")):
        (seen[finding.path, finding.blob] if finding.blob else names).append(finding)
    found = names + [finding for change in commit.changes for finding in seen[change.path, change.new]]
    new = added(found, _before(scanner, commit.changes, objects)) if found else []
    yield from (by(commit, finding) for finding in new)
    message = Blob(commit.message.encode("utf-8", "surrogateescape"), message_origin(commit.id))
    yield from (by(commit, finding) for finding in scanner.scan((message,)))


def message_origin(commit: str) -> Origin:
    """The origin of a commit's message."""
    return Origin(f"message of {commit[:12]}", "commit-message", commit=commit)


def by(commit: Commit, finding: Finding) -> Finding:
    """The finding with the commit that brought it in."""
    return finding._replace(
        commit=commit.id, author=commit.author, email=commit.email, date=commit.date, exposure="committed"
    )
