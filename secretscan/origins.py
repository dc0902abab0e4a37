"""Where the secrets of a history come from: the first commit and path of every blob that holds one."""

from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from typing import IO

from secretscan import parallel, stored
from secretscan.errors import GitError
from secretscan.model import Origin, Skipped
from secretscan.scanner import Scanner
from secretscan.sources import history, introductions
from secretscan.stored import Hits

FEW = 20_000
"""In a history of so many commits it is worth looking for the paths of what is missing."""


def of(
    scanner: Scanner,
    content: history.Inventory,
    hits: Hits,
    listed: Future[IO[bytes]],
    *,
    jobs: int,
    all_objects: bool,
) -> introductions.Walk:
    """Where everything in `hits` comes from, and the names of all paths that are worth a look."""
    wanted = frozenset(name.encode() for blobs in hits.secrets.values() for name in blobs)
    wanted |= frozenset(name.encode() for name in hits.messages)
    try:
        with listed.result() as file:
            walk = introductions.read_walk(file, wanted)
            names = set(_telling(scanner, file))
            reached = introductions.commits_of(file) if all_objects or walk.missing else set()
    except GitError:  # a commit or tree is missing or damaged
        return _from_diffs(scanner, content, hits, wanted, jobs=jobs, all_objects=all_objects)
    if walk.missing and len(reached) <= FEW:
        places = _introductions(content, sorted(reached), frozenset(), frozenset(), jobs)
        walk.missing.update(places.missing)
    if all_objects:
        lost = sorted(_commits(content, hits) - reached)
        with introductions.walk("--not", "--all", revisions=[name.decode() for name in lost]) as file:
            away = introductions.read_walk(file, wanted, after=len(reached), lost=True)
            names |= set(_telling(scanner, file))
        walk = walk._replace(first=away.first | walk.first, commits=away.commits | walk.commits)
    return walk._replace(names=names)


def _telling(scanner: Scanner, listed: IO[bytes]) -> Iterator[bytes]:
    """The paths of a walk with something in their names. Hardly ever any: whole blocks are looked at first."""
    listed.seek(0)
    for lines in introductions.blocks(listed):
        names = {line.partition(b" ")[2] for line in lines}
        if scanner.secrets(b"\n".join(names)):
            yield from (name for name in names if scanner.secrets(name))


def _commits(content: history.Inventory, hits: Hits) -> set[bytes]:
    """The ids of all stored commits."""
    packed = [
        (piece.pack, o) for piece in content.commits if not isinstance(piece, history.Names) for o in piece.offsets
    ]
    return {name.encode() for name in stored.names(packed, content.indexes).values()} | set(hits.commits)


def _from_diffs(
    scanner: Scanner,
    content: history.Inventory,
    hits: Hits,
    wanted: frozenset[bytes],
    *,
    jobs: int,
    all_objects: bool,
) -> introductions.Walk:
    """As `of`, where git cannot walk the history: from the diffs of all commits that can be read."""
    try:
        order = history.reachable()
    except GitError:  # nobody knows what is reachable: all that is stored counts
        order = _readable(scanner, sorted(_commits(content, hits)))
    lost = _readable(scanner, sorted(_commits(content, hits) - {*order}), quiet=True) if all_objects else []
    return _introductions(content, lost + order, wanted, frozenset(lost), jobs)


def _readable(scanner: Scanner, ids: list[bytes], *, quiet: bool = False) -> list[bytes]:
    """The commits called `ids` that can be read, newest first; notes the others, and which parents are not there."""
    read: list[history.StoredCommit] = []
    for commit in history.read_commits(ids, scanner.policy.config.max_file_size):
        if not isinstance(commit, Skipped):
            read.append(commit)
        elif not quiet:
            scanner.skipped.append(commit)
    for name in sorted({parent for commit in read for parent in commit.parents} - {*ids}) if not quiet else ():
        scanner.skip(Origin("", blob=name.decode()), history.MISSING)
    return [commit.id for commit in sorted(read, reverse=True)]


def _introductions(
    content: history.Inventory, order: list[bytes], wanted: frozenset[bytes], lost: frozenset[bytes], jobs: int
) -> introductions.Walk:
    """Where the wanted blobs come from: of several commits the oldest."""
    size = introductions.COMMITS_PIECE
    runs = [(place, order[place : place + size]) for place in range(0, len(order), size)]
    ids = ((place, name) for place, name in enumerate(order) if name in wanted)
    commits = {name.decode(): introductions.Place(-place, name.decode(), "", name in lost) for place, name in ids}
    walk = introductions.Walk({}, commits, {}, {}, set())
    asked = introductions.Asked(wanted, history.known(content), lost)
    work = partial(introductions.introductions, asked=asked)
    for part in parallel.run(work, runs, jobs):
        for blob, place in part.first.items():
            walk.first[blob] = min(place, walk.first.get(blob, place))
        walk.missing.update(part.missing)
        walk.damaged.update(part.damaged)
        walk.names.update(part.names)
    return walk
