"""How far secrets of the history got: their commits, the branches they still live in, the remotes that have them."""

from collections.abc import Iterable, Iterator, Mapping

from secretscan.errors import GitError
from secretscan.git import diff, refs
from secretscan.git.process import git
from secretscan.model import Finding
from secretscan.sources import commits

BRANCHES = 20
"""In the newest trees of so many branches it is looked whether a secret still lives there."""

Key = tuple[str, bytes]
"""A secret: its rule's id and its value."""


def living(findings: list[Finding], hits: Mapping[Key, Iterable[str]], named: list[refs.Ref]) -> Iterator[Finding]:
    """The findings with the branches in whose newest tree their secret still stands. `hits`: the blobs it is in."""
    blobs = {key: set(found) for key, found in hits.items()}
    heads = [ref for ref in named if ref.name.startswith("refs/heads/")][:BRANCHES] if blobs else []
    living = {head.name: _blobs_of(head) for head in heads}
    for finding in findings:
        mine = blobs.get((finding.rule_id, finding.value), set())
        yield finding._replace(refs=tuple(sorted(name for name, alive in living.items() if alive & mine)))


def _blobs_of(head: refs.Ref) -> set[str]:
    """The ids of the blobs in the branch's newest tree; none where it is damaged."""
    try:
        return {blob for _, blob in commits.tree_blobs(head.id)}
    except GitError:
        return set()


def with_commits(findings: Iterable[Finding], named: list[refs.Ref]) -> Iterator[Finding]:
    """The findings with author and date of their commits, and whether these are on a remote."""
    kept = list(findings)
    wanted = sorted({finding.commit for finding in kept if finding.commit})
    known = (
        {commit.id: commit for commit in diff.commits(wanted, "--no-walk=unsorted", changes=False)} if wanted else {}
    )
    here = _not_pushed(wanted, named)
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


def _not_pushed(wanted: list[str], named: list[refs.Ref]) -> set[str]:
    """Those of the commits `wanted` that no remote-tracking branch reaches, as far as git can tell."""
    if not wanted or not any(ref.name.startswith("refs/remotes/") for ref in named):
        return set(wanted)
    try:
        lines = git("rev-list", "--stdin", "--not", "--remotes", input="\n".join(wanted).encode())
    except GitError:
        return set(wanted)
    return set(lines.decode().split())
