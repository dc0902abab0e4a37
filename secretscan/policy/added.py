"""What a change adds: the findings of its new side that its old side did not have already."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from secretscan.model import Finding

Key = tuple[object, ...]

PAIRINGS: tuple[Callable[[Finding], Key], ...] = (
    lambda finding: (finding.value, finding.path, finding.text),  # the line was left alone
    lambda finding: (finding.value, finding.path),  # the line was edited beside the secret, or moved in the file
    lambda finding: (finding.value,),  # the file was renamed, or the secret moved to another one
)


def added(new: Sequence[Finding], old: Iterable[Finding]) -> list[Finding]:
    """The findings of `new` that have no partner of the same value in `old`. Each old one is partner to one new one."""
    remaining = list(old)
    left = list(new)
    for key in PAIRINGS:
        left, remaining = _unpaired(left, remaining, key)
    return left


def _unpaired(
    new: list[Finding], old: list[Finding], key: Callable[[Finding], Key]
) -> tuple[list[Finding], list[Finding]]:
    """Both lists without the pairs that agree in `key`."""
    free = Counter(map(key, old))
    taken: Counter[Key] = Counter()
    left = []
    for finding in new:
        if free[key(finding)] > taken[key(finding)]:
            taken[key(finding)] += 1
        else:
            left.append(finding)
    remaining = []
    for finding in old:
        if taken[key(finding)]:
            taken[key(finding)] -= 1
        else:
            remaining.append(finding)
    return left, remaining
