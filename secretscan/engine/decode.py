"""Makes text of what wraps it: UTF-16 and UTF-32, stray NUL bytes, percent signs and Base64.

`to_text` gives the blob as UTF-8 (its own bytes, for nearly all blobs); lines and columns are those of this text. Wrapped
parts become `Layer`s, whose offsets can be led back to it. Wrapping is undone to a depth of DEPTH.
"""

import re
from base64 import b64decode
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Callable, Iterator, Sequence
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
# The same of UTF-16 (as in powershell -EncodedCommand): every second byte is zero.
_WIDE = "(?:[CDI-Za-f][AQgw][AB][A-Za-z0-9+/_\\-]A[A-H][AEIMQUYcgkosw048]A)"
BASE64_TEXT = rf"(?:(?:{_FIRST}{_SECOND}{_THIRD}[A-Za-z0-9+/_\-]){{6}}|{_WIDE}{{3}})"
_LETTER = r"[A-Za-z0-9+/_\-]"
# A line break is inside if a long line follows, or one that fills up the last group of four.
_MORE = rf"{_LETTER}{{16}}|(?:{_LETTER}{{4}}){{0,3}}{_LETTER}{{2}}(?:{_LETTER}{{2}}|{_LETTER}=|==)(?:[\r\n\\\"'<]|\Z)"
BASE64_RUN = rf"(?:{BASE64_TEXT})(?:{_LETTER}|(?:\\[rn]|\\?[\r\n])+[ \t]*(?={_MORE}))*+={{0,2}}"
PERCENT = r"%([0-9A-Fa-f]{2})"
NOT_BASE64 = r"(?:\\[rn]|[^A-Za-z0-9+/_\-])+"


@cache
def _compiled(pattern: str) -> re.Pattern[bytes]:
    """Compiled at first need: a clean commit without encoded text needs none."""
    return re.compile(pattern.encode())


URL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~:/?#@!$&'()*+,;=%-")
URL_SHAPE = bytes(ord("a") if byte in URL else ord(" ") for byte in range(256))
BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
STANDARD = bytes.maketrans(b"-_", b"+/")
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
    shape = b""
    done = 0
    for first in _compiled(PERCENT).finditer(data):
        if first.start() < done:
            continue
        shape = shape or data.translate(URL_SHAPE)
        start, end = shape.rfind(b" ", 0, first.start()) + 1, shape.find(b" ", first.end())
        done = end if end >= 0 else len(data)
        run = data[start:done]
        escapes = [match.start() for match in _compiled(PERCENT).finditer(run)]
        yield Layer(_compiled(PERCENT).sub(_byte, run), _percent_outer(start, escapes))


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match.group(1), 16),))


def _percent_outer(base: int, escapes: list[int]) -> Callable[[int, int], tuple[int, int]]:
    def position(offset: int) -> int:
        return base + offset + 2 * sum(escape - 2 * i < offset for i, escape in enumerate(escapes))

    return lambda start, end: (position(start), position(end))


def base64_text(data: bytes, first: Sequence[int] = (), ends: list[int] | None = None) -> Iterator[Layer]:
    """The parts of `data` that are Base64 of text, decoded. Line breaks inside are allowed, also escaped ones.

    `first`: where the first long word ends, if that is known; `ends`: where BASE64_TEXT does, if that is.
    """
    for run in _base64_runs(data, max(0, *first, len(LEAST)) - len(LEAST)) if ends is None else _runs_at(data, ends):
        encoded = _compiled(NOT_BASE64).sub(b"", run.group()).translate(STANDARD)
        whole = encoded[: len(encoded) - (len(encoded) % 4 == 1)]  # a last character by itself holds no byte
        decoded = b64decode(whole + b"=" * (-len(whole) % 4))
        text = to_text(decoded)
        yield Layer(text, _base64_outer(run.start(), run.group(), direct=text is decoded))


def _runs_at(data: bytes, ends: list[int]) -> Iterator[re.Match[bytes]]:
    """Where Base64 of text begins, which ends at each of `ends` when it is as short as can be, and as far as it goes."""
    done = 0
    for end in sorted(ends):
        if end - len(LEAST) >= done:
            run = _compiled(BASE64_RUN).match(data, end - len(LEAST))
            if run:
                done = run.end()
                if LEAST in run.group().translate(SHAPE):
                    yield run


def _base64_runs(data: bytes, begin: int) -> Iterator[re.Match[bytes]]:
    """Where Base64 of text begins, and as far as it goes. Long enough words are found by two fast passes over the bytes:
    searching for the pattern at once takes 27 ns a byte, this 2.
    """
    shape = data.translate(SHAPE)
    searched = 0
    position = shape.find(LEAST, begin)
    while position >= 0:
        start = position
        while start > searched and data[start - 1] in BASE64:  # the word may go on to the left over + / - _
            start -= 1
        end = shape.find(b" ", position)
        word = data[position : end if end >= 0 else len(data)]
        # Base64 of text has letters of both cases: hashes and constants, most long words, are done with here.
        plain = word.islower() or word.isupper()  # isalpha() would pass over one in ten wrapped AWS access key IDs
        first = None if plain else _compiled(BASE64_TEXT).search(data, start, position + len(word))
        run = first and _compiled(BASE64_RUN).match(data, first.start())
        if run:
            yield run
            end = run.end()
        # Nothing can begin before: a long line of Base64 is not to be gone through again for each of its words.
        searched = max(0, end + 1 - len(LEAST))
        position = shape.find(LEAST, end) if end >= 0 else -1


def _base64_outer(base: int, run: bytes, *, direct: bool) -> Callable[[int, int], tuple[int, int]]:
    """Leads back to the characters that hold a byte; to the whole run where the inside was re-encoded (not `direct`)."""

    def outer(start: int, end: int) -> tuple[int, int]:
        if not direct:
            return base, base + len(run)
        letters = _compiled(NOT_BASE64).sub(lambda match: b" " * len(match.group()), run)
        kept = [i for i, byte in enumerate(letters) if byte != 32]
        return base + kept[start * 4 // 3], base + kept[(end * 4 + 2) // 3 - 1] + 1

    return outer


def starts_with_bom(data: bytes) -> int:
    """How many bytes of a UTF-8 byte order mark `data` begins with: 0 or 3."""
    return len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
