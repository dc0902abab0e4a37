"""Hooks for all repositories of a user, by core.hooksPath in the global configuration.

Git looks for hooks in one folder only. So ours holds a script for every hook that git knows, which passes on to the
repository's own hook, or to the folder that was configured before; nothing that ran stops running.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple

from secretscan.errors import UsageError
from secretscan.git import hooks, hookscript
from secretscan.git.process import git

KEY = "core.hooksPath"
REMEMBERED = "secretscan.previousHooksPath"
OLDEST = (2, 26)  # the first git that tells where a value was set


class Everywhere(NamedTuple):
    """What became of the global hooks."""

    folder: str
    outcomes: tuple[hooks.Outcome, ...]
    previous: str | None = None  # the folder that our scripts pass on to, or that is configured again
    left: tuple[str, ...] = ()  # files of others in our folder


def home() -> str:
    """Our own folder of global hooks: $XDG_CONFIG_HOME/secretscan/hooks, by default under ~/.config."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.abspath(os.path.join(base, "secretscan", "hooks"))


def folder_of_repository() -> str:
    """Where a hook for this repository alone belongs: the folder git looks into, unless that is our global one.

    The global scripts pass on to the repository's own folder, so there it is run too. Raises GitError.
    """
    found = hooks.folder()
    return hooks.own_folder() if _is_home(found) else found


def in_use(name: str) -> hooks.Hook:
    """The hook that does the work under this name: the repository's own where our global one leaves it to that."""
    hook = hooks.look(hooks.folder(), name)
    if not _is_home(os.path.dirname(hook.path)):
        return hook
    own = hooks.look(hooks.own_folder(), name)
    if own.kind == "ours" or (hook.kind == "passes-on" and own.kind != "none"):
        return own
    return hook._replace(earlier=own.path) if own.runs and hook.kind == "ours" else hook


def install(names: Sequence[str], *, force: bool = False) -> Everywhere:
    """Installs the hooks `names` for all repositories.

    Into the folder of the global core.hooksPath, if there is one, before the hooks there; else into our own folder.
    Raises UsageError or GitError if that cannot be done.
    """
    if hooks.git_version() < OLDEST:
        raise UsageError(
            "global hooks need git 2.26 or later: update git, or use 'secretscan install' in each repository"
        )
    current = _current()
    if current and os.path.isabs(current) and not _is_home(current):
        return Everywhere(current, hooks.install(current, names, force=force))
    configured = current is not None and _is_home(current)
    before = _value(REMEMBERED, "--path") if configured else current
    previous = before or dict(hooks.hooks_paths()).get("system")
    outcomes = _fill(home(), names, previous)
    if not configured:
        if raw := _value(KEY):
            git("config", "--global", REMEMBERED, raw)
        git("config", "--global", KEY, home().replace(os.sep, "/"))
    return Everywhere(home(), outcomes, previous)


def uninstall() -> Everywhere:
    """Configures what was configured before, and takes our global hooks away. Raises UsageError or GitError."""
    current = _current()
    previous = _value(REMEMBERED)
    if current and _is_home(current):
        git("config", "--global", *((KEY, previous) if previous else ("--unset", KEY)))
    if previous:
        git("config", "--global", "--unset", REMEMBERED)
    outcomes: list[hooks.Outcome] = []
    if current and os.path.isabs(current) and not _is_home(current):
        outcomes += (hooks.uninstall(current, name) for name in hookscript.VERBS)
    outcomes += (hooks.uninstall(home(), name) for name in hookscript.NAMES)
    return Everywhere(current or home(), tuple(outcomes), previous, _clear(home()))


def _fill(folder: str, names: Sequence[str], previous: str | None) -> tuple[hooks.Outcome, ...]:
    """Writes a script for every hook of git into `folder`; those of `names`, and those that did before, scan."""
    outcomes = []
    with hooks.explained(folder):
        os.makedirs(folder, exist_ok=True)
        for hook in [hooks.look(folder, name) for name in hookscript.NAMES]:
            scan = hook.name in names or hook.kind == "ours"
            if hook.kind == "foreign" and scan:
                raise UsageError(f"{hook.path} is not secretscan's: move it away, then install again")
            text = hookscript.everywhere(hook.name, scan=scan, folder=previous)
            unchanged = hook.kind == "foreign" or (hook.runs and hooks.read(hook.path) == text)
            if not unchanged:
                hooks.write(hook.path, text)
            if scan:
                outcomes.append(hooks.Outcome(hooks.look(folder, hook.name), "unchanged" if unchanged else "written"))
    return tuple(outcomes)


def _clear(folder: str) -> tuple[str, ...]:
    """Removes our folder, and the one above, if nothing is left in them; gives the files of others that are."""
    try:
        left = sorted(os.listdir(folder))
        if not left:
            os.rmdir(folder)
            os.rmdir(os.path.dirname(folder))
    except OSError:  # the folder above holds something else, or was never made
        return ()
    return tuple(os.path.join(folder, name) for name in left)


def _current() -> str | None:
    """The global core.hooksPath, with ~ expanded; None if there is none."""
    return dict(hooks.hooks_paths()).get("global") or None


def _value(key: str, *options: str) -> str | None:
    """A value of the user's own configuration file as it is written there."""
    answer = git("config", "--global", "-z", *options, "--get", key, check=False)
    return os.fsdecode(answer.removesuffix(b"\0")) or None


def _is_home(path: str) -> bool:
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(os.path.realpath(home()))
