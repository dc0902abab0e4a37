"""The examples of each rule are found with their exact span wherever secrets are written, and near misses are not."""

import json
import random
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
import regex
from samples import ALNUM, filled, secrets, value_of

from secretscan.ruleset.provider import Secret

WORDS = random.Random(1).choices("the quick import value index buffer length result client config".split(), k=400)
CODE = " ".join(WORDS)


def as_json(value: str) -> str:
    """Inside of double quotes, as JSON, Python and JavaScript write it."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def in_url(value: str) -> str:
    """As a parameter of a URL."""
    return quote(value, safe="")


def indented(value: str) -> str:
    """In a block of YAML."""
    return value.replace("\n", "\n    ")


class Place(NamedTuple):
    """Where a secret is written: a text with NAME and «», and how a value is written there."""

    text: str
    write: Callable[[str], str] = str
    lines: bool = True  # whether a value of many lines can stand there
    quotes: bool = True  # whether quotes and backslashes can stand there as they are


VALUES = {
    ".env": Place("A=1\nNAME=«»\nB=2\n", lines=False),
    ".env in quotes": Place('A=1\nNAME="«»"\nB=2\n', as_json),
    "CRLF": Place("A=1\r\nNAME=«»\r\nB=2\r\n", lines=False),
    "JSON": Place('{\n  "a": 1,\n  "NAME": "«»",\n  "b": [2]\n}\n', as_json),
    "JSON on one line": Place('{"a":{"n":1,"NAME":"«»"},"b":[2]}', as_json),
    "YAML": Place("a:\n  - b\nNAME: «»\nc: 1\n", lines=False),
    "YAML in quotes": Place("a:\n  b:\n    NAME: '«»'\nc: 1\n", lines=False),
    "YAML block": Place("a: 1\nNAME: |\n    «»\nc: 1\n", indented),
    "Python": Place('import os\n\nNAME = "«»"\nprint(NAME)\n', as_json),
    "Python in a call": Place("client = connect(NAME='«»', timeout=3)\n", as_json),
    "JavaScript": Place("import x from 'y';\nconst NAME = '«»';\nexport default NAME;\n", as_json),
    "JavaScript template": Place("const NAME = `«»`;\n"),
    "shell": Place("#!/bin/sh\nexport NAME='«»'\nrun\n"),
    "shell without quotes": Place("#!/bin/sh\nNAME=«» run --fast\n", lines=False),
    "XML": Place("<a>\n  <NAME>«»</NAME>\n</a>\n", escape),
    "XML attribute": Place('<a><b NAME="«»" c="1"/></a>\n', escape, lines=False),
    "Markdown": Place("# Use\n\nSet `NAME=«»` and go.\n", lines=False),
    "Markdown block": Place("# Use\n\n```\nNAME=«»\n```\n"),
    "URL query": Place("see https://app.example.net/cb?a=1&NAME=«»&b=2 there\n", in_url, lines=False),
    "minified": Place(f'!function(){{{CODE};var a={{u:1,NAME:"«»",n:!0}};{CODE}}}();', as_json),
    "start of a file": Place("NAME=«»\nB=2\n", lines=False),
    "end of a file": Place("B=2\nNAME=«»", lines=False),
    "the whole file": Place("NAME=«»", lines=False),
    "behind words": Place("größe € 12 und NAME: «»\n", lines=False),
}
"""Where the value stands behind a name."""

TEXTS = {
    "start of a file": Place("«»\nB=2\n"),
    "end of a file": Place("B=2\n\n«»"),
    "the whole file": Place("«»"),
    "shell heredoc": Place("cat > x <<EOF\n«»\nEOF\n"),
    "Markdown block": Place("# Use\n\n```\n«»\n```\n"),
    "XML section": Place("<a><![CDATA[\n«»\n]]></a>\n"),
    "Python docstring": Place('def f():\n    """\n«»\n    """\n'),
    "behind much code": Place(f"{CODE}\n«»\n{CODE}\n"),
}
"""Where a text of several parts (an id and its secret, a URL with a password) can stand as it is."""


def matched(secret: Secret, text: str, value: str) -> bool:
    """Whether the rule's own pattern, and that of its second part, match that text."""
    start = len(text[: text.index(value)].encode())
    found = any(m.start("secret") == start for m in regex.finditer(secret.rule.pattern.encode(), text.encode()))
    part = secret.rule.requires
    return found and (not part or part.otherwise != "drop" or bool(regex.search(part.pattern.encode(), text.encode())))


def name_for(secret: Secret, value: str) -> str:
    """The name behind which a value alone is enough for the rule: any, or its own; "" where it needs more."""
    names = ("value", secret.env_var) if secret.env_var else ("value",)
    return next((name for name in names if matched(secret, f"{name}={value}\n", value)), "")


def why_not(place: Place, value: str) -> str:
    """The reason why no value like this stands there; "" if it can."""
    if "\n" in value and not place.lines:
        return "a value of many lines cannot stand there"
    if place.write is as_json and "\\" in value:
        return "the value is written with escapes already"
    if any(mark in value for mark in "\"'`") and place.write is str:
        return "the value holds the quotes that would end it"
    return ""


def test_every_rule_is_found_in_every_place(engine):
    """Exactly from the first to the last character of the secret, as it is written there."""
    missed, left_out, tried = [], set(), 0
    for secret in secrets():
        for number in range(len(secret.examples)):
            example = filled(secret, number, "places")
            value = value_of(example)
            name = name_for(secret, value)
            for label, place in (VALUES if name else TEXTS).items():
                if reason := why_not(place, value) if name else "":
                    left_out.add(reason)
                    continue
                before, after = place.text.replace("NAME", name).split("«»")
                inner = value if name else example.text
                low, high = (0, len(value)) if name else (example.start, example.end)
                text = before + place.write(inner) + after
                start = len((before + place.write(inner[:low])).encode())
                end = start + len(place.write(inner[low:high]).encode())
                found = {(c.start, c.end): c.rule for c in engine.scan(text.encode())}
                rule = found.get((start, end))
                tried += 1
                if rule is None or (rule.id != secret.rule.id and secret.rule.id not in rule.overrides):
                    missed.append(
                        (
                            secret.rule.id,
                            label,
                            number,
                            rule.id if rule else [(r.id, s) for s, r in found.items()],
                            (start, end),
                        )
                    )
    import collections

    print(tried, left_out)
    for m in missed:
        print(m)
    print(len(missed), collections.Counter(m[0] for m in missed), collections.Counter(m[1] for m in missed))
    assert missed == []
