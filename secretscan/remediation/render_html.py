"""Guides as one page of HTML: nothing to run, nothing to fetch, light or dark as the reader prefers."""

import os
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from secretscan.remediation.blocks import Block, Bullets, Code, Heading, Paragraph, Steps
from secretscan.remediation.guide import Guide, Section
from secretscan.remediation.inline import spans
from secretscan.ruleset.provider import Step

_STYLE = os.path.join(os.path.dirname(__file__), "templates", "guide.css")


def render(guides: Sequence[Guide]) -> str:
    """The guides on one page; more than one begin with a list of links to them."""
    title = guides[0].title if len(guides) == 1 else f"{guides[0].provider_name}: {len(guides)} secret types"
    with open(_STYLE, encoding="utf-8") as file:
        style = file.read()
    body = list(_contents(title, guides)) if len(guides) > 1 else []
    for guide in guides:
        body += _guide(guide)
    return "\n".join((*_head(title, style), *body, "</main>", "</body>", "</html>", ""))


def _head(title: str, style: str) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield '<meta name="referrer" content="no-referrer">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{escape(title)}</title>"
    yield f"<style>\n{style}</style>"
    yield "</head>"
    yield "<body>"
    yield "<main>"


def _contents(title: str, guides: Sequence[Guide]) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield "<ul>"
    for guide in guides:
        yield f'<li><a href="#{escape(guide.rule_id)}">{escape(guide.secret_type)}</a></li>'
    yield "</ul>"


def _guide(guide: Guide) -> Iterator[str]:
    yield f'<article id="{escape(guide.rule_id)}">'
    yield f"<h1>{escape(guide.title)}</h1>"
    yield f'<p class="lead">{_text(guide.lead)}</p>'
    if len(guide.sections) > 1:
        yield "<nav><ol>"
        for section in guide.sections:
            yield f'<li><a href="#{_anchor(guide, section)}">{escape(section.title)}</a></li>'
        yield "</ol></nav>"
    for section in guide.sections:
        yield f'<section id="{_anchor(guide, section)}">'
        yield f"<h2>{escape(section.title)}</h2>"
        for blocks in (list(group) for _, group in groupby(section.blocks, _store_of)):
            yield from _blocks(blocks)
        yield "</section>"
    yield from _sources(guide)
    yield "</article>"


def _anchor(guide: Guide, section: Section) -> str:
    return escape(f"{guide.rule_id}-{section.id}")


def _store_of(block: Block) -> str:
    return block.store if isinstance(block, Code) else ""


def _sources(guide: Guide) -> Iterator[str]:
    if guide.sources and len(guide.sections) > 1:
        yield f"<footer><p>Sources{escape(f', last read {guide.checked}' if guide.checked else '')}:</p><ul>"
        yield from (f"<li>{_text(source)}</li>" for source in guide.sources)
        yield "</ul></footer>"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    """Blocks that follow each other; the second and later pieces of a run of code are folded."""
    for number, block in enumerate(blocks):
        if isinstance(block, Code):
            yield f"<details{'' if number > 1 else ' open'}><summary>{escape(block.title)}</summary>"
            yield f"{_pre(block.text)}</details>"
        else:
            yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(text):
            yield f"<h3>{_text(text)}</h3>"
        case Paragraph(text):
            yield f"<p>{_text(text)}</p>"
        case Bullets(items):
            yield "<ul>"
            yield from (f"<li>{_text(item)}</li>" for item in items)
            yield "</ul>"
        case Steps(items):
            yield "<ol>"
            yield from map(_step, items)
            yield "</ol>"
        case Code():
            yield _pre(block.text)


def _step(step: Step) -> str:
    link = f"<br>{_link(step.url)}" if step.url else ""
    return f"<li>{_text(step.text)}{link}{_pre(step.run) if step.run else ''}</li>"


def _pre(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def _text(text: str) -> str:
    return "".join(_span(kind, piece) for kind, piece in spans(text))


def _span(kind: str, text: str) -> str:
    if kind == "code":
        return f"<code>{escape(text)}</code>"
    return _link(text) if kind == "url" else escape(text)


def _link(url: str) -> str:
    """A link for the web's own schemes; any other address is only shown."""
    shown = escape(url)
    return f'<a href="{shown}" rel="noreferrer">{shown}</a>' if url.startswith(("https://", "http://")) else shown
