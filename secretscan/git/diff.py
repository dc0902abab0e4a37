"""Which blobs a change brings: the index against HEAD, and the commits of a range against their parents."""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretscan.errors import GitError
from secretscan.git.process import Process, explain, git, start

RAW = (
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--ignore-submodules=none",
    f"-O{os.devnull}",  # an order file that is not there would stop git
)
"""The bare facts, whatever the configuration says about how a diff should look."""

SUBMODULE = "160000"


class Change(NamedTuple):
    """One path of a change. Ids are None where the side has no blob (added, deleted, submodule)."""

    path: str
    status: str  # A, M, T, D, U; several letters for a merge
    old: tuple[str, ...]  # one for each parent that has a blob there
    new: str | None


class Commit(NamedTuple):
    """A commit with what it changes against its parents (a merge: what differs from all of them)."""

    id: str
    author: str
    email: str
    date: str  # author date, ISO 8601
    message: str
    changes: tuple[Change, ...]


HEADER = "%H%x00%an%x00%ae%x00%aI%x00%B%x00"


def start_staged(cwd: str | None = None) -> Process:
    """Starts asking git what is staged; `read_staged` reads the answer."""
    return start("diff", "--cached", *RAW, cwd=cwd)


def read_staged(process: Process) -> list[Change]:
    """What the index changes against HEAD (against nothing before the first commit). Raises GitError."""
    output = process.stdout.read()
    process.stdout.close()
    if process.wait():
        git("rev-parse", "--git-dir")  # outside a repository 'git diff' compares files, and says something else
        raise GitError(explain(process.errors(), "diff"))
    tokens = iter(output.split(b"\0"))
    return [_change(token, next(tokens)) for token in tokens if token]


def commits(revisions: Iterable[str], *options: str, changes: bool = True, cwd: str | None = None) -> Iterator[Commit]:
    """The commits that `revisions` (ids, `^id`) and `options` (`--all`, `--not --remotes=…`) select, newest first.

    Raises GitError, after the commits that could be read.
    """
    raw = (*RAW, "-c", "--root") if changes else ("--no-patch",)
    process = start("log", *raw, "--encoding=UTF-8", f"--format={HEADER}", "--stdin", *options, cwd=cwd, stdin=True)
    assert process.stdin is not None  # noqa: S101 (started with a pipe)
    try:
        process.stdin.write("".join(f"{revision}\n" for revision in revisions).encode())
        process.stdin.close()
    except BrokenPipeError:
        pass  # the exit code says why
    yield from _parse_log(_split(process))
    process.stdout.close()
    if process.wait():
        raise GitError(explain(process.errors(), "log"))


def _split(process: Process) -> Iterator[bytes]:
    """What git prints, cut at NUL bytes."""
    rest = b""
    while block := process.stdout.read(1 << 16):
        *tokens, rest = (rest + block).split(b"\0")
        yield from tokens
    if rest:
        yield rest


def _parse_log(tokens: Iterator[bytes]) -> Iterator[Commit]:
    """Commits from HEADER's fields and the raw lines behind them; a path follows its raw line at once."""
    header: list[str] = []
    changed: list[Change] = []
    for token in tokens:
        line = token.lstrip(b"\n")
        if line.startswith(b":"):
            changed.append(_change(line, next(tokens)))
        elif line:
            if header:
                yield _commit(header, changed)
            header = [line.decode(), *(next(tokens).decode("utf-8", "replace") for _ in range(4))]
            changed = []
    if header:
        yield _commit(header, changed)


def _commit(header: list[str], changed: list[Change]) -> Commit:
    id_, author, email, date, message = header
    return Commit(id_, author, email, date, message, tuple(changed))


def _change(line: bytes, path: bytes) -> Change:
    """A raw line: a colon for each parent, the modes of parents and result, their ids, the status."""
    parents = len(line) - len(line.lstrip(b":"))
    fields = line[parents:].decode().split(" ")
    modes, ids, status = fields[: parents + 1], fields[parents + 1 : 2 * parents + 2], fields[-1]
    blobs = [None if mode in ("000000", SUBMODULE) else id_ for mode, id_ in zip(modes, ids, strict=True)]
    return Change(
        path=path.decode("utf-8", "surrogateescape"),
        status=status,
        old=tuple(blob for blob in blobs[:-1] if blob),
        new=blobs[-1],
    )
