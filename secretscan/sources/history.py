"""The whole history: every object once.

What packs hold is read in the order of their delta families (git.packs), the rest through git.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretscan.errors import GitError
from secretscan.git import packs
from secretscan.git.objects import list_all, read_past_damage
from secretscan.git.packindex import Index
from secretscan.git.process import git
from secretscan.model import Skipped

NAMES = 4096
"""So many objects that git has to read are dealt to a worker at a time."""

DAMAGED = "damaged, git cannot read it: 'git fsck' tells more"
MISSING = "missing from the repository (shallow, partial or damaged clone)"
SHALLOW = "shallow clone: older commits are not here; 'git fetch --unshallow' brings them"


class Names(NamedTuple):
    """Objects for one worker to read through git: blobs, commits and whatever else lies about."""

    names: list[bytes]


Piece = packs.Piece | Names


class Inventory(NamedTuple):
    """What is stored, in pieces for workers. Empty `indexes`: all of it is read through git."""

    blobs: list[Piece]
    commits: list[Piece]
    tags: dict[str, list[int]]  # by pack
    indexes: dict[str, Index]  # by pack
    damaged: list[bytes]
    total: int  # of blobs, and of what may be some


class StoredCommit(NamedTuple):
    """A commit as it is stored. `time` is the committer's, in seconds."""

    time: int
    id: bytes
    parents: list[bytes]
    message: bytes


def inventory(cwd: str | None = None) -> Inventory:
    """Lists all objects, by itself where it can; else through git, which knows what to make of any damage."""
    folders = packs.stores(cwd)
    try:
        indexes = packs.indexes(folders)
        loose = packs.loose(folders, indexes)
        held = [packs.contents(index, indexes[:place]) for place, index in enumerate(indexes)]
    except (GitError, OSError, ValueError):
        return _through_git(cwd)
    names: list[Piece] = [Names(loose[i : i + NAMES]) for i in range(0, len(loose), NAMES)]
    blobs = [piece for content in held for piece in content.blobs]
    return Inventory(
        blobs=[*sorted(blobs, key=lambda piece: -len(piece.offsets)), *names],
        commits=[piece for content in held for piece in content.commits],
        tags={index.pack: content.tags for index, content in zip(indexes, held, strict=True)},
        indexes={index.pack: index for index in indexes},
        damaged=[],
        total=len(loose) + sum(len(piece.offsets) for piece in blobs),
    )


def _through_git(cwd: str | None) -> Inventory:
    found = list_all(("blob", "commit", "tag"), cwd)
    every = found["blob"] + found["commit"] + found["tag"]
    names: list[Piece] = [Names(every[i : i + NAMES]) for i in range(0, len(every), NAMES)]
    return Inventory(names, [], {}, {}, found["missing"], len(every))


def known(content: Inventory) -> frozenset[bytes]:
    """The ids of all stored objects."""
    names = {name for piece in content.blobs if isinstance(piece, Names) for name in piece.names}
    names |= {name.hex().encode() for index in content.indexes.values() for name, _ in index.all_names()}
    return frozenset(names)


def reachable(cwd: str | None = None) -> list[bytes]:
    """The ids of all commits that refs reach, newest first. Raises GitError where one is missing or damaged."""
    return git("rev-list", "--all", cwd=cwd).split()


def is_shallow(cwd: str | None = None) -> bool:
    """Whether the repository lacks older commits on purpose."""
    return git("rev-parse", "--is-shallow-repository", cwd=cwd) == b"true\n"


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
