"""`secretscan:ignore <rule> <reason>` in a comment on the line: one rule, and a reason."""

MARK = b"secretscan:ignore"


def ignored(line: bytes, rule_id: str) -> bool:
    """Whether `line` allows a finding of `rule_id`. Without the rule's id and a reason behind it, it does not."""
    position = line.find(MARK)
    while position >= 0:
        words = line[position + len(MARK) :].split(None, 2)
        if len(words) >= 2 and words[0] == rule_id.encode() and any(65 <= byte & 0xDF <= 90 for byte in words[1]):
            return True
        position = line.find(MARK, position + 1)
    return False
