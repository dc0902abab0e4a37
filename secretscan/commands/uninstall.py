"""`secretscan uninstall`: takes our hooks away and puts back what was there before."""

import argparse

from secretscan.commands.install import describe
from secretscan.git import globalhooks, hooks, hookscript

HELP = "take the git hooks away again, here or --global; earlier hooks come back as they were"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `uninstall`."""
    parser.add_argument("--global", dest="everywhere", action="store_true", help="those for all repositories")


def run(args: argparse.Namespace) -> int:
    """Removes what is ours, leaves what is not, and says what was done. Raises UsageError and GitError."""
    if args.everywhere:
        everywhere = globalhooks.uninstall()
        outcomes, left = everywhere.outcomes, everywhere.left
    else:
        folder = globalhooks.folder_of_repository()
        outcomes, left = tuple(hooks.uninstall(folder, name) for name in hookscript.VERBS), ()
    done = [outcome for outcome in outcomes if outcome.did != "absent" and outcome.hook.kind != "passes-on"]
    for outcome in done:
        print(describe(outcome))
    for path in left:
        print(f"note: {path} is not secretscan's and stays; git does not look there any more")
    if not done:
        print("no hook of secretscan is installed" + (" for all repositories" if args.everywhere else " here"))
    return 0
