"""The examples of each rule are found with their exact span wherever secrets are written, and near misses are not."""

import json
import random
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
import regex
from samples import filled, secrets, value_of

from secretscan.engine.scan import Engine
from secretscan.ruleset.provider import Secret

WORDS = random.Random(1).choices(
    ["the", "quick", "import", "value", "index", "buffer", "length", "result", "client", "config"], k=400
)
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
    names: bool = True  # whether every rule that goes by a name must know this syntax


VALUES = {
    ".env": Place("A=1\nNAME=«»\nB=2\n", lines=False),
    ".env in quotes": Place('A=1\nNAME="«»"\nB=2\n', as_json),
    "CRLF": Place("A=1\r\nNAME=«»\r\nB=2\r\n", lines=False),
    "JSON": Place('{\n  "a": 1,\n  "NAME": "«»",\n  "b": [2]\n}\n', as_json),
    "JSON on one line": Place('{"a":{"n":1,"NAME":"«»"},"b":[2]}', as_json),
    "YAML": Place("a:\n  - b\nNAME: «»\nc: 1\n", lines=False),
    "YAML in quotes": Place("a:\n  b:\n    NAME: '«»'\nc: 1\n", lines=False),
    "YAML block": Place("a: 1\nNAME: |\n    «»\nc: 1\n", indented, names=False),
    "Python": Place('import os\n\nNAME = "«»"\nprint(NAME)\n', as_json),
    "Python in a call": Place("client = connect(NAME='«»', timeout=3)\n", as_json),
    "JavaScript": Place("import x from 'y';\nconst NAME = '«»';\nexport default NAME;\n", as_json),
    "JavaScript template": Place("const NAME = `«»`;\n", names=False),
    "shell": Place("#!/bin/sh\nexport NAME='«»'\nrun\n"),
    "shell without quotes": Place("#!/bin/sh\nNAME=«» run --fast\n", lines=False),
    "XML": Place("<a>\n  <NAME>«»</NAME>\n</a>\n", escape, names=False),
    "XML attribute": Place('<a><b NAME="«»" c="1"/></a>\n', escape, lines=False),
    "Markdown": Place("# Use\n\nSet `NAME=«»` and go.\n", lines=False),
    "Markdown block": Place("# Use\n\n```\nNAME=«»\n```\n"),
    "URL query": Place("see https://app.example.net/cb?a=1&NAME=«»&b=2 there\n", in_url, lines=False, names=False),
    "minified": Place(f'!function(){{{CODE};var a={{u:1,NAME:"«»",n:!0}};{CODE}}}();', as_json),
    "start of a file": Place("NAME=«»\nB=2\n", lines=False),
    "end of a file": Place("B=2\nNAME=«»", lines=False),
    "the whole file": Place("NAME=«»", lines=False),
    "behind words": Place("größe € 12 und NAME: «»\n", lines=False),
}
"""Where a value stands behind a name."""

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
"""Where a text of several parts (an id and its secret, a URL with a password) stands as it is."""

MANY_LINES = "a value of many lines cannot stand there"
ESCAPED = "the value is written with escapes already, which the place would double"
INDENTED = "the rule's own pattern does not know its format with indented lines"
SYNTAX = "the rule goes by a name, and its own pattern does not know a name in that syntax"


class Written(NamedTuple):
    """A text with a secret in it, the secret's span in bytes, and why that cannot be; "" if it can."""

    place: str
    text: bytes
    span: tuple[int, int]
    reason: str = ""


def spans(secret: Secret, text: bytes) -> list[tuple[int, int]]:
    """Where the rule's own pattern has its secret, where its second part does not forbid it."""
    part = secret.rule.requires
    if part and part.otherwise == "drop" and not regex.search(part.pattern.encode(), text):
        return []
    return [match.span("secret") for match in regex.finditer(secret.rule.pattern.encode(), text)]


def name_for(secret: Secret, value: str) -> str:
    """The name behind which a value alone is enough for the rule: any, or its own; "" where it needs more."""
    for name in ("value", secret.env_var or "value"):
        texts = (f"{name}={value}\n", f'"{name}": "{value}"\n')
        if all(
            (text.index(value), len(value)) in [(a, b - a) for a, b in spans(secret, text.encode())] for text in texts
        ):
            return name
    return ""


def in_places(secret: Secret, number: int) -> Iterator[Written]:
    """An example of the secret in all places that are for its kind."""
    example = filled(secret, number, "places")
    value = value_of(example)
    name = name_for(secret, value)
    inner, low, high = (value, 0, len(value)) if name else example
    for label, place in (VALUES if name else TEXTS).items():
        before, after = (before_or_after.replace("NAME", name) for before_or_after in place.text.split("«»"))
        text = (before + place.write(inner) + after).encode()
        start = len((before + place.write(inner[:low])).encode())
        end = start + len(place.write(inner[low:high]).encode())
        reason = ""
        if name and "\n" in value and not place.lines:
            reason = MANY_LINES
        elif name and place.write is as_json and "\\" in value:
            reason = ESCAPED
        elif "\n" in value and place.write is indented and (start, end) not in spans(secret, text):
            reason = INDENTED
        elif name not in ("", "value") and not place.names and (start, end) not in spans(secret, text):
            reason = SYNTAX
        yield Written(label, text, (start, end), reason)


