"""A pattern without what Hyperscan cannot do, or only slowly: it matches more, never less, and is confirmed afterwards.

Hyperscan's own approximation (HS_FLAG_PREFILTER) also weakens repeats and classes: measured on 8,192 blobs, four of 68
patterns then matched nearly every blob, and scanning fell to 48 MB/s.
"""

import re

LARGE = 64
"""Repeats beyond this take Hyperscan seconds to compile (3 s for one key block); they become unbounded."""
KEPT = 32
"""So many repeats are still demanded of a large one."""

LOOKAROUNDS = ("(?=", "(?!", "(?<=", "(?<!")


def relaxed(pattern: str) -> str:
    """`pattern` without look-arounds, comments and names of groups (Hyperscan takes none twice); atomic groups and
    possessive repeats become plain ones.
    """
    flags = re.match(r"(?:\(\?[A-Za-z]+\))*", pattern)
    verbose = flags is not None and "x" in flags.group()
    result: list[str] = []
    position = 0
    while position < len(pattern):
        if pattern.startswith(LOOKAROUNDS, position):
            position = _end_of_group(pattern, position, verbose=verbose)
        elif pattern.startswith("(?>", position):
            result.append("(?:")
            position += 3
        elif pattern.startswith("(?P<secret>", position):
            result.append("(?:")
            position += len("(?P<secret>")
        else:
            end = _end_of_token(pattern, position, verbose=verbose)
            token = pattern[position:end]
            if not (verbose and token.startswith("#")) and not (token == "+" and _repeated(result)):
                result.append(_smaller(token) if token.startswith("{") else token)
            position = end
    return "".join(result)


def _repeated(tokens: list[str]) -> bool:
    """Whether the last token is a repeat, so that a `+` behind it means possessive."""
    last = tokens[-1] if tokens else ""
    return (last in ("*", "+", "?") or (last[:1] == "{" and len(last) > 1)) and tokens[-2:-1] != ["("]


def _smaller(repeat: str) -> str:
    """A repeat `{m}`, `{m,}`, `{,n}` or `{m,n}`, made unbounded if it is large. A brace that is no repeat stays."""
    if repeat == "{":
        return repeat
    least, comma, most = repeat[1:-1].partition(",")
    if not least:  # literal text to Hyperscan
        return _smaller(f"{{0,{most}}}")
    if int(most or least) <= LARGE and (most or not comma):
        return repeat
    return f"{{{min(int(least), KEPT)},}}"


def _end_of_token(pattern: str, start: int, *, verbose: bool) -> int:
    """Where the token that begins at `start` ends: an escape, a class, a repeat, a comment, or one character."""
    if pattern[start] == "\\":
        return start + 2
    if pattern[start] == "[":
        return _end_of_class(pattern, start)
    if pattern[start] == "{":
        end = pattern.find("}", start)
        inside = pattern[start + 1 : end]
        repeat = end > 0 and (inside == "," or inside.replace(",", "", 1).isdigit())
        return end + 1 if repeat else start + 1
    if verbose and pattern[start] == "#":
        end = pattern.find("\n", start)
        return len(pattern) if end < 0 else end
    return start + 1


def _end_of_class(pattern: str, start: int) -> int:
    position = start + 1
    if pattern[position : position + 1] == "^":
        position += 1
    if pattern[position : position + 1] == "]":
        position += 1
    while pattern[position : position + 1] not in ("]", ""):
        position += 2 if pattern[position] == "\\" else 1
    return position + 1


def _end_of_group(pattern: str, start: int, *, verbose: bool) -> int:
    """Where the group that opens at `start` ends, with all groups inside it."""
    depth = 0
    position = start
    while position < len(pattern):
        end = _end_of_token(pattern, position, verbose=verbose)
        token = pattern[position:end]
        depth += (token == "(") - (token == ")")
        position = end
        if depth == 0:
            return position
    return position
