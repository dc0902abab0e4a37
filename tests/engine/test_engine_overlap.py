"""No two findings for the same text, and none passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretscan.engine.overlap import resolve
from secretscan.model import CONFIDENCES, Candidate, Rule

PROVIDERS = ("acme", "contoso", "json-web-token", "private-key", "generic")


def rule(rule_id: str, provider: str = "acme", *overrides: str) -> Rule:
    """A rule of which only its place among others matters."""
    return Rule(rule_id, rule_id, provider, "", (), (), "high", 0.0, "", None, overrides, "acme.toml")


def candidate(of: Rule, start: int, end: int, confidence: str = "high") -> Candidate:
    """A candidate with that span."""
    return Candidate(of, start, end, b"v" * (end - start), confidence)


def standing(*candidates: Candidate) -> list[tuple[str, int, int]]:
    """Which of them stand, in whichever order they come."""
    found = [[(c.rule.id, c.start, c.end) for c in resolve([*order])] for order in (candidates, candidates[::-1])]
    assert found[0] == found[1]
    return found[0]


ONE, TWO = rule("one"), rule("two", "contoso")
GENERIC, TOKEN, KEY = rule("generic-secret", "generic"), rule("jwt", "json-web-token"), rule("pem", "private-key")


def test_candidates_apart_all_stand():
    """By position; two that touch do not overlap."""
    assert standing(candidate(TWO, 10, 20), candidate(ONE, 0, 10), candidate(ONE, 20, 21)) == [
        ("one", 0, 10),
        ("two", 10, 20),
        ("one", 20, 21),
    ]


@pytest.mark.parametrize("general", [GENERIC, TOKEN, KEY])
def test_a_provider_wins_over_what_is_general(general):
    """Even where it is less sure and says less."""
    assert standing(candidate(general, 0, 30, "high"), candidate(ONE, 5, 10, "low")) == [("one", 5, 10)]


def test_the_general_ones_have_an_order():
    """A private key before a token before an assignment, so that always the same is reported."""
    assert standing(candidate(GENERIC, 0, 9), candidate(TOKEN, 0, 9), candidate(KEY, 0, 9)) == [("pem", 0, 9)]
    assert standing(candidate(GENERIC, 0, 9), candidate(TOKEN, 0, 9, "low")) == [("jwt", 0, 9)]


def test_the_surer_one_wins():
    """The confidence decides between providers, then the size, then the place, then the id."""
    assert standing(candidate(ONE, 0, 20, "medium"), candidate(TWO, 5, 10, "high")) == [("two", 5, 10)]
    assert standing(candidate(ONE, 0, 20), candidate(TWO, 5, 10)) == [("one", 0, 20)]
    assert standing(candidate(ONE, 1, 11), candidate(TWO, 0, 10)) == [("two", 0, 10)]
    assert standing(candidate(ONE, 0, 10), candidate(TWO, 0, 10)) == [("one", 0, 10)]


def test_a_rule_wins_over_those_it_overrides():
    """Whatever their confidence and size, where they overlap, and nowhere else."""
    winner = rule("special", "acme", "one", "two")
    assert standing(candidate(winner, 5, 10, "low"), candidate(ONE, 0, 20)) == [("special", 5, 10)]
    assert standing(candidate(winner, 5, 10), candidate(TWO, 9, 20), candidate(TWO, 10, 30)) == [
        ("special", 5, 10),
        ("two", 10, 30),
    ]


def test_rules_that_override_each_other_do_not_vanish():
    """One of them stands, always the same."""
    left, right = rule("left", "acme", "right"), rule("right", "acme", "left")
    assert standing(candidate(left, 0, 9), candidate(right, 0, 9)) == [("left", 0, 9)]


def test_what_only_a_loser_overrides_stands():
    """The second falls to the first; the third, which the second overrides, does not touch what stands."""
    first, second = rule("first", "acme", "second"), rule("second", "acme", "third")
    third = rule("third")
    found = standing(candidate(first, 0, 10), candidate(second, 5, 20), candidate(third, 15, 30))
    assert found == [("first", 0, 10), ("third", 15, 30)]


@st.composite
def crowds(draw: st.DrawFn) -> list[Candidate]:
    """Many candidates of a few rules that override each other at random."""
    names = ("a", "b", "c", "d", "e")
    overrides = st.lists(st.sampled_from(names), max_size=2)
    rules = [rule(name, draw(st.sampled_from(PROVIDERS)), *draw(overrides)) for name in names]
    spans = st.tuples(st.sampled_from(rules), st.integers(0, 40), st.integers(1, 12), st.sampled_from(CONFIDENCES))
    return [candidate(of, start, start + size, sure) for of, start, size, sure in draw(st.lists(spans, max_size=12))]


@given(crowds())
def test_no_two_overlap_and_none_is_passed_over(candidates):
    """Those that stand are apart and in order; each that does not overlaps one that does."""
    found = resolve(candidates)
    places = [place for one in found for place in (one.start, one.end)]
    assert places == sorted(places)
    assert all(one in candidates for one in found)
    for one in candidates:
        assert any(one.start < other.end and other.start < one.end for other in found)


@given(crowds())
def test_an_overridden_one_stands_only_where_no_winner_does(candidates):
    """Of two that overlap, the one that the other overrides does not stand beside it or in its place for no reason."""
    found = resolve(candidates)
    for loser in found:
        for winner in candidates:
            if loser.rule.id in winner.rule.overrides and loser.start < winner.end and winner.start < loser.end:
                taken = any(
                    winner.start < other.end and other.start < winner.end for other in found if other is not loser
                )
                assert (
                    taken or winner is loser or winner.rule.id in loser.rule.overrides or overridden(winner, candidates)
                )


def overridden(one: Candidate, candidates: list[Candidate]) -> bool:
    """Whether some other candidate overrides this one."""
    return any(
        one.rule.id in other.rule.overrides and one.start < other.end and other.start < one.end for other in candidates
    )
