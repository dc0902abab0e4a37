"""Where rule files lie."""

import os
from collections.abc import Sequence

from secretscan.errors import RuleError


def builtin() -> str:
    """The folder of the rules that come with secretscan: inside the wheel, or beside the package in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    shipped = os.path.join(package, "rules")
    return shipped if os.path.isdir(shipped) else os.path.join(os.path.dirname(package), "rules")


def rule_files(extra: Sequence[str] = ()) -> list[str]:
    """The rule files in a fixed order: those that come with secretscan, then `extra` (files, or folders of them).

    Raises RuleError for a path that is not there or a folder without rule files.
    """
    files = _folder(builtin())
    for path in extra:
        files += files_at(path)
    return list(dict.fromkeys(files))


def files_at(path: str) -> list[str]:
    """The rule file at `path`, or all in that folder. Raises RuleError if there is none."""
    files = _folder(path) if os.path.isdir(path) else [os.path.abspath(path)]
    if not files or not os.path.exists(files[0]):
        raise RuleError(f"{path}: no rule file there; it must be a .toml file or a folder of them")
    return files


def _folder(path: str) -> list[str]:
    with os.scandir(os.path.abspath(path)) as entries:
        return sorted(entry.path for entry in entries if entry.name.endswith(".toml"))
