"""`secretscan staged`: the staged change, before it becomes a commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from secretscan import changes as added
from secretscan.commands import options, outcome
from secretscan.errors import GitError
from secretscan.git import diff
from secretscan.git.objects import Objects
from secretscan.git.repository import merging, top_level
from secretscan.policy import settings
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner

if TYPE_CHECKING:
    import argparse

    from secretscan.git.diff import Change
    from secretscan.model import Finding

HELP = "Scans what is staged: blobs of the index, whole, and reports the secrets that the change adds."
DEFAULTS = {**options.DEFAULTS, "files": []}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    options.add_common(parser)
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="named by a hook runner; what is not staged is scanned as it is"
    )


def run(args: Any) -> int:
    """Scans the staged change; exit code as of outcome.finish."""
    if os.environ.get("PRE_COMMIT_FROM_REF") and os.environ.get("PRE_COMMIT_TO_REF"):
        from secretscan.commands import push  # noqa: PLC0415 (the hook runner asks for a range)

        return push.run(args)
    asked = diff.start_staged()  # git works while the rules are loaded
    objects = Objects()
    ruleset = open_ruleset(args.rules)
    changes = diff.read_staged(asked)
    if not any(change.new for change in changes) and top_level() is None:
        raise GitError("a bare repository has no index: use 'secretscan history' here")
    # The change must not allow itself: what counts is the policy as it was committed before.
    policy, ruleset = options.policy(args, settings.from_objects(objects), ruleset)
    scanner = Scanner(ruleset, policy)
    findings = added.of_index(scanner, changes, objects) + _named(scanner, args.files, changes)
    objects.close()
    code = outcome.finish(scanner.report(findings), args, policy, ruleset)
    outcome.compile_for_next_time(ruleset)
    return code


def _named(scanner: Scanner, files: list[str], changes: list[Change]) -> list[Finding]:
    """What is in the files that a hook runner named although they are not staged (it runs on all files)."""
    names = set(files) - {change.path for change in changes}
    if not names:
        return []
    from secretscan.sources.files import read_files  # noqa: PLC0415

    if merging():  # then the runner names files of the other side as well
        return []
    found = scanner.scan(read_files(sorted(names), scanner.policy.config.max_file_size))
    return [finding._replace(exposure="working-tree") for finding in found]
