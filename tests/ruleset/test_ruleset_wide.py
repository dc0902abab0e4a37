"""A rule's wide form matches in every text in which the rule does: the prefilter looks for nothing else."""

import re

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretscan.engine.confirm import CONTEXT
from secretscan.ruleset import load, paths
from secretscan.ruleset.context import GAP
from secretscan.ruleset.examples import fill
from secretscan.ruleset.provider import Secret
from secretscan.ruleset.relax import relaxed


def with_wide() -> list[Secret]:
    """The secrets whose rule has a wide form: written in its file, or made of its names."""
    return [secret for secret in load.load(paths.rule_files()) if secret.rule.wide]


def uncovered(secret: Secret, text: bytes) -> list[bytes]:
    """The matches of the rule in or beside which no match of its wide form ends: no window would be opened for them."""
    ends = [
        match.end() for match in regex.finditer(relaxed(secret.rule.wide).encode(), text, overlapped=True, timeout=20)
    ]
    matches = regex.finditer(secret.rule.pattern.encode(), text, timeout=20)
    return [
        match.group()
        for match in matches
        if not any(match.start() - CONTEXT <= end <= match.end() + CONTEXT for end in ends)
    ]


def test_the_wide_form_ends_in_every_example():
    """Each example, all of them one behind the other, and far apart."""
    assert with_wide()
    for secret in with_wide():
        templates = enumerate(secret.examples)
        texts = [fill(text, seed=f"{number}", checksum=secret.rule.checksum).text for number, text in templates]
        for text in (*texts, "\n".join(texts), ("\n" * 900).join(texts)):
            assert uncovered(secret, text.encode()) == [], secret.rule.id


def written() -> list[Secret]:
    """Those whose wide form is written in the file by hand."""
    return [secret for secret in with_wide() if GAP not in secret.rule.pattern]


@pytest.mark.parametrize("secret", written(), ids=lambda secret: secret.rule.id)
def test_the_wide_form_ends_in_every_match(secret):
    """Texts made from the pattern itself (without its look-arounds), all its alternatives at random."""

    @settings(max_examples=100, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(re.compile(relaxed(secret.rule.pattern).encode())))
    def holds(text: bytes) -> None:
        assert uncovered(secret, text) == []

    holds()
