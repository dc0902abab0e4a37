"""`secretscan push`: what is about to leave."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from secretscan import changes
from secretscan.commands import options, outcome
from secretscan.errors import UsageError
from secretscan.git import diff, refs
from secretscan.git.objects import Objects
from secretscan.git.repository import remote_names, resolve
from secretscan.policy.settings import from_objects
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner
from secretscan.sources import commits

if TYPE_CHECKING:
    import argparse

HELP = "Scans what a push is about to send: all refs that git names on standard input, or PRE_COMMIT_FROM_REF..TO_REF."
DEFAULTS = {**options.DEFAULTS, "remote": "", "url": ""}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    options.add_common(parser)
    parser.add_argument(
        "remote", nargs="?", default="", metavar="REMOTE", help="the remote's name, as git tells the hook"
    )
    parser.add_argument("url", nargs="?", default="", metavar="URL", help="the remote's URL")


def run(args: Any) -> int:
    """Scans the push; exit code as of outcome.finish."""
    pushes = _pushes()
    remote = getattr(args, "remote", "") or os.environ.get("PRE_COMMIT_REMOTE_NAME", "")
    ruleset = open_ruleset(args.rules)
    objects = Objects()
    policy, ruleset = options.policy(args, from_objects(objects), ruleset)
    scanner = Scanner(ruleset, policy)
    findings = list(scanner.scan(commits.named_objects(pushes, objects, policy.config.max_file_size)))
    wanted = commits.revisions(pushes, objects)
    if any(not name.startswith("^") for name in wanted):
        known = ("--not", f"--remotes={remote}") if remote in remote_names() else ()
        leaving = diff.commits(wanted, "--reverse", *known)
        findings += changes.of_commits(scanner, leaving, objects)
    objects.close()
    return outcome.finish(scanner.report(findings), args, policy, ruleset)


def _pushes() -> list[refs.Push]:
    """What is pushed: the hook runner's range, else the lines that git writes to the hook."""
    start, end = os.environ.get("PRE_COMMIT_FROM_REF", ""), os.environ.get("PRE_COMMIT_TO_REF", "")
    end = end or os.environ.get("PRE_COMMIT_LOCAL_BRANCH", "")  # a first push has no range, only a branch
    if end:
        name = os.environ.get("PRE_COMMIT_REMOTE_BRANCH", end)
        return [refs.Push(end, resolve(end), name, resolve(start) if start.strip("0") else "")]
    if sys.stdin.isatty():
        raise UsageError("push reads the refs from standard input, as git gives them to a pre-push hook; "
                         "for a range use 'secretscan history --range A..B'")  # fmt: skip
    # Bytes, since a ref's name need be no UTF-8; and only a line feed ends git's lines.
    return refs.parse_push(sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n"))
