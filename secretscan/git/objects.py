"""Reads objects through one long-lived 'git cat-file --batch'."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from io import BufferedReader
from itertools import chain, islice
from typing import NamedTuple

from secretscan.errors import GitError
from secretscan.git.process import Process, explain, start

CHUNK = 256
"""Names asked for at a time. Two chunks of SHA-256 names fit a pipe (64 KiB), so neither side ever waits for the other."""


class Object(NamedTuple):
    """An answer of cat-file. `data` is None where the object is missing (`type` "missing") or larger than asked for."""

    name: str  # as it was asked for
    id: str
    type: str  # blob, tree, commit, tag, missing; damaged (read_past_damage only)
    size: int
    data: bytes | None


class Objects:
    """A running cat-file. Starting it costs little; ask it for many things.

    `limits`: keep git's own memory small (for whole histories).
    """

    def __init__(self, cwd: str | None = None, *, limits: bool = False, buffered: bool = False) -> None:
        """`buffered`: git writes when its buffer is full, faster, but only good for one call of `read_all`."""
        memory = MEMORY if limits else ()
        self._process: Process = start(
            *memory, "cat-file", "--batch", *(("--buffer",) if buffered else ()), cwd=cwd, stdin=True
        )

    def read(self, names: Iterable[str], limit: int) -> Iterator[Object]:
        """The objects called `names`, in that order; the content of one over `limit` bytes is left out.

        Raises GitError if git ends early.
        """
        remaining = iter(names)
        while chunk := list(islice(remaining, CHUNK)):
            self._ask(chunk)
            for name in chunk:
                yield self._answer(name, limit)

    def read_all(self, names: Iterable[str], limit: int) -> Iterator[Object]:
        """As `read`, for a buffered reader: a chunk ahead, and the end of `names` ends git."""
        remaining = iter(names)
        waiting: list[str] = []
        while chunk := list(islice(remaining, CHUNK)):
            self._ask(chunk)
            for name in waiting:
                yield self._answer(name, limit)
            waiting = chunk
        self._close_input()
        for name in waiting:
            yield self._answer(name, limit)

    def close(self) -> None:
        """Ends git."""
        self._close_input()
        self._process.stdout.close()
        self._process.wait()

    def _close_input(self) -> None:
        if self._process.stdin is not None and not self._process.stdin.closed:
            with suppress(BrokenPipeError):  # git ended by itself; reading its answers will say so
                self._process.stdin.close()

    def _ask(self, names: list[str]) -> None:
        request = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
        try:
            assert self._process.stdin is not None  # noqa: S101 (started with a pipe)
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # git ended by itself; what it answered before can still be read, and then `_answer` says why

    def _answer(self, name: str, limit: int) -> Object:
        stream = self._process.stdout
        header = stream.readline()
        fields = header.split()
        if len(fields) == 3 and fields[2].isdigit():  # "<name> missing" has as many where the name holds a space
            size = int(fields[2])
            data = stream.read(size) if size <= limit else None
            if data is None:
                _drain(stream, size)
            if stream.read(1) != b"\n":
                raise self._failure()
            return Object(name, fields[0].decode(), fields[1].decode(), size, data)
        if not header.endswith(b"\n"):
            raise self._failure()
        return Object(name, name, "missing", 0, None)

    def _failure(self) -> GitError:
        self._process.wait()
        return GitError(explain(self._process.errors(), "cat-file"))


def read_past_damage(names: Iterable[str], limit: int, cwd: str | None = None) -> Iterator[Object]:
    """The objects called `names` as `Objects.read_all` gives them; where one of them ends git, another git goes on.

    Such an object has the type "damaged". Raises GitError where git ends again and again.
    """
    remaining = iter(names)
    asked: deque[str] = deque()
    failures = 0
    while True:
        objects = Objects(cwd, limits=True, buffered=True)
        try:
            for found in objects.read_all(_noted(remaining, asked), limit):
                asked.popleft()
                failures = 0
                yield found
        except GitError:
            failures += 1
            if not asked or failures > FAILURES:
                raise
        else:
            objects.close()
            return
        name = asked.popleft()
        yield Object(name, name, "damaged", 0, None)
        remaining = chain(list(asked), remaining)
        asked.clear()


def _noted(names: Iterator[str], asked: deque[str]) -> Iterator[str]:
    """`names`, each noted in `asked` when it is taken."""
    for name in names:
        asked.append(name)
        yield name


FAILURES = 100
"""So many damaged objects in a row are no damage of objects."""

MEMORY = (
    *("-c", "core.packedGitWindowSize=512k"),
    *("-c", "core.packedGitLimit=32m"),
    *("-c", "core.deltaBaseCacheLimit=48m"),
)
"""Keeps a reader of a whole pack near 150 MiB; with git's defaults it maps the pack whole. Small windows are mapped faster."""


def _drain(stream: BufferedReader, size: int) -> None:
    while size:
        size -= len(stream.read(min(size, 1 << 20)))


def list_all(kinds: Sequence[str], cwd: str | None = None) -> dict[str, list[bytes]]:
    """The ids of all objects of these kinds in the repository and its alternates, reachable or not, in pack order.

    Those that are listed but cannot be read are under "missing".
    """
    import re  # noqa: PLC0415 (off the hook's path)

    process = start(
        *MEMORY, "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectname)", cwd=cwd
    )
    # The kind comes first: a pattern that begins with a word is found ten times as fast as one that begins with hex digits.
    lines = {kind: re.compile(rb"%s ([0-9a-f]+)" % kind.encode()) for kind in kinds}
    found: dict[str, list[bytes]] = {kind: [] for kind in kinds}
    missing: list[bytes] = []
    rest = b""
    while block := process.stdout.read(1 << 22):  # in blocks: a large repository has millions of lines
        whole, _, rest = (rest + block).rpartition(b"\n")
        for kind in kinds:
            found[kind] += lines[kind].findall(whole)
        if b" missing" in whole:
            missing += re.findall(rb"([0-9a-f]+) missing", whole)
    process.stdout.close()
    if process.wait():
        raise GitError(explain(process.errors(), "cat-file"))
    return found | {"missing": missing}
