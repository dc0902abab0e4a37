"""Guides for a terminal: wrapped text, colour only if asked."""

import textwrap
from collections.abc import Iterator, Sequence

from secretscan.remediation.blocks import Block, Bullets, Code, Heading, Paragraph, Steps
from secretscan.remediation.guide import Guide
from secretscan.remediation.inline import spans
from secretscan.ruleset.provider import Step

BOLD, BLUE, GREEN, RESET = "\x1b[1m", "\x1b[34m", "\x1b[32m", "\x1b[0m"

_NO_BREAK = "\0"  # a space that does not break; no text of a guide has one


def render(guides: Sequence[Guide], *, width: int = 88, color: bool = False) -> str:
    """The guides one below the other, wrapped at `width` characters; code and URLs are never broken.

    More than one begin with a list of them. `color` puts in ANSI sequences.
    """
    page = _Page(width, color)
    lines = list(page.contents(guides)) if len(guides) > 1 else []
    for guide in guides:
        lines += page.guide(guide)
    return "\n".join(lines).rstrip() + "\n"


class _Page:
    """The width and the colours of one page."""

    def __init__(self, width: int, color: bool) -> None:
        self.width = width
        self.color = color

    def contents(self, guides: Sequence[Guide]) -> Iterator[str]:
        yield from self.title(f"{guides[0].provider_name}: {len(guides)} secret types", "=")
        yield ""
        longest = max(len(guide.rule_id) for guide in guides)
        for guide in guides:
            yield f"  {guide.rule_id:{longest}}  {guide.secret_type}"
        yield from ("", "")

    def guide(self, guide: Guide) -> Iterator[str]:
        yield from self.title(guide.title, "=")
        yield ""
        yield from self.wrap(guide.lead)
        yield ""
        for section in guide.sections:
            yield ""
            yield from self.title(section.title, "-")
            yield ""
            for block in section.blocks:
                yield from self.block(block)
                yield ""
        if guide.sources and len(guide.sections) > 1:
            yield from self.wrap(f"Sources, last read {guide.checked}:" if guide.checked else "Sources:")
            yield from (self.paint(f"  {source}", BLUE) for source in guide.sources)
        yield from ("", "")

    def block(self, block: Block) -> Iterator[str]:
        match block:
            case Heading(text):
                yield self.paint(text, BOLD)
            case Paragraph(text):
                yield from self.wrap(text)
            case Bullets(items):
                for item in items:
                    yield from self.wrap(item, "  • ")
            case Steps(items):
                for number, step in enumerate(items, 1):
                    yield from self.step(number, step)
            case Code():
                yield f"{block.title}:"
                yield ""
                yield from (self.paint(f"    {line}", GREEN) if line else "" for line in block.text.splitlines())

    def step(self, number: int, step: Step) -> Iterator[str]:
        marker = f"{number:3}. "
        yield from self.wrap(step.text, marker)
        if step.url:
            yield " " * len(marker) + self.paint(step.url, BLUE)
        for i, line in enumerate(step.run.splitlines()):
            yield " " * len(marker) + self.paint(f"{'  ' if i else '$ '}{line}", GREEN)

    def title(self, text: str, rule: str) -> Iterator[str]:
        lines = list(self.wrap(text))
        yield from (self.paint(line, BOLD) for line in lines)
        yield rule * max(map(len, lines), default=0)

    def wrap(self, text: str, marker: str = "") -> list[str]:
        unbroken = "".join(
            f"`{piece.replace(' ', _NO_BREAK)}`" if kind == "code" else piece for kind, piece in spans(text)
        )
        lines = textwrap.wrap(
            unbroken,
            self.width,
            initial_indent=marker,
            subsequent_indent=" " * len(marker),
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.replace(_NO_BREAK, " ") for line in lines]

    def paint(self, text: str, code: str) -> str:
        return f"{code}{text}{RESET}" if self.color else text
