"""Decides which findings stand: disabled rules, excluded paths, allowlist, baseline."""

import os
from collections.abc import Callable, Iterable

from secretscan.errors import UsageError
from secretscan.model import CONFIDENCES, Finding
from secretscan.policy.config import Config, matcher
from secretscan.policy.fingerprint import fingerprint


class Policy:
    """A project's settings, applied. It names findings by fingerprint and drops those that are allowed; changes none."""

    def __init__(self, config: Config, key: Callable[[], bytes], known: frozenset[str] = frozenset()) -> None:
        """`key` gives the fingerprints' key when the first finding needs it; `known` are the baseline's fingerprints."""
        self.config = config
        self._key = key
        self._known = known
        self._matchers: dict[str, Callable[[str], bool]] = {}

    def excluded(self, path: str) -> bool:
        """Whether the configuration leaves `path` out."""
        return bool(self.config.exclude and path) and self._matches("\n".join(self.config.exclude), path)

    def named(self, finding: Finding) -> Finding:
        """The finding with its fingerprint."""
        return finding._replace(fingerprint=fingerprint(self._key(), finding.rule_id, finding.value))

    def stands(self, finding: Finding) -> bool:
        """Whether the finding (with its fingerprint) is to be reported."""
        if finding.ignored and self.config.inline_ignores:
            return False
        return finding.fingerprint not in self._known and not any(
            (not entry.rule or entry.rule == finding.rule_id)
            and (not entry.path or self._matches(entry.path, finding.path))
            and (not entry.value or _fullmatch(entry.value, finding.value))
            for entry in self.config.allow
        )

    def enabled(self, rule_id: str) -> bool:
        """Whether the configuration leaves the rule on."""
        return rule_id not in self.config.disable

    def blocks(self, findings: Iterable[Finding]) -> bool:
        """Whether one of `findings` is sure enough to block."""
        least = CONFIDENCES.index(self.config.min_confidence)
        return any(CONFIDENCES.index(finding.confidence) >= least for finding in findings)

    def _matches(self, patterns: str, path: str) -> bool:
        if patterns not in self._matchers:
            try:
                self._matchers[patterns] = matcher(patterns.split("\n"))
            except ValueError as error:
                raise UsageError(f"{self.config.where}: allow {error}") from None
        return self._matchers[patterns](path.replace(os.sep, "/"))


def _fullmatch(pattern: str, value: bytes) -> bool:
    import re  # noqa: PLC0415

    return re.fullmatch(pattern, value.decode("utf-8", "replace"), re.DOTALL) is not None
