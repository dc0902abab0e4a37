"""The compiled ruleset on disk: read in milliseconds, made when it is not there, never needed.

The key covers the rule files (name, size, times), the versions of secretscan, Hyperscan and Python, and the machine.
A damaged or hostile database could crash the process, so one is loaded only from a folder that nobody but the user can
write, and only if its digest fits. The folder is never near the scanned repository.
"""

import marshal
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from secretscan import __version__
from secretscan.errors import RuleError
from secretscan.model import Part, Rule
from secretscan.ruleset import compile as compiler
from secretscan.ruleset import paths

try:  # hashlib loads OpenSSL, 3 ms of a hook's time, for the same function
    from _blake2 import blake2b
except ImportError:  # pragma: no cover (another interpreter)
    from hashlib import blake2b

DIGEST = 32
FORMAT = b"2" + "1".join(Rule._fields).encode()


class Ruleset:
    """Compiled rules. What a clean scan does not need is read only when it is asked for."""

    def __init__(
        self,
        count: int,
        databases: tuple[bytes, ...],
        rules: Callable[[], tuple[Rule, ...]],
        keyword_rules: tuple[tuple[int, ...], ...] | None = None,
    ) -> None:
        """`databases`: serialized, of the rules and of the encodings; none for the plain path.

        `keyword_rules`: the rules of each id, if the first is of keywords. Raises hyperscan.error for stale databases.
        """
        self.count = count
        opened = [compiler.open_database(serialized) for serialized in databases]
        self.database: Any = opened[0] if opened else None
        self.encodings: Any = opened[1] if opened else None
        self.keyword_rules = keyword_rules
        self._read = rules
        self._rules: tuple[Rule, ...] | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of their indexes in the database."""
        if self._rules is None:
            self._rules = self._read()
        return self._rules


def open_ruleset(extra: Sequence[str] = (), *, thorough: bool = False, plain: bool = False) -> Ruleset:
    """The rules that come with secretscan and those at the paths `extra`, compiled.

    `thorough`: worth seconds of compiling when nothing is cached; otherwise a database of the keywords is made in
    milliseconds, which finds the same with more work a blob. `plain`: without Hyperscan. Raises RuleError.
    """
    files = paths.rule_files(extra)
    if plain or not compiler.available():
        rules = _load(files)
        return Ruleset(len(rules), (), lambda: rules)
    folder = trusted_folder()
    key = signature(files)
    cached = _read(folder, key, files) if folder else None
    if cached:
        return cached
    rules = _load(files)
    if not thorough:
        database, users = compiler.keywords(rules)
        return Ruleset(len(rules), (database, compiler.encodings()), lambda: rules, users)
    rules = compiler.measured(rules)
    databases = compiler.patterns(rules), compiler.encodings()
    if folder:
        _write(folder, key, databases, rules)
    return Ruleset(len(rules), databases, lambda: rules)


def _load(files: Sequence[str]) -> tuple[Rule, ...]:
    """The rules as their files have them."""
    from secretscan.ruleset import load  # noqa: PLC0415 (tomllib is not needed where the cache serves)

    return tuple(secret.rule for secret in load.load(files))


def signature(files: Sequence[str]) -> str:
    """The cache's key for these rule files. Raises RuleError for one that vanished."""
    machine = os.uname().machine if hasattr(os, "uname") else sys.platform
    digest = blake2b(FORMAT, digest_size=16)
    for part in (__version__, compiler.version(), sys.version, sys.platform, machine):
        digest.update(part.encode() + b"\0")
    for file in files:
        try:
            found = os.stat(file)
        except OSError as error:
            raise RuleError(f"{file}: cannot be read: {error.strerror}") from None
        digest.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ctime_ns}\0".encode())
    return digest.hexdigest()


def folder_path() -> str:
    """Where the cache lies: $SECRETSCAN_CACHE_DIR, or the user's cache folder."""
    if own := os.environ.get("SECRETSCAN_CACHE_DIR"):
        return own
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/.cache")
    return os.path.join(base, "secretscan")


def trusted_folder() -> str | None:
    """The cache folder, made if need be; None if it cannot be used or others could write to it."""
    folder = folder_path()
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        found = os.stat(folder)
    except OSError:
        return None
    if hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o022):
        return None
    return folder


def describe(extra: Sequence[str] = ()) -> str:
    """One line for 'secretscan doctor'."""
    files = paths.rule_files(extra)
    if not compiler.available():
        return f"{len(files)} rule files, plain path (no Hyperscan on this platform)"
    folder = trusted_folder()
    if folder is None:
        return f"{len(files)} rule files, no cache: {folder_path()} cannot be used, or others can write to it"
    state = "compiled" if _read(folder, signature(files), files) else "not compiled yet (the next run does it)"
    return f"{len(files)} rule files, cache {folder}: {state}"


def _read(folder: str, key: str, files: Sequence[str]) -> Ruleset | None:
    """The cached ruleset; None if it is not there, damaged, or of another library."""
    path = os.path.join(folder, key)
    content = _unseal(path + ".db")
    if content is None:
        return None
    count, size = int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big") + 8
    try:
        return Ruleset(count, (content[8:size], content[size:]), lambda: _unpack(path + ".rules") or _load(files))
    except Exception:  # noqa: BLE001 (whatever a library says of a stale database: it is made anew)
        return None


def _write(folder: str, key: str, databases: tuple[bytes, bytes], rules: tuple[Rule, ...]) -> None:
    """Keeps the compiled ruleset, whole or not at all; a folder that cannot be written is no error."""
    path = os.path.join(folder, key)
    packed = marshal.dumps([rule._asdict() | {"requires": rule.requires and tuple(rule.requires)} for rule in rules])
    try:
        _seal(path + ".rules", packed)
        sizes = len(rules).to_bytes(4, "big") + len(databases[0]).to_bytes(4, "big")
        _seal(path + ".db", sizes + b"".join(databases))
        _forget_old(folder)
    except OSError:
        pass


def _unpack(path: str) -> tuple[Rule, ...] | None:
    content = _unseal(path)
    if content is None:
        return None
    rules = [Rule(**fields) for fields in marshal.loads(content)]  # noqa: S302 (sealed, and in the user's own folder)
    return tuple(rule._replace(requires=rule.requires and Part(*rule.requires)) for rule in rules)


def _seal(path: str, content: bytes) -> None:
    """Writes `content` behind its digest, atomically."""
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
            stream.write(blake2b(content, digest_size=DIGEST).digest())
            stream.write(content)
        os.replace(temporary, path)
    except OSError:  # a full disk: nothing of it may stay
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _unseal(path: str) -> bytes | None:
    """The content of a sealed file; None if it is not there or not whole."""
    try:
        with open(path, "rb") as stream:
            digest, content = stream.read(DIGEST), stream.read()
    except OSError:
        return None
    return content if blake2b(content, digest_size=DIGEST).digest() == digest else None


def _forget_old(folder: str, kept: int = 8) -> None:
    """Removes all but the newest compiled rulesets, so that the folder does not grow for ever."""
    with os.scandir(folder) as entries:
        databases = sorted(
            (e for e in entries if e.name.endswith(".db")), key=lambda e: e.stat().st_mtime, reverse=True
        )
    for entry in databases[kept:]:
        for path in (entry.path, entry.path.removesuffix(".db") + ".rules"):
            os.unlink(path)
