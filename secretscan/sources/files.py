"""Files, folders and standard input, read one at a time."""

import os
import sys
from collections.abc import Iterable, Iterator

from secretscan.model import Blob, Origin, Skipped
from secretscan.sources.staged import too_large

NOT_ENTERED = frozenset((".git", ".hg", ".svn"))


def below(paths: Iterable[str]) -> Iterator[str]:
    """The files at `paths`: themselves, and all below a folder. `-` stays what it is."""
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            yield from walk(path)
        else:
            yield path


def read_files(paths: Iterable[str], limit: int) -> Iterator[Blob | Skipped]:
    """The files at `paths`; `-` is standard input."""
    return (read_stream(limit) if path == "-" else read_file(path, limit) for path in paths)


def read_runs(dealt: Iterable[list[str]], limit: int) -> Iterator[Blob | Skipped]:
    """The files of the dealt runs of paths."""
    return read_files((path for run in dealt for path in run), limit)


def walk(folder: str) -> Iterator[str]:
    """All files below `folder`, sorted; symbolic links are named, not followed."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        yield folder  # reading it says what is wrong
        return
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in NOT_ENTERED:
                yield from walk(entry.path)
        else:
            yield entry.path


def read_file(path: str, limit: int) -> Blob | Skipped:
    """One file whole; a symbolic link is the path it holds. What is no plain file, or too large, is skipped."""
    shown = os.path.normpath(path).replace(os.sep, "/")
    try:
        if os.path.islink(path):
            return Blob(os.fsencode(os.readlink(path)), Origin(shown))
        with open(
            os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb", 0
        ) as stream:
            found = os.fstat(stream.fileno())
            if not is_plain(found.st_mode):
                return Skipped(shown, None, "no plain file (a device, socket, pipe or folder)")
            if found.st_size > limit:
                return Skipped(shown, None, too_large(found.st_size, limit))
            return Blob(stream.read(), Origin(shown))
    except OSError as error:
        return Skipped(shown, None, f"cannot be read: {error.strerror}")


def is_plain(mode: int) -> bool:
    """Whether `mode`, as of os.stat, is a regular file's."""
    return mode & 0o170000 == 0o100000


def read_stream(limit: int) -> Blob | Skipped:
    """Standard input whole."""
    data = sys.stdin.buffer.read(limit + 1)
    if len(data) > limit:
        return Skipped("-", None, f"standard input is larger than {limit / 1048576:g} MB (--max-file-size)")
    return Blob(data, Origin("-", "stdin"))
