"""Makes text of what wraps it: UTF-16 and UTF-32, stray NUL bytes, percent signs and Base64.

`to_text` gives the blob as UTF-8 (its own bytes, for nearly all blobs); lines and columns are those of this text. Wrapped
parts become `Layer`s, whose offsets can be led back to it. Wrapping is undone to a depth of DEPTH.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

DEPTH = 3
"""How many wrappings inside each other are undone: percent in Base64 in Base64."""

BOMS = (  # the longer first: UTF-32's begins with UTF-16's
    (BOM_UTF32_LE, "utf-32-le"),
    (BOM_UTF32_BE, "utf-32-be"),
    (BOM_UTF16_LE, "utf-16-le"),
    (BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 4096

# Four Base64 characters for three bytes of printable ASCII (and line ends): the bits that are always the same leave few
# of the 64 characters in each place, so that random Base64, hashes, paths and words hardly ever look like it.
_FIRST, _SECOND, _THIRD = "[CDI-Za-f]", "[ACDE-HQS-Xgi-nwyz0-3]", "[ABEFIJMNQRUVYZcdghklopstwx014589]"
BASE64_TEXT = rf"(?:{_FIRST}{_SECOND}{_THIRD}[A-Za-z0-9+/_\-]){{6}}"
BASE64_RUN = rf"(?:{BASE64_TEXT})(?:[A-Za-z0-9+/_\-]|(?:\\[rn]|\\?[\r\n])+[ \t]*(?=[A-Za-z0-9+/_\-]{{16}}))*+={{0,2}}"
URL = r"\w.~:/?#@!$&'()*+,;=\-"
PERCENT_RUN = rf"(?<![{URL}%])[{URL}]*+%[0-9A-Fa-f]{{2}}[{URL}%]*+"
PERCENT = r"%([0-9A-Fa-f]{2})"
NOT_BASE64 = r"[^A-Za-z0-9+/_\-]+"


@cache
def _compiled(pattern: str) -> re.Pattern[bytes]:
    """Compiled at first need: a clean commit without encoded text needs none."""
    return re.compile(pattern.encode())


BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
SHAPE = bytes(ord("a") if byte in BASE64 and byte not in b"+/-_" else ord(" ") for byte in range(256))
LEAST = b"a" * 24
"""The prefilter's LONG_WORD in the letters of SHAPE."""


class Layer(NamedTuple):
    """Text that was wrapped in other text."""

    data: bytes
    outer: Callable[[int, int], tuple[int, int]]
    """Leads a span of `data` back to the text around it."""


def to_text(data: bytes) -> bytes:
    """`data` as UTF-8 text where it is UTF-16 or UTF-32, with or without a byte order mark; else as it is."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace").encode("utf-8")
    if b"\0" not in data[:SAMPLE]:
        return data
    encoding = _unmarked(data[:SAMPLE])
    return data.decode(encoding, "replace").encode("utf-8") if encoding else data


def _unmarked(sample: bytes) -> str:
    """The encoding of text without a mark, told by where its NUL bytes are; "" for anything else."""
    size = len(sample) // 4 or 1
    nul = [sample[i::4].count(0) / size for i in range(4)]
    if min(nul[1:]) > 0.7 and nul[0] < 0.2:
        return "utf-32-le"
    if min(nul[:3]) > 0.7 and nul[3] < 0.2:
        return "utf-32-be"
    if min(nul[1], nul[3]) > 0.4 and max(nul[0], nul[2]) < 0.1:
        return "utf-16-le"
    if min(nul[0], nul[2]) > 0.4 and max(nul[1], nul[3]) < 0.1:
        return "utf-16-be"
    return ""


def without_nul(data: bytes) -> Layer:
    """`data` without its NUL bytes: text with stray ones, and UTF-16 strings inside binary files."""

    def outer(start: int, end: int) -> tuple[int, int]:
        kept = [i for i, byte in enumerate(data) if byte]
        return kept[start], kept[end - 1] + 1

    return Layer(data.replace(b"\0", b""), outer)


def percent(data: bytes) -> Iterator[Layer]:
    """The parts of `data` that hold percent-encoded bytes, decoded."""
    for run in _compiled(PERCENT_RUN).finditer(data):
        escapes = [match.start() for match in _compiled(PERCENT).finditer(run.group())]
        yield Layer(_compiled(PERCENT).sub(_byte, run.group()), _percent_outer(run.start(), escapes))


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match.group(1), 16),))


def _percent_outer(base: int, escapes: list[int]) -> Callable[[int, int], tuple[int, int]]:
    def position(offset: int) -> int:
        return base + offset + 2 * sum(escape - 2 * i < offset for i, escape in enumerate(escapes))

    return lambda start, end: (position(start), position(end))


def base64_text(data: bytes) -> Iterator[Layer]:
    """The parts of `data` that are Base64 of text, decoded. Line breaks inside are allowed, also escaped ones."""
    for run in _base64_runs(data):
        encoded = _compiled(NOT_BASE64).sub(b"", run.group())
        try:
            decoded = b64decode(encoded + b"=" * (-len(encoded) % 4), altchars=b"-_" if _is_urlsafe(encoded) else None)
        except Base64Error:  # one character too many at the end
            decoded = b64decode(encoded[: len(encoded) // 4 * 4])
        yield Layer(to_text(decoded), _base64_outer(run.start(), run.group(), len(decoded)))


def _base64_runs(data: bytes) -> Iterator[re.Match[bytes]]:
    """Where Base64 of text begins, and as far as it goes. Long enough words are found by two fast passes over the bytes:
    searching for the pattern at once takes 27 ns a byte, this 2.
    """
    shape = data.translate(SHAPE)
    position = shape.find(LEAST)
    while position >= 0:
        start = position
        while start and data[start - 1] in BASE64:  # the word may go on to the left over + / - _
            start -= 1
        end = shape.find(b" ", position)
        first = _compiled(BASE64_TEXT).search(data, start, end if end >= 0 else len(data))
        run = first and _compiled(BASE64_RUN).match(data, first.start())
        if run:
            yield run
            end = run.end()
        position = shape.find(LEAST, end) if end >= 0 else -1


def _is_urlsafe(encoded: bytes) -> bool:
    return b"-" in encoded or b"_" in encoded


def _base64_outer(base: int, run: bytes, size: int) -> Callable[[int, int], tuple[int, int]]:
    """Leads back to the characters that hold a byte. A re-encoded inside (UTF-16) is led back to the whole run."""

    def outer(start: int, end: int) -> tuple[int, int]:
        if end > size:
            return base, base + len(run)
        kept = [i for i, byte in enumerate(run) if not _compiled(NOT_BASE64).match(bytes((byte,)))]
        return base + kept[start * 4 // 3], base + kept[min((end * 4 + 2) // 3, len(kept)) - 1] + 1

    return outer


def starts_with_bom(data: bytes) -> int:
    """How many bytes of a UTF-8 byte order mark `data` begins with: 0 or 3."""
    return len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
