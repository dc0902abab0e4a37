"""The two things that stand out within a line of a guide: code and URLs."""

import re
from collections.abc import Iterator

_SPAN = re.compile(r"`(?P<code>[^`]+)`|(?P<url>https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)])")


def spans(text: str) -> Iterator[tuple[str, str]]:
    """`text` in pieces, each `("text", …)`, `("code", …)` without its backticks, or `("url", …)`."""
    end = 0
    for match in _SPAN.finditer(text):
        if match.start() > end:
            yield "text", text[end : match.start()]
        yield ("code", match["code"]) if match["code"] else ("url", match["url"])
        end = match.end()
    if end < len(text):
        yield "text", text[end:]
