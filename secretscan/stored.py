"""Scans the stored objects of a repository on several processes: which objects hold which secrets, and no more."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretscan.engine import archive
from secretscan.engine.scan import Seen
from secretscan.git import packs
from secretscan.git.objects import read_past_damage
from secretscan.git.packindex import Index, index_of
from secretscan.model import Blob, Origin
from secretscan.policy.config import Config
from secretscan.policy.policy import Policy
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner
from secretscan.sources.history import DAMAGED, MISSING, Names, Piece
from secretscan.sources.staged import too_large

MESSAGES = 512
"""So many messages are looked at together: hardly ever is anything in one."""

Key = tuple[str, bytes]
"""A secret: its rule's id and its value."""

Place = tuple[str, int]
"""An object: its pack and offset; or its id and -1."""


class Hits(NamedTuple):
    """What is where: how often each secret stands in each blob; and the ids of commits, and tags, with something to say."""

    secrets: dict[Key, dict[str, int]]
    messages: list[str]
    tags: list[str]
    commits: list[bytes]  # those that lay among other objects


class Tally(NamedTuple):
    """What a worker found in one piece."""

    done: int  # objects of the piece
    blobs: int
    size: int  # bytes
    secrets: list[tuple[Place, dict[Key, int]]]  # how often each stands in which blob
    messages: list[Place]  # commits with something in their message
    tags: list[str]  # ids of tags that lay among other objects
    commits: list[bytes]  # ids of commits that did
    skipped: list[tuple[Place, str]]


def scan_pieces(rules: tuple[str, ...], config: Config, dealt: Iterator[Piece]) -> Iterator[Tally]:
    """Scans the blobs of the dealt pieces. Policy comes later."""
    scanner = Scanner(open_ruleset(rules, thorough=True), Policy(config, bytes))
    for piece in dealt:
        yield _names(scanner, piece) if isinstance(piece, Names) else _packed(scanner, piece)


def scan_messages(rules: tuple[str, ...], config: Config, dealt: Iterator[Piece]) -> Iterator[Tally]:
    """Looks for anything in the messages of the dealt commits."""
    scanner = Scanner(open_ruleset(rules, thorough=True), Policy(config, bytes))
    for piece in dealt:
        yield _commits(scanner, piece)


def _packed(scanner: Scanner, piece: packs.Piece) -> Tally:
    """The blobs of a pack's families. What only git can read is read through git at the end."""
    tally = Tally(len(piece.offsets), 0, 0, [], [], [], [], [])
    unread = []
    blobs = size = 0
    stack: list[Seen | None] = []
    for offset, data, depth, delta in packs.read(piece):
        del stack[depth:]
        seen = None
        if data is None:
            unread.append(offset)
        elif offset in piece.known:
            stack.append(None)
            continue
        else:
            blobs += 1
            size += len(data)
            seen = _look(scanner, (piece.pack, offset), data, tally, base=stack[-1] if depth else None, delta=delta)
        stack.append(seen)
    tally = tally._replace(blobs=blobs, size=size)
    if unread:
        names = Index(index_of(piece.pack)).names(unread).values()
        rest = _names(scanner, Names([name.encode() for name in names]))
        tally.secrets.extend(rest.secrets)
        tally.skipped.extend(rest.skipped)
        tally = tally._replace(blobs=blobs + rest.blobs, size=size + rest.size)
    return tally


def _names(scanner: Scanner, piece: Names) -> Tally:
    """Objects read through git; those of other kinds are sorted out."""
    tally = Tally(len(piece.names), 0, 0, [], [], [], [], [])
    blobs = size = 0
    limit = scanner.policy.config.max_file_size
    for found in read_past_damage((name.decode() for name in piece.names), limit):
        place = found.name, -1
        if found.type in ("missing", "damaged"):
            tally.skipped.append((place, MISSING if found.type == "missing" else DAMAGED))
        elif found.type == "commit":
            tally.commits.append(found.id.encode())
            if found.data is not None and scanner.secrets(_message(found.data)):
                tally.messages.append(place)
        elif found.type == "tag":
            tally.tags.append(found.id)
        elif found.type == "blob":
            blobs += 1
            size += found.size
            if found.data is None:
                tally.skipped.append((place, too_large(found.size, limit)))
            else:
                _look(scanner, place, found.data, tally)
    return tally._replace(blobs=blobs, size=size)


def _look(
    scanner: Scanner, place: Place, data: bytes, tally: Tally, *, base: Seen | None = None, delta: bytes = b""
) -> Seen | None:
    """Notes in `tally` what is in one blob, which is `base` changed by `delta`; what is known of it for the next."""
    limit = scanner.policy.config.max_file_size
    if len(data) > limit:
        tally.skipped.append((place, too_large(len(data), limit)))
        return None
    seen = scanner.examine(data, base, delta)
    found = scanner.named(seen) if seen and seen.candidates else []
    if data.startswith(archive.ZIP):
        found += [(one.rule_id, one.value) for one in scanner.inside(Blob(data, Origin("", "blob")))]
    if found:
        counts: dict[Key, int] = {}
        for key in found:
            counts[key] = counts.get(key, 0) + 1
        tally.secrets.append((place, counts))
    if scanner.skipped:
        tally.skipped.extend((place, one.reason) for one in scanner.skipped)
        scanner.skipped.clear()
    return seen


def _commits(scanner: Scanner, piece: Piece) -> Tally:
    """The commits of a piece: those with something in their message."""
    if isinstance(piece, Names):
        return _names(scanner, piece)
    tally = Tally(len(piece.offsets), 0, 0, [], [], [], [], [])
    batch: list[tuple[int, bytes]] = []
    for offset, data, _, _ in packs.read(piece):
        if data is not None:
            batch.append((offset, _message(data)))
        if len(batch) == MESSAGES:
            _spoken(scanner, piece.pack, batch, tally)
            batch = []
    _spoken(scanner, piece.pack, batch, tally)
    return tally


def _spoken(scanner: Scanner, pack: str, batch: list[tuple[int, bytes]], tally: Tally) -> None:
    """Notes in `tally` the commits of `batch` with something in their message."""
    if scanner.secrets(b"\n\n".join([message for _, message in batch])):
        tally.messages.extend((pack, offset) for offset, message in batch if scanner.secrets(message))


def _message(commit: bytes) -> bytes:
    return commit.partition(b"\n\n")[2]


def names(places: Iterable[Place], indexes: dict[str, Index]) -> dict[Place, str]:
    """The ids of the objects at `places`."""
    found: dict[Place, str] = {}
    packed: dict[str, list[int]] = {}
    for pack, offset in places:
        if offset < 0:
            found[pack, offset] = pack
        else:
            packed.setdefault(pack, []).append(offset)
    for pack, offsets in packed.items():
        found.update(((pack, offset), name) for offset, name in indexes[pack].names(offsets).items())
    return found
