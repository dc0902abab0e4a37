"""No two candidates for the same text: the most specific rule wins."""

from bisect import bisect

from secretscan.model import CONFIDENCES, Candidate

GENERAL = ("generic", "json-web-token", "private-key")
"""Providers whose rules know only a general shape: any other rule wins over them, and the first over none."""


def resolve(candidates: list[Candidate]) -> list[Candidate]:
    """The candidates that stand, by position, no two overlapping. Each of the others overlaps one that stands."""
    losers = _overridden(candidates)
    standing: list[Candidate] = []
    starts: list[int] = []  # of `standing`, which is kept sorted
    for candidate in sorted(candidates, key=lambda candidate: (id(candidate) in losers, _rank(candidate))):
        place = bisect(starts, candidate.start)
        clear_before = place == 0 or standing[place - 1].end <= candidate.start
        clear_after = place == len(starts) or candidate.end <= starts[place]
        if clear_before and clear_after:
            standing.insert(place, candidate)
            starts.insert(place, candidate.start)
    return standing


def _overridden(candidates: list[Candidate]) -> set[int]:
    """The ids of candidates whose rule is named in the `overrides` of one that overlaps them."""
    named = {rule_id for candidate in candidates for rule_id in candidate.rule.overrides}
    possible = [candidate for candidate in candidates if candidate.rule.id in named]
    return {
        id(loser)
        for winner in candidates
        if winner.rule.overrides
        for loser in possible
        if loser.rule.id in winner.rule.overrides and loser.start < winner.end and winner.start < loser.end
    }


def _rank(candidate: Candidate) -> tuple[int, int, int, int, str]:
    """Sorts the winner first: a provider's own rule, the surer one, the one that says more."""
    rule = candidate.rule
    general = GENERAL[::-1].index(rule.provider) + 1 if rule.provider in GENERAL else 0
    size = candidate.end - candidate.start
    return general, -CONFIDENCES.index(candidate.confidence), -size, candidate.start, rule.id
