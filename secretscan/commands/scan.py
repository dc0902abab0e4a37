"""`secretscan scan`: files, folders, standard input."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from secretscan.commands import options, outcome
from secretscan.errors import UsageError
from secretscan.policy.settings import from_folder
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner
from secretscan.sources import files

if TYPE_CHECKING:
    import argparse

MANY = 500
"""From so many files on it is worth starting more processes."""

HELP = "Scans files and folders (default: the current one), or standard input (-)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    options.add_common(parser)
    parser.add_argument(
        "paths", nargs="*", default=["."], metavar="PATH", help="files, folders, or - for standard input"
    )


def run(args: Any) -> int:
    """Scans the paths; exit code as of outcome.finish."""
    for path in args.paths:
        if path != "-" and not os.path.lexists(path):
            raise UsageError(f"{path}: there is no such file or folder")
    paths = list(files.below(args.paths))
    many = len(paths) > MANY and args.jobs != 1 and "-" not in paths
    policy, ruleset = options.policy(args, from_folder("."), open_ruleset(args.rules, thorough=many), here=True)
    scanner = Scanner(ruleset, policy)
    if many:
        from secretscan import bulk  # noqa: PLC0415 (multiprocessing takes 20 ms)

        found = bulk.files(scanner, (*args.rules, *policy.config.rules), paths, args.jobs)
    else:
        found = scanner.scan(files.read_files(paths, policy.config.max_file_size))
    findings = [finding._replace(exposure="working-tree") for finding in found]
    code = outcome.finish(scanner.report(findings), args, policy, ruleset)
    outcome.compile_for_next_time(ruleset)
    return code
