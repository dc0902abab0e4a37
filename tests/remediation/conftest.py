"""A rule's records as a rule file would give them."""

from collections.abc import Callable

import pytest

from secretscan.model import Rule
from secretscan.ruleset.provider import Breaks, Provider, Secret, Step

MakeSecret = Callable[..., Secret]

PROVIDER = Provider(
    id="circleci",
    name="CircleCI",
    home="https://circleci.com",
    console="https://app.circleci.com/settings/user/tokens",
    docs="https://circleci.com/docs/managing-api-tokens/",
    audit_logs="https://circleci.com/docs/audit-logs/",
    status="https://status.circleci.com",
    support="Report a leak to security@circleci.com.",
    checked="2026-11-22",
    sources=("https://circleci.com/docs/managing-api-tokens/", "https://circleci.com/docs/audit-logs/"),
)

RULE = Rule(
    id="circleci-personal-api-token",
    name="CircleCI Personal API Token",
    provider="circleci",
    pattern="(?P<secret>CCIPAT_[A-Za-z0-9_]{40})",
    wide="",
    keywords=("ccipat_",),
    confidence="high",
    entropy=3.0,
    checksum="",
    requires=None,
    overrides=(),
    file="rules/circleci.toml",
)

SECRET = Secret(
    rule=RULE,
    provider=PROVIDER,
    env_var="CIRCLE_TOKEN",
    source="https://circleci.com/docs/managing-api-tokens/#format",
    confirmed=True,
    summary="Reads and writes every project its owner can see, build secrets included.",
    opens=("The whole API v1 and v2 with its owner's rights, in every organization.", "It does not expire."),
    uses=("Starting pipelines from scripts.", "Reading artifacts and test results."),
    generate=(
        Step("Open User Settings → Personal API Tokens.", "https://app.circleci.com/settings/user/tokens"),
        Step("Choose Create New Token and name it."),
    ),
    reasons=("It sits in ~/.circleci/cli.yml, which dotfile repositories like to include.",),
    risks=("Start a pipeline that prints the project's variables.",),
    practices=("Use a project token where one project is enough.",),
    audit=(Step("Download the audit log.", "https://app.circleci.com/settings/organization", "circleci audit-log"),),
    revoke=(
        Step("Create the replacement token.", "https://app.circleci.com/settings/user/tokens"),
        Step("Put it where the old one was used.", run="circleci setup\ncircleci diagnostic"),
        Step("Delete the leaked token: X next to its name.", "https://app.circleci.com/settings/user/tokens"),
        Step("Rotate the variables of the projects it could read."),
        Step("Watch the audit log."),
    ),
    breaks=Breaks(
        variables=("CIRCLE_TOKEN", "CIRCLECI_CLI_TOKEN"),
        files=("~/.circleci/cli.yml (key token)",),
        tools=("circleci CLI",),
        effects=("Calls answer 401 Unauthorized.",),
    ),
    examples=(),
    counterexamples=(),
)


@pytest.fixture
def make_secret() -> MakeSecret:
    """Gives a function that makes a secret like CircleCI's, with whatever fields a test wants otherwise."""

    def make(**changes: object) -> Secret:
        provider = {key: changes.pop(key) for key in [*changes] if key in Provider._fields}
        rule = {key: changes.pop(f"rule_{key}") for key in Rule._fields if f"rule_{key}" in changes}
        return SECRET._replace(provider=PROVIDER._replace(**provider), rule=RULE._replace(**rule), **changes)

    return make
