"""A pattern without what Hyperscan cannot do: it matches more, never less, and is confirmed afterwards.

Hyperscan's own approximation (HS_FLAG_PREFILTER) also weakens repeats and classes: measured on 8,192 blobs, four of 68
patterns then matched nearly every blob, and scanning fell to 48 MB/s.
"""

LOOKAROUNDS = ("(?=", "(?!", "(?<=", "(?<!")


def relaxed(pattern: str) -> str:
    """`pattern` without look-arounds and comments; atomic groups and possessive repeats become plain ones."""
    verbose = pattern.startswith("(?") and "x" in pattern[2 : pattern.find(")")]
    result: list[str] = []
    position = 0
    while position < len(pattern):
        if pattern.startswith(LOOKAROUNDS, position):
            position = _end_of_group(pattern, position, verbose=verbose)
        elif pattern.startswith("(?>", position):
            result.append("(?:")
            position += 3
        else:
            end = _end_of_token(pattern, position, verbose=verbose)
            token = pattern[position:end]
            if not (verbose and token.startswith("#")) and not (token == "+" and _repeated(result)):
                result.append(token)
            position = end
    return "".join(result)


def _repeated(tokens: list[str]) -> bool:
    """Whether the last token is a repeat, so that a `+` behind it means possessive."""
    return bool(tokens) and tokens[-1] in ("*", "+", "?", "}") and tokens[-2:-1] != ["("]


def _end_of_token(pattern: str, start: int, *, verbose: bool) -> int:
    """Where the token that begins at `start` ends: an escape, a class, a comment, or one character."""
    if pattern[start] == "\\":
        return start + 2
    if pattern[start] == "[":
        return _end_of_class(pattern, start)
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
