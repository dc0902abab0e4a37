"""Checks a rule file's tables against the schema and says what is wrong: file, table, key and the nearest valid key."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from secretscan.errors import RuleError

PROVIDER_KEYS = frozenset(
    ("id", "name", "home", "console", "docs", "audit_logs", "status", "support", "checked", "sources")
)
FACTS = frozenset(("opens", "uses", "reasons", "risks", "practices"))
STEPS = frozenset(("generate", "audit", "revoke"))
BREAKS = frozenset(("variables", "files", "tools", "effects"))
GUIDE_KEYS = FACTS | STEPS | {"breaks"}
SHARED = GUIDE_KEYS | {"env_var"}
"""What a secret takes from another of its file with `guide_of`."""
MATCHING = frozenset(
    (
        "id",
        "name",
        "confidence",
        "keywords",
        "pattern",
        "wide",
        "context",
        "near",
        "value",
        "entropy",
        "checksum",
        "requires",
    )
)
SECRET_KEYS = (
    MATCHING
    | GUIDE_KEYS
    | {"guide_of", "overrides", "source", "confirmed", "env_var", "summary", "examples", "counterexamples"}
)
REQUIRED = ("id", "name", "confidence", "summary", "examples", "counterexamples")
CHECKSUMS = ("crc32-base62", "jwt", "pem", "aws-access-key-id", "base64-json", "gitlab-routable")
OTHERWISE = ("drop", "low", "medium")
CONFIDENCES = ("low", "medium", "high")


class Table:
    """One table of a rule file with its place in it, so that every complaint can name both."""

    def __init__(self, data: Any, where: str, keys: frozenset[str]) -> None:
        """`where` is `file: table`. Raises RuleError if `data` is no table or has a key that is not in `keys`."""
        if not isinstance(data, Mapping):
            raise RuleError(f"{where}: must be a table")
        self.data, self.where = data, where
        for key in data:
            if key not in keys:
                raise RuleError(f"{where}: unknown key {key!r}{nearest(key, keys)}")

    def fail(self, key: str, problem: str) -> RuleError:
        """The error for `key`, ready to be raised."""
        return RuleError(f"{self.where}: {key} {problem}")

    def text(self, key: str, *, required: bool = False) -> str:
        """The string at `key`; "" where it is not there."""
        value = self.data.get(key, "")
        if not isinstance(value, str):
            raise self.fail(key, "must be a string in quotes")
        if required and not value:
            raise self.fail(key, "is missing")
        return value

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """The string at `key`, which must be one of `allowed`."""
        value = self.text(key) or default
        if value not in allowed and value != default:
            raise self.fail(key, f"is {value!r}; it must be one of {', '.join(allowed)}")
        return value

    def number(self, key: str, default: float) -> float:
        """The number at `key`."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(key, "must be a number")
        return value

    def count(self, key: str, default: int) -> int:
        """The whole number at `key`, 0 or more."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.fail(key, "must be a whole number of lines, 0 or more")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """The boolean at `key`."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.fail(key, "must be true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of strings at `key`; empty where it is not there."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(key, "must be a list of strings")
        return tuple(value)

    def each(self, key: str, make: Callable[["Table"], Any], keys: frozenset[str]) -> tuple[Any, ...]:
        """The list of tables at `key`, each through `make`; a plain string stands for a table with only `text`."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.fail(key, "must be a list")
        tables = ({"text": item} if isinstance(item, str) else item for item in value)
        return tuple(make(Table(item, f"{self.where} {key} {i}", keys)) for i, item in enumerate(tables, 1))

    def day(self, key: str) -> str:
        """The date at `key` in ISO form; "" where it is not there."""
        value = self.data.get(key)
        if value is None:
            return ""
        if not isinstance(value, date):
            raise self.fail(key, "must be a date without quotes, for example 2026-01-31")
        return value.isoformat()


def parse(content: bytes, file: str) -> dict[str, Any]:
    """The TOML document. Raises RuleError naming `file`, line and column."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{file}: not valid TOML: {error}") from None
    except UnicodeDecodeError as error:
        raise RuleError(f"{file}: not valid UTF-8 at byte {error.start}: save the file as UTF-8") from None


def nearest(word: str, words: frozenset[str] | tuple[str, ...]) -> str:
    """The words of `words` that look like `word`, as the tail of an error message."""
    import difflib  # noqa: PLC0415 (only for an error)

    close = difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.5)
    return f"; did you mean '{close[0]}'?" if close else f"; valid keys are {', '.join(sorted(words))}"
