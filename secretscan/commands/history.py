"""`secretscan history`: every blob, message and name of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secretscan import changes, history
from secretscan.commands import options, outcome
from secretscan.git import diff
from secretscan.git.objects import Objects
from secretscan.git.repository import common_dir, top_level
from secretscan.model import Skipped
from secretscan.policy.settings import from_folder, from_objects
from secretscan.report.progress import progress
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner
from secretscan.sources.history import SHALLOW, is_shallow

if TYPE_CHECKING:
    import argparse

HELP = "Scans every blob, message and name that any ref reaches, each once."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    options.add_common(parser)
    parser.add_argument("--range", default="", metavar="A..B", help="only what these commits add")
    parser.add_argument("--since", default="", metavar="DATE", help="only what commits since then add")
    parser.add_argument("--all-objects", action="store_true", help="also reflogs, and objects that nothing reaches")


def run(args: Any) -> int:
    """Scans the history; exit code as of outcome.finish."""
    common_dir()  # says so if this is no repository
    objects = Objects()
    folder = top_level()
    read = from_folder(folder) if folder else from_objects(objects)
    policy, ruleset = options.policy(args, read, open_ruleset(args.rules, thorough=True))
    scanner = Scanner(ruleset, policy)
    if is_shallow():
        scanner.skipped.append(Skipped(None, None, SHALLOW))
    if args.range or args.since:
        chosen = (f"--since={args.since}",) if args.since else ()
        some = diff.commits(
            [args.range] if args.range else [], "--reverse", *chosen, *(() if args.range else ("--all",))
        )
        findings = changes.of_commits(scanner, some, objects)
    else:
        with progress(quiet=args.quiet) as shown:
            rules = (*args.rules, *policy.config.rules)
            findings = history.scan(scanner, rules, args.jobs, shown, all_objects=args.all_objects)
    objects.close()
    return outcome.finish(scanner.report(findings), args, policy, ruleset)
