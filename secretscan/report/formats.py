"""The formats a report can take: a new one is a module of this room and a line in `FORMATS`."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, TextIO

from secretscan.errors import UsageError
from secretscan.model import Brief, Finding, Report

FORMATS = {
    "text": "text",
    "json": "as_json",
    "jsonl": "as_jsonl",
    "sarif": "sarif",
}
"""What `--format` takes, and the module of this room that writes it."""


class Options(NamedTuple):
    """What the user asked of a report. Only `text` heeds `color` and `quiet`."""

    advise: Callable[[Finding], Brief]
    show_secrets: bool = False
    color: bool = False
    quiet: bool = False  # nothing at all where there is nothing to tell


Writer = Callable[[Report, TextIO, Options], None]


def writer(name: str) -> Writer:
    """The function that writes a report in the format `name`. Imports that format's module only.

    Raises UsageError, with the nearest names, where there is no such format.
    """
    if name not in FORMATS:
        raise UsageError(f"There is no format '{name}'.{_nearest(name)} Formats: {', '.join(FORMATS)}.")
    write: Writer = import_module(f"{__package__}.{FORMATS[name]}").write
    return write


def _nearest(name: str) -> str:
    difflib = import_module("difflib")  # loaded only for the mistaken
    names = difflib.get_close_matches(name.lower(), FORMATS)
    return f" Did you mean {' or '.join(names)}?" if names else ""
