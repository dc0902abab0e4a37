"""Runs a rule's examples through the whole scanner."""

from collections.abc import Iterator

from secretscan.model import Blob, Finding, Origin
from secretscan.policy.config import Config
from secretscan.policy.policy import Policy
from secretscan.ruleset.cache import Ruleset
from secretscan.ruleset.examples import Example, fill
from secretscan.ruleset.provider import Secret
from secretscan.scanner import Scanner

ROUNDS = 3
"""Each template is filled so many times."""


def failures(secret: Secret, ruleset: Ruleset) -> Iterator[str]:
    """Which examples are not found with their exact span, and which counterexamples are found."""
    scanner = Scanner(ruleset, Policy(Config(), bytes))
    for number, template in enumerate(secret.examples, 1):
        for example in _filled(secret, template):
            if problem := _missed(scanner, secret, example):
                yield f"example {number} {problem}: {template}"
                break
    for number, template in enumerate(secret.counterexamples, 1):
        if any(_found(scanner, secret, example) for example in _filled(secret, template)):
            yield f"counterexample {number} is found: {template}"


def _filled(secret: Secret, template: str) -> list[Example]:
    return [
        fill(template, seed=f"{secret.rule.id} {number}", checksum=secret.rule.checksum) for number in range(ROUNDS)
    ]


def _scan(scanner: Scanner, example: Example) -> list[Finding]:
    return scanner.locate(Blob(example.text.encode(), Origin("example")))


def _missed(scanner: Scanner, secret: Secret, example: Example) -> str:
    """Why the example is not right; "" if it is. Only the checksum of a made-up token may lower the confidence."""
    wanted = example.text[example.start : example.end]
    if example.end < 0:
        return "has no «…» around the secret"
    found = _scan(scanner, example)
    mine = [finding for finding in found if finding.rule_id == secret.rule.id]
    if any(_shown(finding, example) == wanted for finding in mine):
        return ""
    if mine:
        return f"is found as {_shown(mine[0], example)!r} instead of {wanted!r}"
    others = ", ".join(sorted({finding.rule_id for finding in found}))
    return f"is reported by {others} instead" if others else "is not found"


def _shown(finding: Finding, example: Example) -> str:
    """What stands at the finding's place in the text (a decoded value may differ from it)."""
    lines = example.text.split("\n")
    if finding.line == finding.end_line:
        return lines[finding.line - 1][finding.column - 1 : finding.end_column - 1]
    first, *middle, last = lines[finding.line - 1 : finding.end_line]
    return "\n".join([first[finding.column - 1 :], *middle, last[: finding.end_column - 1]])


def _found(scanner: Scanner, secret: Secret, example: Example) -> bool:
    """Whether the rule finds the counterexample, or the marked span of it, and is as sure of it as of an example."""
    rule = secret.rule
    mine = [f for f in _scan(scanner, example) if (f.rule_id, f.confidence) == (rule.id, rule.confidence)]
    return any(
        example.end < 0 or _shown(finding, example) == example.text[example.start : example.end] for finding in mine
    )
