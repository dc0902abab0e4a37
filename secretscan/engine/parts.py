"""Two-part secrets: whether the other part stands within so many lines."""

from functools import cache
from typing import Any

from secretscan.engine.confirm import TIMEOUT, Timeout
from secretscan.model import Part


def with_part(part: Part, data: bytes, start: int, end: int, confidence: str) -> str:
    """`confidence` if `part` matches within its lines around the span; else what the part says, "" for drop.

    Raises Timeout.
    """
    first, last = lines_around(data, start, end, part.within)
    try:
        found = _compiled(part.pattern).search(data, first, last, timeout=TIMEOUT)
    except TimeoutError:
        raise Timeout(f"the second part of a rule took over {TIMEOUT:.0f} s") from None
    if found:
        return confidence
    return "" if part.otherwise == "drop" else part.otherwise


def lines_around(data: bytes, start: int, end: int, count: int) -> tuple[int, int]:
    """The span of `data` from `count` lines above the span to `count` lines below it."""
    for _ in range(count + 1):
        start = data.rfind(b"\n", 0, start)
        if start < 0:
            break
    for _ in range(count + 1):
        end = data.find(b"\n", end) + 1
        if end <= 0:
            end = len(data)
            break
    return max(start, 0), end


@cache
def _compiled(pattern: str) -> Any:
    import regex  # noqa: PLC0415 (20 ms that a clean commit does not need)

    return regex.compile(pattern.encode("utf-8"))
