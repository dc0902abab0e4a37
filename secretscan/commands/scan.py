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
    policy, ruleset = options.policy(args, from_folder("."), open_ruleset(args.rules), here=True)
    scanner = Scanner(ruleset, policy)
    found = scanner.scan(files.read_paths(args.paths, policy.config.max_file_size))
    findings = [finding._replace(exposure="working-tree") for finding in found]
    code = outcome.finish(scanner.report(findings), args, policy, ruleset)
    outcome.compile_for_next_time(ruleset)
    return code
