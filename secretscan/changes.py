"""What changes add: the staged one, or each commit of a range. Old secrets beside an edit are not news."""

from collections.abc import Iterable, Iterator, Sequence

from secretscan.git.diff import Change, Commit
from secretscan.git.objects import Objects
from secretscan.model import Blob, Finding, Origin
from secretscan.policy.added import added
from secretscan.scanner import Scanner
from secretscan.sources import staged


def of_index(scanner: Scanner, changes: Sequence[Change], objects: Objects) -> list[Finding]:
    """What the staged change adds. Its old side is read only when something was found on the new one."""
    found = list(scanner.scan(staged.new_side(changes, objects, scanner.policy.config.max_file_size)))
    old = _before(scanner, changes, objects) if found else ()
    return [finding._replace(exposure="staged") for finding in added(found, old)]


def _before(scanner: Scanner, changes: Sequence[Change], objects: Objects) -> Iterator[Finding]:
    """What stood on the old side of a change."""
    for blob in staged.old_side(changes, objects, scanner.policy.config.max_file_size):
        if isinstance(blob, Blob):
            yield from scanner.locate(blob)


def of_commits(scanner: Scanner, commits: Iterable[Commit], objects: Objects) -> list[Finding]:
    """What `commits` (oldest first) add, each secret once, with the commit that brought it.

    Each blob is scanned once, also one that a later commit of the range removes.
    """
    seen: dict[str, list[Finding]] = {}
    first: dict[str, Finding] = {}
    for commit in commits:
        for finding in _of_commit(scanner, commit, objects, seen):
            known = first.get(finding.fingerprint)
            first[finding.fingerprint] = known._replace(occurrences=known.occurrences + 1) if known else finding
    return list(first.values())


def _of_commit(scanner: Scanner, commit: Commit, objects: Objects, seen: dict[str, list[Finding]]) -> Iterator[Finding]:
    """What one commit adds: content, paths, and its message. `seen` holds the findings of blobs by their ids."""
    limit = scanner.policy.config.max_file_size
    fresh = [change for change in commit.changes if change.new not in seen]
    seen.update((change.new, []) for change in fresh if change.new)
    names: list[Finding] = []
    for finding in scanner.scan(staged.new_side(fresh, objects, limit, "blob")):
        (seen[finding.blob] if finding.blob else names).append(finding)
    again = [
        finding._replace(path=change.path) for change in commit.changes if change.new for finding in seen[change.new]
    ]
    found = again + names
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
