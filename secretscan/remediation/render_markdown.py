"""Guides as GitHub-flavoured Markdown."""

import re
from collections.abc import Iterator, Sequence

from secretscan.remediation.blocks import Block, Bullets, Code, Heading, Paragraph, Steps
from secretscan.remediation.guide import Guide
from secretscan.remediation.inline import spans
from secretscan.ruleset.provider import Step

FENCES = {
    "dotenv": "sh",
    "docker-compose": "yaml",
    "kubernetes": "yaml",
    "github-actions": "yaml",
    "gitlab-ci": "yaml",
    "terraform": "hcl",
}
"""Languages that highlighters know by another name."""

_SPECIAL = re.compile(r"[\\`*\[\]<>~|]|(?<!\w)_|_(?!\w)|&(?=[#\w]+;)")
_START = re.compile(r"^(\d*)([#+.)-])(?= )")  # what would begin a heading or a list


def render(guides: Sequence[Guide]) -> str:
    """The guides one below the other; more than one begin with a list of them."""
    lines: list[str] = []
    if len(guides) > 1:
        lines += [f"# {_text(guides[0].provider_name)}: {len(guides)} secret types", ""]
        lines += [f"- {_text(guide.secret_type)} (`{guide.rule_id}`)" for guide in guides]
        lines.append("")
    for guide in guides:
        lines += _guide(guide)
    return "\n".join(lines).rstrip() + "\n"


def _guide(guide: Guide) -> Iterator[str]:
    yield f"# {_text(guide.title)}"
    yield ""
    yield _text(guide.lead)
    for section in guide.sections:
        yield from ("", f"## {_text(section.title)}", "")
        for number, block in enumerate(section.blocks):
            yield from ("",) if number else ()
            yield from _block(block)
    if guide.sources and len(guide.sections) > 1:
        yield from ("", f"Sources, last read {guide.checked}:" if guide.checked else "Sources:", "")
        yield from (f"- {_text(source)}" for source in guide.sources)
    yield ""


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(text):
            yield f"### {_text(text)}"
        case Paragraph(text):
            yield _line(text)
        case Bullets(items):
            yield from (f"- {_line(item)}" for item in items)
        case Steps(items):
            for number, step in enumerate(items, 1):
                yield from _step(number, step)
        case Code():
            yield from (f"{_text(block.title)}:", "", *_fenced(block.text, FENCES.get(block.language, block.language)))


def _step(number: int, step: Step) -> Iterator[str]:
    marker = f"{number}. "
    indent = " " * len(marker)
    yield f"{marker}{_line(step.text)}" + (f" {_text(step.url)}" if step.url else "")
    if step.run:
        yield ""
        yield from (indent + line for line in _fenced(step.run, "bash"))
        yield ""


def _fenced(text: str, language: str) -> tuple[str, ...]:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return (fence + language, *text.splitlines(), fence)


def _line(text: str) -> str:
    """Running text at the beginning of a block."""
    return _START.sub(r"\1\\\2", _text(text))


def _text(text: str) -> str:
    """Running text in which nothing but our own code spans and URLs is markup."""
    return "".join(_span(kind, piece) for kind, piece in spans(text))


def _span(kind: str, text: str) -> str:
    if kind == "code":
        return f"`{text}`"
    return f"<{text}>" if kind == "url" else _SPECIAL.sub(lambda match: f"\\{match[0]}", text)
