"""The commits of a range, and tags, trees and blobs that refs name directly."""

from collections.abc import Iterable, Iterator

from secretscan.errors import GitError
from secretscan.git.objects import Objects
from secretscan.git.process import git
from secretscan.git.refs import Push
from secretscan.model import Blob, Origin, Skipped
from secretscan.sources.staged import read_blobs


def revisions(pushes: Iterable[Push], objects: Objects) -> list[str]:
    """What the push brings: its tips that lead to commits, without what the remote's refs are known to have.

    Raises GitError for a tip that is not there.
    """
    wanted = []
    known = []
    for push in pushes:
        known += [push.remote] if push.remote else []
        kind = _peeled(push.local, objects) if push.local else ""
        if kind == "missing":
            raise GitError(f"{push.remote_ref}: there is no object {push.local[:64]} to push; 'git fsck' tells more")
        wanted += [push.local] if kind == "commit" else []
    return wanted + [f"^{found.id}" for found in objects.read(known, 0) if found.type != "missing"]


def _peeled(name: str, objects: Objects) -> str:
    """The type of what `name` leads to, tags followed."""
    return next(objects.read([f"{name}^{{}}"], 0)).type


def named_objects(pushes: Iterable[Push], objects: Objects, limit: int) -> Iterator[Blob | Skipped]:
    """What refs bring beside commits: their names, the messages of tags, and trees and blobs they name directly."""
    for push in pushes:
        if push.local and not push.remote:  # the remote knows the name of a ref that it has
            yield Blob(push.remote_ref.encode("utf-8", "surrogateescape"), Origin(push.remote_ref, "ref-name"))
        if push.local:
            yield from directly(push.remote_ref, push.local, objects, limit)


def directly(ref: str, name: str, objects: Objects, limit: int) -> Iterator[Blob | Skipped]:
    """The tag messages on the way from `name` to a commit; the blobs, where it does not lead to one."""
    found = next(objects.read([name], limit))
    if found.type == "tag" and found.data is not None:
        head, _, message = found.data.partition(b"\n\n")
        yield Blob(message, Origin(f"message of {ref}", "tag-message", found.id))
        yield from directly(ref, head.split(b"\n", 1)[0].removeprefix(b"object ").decode(), objects, limit)
    elif found.type == "blob":
        yield from read_blobs([(ref, found.id)], objects, limit, "blob")
    elif found.type == "tree":
        yield from read_blobs(tree_blobs(found.id), objects, limit, "blob")
    elif found.type == "missing":
        yield Skipped(ref, name, "missing from the repository (shallow, partial or damaged clone)")


def tree_blobs(tree: str, cwd: str | None = None) -> list[tuple[str, str]]:
    """(path, id) of all blobs below a tree."""
    lines = git("ls-tree", "-r", "-z", "--full-tree", tree, cwd=cwd).split(b"\0")
    pairs = (line.split(b"\t", 1) for line in lines if line)
    return [(p.decode("utf-8", "surrogateescape"), f.split()[2].decode()) for f, p in pairs if b" blob " in f]
