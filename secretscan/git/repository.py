"""Where a repository is, and what state it is in."""

import os

from secretscan.errors import GitError
from secretscan.git.process import git


def common_dir(cwd: str | None = None) -> str:
    """The git directory that all worktrees share, absolute. Raises GitError outside a repository."""
    return os.path.abspath(os.path.join(cwd or ".", _line("rev-parse", "--git-common-dir", cwd=cwd)))


def top_level(cwd: str | None = None) -> str | None:
    """The working tree's folder; None in a bare repository or outside one."""
    try:
        return _line("rev-parse", "--show-toplevel", cwd=cwd) or None
    except GitError:
        return None


def merging() -> bool:
    """Whether a merge waits to be committed."""
    return os.path.exists(_line("rev-parse", "--git-path", "MERGE_HEAD"))


def remote_names(cwd: str | None = None) -> list[str]:
    """The names of the remotes."""
    return git("remote", cwd=cwd).decode("utf-8", "surrogateescape").split()


def resolve(name: str, cwd: str | None = None) -> str:
    """The id of the object that `name` means. Raises GitError if it means none."""
    return _line("rev-parse", "--verify", "--end-of-options", name, cwd=cwd)


def _line(*args: str, cwd: str | None = None) -> str:
    return os.fsdecode(git(*args, cwd=cwd)).rstrip("\n")
