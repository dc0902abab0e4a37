"""Proves that a commit with a leak is stopped, and leaves no trace.

The leak lies in an index and an object folder of its own, both thrown away; the repository's own objects are read
through an alternate. Hooks that are not ours are never run here: nobody knows what else they do.
"""

import os
import shlex
import tempfile
import time
from typing import NamedTuple

from secretscan.git import hooks, hookscript
from secretscan.git.process import git, start

NAME = "secretscan-rehearsal.txt"
QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.splitIndex=false")  # no hook is told, nothing goes to .git


class Run(NamedTuple):
    """How the hook ended: its exit code, all that it printed, and the seconds it took."""

    code: int
    output: str
    seconds: float


def rehearse(hook: hooks.Hook, content: bytes | None) -> Run:
    """Runs our pre-commit hook as `git commit` would, on HEAD with a file of `content` added; None adds nothing.

    Raises GitError if the throw-away index cannot be made.
    """
    with tempfile.TemporaryDirectory(prefix="secretscan-") as scratch:
        env = _environment(scratch)
        _stage(content, env)
        return _run(hook, env)


def _environment(scratch: str) -> dict[str, str]:
    """Variables that turn git to an index and objects in `scratch`."""
    objects = os.path.join(scratch, "objects")
    os.mkdir(objects)
    real = os.fsdecode(git("rev-parse", "--git-path", "objects").rstrip(b"\r\n"))
    alternates = [_quote(os.path.abspath(real)), os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "")]
    return {
        "GIT_INDEX_FILE": os.path.join(scratch, "index"),
        "GIT_OBJECT_DIRECTORY": objects,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(filter(None, alternates)),
        hookscript.REHEARSAL: "1",
    }


def _stage(content: bytes | None, env: dict[str, str]) -> None:
    head = git("rev-parse", "--verify", "--quiet", "HEAD", check=False).decode().strip()
    git(*QUIET, "read-tree", head or "--empty", env=env)
    if content is not None:
        blob = git("hash-object", "-w", "--stdin", input=content, env=env).decode().strip()
        git(*QUIET, "update-index", "--add", "--cacheinfo", f"100644,{blob},{NAME}", env=env)


def _run(hook: hooks.Hook, env: dict[str, str]) -> Run:
    """Lets git run the hook: by its name where git can and no configured hook would run too, else by its file.

    An alias runs the file as git runs hooks: by git's own sh, from the top folder.
    """
    by_name = ("hook", "run", hook.name)
    by_file = ("-c", f"alias.secretscan-rehearsal=!{shlex.quote(hook.path)}", "secretscan-rehearsal")
    began = time.perf_counter()
    process = start(*(by_name if _runs_by_name(hook.name) else by_file), env=env)
    output = process.stdout.read()
    process.stdout.close()
    code = process.wait()
    text = output.decode("utf-8", "replace") + process.errors()
    return Run(code, text, time.perf_counter() - began)


def _runs_by_name(name: str) -> bool:
    return hooks.git_version() >= (2, 36) and not hooks.configured(name)


def _quote(path: str) -> str:
    """A folder for git's list of alternates, where the separator and quotes are special."""
    if os.pathsep not in path and not path.startswith('"'):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
