"""Guides as data."""

import json
from collections.abc import Sequence
from typing import Any

from secretscan.remediation.blocks import Block, Bullets, Code, Heading, Paragraph, Steps
from secretscan.remediation.guide import Guide

SCHEMA = 1


def render(guides: Sequence[Guide], *, as_list: bool = False) -> str:
    """One guide as an object; with `as_list`, `{"schema": 1, "guides": [...]}` however many there are."""
    if as_list:
        data: dict[str, Any] = {"schema": SCHEMA, "guides": [_guide(guide) for guide in guides]}
    else:
        (guide,) = guides
        data = {"schema": SCHEMA, **_guide(guide)}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _guide(guide: Guide) -> dict[str, Any]:
    return {
        "rule_id": guide.rule_id,
        "provider": guide.provider,
        "secret_type": guide.secret_type,
        "title": guide.title,
        "lead": guide.lead,
        "sections": [
            {"id": section.id, "title": section.title, "blocks": [_block(block) for block in section.blocks]}
            for section in guide.sections
        ],
        "sources": list(guide.sources),
        "checked": guide.checked,
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text):
            return {"type": "heading", "text": text}
        case Paragraph(text):
            return {"type": "paragraph", "text": text}
        case Bullets(items):
            return {"type": "bullets", "items": list(items)}
        case Steps(items):
            return {"type": "steps", "items": [step._asdict() for step in items]}
        case Code():
            return {"type": "code", **block._asdict()}
