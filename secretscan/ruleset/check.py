"""What `secretscan rules check` demands of a rule, but for finding its examples, which takes the whole scanner."""

from collections.abc import Iterator
from time import process_time
from typing import Any

from secretscan.model import Rule
from secretscan.ruleset import noise
from secretscan.ruleset.provider import Secret, Step

SLOW = 0.8
"""Processor seconds that a pattern may take on 100 kB of text made to be hard for it."""

LISTS = ("opens", "uses", "generate", "reasons", "risks", "practices", "audit", "revoke")
SUMMARY = 110


def problems(secret: Secret) -> Iterator[str]:
    """What is wrong with one secret, each a line that says what to write."""
    for name in LISTS:
        if not getattr(secret, name):
            yield f"{name} is missing: write it in [[secret]], or in [guide] where it is true of all of the provider"
    if not any(secret.breaks):
        yield "breaks is missing: which variables, files and tools hold it, and what one sees when it is revoked"
    if len(secret.summary) > SUMMARY:
        yield f"summary has {len(secret.summary)} characters, at most {SUMMARY} fit on its line"
    if len(secret.examples) < 2 or len(secret.counterexamples) < 2:
        yield "at least two examples and two counterexamples are needed"
    if not secret.source and secret.confirmed:
        yield "source is missing: the page that documents the format; or say confirmed = false"
    if not secret.provider.checked or not secret.provider.sources:
        yield "[provider] needs checked (a date) and sources (the pages that were read)"
    for key in ("generate", "audit", "revoke"):
        yield from _steps(key, getattr(secret, key))
    yield from _pattern(secret.rule)


def _steps(key: str, steps: tuple[Step, ...]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        if step.url and not step.url.startswith(("https://", "http://localhost")):
            yield f"{key} {number}: url must begin with https://"


def _pattern(rule: Rule) -> Iterator[str]:
    if found := noise.matches_noise(rule):
        yield (
            f"pattern matches noise ('{found}') without its look-arounds: the prefilter drops these, so put the prefix or "
            "name that makes it special into the matched text of every alternative, before the group 'secret'"
        )
    if (seconds := worst_time(rule)) > SLOW:
        yield f"pattern takes {seconds:.2f} s on 100 kB of hard text: bound its repeats, make neighbours exclusive"


def worst_time(rule: Rule) -> float:
    """The longest time in seconds that the pattern takes on 100 kB: its keywords over and over, with filling between."""
    import regex  # noqa: PLC0415

    pattern = regex.compile(rule.pattern.encode())
    fillings = ("", " ", "a", "=", "a1B2", "\n", '": "', "/", "x" * 200)
    texts = [(word + filling) * (100_000 // len(word + filling)) for word in rule.keywords for filling in fillings]
    return max(_time(pattern, text.encode()) for text in texts[:60])


def _time(pattern: Any, text: bytes) -> float:
    began = process_time()
    try:
        for _ in pattern.finditer(text, timeout=2.0):
            pass
    except TimeoutError:
        return 2.0
    return process_time() - began
