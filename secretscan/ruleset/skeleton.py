"""The text of a new rule file, to be filled in."""

import re

from secretscan.errors import UsageError


def skeleton(provider: str) -> str:
    """A rule file for `provider` (an id) with every key and a word on each. Raises UsageError for a wrong id."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", provider):
        raise UsageError(
            f"'{provider}' is no provider id: lower case letters, digits and single dashes, such as acme-cloud"
        )
    words = provider.replace("-", " ").title()
    return (
        TEMPLATE.replace("<id>", provider).replace("<Name>", words).replace("<ENV>", provider.replace("-", "_").upper())
    )


TEMPLATE = """\
# rules/README.md explains every key. What is marked FILL IN must be replaced; delete what the provider does not have.

[provider]
id = "<id>"
name = "<Name>"
home = "https://FILL-IN"
console = "https://FILL-IN"  # where a customer sees the keys
docs = "https://FILL-IN"  # the provider's own page on them
audit_logs = "https://FILL-IN"  # where usage is recorded
checked = 2026-01-01  # FILL IN: the day on which you read the sources
sources = ["https://FILL-IN"]

[[secret]]
id = "<id>-api-token"
name = "<Name> API Token"
confidence = "high"  # only if the shape itself proves the provider
keywords = ["FILL-IN_"]
pattern = '''(?x)
  (?<![A-Za-z0-9_]) (?P<secret> FILL-IN_ [A-Za-z0-9]{32} ) (?![A-Za-z0-9_])
'''
source = "https://FILL-IN"  # the page that documents the format
env_var = "<ENV>_TOKEN"

summary = "FILL IN: what it opens, one line."
opens = ["FILL IN: reach, scopes, expiry."]
uses = ["FILL IN: what it is normally used for."]
generate = [{ text = "FILL IN: the console's path to a new one.", url = "https://FILL-IN" }]
reasons = ["FILL IN: how this secret in particular gets into repositories."]
risks = ["FILL IN: what somebody else can do with it."]
practices = ["FILL IN: what the provider offers to limit the damage."]
audit = [{ text = "FILL IN: where its use is recorded.", url = "https://FILL-IN" }]
revoke = [
  { text = "FILL IN: create the replacement.", url = "https://FILL-IN" },
  { text = "FILL IN: delete the leaked one.", url = "https://FILL-IN", run = "FILL IN: the call, or leave run out" },
]
examples = ['token = "«FILL-IN_{A-Za-z0-9:32}»"', '<ENV>_TOKEN=«FILL-IN_{A-Za-z0-9:32}»']
counterexamples = ['token = "FILL-IN_{A-Za-z0-9:31}"', 'token = "FILL-IN_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"']

[secret.breaks]
variables = ["<ENV>_TOKEN"]
files = ["FILL IN: configuration files and their keys"]
tools = ["FILL IN: command lines, SDKs, integrations"]
effects = ["FILL IN: what one sees when it no longer works."]
"""
