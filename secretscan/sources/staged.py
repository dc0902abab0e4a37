"""The staged change: blobs of the index, never files of the working tree."""

from collections.abc import Iterable, Iterator, Sequence

from secretscan.git.diff import Change
from secretscan.git.objects import Objects
from secretscan.model import Blob, Origin, Skipped


def new_side(changes: Sequence[Change], objects: Objects, limit: int, kind: str = "index") -> Iterator[Blob | Skipped]:
    """The blobs that a change brings, whole, and the paths it adds. Those over `limit` bytes are skipped."""
    for change in changes:
        if change.status == "U":
            yield Skipped(change.path, None, "not merged yet: resolve the conflict and stage the file")
        if set(change.status) == {"A"}:  # a merge names each parent
            yield Blob(change.path.encode("utf-8", "surrogateescape"), Origin(change.path, "file-name"))
    yield from read_blobs(((change.path, change.new) for change in changes if change.new), objects, limit, kind)


def old_side(changes: Sequence[Change], objects: Objects, limit: int) -> Iterator[Blob | Skipped]:
    """The blobs that a change replaces or removes, and the paths it removes."""
    for change in changes:
        if set(change.status) == {"D"}:
            yield Blob(change.path.encode("utf-8", "surrogateescape"), Origin(change.path, "file-name"))
    yield from read_blobs(((change.path, old) for change in changes for old in change.old), objects, limit, "blob")


def merged_side(changes: Sequence[Change], objects: Objects, limit: int) -> Iterator[Blob | Skipped]:
    """What the commit that is being merged has at the paths of a change; nothing where no merge is being finished."""
    if next(objects.read(["MERGE_HEAD"], 0)).type == "missing":
        return iter(())
    paths = [
        change.path for change in changes if change.new and "\n" not in change.path
    ]  # a name ends at the line's end
    return read_blobs(((path, f"MERGE_HEAD:{path}") for path in paths), objects, limit, "blob")


def read_blobs(wanted: Iterable[tuple[str, str]], objects: Objects, limit: int, kind: str) -> Iterator[Blob | Skipped]:
    """The blobs of (path, id) pairs, in their order."""
    pairs = list(wanted)
    for (path, _), found in zip(pairs, objects.read((name for _, name in pairs), limit), strict=True):
        if found.data is not None:
            yield Blob(found.data, Origin(path, kind, found.id))
        elif found.type == "missing":
            yield Skipped(path, found.name, "missing from the repository (shallow, partial or damaged clone)")
        else:
            yield Skipped(path, found.id, too_large(found.size, limit))


def too_large(size: int, limit: int) -> str:
    """The reason for skipping something of `size` bytes."""
    return f"{size / 1048576:.1f} MB, larger than {limit / 1048576:g} MB (--max-file-size)"
