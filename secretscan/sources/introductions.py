"""Which commit brought an object in, and under which path.

One 'git rev-list' lists the objects in the order of the commits that brought them, oldest first. Where it meets damage, the
commits' own diffs tell instead.
"""

import os
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from secretscan.errors import GitError
from secretscan.git.diff import RAW
from secretscan.git.objects import MEMORY
from secretscan.git.process import explain, start

COMMITS_PIECE = 8192
"""So many commits are dealt to a worker at a time."""

BLOCK = 1 << 22


class Place(NamedTuple):
    """What brought a blob in: the earliest commit (in the order of `order`) with the path; "" for no commit.

    `lost`: no ref reaches the commit.
    """

    order: int
    commit: str
    path: str
    lost: bool = False


class Asked(NamedTuple):
    """Of which blobs the commits' diffs are to tell; all known objects, and the commits that no ref reaches."""

    wanted: frozenset[bytes]
    known: frozenset[bytes]
    lost: frozenset[bytes]


class Walk(NamedTuple):
    """What is known of the wanted objects: where blobs come in, which commits are reached and when, and what is missing."""

    first: dict[str, Place]
    commits: dict[str, Place]
    missing: dict[str, str]  # ids of what is not there, with a path where it is known
    damaged: dict[str, str]  # commits whose trees git cannot read, with its reason
    names: set[bytes]


def walk(*options: str, revisions: Iterable[str] = (), cwd: str | None = None) -> IO[bytes]:
    """What git lists of the commits that `options` (`--all`) and `revisions` select: each commit, oldest first, then
    (id, path) of the objects that it brings; at the end "?" and the id of what is missing. In an unnamed file, since it is
    long. Raises GitError where git meets damage.
    """
    import shutil  # noqa: PLC0415 (off the hook's path)
    import tempfile  # noqa: PLC0415

    given = _file("".join(f"{name}\n" for name in revisions).encode())
    order = ("--in-commit-order", "--date-order", "--reverse")
    process = start(
        *MEMORY, "rev-list", "--objects", *order, "--missing=print", *options, "--stdin", cwd=cwd, stdin=given
    )
    os.close(given)
    listed = tempfile.TemporaryFile()  # noqa: SIM115 (the caller's to close)
    shutil.copyfileobj(process.stdout, listed, BLOCK)
    process.stdout.close()
    if process.wait():
        listed.close()
        raise GitError(explain(process.errors(), "rev-list"))
    return listed


def read_walk(listed: IO[bytes], wanted: frozenset[bytes], *, after: int = 0, lost: bool = False) -> Walk:
    """What `walk` listed of the `wanted` objects; `after`: so many commits come before these."""
    first: dict[str, Place] = {}
    commits: dict[str, Place] = {}
    missing: dict[str, str] = {}
    commit = b""
    listed.seek(0)
    for lines in blocks(listed):
        for line in lines:
            name, space, path = line.partition(b" ")
            if not space:
                if line.startswith(b"?"):
                    missing[line[1:].decode()] = ""
                    continue
                commit = name
                after += 1
                if name in wanted:
                    commits[name.decode()] = Place(after, name.decode(), "", lost)
            elif name in wanted:
                first[name.decode()] = Place(after, commit.decode(), path.decode("utf-8", "surrogateescape"), lost)
    return Walk(first, commits, missing, {}, set())


def commits_of(listed: IO[bytes]) -> set[bytes]:
    """The ids of the commits that `walk` listed."""
    listed.seek(0)
    return {line for lines in blocks(listed) for line in lines if b" " not in line and not line.startswith(b"?")}


def blocks(listed: IO[bytes]) -> Iterator[list[bytes]]:
    """The lines of a file, some hundred thousand at a time."""
    rest = b""
    while block := listed.read(BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        yield lines


def introductions(dealt: Iterable[tuple[int, list[bytes]]], asked: Asked, cwd: str | None = None) -> Iterator[Walk]:
    """For each dealt (place, commit ids, newest first): where wanted blobs come in, all paths, and what is not known,
    from the commits' own diffs. This takes twice the time of `walk`, and stands any damage.
    """
    for place, commits in dealt:
        yield from _introductions(place, commits, asked, cwd)


def _introductions(place: int, commits: list[bytes], asked: Asked, cwd: str | None) -> Iterator[Walk]:
    """See `introductions`. A tree that git cannot read ends it: then the halves are tried, down to the one commit."""
    given = _file(b"".join(name + b"\n" for name in commits))
    process = start(*MEMORY, "diff-tree", "--stdin", "-r", "--root", "-c", *RAW, cwd=cwd, stdin=given)
    tokens = process.stdout.read().split(b"\0")
    os.close(given)
    process.stdout.close()
    if not process.wait():
        yield _read_diffs(tokens, place, asked)
    elif len(commits) == 1:
        yield Walk({}, {}, {}, {commits[0].decode(): explain(process.errors(), "diff-tree")}, set())
    else:
        half = len(commits) // 2
        yield from _introductions(place, commits[:half], asked, cwd)
        yield from _introductions(place + half, commits[half:], asked, cwd)


def _read_diffs(tokens: list[bytes], place: int, asked: Asked) -> Walk:
    """Reads diff-tree's output: a commit id, then for each path a raw line and the path.

    A loop for speed: it runs for every path that any commit ever changed.
    """
    first: dict[str, Place] = {}
    names: set[bytes] = set()
    missing: dict[str, str] = {}
    commit = b""
    wanted, known, lost = asked
    stream = iter(tokens)
    for token in stream:
        if not token.startswith(b":"):
            if token:
                commit = token
                place += 1
            continue
        path = next(stream)
        new = token.rsplit(b" ", 2)[-2]
        if new in wanted:
            shown = path.decode("utf-8", "surrogateescape")
            first[new.decode()] = Place(-place, commit.decode(), shown, commit in lost)
        elif new not in known and new.strip(b"0") and b" 160000 " not in token:
            missing[new.decode()] = path.decode("utf-8", "surrogateescape")
        names.add(path)
    return Walk(first, {}, missing, {}, names)


def _file(content: bytes) -> int:
    """The number of an unnamed file with `content`, at its start, for git to read while we read what it prints."""
    import tempfile  # noqa: PLC0415 (off the hook's path)

    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        number = os.dup(file.fileno())
    os.lseek(number, 0, os.SEEK_SET)
    return number
