"""SARIF: what the standard and GitHub code scanning ask for, property by property."""

import json
import re

import pytest
from specimens import BRIEF, a_finding, a_report, a_secret, skipped, written

from secretscan import __version__
from secretscan.model import Skipped, redact


def run_of(*findings, **other):
    """The single run of the log, after the checks that hold for every log."""
    log = json.loads(written(a_report(*findings, **other), "sarif"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    for result in run["results"]:
        check_result(result, run["tool"]["driver"]["rules"])
    for rule in run["tool"]["driver"]["rules"]:
        check_rule(rule)
    return run


def check_rule(rule):
    """GitHub: none of these may be missing or empty, and texts have a limit."""
    assert rule["id"]
    assert 0 < len(rule["name"]) <= 255
    assert 0 < len(rule["shortDescription"]["text"]) <= 1024
    assert 0 < len(rule["fullDescription"]["text"]) <= 1024
    assert rule["help"]["text"]
    assert rule["help"]["markdown"]
    assert rule["properties"]["tags"] == ["security", "secret"]
    assert rule["properties"]["precision"] in {"very-high", "high", "medium", "low"}
    assert 0 < float(rule["properties"]["security-severity"]) <= 10
    assert isinstance(rule["properties"]["security-severity"], str)
    assert rule["defaultConfiguration"]["level"] in {"note", "warning", "error"}


def check_result(result, rules):
    """A result points to its rule, has a message, one place in a file and a fingerprint."""
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["message"]["text"]
    assert result["level"] in {"note", "warning", "error"}
    assert result["occurrenceCount"] >= 1
    assert all(result["partialFingerprints"].values())
    (location,) = result["locations"]
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%:-]+", uri)
    region = location["physicalLocation"]["region"]
    assert all(isinstance(number, int) and number >= 1 for number in region.values())
    assert (region["startLine"], region["startColumn"]) < (region["endLine"], region["endColumn"])


def test_a_finding_is_a_result_with_its_place_and_next_step():
    """Rule, level, redacted line, next step, region and fingerprint are all there."""
    (result,) = run_of(a_finding())["results"]
    assert result["ruleId"] == "acme-deploy-token"
    assert result["level"] == "error"
    assert result["message"]["text"] == (f'Acme Deploy Token: token = "{redact(a_secret())}". Next: {BRIEF.steps[0]}')
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "deploy/ci.py"},
        "region": {"startLine": 12, "startColumn": 10, "endLine": 12, "endColumn": 50},
    }
    assert result["partialFingerprints"] == {"secretscan/v1": "5f0c2a9be1d3"}
    assert "properties" not in result


def test_the_tool_is_described():
    """Name and version of the tool; an unknown home page is left out rather than empty."""
    run = run_of()
    assert run["tool"]["driver"] == {"name": "secretscan", "semanticVersion": __version__, "rules": []}
    assert run["results"] == []
    assert run["columnKind"] == "unicodeCodePoints"


def test_only_rules_that_found_something_are_listed_once():
    """Three findings of two rules make two descriptors, in order of appearance."""
    run = run_of(a_finding(rule_id="b"), a_finding(rule_id="a"), a_finding(rule_id="b", line=13))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["b", "a"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0]


def test_the_help_holds_the_steps_in_order():
    """The provider's steps are a numbered Markdown list, in which no placeholder is taken for a tag."""
    brief = BRIEF._replace(steps=("Run acme delete <id>.", "Check that it fails."))
    log = json.loads(written(a_report(a_finding()), "sarif", brief=brief))
    markdown = log["runs"][0]["tool"]["driver"]["rules"][0]["help"]["markdown"]
    assert "1. Run acme delete &lt;id>.\n2. Check that it fails." in markdown
    assert BRIEF.guide in markdown


@pytest.mark.parametrize(
    ("confidence", "level", "least", "most"),
    [("high", "error", 9, 10), ("medium", "error", 7, 9), ("low", "note", 0, 4)],
)
def test_confidence_becomes_level_and_severity(confidence, level, least, most):
    """High and medium are errors, low is a note; severity follows."""
    run = run_of(a_finding(confidence=confidence))
    severity = float(run["tool"]["driver"]["rules"][0]["properties"]["security-severity"])
    assert run["results"][0]["level"] == level
    assert least < severity <= most


def test_a_rule_is_as_severe_as_its_surest_finding():
    """Findings of one rule may differ in confidence; the rule takes the highest, each result keeps its own."""
    run = run_of(a_finding(confidence="low"), a_finding(confidence="high"))
    assert run["tool"]["driver"]["rules"][0]["properties"]["precision"] == "high"
    assert [result["level"] for result in run["results"]] == ["note", "error"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü#?.py", "a%20b/%C3%BC%23%3F.py"),
        ("50%.txt", "50%25.txt"),
        ("a:b.py", "a%3Ab.py"),
        ("./x.py", "x.py"),
        ("/srv/x y.py", "file:///srv/x%20y.py"),
        ("C:/x.py", "file:///C:/x.py"),
        (b"caf\xe9.py".decode("utf-8", "surrogateescape"), "caf%E9.py"),
        ("half \ud83d.py", "half%20%ED%A0%BD.py"),
    ],
)
def test_paths_become_uris(path, uri):
    """Each odd character or byte is percent-encoded, relative stays relative, absolute becomes a file URI."""
    (result,) = run_of(a_finding(path=path))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_history_findings_say_who_and_when():
    """Commit, author and date travel in the property bag; occurrences have a property of the standard."""
    (result,) = run_of(a_finding(commit="a" * 40, author="Ann", date="2024-05-01T10:00:00+02:00", occurrences=3))[
        "results"
    ]
    assert result["properties"] == {"commit": "a" * 40, "author": "Ann", "date": "2024-05-01T10:00:00+02:00"}
    assert result["occurrenceCount"] == 3


def test_everything_skipped_is_notified():
    """Not one of the skipped is passed over: each is a warning with its reason, and its place if it has one."""
    reasons = (*skipped(30), Skipped(None, "c" * 40, "missing from the repository"))
    (invocation,) = run_of(skipped=reasons)["invocations"]
    notes = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is True
    assert len(notes) == 31
    assert notes[0]["message"]["text"] == "data/0.bin was not scanned: larger than 50 MB"
    assert notes[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "data/0.bin"
    assert "c" * 40 in notes[-1]["message"]["text"]
    assert {note["level"] for note in notes} == {"warning"}


def test_a_long_line_does_not_make_a_long_message():
    """Of a minified file, only what stands around the secret is told."""
    (result,) = run_of(a_finding(before="x" * 100_000, after="y" * 100_000))["results"]
    line = result["message"]["text"].split(": ")[1].split(". Next")[0]
    assert len(line) <= 100
    assert redact(a_secret()) in line
