"""Prints what to do about a leaked secret: the whole guide of a rule, or of every rule of a provider."""

import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from secretscan.errors import UsageError
from secretscan.model import SECTIONS
from secretscan.remediation import languages
from secretscan.remediation.guide import Guide, compose
from secretscan.remediation.snippets import STORES
from secretscan.ruleset.load import find

HELP = "print the whole guide for a leaked secret"

FORMATS = ("text", "md", "html", "json")
WIDEST = 100


def add_arguments(parser: ArgumentParser) -> None:
    """Declares what `run` reads."""
    parser.add_argument("name", metavar="RULE|PROVIDER", help="the id of a rule, or of a provider for all its rules")
    parser.add_argument(
        "--lang", default="", help=f"language of the code (the usual five): {', '.join(languages.NAMES)}"
    )
    parser.add_argument("--store", choices=STORES, help="where the secret should live (all four)")
    parser.add_argument("--section", choices=SECTIONS, help="print this section only")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--output", metavar="FILE", help="write to FILE")
    parser.add_argument("--no-color", action="store_true")
    parser.add_argument("--rules", metavar="PATH", action="append", default=[], help="more rule files (repeatable)")


def run(args: Namespace) -> int:
    """Prints the guides and returns 0. Raises UsageError for a name, a language or a file that will not do."""
    lang = languages.named(args.lang) if args.lang else ""
    stores = (args.store,) if args.store else STORES
    guides = [compose(secret, lang=lang, stores=stores, section=args.section) for secret in find(args.name, args.rules)]
    text = _render(guides, args)
    if args.output:
        _write(args.output, text)
    else:
        sys.stdout.write(text)
    return 0


def _render(guides: Sequence[Guide], args: Namespace) -> str:
    if args.format == "md":
        from secretscan.remediation import render_markdown  # noqa: PLC0415 (only the format that is asked for)

        return render_markdown.render(guides)
    if args.format == "html":
        from secretscan.remediation import render_html  # noqa: PLC0415

        return render_html.render(guides)
    if args.format == "json":
        from secretscan.remediation import render_json  # noqa: PLC0415

        return render_json.render(guides, as_list=len(guides) > 1 or args.name != guides[0].rule_id)
    from secretscan.remediation import render_text  # noqa: PLC0415

    width = min(shutil.get_terminal_size().columns, WIDEST)
    return render_text.render(guides, width=max(width, 40), color=_color(args))


def _color(args: Namespace) -> bool:
    return not (args.no_color or args.output or "NO_COLOR" in os.environ) and sys.stdout.isatty()


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; choose another --output") from None
