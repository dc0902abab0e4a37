"""Starts git, safely. The only module that does.

Nothing that a repository's configuration names is ever run (external diff, textconv, fsmonitor, lazy fetches), replaced
objects are read as they are, and no lock is taken.
"""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BufferedReader, BufferedWriter
from typing import NamedTuple

from secretscan.errors import GitError

SAFE = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "protocol.allow=never"),  # a partial clone must not fetch what is missing: it is listed instead
    *("-c", "log.showSignature=false"),  # would start gpg
)
ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
}
UNSAFE = ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_PAGER", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS")
LOCAL = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)
"""What ties git to the repository of a running hook; left out when the caller names another folder."""


class Process(NamedTuple):
    """A running git: `stdin` (None unless asked for) and `stdout` are binary files."""

    stdin: BufferedWriter | None
    stdout: BufferedReader
    wait: Callable[[], int]
    """Waits for the end and gives the exit code. Close `stdin` first."""
    errors: Callable[[], str]
    """What git wrote to its standard error; call it after `wait`."""


def environment(*, elsewhere: bool, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment git is started in; `elsewhere`: without the variables of a running hook's repository."""
    dropped = UNSAFE + LOCAL if elsewhere else UNSAFE
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, **ENVIRONMENT, **(extra or {})}


def start(
    *args: str,
    cwd: str | None = None,
    stdin: bool | int = False,
    env: Mapping[str, str] | None = None,
) -> Process:
    """Starts git with `args` and returns at once.

    `cwd`: the repository's folder, the current one if None. `stdin`: True for a pipe to write to, or the number of a
    file to read from. Raises GitError if there is no git.
    """
    command = ["git", *(("-C", cwd) if cwd is not None else ()), *SAFE, *args]
    surroundings = environment(elsewhere=cwd is not None, extra=env)
    try:
        if hasattr(os, "posix_spawnp"):
            return _spawn(command, surroundings, stdin)
        return _popen(command, surroundings, stdin)  # pragma: no cover (Windows)
    except FileNotFoundError:
        raise GitError("git is not installed or not on PATH: install git, then run this again") from None


def git(
    *args: str,
    cwd: str | None = None,
    input: bytes | None = None,  # noqa: A002 (the name subprocess gives it)
    env: Mapping[str, str] | None = None,
    check: bool = True,
) -> bytes:
    """Runs git and returns what it printed.

    Raises GitError with git's own last line if it fails, unless `check` is False. `input` must fit a pipe (64 KiB)
    where git answers before it has read all.
    """
    process = start(*args, cwd=cwd, stdin=input is not None, env=env)
    if process.stdin is not None:
        try:
            process.stdin.write(input or b"")
            process.stdin.close()
        except BrokenPipeError:
            pass  # git ended early; its exit code says why
    output = process.stdout.read()
    process.stdout.close()
    code = process.wait()
    if code and check:
        raise GitError(explain(process.errors(), args[0]))
    return output


def explain(errors: str, verb: str) -> str:
    """One line for people from what git wrote to its standard error."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    last = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "no reason")
    if "not a git repository" in last:
        return "not a git repository (or any of the folders above): run this inside one, or use 'secretscan scan PATH'"
    if "dubious ownership" in last:
        return "this repository belongs to another user: git config --global --add safe.directory <its folder>"
    return f"git {verb} failed: {last.removeprefix('fatal: ').removeprefix('error: ')}"


def _scratch() -> int:
    """An unnamed file for git's messages: a pipe could fill up and stop git."""
    if sys.platform == "linux":
        return os.memfd_create("git-errors")
    import tempfile  # noqa: PLC0415 (only where there is no memfd)

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _spawn(command: list[str], env: dict[str, str], stdin: bool | int) -> Process:
    """Starts by posix_spawn: importing subprocess alone would cost a hook 8 ms."""
    source, feed = os.pipe() if stdin is True else (stdin or os.open(os.devnull, os.O_RDONLY), -1)
    drain, sink = os.pipe()
    if sys.platform == "linux":
        _widen(drain)
    messages = _scratch()
    actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, sink, 1), (os.POSIX_SPAWN_DUP2, messages, 2)]
    try:
        pid = os.posix_spawnp("git", command, env, file_actions=actions)
    finally:
        os.close(sink)
        if stdin is True or stdin is False:
            os.close(source)

    def wait() -> int:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def errors() -> str:
        os.lseek(messages, 0, os.SEEK_SET)
        with open(messages, "rb") as file:
            return file.read(65536).decode("utf-8", "replace")

    stdin_file = open(feed, "wb") if feed >= 0 else None  # noqa: SIM115 (the caller's to close)
    return Process(stdin_file, open(drain, "rb"), wait, errors)


def _widen(pipe: int) -> None:
    """Gives a pipe a megabyte: git and we wait for each other a sixteenth as often."""
    import fcntl  # noqa: PLC0415 (Linux; 0.2 ms)

    with suppress(OSError):  # an unprivileged user has a limit over all pipes
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


def _popen(command: list[str], env: dict[str, str], stdin: bool | int) -> Process:  # pragma: no cover (Windows)
    """Starts by subprocess, where there is no posix_spawn."""
    import subprocess  # noqa: PLC0415
    import tempfile  # noqa: PLC0415
    from typing import cast  # noqa: PLC0415

    messages = tempfile.TemporaryFile()  # noqa: SIM115 (read after the process ended)
    source = subprocess.PIPE if stdin is True else (stdin or subprocess.DEVNULL)
    process = subprocess.Popen(command, env=env, stdin=source, stdout=subprocess.PIPE, stderr=messages)

    def errors() -> str:
        messages.seek(0)
        return messages.read(65536).decode("utf-8", "replace")

    return Process(
        cast("BufferedWriter | None", process.stdin), cast("BufferedReader", process.stdout), process.wait, errors
    )
