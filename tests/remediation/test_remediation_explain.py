"""`secretscan explain`."""

import json
from argparse import ArgumentParser

import pytest

from secretscan.commands import explain
from secretscan.errors import UsageError

RULES = """
[provider]
id = "acme"
name = "Acme"
home = "https://acme.example"
console = "https://console.acme.example"
docs = "https://docs.acme.example"
checked = 2026-11-22
sources = ["https://docs.acme.example"]

[[secret]]
id = "acme-deploy-token"
name = "Acme Deploy Token"
confidence = "high"
keywords = ["acmd_"]
pattern = '(?P<secret>acmd_[a-z]{20})'
env_var = "ACME_TOKEN"
summary = "Deploys every site."
revoke = [{ text = "Delete it.", url = "https://console.acme.example/tokens" }]
examples = ["«acmd_{lower:20}»", "x «acmd_{lower:20}»"]
counterexamples = ["acmd_{lower:19}", "acme_{lower:20}"]
"""
SECOND = """
[[secret]]
id = "acme-read-token"
name = "Acme Read Token"
confidence = "high"
keywords = ["acmr_"]
pattern = '(?P<secret>acmr_[a-z]{20})'
summary = "Reads every site."
examples = ["«acmr_{lower:20}»", "x «acmr_{lower:20}»"]
counterexamples = ["acmr_{lower:19}", "acme_{lower:20}"]
"""


@pytest.fixture
def rules(tmp_path):
    """A rule file with two secrets."""
    file = tmp_path / "acme.toml"
    file.write_text(RULES + SECOND, encoding="utf-8")
    return str(file)


@pytest.fixture
def say(rules, capsys):
    """Runs the command with the rule file and gives what it printed."""

    def run(*arguments):
        parser = ArgumentParser()
        explain.add_arguments(parser)
        assert explain.run(parser.parse_args([*arguments, "--rules", rules])) == 0
        return capsys.readouterr().out

    return run


def test_a_rule_is_explained_whole(say):
    """The guide of one rule, in plain text where no terminal listens."""
    text = say("acme-deploy-token")
    assert text.startswith("My Acme Deploy Token leaked! What should I do?\n")
    assert 'os.environ["ACME_TOKEN"]' in text
    assert "https://console.acme.example/tokens" in text
    assert "Read Token" not in text
    assert "\x1b" not in text


def test_a_provider_is_explained_with_all_its_secrets(say):
    """A provider's id gives a list and then the guide of each of its secrets."""
    text = say("acme")
    assert text.startswith("Acme: 2 secret types\n")
    assert text.index("My Acme Deploy Token leaked!") < text.index("My Acme Read Token leaked!")


def test_options_narrow_the_guide(say):
    """`--section`, `--lang` and `--store` leave out what was not asked for."""
    text = say("acme-deploy-token", "--section", "prevent", "--lang", "c#", "--store", "vault")
    assert "VaultSharp" in text
    assert "HashiCorp Vault" in text
    assert "CyberArk" not in text
    assert "How to revoke" not in text


def test_json_of_a_rule_is_an_object_and_of_a_provider_a_list(say, tmp_path):
    """The shape follows from what was asked for, not from how many secrets a provider has."""
    assert json.loads(say("acme-deploy-token", "--format", "json"))["rule_id"] == "acme-deploy-token"
    assert len(json.loads(say("acme", "--format", "json"))["guides"]) == 2
    (tmp_path / "acme.toml").write_text(RULES, encoding="utf-8")
    assert len(json.loads(say("acme", "--format", "json"))["guides"]) == 1


@pytest.mark.parametrize(("name", "start"), [("md", "# My Acme"), ("html", "<!DOCTYPE html>"), ("text", "My Acme")])
def test_output_goes_to_a_file(name, start, say, tmp_path):
    """With `--output` the guide is in the file and the screen stays empty."""
    file = tmp_path / "guide"
    assert say("acme-deploy-token", "--format", name, "--output", str(file)) == ""
    assert file.read_text(encoding="utf-8").startswith(start)


def test_a_file_that_cannot_be_written_is_an_error_for_people(say, tmp_path):
    """The message names the file and what to do."""
    with pytest.raises(UsageError, match=r"missing.guide: cannot be written: .*; choose another --output"):
        say("acme-deploy-token", "--output", str(tmp_path / "missing" / "guide"))


def test_an_unknown_name_is_refused_with_the_nearest(say):
    """A typing error in the rule's id is answered with the id that was probably meant."""
    with pytest.raises(UsageError, match="acme-deploy-token"):
        say("acme-deploy-tokn")


def test_an_unknown_language_is_refused(say):
    """A language that is not known is an error, not a guide without code."""
    with pytest.raises(UsageError, match="no language is called 'cobol'"):
        say("acme-deploy-token", "--lang", "cobol")
