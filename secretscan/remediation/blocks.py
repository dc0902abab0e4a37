"""What a guide is made of, and the small markup its templates are written in."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from secretscan.remediation.wording import fill
from secretscan.ruleset.provider import Step


class Heading(NamedTuple):
    """A heading inside a section."""

    text: str


class Paragraph(NamedTuple):
    """Running text; `code` in backticks."""

    text: str


class Bullets(NamedTuple):
    """A list without an order."""

    items: tuple[str, ...]


class Steps(NamedTuple):
    """A list in the order in which to do it, each with a URL and a command where there is one."""

    items: tuple[Step, ...]


class Code(NamedTuple):
    """Code to copy. `title` says what it is, `language` and `store` are the names of `languages` and `snippets`."""

    title: str
    language: str
    store: str
    text: str


Block = Heading | Paragraph | Bullets | Steps | Code
Blocks = tuple[Block, ...]

_MARKER = re.compile(r"- |\d+\. ")
_PLACEHOLDER = re.compile(r"{{([a-z_]+)}}")


def parse(text: str, values: Mapping[str, str], lists: Mapping[str, Blocks]) -> Blocks:
    """The blocks of a template.

    Chunks are separated by blank lines: `## ` a heading, `- ` a list, `1. ` steps (a line `$ ` is the step's command,
    a line with one `{{value}}` its URL), else a paragraph. `{{name}}` stands for a value, or alone in a chunk for the
    blocks of `lists`. What names an empty value is left out, and so is a line that ends with a colon before an empty
    list.
    """
    blocks: list[Block] = []
    for chunk in text.strip().split("\n\n"):
        alone = _PLACEHOLDER.fullmatch(chunk)
        if alone and alone[1] in lists:
            if not lists[alone[1]] and blocks and isinstance(blocks[-1], Paragraph) and blocks[-1].text.endswith(":"):
                blocks.pop()
            blocks += lists[alone[1]]
        elif block := _block(chunk, values):
            blocks.append(block)
    return tuple(blocks)


def _block(chunk: str, values: Mapping[str, str]) -> Block | None:
    if chunk.startswith("## "):
        return Heading(_filled(chunk[3:], values))
    if chunk.startswith("- "):
        return Bullets(tuple(item.text for item in _items(chunk, values)))
    if chunk.startswith("1. "):
        return Steps(tuple(_items(chunk, values)))
    text = _filled(" ".join(chunk.splitlines()), values)
    return Paragraph(text) if text else None


def _items(chunk: str, values: Mapping[str, str]) -> Iterator[Step]:
    """The items of a list, each as a step."""
    text = url = run = ""
    for line in [*chunk.splitlines(), "- "]:
        if marker := _MARKER.match(line):
            if filled := _filled(text, values):
                yield Step(filled, url, run)
            text, url, run = line[marker.end() :], "", ""
        elif line.lstrip().startswith("$ "):
            run = _filled(line.lstrip()[2:], values)
        elif _PLACEHOLDER.fullmatch(line.strip()):
            url = _filled(line.strip(), values)
        else:
            text = f"{text} {line.strip()}"


def _filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with its values; "" if one of them is empty. Raises KeyError for a value that is not known."""
    if any(not values[name] for name in _PLACEHOLDER.findall(text)):
        return ""
    return fill(text, dict(values))
