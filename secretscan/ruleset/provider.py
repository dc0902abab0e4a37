"""What a rule file says, as records: the provider, its secrets and their guides."""

from typing import NamedTuple

from secretscan.model import Rule


class Step(NamedTuple):
    """One thing to do: in words, where to click, and the command or API call that does it."""

    text: str
    url: str = ""
    run: str = ""


class Breaks(NamedTuple):
    """What usually holds a secret and stops working when it is revoked."""

    variables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()


class Provider(NamedTuple):
    """Who issues the secrets of one rule file. Empty strings where the file says nothing."""

    id: str
    name: str
    home: str
    console: str
    docs: str
    audit_logs: str
    status: str
    support: str
    checked: str  # ISO date on which the sources were last read
    sources: tuple[str, ...]


class Secret(NamedTuple):
    """One secret type: its rule and all that is known for its guide (the provider's shared facts are merged in)."""

    rule: Rule
    provider: Provider
    env_var: str
    source: str
    confirmed: bool
    summary: str
    opens: tuple[str, ...]
    uses: tuple[str, ...]
    generate: tuple[Step, ...]
    reasons: tuple[str, ...]
    risks: tuple[str, ...]
    practices: tuple[str, ...]
    audit: tuple[Step, ...]
    revoke: tuple[Step, ...]
    breaks: Breaks
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
