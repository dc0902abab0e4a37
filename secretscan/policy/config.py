"""Settings from `.secretscan.toml` or `[tool.secretscan]` in `pyproject.toml`, strictly checked."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from secretscan.errors import UsageError

FILE = ".secretscan.toml"
PYPROJECT = "pyproject.toml"
BASELINE = ".secretscan-baseline.json"
DEFAULT_SIZE = 50 * 1024 * 1024
UNITS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}


class Allow(NamedTuple):
    """An entry of the allowlist: all conditions that are given must hold."""

    rule: str
    path: str  # a gitignore pattern
    value: str  # a pattern for the whole secret
    reason: str


class Config(NamedTuple):
    """What a project sets. The defaults are right for most."""

    min_confidence: str = "medium"
    rules: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    allow: tuple[Allow, ...] = ()
    max_file_size: int = DEFAULT_SIZE
    baseline: str = BASELINE
    inline_ignores: bool = True
    where: str = ""  # the file it came from


def parse(content: bytes, where: str) -> Config:
    """The settings in `content`, the whole text of either file. Raises UsageError naming file, key and nearest key."""
    import tomllib  # noqa: PLC0415 (most repositories have no configuration)

    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{where}: not valid TOML: {error}") from None
    if where.endswith(PYPROJECT):
        data = _table(where, "tool.secretscan", _table(where, "tool", data.get("tool", {})).get("secretscan", {}))
    values = {key: _read(where, key, value) for key, value in data.items()}
    return Config(**values, where=where)


def _table(where: str, name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: {name} must be a table")
    return value


def in_pyproject(content: bytes) -> bool:
    """Whether a pyproject.toml may hold settings of ours, without parsing it."""
    return b"tool.secretscan" in content


def _read(where: str, key: str, value: Any) -> Any:
    """The value of one key, checked."""
    reader = READERS.get(key)
    if reader is None:
        from secretscan.ruleset.schema import nearest  # noqa: PLC0415

        raise UsageError(f"{where}: unknown key '{key}'{nearest(key, frozenset(READERS))}")
    try:
        return reader(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{where}: {key} {error}") from None


def _confidence(value: Any) -> str:
    if value not in ("low", "medium", "high"):
        raise ValueError("must be low, medium or high")
    return str(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("must be a list of strings")
    return tuple(value)


def _paths(value: Any) -> tuple[str, ...]:
    for pattern in _texts(value):
        matcher([pattern])
    return _texts(value)


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Tells whether a path matches `patterns` as of gitignore. Raises ValueError for one that is none."""
    import re  # noqa: PLC0415

    from pathspec import GitIgnoreSpec  # noqa: PLC0415 (only where a pattern is set)

    try:
        return GitIgnoreSpec.from_lines(patterns, backend="simple").match_file
    except (ValueError, re.error):
        raise ValueError(f"has '{' '.join(patterns)}', which gitignore would not take either") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("must be a string")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value


def size(value: Any) -> int:
    """Bytes from a number or from a text such as `50 MB` (1 MB = 1,048,576 bytes). Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    number = str(value).strip().lower().rstrip("bkmg ")
    unit = str(value).strip().lower()[len(number) :].strip().replace("ib", "b")
    unit = unit if unit in UNITS else unit + "b"
    if not number.isdigit() or unit not in UNITS:
        raise ValueError("must be a size in bytes, or such as '50 MB'")
    return int(number) * UNITS[unit]


def _allow(value: Any) -> tuple[Allow, ...]:
    if not isinstance(value, list):
        raise TypeError("must be [[allow]] tables")
    return tuple(map(_entry, value))


def _entry(table: Any) -> Allow:
    if not isinstance(table, dict) or (unknown := set(table) - set(Allow._fields)):
        raise ValueError(f"has an unknown key '{min(unknown)}'; valid keys are {', '.join(Allow._fields)}")
    if not table.get("reason"):
        raise ValueError("needs a reason in each entry")
    if not any(table.get(key) for key in ("rule", "path", "value")):
        raise ValueError("needs a rule, a path or a value in each entry")
    import re  # noqa: PLC0415

    try:
        re.compile(table.get("value", ""))
    except re.error as error:
        raise ValueError(f"has a value that is no valid pattern: {error}") from None
    return Allow(*(_text(table.get(key, "")) for key in Allow._fields))


READERS: dict[str, Callable[[Any], Any]] = {
    "min_confidence": _confidence,
    "rules": _texts,
    "disable": _texts,
    "exclude": _paths,
    "allow": _allow,
    "max_file_size": size,
    "baseline": _text,
    "inline_ignores": _flag,
}
