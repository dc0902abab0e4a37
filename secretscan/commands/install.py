"""`secretscan install`: our hooks into this repository, or for all of them."""

import argparse
import os

from secretscan.git import globalhooks, hooks, hookscript
from secretscan.git.repository import common_dir, top_level

HELP = "install the git hooks here, or --global for all repositories; hooks that are there keep running"
DEFAULT = ("pre-commit", "pre-push")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `install`."""
    parser.add_argument("--global", dest="everywhere", action="store_true", help="for all repositories of this user")
    parser.add_argument(
        "--hook", action="append", choices=tuple(hookscript.VERBS), help="which one, repeatable (pre-commit, pre-push)"
    )
    parser.add_argument("--force", action="store_true", help="also before a hook that goes by its own file name")


def run(args: argparse.Namespace) -> int:
    """Installs and says what was done. Raises UsageError and GitError."""
    names = tuple(dict.fromkeys(args.hook or DEFAULT))
    if args.everywhere:
        everywhere = globalhooks.install(names, force=args.force)
        outcomes = everywhere.outcomes
        passed_on = everywhere.previous or "the repository's own .git/hooks"
        own = everywhere.folder == globalhooks.home()
        notes = [f"every other hook is passed on to {passed_on}"] if own else []
    else:
        folder = globalhooks.folder_of_repository()
        outcomes = hooks.install(folder, names, force=args.force)
        notes = _notes(folder)
    for outcome in outcomes:
        print(describe(outcome))
    for note in dict.fromkeys([*notes, *filter(None, map(_better, outcomes))]):
        print(f"note: {note}")
    return 0


def describe(outcome: hooks.Outcome) -> str:
    """One line on what became of a hook."""
    hook = outcome.hook
    earlier = f"; {hook.earlier} runs first" if hook.earlier else ""
    words = {
        "written": f"installed, {hook.path}{earlier}",
        "unchanged": f"was installed already, {hook.path}{earlier}",
        "through": f"was installed already, {hook.tool} runs {hook.script}",
        "removed": "removed",
        "restored": f"removed; the earlier hook is back, {hook.path}",
        "absent": "was not installed",
    }
    return f"{hook.name}: {words[outcome.did]}"


def _notes(folder: str) -> list[str]:
    """What the user should know of this hooks folder."""
    notes = []
    paths = hooks.hooks_paths()
    if paths and paths[-1][0] in ("global", "system") and hooks.folder() == folder:
        notes.append(f"core.hooksPath is set for all your repositories: what is in {folder} runs in each of them")
    top = top_level()
    above = os.path.realpath(top or folder) + os.sep
    inside = os.path.realpath(folder).startswith(above) and not folder.startswith(common_dir())
    if inside:
        notes.append(f"{folder} lies in the work tree: whoever gets the hook by a commit needs secretscan on PATH")
    return notes


def _better(outcome: hooks.Outcome) -> str:
    """Where a program manages the hooks, the better way."""
    earlier = outcome.hook.earlier
    tool, file = hooks.author(earlier, hooks.read(earlier)) if earlier else ("", "")
    if not tool:
        return ""
    if file == ".pre-commit-config.yaml":
        return f"{tool} manages these hooks: naming secretscan in {file} is better, for it goes with every clone"
    return f"{tool} manages these hooks and may write them anew: 'secretscan staged' in {file} is safer"
