"""`secretscan baseline create|update`: what is known already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from secretscan.commands import options
from secretscan.errors import UsageError
from secretscan.git.repository import common_dir, top_level
from secretscan.model import Blob
from secretscan.policy import baseline, settings
from secretscan.policy.policy import Policy
from secretscan.ruleset.cache import open_ruleset
from secretscan.scanner import Scanner

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from secretscan.model import Finding, Skipped

HELP = "Writes the fingerprints of today's findings to .secretscan-baseline.json, so that only new ones are reported."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's verbs and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create|update")
    for name, text in (("create", "start a baseline"), ("update", "add new findings, drop what is gone, keep reasons")):
        verb = verbs.add_parser(name, help=text)
        options.add_common(verb)
        verb.add_argument("--reason", default="", help="why the added ones may stay")
        verb.add_argument("--history", action="store_true", help="the whole history, not only the working tree")


def run(args: Any) -> int:
    """Writes the baseline; 0 when it is written."""
    common_dir()  # says so if this is no repository
    folder = top_level() or "."
    read = settings.from_folder(folder)
    chosen = options.overrides(args)
    config = settings.read_config(read, chosen)
    config = config._replace(rules=tuple(os.path.join("" if args.config else folder, path) for path in config.rules))
    path = args.baseline or f"{folder}/{config.baseline}"
    known = _known(args.verb, path)
    policy = Policy(config, lambda: known.key)
    scanner = Scanner(open_ruleset((*args.rules, *config.rules), thorough=args.history), policy)
    found = _findings(scanner, args, folder)
    made = baseline.from_findings(known.key, found, known.entries, args.reason)
    baseline.write(made, path)
    fresh = len({entry.fingerprint for entry in made.entries} - {entry.fingerprint for entry in known.entries})
    gone = len(known.entries) + fresh - len(made.entries)
    print(
        f"{path}: {len(made.entries)} known secrets, {fresh} new, {gone} gone. Commit it: it counts from the next commit on."
    )
    return 0


def _known(verb: str, path: str) -> baseline.Baseline:
    """The baseline to start from: the one at `path`, or an empty one with the repository's key."""
    there = os.path.exists(path)
    if verb == "create" and there:
        raise UsageError(f"{path}: exists already; use 'secretscan baseline update'")
    if verb == "update":
        return baseline.parse(settings.read_file(path), path)
    return baseline.Baseline(options.key_of_here())


def _findings(scanner: Scanner, args: Any, folder: str) -> list[Finding]:
    """What is in the working tree's files that git does not ignore, or in the whole history."""
    if args.history:
        from secretscan import history  # noqa: PLC0415
        from secretscan.report.progress import progress  # noqa: PLC0415

        with progress(quiet=args.quiet) as shown:
            return history.scan(scanner, (*args.rules, *scanner.policy.config.rules), args.jobs, shown)
    return list(scanner.scan(_working_tree(folder, scanner.policy.config.max_file_size)))


def _working_tree(folder: str, limit: int) -> Iterator[Blob | Skipped]:
    """The files below `folder` that git does not ignore, with their paths in the repository."""
    from secretscan.git.process import git  # noqa: PLC0415
    from secretscan.sources.files import read_file  # noqa: PLC0415

    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=folder)
    for name in sorted({os.fsdecode(name) for name in listed.split(b"\0") if name}):
        found = read_file(os.path.join(folder, name), limit)
        yield found._replace(origin=found.origin._replace(path=name)) if isinstance(found, Blob) else found
