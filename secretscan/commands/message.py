"""`secretscan message`: a commit message, before the commit is made."""

from __future__ import annotations

from itertools import takewhile
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
    message = b"".join(_lines(read_file(args.file)))
    found = scanner.scan((Blob(message, Origin(args.file, "message")),))
    findings = [finding._replace(exposure="staged") for finding in found]
    return outcome.finish(scanner.report(findings), args, policy, ruleset)


def _lines(content: bytes) -> list[bytes]:
    """The message's lines, up to the diff that `commit --verbose` shows below it."""
    return list(takewhile(_belongs, content.splitlines(keepends=True)))


def _belongs(line: bytes) -> bool:
    """Whether `line` is not the one, behind a comment's sign, with which git cuts the message off."""
    sign, _, rest = line.strip().partition(b" ")
    return rest != SCISSORS or len(sign) > 2
