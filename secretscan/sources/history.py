"""The whole history: every blob once, every message and name; and which commit brought a blob in.

All objects are listed and read in the order of the packs, which is many times faster than walking commits and trees. What
is reachable, and through which path, follows from the commits' own diffs, read in parallel.
"""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretscan.errors import GitError
from secretscan.git.diff import RAW
from secretscan.git.objects import MEMORY, list_all, read_past_damage
from secretscan.git.process import explain, git, start
from secretscan.model import Blob, Origin, Skipped
from secretscan.sources.staged import too_large

PIECE = 4096
"""So many blobs are dealt to a worker at a time: delta chains stay together, and no worker waits long for the last."""

COMMITS_PIECE = 8192

DAMAGED = "damaged, git cannot read it: 'git fsck' tells more"
MISSING = "missing from the repository (shallow, partial or damaged clone)"
SHALLOW = "shallow clone: older commits are not here; 'git fetch --unshallow' brings them"


class Inventory(NamedTuple):
    """The ids of all objects of the kinds that hold text, in the order of the packs, and of those of no kind."""

    blobs: list[bytes]
    commits: list[bytes]
    tags: list[bytes]
    damaged: list[bytes]


class StoredCommit(NamedTuple):
    """A commit as it is stored. `time` is the committer's, in seconds."""

    time: int
    id: bytes
    parents: list[bytes]
    message: bytes


class Introductions(NamedTuple):
    """Where blobs come from: for each wanted one the first commit (its place in the list) and the path."""

    first: dict[bytes, tuple[int, str]]
    names: set[bytes]
    missing: dict[bytes, str]  # blobs that a commit brings and the repository lacks, with a path
    damaged: dict[bytes, str]  # commits whose trees git cannot read, with its reason


def inventory(cwd: str | None = None) -> Inventory:
    """Lists all objects."""
    found = list_all(("blob", "commit", "tag"), cwd)
    return Inventory(found["blob"], found["commit"], found["tag"], found["missing"])


def is_shallow(cwd: str | None = None) -> bool:
    """Whether the repository lacks older commits on purpose."""
    return git("rev-parse", "--is-shallow-repository", cwd=cwd) == b"true\n"


def pieces(items: list[bytes], size: int) -> list[list[bytes]]:
    """`items` in runs of `size`."""
    return [items[i : i + size] for i in range(0, len(items), size)]


def read_blobs(dealt: Iterable[list[bytes]], limit: int, cwd: str | None = None) -> Iterator[Blob | Skipped]:
    """The blobs of the dealt runs of ids, in order, through one git."""
    names = (name.decode() for run in dealt for name in run)
    for found in read_past_damage(names, limit, cwd):
        if found.data is not None:
            yield Blob(found.data, Origin("", "blob", found.id))
        elif found.type in ("missing", "damaged"):
            yield Skipped(None, found.name, MISSING if found.type == "missing" else DAMAGED)
        else:
            yield Skipped(None, found.id, too_large(found.size, limit))


def read_commits(ids: Iterable[bytes], limit: int, cwd: str | None = None) -> Iterator[StoredCommit | Skipped]:
    """The commits called `ids`, each by itself: those of a damaged history that git cannot walk, and those of none."""
    for found in read_past_damage((name.decode() for name in ids), limit, cwd):
        if found.data is None:
            yield Skipped(None, found.name, DAMAGED)
            continue
        head, _, message = found.data.partition(b"\n\n")
        lines = head.split(b"\n")
        parents = [line[7:] for line in lines if line.startswith(b"parent ")]
        times = [line.split()[-2] for line in lines if line.startswith(b"committer ")]
        yield StoredCommit(int(times[0]) if times and times[0].isdigit() else 0, found.id.encode(), parents, message)


def messages(
    *options: str, revisions: Iterable[bytes] = (), cwd: str | None = None
) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Batches of (ids, messages) of the commits that `options` (`--all`) and `revisions` select, newest first."""
    given = _file(b"".join(name + b"\n" for name in revisions))
    process = start(
        *MEMORY,
        "log",
        "--no-patch",
        "-z",
        "--encoding=UTF-8",
        "--format=%H%x00%B",
        "--stdin",
        *options,
        cwd=cwd,
        stdin=given,
    )
    rest: list[bytes] = []
    tail = b""
    while block := process.stdout.read(1 << 20):
        *tokens, tail = (tail + block).split(b"\0")
        rest += tokens
        even = len(rest) // 2 * 2
        yield rest[0:even:2], rest[1:even:2]
        rest = rest[even:]
    os.close(given)
    if tail or rest:
        yield [rest[0]] if rest else [], [tail] if rest else []
    process.stdout.close()
    if process.wait():
        raise GitError(explain(process.errors(), "log"))


def introductions(
    dealt: Iterable[tuple[int, list[bytes]]], wanted: frozenset[bytes], known: frozenset[bytes], cwd: str | None = None
) -> Iterator[Introductions]:
    """For each dealt (place, commit ids): where the `wanted` blobs come in, all paths, and what is not in `known`."""
    for place, commits in dealt:
        yield from _introductions(place, commits, wanted, known, cwd)


def _introductions(
    place: int, commits: list[bytes], wanted: frozenset[bytes], known: frozenset[bytes], cwd: str | None
) -> Iterator[Introductions]:
    """See `introductions`. A tree that git cannot read ends it: then the halves are tried, down to the one commit."""
    given = _file(b"".join(name + b"\n" for name in commits))
    process = start(*MEMORY, "diff-tree", "--stdin", "-r", "--root", "-c", *RAW, cwd=cwd, stdin=given)
    tokens = process.stdout.read().split(b"\0")
    os.close(given)
    process.stdout.close()
    if not process.wait():
        yield _read_diffs(tokens, place, wanted, known)
    elif len(commits) == 1:
        yield Introductions({}, set(), {}, {commits[0]: explain(process.errors(), "diff-tree")})
    else:
        half = len(commits) // 2
        yield from _introductions(place, commits[:half], wanted, known, cwd)
        yield from _introductions(place + half, commits[half:], wanted, known, cwd)


def _read_diffs(tokens: list[bytes], place: int, wanted: frozenset[bytes], known: frozenset[bytes]) -> Introductions:
    """Reads diff-tree's output: a commit id, then for each path a raw line and the path.

    A loop for speed: it runs for every path that any commit ever changed.
    """
    first: dict[bytes, tuple[int, str]] = {}
    names: set[bytes] = set()
    missing: dict[bytes, str] = {}
    place -= 1
    stream = iter(tokens)
    for token in stream:
        if not token.startswith(b":"):
            place += bool(token)
            continue
        path = next(stream)
        new = token.rsplit(b" ", 2)[-2]
        if new in wanted:
            first[new] = place, path.decode("utf-8", "surrogateescape")
        elif new not in known and new.strip(b"0") and b" 160000 " not in token:
            missing[new] = path.decode("utf-8", "surrogateescape")
        names.add(path)
    return Introductions(first, names, missing, {})


def _file(content: bytes) -> int:
    """The number of an unnamed file with `content`, at its start, for git to read while we read what it prints."""
    import tempfile  # noqa: PLC0415 (off the hook's path)

    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        number = os.dup(file.fileno())
    os.lseek(number, 0, os.SEEK_SET)
    return number
