"""What a blocked commit is told."""

import subprocess
import sys

import pytest

from secretscan.remediation.brief import STEP_WIDTH, brief
from secretscan.ruleset.provider import Step


def test_a_brief_says_what_it_opens_what_to_do_and_what_to_write(make_secret):
    """Summary, the first steps in order with their URLs, the way to the guide and the line that belongs there."""
    found = brief(make_secret(), path="deploy/ci.py", exposure="staged")
    url = "https://app.circleci.com/settings/user/tokens"
    assert found.summary == "Reads and writes every project its owner can see, build secrets included."
    assert found.steps == (
        f"Create the replacement token. — {url}",
        "Put it where the old one was used.",
        f"Delete the leaked token: X next to its name. — {url}",
    )
    assert found.revoke_url == url
    assert found.replacement == 'os.environ["CIRCLE_TOKEN"]'
    assert found.guide == "secretscan explain circleci-personal-api-token"


@pytest.mark.parametrize(("exposure", "count"), [("pushed", 4), ("committed", 3), ("staged", 3), ("unknown", 3)])
def test_a_pushed_secret_gets_one_step_more(exposure, count, make_secret):
    """Three steps, four once others can have it."""
    assert len(brief(make_secret(), path="a", exposure=exposure).steps) == count


def test_long_steps_are_cut_at_a_word(make_secret):
    """A step is one short line, whatever the rule file holds; its URL is never cut."""
    long = "Open the settings\x1b[31m and\n" + "choose " * 60
    found = brief(make_secret(revoke=(Step(long, "https://x.example/" + "a" * 200),)), path="a", exposure="pushed")
    text, _, url = found.steps[0].partition(" — ")
    assert len(text) <= STEP_WIDTH
    assert text.startswith("Open the settings [31m and choose choose")
    assert text.endswith("choose…")
    assert url == "https://x.example/" + "a" * 200


def test_without_a_link_in_the_steps_the_console_is_named(make_secret):
    """The place to revoke is the first link of the steps, else the provider's console, else nothing."""
    secret = make_secret(revoke=(Step("Ask support."),))
    assert brief(secret, path="a", exposure="pushed").revoke_url == "https://app.circleci.com/settings/user/tokens"
    assert brief(secret._replace(provider=secret.provider._replace(console="")), path="a", exposure="").revoke_url == ""


def test_a_rule_that_says_nothing_still_gives_a_brief(make_secret):
    """No summary and no steps: the name stands for them."""
    found = brief(make_secret(summary="", revoke=()), path="a", exposure="staged")
    assert found.summary == "CircleCI Personal API Token of CircleCI"
    assert found.steps == ()


def test_the_brief_imports_nothing_heavy():
    """It is made while somebody waits for a commit: only light modules are loaded for it."""
    code = (
        "import sys; before = set(sys.modules); import secretscan.remediation.brief; print(*set(sys.modules) - before)"
    )
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "secretscan.remediation.snippets" in loaded
    assert not loaded & {"difflib", "json", "textwrap", "tomllib", "regex", "secretscan.remediation.guide"}