@pytest.fixture(scope="session")
def written() -> list[tuple[Secret, Written]]:
    """All examples of all rules in all places."""
    numbered = ((secret, number) for secret in secrets() for number in range(len(secret.examples)))
    return [(secret, one) for secret, number in numbered for one in in_places(secret, number)]


def test_every_rule_is_found_in_every_place(engine, written):
    """Exactly from the first to the last character of the secret, as it is written there."""
    missed = []
    for secret, one in written:
        if not one.reason:
            found = {(candidate.start, candidate.end): candidate.rule for candidate in engine.scan(one.text)}
            rule = found.get(one.span)
            if rule is None or (rule.id != secret.rule.id and secret.rule.id not in rule.overrides):
                missed.append((secret.rule.id, one.place, {other.id: span for span, other in found.items()}, one.span))
    assert missed == []


def test_few_places_are_left_out(written):
    """Each for a reason; what has a shape of its own is tried in all that can hold it, and a name in all common ones."""
    reasons = Counter(one.reason for _, one in written)
    assert set(reasons) <= {"", MANY_LINES, ESCAPED, INDENTED, SYNTAX}
    assert reasons[""] > 0.9 * reasons.total()
    assert {one.place for _, one in written if one.reason == SYNTAX} <= {
        place for place in VALUES if not VALUES[place].names
    }
    assert {one.place for _, one in written if not one.reason} == {*VALUES, *TEXTS}


class Prefixed(NamedTuple):
    """A secret with a prefix of its own, how long the rule lets it be, and an example."""

    secret: Secret
    least: int
    most: int
    value: str


def width(pattern: str) -> tuple[int, int]:
    """The least and most bytes of the group `secret`."""
    parser: Any = import_module("re._parser")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = parser.parse(pattern.encode())
    group = parsed.state.groupdict["secret"]
    return next(found for number, found in groups(parsed) if number == group)


def groups(parsed: Any) -> Iterator[tuple[int, tuple[int, int]]]:
    """The groups in a parsed pattern, with the bytes they can match."""
    for _, argument in parsed:
        for item in argument if isinstance(argument, tuple | list) else (argument,):
            if isinstance(item, list):
                for branch in item:
                    yield from groups(branch)
            elif hasattr(item, "getwidth"):
                if isinstance(argument, tuple) and len(argument) == 4 and argument[0]:
                    yield argument[0], item.getwidth()
                yield from groups(item)


@pytest.fixture(scope="session")
def prefixed() -> list[Prefixed]:
    """The secrets of high confidence whose templates begin with at least four letters, digits, `_`, `.` or `-`."""
    found = []
    for secret in secrets():
        templates = [template[template.index("«") + 1 :] for template in secret.examples]
        plain = all(re.match(r"[A-Za-z0-9_.\-]{4,}\{", template) for template in templates)
        if (
            plain
            and secret.rule.confidence == "high"
            and name_for(secret, value := value_of(filled(secret, 0))) == "value"
        ):
            found.append(Prefixed(secret, *width(secret.rule.pattern), value))
    assert len(found) > 30
    return found


def sure(engine: Engine, secret: Secret, text: str) -> bool:
    """Whether the rule finds something in the text of which it is sure."""
    return any((c.rule.id, c.confidence) == (secret.rule.id, "high") for c in engine.scan(text.encode()))


@pytest.mark.parametrize("place", ['token = "{}"\n', "TOKEN={}\n", "{}", "<a>{}</a>"])
def test_a_character_short_is_not_found(engine, prefixed, place):
    """One less than the rule's least length is no such token."""
    wrong = [p.secret.rule.id for p in prefixed if sure(engine, p.secret, place.format(p.value[: p.least - 1]))]
    assert wrong == []


@pytest.mark.parametrize("glued", ["{}Q", "Q{}", "7{}Q", "{}7"])
def test_a_character_glued_on_is_not_found(engine, prefixed, glued):
    """A token of one length inside of a longer word is none."""
    exact = [p for p in prefixed if p.least == p.most == len(p.value)]
    assert len(exact) > 5
    assert [p.secret.rule.id for p in exact if sure(engine, p.secret, f'token = "{glued.format(p.value)}"\n')] == []


def test_a_character_of_another_alphabet_is_not_found(engine, prefixed):
    """With a space, a sign or a letter of another script in the middle it is no such token."""
    wrong = []
    for p in prefixed:
        middle = p.least - (p.least - p.value.rfind("_", 0, p.least // 2)) // 2
        for sign in " !é$":
            value = p.value[:middle] + sign + p.value[middle + 1 : p.least]
            if sure(engine, p.secret, f'token = "{value}"\n'):
                wrong.append((p.secret.rule.id, sign))
    assert wrong == []
