"""The end of every scan: the report is written, and the exit code follows from it."""

from __future__ import annotations

import os
import sys
from time import time
from typing import TYPE_CHECKING, Any

from secretscan.errors import UsageError
from secretscan.report.formats import Options, writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretscan.model import Brief, Finding, Report
    from secretscan.policy.policy import Policy
    from secretscan.ruleset.cache import Ruleset

STARTER = "import sys; sys.path.append(sys.argv.pop()); from secretscan.cli import main; main()"
PACKAGES = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 60
"""Seconds after which a compiling process that left no result is given up."""


def finish(report: Report, args: Any, policy: Policy, ruleset: Ruleset) -> int:
    """Writes the report as the options say and gives the exit code: 1 blocked, 3 not complete, 0 clean."""
    write = writer(args.format)
    if args.output:
        try:
            with open(args.output, "w", encoding="utf-8", newline="\n") as stream:
                write(report, stream, Options(adviser(ruleset), args.show_secrets, False, args.quiet))
        except OSError as error:
            raise UsageError(f"{args.output}: cannot be written: {error.strerror}") from None
    else:
        write(report, sys.stdout, Options(adviser(ruleset), args.show_secrets, colored(args), args.quiet))
        sys.stdout.flush()
    if args.timing:
        print(f"secretscan: {report.stats.seconds * 1000:.1f} ms", file=sys.stderr)
    if policy.blocks(report.findings):
        return 1
    if args.require_complete and report.skipped:
        print(
            f"secretscan: {len(report.skipped)} skipped, and --require-complete asks for all: see the list above",
            file=sys.stderr,
        )
        return 3
    return 0


def colored(args: Any) -> bool:
    """Whether to colour: a terminal, and nobody said no."""
    return not args.no_color and "NO_COLOR" not in os.environ and sys.stdout.isatty()


def adviser(ruleset: Ruleset) -> Callable[[Finding], Brief]:
    """Gives the provider's guidance for a finding; a rule file is read when its first finding is told."""
    known: dict[str, Any] = {}

    def advise(finding: Finding) -> Brief:
        from secretscan.remediation.brief import brief  # noqa: PLC0415 (only when something was found)
        from secretscan.ruleset.load import load_file  # noqa: PLC0415

        if finding.rule_id not in known:
            file = next(rule.file for rule in ruleset.rules if rule.id == finding.rule_id)
            known.update((secret.rule.id, secret) for secret in load_file(file, check=False))
        return brief(known[finding.rule_id], path=finding.path, exposure=finding.exposure)

    return advise


def compile_for_next_time(ruleset: Ruleset) -> None:
    """After a run that had to do without the compiled ruleset: has it compiled by a process that nobody waits for."""
    if ruleset.keyword_rules is None or not hasattr(os, "posix_spawn"):
        return
    from secretscan.ruleset.cache import trusted_folder  # noqa: PLC0415

    folder = trusted_folder()
    if folder is None or not _first(os.path.join(folder, "compiling")):
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nothing, number) for number in range(3)]
    # -P keeps modules that lie in the scanned repository from being imported.
    command = [sys.executable, "-P", "-c", STARTER, "rules", "compile", PACKAGES]
    os.posix_spawn(sys.executable, command, os.environ, file_actions=actions, setpgroup=0)
    os.close(nothing)


def _first(mark: str) -> bool:
    """Whether nobody else compiles: the file `mark` could be made, or is older than a compiling process may get."""
    try:
        if time() - os.stat(mark).st_mtime < PATIENCE:
            return False
        os.unlink(mark)
    except OSError:
        pass
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:  # another process was faster, or nothing can be kept there
        return False
    return True
