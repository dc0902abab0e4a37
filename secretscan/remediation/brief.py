"""The guide in a few lines, for the message that stops a commit."""

from secretscan.model import Brief
from secretscan.remediation.snippets import replacement
from secretscan.remediation.wording import plain, shorten, variable_of
from secretscan.ruleset.provider import Secret, Step

STEP_WIDTH = 110
"""Characters of a step's text, its URL not counted."""


def brief(secret: Secret, *, path: str, exposure: str) -> Brief:
    """What to do about a finding of `secret` in the file `path`.

    `exposure` is how far the secret got (see `Finding.exposure`): once it is pushed there are up to four steps,
    since then the old secret must be dead as well; before, the first three.
    """
    count = 4 if exposure == "pushed" else 3
    return Brief(
        summary=plain(secret.summary) or f"{secret.rule.name} of {secret.provider.name}",
        steps=tuple(_line(step) for step in secret.revoke[:count]),
        revoke_url=plain(next((step.url for step in secret.revoke if step.url), secret.provider.console)),
        replacement=replacement(variable_of(secret), path),
        guide=f"secretscan explain {secret.rule.id}",
        provider=secret.provider.name,
    )


def _line(step: Step) -> str:
    text = shorten(plain(step.text), STEP_WIDTH)
    return f"{text} — {plain(step.url)}" if step.url else text
