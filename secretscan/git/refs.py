"""What is about to be pushed, and what refs there are."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretscan.errors import GitError
from secretscan.git.process import git


class Ref(NamedTuple):
    """A ref with the type of its object; `target` and `message` are an annotated tag's, else empty.

    `target`: the type of what the tag names.
    """

    name: str
    id: str
    type: str
    target: str
    message: str


class Push(NamedTuple):
    """One ref of a push. Ids are "" for nothing: a ref that is deleted (local) or new (remote)."""

    local_ref: str
    local: str
    remote_ref: str
    remote: str


def all_refs(cwd: str | None = None) -> Iterator[Ref]:
    """Every ref of the repository."""
    kinds = "%(objecttype)%00%(*objecttype)"
    fields = f"%(refname)%00%(objectname)%00{kinds}%00%(if:equals=tag)%(objecttype)%(then)%(contents)%(end)%00"
    tokens = git("for-each-ref", f"--format={fields}", cwd=cwd).decode("utf-8", "surrogateescape").split("\0")
    for i in range(0, len(tokens) - 1, 5):
        yield Ref(tokens[i].lstrip("\n"), *tokens[i + 1 : i + 5])


def parse_push(lines: Iterable[str]) -> list[Push]:
    """What git writes to a pre-push hook: local ref, local id, remote ref, remote id on a line. Raises GitError."""
    pushes = []
    for line in lines:
        fields = line.strip().split(" ")  # a ref may hold other kinds of space
        if len(fields) == 4:
            local_ref, local, remote_ref, remote = fields
            pushes.append(Push(local_ref, _some(local), remote_ref, _some(remote)))
        elif line.strip():
            raise GitError(f"cannot read what git says is pushed ('{line.strip()[:60]}'): run this as a pre-push hook")
    return pushes


def _some(id_: str) -> str:
    """The id, or "" for git's all-zero one."""
    return "" if not id_.strip("0") else id_
