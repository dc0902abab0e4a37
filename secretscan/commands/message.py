"""`secretscan message`: a commit message, before the commit is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secretscan.commands import options, outcome
from secretscan.git.objects import Objects
from secretscan.model import Blob, Origin
from secretscan.policy.settings import from_objects, read_file
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner

if TYPE_CHECKING:
    import argparse

HELP = "Scans the commit message in FILE (commit-msg hook)."
SCISSORS = b"------------------------ >8 ------------------------"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    options.add_common(parser)
    parser.add_argument("file", metavar="FILE", help="the file that holds the message, as git tells the hook")


def run(args: Any) -> int:
    """Scans the message; exit code as of outcome.finish."""
    ruleset = open_ruleset(args.rules)
    objects = Objects()
    policy, ruleset = options.policy(args, from_objects(objects), ruleset)
    objects.close()
    scanner = Scanner(ruleset, policy)
    # What is behind the scissors (the diff of commit --verbose) is not part of the message.
    message = read_file(args.file).partition(SCISSORS)[0]
    found = scanner.scan((Blob(message, Origin(args.file, "message")),))
    findings = [finding._replace(exposure="staged") for finding in found]
    return outcome.finish(scanner.report(findings), args, policy, ruleset)
