"""The engine in its three forms, over all rules that come with secretscan."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from secretscan.engine.scan import Engine
from secretscan.model import Part, Rule
from secretscan.ruleset import compile as compiler
from secretscan.ruleset.cache import Ruleset, open_ruleset

settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

NOWHERE = os.path.join(os.devnull, "none")
"""A cache folder that cannot be made."""


@pytest.fixture(scope="session")
def engines(compiled_rules: Path) -> dict[str, Engine]:
    """All rules in a plain engine, and, where there is Hyperscan, in one of keywords and one of full patterns."""
    found = {"plain": Engine(open_ruleset(plain=True))}
    if compiler.available():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SECRETSCAN_CACHE_DIR", NOWHERE)
            words = open_ruleset()
            patch.setenv("SECRETSCAN_CACHE_DIR", str(compiled_rules))
            full = open_ruleset(thorough=True)
        assert words.keyword_rules is not None
        assert full.keyword_rules is None
        found.update(words=Engine(words), full=Engine(full))
    return found


@pytest.fixture(scope="session")
def engine(engines: dict[str, Engine]) -> Engine:
    """The fastest of the engines."""
    return [*engines.values()][-1]


@pytest.fixture
def make_rule() -> Callable[..., Rule]:
    """Gives a function that makes a rule: its id, its pattern, its keyword, and whatever else matters."""

    def make(rule_id: str, pattern: str, keyword: str, requires: Part | None = None, **changes: object) -> Rule:
        rule = Rule(
            id=rule_id,
            name=rule_id,
            provider="acme",
            pattern=pattern,
            wide=(),
            keywords=(keyword,),
            confidence="high",
            entropy=0.0,
            checksum="",
            requires=requires,
            overrides=(),
            file="acme.toml",
        )
        return rule._replace(**changes)  # type: ignore[arg-type]

    return make


@pytest.fixture
def plain() -> Callable[..., Engine]:
    """Gives a function that makes an engine of rules, without Hyperscan."""
    return lambda *rules: Engine(Ruleset(len(rules), (), lambda: rules))
