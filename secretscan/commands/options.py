"""The options that all scanning commands share, and what they mean."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from secretscan.errors import GitError, UsageError
from secretscan.policy.fingerprint import local_key
from secretscan.policy.settings import Overrides, make_policy, read_config

if TYPE_CHECKING:
    import argparse

    from secretscan.policy.policy import Policy
    from secretscan.policy.settings import Reader
    from secretscan.ruleset.cache import Ruleset

FORMATS = ("text", "json", "jsonl", "sarif")
DEFAULTS: dict[str, Any] = {
    "format": "text",
    "output": "",
    "config": "",
    "baseline": "",
    "rules": [],
    "min_confidence": "",
    "show_secrets": False,
    "jobs": 0,
    "max_file_size": "",
    "require_complete": False,
    "no_color": False,
    "quiet": False,
    "timing": False,
}


def add_common(parser: argparse.ArgumentParser) -> None:
    """Adds the options that all scanning commands share."""
    add = parser.add_argument
    add("--format", default="text", help=f"{', '.join(FORMATS)} (default text)")
    add("--output", default="", metavar="FILE", help="write the report there instead of standard output")
    add("--config", default="", metavar="FILE", help="settings, instead of .secretscan.toml or pyproject.toml")
    add("--baseline", default="", metavar="FILE", help="known secrets, instead of .secretscan-baseline.json")
    add("--rules", default=[], action="append", metavar="PATH", help="more rules: a file or a folder; repeatable")
    add("--min-confidence", default="", choices=("low", "medium", "high"), help="what blocks (default medium)")
    add("--show-secrets", action="store_true", help="print secrets whole")
    add("--jobs", default=0, type=int, metavar="N", help="processes for long scans (default: one a core)")
    add("--max-file-size", default="", metavar="SIZE", help="skip what is larger (default 50 MB)")
    add("--require-complete", action="store_true", help="exit 3 if anything had to be skipped")
    add("--no-color", action="store_true", help="no colours (also NO_COLOR)")
    add("--quiet", action="store_true", help="print nothing when clean, no progress")
    add("--timing", action="store_true", help="print where the time went")


def overrides(args: Any) -> Overrides:
    """What the command line sets over the configuration. Raises UsageError for a size that is none."""
    from secretscan.policy.config import size  # noqa: PLC0415

    limit = 0
    if args.max_file_size:
        try:
            limit = size(args.max_file_size)
        except ValueError as error:
            raise UsageError(f"--max-file-size {error}") from None
    return Overrides(args.config, args.baseline, args.min_confidence, limit)


def policy(args: Any, read: Reader, ruleset: Ruleset, *, here: bool = False) -> tuple[Policy, Ruleset]:
    """The project's policy, and the ruleset with the rules that its configuration adds to `ruleset`.

    Their paths begin at the repository's top; at the current folder where the configuration is from there (`here`).
    """
    chosen = overrides(args)
    config = read_config(read, chosen)
    if config.rules:
        from secretscan.git.repository import top_level  # noqa: PLC0415
        from secretscan.ruleset.cache import open_ruleset  # noqa: PLC0415

        folder = "" if here or args.config else top_level() or ""
        config = config._replace(rules=tuple(os.path.join(folder, path) for path in config.rules))
        ruleset = open_ruleset((*args.rules, *config.rules))
    return make_policy(config, read, chosen, key_of_here), ruleset


def key_of_here() -> bytes:
    """The fingerprints' key where there is no baseline: kept in the git directory, outside one with the user's settings."""
    from secretscan.git.repository import common_dir  # noqa: PLC0415 (only when something was found)

    try:
        return local_key(common_dir())
    except GitError:
        base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        return local_key(os.path.join(base, "secretscan"))
