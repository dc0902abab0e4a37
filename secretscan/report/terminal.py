"""Text from anywhere made fit for a terminal: nothing that steers it, nothing it cannot encode, nothing too wide."""

from unicodedata import combining, east_asian_width

WIDTH = 100
"""Cells in a line of ours; longer source lines are cut around the secret."""

_CUT = "..."
_ASCII = str.maketrans({
    "\u2026": "...", "\u00b7": "-", "\u2192": "->", "\u00d7": "x",  # ellipsis, middle dot, arrow, times
    "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"',  # dashes, quotes
})  # fmt: skip


def visible(text: str) -> str:
    r"""`text` on one line: a tab as four spaces; what is not printable (controls, bidirectional marks) as its escape.

    >>> visible("red\x1b[31m")
    'red\\x1b[31m'
    """
    text = text.replace("\t", "    ")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def encodable(text: str, encoding: str | None) -> str:
    """`text` as a stream of that encoding can take it: outside UTF-8 in ASCII symbols, and escapes for the rest.

    No encoding means that the stream takes any text.
    """
    if encoding is None or encoding.lower().replace("-", "").startswith("utf"):
        return text
    return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)


def width(text: str) -> int:
    """Cells that visible text takes on a terminal: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def excerpt(parts: tuple[str, str, str], room: int, encoding: str | None = None) -> tuple[str, str, str]:
    """The parts before, of and after a secret, visible and encodable, cut at the far ends to fit `room` cells.

    The secret itself is never cut.
    """
    before, secret, after = parts
    # Each character takes a cell or more, so a line of megabytes is cut before it is looked at.
    near = (before[-room - 1 :], secret, after[: room + 1])
    before, secret, after = (encodable(visible(part), encoding) for part in near)
    room = max(room - width(secret), 0)
    before = _end(before, max(room - width(after), room // 2))
    return before, secret, _start(after, room - width(before))


def _start(text: str, room: int) -> str:
    if width(text) <= room:
        return text
    text = text[: max(room - len(_CUT), 0)]
    while width(text) > room - len(_CUT) and text:
        text = text[:-1]
    return text + _CUT[:room]


def _end(text: str, room: int) -> str:
    if width(text) <= room:
        return text
    text = text[len(text) - max(room - len(_CUT), 0) :]
    while width(text) > room - len(_CUT) and text:
        text = text[1:]
    return _CUT[:room] + text
